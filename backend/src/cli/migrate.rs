//! `paraph migrate`: bring the schema up to date.

//! `paraph render`.

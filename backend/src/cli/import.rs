//! `paraph import`.

//! `paraph doctor`.

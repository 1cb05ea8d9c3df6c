//! What brings a company's own database to Paraph, from inside its network: so far, the guard that a query only reads.

pub mod statement;

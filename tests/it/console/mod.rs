//! The console's half of the API.

mod account;
mod deployment;
mod hostile;
mod hosts;
mod members;
mod oidc;
mod sign_in;
mod tenants;
mod tokens;
mod walk;

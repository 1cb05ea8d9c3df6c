//! The console's half of the API.

mod account;
mod credentials;
mod deployment;
mod hostile;
mod hosts;
mod keys;
mod limits;
mod members;
mod oidc;
mod proxies;
mod sign_in;
mod tenants;
mod tokens;
mod walk;

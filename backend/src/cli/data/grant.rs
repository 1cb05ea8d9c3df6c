//! `paraph grant`: makes an account an owner. Whoever may run it has the database.

use crate::cli::tenants;
use crate::clock::Clock;
use crate::config::Config;
use crate::store::{AccountRecord, By, Store};

/// Options of `paraph grant`.
#[derive(Clone, Debug, clap::Args)]
pub struct GrantOptions {
    /// The account's address
    #[arg(value_name = "ADDRESS")]
    pub email: String,
    /// One organisation, by its Entra tenant id, id, name or domain; by default all present and future ones
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
}

/// Makes the account an owner, and reports of which tenants.
///
/// # Errors
/// When there is no such account or tenant, or the database does not answer.
pub async fn run(config: &Config, options: &GrantOptions) -> anyhow::Result<String> {
    let store = crate::cli::open(&config.database).await?;
    let account = account(&store, &options.email).await?;
    let tenant = match &options.tenant {
        Some(wanted) => Some(tenants::find(&store.list_tenants().await?, wanted)?.id.clone()),
        None => None,
    };
    let now_ms = Clock::system().now_ms();
    let names = store.grant_ownership(&account, tenant.as_deref(), &By::new("cli", now_ms)).await?;
    store.close().await;
    let email = account.email;
    let mut text = match names.as_slice() {
        [] => format!("{email} is already an owner: nothing to do.\n"),
        names => format!("{email} is now an owner of {}.\n", names.join(", ")),
    };
    if tenant.is_none() {
        text.push_str("They will also own new tenants.\n");
    }
    Ok(text)
}

/// The account with this address.
pub(in crate::cli) async fn account(store: &Store, email: &str) -> anyhow::Result<AccountRecord> {
    let email = email.trim().to_lowercase();
    let found = store.account_by_email(&email).await?;
    found.ok_or_else(|| {
        anyhow::anyhow!("there is no account with the address {email}: correct it, or have an admin invite them")
    })
}

//! `paraph recover`: lets an admin in again who lost password or authenticator app. Whoever may run it has the database.

use crate::clock::Clock;
use crate::config::Config;
use crate::identity::password;
use crate::random;
use crate::store::{By, Securing};
use std::fmt::Write as _;

/// Options of `paraph recover`.
#[derive(Clone, Debug, clap::Args)]
pub struct RecoverOptions {
    /// The account's address
    #[arg(value_name = "ADDRESS")]
    pub email: String,
}

/// Gives the account a new password, which the returned text contains, removes every other way to sign in, and ends the
/// account's sessions in case someone else has the lost device.
///
/// # Errors
/// When there is no such account, or the database refuses.
pub async fn run(config: &Config, options: &RecoverOptions) -> anyhow::Result<String> {
    let store = crate::cli::open(&config.database).await?;
    let account = super::grant::account(&store, &options.email).await?;
    let email = &account.email;
    let new = random::secret();
    let how = Securing { account: &account.id, keep: "", by: By::new("cli", Clock::system().now_ms()) };
    store.recover_account(&how, &password::hash(new.clone()).await?).await?;
    let mut text = format!(
        "New password of {email}, shown once: {new}\nThe authenticator app and the link to the identity provider are \
         removed, and every session has ended. Sign in, choose your own password and set up again what was removed.\n"
    );
    for tenant in store.tenants_without_owner().await? {
        let _ = writeln!(
            text,
            "Nobody can open the tenant {} in the console: `paraph grant {email} --tenant {}` makes this account its owner.",
            tenant.name,
            tenant.handle()
        );
    }
    store.close().await;
    Ok(text)
}

//! `paraph recover`: lets an admin in again who lost password or authenticator app. Whoever may run it has the database.

use crate::clock::Clock;
use crate::config::Config;
use crate::identity::password;
use crate::random;
use crate::store::{Actor, Securing};

/// Whom to let in again.
#[derive(Clone, Debug, clap::Args)]
pub struct RecoverOptions {
    /// The account's address
    #[arg(value_name = "ADDRESS")]
    pub email: String,
}

/// Gives the account a new password, which is in the text, takes its authenticator app away and ends its sessions.
///
/// # Errors
/// When there is no such account, or the database says no.
pub async fn run(config: &Config, options: &RecoverOptions) -> anyhow::Result<String> {
    let store = super::open(&config.database).await?;
    let email = options.email.trim().to_lowercase();
    let Some(account) = store.account_by_email(&email).await? else {
        anyhow::bail!("nobody has an account with the address {email}: correct it, or have an admin invite them");
    };
    let new = random::secret();
    let actor = Actor::from("cli");
    let how = Securing { account: &account.id, keep: "", actor: &actor, now_ms: Clock::system().now_ms() };
    store.recover_account(&how, &password::hash(new.clone()).await?).await?;
    store.close().await;
    Ok(format!(
        "New password of {email}, shown once: {new}\nThe authenticator app is removed and every session ended. Sign in and set both anew.\n"
    ))
}

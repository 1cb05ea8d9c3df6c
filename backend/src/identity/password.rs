//! Passwords of local accounts: Argon2id with OWASP's parameters (19 MiB, two passes, one lane).

use crate::random;
use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use std::sync::{LazyLock, OnceLock};
use tokio::sync::Semaphore;

/// Limits parallel checks, each of which takes 19 MiB and about 20 ms of a core; others wait.
static AT_ONCE: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));
/// Limits running and waiting checks; further ones would wait too long.
static ADMITTED: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(64));

/// Too many checks are waiting.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Busy;

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19_456, 2, 1, None).unwrap_or_default())
}

/// Hashes a password for storage, in PHC format.
///
/// # Errors
/// [`Busy`]; when the server is stopping.
pub async fn hash(password: String) -> anyhow::Result<String> {
    let _place = ADMITTED.try_acquire().map_err(|_| Busy)?;
    let _turn = AT_ONCE.acquire().await?;
    let hashed = tokio::task::spawn_blocking(move || {
        let salt = SaltString::encode_b64(&random::bytes::<16>())?;
        argon2().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string())
    });
    hashed.await?.map_err(|error| anyhow::anyhow!("a password cannot be hashed: {error}"))
}

/// Whether `password` matches the stored hash. Without a hash it takes as long, so that the time does not reveal whether an
/// account exists.
///
/// # Errors
/// [`Busy`]; also when the server is stopping, or the stored value is not a hash.
pub async fn verify(password: String, stored: Option<String>) -> anyhow::Result<bool> {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    let nobodys = match NOBODYS.get() {
        Some(hash) => hash.clone(),
        None => hash(random::secret()).await.inspect(|hash| drop(NOBODYS.set(hash.clone())))?,
    };
    let _place = ADMITTED.try_acquire().map_err(|_| Busy)?;
    let _turn = AT_ONCE.acquire().await?;
    let verified = tokio::task::spawn_blocking(move || {
        let known = stored.is_some();
        let text = stored.unwrap_or(nobodys);
        let hash = PasswordHash::new(&text)?;
        Ok::<_, argon2::password_hash::Error>(argon2().verify_password(password.as_bytes(), &hash).is_ok() && known)
    });
    verified.await?.map_err(|error| anyhow::anyhow!("a stored password cannot be read: {error}"))
}

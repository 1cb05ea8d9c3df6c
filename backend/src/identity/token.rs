//! Checks of Entra v2.0 access tokens. Pure: keys and time come from the caller.

use super::Refusal;
use super::keys::KeySet;
use crate::config::{self, is_guid};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use std::borrow::Cow;

/// Maximum length of a token in bytes. Entra's access tokens have 1,000 to 3,000, with 200 groups about 12,000.
pub const MAX_TOKEN: usize = 16 * 1024;
/// Maximum tolerance for clock differences, in seconds.
const MAX_LEEWAY: u64 = 300;
/// The tenant of personal Microsoft accounts.
const PERSONAL_ACCOUNTS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// The scope that the add-in requests.
const SCOPE: &str = "access_as_user";

/// A person whose token is valid. The pair (`tid`, `oid`) identifies them; the user name is only their current name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The Entra tenant id, lower case.
    pub tid: String,
    /// The Entra object id, lower case.
    pub oid: String,
    /// `preferred_username`: it can change, so it is used only for the first link.
    pub username: Option<String>,
}

/// Requirements for tokens.
pub(super) struct Expected {
    client_id: String,
    /// Further clients that tokens can be issued to: Outlook and Office, which request them for the add-in.
    office_clients: Vec<String>,
    leeway: i64,
}

impl Expected {
    /// Tokens for `identity.client_id`, with clock differences up to `identity.leeway_seconds` (at most five minutes).
    pub(super) fn new(identity: &config::Identity) -> Self {
        Self {
            client_id: identity.client_id.clone(),
            office_clients: identity.office_clients.clone(),
            leeway: i64::try_from(identity.leeway_seconds.min(MAX_LEEWAY)).unwrap_or(0),
        }
    }

    fn is_client(&self, azp: &str) -> bool {
        azp.eq_ignore_ascii_case(&self.client_id)
            || self.office_clients.iter().any(|client| azp.eq_ignore_ascii_case(client))
    }
}

/// A parsed token, not verified yet.
pub(super) struct Parsed<'a> {
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// Id of the key in the token's header.
    pub(super) kid: String,
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    kid: Option<Cow<'a, str>>,
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    ver: Option<Cow<'a, str>>,
    #[serde(borrow)]
    aud: Option<Cow<'a, str>>,
    #[serde(borrow)]
    iss: Option<Cow<'a, str>>,
    #[serde(borrow)]
    tid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    oid: Option<Cow<'a, str>>,
    exp: Option<i64>,
    nbf: Option<i64>,
    #[serde(borrow)]
    scp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    idtyp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    azp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    preferred_username: Option<Cow<'a, str>>,
}

/// Parses a token, and refuses anything but RS256 with a key id.
pub(super) fn parse(token: &str) -> Result<Parsed<'_>, Refusal> {
    if token.len() > MAX_TOKEN {
        return Err(Refusal::TooLong);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
    let (header, payload) = signed.split_once('.').ok_or(Refusal::Malformed)?;
    let header = decode(header)?;
    let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| Refusal::Malformed)?;
    if header.alg != "RS256" {
        return Err(Refusal::Algorithm);
    }
    // RFC 7515 §4.1.11: extensions that one does not understand must be refused.
    if header.crit.is_some() {
        return Err(Refusal::Malformed);
    }
    let kid = header.kid.filter(|kid| !kid.is_empty()).ok_or(Refusal::NoKeyId)?;
    Ok(Parsed { signed, payload, signature, kid: kid.into_owned() })
}

/// Validity period of a token in seconds since 1970, with the tolerance for clock differences.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    from: i64,
    until: i64,
    leeway: i64,
}

impl Window {
    /// Checks that the token is valid now.
    pub(super) fn check(self, now_ms: i64) -> Result<(), Refusal> {
        let now = now_ms.div_euclid(1000);
        if self.until.saturating_add(self.leeway) <= now {
            return Err(Refusal::Expired);
        }
        if self.from.saturating_sub(self.leeway) > now {
            return Err(Refusal::NotYetValid);
        }
        Ok(())
    }
}

/// Checks signature and claims at `now_ms`; returns the token's user and validity period.
pub(super) fn check(
    token: &Parsed<'_>,
    keys: &KeySet,
    expected: &Expected,
    now_ms: i64,
) -> Result<(Subject, Window), Refusal> {
    let key = keys.get(&token.kid).ok_or(Refusal::UnknownKey)?;
    let signature = decode(token.signature)?;
    key.verify_sig(token.signed.as_bytes(), &signature).map_err(|_| Refusal::Signature)?;
    let payload = decode(token.payload)?;
    let claims: Claims<'_> = serde_json::from_slice(&payload).map_err(|_| Refusal::Malformed)?;
    let window = check_claims(&claims, keys, expected, now_ms)?;
    let guid = |claim: &Option<Cow<'_, str>>| {
        claim.as_deref().filter(|text| is_guid(text)).map(str::to_ascii_lowercase).ok_or(Refusal::NoUser)
    };
    let (tid, oid) = (guid(&claims.tid)?, guid(&claims.oid)?);
    Ok((Subject { tid, oid, username: claims.preferred_username.map(Cow::into_owned) }, window))
}

/// Checks the claims in an order that gives the most useful reason first: a v1.0 token also has another audience and issuer.
fn check_claims(claims: &Claims<'_>, keys: &KeySet, expected: &Expected, now_ms: i64) -> Result<Window, Refusal> {
    if claims.ver.as_deref() != Some("2.0") {
        return Err(Refusal::Version);
    }
    if !claims.aud.as_deref().is_some_and(|aud| aud.eq_ignore_ascii_case(&expected.client_id)) {
        return Err(Refusal::Audience);
    }
    let tid = claims.tid.as_deref().ok_or(Refusal::NoUser)?;
    if !claims.iss.as_deref().is_some_and(|iss| keys.is_issuer(iss, tid)) {
        return Err(Refusal::Issuer);
    }
    if tid.eq_ignore_ascii_case(PERSONAL_ACCOUNTS) {
        return Err(Refusal::PersonalAccount);
    }
    let until = claims.exp.ok_or(Refusal::Malformed)?;
    // The order of reasons: one that is over, then one that says nothing of its beginning.
    Window { from: i64::MIN, until, leeway: expected.leeway }.check(now_ms)?;
    let window = Window { from: claims.nbf.ok_or(Refusal::Malformed)?, until, leeway: expected.leeway };
    window.check(now_ms)?;
    if claims.idtyp.as_deref().is_some_and(|idtyp| idtyp != "user") || claims.scp.is_none() {
        return Err(Refusal::AppOnly);
    }
    if !claims.scp.as_deref().is_some_and(|scp| scp.split(' ').any(|scope| scope == SCOPE)) {
        return Err(Refusal::Scope);
    }
    if !claims.azp.as_deref().is_some_and(|azp| expected.is_client(azp)) {
        return Err(Refusal::Client);
    }
    Ok(window)
}

fn decode(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)
}

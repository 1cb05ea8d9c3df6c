//! Bearer tokens: nobody is let in by a header that we did not make, or by claims that do not say what they must.

use neighbours::entra::{FakeEntra, Key, User};
use paraph::clock::Clock;
use paraph::config::{Identity, Outbound};
use paraph::identity::{Verifier, bearer};
use paraph::outbound::Client;
use serde_json::{Value, json};
use std::sync::LazyLock;
use tokio::runtime::Runtime;

const NOW_MS: i64 = crate::app::NOON_MS;
const CLIENT_ID: &str = crate::app::CLIENT_ID;

/// A verifier with the authority's keys at hand, and a good token.
struct Desk {
    runtime: Runtime,
    verifier: Verifier,
    clock: Clock,
    issuer: String,
    good: String,
    _entra: FakeEntra,
}

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let entra = runtime.block_on(FakeEntra::start());
    let identity = Identity { client_id: CLIENT_ID.into(), authority_host: entra.url.clone(), ..Identity::default() };
    let client = Client::new(&Outbound::default(), &Clock::mock(NOW_MS));
    let verifier = Verifier::new(&identity, &client).unwrap();
    let clock = Clock::mock(NOW_MS);
    let user = User { oid: crate::app::ADA.oid, address: crate::app::ADA.address, name: "Ada" };
    let claims = entra.claims(CLIENT_ID, crate::app::ADA.tid, &user, NOW_MS);
    let good = Key::First.issuer().sign(&claims);
    runtime.block_on(verifier.verify(&good, &clock)).unwrap();
    let issuer = format!("{}/", entra.url);
    Desk { runtime, verifier, clock, issuer, good, _entra: entra }
});

/// A seed is a header, in which `GOOD` stands for a good token, or the JSON of claims, in which `ISSUER` does for the
/// authority's address.
pub(super) fn check(input: &[u8]) {
    let desk = &*DESK;
    let text = String::from_utf8_lossy(input);
    if input.first() == Some(&b'{') {
        check_claims(desk, text.replace("ISSUER/", &desk.issuer).as_bytes());
        return;
    }
    let header = text.replace("GOOD", &desk.good);
    let Ok(token) = bearer(Some(header.as_bytes())) else { return };
    if desk.runtime.block_on(desk.verifier.verify(token, &desk.clock)).is_ok() {
        assert_eq!(token, desk.good, "a token that was never issued is taken");
    }
}

fn check_claims(desk: &Desk, claims: &[u8]) {
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": "first" });
    let token = Key::First.issuer().sign_bytes(&header, claims);
    let Ok(subject) = desk.runtime.block_on(desk.verifier.verify(&token, &desk.clock)) else { return };
    let claims: Value = serde_json::from_slice(claims).expect("claims that are no JSON are taken");
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_lowercase();
    assert_eq!((text("ver").as_str(), text("aud").as_str()), ("2.0", CLIENT_ID), "{claims}");
    assert_eq!((text("tid"), text("oid")), (subject.tid.clone(), subject.oid.clone()), "{claims}");
    assert_eq!(text("iss"), format!("{}{}/v2.0", desk.issuer, subject.tid), "{claims}");
    assert!(text("scp").split(' ').any(|scope| scope == "access_as_user"), "{claims}");
    let leeway = 300;
    assert!(claims["exp"].as_i64().unwrap() + leeway > NOW_MS / 1_000, "{claims}");
    assert!(claims["nbf"].as_i64().unwrap() - leeway <= NOW_MS / 1_000, "{claims}");
}

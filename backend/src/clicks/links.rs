//! Addresses of ours that nobody else can make: a tag behind them proves that we did. So the redirect of counted links
//! leads nowhere that no template leads to, and the image of a QR code shows nothing that is in no directory.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt;

/// Bytes of a tag: guessing one takes 2¹²⁷ attempts, each a request.
const TAG: usize = 16;
/// Longest link that is led through the server, in bytes: with its base64 it stays under the 8,000 that proxies take.
const MAX_URL: usize = 2_000;

/// Makes and checks tags.
pub struct Signer(hmac::Key);

impl Signer {
    /// With a key of its own, which the database keeps sealed: the same on every node, and still the same when the key that
    /// seals secrets is replaced, for mails that were sent hold what it signed.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The tag for `payload` in its place, whose parts begin with what it is for.
    fn tag(&self, place: &[&str], payload: &[u8]) -> [u8; TAG] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in place.iter().map(|part| part.as_bytes()).chain([payload]) {
            // With their lengths, so that no two lists of parts are one text.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let whole = context.sign();
        let mut tag = [0; TAG];
        tag.copy_from_slice(&whole.as_ref()[..TAG]);
        tag
    }

    /// The payload and its tag, as an address holds them.
    fn seal(&self, place: &[&str], payload: &[u8]) -> String {
        let tag = self.tag(place, payload);
        format!("{}.{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(tag))
    }

    /// The payload that [`Signer::seal`] sealed in this place.
    fn open(&self, place: &[&str], written: &str) -> Option<Vec<u8>> {
        let (payload, tag) = written.rsplit_once('.')?;
        let (payload, tag) = (URL_SAFE_NO_PAD.decode(payload).ok()?, URL_SAFE_NO_PAD.decode(tag).ok()?);
        constant_time::verify_slices_are_equal(&self.tag(place, &payload), &tag).ok()?;
        Some(payload)
    }

    /// The path of a counted link; `None`: the link is too long to be counted, or an id is none of ours.
    pub fn link(&self, tenant: &str, campaign: &str, template: &str, url: &str) -> Option<String> {
        if url.len() > MAX_URL || ![tenant, campaign, template].into_iter().all(is_plain) {
            return None;
        }
        let sealed = self.seal(&["link", tenant, campaign, template], url.as_bytes());
        Some(format!("/l/{tenant}/{campaign}/{template}/{sealed}"))
    }

    /// Where the link whose path ends in `written` leads; `None`: we did not make it.
    pub fn destination(&self, tenant: &str, campaign: &str, template: &str, written: &str) -> Option<String> {
        String::from_utf8(self.open(&["link", tenant, campaign, template], written)?).ok()
    }

    /// The file name of the image with a QR code of `payload`.
    pub fn qr(&self, tenant: &str, payload: &[u8]) -> String {
        format!("{}.png", self.seal(&["qr", tenant], payload))
    }

    /// The payload of the image of this name; `None`: we did not make it.
    pub fn qr_payload(&self, tenant: &str, name: &str) -> Option<Vec<u8>> {
        self.open(&["qr", tenant], name.strip_suffix(".png")?)
    }
}

/// Whether an id can stand in a path as it is; those of imported documents may be any text.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(key: u8) -> Signer {
        Signer(hmac::Key::new(hmac::HMAC_SHA256, &[key; 32]))
    }

    #[test]
    fn a_link_leads_where_it_was_made_to_lead_and_nowhere_else() {
        let (ours, theirs) = (signer(1), signer(2));
        let path = ours.link("t1", "c1", "b1", "https://example.com/a?b=1&c=ä").unwrap();
        let written = path.strip_prefix("/l/t1/c1/b1/").unwrap();
        assert!(path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte)), "{path}");
        let leads = |signer: &Signer, place: [&str; 3], written: &str| {
            signer.destination(place[0], place[1], place[2], written)
        };
        let place = ["t1", "c1", "b1"];
        assert_eq!(leads(&ours, place, written).as_deref(), Some("https://example.com/a?b=1&c=ä"));
        assert_eq!(leads(&theirs, place, written), None);
        for other in [["t2", "c1", "b1"], ["t1", "c2", "b1"], ["t1", "c1", "b2"], ["t1c", "1", "b1"]] {
            assert_eq!(leads(&ours, other, written), None, "{other:?}");
        }
        let (payload, tag) = written.split_once('.').unwrap();
        let evil = URL_SAFE_NO_PAD.encode("https://evil.example");
        for forged in [
            format!("{evil}.{tag}"),
            payload.into(),
            format!("{payload}."),
            format!("{payload}.{}", &tag[..8]),
            ".".into(),
        ] {
            assert_eq!(leads(&ours, place, &forged), None, "{forged}");
        }
    }

    #[test]
    fn what_cannot_be_an_address_is_no_counted_link() {
        let long = format!("https://example.com/{}", "x".repeat(MAX_URL));
        assert_eq!(signer(1).link("t", "c", "b", &long), None);
        assert_eq!(signer(1).link("t", "c/../x", "b", "https://example.com"), None);
        assert_eq!(signer(1).link("t", "", "b", "https://example.com"), None);
    }

    #[test]
    fn a_code_is_no_link_and_belongs_to_one_tenant() {
        let signer = signer(1);
        let name = signer.qr("t", b"payload");
        assert_eq!(signer.qr_payload("t", &name).as_deref(), Some(b"payload".as_slice()));
        assert_eq!(signer.qr_payload("u", &name), None);
        assert_eq!(signer.qr_payload("t", name.trim_end_matches(".png")), None);
        assert_eq!(signer.destination("t", "", "", &name), None);
    }
}

//! Checks of a request's target before anything is sent: scheme, port, and the host if it is an IP address.

use super::address::{Kind, classify};
use crate::config::Networks;
use reqwest::Url;
use std::net::IpAddr;

/// Scheme, host and port, as browsers compare them.
pub type Origin = String;

/// Allowed targets of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only the origins of base URLs from the configuration, or of addresses from a server there. They are trusted regardless
    /// of the addresses that their names resolve to.
    Fixed(Vec<Origin>),
    /// Addresses that users enter: https, and a public address or one in `outbound.allow`.
    Public,
    /// The same for the one origin that a person chose: credentials are sent nowhere else.
    Chosen(Origin),
    /// AutoDiscover's redirect request over plain HTTP ([MS-OXDISCO] 3.1.5.3): a public address, port 80, nothing
    /// secret in the request, and the answer is not followed.
    Probe,
}

impl Reach {
    /// The origins of these addresses; invalid addresses are ignored.
    pub fn fixed<'a>(urls: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Fixed(urls.into_iter().filter_map(|url| Some(origin(&Url::parse(url).ok()?))).collect())
    }

    /// The origin of the address that a person chose.
    ///
    /// # Errors
    /// When it is not a valid address.
    pub fn chosen(url: &str) -> Result<Self, Refusal> {
        Ok(Self::Chosen(origin(&parse(url)?)))
    }
}

/// Why a request is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} {why}")]
pub struct Refusal {
    /// The target host.
    pub host: String,
    /// The reason.
    pub why: Why,
}

/// The reason of a [`Refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Not an absolute `http` or `https` address.
    #[error("is not the address of a web server: enter one that starts with https://")]
    Address,
    /// The address contains a user name or a password.
    #[error("has a user name or a password in its address: remove it")]
    UserInfo,
    /// Plain HTTP.
    #[error("uses plain HTTP: use https://")]
    Plain,
    /// A port other than that of https.
    #[error("uses a port other than 443: add its address to outbound.allow if it is one of your servers")]
    Port,
    /// Not an allowed origin of this request.
    #[error("is not an allowed target of this request")]
    Elsewhere,
    /// The request would send credentials unencrypted.
    #[error("uses plain HTTP, which is allowed only without credentials")]
    Credentials,
    /// The host is, or resolves to, an address that is not public.
    #[error("is {0}{advice}", advice = advice(*.0))]
    Internal(Kind),
}

fn advice(kind: Kind) -> &'static str {
    if kind.can_be_allowed() { ": add its address to outbound.allow if it is one of your servers" } else { "" }
}

/// How a host's resolved addresses are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// They are not checked.
    Trusted,
    /// They must be public or in `outbound.allow`.
    Public,
    /// They must be in `outbound.allow`.
    Allowed,
}

/// A target that passed all checks that do not need name resolution.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) filter: Filter,
}

impl Target {
    /// # Errors
    /// Why the target is not allowed.
    pub(super) fn parse(text: &str, reach: &Reach, allow: &Networks) -> Result<Self, Refusal> {
        let url = parse(text)?;
        let filter = decide(&url, reach, allow).map_err(|why| Refusal { host: host(&url), why })?;
        Ok(Self { url, filter })
    }
}

fn decide(url: &Url, reach: &Reach, allow: &Networks) -> Result<Filter, Why> {
    let filter = match reach {
        Reach::Fixed(origins) if origins.contains(&origin(url)) => return Ok(Filter::Trusted),
        Reach::Chosen(chosen) if *chosen != origin(url) => return Err(Why::Elsewhere),
        Reach::Probe if (url.scheme(), url.port_or_known_default()) == ("http", Some(80)) => Filter::Public,
        Reach::Fixed(_) | Reach::Probe => return Err(Why::Elsewhere),
        Reach::Public | Reach::Chosen(_) => match (url.scheme(), url.port_or_known_default()) {
            ("https", Some(443)) => Filter::Public,
            ("https", _) => Filter::Allowed,
            // Nobody can intercept it on this machine, and the address is still checked.
            _ if is_this_machine(url) => Filter::Allowed,
            _ => return Err(Why::Plain),
        },
    };
    if let Some(address) = literal(url) {
        admit(address, filter, allow)?;
    }
    Ok(filter)
}

/// Checks an address that the host is or resolves to.
pub(super) fn admit(address: IpAddr, filter: Filter, allow: &Networks) -> Result<(), Why> {
    if filter == Filter::Trusted {
        return Ok(());
    }
    classify(address, allow).map_err(Why::Internal)?;
    if filter == Filter::Allowed && !allow.contains(address) {
        return Err(Why::Port);
    }
    Ok(())
}

fn parse(text: &str) -> Result<Url, Refusal> {
    let refuse = |host: String, why| Err(Refusal { host, why });
    let Ok(url) = Url::parse(text) else { return refuse("this".into(), Why::Address) };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse(host(&url), Why::Address);
    }
    if (url.username(), url.password()) != ("", None) {
        return refuse(host(&url), Why::UserInfo);
    }
    Ok(url)
}

pub(super) fn origin(url: &Url) -> Origin {
    url.origin().ascii_serialization()
}

/// The host, for messages.
pub(super) fn host(url: &Url) -> String {
    url.host_str().unwrap_or("this").to_owned()
}

fn is_this_machine(url: &Url) -> bool {
    literal(url).map_or_else(|| url.host_str() == Some("localhost"), |address| address.is_loopback())
}

/// The host if it is an IP address. The parser has normalized octal, hexadecimal and decimal notations.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(list: &[&str]) -> Networks {
        serde_json::from_value(serde_json::json!(list)).unwrap()
    }

    fn why(url: &str, reach: &Reach, allow: &[&str]) -> Result<Filter, Why> {
        Target::parse(url, reach, &networks(allow)).map(|target| target.filter).map_err(|refusal| refusal.why)
    }

    #[test]
    fn an_address_in_any_spelling_is_refused_for_what_it_is() {
        for (url, kind) in [
            ("https://127.0.0.1/", Kind::Loopback),
            ("https://127.1/", Kind::Loopback),
            ("https://2130706433/", Kind::Loopback),
            ("https://0x7f000001/", Kind::Loopback),
            ("https://0177.0.0.1/", Kind::Loopback),
            ("https://127.0.0.1./", Kind::Loopback),
            ("https://%31%32%37.0.0.1/", Kind::Loopback),
            ("https://127。0。0。1/", Kind::Loopback),
            ("https://0/", Kind::Unspecified),
            ("https://[::1]/", Kind::Loopback),
            ("https://[::ffff:10.0.0.1]/", Kind::Private),
            ("https://[0:0:0:0:0:ffff:0a00:0001]/", Kind::Private),
            ("https://[64:ff9b::a9fe:a9fe]/", Kind::Metadata),
            ("https://0xa9fea9fe/latest/meta-data", Kind::Metadata),
            ("https://10.0.0.1:443/", Kind::Private),
        ] {
            assert_eq!(why(url, &Reach::Public, &[]), Err(Why::Internal(kind)), "{url}");
        }
    }

    #[test]
    fn what_somebody_names_is_https_on_its_usual_port_unless_it_is_allowed() {
        for (url, expected) in [
            ("https://mail.example.com/EWS/Exchange.asmx", Ok(Filter::Public)),
            ("https://8.8.8.8/", Ok(Filter::Public)),
            ("https://mail.example.com:8443/", Ok(Filter::Allowed)),
            ("https://10.1.2.3:8443/", Ok(Filter::Allowed)),
            ("https://8.8.8.8:8443/", Err(Why::Port)),
            ("https://192.168.0.1/", Err(Why::Internal(Kind::Private))),
            ("http://mail.example.com/", Err(Why::Plain)),
            ("http://10.1.2.3/", Err(Why::Plain)),
            ("http://127.0.0.1:8080/", Err(Why::Internal(Kind::Loopback))),
            ("http://localhost:8080/", Ok(Filter::Allowed)),
            ("https://ada:secret@mail.example.com/", Err(Why::UserInfo)),
            ("https://ada@mail.example.com/", Err(Why::UserInfo)),
            ("ftp://mail.example.com/", Err(Why::Address)),
            ("file:///etc/passwd", Err(Why::Address)),
            ("mail.example.com", Err(Why::Address)),
            ("", Err(Why::Address)),
        ] {
            assert_eq!(why(url, &Reach::Public, &["10.0.0.0/8"]), expected, "{url}");
        }
    }

    #[test]
    fn a_base_url_is_trusted_as_it_is_written_and_reaches_nothing_else() {
        let reach = Reach::fixed(["http://graph.internal:8080/v1.0", "https://10.0.0.1", "no address"]);
        for url in ["http://graph.internal:8080/v1.0/users", "https://10.0.0.1:443/", "https://10.0.0.1/a?b"] {
            assert_eq!(why(url, &reach, &[]), Ok(Filter::Trusted), "{url}");
        }
        for url in
            ["https://graph.internal:8080/", "http://graph.internal/", "https://10.0.0.2/", "https://evil.example/"]
        {
            assert_eq!(why(url, &reach, &[]), Err(Why::Elsewhere), "{url}");
        }
        assert_eq!(why("https://graph.internal@10.0.0.1/", &reach, &[]), Err(Why::UserInfo));
    }

    #[test]
    fn what_a_person_chose_is_looked_at_and_nothing_else_is_reached() {
        let reach = Reach::chosen("https://mail.example.com/EWS").unwrap();
        assert_eq!(why("https://mail.example.com/other", &reach, &[]), Ok(Filter::Public));
        assert_eq!(why("https://mail.example.org/EWS", &reach, &[]), Err(Why::Elsewhere));
        let reach = Reach::chosen("https://10.1.2.3/EWS").unwrap();
        assert_eq!(why("https://10.1.2.3/EWS", &reach, &[]), Err(Why::Internal(Kind::Private)));
        assert_eq!(why("https://10.1.2.3/EWS", &reach, &["10.1.2.3"]), Ok(Filter::Public));
    }

    #[test]
    fn the_probe_is_plain_http_on_its_usual_port() {
        assert_eq!(why("http://autodiscover.example.com/autodiscover.xml", &Reach::Probe, &[]), Ok(Filter::Public));
        assert_eq!(why("http://10.0.0.1/autodiscover.xml", &Reach::Probe, &[]), Err(Why::Internal(Kind::Private)));
        for url in ["https://autodiscover.example.com/", "http://autodiscover.example.com:8080/"] {
            assert_eq!(why(url, &Reach::Probe, &[]), Err(Why::Elsewhere), "{url}");
        }
    }

    #[test]
    fn a_refusal_names_the_setting_where_it_helps() {
        let text = |url| Target::parse(url, &Reach::Public, &Networks::default()).unwrap_err().to_string();
        assert_eq!(
            text("https://10.0.0.1/EWS?secret=1"),
            "10.0.0.1 is a private address: add its address to outbound.allow if it is one of your servers"
        );
        assert!(!text("https://169.254.169.254/").contains("outbound.allow"));
        assert!(!text("https://ada:hunter2@example.com/").contains("hunter2"));
    }
}

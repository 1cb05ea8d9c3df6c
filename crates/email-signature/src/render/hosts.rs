//! Which part of an address a value may make up: nobody's value turns an address into one of another host.

/// Stands for a value in the texts before and after another one.
pub(super) const VALUE: char = '\u{fffc}';

/// Where in an address a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At the start: the value brings its scheme, and must have a good one.
    Start(Goes),
    /// All between `https://` and the path: the value may have a host, a path and all.
    Host,
    /// A part of the host, of its port or of what stands before its `@`: names parted by dots.
    Labels,
    /// Behind a host that is whole already: the value begins with a path, a query or a fragment.
    Behind,
    /// Anywhere else: one component; these bytes besides stay as they are.
    Component(&'static [u8]),
}

/// How an address goes on behind a value that begins it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goes {
    /// With nothing, a path, a query or a fragment.
    On,
    /// With `://`: the value is a scheme.
    Scheme,
    /// With more of the host: the value is a scheme and names parted by dots.
    Host,
    /// With something else, which must not become a part of the host.
    Else,
}

/// The place between two texts, both with [`VALUE`] for each other value.
pub(super) fn place(before: &str, after: &str) -> Place {
    if before.is_empty() {
        return Place::Start(goes(after));
    }
    if before == VALUE.to_string() {
        return Place::Behind;
    }
    let lower = before.to_ascii_lowercase();
    if let Some(authority) = lower.strip_prefix("https://").or(lower.strip_prefix("http://"))
        && !authority.contains(ENDS)
    {
        return in_authority(authority, after);
    }
    if before.contains('?') || before.contains('#') {
        return Place::Component(b"");
    }
    if let Some(recipients) = lower.strip_prefix("mailto:").or(lower.strip_prefix("sip:")) {
        let recipient = recipients.rsplit(',').next().unwrap_or_default();
        let rest = &after[..after.find(['?', ',']).unwrap_or(after.len())];
        return match (recipient.contains('@'), rest.contains('@')) {
            (true, _) => Place::Labels,
            (false, true) => Place::Component(b"+"),
            (false, false) => Place::Component(b"@+,"),
        };
    }
    if lower.starts_with("tel:") || lower.starts_with("sms:") {
        return Place::Component(b"+;=*,()");
    }
    Place::Component(b"")
}

/// What ends the part of an address with the host (RFC 3986 §3.2), and a backslash, which browsers take for a slash.
const ENDS: [char; 4] = ['/', '?', '#', '\\'];

fn goes(after: &str) -> Goes {
    match after.chars().next() {
        None | Some('/' | '?' | '#' | VALUE) => Goes::On,
        Some(':') if after.starts_with("://") => Goes::Scheme,
        Some('.' | ':' | '@') => Goes::Host,
        Some(_) => Goes::Else,
    }
}

fn in_authority(authority: &str, after: &str) -> Place {
    let rest = after.trim_start_matches(VALUE);
    let is_last = rest.is_empty() || rest.starts_with(ENDS);
    match (authority, is_last) {
        ("", true) => Place::Host,
        (host, true) if !host.ends_with(['.', '@', ':']) => Place::Behind,
        _ => Place::Labels,
    }
}

/// Whether an address that begins so could still get more of a host.
pub(super) fn is_open(url: &str) -> bool {
    let authority = url.split_once("://").filter(|(scheme, _)| is_scheme(scheme)).map(|(_, authority)| authority);
    authority.is_some_and(|authority| !authority.contains(ENDS))
}

/// Whether a value is a scheme that has hosts.
pub(super) fn is_scheme(value: &str) -> bool {
    value.eq_ignore_ascii_case("https") || value.eq_ignore_ascii_case("http")
}

/// Whether a value is one name or several, parted by dots, and nothing else: it can neither end a host nor begin another.
pub(super) fn is_labels(value: &str) -> bool {
    let label = |label: &str| {
        let is_inside = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(is_inside)
    };
    value.split('.').all(label)
}

/// Whether a value that begins an address may be followed by more of its host: a scheme, and names parted by dots.
pub(super) fn is_start_of_host(value: &str) -> bool {
    let rest = value.split_once(':').map_or("", |(_, rest)| rest);
    is_labels(rest.strip_prefix("//").unwrap_or(rest))
}

/// Whether a value may be everything between `https://` and the path: without a user before an `@`, behind which the true
/// host would hide.
pub(super) fn is_host(value: &str) -> bool {
    let authority = &value[..value.find(['/', '?', '#']).unwrap_or(value.len())];
    !authority.contains(['@', '\\'])
}

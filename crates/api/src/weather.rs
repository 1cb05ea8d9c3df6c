//! What the event handler measured: it travels with the next request for a signature, and never makes that fail.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

/// Most events with one request; more are ignored.
pub const MAX_EVENTS: usize = 8;
/// Most calls of one event; more are ignored.
pub const MAX_CALLS: usize = 100;

/// One event: how long Outlook's calls took, and what failed. Nothing here names a person or a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "the handler's JSON; each is true or not by itself")]
pub struct MeasuredEvent {
    /// Version that the client reported then.
    pub version: String,
    /// How long the event took, in milliseconds.
    pub ms: u32,
    /// Whether Outlook did not give all recipients in time.
    pub unread: bool,
    /// Whether the signature was not in the draft although Outlook had taken it.
    pub unseen: bool,
    /// Whether a signature kept on the device was inserted because the server did not answer in time.
    pub kept: bool,
    /// Whether the event ended because its time was over.
    pub late: bool,
    /// The calls, in the order in which they began.
    #[serde(deserialize_with = "read_all")]
    pub calls: Vec<MeasuredCall>,
}

/// One call of the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct MeasuredCall {
    /// The method, such as `to.getAsync`; `server` and `token` are the request for the signature and for a token.
    pub call: String,
    /// How long it took, in milliseconds.
    pub ms: u32,
    /// Code and name of its error, or `no answer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Maybe<T> {
    Read(T),
    Other(IgnoredAny),
}

/// Reads a list without what cannot be read. Anything but a list is an empty one.
pub(crate) fn read_all<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(match Maybe::<Vec<Maybe<T>>>::deserialize(from)? {
        Maybe::Read(all) => {
            let read = |one| match one {
                Maybe::Read(one) => Some(one),
                Maybe::Other(IgnoredAny) => None,
            };
            all.into_iter().filter_map(read).collect()
        }
        Maybe::Other(IgnoredAny) => Vec::new(),
    })
}

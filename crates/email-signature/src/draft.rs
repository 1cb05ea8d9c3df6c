//! What is being composed.

use crate::Address;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A mail or appointment that a person is composing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// New, reply, forward or appointment.
    pub kind: Kind,
    /// Address in From: the person's own, an alias, or a mailbox they may send from.
    pub from: Address,
    /// To, Cc and Bcc together, in any order.
    pub recipients: Vec<Recipient>,
    /// Format of the body.
    pub format: BodyFormat,
    /// The subject; matched against rules' keywords only.
    pub subject: String,
    /// IANA time zone of the sender's computer, where it is known.
    pub time_zone: Option<String>,
}

/// Kind of draft. Reply and reply all are one kind, as in Outlook's `getComposeTypeAsync`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A new mail.
    New,
    /// Reply or reply all.
    Reply,
    /// Forward.
    Forward,
    /// A meeting or appointment, as its organiser composes it.
    Appointment,
}

impl Kind {
    /// The name that the wire, templates (`{{ kind }}`) and metrics use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reply => "reply",
            Self::Forward => "forward",
            Self::Appointment => "appointment",
        }
    }
}

/// The format of the draft's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// HTML.
    #[default]
    Html,
    /// Plain text.
    Text,
}

/// One recipient, with their groups in our directory (resolved by the caller).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The recipient's address.
    pub address: Address,
    /// Recipient type that Outlook reports.
    pub kind: RecipientType,
    /// Ids of the recipient's groups; empty for strangers.
    pub groups: Vec<String>,
    /// Address of the distribution list through which they get the mail.
    pub list: Option<Address>,
    /// Other addresses of theirs that rules may name.
    pub aliases: Vec<Address>,
}

impl Recipient {
    /// An address that nobody has: `.invalid` is reserved (RFC 2606).
    const UNREAD: &str = "unread@recipients.invalid";

    /// Stands for recipients that Outlook did not report in time, which is not the same as having none. `kind` says on which
    /// side they count: [`RecipientType::User`] inside, [`RecipientType::ExternalUser`] outside.
    pub fn unread(kind: RecipientType) -> Self {
        let Ok(address) = Address::parse(Self::UNREAD) else { unreachable!("it is an address") };
        Self { address, kind, groups: Vec::new(), list: None, aliases: Vec::new() }
    }

    /// Domain of addresses that stand for members of lists whose own addresses are not known: nobody has one.
    pub const UNNAMED: &str = "contacts.invalid";

    /// The address and the distribution list through which it gets the mail, or in words who it is that has none.
    pub fn name(&self) -> Cow<'_, str> {
        match (self.address.as_str(), &self.list) {
            (Self::UNREAD, _) => Cow::Borrowed("a recipient whom Outlook did not name in time"),
            (_, Some(list)) if self.address.domain() == Self::UNNAMED => {
                Cow::Owned(format!("an outside contact (a member of {list})"))
            }
            (address, Some(list)) => Cow::Owned(format!("{address} (a member of {list})")),
            (address, None) => Cow::Borrowed(address),
        }
    }
}

/// `Office.MailboxEnums.RecipientType`, in our spelling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecipientType {
    /// A mailbox of the sender's Exchange organisation (`user`).
    User,
    /// A mailbox elsewhere (`externalUser`).
    ExternalUser,
    /// A distribution list (`distributionList`).
    DistributionList,
    /// Anything else, or unknown (`other`).
    #[default]
    Other,
}

//! The company document, which `paraph import` reads and the demo uses.

use super::packed::Packed;
use crate::store::Error;
use email_signature::{Address, ImageMode, Part, Rule, SenderCondition};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Reads a file that a company document names.
pub type Files = Box<dyn Fn(&str) -> Option<Vec<u8>> + Send>;

/// A tenant with all its content. Paths of files are relative to the document's folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company<P = Vec<CompanyPerson>> {
    /// The tenant itself.
    pub tenant: CompanyTenant,
    /// Fields that differ from the built-in ones: custom fields, and built-in ones that people may edit.
    #[serde(default)]
    pub fields: Vec<CompanyField>,
    /// Groups, by id.
    #[serde(default)]
    pub groups: Vec<CompanyGroup>,
    /// People and shared mailboxes.
    pub people: P,
    /// Templates of all parts.
    #[serde(default)]
    pub templates: Vec<CompanyTemplate>,
    /// Rules in priority order.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Images, by the name that templates use.
    #[serde(default)]
    pub images: Vec<CompanyImage>,
}

/// The people of a company document.
pub trait People: Sync {
    /// All people in the document's order, in batches.
    fn packs(&self) -> impl Iterator<Item = Result<Cow<'_, [CompanyPerson]>, Error>> + Send;
}

impl People for Vec<CompanyPerson> {
    fn packs(&self) -> impl Iterator<Item = Result<Cow<'_, [CompanyPerson]>, Error>> + Send {
        self.chunks(Packed::SIZE).map(|pack| Ok(Cow::Borrowed(pack)))
    }
}

/// The tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyTenant {
    /// The Entra tenant id, a GUID. A company without one is known by its first mail domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra_id: Option<String>,
    /// The organisation's name.
    pub name: String,
    /// Mail domains; addresses in them are internal.
    pub domains: Vec<String>,
}

/// A custom field, or a built-in one that people can edit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyField {
    /// The token that templates use.
    pub token: String,
    /// Label that people see.
    pub label: String,
    /// Whether people can set their own value.
    #[serde(default)]
    pub editable: bool,
}

/// A group.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyGroup {
    /// The group's id, in Entra a GUID.
    pub id: String,
    /// Name that admins see.
    pub name: String,
    /// Mail addresses: a recipient with one of them counts as the group's members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
}

/// A person or a shared mailbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyPerson {
    /// Stable id.
    pub id: String,
    /// The Entra object id; a person without one cannot sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oid: Option<String>,
    /// Primary address.
    pub address: Address,
    /// Whether this is a shared mailbox.
    #[serde(default)]
    pub shared: bool,
    /// Further addresses.
    #[serde(default)]
    pub aliases: Vec<Address>,
    /// Ids of their groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Primary addresses of other people who can send from this mailbox.
    #[serde(default)]
    pub send_as: Vec<Address>,
    /// Field values from the directory, by token.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// A template, whose HTML is in a separate file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyTemplate {
    /// Stable id.
    pub id: String,
    /// Name that admins and people see.
    pub name: String,
    /// Folder in the console.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// Part of the signature.
    pub part: Part,
    /// The file with its HTML, UTF-8.
    pub html: String,
    /// File with its own plain text, UTF-8; absent to derive it from the HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether images are linked or attached.
    #[serde(default)]
    pub images: ImageMode,
    /// People who can choose it; absent for nobody, empty for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_to: Option<Vec<SenderCondition>>,
}

/// An image.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyImage {
    /// The name that templates use after `image:`.
    pub name: String,
    /// The file: PNG, JPEG or GIF.
    pub file: String,
}

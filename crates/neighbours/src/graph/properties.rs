//! Properties of users in this Graph.

/// Known properties of users; others are refused, as in the real Graph.
pub(super) const PROPERTIES: [&str; 26] = [
    "id",
    "userPrincipalName",
    "mail",
    "proxyAddresses",
    "displayName",
    "givenName",
    "surname",
    "jobTitle",
    "department",
    "companyName",
    "officeLocation",
    "businessPhones",
    "mobilePhone",
    "faxNumber",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "preferredLanguage",
    "accountEnabled",
    "userType",
    "employeeId",
    "onPremisesExtensionAttributes",
    "otherMails",
    "manager",
];

/// Known properties of groups.
pub(super) const GROUP_PROPERTIES: [&str; 4] = ["displayName", "mail", "proxyAddresses", "members"];

/// A directory extension that this tenant has.
pub const EXTENSION: &str = "extension_00000000aaaa4000800000000000000f_floor";

/// Whether users have a property of this name.
pub(super) fn is_known(name: &str) -> bool {
    name == EXTENSION || PROPERTIES.contains(&name)
}

//! Attributes of people in Entra ID, with their default fields.

use super::user::User;
use crate::directory::fetched::{Known, own_values, values};
use std::borrow::Cow;

/// All attributes, in display order.
pub const ATTRIBUTES: &[Known] = &[
    Known::new("displayName", "Display name", Some("display_name")),
    Known::new("givenName", "First name", Some("given_name")),
    Known::new("surname", "Last name", Some("surname")),
    Known::new("jobTitle", "Job title", Some("title")),
    Known::new("department", "Department", Some("department")),
    Known::new("companyName", "Company name", Some("company")),
    Known::new("officeLocation", "Office location", Some("office")),
    Known::new("businessPhones", "Business phone", Some("phone")),
    Known::new("mobilePhone", "Mobile phone", Some("mobile")),
    Known::new("faxNumber", "Fax number", Some("fax")),
    Known::new("streetAddress", "Street address", Some("street")),
    Known::new("city", "City", Some("city")),
    Known::new("state", "State or province", Some("state")),
    Known::new("postalCode", "ZIP or postal code", Some("postal_code")),
    Known::new("country", "Country or region", Some("country")),
    Known::new("employeeId", "Employee id", None),
    Known::new("preferredLanguage", "Preferred language", None),
    Known::new("userPrincipalName", "User principal name", None),
    Known::new("otherMails", "Other e-mails", None),
    Known::new("manager", "Manager", None),
    Known::new("extensionAttribute1", "Extension attribute 1", None),
    Known::new("extensionAttribute2", "Extension attribute 2", None),
    Known::new("extensionAttribute3", "Extension attribute 3", None),
    Known::new("extensionAttribute4", "Extension attribute 4", None),
    Known::new("extensionAttribute5", "Extension attribute 5", None),
    Known::new("extensionAttribute6", "Extension attribute 6", None),
    Known::new("extensionAttribute7", "Extension attribute 7", None),
    Known::new("extensionAttribute8", "Extension attribute 8", None),
    Known::new("extensionAttribute9", "Extension attribute 9", None),
    Known::new("extensionAttribute10", "Extension attribute 10", None),
    Known::new("extensionAttribute11", "Extension attribute 11", None),
    Known::new("extensionAttribute12", "Extension attribute 12", None),
    Known::new("extensionAttribute13", "Extension attribute 13", None),
    Known::new("extensionAttribute14", "Extension attribute 14", None),
    Known::new("extensionAttribute15", "Extension attribute 15", None),
];

/// Example of a custom attribute (directory extension): the id of its app, in 32 hexadecimal digits, and its name.
/// <https://learn.microsoft.com/graph/extensibility-overview#directory-microsoft-entra-id-extensions>
pub const OWN: &str = "extension_0123456789abcdef0123456789abcdef_costCenter";

/// Whether an attribute's name has the form of [`OWN`].
pub fn is_own(name: &str) -> bool {
    // Microsoft allows 120 characters.
    const LONGEST: usize = 120;
    let parts = name.strip_prefix("extension_").and_then(|rest| rest.split_once('_'));
    parts.is_some_and(|(app, own)| {
        app.len() == 32
            && app.bytes().all(|digit| digit.is_ascii_hexdigit())
            && !own.is_empty()
            && name.len() <= LONGEST
            && own.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
    })
}

/// The values of a user, by attribute.
pub(super) fn values_of(user: &User) -> Vec<(Cow<'static, str>, String)> {
    let other_mails = user.other_mails.as_deref().unwrap_or_default().join(", ");
    let direct = |name: &str| match name {
        "displayName" => user.display_name.as_deref(),
        "givenName" => user.given_name.as_deref(),
        "surname" => user.surname.as_deref(),
        "jobTitle" => user.job_title.as_deref(),
        "department" => user.department.as_deref(),
        "companyName" => user.company_name.as_deref(),
        "officeLocation" => user.office_location.as_deref(),
        "businessPhones" => user.business_phones.as_deref()?.first().map(String::as_str),
        "mobilePhone" => user.mobile_phone.as_deref(),
        "faxNumber" => user.fax_number.as_deref(),
        "streetAddress" => user.street_address.as_deref(),
        "city" => user.city.as_deref(),
        "state" => user.state.as_deref(),
        "postalCode" => user.postal_code.as_deref(),
        "country" => user.country.as_deref(),
        "employeeId" => user.employee_id.as_deref(),
        "preferredLanguage" => user.preferred_language.as_deref(),
        "userPrincipalName" => user.principal_name.as_deref(),
        "otherMails" => Some(other_mails.as_str()),
        // The manager's name belongs to the manager and can change without this user.
        "manager" => None,
        extension => user.on_premises_extension_attributes.as_ref()?.get(extension)?.as_deref(),
    };
    let mut found = values(ATTRIBUTES.iter().map(|known| (Cow::Borrowed(known.name), direct(known.name))));
    let own = user.others.iter().filter(|(name, _)| is_own(name));
    found.extend(own_values(own.map(|(name, value)| (name.clone(), value))));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn every_attribute_but_the_manager_is_read_under_its_own_name() {
        let mut user = json!({ "id": "1", "onPremisesExtensionAttributes": {} });
        for known in ATTRIBUTES {
            let value = match known.name {
                "businessPhones" | "otherMails" => json!([known.name]),
                "manager" => continue,
                name => json!(name),
            };
            let is_extension = known.name.starts_with("extensionAttribute");
            let place = if is_extension { &mut user["onPremisesExtensionAttributes"] } else { &mut user };
            place[known.name] = value;
        }
        let user: User = serde_json::from_value(user).unwrap();
        let found = values_of(&user);
        assert!(found.iter().all(|(name, value)| name == value), "{found:?}");
        assert_eq!(found.len(), ATTRIBUTES.len() - 1);
    }

    #[test]
    fn directory_extensions_are_read_whatever_kind_they_are() {
        let name = |own: &str| OWN.replace("costCenter", own);
        let mut user = json!({ "id": "1", "extension_no_such": "x" });
        for (own, value) in [("a", json!(42)), ("b", json!(true)), ("c", json!(" red ")), ("d", json!(["x", "y"]))] {
            user[name(own)] = value;
        }
        let found = values_of(&serde_json::from_value(user).unwrap());
        let wanted = [("a", "42"), ("b", "true"), ("c", "red"), ("d", "x, y")];
        assert_eq!(found, wanted.map(|(own, value)| (name(own).into(), value.to_owned())));
    }

    #[test]
    fn nothing_else_is_taken_for_a_directory_extension() {
        assert!(is_own(OWN) && is_own(&OWN.replace("costCenter", "cost_center_2")));
        for name in ["extension_", "extension_costCenter", "extension_0123_x", "extensionAttribute1"] {
            assert!(!is_own(name), "{name}");
        }
        for own in ["", "a,manager", "a&b", "a b", &"x".repeat(78)] {
            assert!(!is_own(&OWN.replace("costCenter", own)), "{own}");
        }
    }

    #[test]
    fn of_several_phones_the_first_counts_and_other_mails_are_listed() {
        let user = json!({ "id": "1", "businessPhones": ["+49 1", "+49 2"], "otherMails": ["a@b", "c@d"], "city": "  ",
            "country": Value::Null });
        let found = values_of(&serde_json::from_value(user).unwrap());
        assert_eq!(found, [("businessPhones".into(), "+49 1".into()), ("otherMails".into(), "a@b, c@d".into())]);
    }

    #[test]
    fn each_usual_field_is_a_built_in_one_and_none_comes_twice() {
        let fields: Vec<_> = ATTRIBUTES.iter().filter_map(|known| known.field).collect();
        for (at, field) in fields.iter().enumerate() {
            assert!(email_signature::BUILT_IN_FIELDS.iter().any(|(token, _)| token == field), "{field}");
            assert!(!fields[..at].contains(field), "{field}");
        }
    }
}

//! Attributes of people in Google Workspace, with their default fields.

use super::user::{User, pick};
use crate::directory::fetched::{Known, own_values, values};
use std::borrow::Cow;

/// All attributes except custom ones, in display order.
pub const ATTRIBUTES: &[Known] = &[
    Known::new("name.fullName", "Full name", Some("display_name")),
    Known::new("name.givenName", "First name", Some("given_name")),
    Known::new("name.familyName", "Last name", Some("surname")),
    Known::new("organizations.title", "Job title", Some("title")),
    Known::new("organizations.department", "Department", Some("department")),
    Known::new("organizations.name", "Organisation", Some("company")),
    Known::new("locations.buildingId", "Building", Some("office")),
    Known::new("phones.work", "Work phone", Some("phone")),
    Known::new("phones.mobile", "Mobile phone", Some("mobile")),
    Known::new("phones.work_fax", "Work fax", Some("fax")),
    Known::new("websites.work", "Website", Some("website")),
    Known::new(
        "addresses.streetAddress",
        "Work address: street, or the full address if it is one text",
        Some("street"),
    ),
    Known::new("addresses.locality", "Work address: city", Some("city")),
    Known::new("addresses.region", "Work address: state or province", Some("state")),
    Known::new("addresses.postalCode", "Work address: postal code", Some("postal_code")),
    Known::new("addresses.country", "Work address: country", Some("country")),
    Known::new("gender.addressMeAs", "Pronouns", Some("pronouns")),
    Known::new("organizations.costCenter", "Cost centre", None),
    Known::new("organizations.description", "Employee type", None),
    Known::new("locations.floorName", "Floor", None),
    Known::new("externalIds.organization", "Employee id", None),
    Known::new("languages", "Language", None),
    Known::new("orgUnitPath", "Organisational unit", None),
    Known::new("manager", "Manager", None),
];

/// Example of a custom attribute, with its schema's name.
pub const OWN: &str = "customSchemas.Employment.costCenter";
/// Prefix of the names of custom attributes.
const CUSTOM: &str = "customSchemas.";

/// Whether an attribute's name has the form of [`OWN`].
pub fn is_own(name: &str) -> bool {
    let parts = name.strip_prefix(CUSTOM).and_then(|rest| rest.split_once('.'));
    parts.is_some_and(|(schema, field)| !schema.is_empty() && !field.is_empty())
}

/// The values of a user, by attribute. `manager`: the manager if it is a name rather than an address.
pub(super) fn values_of(user: &User, manager: Option<&str>) -> Vec<(Cow<'static, str>, String)> {
    let organization = pick(user.organizations.as_deref(), &[]);
    let address = pick(user.addresses.as_deref(), &["work"]);
    let location = pick(user.locations.as_deref(), &["desk", "default"]);
    let phone = |kinds: &[&str]| pick(user.phones.as_deref(), kinds)?.value.as_deref();
    let known = |name: &str| match name {
        "name.fullName" => user.name.full.as_deref(),
        "name.givenName" => user.name.given.as_deref(),
        "name.familyName" => user.name.family.as_deref(),
        "organizations.title" => organization?.title.as_deref(),
        "organizations.department" => organization?.department.as_deref(),
        "organizations.name" => organization?.name.as_deref(),
        "organizations.costCenter" => organization?.cost_center.as_deref(),
        "organizations.description" => organization?.description.as_deref(),
        "locations.buildingId" => location?.building_id.as_deref(),
        "locations.floorName" => location?.floor_name.as_deref(),
        "phones.work" => phone(&["work"]),
        "phones.mobile" => phone(&["mobile", "work_mobile"]),
        "phones.work_fax" => phone(&["work_fax"]),
        "websites.work" => pick(user.websites.as_deref(), &["work"])?.value.as_deref(),
        "addresses.streetAddress" => {
            let address = address?;
            // The admin console has one field for all of it.
            let is_one_text = address.locality.is_none() && address.postal_code.is_none();
            address.street_address.as_deref().or(address.formatted.as_deref().filter(|_| is_one_text))
        }
        "addresses.locality" => address?.locality.as_deref(),
        "addresses.region" => address?.region.as_deref(),
        "addresses.postalCode" => address?.postal_code.as_deref(),
        "addresses.country" => address?.country.as_deref().or(address?.country_code.as_deref()),
        "gender.addressMeAs" => user.gender.as_ref()?.address_me_as.as_deref(),
        "externalIds.organization" => pick(user.external_ids.as_deref(), &["organization"])?.value.as_deref(),
        "languages" => user.languages.as_ref()?.first()?.language_code.as_deref(),
        "orgUnitPath" => user.org_unit_path.as_deref(),
        "manager" => manager,
        _ => None,
    };
    let mut found = values(ATTRIBUTES.iter().map(|attribute| (Cow::Borrowed(attribute.name), known(attribute.name))));
    for (schema, fields) in user.custom_schemas.iter().flatten() {
        found.extend(own_values(fields.iter().map(|(field, value)| (format!("{CUSTOM}{schema}.{field}"), value))));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn values(user: &Value) -> Vec<(String, String)> {
        let user: User = serde_json::from_value(user.clone()).unwrap();
        values_of(&user, None).into_iter().map(|(name, value)| (name.into_owned(), value)).collect()
    }

    fn check(user: &Value, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(values(user), expected, "{user}");
    }

    fn user(properties: &Value) -> Value {
        let mut user = json!({ "id": "1", "primaryEmail": "ada@example.com" });
        for (name, value) in properties.as_object().unwrap() {
            user[name] = value.clone();
        }
        user
    }

    #[test]
    fn every_attribute_is_read() {
        let whole = user(&json!({
            "name": { "givenName": "Ada", "familyName": "Lovelace", "fullName": "Ada Lovelace" },
            "organizations": [{ "title": "Analyst", "department": "Engines", "name": "Example", "costCenter": "1",
                "description": "Permanent", "primary": true }],
            "locations": [{ "type": "desk", "buildingId": "Main", "floorName": "2" }],
            "phones": [{ "type": "work", "value": "+44 1" }, { "type": "mobile", "value": "+44 2" },
                { "type": "work_fax", "value": "+44 3" }],
            "websites": [{ "type": "work", "value": "https://example.com" }],
            "addresses": [{ "type": "work", "streetAddress": "St James 12", "locality": "London", "region": "Greater London",
                "postalCode": "SW1", "country": "United Kingdom" }],
            "gender": { "type": "female", "addressMeAs": "she/her" },
            "externalIds": [{ "type": "organization", "value": "1815" }],
            "languages": [{ "languageCode": "en-GB" }],
            "orgUnitPath": "/Engines",
        }));
        let found = values(&whole);
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        let known: Vec<_> = ATTRIBUTES.iter().map(|known| known.name).filter(|name| *name != "manager").collect();
        assert_eq!(names, known);
        assert!(found.contains(&("addresses.country".into(), "United Kingdom".into())), "{found:?}");
    }

    #[test]
    fn of_several_the_primary_one_counts_and_nothing_private_does() {
        check(
            &user(&json!({
                "organizations": [{ "title": "Second" }, { "title": "First", "primary": true }],
                "phones": [{ "type": "home", "value": "1" }, { "type": "work", "value": "2" },
                    { "type": "work", "value": "3", "primary": true }, { "type": "custom", "customType": "Bat", "value": "4" },
                    { "type": "work_mobile", "value": "5" }],
                "addresses": [{ "type": "home", "streetAddress": "Private 1", "primary": true }],
            })),
            &[("organizations.title", "First"), ("phones.work", "3"), ("phones.mobile", "5")],
        );
    }

    #[test]
    fn an_address_in_one_text_is_the_street() {
        let formatted = "Example street 1\n10115 Berlin";
        let one = json!({ "addresses": [{ "type": "work", "formatted": formatted }] });
        check(&user(&one), &[("addresses.streetAddress", formatted)]);
        let parts = json!({ "addresses": [{ "type": "work", "formatted": formatted, "locality": "Berlin",
            "countryCode": "DE" }] });
        check(&user(&parts), &[("addresses.locality", "Berlin"), ("addresses.country", "DE")]);
    }

    #[test]
    fn what_a_company_made_for_itself_goes_by_schema_and_field() {
        let schemas = json!({ "customSchemas": { "Badge": { "number": 42, "valid": true, "colour": " red ", "old": null,
            "doors": [{ "type": "work", "value": "north" }, { "value": "south" }] } } });
        check(
            &user(&schemas),
            &[
                ("customSchemas.Badge.colour", "red"),
                ("customSchemas.Badge.doors", "north, south"),
                ("customSchemas.Badge.number", "42"),
                ("customSchemas.Badge.valid", "true"),
            ],
        );
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

//! What generators of clients need of the `OpenAPI` document and no handler says: a name for each operation, the answers
//! that the framework gives on a handler's behalf, plain enumerations, limits as numbers.
//!
//! One pass over the finished document, so that a new route has all of it without a word of its own.

mod names;
mod responses;
mod schemas;

pub(super) use responses::location;

use serde_json::{Value, json};

/// Methods that an operation may have, as the document writes them.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Completes the document.
pub(super) fn complete(document: &mut Value) {
    document["servers"] = json!([{ "url": "/", "description": "The deployment that this document comes from." }]);
    schemas::describe(document);
    let paths: Vec<String> =
        document["paths"].as_object().into_iter().flatten().map(|(path, _)| path.clone()).collect();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            operation["operationId"] = json!(names::operation(method, path));
            responses::describe(operation, method, path, &paths);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn document() -> Value {
        let _ = crate::http::api::api_routes();
        crate::http::api::document()
    }

    fn operations(document: &Value) -> Vec<(String, &Value)> {
        let paths = document["paths"].as_object().into_iter().flatten();
        paths
            .flat_map(|(path, item)| {
                METHODS.into_iter().filter_map(move |method| Some((format!("{method} {path}"), item.get(method)?)))
            })
            .collect()
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_that_is_a_word_in_code() {
        let document = document();
        let mut names = BTreeSet::new();
        for (what, operation) in operations(&document) {
            let name = operation["operationId"].as_str().unwrap_or_default();
            let is_word =
                name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
            assert!(is_word && name.len() > 3, "{what}: “{name}”");
            assert!(names.insert(name.to_owned()), "{what}: another operation is called {name}");
        }
        assert!(names.len() > 80, "{}", names.len());
        for known in [
            "listTemplates",
            "createTemplate",
            "getTemplate",
            "saveTemplate",
            "deleteTemplate",
            "getRules",
            "saveRules",
        ] {
            assert!(names.contains(known), "{known}");
        }
    }

    #[test]
    fn every_operation_says_what_goes_wrong_and_with_which_headers() {
        let document = document();
        for (what, operation) in operations(&document) {
            let answers = operation["responses"].as_object().expect("responses");
            assert!(answers.keys().any(|status| status.starts_with('2')), "{what}");
            assert!(answers.contains_key("503") && !answers.contains_key("default"), "{what}: {:?}", answers.keys());
            for (status, answer) in answers.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
                let schema = answer.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str);
                assert_eq!(schema, Some("#/components/schemas/Errors"), "{what}: {status}");
            }
            if operation["security"].as_array().is_some_and(|all| !all.is_empty()) {
                assert!(answers["401"].pointer("/headers/WWW-Authenticate").is_some(), "{what}");
            }
            if operation["requestBody"].pointer("/content/application~1json").is_some() {
                assert!(["400", "413", "415", "422"].iter().all(|status| answers.contains_key(*status)), "{what}");
            }
            let takes_version =
                operation["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "if-match");
            assert!(!takes_version || ["412", "428"].iter().all(|status| answers.contains_key(*status)), "{what}");
        }
    }

    #[test]
    fn no_description_names_a_constant_and_no_enumeration_is_a_union() {
        fn walk(value: &Value, at: &str) {
            match value {
                Value::Object(members) => {
                    if let Some(any) = members.get("oneOf").and_then(Value::as_array) {
                        let constant = |one: &Value| one.get("const").is_some() && one.get("properties").is_none();
                        assert!(!any.iter().any(constant), "{at}: {value}");
                    }
                    for (name, member) in members {
                        if name == "description"
                            && let Some(text) = member.as_str()
                        {
                            let shouts = |word: &str| {
                                word.len() > 3
                                    && word.contains('_')
                                    && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                            };
                            let constant =
                                text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').find(|word| shouts(word));
                            assert_eq!(constant, None, "{at}: {text}");
                        }
                        walk(member, &format!("{at}/{name}"));
                    }
                }
                Value::Array(all) => all.iter().for_each(|one| walk(one, at)),
                _ => {}
            }
        }
        walk(&document(), "");
    }

    #[test]
    fn limits_are_numbers_that_programs_read() {
        let document = document();
        for (at, limit) in [
            ("/NewTemplate/properties/html/maxLength", 100_000),
            ("/NewTemplate/properties/name/maxLength", 100),
            ("/UnpublishedRules/properties/rules/maxItems", 1_000),
            ("/Limits/properties/folders/maxItems", 50),
            ("/Limits/properties/brands/maxItems", 50),
            ("/Draft/properties/recipients/maxItems", 1_000),
            ("/Draft/properties/subject/maxLength", 255),
        ] {
            let found = document.pointer(&format!("/components/schemas{at}"));
            assert_eq!(found, Some(&json!(limit)), "{at}");
        }
    }
}

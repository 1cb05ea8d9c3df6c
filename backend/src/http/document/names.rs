//! Names of operations, from method and path: a verb and what it is done to. Clients call them so, and so they stay.

/// Operations whose names no rule gives: what a path ends with is what is done, or an irregular word.
const NAMED: &[(&str, &str, &str)] = &[
    ("post", "/api/v1/signature", "getSignature"),
    ("post", "/api/v1/signature/choices", "listSignatureChoices"),
    ("get", "/api/v1/me", "getMe"),
    ("patch", "/api/v1/me/fields", "updateMyFields"),
    ("get", "/api/v1/sign-in", "getSignInOptions"),
    ("post", "/api/v1/sign-in", "signIn"),
    ("post", "/api/v1/setup", "setUp"),
    ("post", "/api/v1/invitation", "showInvitation"),
    ("post", "/api/v1/invitation/accept", "acceptInvitation"),
    ("post", "/api/v1/invitation/provider", "acceptInvitationWithProvider"),
    ("delete", "/api/v1/session", "signOut"),
    ("put", "/api/v1/account/password", "changePassword"),
    ("post", "/api/v1/account/totp", "beginTotp"),
    ("put", "/api/v1/account/totp", "confirmTotp"),
    ("delete", "/api/v1/account/totp", "removeTotp"),
    ("post", "/api/v1/account/recovery-codes", "createRecoveryCodes"),
    ("post", "/api/v1/account/provider", "linkProvider"),
    ("delete", "/api/v1/account/provider", "unlinkProvider"),
    ("post", "/api/v1/account/provider/proof", "beginProviderProof"),
    ("delete", "/api/v1/account/sessions", "endOtherSessions"),
    ("delete", "/api/v1/account/sessions/{session}", "endSession"),
    ("post", "/api/v1/tenants/{tenant}/restore", "restoreTenant"),
    ("delete", "/api/v1/tenants/{tenant}/members/{account}", "removeMember"),
    ("patch", "/api/v1/tenants/{tenant}/members/{account}", "setMemberRole"),
    ("get", "/api/v1/tenants/{tenant}/people-export", "exportPeople"),
    ("post", "/api/v1/tenants/{tenant}/templates-import", "importTemplate"),
    ("get", "/api/v1/tenants/{tenant}/templates/{template}/export", "exportTemplate"),
    ("get", "/api/v1/tenants/{tenant}/templates/{template}/preview", "previewTemplate"),
    ("delete", "/api/v1/tenants/{tenant}/templates/{template}/unpublished", "discardUnpublishedTemplate"),
    ("get", "/api/v1/tenants/{tenant}/audit", "listAudit"),
    ("get", "/api/v1/tenants/{tenant}/audit-export", "exportAudit"),
    ("post", "/api/v1/tenants/{tenant}/clean", "cleanHtml"),
    ("get", "/api/v1/tenants/{tenant}/rules", "getRules"),
    ("delete", "/api/v1/tenants/{tenant}/rules/unpublished", "discardUnpublishedRules"),
    ("get", "/api/v1/tenants/{tenant}/rules/versions/{version}", "getRulesVersion"),
    ("get", "/api/v1/tenants/{tenant}/fields", "getFields"),
    ("get", "/api/v1/tenants/{tenant}/changes", "getChanges"),
    ("patch", "/api/v1/tenants/{tenant}/campaigns/settings", "updateCampaignSettings"),
    ("get", "/api/v1/tenants/{tenant}/campaigns/{rule}/clicks", "getCampaignClicks"),
    ("post", "/api/v1/tenants/{tenant}/rules/placement", "placeRule"),
    ("post", "/api/v1/tenants/{tenant}/simulation", "simulate"),
    ("delete", "/api/v1/tenants/{tenant}/comparisons/{comparison}", "endComparison"),
    ("post", "/api/v1/tenants/{tenant}/sources/entra/consent", "startEntraConsent"),
    ("post", "/api/v1/tenants/{tenant}/sources/entra/connect", "connectEntra"),
    ("put", "/api/v1/tenants/{tenant}/sources/google/key", "saveGoogleKey"),
    ("post", "/api/v1/tenants/{tenant}/sources/{source}/runs", "runSource"),
    ("post", "/api/v1/tenants/{tenant}/runs", "uploadFile"),
    ("patch", "/api/v1/tenants/{tenant}/runs/{run}", "mapFile"),
    ("delete", "/api/v1/tenants/{tenant}/runs/{run}", "cancelRun"),
];

/// Last words of a path that say what is done to what stands before them.
const ACTIONS: &[&str] = &["apply", "call-off", "check", "publish", "take-over"];

/// The name of an operation.
pub(super) fn operation(method: &str, path: &str) -> String {
    if let Some((.., name)) = NAMED.iter().find(|(named, at, _)| *named == method && *at == path) {
        return (*name).to_owned();
    }
    let (path, prefix) = match path.strip_prefix("/api/connector/v1") {
        Some(rest) => (rest, "connector/"),
        None => (path.strip_prefix("/api/v1").unwrap_or(path), ""),
    };
    let path = path.strip_prefix("/tenants/{tenant}").filter(|rest| !rest.is_empty()).unwrap_or(path);
    let path = format!("{prefix}{}", path.trim_start_matches('/'));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_one = segments.last().is_some_and(|last| last.starts_with('{'));
    let mut words: Vec<String> = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        if segment.starts_with('{') {
            continue;
        }
        let names_one = segments.get(at + 1).is_some_and(|next| next.starts_with('{'));
        words.push(if names_one { singular(segment) } else { (*segment).to_owned() });
    }
    let last = words.last().cloned().unwrap_or_default();
    let is_many = !is_one && last.ends_with('s') && !last.ends_with("ss");
    let (verb, words) = match method {
        _ if ACTIONS.contains(&&*last) => {
            words.pop();
            (last, words)
        }
        "get" if is_many || last == "people" && !is_one => ("list".to_owned(), words),
        "get" => ("get".to_owned(), words),
        "post" if is_many || last == "people" => {
            words.pop();
            words.push(singular(&last));
            ("create".to_owned(), words)
        }
        "post" => ("start".to_owned(), words),
        "put" => ("save".to_owned(), words),
        "patch" => ("update".to_owned(), words),
        _ => ("delete".to_owned(), words),
    };
    camel(&verb, &words)
}

fn singular(word: &str) -> String {
    match word {
        "people" => "person".to_owned(),
        word if word.ends_with("ies") => format!("{}y", &word[..word.len() - 3]),
        word => word.strip_suffix('s').unwrap_or(word).to_owned(),
    }
}

fn camel(verb: &str, words: &[String]) -> String {
    let parts = words.iter().flat_map(|word| word.split(['-', '.', '_']));
    let mut name = String::new();
    for part in verb.split('-').chain(parts) {
        let mut letters = part.chars().filter(char::is_ascii_alphanumeric);
        if let Some(first) = letters.next() {
            name.push(if name.is_empty() { first } else { first.to_ascii_uppercase() });
            name.extend(letters);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_only_what_there_is() {
        let _ = crate::http::api::api_routes();
        let document = crate::http::api::document();
        for (method, path, name) in NAMED {
            assert_eq!(document["paths"][*path][*method]["operationId"], *name, "{method} {path}");
        }
    }
}

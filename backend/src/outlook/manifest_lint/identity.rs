//! Single sign-on, domains, permissions and requirement sets.

use super::{Findings, V1_1, all, authority, child, children, name, overrides, own, text};
use crate::config::is_guid;
use roxmltree::Node;

pub(super) fn check(root: Node<'_, '_>, findings: &mut Findings) {
    for domain in all(root, "AppDomain") {
        check_app_domain(domain, findings);
    }
    for url in all(root, "Url") {
        same_domain(root, url, findings);
    }
    if let Some(permissions) = child(root, "Permissions") {
        check_permissions(permissions, findings);
    }
    requirements(root, findings);
    for info in all(root, "WebApplicationInfo") {
        sign_on(root, info, findings);
    }
}

/// The add-in's own host: where its pane is.
fn addin_host<'a>(root: Node<'a, '_>) -> &'a str {
    let page = all(root, "SourceLocation").find(|page| overrides(*page).is_none());
    authority(page.and_then(|page| page.attribute("DefaultValue")).unwrap_or_default())
}

fn check_app_domain(domain: Node<'_, '_>, findings: &mut Findings) {
    let value = text(domain);
    let rest = value.strip_prefix("https://");
    let detail = format!("“{value}” is not https://host or https://host:port, with no path, slash or wildcard");
    let right = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['/', '*', '?', '#']));
    findings.expect(right, "app-domain", domain, detail);
}

/// Pages of the add-in are on its own host, or on one of its domains.
fn same_domain(root: Node<'_, '_>, url: Node<'_, '_>, findings: &mut Findings) {
    let host = authority(url.attribute("DefaultValue").unwrap_or_default());
    let known = host == addin_host(root) || all(root, "AppDomain").any(|domain| authority(text(domain)) == host);
    findings.expect(known, "one-domain", url, format!("{host} is neither the add-in's host nor among AppDomains"));
}

/// What the signature calls need, and what there is.
fn check_permissions(permissions: Node<'_, '_>, findings: &mut Findings) {
    let value = text(permissions);
    let known = ["Restricted", "ReadItem", "ReadWriteItem", "ReadWriteMailbox"].contains(&value);
    findings.expect(known, "permissions", permissions, format!("“{value}” is not a permission"));
    let enough = !known || value == "ReadWriteItem";
    findings.expect(
        enough,
        "permissions",
        permissions,
        "setSignatureAsync needs ReadWriteItem; more needs more consent",
    );
}

/// `1.10` as (1, 10).
fn version(text: &str) -> (u32, u32) {
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    (major.parse().unwrap_or_default(), minor.parse().unwrap_or_default())
}

/// The Mailbox version that an element's own `<Requirements>` ask for.
fn mailbox(node: Node<'_, '_>) -> Option<(u32, u32)> {
    let sets = child(child(node, "Requirements")?, "Sets")?;
    let set = children(sets).find(|set| set.attribute("Name") == Some("Mailbox"))?;
    set.attribute("MinVersion").or_else(|| sets.attribute("DefaultMinVersion")).map(version)
}

fn requirements(root: Node<'_, '_>, findings: &mut Findings) {
    for set in all(root, "Set") {
        let undeclarable = ["NestedAppAuth", "IdentityAPI"].contains(&set.attribute("Name").unwrap_or_default());
        findings.expect(
            !undeclarable,
            "undeclarable-set",
            set,
            "Outlook refuses it in a manifest; check for it at run time",
        );
    }
    let base = mailbox(root);
    findings.expect(
        base.is_some_and(|base| base <= (1, 5)),
        "base-requirement",
        root,
        "Mailbox, at most 1.5: else Exchange servers and phones do not load the add-in",
    );
    for scope in all(root, "VersionOverrides") {
        let own_version = mailbox(scope).or(base);
        findings.expect(own_version >= base, "overrides-requirement", scope, "it asks for less than the base part");
        let needs = own(scope, "LaunchEvent").next().is_some() && own_version < Some((1, 10));
        findings.expect(!needs, "event-requirement", scope, "launch events begin with Mailbox 1.10");
    }
}

/// `<WebApplicationInfo>`: without it, or with a wrong one, `getAccessToken` fails (13000 to 13007).
fn sign_on(root: Node<'_, '_>, info: Node<'_, '_>, findings: &mut Findings) {
    let in_latest = info
        .parent_element()
        .is_some_and(|parent| name(parent) == "VersionOverrides" && parent.tag_name().namespace() == Some(V1_1));
    findings.expect(in_latest, "sign-on-place", info, "it belongs into the version 1.1 overrides");
    let id = child(info, "Id").map(text).unwrap_or_default();
    findings.expect(is_guid(id), "sign-on-id", info, "<Id> is the client id, a GUID");
    let resource = child(info, "Resource").map(text).unwrap_or_default();
    match resource.strip_prefix("api://").and_then(|rest| rest.split_once('/')) {
        Some((host, client)) => {
            let own = addin_host(root);
            let detail = format!("the resource's host is {host}, the add-in's {own} (error 13004)");
            findings.expect(host == own, "sign-on-domain", info, detail);
            findings.expect(
                client == id,
                "sign-on-resource",
                info,
                format!("the resource ends in {client}, not in {id}"),
            );
        }
        None => findings.add("sign-on-resource", info, format!("“{resource}” is not api://host/client-id")),
    }
    for wanted in ["openid", "profile"] {
        let there = all(info, "Scope").any(|scope| text(scope) == wanted);
        findings.expect(there, "sign-on-scopes", info, format!("the scope {wanted} is missing"));
    }
}

//! The part that every Office add-in has.

use super::{Findings, all, child, children, name, overrides, text};
use crate::config::is_guid;
use roxmltree::Node;

pub(super) fn check(root: Node<'_, '_>, findings: &mut Findings) {
    if let Some(id) = child(root, "Id") {
        findings.expect(is_guid(text(id)), "id", id, "it is a GUID");
    }
    if let Some(version) = child(root, "Version") {
        check_version(version, findings);
    }
    for (element, most) in [("ProviderName", 125), ("DisplayName", 125), ("Description", 250)] {
        let Some(node) = child(root, element) else { continue };
        let value = node.attribute("DefaultValue").unwrap_or_else(|| text(node));
        let length = value.chars().count();
        let rule = if most == 125 { "short-string" } else { "long-string" };
        findings.expect((1..=most).contains(&length), rule, node, format!("{length} characters; 1 to {most}"));
    }
    for height in all(root, "RequestedHeight") {
        let right = text(height).parse().is_ok_and(|height: u32| (32..=450).contains(&height));
        findings.expect(right, "requested-height", height, "it is 32 to 450");
    }
    let mailbox =
        child(root, "Hosts").is_some_and(|hosts| children(hosts).any(|host| host.attribute("Name") == Some("Mailbox")));
    findings.expect(mailbox, "host", root, "the host is Mailbox");
    for host in all(root, "Host").filter(|host| overrides(*host).is_some()) {
        findings.expect(super::xsi_type(host) == "MailHost", "host", host, "xsi:type is MailHost");
    }
    unfilled(root, findings);
}

/// `([0-9]{1,5})(\.[0-9]{1,5}){0,3}` of the schema, and at least 1.0 ("Manifest Version Too Low").
fn check_version(version: Node<'_, '_>, findings: &mut Findings) {
    let numbers: Vec<&str> = text(version).split('.').collect();
    let number = |text: &&str| (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let right = (1..=4).contains(&numbers.len()) && numbers.iter().all(number);
    findings.expect(right, "version", version, "it is one to four numbers of at most five digits, with points between");
    let low = right && numbers[0].bytes().all(|digit| digit == b'0');
    findings.expect(!low, "version", version, "it is at least 1.0");
}

/// Nothing was left for the server to fill.
fn unfilled(root: Node<'_, '_>, findings: &mut Findings) {
    for node in root.descendants().filter(Node::is_element) {
        let left = text(node).contains("{{") || node.attributes().any(|attribute| attribute.value().contains("{{"));
        findings.expect(!left, "unfilled", node, format!("<{}> still has a placeholder", name(node)));
    }
}

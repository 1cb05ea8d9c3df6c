//! Strings, images and addresses, and who refers to them.

use super::{Findings, all, children, name, overrides, own};
use roxmltree::Node;
use std::collections::BTreeSet;

/// Longest `id` and `resid`.
const MAX_ID: usize = 32;

pub(super) fn check(root: Node<'_, '_>, findings: &mut Findings) {
    for scope in all(root, "VersionOverrides") {
        unique_ids(scope, findings);
        for bucket in own(scope, "Resources").flat_map(children) {
            for resource in children(bucket) {
                check_resource(name(bucket), resource, findings);
            }
        }
        references(scope, findings);
    }
    let urls = ["IconUrl", "HighResolutionIconUrl", "SupportUrl", "SourceLocation"];
    for node in root.descendants().filter(|node| node.is_element() && overrides(*node).is_none()) {
        if urls.contains(&name(node)) {
            check_url(node, findings);
        }
        if name(node).ends_with("IconUrl") {
            check_image(node, findings);
        }
    }
}

fn value<'a>(node: Node<'a, '_>) -> &'a str {
    node.attribute("DefaultValue").unwrap_or_default()
}

fn check_resource(bucket: &str, resource: Node<'_, '_>, findings: &mut Findings) {
    let length = value(resource).chars().count();
    match bucket {
        "Images" => {
            check_url(resource, findings);
            check_image(resource, findings);
        }
        "Urls" => check_url(resource, findings),
        "ShortStrings" => {
            findings.expect(
                (1..=125).contains(&length),
                "short-string",
                resource,
                format!("{length} characters; 1 to 125"),
            );
        }
        "LongStrings" => {
            findings.expect(
                (1..=250).contains(&length),
                "long-string",
                resource,
                format!("{length} characters; 1 to 250"),
            );
        }
        _ => {}
    }
}

fn check_url(node: Node<'_, '_>, findings: &mut Findings) {
    let url = value(node);
    findings.expect(url.starts_with("https://"), "https", node, format!("“{url}” does not begin with https://"));
    let length = url.chars().count();
    findings.expect((1..=2048).contains(&length), "url-length", node, format!("{length} characters; 1 to 2048"));
}

fn check_image(node: Node<'_, '_>, findings: &mut Findings) {
    let path = value(node).split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let known = [".png", ".gif", ".jpg", ".jpeg", ".exif", ".bmp", ".tiff"].iter().any(|end| path.ends_with(end));
    findings.expect(known, "image-type", node, "icons are PNG, GIF, JPEG, EXIF, BMP or TIFF, not SVG");
}

/// Ids are short and unique: those of resources, and those of groups and controls.
fn unique_ids(scope: Node<'_, '_>, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for node in scope.descendants().filter(|node| node.is_element() && overrides(*node) == Some(scope)) {
        if let Some(id) = node.attribute("id") {
            findings.expect(
                (1..=MAX_ID).contains(&id.chars().count()),
                "id-length",
                node,
                format!("“{id}”; 1 to {MAX_ID}"),
            );
            // Tabs name what Outlook has, and messages and appointments have the same.
            let again = name(node) != "OfficeTab" && !seen.insert(id);
            findings.expect(!again, "id-unique", node, format!("“{id}” occurs twice"));
        }
        if let Some(id) = node.attribute("resid") {
            findings.expect(
                (1..=MAX_ID).contains(&id.chars().count()),
                "id-length",
                node,
                format!("“{id}”; 1 to {MAX_ID}"),
            );
        }
    }
}

/// Every `resid` names a resource of the right kind.
fn references(scope: Node<'_, '_>, findings: &mut Findings) {
    let resources: Vec<(&str, &str)> = own(scope, "Resources")
        .flat_map(children)
        .flat_map(|bucket| children(bucket).filter_map(move |resource| Some((resource.attribute("id")?, name(bucket)))))
        .collect();
    for node in scope.descendants().filter(|node| node.is_element() && overrides(*node) == Some(scope)) {
        let Some(resid) = node.attribute("resid") else { continue };
        let wanted = match name(node) {
            "Label" | "Title" => "ShortStrings",
            "Description" => "LongStrings",
            "Image" => "Images",
            _ => "Urls",
        };
        match resources.iter().find(|(id, _)| *id == resid) {
            None => findings.add("resid", node, format!("there is no resource “{resid}”")),
            Some((_, bucket)) => {
                let detail = format!("“{resid}” is among {bucket}; <{}> takes one of {wanted}", name(node));
                findings.expect(*bucket == wanted, "resid-kind", node, detail);
            }
        }
    }
}

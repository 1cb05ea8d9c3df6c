//! Elements in their places and in their order. The schemas are sequences: what comes too late is "not a valid child".

use super::{BASE, BT, Findings, V1_0, V1_1, children, name, xsi_type};
use roxmltree::Node;

/// Children of an element in their order; what is not among them does not belong there. `+` marks those that may be
/// repeated.
const ORDER: &[(&str, &[&str])] = &[
    (
        "OfficeApp",
        &[
            "Id",
            "AlternateId",
            "Version",
            "ProviderName",
            "DefaultLocale",
            "DisplayName",
            "Description",
            "IconUrl",
            "HighResolutionIconUrl",
            "SupportUrl",
            "AppDomains",
            "Hosts",
            "Requirements",
            "FormSettings",
            "Permissions",
            "Rule",
            "DisableEntityHighlighting",
            "VersionOverrides",
        ],
    ),
    (
        "VersionOverrides",
        &[
            "Description",
            "Requirements",
            "Hosts",
            "Resources",
            "WebApplicationInfo",
            "EquivalentAddins",
            "ConnectedServiceControls",
            "ExtendedPermissions",
            "VersionOverrides",
        ],
    ),
    ("AppDomains", &["AppDomain+"]),
    ("Hosts", &["Host+"]),
    ("Host", &["Runtimes", "DesktopFormFactor", "MobileFormFactor"]),
    ("Runtimes", &["Runtime+"]),
    ("Runtime", &["Override+"]),
    ("DesktopFormFactor", &["SupportsSharedFolders", "FunctionFile", "ExtensionPoint+"]),
    ("MobileFormFactor", &["FunctionFile", "ExtensionPoint+"]),
    ("ExtensionPoint", &["OfficeTab", "LaunchEvents", "SourceLocation", "Group", "Control+"]),
    ("LaunchEvents", &["LaunchEvent+"]),
    ("OfficeTab", &["Group+"]),
    ("Group", &["Label", "Control+"]),
    ("Control", &["Label", "Supertip", "Icon", "Action"]),
    ("Supertip", &["Title", "Description"]),
    ("Resources", &["Images", "Urls", "ShortStrings", "LongStrings"]),
    ("WebApplicationInfo", &["Id", "Resource", "Scopes"]),
    ("Scopes", &["Scope+"]),
    ("FormSettings", &["Form+"]),
    ("DesktopSettings", &["SourceLocation", "RequestedHeight"]),
];

/// Children without which an element is refused.
const REQUIRED: &[(&str, &[&str])] = &[
    (
        "OfficeApp",
        &[
            "Id",
            "Version",
            "ProviderName",
            "DefaultLocale",
            "DisplayName",
            "Description",
            "IconUrl",
            "HighResolutionIconUrl",
            "SupportUrl",
            "Hosts",
            "Requirements",
            "FormSettings",
            "Permissions",
            "Rule",
            "VersionOverrides",
        ],
    ),
    ("Control", &["Label", "Supertip", "Icon", "Action"]),
    ("Supertip", &["Title", "Description"]),
    ("Group", &["Label"]),
    ("WebApplicationInfo", &["Id", "Resource", "Scopes"]),
];

pub(super) fn check(root: Node<'_, '_>, findings: &mut Findings) {
    namespaces(root, findings);
    for node in root.descendants().filter(Node::is_element) {
        for (parent, allowed) in ORDER {
            // A Host in the base part has no children; a mobile Control has its own shape.
            if *parent == name(node) && xsi_type(node) != "MobileButton" {
                sequence(node, allowed, findings);
            }
        }
        for (parent, required) in REQUIRED {
            if *parent == name(node) && xsi_type(node) != "MobileButton" {
                for wanted in *required {
                    let there = children(node).any(|child| name(child) == *wanted);
                    findings.expect(there, "required", node, format!("<{wanted}> is missing"));
                }
            }
        }
    }
}

/// Children stand in the order of `allowed`, and only once where they may not be repeated.
fn sequence(node: Node<'_, '_>, allowed: &[&str], findings: &mut Findings) {
    let mut reached = 0;
    let mut last = "";
    for child in children(node) {
        let found = allowed.iter().position(|entry| entry.trim_end_matches('+') == name(child));
        let Some(at) = found else {
            findings.add("order", child, format!("<{}> does not belong into <{}>", name(child), name(node)));
            continue;
        };
        findings.expect(at >= reached, "order", child, format!("<{}> belongs before <{last}>", name(child)));
        let again = last == name(child) && !allowed[at].ends_with('+');
        findings.expect(!again, "order", child, format!("there is one <{}> at most", name(child)));
        if at >= reached {
            (reached, last) = (at, name(child));
        }
    }
}

/// Every element stands in the namespace of its part, and each part has its type.
fn namespaces(root: Node<'_, '_>, findings: &mut Findings) {
    findings.expect(name(root) == "OfficeApp", "root", root, "the root is <OfficeApp>");
    findings.expect(xsi_type(root) == "MailApp", "root", root, "xsi:type is MailApp");
    let mut depth_of_overrides = 0;
    for node in root.descendants().filter(|node| node.is_element() && name(*node) == "VersionOverrides") {
        let (wanted, namespace) =
            if depth_of_overrides == 0 { ("VersionOverridesV1_0", V1_0) } else { ("VersionOverridesV1_1", V1_1) };
        findings.expect(xsi_type(node) == wanted, "overrides", node, format!("xsi:type is {wanted}"));
        let right = node.tag_name().namespace() == Some(namespace);
        findings.expect(right, "overrides", node, format!("its namespace is {namespace}"));
        depth_of_overrides += 1;
    }
    findings.expect(depth_of_overrides == 2, "overrides", root, "version 1.0 overrides wrap version 1.1 overrides");
    for node in root.descendants().filter(|node| node.is_element() && name(*node) != "VersionOverrides") {
        let parent = node.parent_element().unwrap_or(node);
        let basic = ["Image", "Images", "Url", "Urls", "String", "ShortStrings", "LongStrings", "Sets", "Set"];
        let in_overrides = super::overrides(node);
        let wanted = match in_overrides {
            None => BASE,
            Some(_) if basic.contains(&name(node)) => BT,
            Some(overrides) => overrides.tag_name().namespace().unwrap_or_default(),
        };
        let right = node.tag_name().namespace() == Some(wanted);
        findings.expect(right, "namespace", node, format!("in <{}>, it belongs to {wanted}", name(parent)));
    }
}

//! Buttons, runtimes and launch events.

use super::{Findings, V1_1, all, child, children, name, own, xsi_type};
use roxmltree::Node;

/// Launch events that Outlook knows on desktop and web, for messages and appointments.
const EVENTS: &[&str] = &[
    "OnNewMessageCompose",
    "OnNewAppointmentOrganizer",
    "OnMessageAttachmentsChanged",
    "OnAppointmentAttachmentsChanged",
    "OnMessageRecipientsChanged",
    "OnAppointmentAttendeesChanged",
    "OnAppointmentTimeChanged",
    "OnAppointmentRecurrenceChanged",
    "OnInfoBarDismissClicked",
    "OnMessageSend",
    "OnAppointmentSend",
    "OnMessageCompose",
    "OnAppointmentOrganizer",
    "OnMessageFromChanged",
    "OnAppointmentFromChanged",
    "OnSensitivityLabelChanged",
    "OnMessageReadWithCustomAttachment",
    "OnMessageReadWithCustomHeader",
];
/// Those that phones know.
const MOBILE_EVENTS: &[&str] = &["OnNewMessageCompose", "OnMessageRecipientsChanged", "OnMessageFromChanged"];

pub(super) fn check(root: Node<'_, '_>, findings: &mut Findings) {
    for control in all(root, "Control") {
        match xsi_type(control) {
            "Button" | "Menu" => desktop_icons(control, findings),
            "MobileButton" => mobile_icons(control, findings),
            other => findings.add("control", control, format!("“{other}” is not a type of control")),
        }
    }
    for scope in all(root, "VersionOverrides") {
        runtimes(scope, findings);
        for factor in ["DesktopFormFactor", "MobileFormFactor"] {
            for factor in own(scope, factor) {
                events(factor, findings);
            }
        }
    }
    for shared in all(root, "SupportsSharedFolders") {
        findings.expect(
            super::text(shared) == "true",
            "shared-folders",
            shared,
            "without it, shared mailboxes have no add-in",
        );
    }
    let desktop = all(root, "DesktopFormFactor").filter(|node| node.tag_name().namespace() == Some(V1_1));
    for factor in desktop {
        let there = child(factor, "SupportsSharedFolders").is_some();
        findings.expect(there, "shared-folders", factor, "without it, shared mailboxes have no add-in");
    }
}

fn desktop_icons(control: Node<'_, '_>, findings: &mut Findings) {
    for size in ["16", "32", "80"] {
        let there = all(control, "Image").any(|image| image.attribute("size") == Some(size));
        findings.expect(there, "button-icons", control, format!("the icon of {size} pixels is missing"));
    }
}

fn mobile_icons(control: Node<'_, '_>, findings: &mut Findings) {
    for size in ["25", "32", "48"] {
        for scale in ["1", "2", "3"] {
            let fits =
                |image: Node<'_, '_>| image.attribute("size") == Some(size) && image.attribute("scale") == Some(scale);
            let there = all(control, "Image").any(fits);
            findings.expect(there, "mobile-icons", control, format!("the icon of {size} pixels × {scale} is missing"));
        }
    }
}

/// One runtime, with at most one script for classic Outlook on Windows.
fn runtimes(scope: Node<'_, '_>, findings: &mut Findings) {
    let runtimes: Vec<_> = own(scope, "Runtime").collect();
    let needed = own(scope, "LaunchEvents").next().is_some();
    if runtimes.len() > 1 || (needed && runtimes.is_empty()) {
        findings.add("one-runtime", scope, format!("there is exactly one <Runtime>, not {}", runtimes.len()));
    }
    for runtime in &runtimes {
        let lifetime = runtime.attribute("lifetime").unwrap_or("short");
        findings.expect(lifetime == "short", "lifetime", *runtime, "launch events run in a short-lived runtime");
        let scripts: Vec<_> = children(*runtime).filter(|node| name(*node) == "Override").collect();
        for script in &scripts {
            let right = script.attribute("type") == Some("javascript");
            findings.expect(right, "override", *script, "type is javascript");
        }
        let detail = format!("classic Outlook on Windows needs one javascript <Override>, not {}", scripts.len());
        findings.expect(scripts.len() == 1, "override", *runtime, detail);
    }
}

/// What the launch events of one form factor have to keep to.
fn events(factor: Node<'_, '_>, findings: &mut Findings) {
    let mobile = name(factor) == "MobileFormFactor";
    let known = if mobile { MOBILE_EVENTS } else { EVENTS };
    let events: Vec<_> = all(factor, "LaunchEvent").collect();
    for (at, event) in events.iter().enumerate() {
        let kind = event.attribute("Type").unwrap_or_default();
        findings.expect(!kind.is_empty(), "event-type", *event, "Type is missing");
        let unknown = !kind.is_empty() && !known.contains(&kind);
        let rule = if mobile { "mobile-event" } else { "event-type" };
        findings.expect(!unknown, rule, *event, format!("“{kind}” is not an event for this element"));
        let function = event.attribute("FunctionName").unwrap_or_default();
        findings.expect(!function.is_empty(), "event-function", *event, "FunctionName is missing");
        if let Some(mode) = event.attribute("SendMode") {
            findings.expect(
                kind.ends_with("Send"),
                "send-mode",
                *event,
                "only OnMessageSend and OnAppointmentSend have one",
            );
            let right = ["PromptUser", "SoftBlock", "Block"].contains(&mode);
            findings.expect(right, "send-mode", *event, format!("“{mode}” is none of PromptUser, SoftBlock, Block"));
        }
        let again = events[..at].iter().any(|other| other.attribute("Type") == Some(kind));
        findings.expect(!again, "event-once", *event, format!("“{kind}” occurs twice"));
    }
    for point in all(factor, "ExtensionPoint").filter(|point| xsi_type(*point) == "LaunchEvent") {
        let page = child(point, "SourceLocation").and_then(|page| page.attribute("resid"));
        let scope = super::overrides(factor);
        let runtime =
            scope.and_then(|scope| own(scope, "Runtime").next()).and_then(|runtime| runtime.attribute("resid"));
        let detail = format!("<SourceLocation> names {page:?}, <Runtime> {runtime:?}: they have to be the same");
        findings.expect(page.is_some() && page == runtime, "event-page", point, detail);
    }
}

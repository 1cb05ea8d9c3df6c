//! A template looked over while somebody writes it: what is wrong, and what Outlook makes of it, with the place.

use email_signature::{CompiledTemplate, ImageUrls, Template};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to look over.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    template: Template,
    /// Hosted addresses of the tenant's images.
    #[serde(default)]
    images: BTreeMap<String, String>,
}

/// What was found.
#[derive(Serialize)]
pub(crate) struct Found {
    findings: Vec<Finding>,
}

/// One thing, and where it stands: offsets in UTF-16 units, as scripts count; absent: nowhere in particular.
#[derive(Serialize)]
pub(crate) struct Finding {
    level: &'static str,
    rule: String,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<(usize, usize)>,
}

pub(crate) fn check(wanted: Wanted) -> Found {
    let Wanted { template, images } = wanted;
    let (_, problems) = CompiledTemplate::compile(&template, &ImageUrls(images));
    let finding = |detail| Finding { level: "error", rule: "compile".to_owned(), detail, at: None };
    Found { findings: problems.into_iter().map(|problem| finding(problem.detail)).collect() }
}

//! Signatures of other programs: whatever is in one, reading it ends, and what comes of it runs nothing and stays the same.

use api::console::{MigrationFile, MigrationSource};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paraph::design::migrate::migrate;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn check(input: &[u8]) {
    let file = |name: &str| MigrationFile { name: name.to_owned(), data: STANDARD.encode(input) };
    let files = |name: &str| MigrationSource { files: vec![file(name)], ..MigrationSource::default() };
    let (fields, mapping) = (BTreeSet::new(), BTreeMap::new());
    // As an archive it is damaged at the most.
    let _ = migrate(files("x.zip"), &fields, &mapping);
    let Ok(migrated) = migrate(files("x.htm"), &fields, &mapping) else { return };
    let lower = migrated.html.to_lowercase();
    for tag in ["<script", "<iframe", "<object", "<embed", "<form", "<base", "<svg", "<link", "<!--"] {
        assert!(!lower.contains(tag), "{tag} in {}", migrated.html);
    }
    let before = migrated.before.to_lowercase();
    for tag in ["<script", "<iframe", "<object", "<embed", "<form", "<base", "<link"] {
        assert!(!before.contains(tag), "{tag} in {}", migrated.before);
    }
}

//! A tenant's blocks with their versions, by which templates that use them notice a change.

use crate::store::TemplateRecord;
use email_signature::{Blocks, Template, blocks_of};
use std::collections::BTreeMap;

/// The blocks, shared by the templates that use them.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedBlocks {
    blocks: Blocks,
    versions: BTreeMap<String, i64>,
}

impl SharedBlocks {
    /// These blocks.
    pub(super) fn new(records: Vec<TemplateRecord>) -> Self {
        Self::default().with(records)
    }

    /// The same with new or changed blocks.
    pub(super) fn with(&self, changed: Vec<TemplateRecord>) -> Self {
        let (mut blocks, mut versions) = (self.blocks.clone(), self.versions.clone());
        for TemplateRecord { version, template } in changed {
            versions.insert(template.id.clone(), version);
            blocks.insert(template);
        }
        Self { blocks, versions }
    }

    /// As the core has them.
    pub(super) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// The blocks that a template uses, with their versions.
    pub(super) fn used_by(&self, template: &Template) -> Vec<(String, Option<i64>)> {
        let version = |id: String| {
            let version = self.versions.get(&id).copied();
            (id, version)
        };
        blocks_of(template).into_iter().map(version).collect()
    }
}

//! A tenant at a glance: what its admins would otherwise have to look for.

use super::Check;
use serde::{Deserialize, Serialize};

/// Most problems that an overview lists.
pub const MAX_OVERVIEW_PROBLEMS: usize = 20;

/// Who gets signatures, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Overview {
    /// Who gets a signature.
    pub coverage: Coverage,
    /// What is wrong with published templates and rules: the first problems.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_OVERVIEW_PROBLEMS)))]
    pub problems: Vec<DesignProblem>,
    /// How many problems there are.
    pub problem_count: u64,
    /// The checks of the deployment that failed.
    pub failed_checks: Vec<Check>,
    /// The certificates of the names that this server is reached by, as far as they could be asked for.
    pub certificates: Vec<Certificate>,
    /// How many people's Outlooks have called in, counted once per person and platform.
    pub clients: u64,
    /// How many of them had failures.
    pub failing_clients: u64,
}

/// A host name's certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Certificate {
    /// The name.
    pub host: String,
    /// When it ends, in milliseconds since 1970.
    pub until_ms: i64,
    /// Whether it should have been renewed by now.
    pub late: bool,
}

/// Who gets a signature in a new message that has no recipients yet, as published, counted at most a minute ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coverage {
    /// How many people and shared mailboxes get a signature.
    pub with: u64,
    /// How many get none.
    pub without: u64,
}

/// Something wrong with a published template or rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DesignProblem {
    /// Whether it is a template's; otherwise a rule's.
    pub template: bool,
    /// The template's or rule's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What is wrong and what to do.
    pub detail: String,
}

//! A tenant at a glance, so that its admins need not look in many places.

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
    /// The first problems of published templates and rules.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_OVERVIEW_PROBLEMS)))]
    pub problems: Vec<DesignProblem>,
    /// How many problems there are.
    pub problem_count: u64,
    /// The checks of the deployment that failed.
    pub failed_checks: Vec<Check>,
    /// Certificates of this server's host names, if they could be fetched.
    pub certificates: Vec<Certificate>,
    /// Number of Outlook clients that have called in, counted once per person and platform.
    pub clients: u64,
    /// Number of those clients that had failures.
    pub failing_clients: u64,
}

/// A host name's certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Certificate {
    /// Host name.
    pub host: String,
    /// When the certificate expires, in milliseconds since 1970.
    pub until_ms: i64,
    /// Whether the certificate should have been renewed by now.
    pub late: bool,
}

/// Who gets a published signature in a new message without recipients, counted at most a minute ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coverage {
    /// How many people and shared mailboxes get a signature.
    pub with: u64,
    /// How many get no signature.
    pub without: u64,
}

/// A problem of a published template or rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DesignProblem {
    /// Whether the problem is a template's; otherwise it is a rule's.
    pub template: bool,
    /// The template's or rule's id.
    pub id: String,
    /// Name of the template or rule.
    pub name: String,
    /// What is wrong and what to do.
    pub detail: String,
}

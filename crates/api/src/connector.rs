//! What the database connector says to the server. The secret, a token of scope `database:upload`, names the tenant.
//!
//! A run: `GET` the target → `POST` what comes → `PUT` each part that is missing → the server plans and applies by itself →
//! `GET` until the state is an end. A run that was cut goes on at [`Upload::received`]; a request that is repeated does no
//! more than the first.

use crate::console::{RunPlan, RunState};
use serde::{Deserialize, Serialize};

/// Paths below the origin, as both sides spell them.
pub mod paths {
    /// `GET` -> [`crate::connector::Target`].
    pub const TARGET: &str = "/api/connector/v1";
    /// `POST` [`crate::connector::NewUpload`] -> [`crate::connector::Upload`].
    pub const UPLOADS: &str = "/api/connector/v1/uploads";
    /// `GET` -> [`crate::connector::Upload`]; `DELETE` cancels it.
    pub const UPLOAD: &str = "/api/connector/v1/uploads/{upload}";
    /// `PUT` a part, as [`crate::connector::NewUpload`] says -> [`crate::connector::Upload`].
    pub const PART: &str = "/api/connector/v1/uploads/{upload}/parts/{part}";
}

/// Most bytes of a part before compression.
pub const MAX_PART: usize = 1024 * 1024;
/// Most bytes of all parts before compression.
pub const MAX_UPLOAD: u64 = 256 * 1024 * 1024;
/// Most rows of an upload.
pub const MAX_ROWS: u64 = 250_000;
/// Most columns that are mapped.
pub const MAX_COLUMNS: usize = 100;
/// Longest name of a column, in characters.
pub const MAX_NAME: usize = 100;
/// The column that names the person goes here: it must be mapped.
pub const ADDRESS: &str = "address";

/// Where a connector's rows go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Target {
    /// The organisation's name.
    pub tenant: String,
    /// Fields that columns may go to, [`ADDRESS`] first, then built-in and custom ones in the admin's order.
    pub fields: Vec<TargetField>,
    /// The secret's name.
    pub secret: String,
    /// When the secret runs out unless it is used before, in milliseconds UTC.
    pub expires_ms: i64,
    /// The server's time, in milliseconds UTC.
    pub now_ms: i64,
}

/// A field that a column may go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TargetField {
    /// Its token.
    pub token: String,
    /// What people see.
    pub label: String,
    /// Usual names of its columns, lower case, letters and digits alone.
    #[serde(default)]
    pub usual: Vec<String>,
}

/// What comes. The rows of the query's result are CSV (RFC 4180, comma, UTF-8, no head), a cell for each column in order,
/// `NULL` an empty one; cut between rows into parts of at most [`MAX_PART`] bytes, each compressed by itself (gzip).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// Made by the connector, new for each run: 32 lower-case hexadecimal digits.
    pub id: String,
    /// The columns that are mapped; one goes to [`ADDRESS`].
    pub columns: Vec<UploadColumn>,
    /// How many rows.
    pub rows: u64,
    /// In how many parts.
    pub parts: u32,
    /// SHA-256 of all parts before compression, one after the other, hexadecimal. Where the last applied upload had the
    /// same, no part has to be sent.
    pub digest: String,
    /// Whether only to plan, and apply nothing.
    #[serde(default)]
    pub preview: bool,
    /// The program's version, at most 40 characters.
    #[serde(default)]
    pub program: String,
}

/// A column of the query's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UploadColumn {
    /// Its name.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_NAME)))]
    pub name: String,
    /// The field's token, or [`ADDRESS`].
    pub field: String,
}

/// An upload and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// Where it is: `fetching` until every part is here; `planned` is an end for a preview, and otherwise waits for an admin
    /// to confirm it in the console.
    pub state: RunState,
    /// How many parts are here: the next one to send.
    pub received: u32,
    /// How many there are.
    pub parts: u32,
    /// Rows done of `rows` in this state.
    pub done: u64,
    /// How many there are.
    pub rows: u64,
    /// What it changes; absent while it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<RunPlan>,
    /// Why it failed, or why it waits, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

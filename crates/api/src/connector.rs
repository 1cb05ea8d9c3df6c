//! The protocol between the database connector and the server. The secret, a token of scope `database:upload`, names
//! the tenant.
//!
//! A run: `GET` the target → `POST` the new upload → `PUT` each missing part → the server plans and applies by itself →
//! `GET` until the state is final. An interrupted run continues at [`Upload::received`]; a repeated request has no
//! further effect.

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
    /// `PUT` a part, as [`crate::connector::NewUpload`] describes -> [`crate::connector::Upload`].
    pub const PART: &str = "/api/connector/v1/uploads/{upload}/parts/{part}";
}

/// Largest part in bytes, before compression.
pub const MAX_PART: usize = 1024 * 1024;
/// Largest total of all parts in bytes, before compression.
pub const MAX_UPLOAD: u64 = 256 * 1024 * 1024;
/// Most rows in an upload.
pub const MAX_ROWS: u64 = 250_000;
/// Most mapped columns.
pub const MAX_COLUMNS: usize = 100;
/// Longest column name, in characters.
pub const MAX_NAME: usize = 100;
/// Field for the column that identifies the person; it must be mapped.
pub const ADDRESS: &str = "address";

/// Where a connector's rows go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Target {
    /// The organisation's name.
    pub tenant: String,
    /// Fields that columns can be mapped to: [`ADDRESS`] first, then built-in and custom ones in the admin's order.
    pub fields: Vec<TargetField>,
    /// Name of the secret.
    pub secret: String,
    /// When the secret expires unless it is used before, in milliseconds UTC.
    pub expires_ms: i64,
    /// The server's time, in milliseconds UTC.
    pub now_ms: i64,
}

/// A field that a column can be mapped to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TargetField {
    /// Token of the field.
    pub token: String,
    /// Label that people see.
    pub label: String,
    /// Usual names of columns for this field, in lower case, only letters and digits.
    #[serde(default)]
    pub usual: Vec<String>,
}

/// Announces an upload. The rows of the query's result are CSV (RFC 4180, comma, UTF-8, no header): a cell for each
/// column in order, `NULL` as an empty cell. They are split between rows into parts of at most [`MAX_PART`] bytes, each
/// compressed separately (gzip).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// Id chosen by the connector, new for each run: 32 lower-case hexadecimal digits.
    pub id: String,
    /// Mapped columns; one is mapped to [`ADDRESS`].
    pub columns: Vec<UploadColumn>,
    /// Number of rows.
    pub rows: u64,
    /// Number of parts.
    pub parts: u32,
    /// SHA-256 of all parts concatenated, before compression, in hexadecimal. If the last applied upload had the same
    /// hash, no part needs to be sent.
    pub digest: String,
    /// Whether only to plan, without applying anything.
    #[serde(default)]
    pub preview: bool,
    /// Version of the connector, at most 40 characters.
    #[serde(default)]
    pub program: String,
}

/// A column of the query's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UploadColumn {
    /// Name of the column.
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_NAME)))]
    pub name: String,
    /// The field's token, or [`ADDRESS`].
    pub field: String,
}

/// An upload and its progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upload {
    /// Upload id.
    pub id: String,
    /// State of the upload: `fetching` until every part has arrived. `planned` is final for a preview; otherwise the
    /// upload waits for an admin to confirm it in the console.
    pub state: RunState,
    /// How many parts have arrived: the number of the next part to send.
    pub received: u32,
    /// Total number.
    pub parts: u32,
    /// Rows processed in this state, out of `rows`.
    pub done: u64,
    /// Total number.
    pub rows: u64,
    /// What the upload changes; absent while that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<RunPlan>,
    /// Why the upload failed or waits, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

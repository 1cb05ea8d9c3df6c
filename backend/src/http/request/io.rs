//! What handlers take and give besides JSON bodies, each with its place in the `OpenAPI` document.

use super::words;
use crate::http::addin::ascii;
use crate::http::{Body, Error};
use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::{
    Header, HeaderStyle, MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent, ReferenceOr,
    Response as Answer, SchemaObject,
};
use aide::operation::{OperationOutput, ParamLocation, add_parameters, parameters_from_schema};
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// The query string as `T`.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(query)).map(Self).map_err(|error| {
            let path = error.path().to_string();
            let (field, detail) = words::explain(&path, &error.into_inner().to_string(), "query");
            Error::invalid(field, detail)
        })
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = ctx.schema.subschema_for::<T>();
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Query);
        add_parameters(ctx, operation, parameters);
    }
}

impl<T: JsonSchema, const MOST: usize> OperationInput for Body<T, MOST> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Json::<T>::operation_input(ctx, operation);
    }
}

/// The version that a change is meant for, as its `ETag` said; `*` stands for whichever there is.
pub(crate) struct IfMatch(String);

impl IfMatch {
    /// Whether it names the version with this `ETag`.
    pub(crate) fn names(&self, etag: &str) -> bool {
        self.0.split(',').map(str::trim).any(|tag| tag == "*" || tag == etag)
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let header = parts.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        header.map(|tags| Self(tags.to_owned())).ok_or(Error::VersionMissing)
    }
}

impl OperationInput for IfMatch {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let description = "The ETag of the version to change, or * for any version.";
        add_parameters(ctx, operation, [header_parameter("if-match", description, true)]);
    }
}

/// A header as a parameter.
pub(in crate::http) fn header_parameter(name: &str, description: &str, required: bool) -> Parameter {
    let schema = schemars::json_schema!({ "type": "string", "maxLength": 200 });
    Parameter::Header {
        parameter_data: text_parameter(name, description, required, schema),
        style: HeaderStyle::Simple,
    }
}

/// A parameter that is a text.
pub(in crate::http) fn text_parameter(
    name: &str,
    description: &str,
    required: bool,
    json_schema: schemars::Schema,
) -> ParameterData {
    ParameterData {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(SchemaObject { json_schema, example: None, external_docs: None }),
        example: None,
        examples: indexmap::IndexMap::default(),
        explode: None,
        extensions: indexmap::IndexMap::default(),
    }
}

/// JSON with a strong `ETag`.
pub(crate) struct Tagged<T> {
    value: T,
    tag: String,
}

impl<T: Serialize> Tagged<T> {
    /// With the `ETag` of the part that can be changed: counts beside it go up without anybody's change.
    pub(crate) fn by(value: T, part: &impl Serialize) -> Self {
        Self { value, tag: etag_of(part) }
    }

    /// The value alone.
    pub(crate) fn into_inner(self) -> T {
        self.value
    }
}

/// The `ETag` of a value: of its JSON.
pub(crate) fn etag_of<T: Serialize>(value: &T) -> String {
    let json = serde_json::to_vec(value).unwrap_or_default();
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(json)[..12]))
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let tag = HeaderValue::try_from(self.tag).unwrap_or(HeaderValue::from_static("\"\""));
        ([(header::ETAG, tag)], Json(self.value)).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Tagged<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Answer> {
        let mut answer = Json::<T>::operation_response(ctx, operation)?;
        answer.headers.insert("ETag".into(), ReferenceOr::Item(etag_header()));
        Some(answer)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        Self::operation_response(ctx, operation).into_iter().map(|answer| (Some(200), answer)).collect()
    }
}

/// The `ETag` of an answer, in the document.
fn etag_header() -> Header {
    let json_schema = schemars::json_schema!({ "type": "string" });
    Header {
        description: Some("The version that was read: send it as If-Match to change exactly this version.".into()),
        style: HeaderStyle::Simple,
        required: true,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(SchemaObject { json_schema, example: None, external_docs: None }),
        example: None,
        examples: indexmap::IndexMap::default(),
        extensions: indexmap::IndexMap::default(),
    }
}

/// JSON of about `bytes` bytes in ASCII, written into a buffer of that size: one that grows is copied each time.
pub(crate) struct Large<T> {
    pub(crate) value: T,
    pub(crate) bytes: usize,
}

impl<T: Serialize> IntoResponse for Large<T> {
    fn into_response(self) -> Response {
        match ascii::to_json(&self.value, self.bytes) {
            Ok(body) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response(),
            // Answers as axum does to values that cannot be written.
            Err(_) => Json(self.value).into_response(),
        }
    }
}

impl<T: JsonSchema> OperationOutput for Large<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Answer> {
        Json::<T>::operation_response(ctx, operation)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        Json::<T>::inferred_responses(ctx, operation)
    }
}

/// 201 with JSON.
pub(crate) struct Created<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Created<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Answer> {
        Json::<T>::operation_response(ctx, operation)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        Self::operation_response(ctx, operation).into_iter().map(|answer| (Some(201), answer)).collect()
    }
}

/// An answer with a secret that is shown this once. It is kept nowhere: whoever sends the same request again is told `note`
/// instead, which says what was made and how to get another.
pub(crate) struct ShownOnce<T> {
    /// The answer.
    pub(crate) answer: T,
    /// Without the secret.
    pub(crate) note: String,
}

/// On a response: what to say in its place when it is asked for again.
#[derive(Clone, Debug)]
pub(in crate::http) struct InItsPlace(pub(in crate::http) String);

impl<T: IntoResponse> IntoResponse for ShownOnce<T> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.extensions_mut().insert(InItsPlace(self.note));
        response
    }
}

impl<T: OperationOutput> OperationOutput for ShownOnce<T> {
    type Inner = T::Inner;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Answer> {
        T::operation_response(ctx, operation)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        T::inferred_responses(ctx, operation)
    }
}

/// A CSV file to save.
pub(crate) struct Csv {
    /// Its name.
    pub(crate) name: String,
    /// Its content, UTF-8 with a byte order mark.
    pub(crate) body: axum::body::Body,
}

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        let disposition = HeaderValue::try_from(format!("attachment; filename=\"{}\"", self.name));
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
            (header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (headers, self.body).into_response()
    }
}

impl OperationOutput for Csv {
    type Inner = Self;

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        let content = [("text/csv".to_owned(), MediaType::default())].into_iter().collect();
        let description = "A CSV file, UTF-8 with a byte order mark.".to_owned();
        vec![(Some(200), Answer { description, content, ..Answer::default() })]
    }
}

impl OperationOutput for Error {
    type Inner = api::Errors;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Answer> {
        Json::<api::Errors>::operation_response(ctx, operation)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Answer)> {
        Self::operation_response(ctx, operation).into_iter().map(|answer| (None, answer)).collect()
    }
}

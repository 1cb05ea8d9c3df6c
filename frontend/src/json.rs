//! Rust values to the browser's own and back. The browser reads and writes the JSON; serde only walks over objects.

use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// As JSON would have it: maps are objects, an absent value is `null`. What cannot be said becomes `undefined`.
pub(crate) fn to_js<T: Serialize>(value: &T) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}

/// The value, where the object has its shape.
pub(crate) fn from_js<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(value).ok()
}

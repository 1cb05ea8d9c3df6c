//! Rust values to the browser's own and back. The browser reads and writes the JSON.
//!
//! Field by field and by hand: serde, with its error messages that nobody would see, costs the pane 15 KB over the wire.
//! `tests/wire.rs` holds this to what serde says of the same types.

use ::api::{
    Because, BodyFormat, Choices, Draft, ErrorDetail, Errors, Field, FieldChanges, Image, Kind, Me, Offered, Recipient,
    RecipientType, Settings, Signature,
};
use leptos::wasm_bindgen::{JsCast, JsValue};

/// Can be written as a browser's value.
pub trait ToJs {
    /// As JSON would have it.
    fn to_js(&self) -> JsValue;
}

/// `impl ToJs` for a type whose fields are written under their own names.
macro_rules! write {
    ($name:ident { $($key:literal: $field:ident),+ $(,)? }) => {
        impl crate::json::ToJs for $name {
            fn to_js(&self) -> wasm_bindgen::JsValue {
                crate::json::object(&[$(($key, crate::json::ToJs::to_js(&self.$field))),+])
            }
        }
    };
}
pub(crate) use write;

/// An object; what is `undefined` is left out.
pub(crate) fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (key, value) in fields {
        if !value.is_undefined() {
            drop(js_sys::Reflect::set(&object, &JsValue::from_str(key), value));
        }
    }
    object.into()
}

impl ToJs for String {
    fn to_js(&self) -> JsValue {
        JsValue::from_str(self)
    }
}

impl ToJs for bool {
    fn to_js(&self) -> JsValue {
        JsValue::from_bool(*self)
    }
}

impl ToJs for f64 {
    fn to_js(&self) -> JsValue {
        JsValue::from_f64(*self)
    }
}

impl<T: ToJs> ToJs for Option<T> {
    fn to_js(&self) -> JsValue {
        self.as_ref().map_or(JsValue::UNDEFINED, ToJs::to_js)
    }
}

impl<T: ToJs> ToJs for Vec<T> {
    fn to_js(&self) -> JsValue {
        let list = js_sys::Array::new();
        for one in self {
            list.push(&one.to_js());
        }
        list.into()
    }
}

impl ToJs for Kind {
    fn to_js(&self) -> JsValue {
        JsValue::from_str(self.as_str())
    }
}

impl ToJs for BodyFormat {
    fn to_js(&self) -> JsValue {
        JsValue::from_str(if *self == Self::Text { "text" } else { "html" })
    }
}

impl ToJs for RecipientType {
    fn to_js(&self) -> JsValue {
        JsValue::from_str(match self {
            Self::User => "user",
            Self::ExternalUser => "external_user",
            Self::DistributionList => "distribution_list",
            Self::Other => "other",
        })
    }
}

impl ToJs for FieldChanges {
    fn to_js(&self) -> JsValue {
        let fields = js_sys::Object::new();
        for (token, value) in &self.fields {
            let value = value.as_ref().map_or(JsValue::NULL, ToJs::to_js);
            drop(js_sys::Reflect::set(&fields, &JsValue::from_str(token), &value));
        }
        object(&[("fields", fields.into())])
    }
}

write!(Recipient { "address": address, "type": kind });
write!(Draft {
    "kind": kind, "from": from, "recipients": recipients, "recipients_unread": recipients_unread, "format": format, "subject": subject, "time_zone": time_zone,
    "platform": platform, "version": version, "choice": choice,
});
write!(Image { "cid": cid, "url": url, "content": content });
write!(Signature { "html": html, "text": text, "images": images, "fingerprint": fingerprint, "name": name });
write!(Settings {
    "origin": origin, "version": version, "client_id": client_id, "authority": authority, "scope": scope,
    "office_js": office_js,
});

/// The value, where the object has its shape.
pub fn from_js<T: FromJs>(value: &JsValue) -> Option<T> {
    T::from_js(&Object(value))
}

/// Can be read from a browser's object.
pub trait FromJs: Sized {
    /// The value; `None` when a field is missing that has to be there.
    fn from_js(object: &Object) -> Option<Self>;
}

/// A browser's object, or whatever came in its place.
pub struct Object<'a>(&'a JsValue);

impl Object<'_> {
    fn get(&self, key: &str) -> JsValue {
        js_sys::Reflect::get(self.0, &JsValue::from_str(key)).unwrap_or(JsValue::UNDEFINED)
    }

    /// A text that has to be there.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.get(key).as_string()
    }

    /// A text, empty when it is not there.
    pub(crate) fn text_or_empty(&self, key: &str) -> String {
        self.text(key).unwrap_or_default()
    }

    /// A number, 0 when it is not there.
    pub(crate) fn number(&self, key: &str) -> f64 {
        self.get(key).as_f64().unwrap_or_default()
    }

    /// A truth value, false when it is not there.
    pub(crate) fn yes(&self, key: &str) -> bool {
        self.get(key).is_truthy()
    }

    /// Another object.
    pub(crate) fn object<T: FromJs>(&self, key: &str) -> Option<T> {
        T::from_js(&Object(&self.get(key)))
    }

    /// The objects of a list that have the shape; empty when there is no list.
    pub(crate) fn list<T: FromJs>(&self, key: &str) -> Vec<T> {
        let mut found = Vec::new();
        if let Ok(list) = self.get(key).dyn_into::<js_sys::Array>() {
            for at in 0..list.length() {
                found.extend(T::from_js(&Object(&list.get(at))));
            }
        }
        found
    }
}

/// `impl FromJs` for a type whose fields are read one by one.
macro_rules! read {
    ($name:ident, $object:ident => { $($field:ident: $value:expr),+ $(,)? }) => {
        impl crate::json::FromJs for $name {
            fn from_js($object: &crate::json::Object) -> Option<Self> {
                Some(Self { $($field: $value),+ })
            }
        }
    };
}
pub(crate) use read;

read!(Signature, o => {
    html: o.text("html")?, text: o.text("text")?, images: o.list("images"), fingerprint: o.text("fingerprint")?, name: o.text("name"),
    because: o.list("because"),
});
read!(Because, o => { rule: o.text_or_empty("rule"), name: o.text("name")?, applied: o.yes("applied"), reason: o.text_or_empty("reason") });
read!(Image, o => { cid: o.text("cid")?, url: o.text("url")?, content: o.text_or_empty("content") });
read!(Choices, o => { choices: o.list("choices") });
read!(Offered, o => { template: o.text("template")?, name: o.text("name")?, html: o.text("html")?, text: o.text_or_empty("text") });
read!(Me, o => { name: o.text("name")?, address: o.text("address")?, senders: o.texts("senders"), fields: o.list("fields") });
read!(Field, o => { token: o.text("token")?, label: o.text("label")?, value: o.text_or_empty("value"), own: o.yes("own") });
read!(Errors, o => { errors: o.list("errors") });
read!(ErrorDetail, o => { detail: o.text("detail")?, field: o.text("field") });
read!(Recipient, o => { address: o.text("address")?, kind: o.recipient_type("type") });
read!(Draft, o => {
    kind: o.kind("kind")?, from: o.text("from"), recipients: o.list("recipients"),
    recipients_unread: o.yes("recipients_unread"), format: o.format("format"),
    subject: o.text_or_empty("subject"), time_zone: o.text("time_zone"), platform: o.text("platform"),
    version: o.text("version"), choice: o.text("choice"),
    explain: true,
    weather: Vec::new(),
});
read!(Settings, o => {
    origin: o.text("origin")?, version: o.text("version")?, client_id: o.text("client_id")?, authority: o.text("authority")?,
    scope: o.text("scope")?, office_js: o.text("office_js")?,
});

impl Object<'_> {
    /// The texts of a list.
    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        self.get(key)
            .dyn_into::<js_sys::Array>()
            .map(|list| list.iter().filter_map(|one| one.as_string()).collect())
            .unwrap_or_default()
    }

    fn kind(&self, key: &str) -> Option<Kind> {
        Some(match self.text(key)?.as_str() {
            "new" => Kind::New,
            "reply" => Kind::Reply,
            "forward" => Kind::Forward,
            "appointment" => Kind::Appointment,
            _ => return None,
        })
    }

    fn format(&self, key: &str) -> BodyFormat {
        if self.text_or_empty(key) == "text" { BodyFormat::Text } else { BodyFormat::Html }
    }

    fn recipient_type(&self, key: &str) -> RecipientType {
        match self.text_or_empty(key).as_str() {
            "user" => RecipientType::User,
            "external_user" => RecipientType::ExternalUser,
            "distribution_list" => RecipientType::DistributionList,
            _ => RecipientType::Other,
        }
    }
}

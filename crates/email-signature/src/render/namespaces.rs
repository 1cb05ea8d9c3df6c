//! Other values than the person's own that templates use: `{{ sender.display_name }}`, `{{ manager.email }}`,
//! `{{ brand.primary }}`.
//!
//! The caller puts them among the person's fields, as `sender.display_name`: no field's token has a dot in it.

use minijinja::value::{Object, Value};
use std::fmt;
use std::sync::Arc;

/// The person signed in, who may send from a shared mailbox; the manager and the brand of the person that the mail comes
/// from.
pub(crate) const NAMESPACES: &[&str] = &["sender", "manager", BRAND];
/// The namespace of brands.
pub(crate) const BRAND: &str = "brand";

/// A person as a template sees them: their values by token. Written out by itself it is the field of that name, where a
/// tenant has one, and otherwise the person's name.
#[derive(Debug)]
pub(super) struct Namespace {
    own: Value,
    values: Vec<(Box<str>, Value)>,
}

impl Namespace {
    /// A namespace with those of its values that a template may ask for. `field` gives the values by name.
    pub(super) fn value<'a>(
        name: &str,
        asked: &[Box<str>],
        field: impl Fn(&str) -> &'a str,
        of: fn(&str) -> Value,
    ) -> Value {
        let member = |token: &str| of(field(&format!("{name}.{token}")));
        let own = match of(field(name)) {
            own if own.is_undefined() => member("display_name"),
            own => own,
        };
        if asked.is_empty() {
            return own;
        }
        let values = asked.iter().map(|token| (token.clone(), member(token)));
        Value::from_object(Self { own, values: values.filter(|(_, value)| !value.is_undefined()).collect() })
    }

    /// What a value is when it is written out: itself, unless it is a namespace.
    pub(super) fn written(value: &Value) -> Option<Value> {
        value.downcast_object_ref::<Self>().map(|namespace| namespace.own.clone())
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.values.iter().find(|(token, _)| **token == *key).map(|(_, value)| value.clone())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.own.is_true() || !self.values.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.own.as_str().unwrap_or_default())
    }
}

//! A new password: what is asked of it, and the field it is typed into.

use crate::ui::{TextField, Value};
use ::api::console::{MAX_PASSWORD, MIN_PASSWORD};
use leptos::prelude::*;

/// The field of a new password.
#[component]
pub fn NewPassword(
    /// What it is.
    label: &'static str,
    /// What was typed.
    value: Value,
) -> impl IntoView {
    let hint =
        "At least ".to_owned() + &MIN_PASSWORD.to_string() + " characters. A few words that you remember are best.";
    view! {
        <TextField label value kind="password" autocomplete="new-password" hint longest=MAX_PASSWORD />
    }
}

/// Whether it is long enough; says so where it is not.
pub fn is_long_enough(password: Value) -> bool {
    let length = password.text.with_untracked(|text| text.chars().count());
    let short = length < MIN_PASSWORD;
    password.error.set(if short {
        "This has ".to_owned() + &length.to_string() + " characters: make it " + &MIN_PASSWORD.to_string() + " or more."
    } else {
        String::new()
    });
    !short
}

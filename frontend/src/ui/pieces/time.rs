//! Times and numbers, as people read them.

use js_sys::{Array, Date, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

const MINUTE: f64 = 60_000.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// A day, such as `22 Nov 2026`.
pub fn date(at_ms: i64) -> String {
    written(at_ms, &[("dateStyle", "medium")])
}

/// A day and its time, such as `22 Nov 2026, 14:05`.
pub fn moment(at_ms: i64) -> String {
    written(at_ms, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

/// How long ago, such as `5 minutes ago`, with the moment for whoever points at it.
pub fn ago(at_ms: i64) -> AnyView {
    view! { <time datetime=iso(at_ms) title=moment(at_ms)>{since(at_ms)}</time> }.into_any()
}

/// How long ago, in words; the day where it is longer than a month.
pub fn since(at_ms: i64) -> String {
    let passed = Date::now() - float(at_ms);
    if passed < MINUTE {
        return "just now".into();
    }
    in_words(passed).map_or_else(|| date(at_ms), |words| words + " ago")
}

/// A stretch of time of a minute at least; `None` where it is longer than a month.
fn in_words(stretch: f64) -> Option<String> {
    let (unit, number) = match stretch {
        p if p < HOUR => ("minute", p / MINUTE),
        p if p < DAY => ("hour", p / HOUR),
        p if p < 31.0 * DAY => ("day", p / DAY),
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 60")]
    let number = number as u64;
    Some(count(number, unit))
}

/// How long until then, such as `in 12 minutes`; the day where it is longer than a month.
pub fn until(at_ms: i64) -> String {
    let left = float(at_ms) - Date::now();
    match left {
        left if left < 0.0 => "any moment".into(),
        left if left < MINUTE => "in less than a minute".into(),
        left => in_words(left).map_or_else(|| moment(at_ms), |words| "in ".to_owned() + &words),
    }
}

/// Which minute it is: words about how long ago something was are others in the next one.
pub fn minute() -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "minutes since 1970")]
    let minute = (Date::now() / MINUTE) as u64;
    minute
}

/// How long something took, such as `3 seconds`.
pub fn lasted(from_ms: i64, to_ms: i64) -> String {
    let passed = float(to_ms.saturating_sub(from_ms));
    if passed < MINUTE {
        return count(to_ms.saturating_sub(from_ms).max(1).unsigned_abs().div_ceil(1000), "second");
    }
    in_words(passed).unwrap_or_else(|| "more than a month".into())
}

/// A number with its noun, such as `1,204 people`; a noun with `/` says both forms.
pub fn count(number: u64, noun: &str) -> String {
    let (one, many) = noun.split_once('/').map_or_else(|| (noun, noun.to_owned() + "s"), |(a, b)| (a, b.to_owned()));
    grouped(number) + " " + if number == 1 { one } else { &many }
}

/// A number, such as `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// As in `<time datetime>`.
pub fn iso(at_ms: i64) -> String {
    js(at_ms).to_iso_string().into()
}

fn written(at_ms: i64, options: &[(&str, &str)]) -> String {
    let object = Object::new();
    for (key, value) in options {
        drop(Reflect::set(&object, &JsValue::from_str(key), &JsValue::from_str(value)));
    }
    // The page is in English whatever the browser's language: so are its dates.
    let format = js_sys::Intl::DateTimeFormat::new(&Array::of1(&JsValue::from_str("en-GB")), &object);
    format.format().call1(&JsValue::NULL, &js(at_ms)).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn js(at_ms: i64) -> Date {
    Date::new(&JsValue::from_f64(float(at_ms)))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit for 285,000 years")]
fn float(at_ms: i64) -> f64 {
    at_ms as f64
}

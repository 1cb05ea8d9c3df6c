//! Values that a field can store, from any source.

/// Checks that a field can store a value.
///
/// # Errors
/// What to do instead.
pub fn check_value(value: &str) -> Result<(), &'static str> {
    // Bytes first: they are counted already.
    if value.len() > api::MAX_FIELD && value.chars().count() > api::MAX_FIELD {
        return Err(TOO_LONG);
    }
    // PostgreSQL cannot store NUL, and no mail shows the others.
    if value.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err("a field cannot contain control characters other than line breaks and tabs");
    }
    Ok(())
}

const TOO_LONG: &str = "a field has at most 1000 characters";

const _: () = assert!(api::MAX_FIELD == 1_000, "the sentence above says so");

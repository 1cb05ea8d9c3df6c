//! Values that a spreadsheet would run as formulas: guarded with an apostrophe on their way out, freed on their way in.

use std::borrow::Cow;

/// Whether a spreadsheet would run it, apart from apostrophes before it.
fn is_formula(value: &str) -> bool {
    value.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The value as a spreadsheet may open it.
pub fn guard(value: &str) -> Cow<'_, str> {
    if is_formula(value) { Cow::Owned(format!("'{value}")) } else { Cow::Borrowed(value) }
}

/// The value that [`guard`] guarded.
pub fn unguard(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guarded_comes_back_as_it_was() {
        for value in ["", "Ada", "=1+1", "+49 30 1", "-", "@ada", "\tx", "'=1", "''+1", "'quoted'", "'", "O'Neill"] {
            let cell = guard(value);
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            assert_eq!(unguard(&cell), value);
        }
    }
}

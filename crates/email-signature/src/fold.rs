//! Texts without regard to case and to how accents are composed.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::borrow::Cow;

/// A text as rules and templates compare it: Unicode's full case folding in NFC (canonical caseless matching, D145), without
/// surrounding white space. `STRASSE`, `Straße` and ` strasse ` are one; so are `É` and `E` with an accent behind it. Borrowed
/// when it already is so.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let decomposed = const { DecomposingNormalizerBorrowed::new_nfd() }.normalize(text);
    let folded = const { CaseMapper::new() }.fold_string(&decomposed).into_owned();
    Cow::Owned(composed(folded))
}

/// In NFC.
pub(crate) fn composed(text: String) -> String {
    let normalizer = const { ComposingNormalizerBorrowed::new_nfc() };
    if normalizer.is_normalized(&text) { text } else { normalizer.normalize(&text).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_the_same_is_the_same() {
        for (one, other) in [
            ("Scotland", "scotland"),
            ("STRASSE", "Straße"),
            ("É", "e\u{301}"),
            ("ΌΣΟΣ", "όσος"),
            ("ＡＢ", "ａｂ"),
            ("\u{1E9E}", "ss"),
            ("İ", "i\u{307}"),
            ("  Łódź\t", "ŁÓDŹ"),
            ("ﬁnance", "FINANCE"),
            ("각", "\u{1100}\u{1161}\u{11A8}"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} and {other}");
        }
        for (one, other) in [("Strasse", "Strase"), ("e", "é"), ("ı", "i"), ("л", "l")] {
            assert_ne!(folded(one), folded(other), "{one} and {other}");
        }
    }
}

//! A telephone number as people type it -> what of it is dialled. No numbering plan is needed for this, so it also works in
//! the browser.

use super::several;

/// Countries that dial `011` to call abroad: those of the North American plan.
const NORTH_AMERICA: &str = "AG AI AS BB BM BS CA DM DO GD GU JM KN KY LC MP MS PR SX TC TT US VC VG VI";
/// Calling codes behind which a zero is part of the number: Italy and San Marino, Côte d'Ivoire, Gabon, Congo.
const KEEP_ZERO: &[&str] = &["39", "378", "225", "241", "242"];
/// Trunk prefixes other than `0`, by calling code.
const TRUNKS: &[(&str, &str)] =
    &[("1", "1"), ("7", "8"), ("36", "06"), ("52", "01"), ("370", "8"), ("375", "8"), ("993", "8"), ("998", "8")];
/// Beginnings of numbers that companies write as a word.
const WORD_PREFIXES: &[&str] = &[
    "800", "833", "844", "855", "866", "877", "888", "1800", "1833", "1844", "1855", "1866", "1877", "1888", "0800",
    "0808", "0900", "1300", "1900", "0180",
];
/// Words before an extension, in lower case. Longer ones first where one begins another.
const EXTENSIONS: &[&str] = &[
    "extension",
    "extensión",
    "extensao",
    "extensão",
    "extn",
    "ext",
    "x",
    "#",
    "durchwahl",
    "dw",
    "nebenstelle",
    "nst",
    "kl",
    "poste",
    "interno",
    "interne",
    "intern",
    "int",
    "anexo",
    "ramal",
    "toestel",
    "tst",
    "anknytning",
    "ankn",
    "anslutning",
    "lokal",
    "lok",
    "alanumero",
    "klapka",
    "kl",
    "linka",
    "wewnętrzny",
    "wewn",
    "wew",
    "mellék",
    "dahili",
    "interior",
    "добавочный",
    "доб",
    "внутренний",
    "вн",
    "εσωτερικό",
    "εσωτ",
    "שלוחה",
    "تحويلة",
    "داخلي",
    "内線",
    "分机",
    "分機",
    "转",
    "轉",
    "내선",
    ",,",
];
/// Bytes of a field that are looked at: what follows is no part of its first number.
const MAX_TEXT: usize = 200;
/// Longest extension (RFC 3966 has no limit; longer digits are a number of their own).
const MAX_EXTENSION: usize = 9;
/// Most and least digits of a number that is written as a word.
const WORD_DIGITS: std::ops::RangeInclusive<usize> = 7..=16;

/// What was typed, as far as it is dialled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    /// `0` to `9`; of an international number from the calling code on, without a trunk prefix.
    pub(super) digits: String,
    /// With the trunk prefix, where it was left out of `digits`.
    pub(super) full: Option<String>,
    /// Whether the calling code of a country leads.
    pub(super) international: bool,
    /// `00` or `011`, where an international number begins with it instead of `+`.
    pub(super) prefix: Option<&'static str>,
    /// Digits of the extension; empty: none.
    pub(super) extension: String,
    /// The extension as it was typed, such as `ext. 12`.
    pub(super) suffix: String,
    /// Whether there was nothing but one number in digits, and its extension: it may be shown in another form.
    pub(super) plain: bool,
}

impl Typed {
    /// What `tel:` takes (RFC 3966), as far as the digits alone tell.
    pub(super) fn dialled(&self) -> String {
        let plus = if self.international { "+" } else { "" };
        with_extension(&format!("{plus}{}", self.digits), &self.extension)
    }
}

/// A number with its extension as RFC 3966 has it.
pub(super) fn with_extension(number: &str, extension: &str) -> String {
    match (number.is_empty() || number == "+", extension) {
        (true, _) => String::new(),
        (false, "") => number.to_owned(),
        (false, extension) => format!("{number};ext={extension}"),
    }
}

/// Reads what was typed: its first number, where there are several. `country`: ISO code, if it is known.
pub(super) fn read(text: &str, country: Option<&str>) -> Typed {
    let even = even(&text[..text.floor_char_boundary(MAX_TEXT)]);
    let whole = without_scheme(even.trim());
    let first = several::first(whole);
    let (number, extension, suffix) = split_extension(first);
    let Some((number, is_bare)) = number_in(number) else { return Typed::default() };
    let mut typed = Typed { extension, suffix, plain: is_bare && first.len() == whole.len(), ..Typed::default() };
    let number = match spelt_word(&number) {
        Some(digits) => {
            typed.plain = false;
            digits
        }
        None => number,
    };
    match abroad(&number, country) {
        Some((number, prefix)) => {
            typed.international = true;
            typed.prefix = prefix;
            typed.digits = without_trunk(&number);
            let full = digits(&number);
            typed.full = (full != typed.digits).then_some(full);
        }
        None => typed.digits = digits(&number),
    }
    typed
}

/// Whether a value looks as if it were a number, and no address, name or note.
pub(super) fn may_be_number(value: &str) -> bool {
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    value.len() <= MAX_TEXT && count(&even(value)) >= 3 && letters <= 40 && !value.contains(['@', ':'])
}

/// The digits of a text.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// How many digits a text has.
pub(super) fn count(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// A text with digits, signs and spaces of whatever script as ASCII has them.
fn even(text: &str) -> String {
    let zeroes = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20,
        0x1040, 0x17e0, 0x1810, 0xff10,
    ];
    let digit = |c: char| zeroes.iter().find_map(|zero| char::from_digit(u32::from(c).checked_sub(*zero)?, 10));
    let sign = |c: char| match c {
        '＋' | '﹢' => Some('+'),
        '（' | '[' | '［' => Some('('),
        '）' | ']' | '］' => Some(')'),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' | 'ー' => Some('-'),
        '／' | '⁄' => Some('/'),
        '；' => Some(';'),
        '，' | '、' | '،' => Some(','),
        '．' => Some('.'),
        '＃' => Some('#'),
        '\n' => Some('\n'),
        c if c.is_whitespace() => Some(' '),
        _ => None,
    };
    // Marks that order writing from left to right or right to left show nothing.
    let is_mark = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    text.chars().filter(|c| !is_mark(c)).map(|c| digit(c).or_else(|| sign(c)).unwrap_or(c)).collect()
}

fn without_scheme(text: &str) -> &str {
    let schemes = ["tel:", "callto:", "sip:", "phone:"];
    let found = schemes.iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    found.unwrap_or(text).trim_start_matches('/')
}

/// A number without its extension, the extension's digits, and the extension as it was typed.
fn split_extension(text: &str) -> (&str, String, String) {
    let none = (text, String::new(), String::new());
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let inside_word = before.is_some_and(char::is_alphabetic);
        before = Some(c);
        if inside_word || count(&text[..at]) < 3 {
            continue;
        }
        let Some(rest) = EXTENSIONS.iter().find_map(|word| after_word(&text[at..], word)) else { continue };
        let rest = rest.trim_start_matches([' ', '.', ':', '=', '-', '(', ')', '#']);
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let goes_on = rest[length..].starts_with(char::is_alphabetic);
        if (1..=MAX_EXTENSION).contains(&length) && !goes_on {
            let end = text.len() - rest.len() + length;
            let number = text[..at].trim_end_matches([' ', ',', ';', '-', '(', '/', '.']);
            return (number, rest[..length].to_owned(), text[at..end].to_owned());
        }
    }
    none
}

/// What follows a word, in whatever case, at the beginning of a text; `None`: it begins otherwise, or the word goes on.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let mut rest = text.chars();
    for wanted in word.chars() {
        let c = rest.next()?;
        if c != wanted && !c.to_lowercase().eq(std::iter::once(wanted)) {
            return None;
        }
    }
    let rest = rest.as_str();
    (!rest.starts_with(char::is_alphabetic)).then_some(rest)
}

/// The number in a text, without what is said about it, and whether there was nothing else; `None`: there is no digit.
fn number_in(text: &str) -> Option<(String, bool)> {
    let mut rest = text;
    loop {
        let digit = rest.find(|c: char| c.is_ascii_digit())?;
        // The plus and the brackets in front of it belong to it.
        let label = rest[..digit].trim_end_matches(['+', '(', ' ', '-', '.']);
        let number = &rest[label.len()..];
        let number = number.trim_start_matches([' ', '-', '.']);
        let is_bare = rest.len() == text.len() && label.trim().is_empty();
        let Some(letter) = number.find(char::is_alphabetic) else { return Some((number.trim().to_owned(), is_bare)) };
        if spelt_word(number).is_some() {
            return Some((number.to_owned(), false));
        }
        let (start, after) = number.split_at(letter);
        if count(start) < 5 && count(after) >= 5 {
            // `Room 12, Tel. 030 1234567`.
            rest = after;
            continue;
        }
        let taken = if count(start) < 5 { number } else { start };
        return Some((taken.trim().to_owned(), false));
    }
}

/// The digits of a number that ends in a word, as `1-800-FLOWERS` does, with the signs before the word; `None`: it does not.
fn spelt_word(number: &str) -> Option<String> {
    let letter = number.find(char::is_alphabetic)?;
    let (start, word) = number.split_at(letter);
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || " .-()".contains(c);
    if !word.chars().all(is_allowed) || !start.chars().all(|c| c == '+' || is_allowed(c)) {
        return None;
    }
    let before = digits(start);
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_upper = !word.bytes().any(|byte| byte.is_ascii_lowercase());
    let has_plus = start.trim_start().starts_with(['+', '(']);
    let is_known = WORD_PREFIXES.contains(&&*before);
    let is_written_so = is_known || is_upper || start.ends_with(|c: char| c.is_ascii_digit() || c == '-');
    let leads = is_known || has_plus || before.starts_with(['0', '1']);
    let most = if has_plus { 7 } else { 4 };
    let total = before.len() + letters + count(word);
    if letters < 3 || !is_written_so || !leads || !(3..=most).contains(&before.len()) || !WORD_DIGITS.contains(&total) {
        return None;
    }
    let mut spelt = start.to_owned();
    spelt.extend(word.chars().map(key));
    // Letters beyond the last digit of a North American number are written for the word's sake.
    let american = before.strip_prefix('1').unwrap_or(&before);
    if american.len() == 3 && american.starts_with('8') {
        let wanted = 10 + before.len() - american.len();
        let end = spelt.char_indices().filter(|(_, c)| c.is_ascii_digit()).nth(wanted).map(|(at, _)| at);
        spelt.truncate(end.unwrap_or(spelt.len()));
    }
    Some(spelt)
}

/// The key of a telephone for a letter (ITU-T E.161).
fn key(letter: char) -> char {
    match letter.to_ascii_lowercase() {
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        'w'..='z' => '9',
        other => other,
    }
}

/// An international number from its calling code on, and the prefix that it was written with instead of `+`; `None`: it
/// is a national one.
fn abroad(number: &str, country: Option<&str>) -> Option<(String, Option<&'static str>)> {
    let bare = number.trim_start_matches(['(', ' ']);
    let all = digits(bare);
    let (rest, prefix) = match bare.strip_prefix('+') {
        // `+0049` and `++49` are slips of the same kind.
        Some(rest) if all.starts_with("00") => (skip(rest, 2), None),
        Some(rest) => (rest, None),
        None => {
            let prefix = exit_prefix(&all, country)?;
            (skip(bare, prefix.len()), Some(prefix))
        }
    };
    Some((rest.trim_start_matches(['+', ' ', '-', '.', '/', ')']).to_owned(), prefix))
}

/// What is dialled in a country to call abroad.
pub(super) fn own_prefix(country: &str) -> &'static str {
    match country {
        "AU" => "0011",
        "JP" => "010",
        "RU" | "KZ" | "BY" | "TM" => "810",
        _ if NORTH_AMERICA.split(' ').any(|code| code == country) => "011",
        _ => "00",
    }
}

/// What a number begins with to leave the country.
fn exit_prefix(all: &str, country: Option<&str>) -> Option<&'static str> {
    let leads = |rest: &str, least: usize| rest.len() >= least && !rest.starts_with('0');
    let own = country.map(own_prefix).filter(|own| all.strip_prefix(own).is_some_and(|rest| leads(rest, 7)));
    let others = || {
        // No area of North America begins with 1: behind 00 that is the rest of Australia's 0011.
        let australian = all.strip_prefix("0011").filter(|rest| leads(rest, 8)).map(|_| "0011");
        let common = all.strip_prefix("00").filter(|rest| leads(rest, 7)).map(|_| "00");
        // Elsewhere 011 is an area, whose numbers have at most eight digits more.
        let american = all.strip_prefix("011").filter(|rest| leads(rest, 10)).map(|_| "011");
        australian.or(common).or(american)
    };
    own.or_else(others)
}

/// A text behind its first digits.
fn skip(text: &str, digits: usize) -> &str {
    let end = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).nth(digits.saturating_sub(1));
    end.map_or("", |(at, _)| &text[at + 1..])
}

/// The digits of an international number, without the trunk prefix that is dialled inside the country only.
fn without_trunk(number: &str) -> String {
    let all = digits(number);
    let code = &all[..calling_code(&all).min(all.len())];
    let rest = skip(number, code.len());
    if KEEP_ZERO.contains(&code) {
        return all;
    }
    let spaceless: String = rest.chars().filter(|c| !" .-/".contains(*c)).collect();
    let spaceless = spaceless.trim_start_matches(')');
    let others = TRUNKS.iter().filter(|(of, _)| *of == code).map(|(_, trunk)| format!("({trunk})"));
    let without = others.into_iter().find_map(|group| spaceless.strip_prefix(&group));
    let without = without.unwrap_or(spaceless).replace("(0)", "");
    let rest = digits(&without);
    format!("{code}{}", rest.strip_prefix('0').unwrap_or(&rest))
}

/// How many digits the calling code has at the beginning of an international number (ITU-T E.164).
fn calling_code(digits: &str) -> usize {
    let two = digits.get(..2).unwrap_or_default();
    match two.as_bytes() {
        [b'1' | b'7', _] => 1,
        [b'2', b'0' | b'7']
        | [b'3', b'0'..=b'4' | b'6' | b'9']
        | [b'4', b'0' | b'1' | b'3'..=b'9']
        | [b'5', b'1'..=b'8']
        | [b'6', b'0'..=b'6']
        | [b'8', b'1' | b'2' | b'4' | b'6']
        | [b'9', b'0'..=b'5' | b'8'] => 2,
        _ => 3,
    }
}

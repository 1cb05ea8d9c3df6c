//! Decoding a file's bytes to text.

use super::FileError;
use std::borrow::Cow;

/// Encoding of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, little-endian: Excel's “Unicode text”.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// The encoding of Windows programs in Western Europe and America.
    Windows1252,
}

/// Number of bytes that are checked to detect UTF-16 without a byte order mark.
const LOOKED_AT: usize = 4_096;

impl Encoding {
    /// Name in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// The encoding with this name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [Self::Utf8, Self::Utf16Le, Self::Utf16Be, Self::Windows1252];
        all.into_iter().find(|encoding| encoding.as_str().eq_ignore_ascii_case(name))
    }
}

/// Decodes the file to text without byte order mark, with the encoding `wanted`, or one detected from the byte order mark,
/// zero bytes, or validity as UTF-8.
///
/// # Errors
/// When the file is not text.
pub fn decode(bytes: &[u8], wanted: Option<Encoding>) -> Result<(Cow<'_, str>, Encoding), FileError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(FileError::body("the file is empty: send a CSV file with a header and at least one row"));
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(FileError::body("this is a workbook, not a CSV file: save it as CSV UTF-8 in the spreadsheet"));
    }
    let (marked, length) = byte_order_mark(bytes).map_or((None, 0), |(encoding, length)| (Some(encoding), length));
    let encoding = wanted.or(marked).unwrap_or_else(|| find_out(bytes));
    let rest = if marked == Some(encoding) { &bytes[length..] } else { bytes };
    let text = match encoding {
        Encoding::Utf8 => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        Encoding::Utf16Le => encoding_rs::UTF_16LE.decode_without_bom_handling_and_without_replacement(rest),
        Encoding::Utf16Be => encoding_rs::UTF_16BE.decode_without_bom_handling_and_without_replacement(rest),
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.decode_without_bom_handling_and_without_replacement(rest),
    };
    let Some(text) = text else {
        let field = if wanted.is_some() { "encoding" } else { "body" };
        let detail =
            format!("the file is not valid {}: save it as CSV UTF-8, or choose its encoding", encoding.as_str());
        return Err(FileError { field, detail });
    };
    if text.contains('\0') {
        return Err(FileError::body("the file contains zero bytes, which a CSV file does not: save it as CSV UTF-8"));
    }
    let strange = text.chars().take(LOOKED_AT).filter(|c| c.is_control() && !c.is_whitespace()).count();
    if strange * 20 > text.len().min(LOOKED_AT) {
        return Err(FileError::body("this is a binary file, not text: save it as CSV UTF-8"));
    }
    Ok((text, encoding))
}

fn byte_order_mark(bytes: &[u8]) -> Option<(Encoding, usize)> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some((Encoding::Utf8, 3)),
        [0xff, 0xfe, ..] => Some((Encoding::Utf16Le, 2)),
        [0xfe, 0xff, ..] => Some((Encoding::Utf16Be, 2)),
        _ => None,
    }
}

/// Detects the encoding: in UTF-16, most Western letters have a zero byte, always on the same side.
fn find_out(bytes: &[u8]) -> Encoding {
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    let zeros = |side: usize| start.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = start.len() / 8;
    if odd > many && even == 0 {
        Encoding::Utf16Le
    } else if even > many && odd == 0 {
        Encoding::Utf16Be
    } else if std::str::from_utf8(bytes).is_ok() {
        Encoding::Utf8
    } else {
        Encoding::Windows1252
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "address;title\r\nada@example.com;Präsidentin\r\n";

    fn utf16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn the_encoding_is_found_out() {
        let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
        let latin: Vec<u8> = TEXT.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        for (bytes, expected) in [
            (TEXT.as_bytes().to_vec(), Encoding::Utf8),
            (marked(b"\xef\xbb\xbf", TEXT.as_bytes().to_vec()), Encoding::Utf8),
            (utf16(TEXT, u16::to_le_bytes), Encoding::Utf16Le),
            (marked(b"\xff\xfe", utf16(TEXT, u16::to_le_bytes)), Encoding::Utf16Le),
            (utf16(TEXT, u16::to_be_bytes), Encoding::Utf16Be),
            (marked(b"\xfe\xff", utf16(TEXT, u16::to_be_bytes)), Encoding::Utf16Be),
            (latin.clone(), Encoding::Windows1252),
        ] {
            assert_eq!(decode(&bytes, None), Ok((TEXT.into(), expected)));
            assert_eq!(decode(&bytes, Some(expected)), Ok((TEXT.into(), expected)));
        }
        assert_eq!(decode(&latin, Some(Encoding::Utf8)).unwrap_err().field, "encoding");
        assert_eq!(decode(b"\x80", None), Ok(("€".into(), Encoding::Windows1252)));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in
            [b"".as_slice(), b" \r\n", b"PK\x03\x04...", b"a,b\n1,\0\n", b"\x01\x02\x03\x04,\n", b"\xff\xfe\x00\xd8"]
        {
            assert_eq!(decode(bytes, None).unwrap_err().field, "body", "{bytes:?}");
        }
    }
}

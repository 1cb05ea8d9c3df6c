//! Values as SQLite has them, and on the wire as their column's type ([MS-TDS] 2.2.5.5).

use super::bytes::{Reader, from_utf16, to_utf16};
use super::errors::SqlError;
use super::types::SqlType;
use jiff::civil::{Date, DateTime, Time, date};
use jiff::{SignedDuration, Unit};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, TypeInfo as _, ValueRef as _};

/// The length of what is NULL, in two bytes and in eight.
const NULL: u16 = 0xffff;
const NULL_MAX: u64 = u64::MAX;
/// `datetime` counts in these.
const TICKS_A_SECOND: i64 = 300;
/// Windows-1252 where it is not Latin-1, from 0x80 on.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// What SQLite stores.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl Value {
    /// The value of the row's column `index`, as it is stored and not as it is declared.
    pub(super) fn stored(row: &SqliteRow, index: usize) -> Result<Self, sqlx::Error> {
        let stored = row.try_get_raw(index)?;
        if stored.is_null() {
            return Ok(Self::Null);
        }
        let name = stored.type_info().name().to_owned();
        drop(stored);
        Ok(match name.as_str() {
            "INTEGER" => Self::Int(row.try_get_unchecked(index)?),
            "REAL" => Self::Real(row.try_get_unchecked(index)?),
            "BLOB" => Self::Blob(row.try_get_unchecked(index)?),
            _ => Self::Text(row.try_get_unchecked(index)?),
        })
    }

    fn text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Int(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(text) => text.clone(),
            Self::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// Whether it is a text that says a date and a time of day.
    pub(super) fn is_time(&self) -> bool {
        matches!(self, Self::Text(text) if text.parse::<DateTime>().is_ok())
    }

    /// Writes it, with its length, as a column of type `to` has it. NULL is not written but left out.
    ///
    /// # Errors
    /// When it is not such a value.
    pub(super) fn put(&self, to: SqlType, out: &mut Vec<u8>) -> Result<(), SqlError> {
        let bytes = self.bytes(to)?;
        if to.is_max() {
            out.extend((bytes.len() as u64).to_le_bytes());
            if !bytes.is_empty() {
                out.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
                out.extend(bytes);
            }
            out.extend([0; 4]);
        } else if to.is_long() {
            out.extend(u16::try_from(bytes.len()).unwrap().to_le_bytes());
            out.extend(bytes);
        } else {
            out.push(u8::try_from(bytes.len()).unwrap());
            out.extend(bytes);
        }
        Ok(())
    }

    fn bytes(&self, to: SqlType) -> Result<Vec<u8>, SqlError> {
        let wrong = |name: &str| SqlError::conversion(&self.text(), name);
        let text = self.text();
        Ok(match to {
            SqlType::Int(size) => {
                let number: i64 = text.parse().map_err(|_| wrong("int"))?;
                number.to_le_bytes()[..usize::from(size)].to_vec()
            }
            SqlType::Bit => vec![u8::from(text.parse::<i64>().map_err(|_| wrong("bit"))? != 0)],
            SqlType::Float(4) => text.parse::<f32>().map_err(|_| wrong("real"))?.to_le_bytes().to_vec(),
            SqlType::Float(_) => text.parse::<f64>().map_err(|_| wrong("float"))?.to_le_bytes().to_vec(),
            SqlType::Decimal { precision, scale } => {
                let number = scaled(&text, scale).ok_or_else(|| wrong("decimal"))?;
                let mut bytes = vec![u8::from(number >= 0)];
                bytes.extend(&number.unsigned_abs().to_le_bytes()[..magnitude(precision)]);
                bytes
            }
            SqlType::Money => {
                let number = scaled(&text, 4).and_then(|number| i64::try_from(number).ok());
                let bytes = number.ok_or_else(|| wrong("money"))?.to_le_bytes();
                [&bytes[4..], &bytes[..4]].concat()
            }
            SqlType::Guid => guid(&text).ok_or_else(|| wrong("uniqueidentifier"))?.to_vec(),
            SqlType::Date => days(text.parse().map_err(|_| wrong("date"))?, date(1, 1, 1))[..3].to_vec(),
            SqlType::DateTime => datetime(moment(&text).ok_or_else(|| wrong("datetime"))?),
            SqlType::DateTime2(scale) => datetime2(moment(&text).ok_or_else(|| wrong("datetime2"))?, scale),
            SqlType::NVarChar(_) => to_utf16(&text),
            SqlType::NChar(length) => to_utf16(&format!("{text:0$}", usize::from(length / 2))),
            SqlType::VarChar(_) => to_windows(&text),
            SqlType::Char(length) => to_windows(&format!("{text:0$}", usize::from(length))),
            SqlType::VarBinary(_) => match self {
                Self::Blob(bytes) => bytes.clone(),
                _ => text.into_bytes(),
            },
        })
    }

    /// Reads a parameter of this type.
    pub(super) fn read(from: SqlType, reader: &mut Reader<'_>) -> Self {
        let bytes = if from.is_max() {
            pieces(reader)
        } else if from.is_long() {
            let length = reader.u16();
            (length != NULL).then(|| reader.take(length.into()).to_vec())
        } else {
            let length = reader.u8();
            (length > 0).then(|| reader.take(length.into()).to_vec())
        };
        bytes.map_or(Self::Null, |bytes| Self::parse(from, &bytes))
    }

    fn parse(from: SqlType, bytes: &[u8]) -> Self {
        let mut padded = [0; 16];
        padded[..bytes.len().min(16)].copy_from_slice(&bytes[..bytes.len().min(16)]);
        let [low, _] = *padded.as_chunks::<8>().0 else { unreachable!("sixteen bytes") };
        match from {
            SqlType::Int(1) | SqlType::Bit => Self::Int(bytes[0].into()),
            SqlType::Int(2) => Self::Int(i16::from_le_bytes([low[0], low[1]]).into()),
            SqlType::Int(4) => Self::Int(i32::from_le_bytes([low[0], low[1], low[2], low[3]]).into()),
            SqlType::Int(_) => Self::Int(i64::from_le_bytes(low)),
            SqlType::Float(4) => Self::Real(f32::from_le_bytes([low[0], low[1], low[2], low[3]]).into()),
            SqlType::Float(_) => Self::Real(f64::from_le_bytes(low)),
            SqlType::NVarChar(_) | SqlType::NChar(_) => Self::Text(from_utf16(bytes)),
            SqlType::VarChar(_) | SqlType::Char(_) => Self::Text(from_windows(bytes)),
            SqlType::VarBinary(_) => Self::Blob(bytes.to_vec()),
            SqlType::Guid => Self::Text(guid_text(padded)),
            SqlType::Decimal { .. } | SqlType::Money | SqlType::Date | SqlType::DateTime | SqlType::DateTime2(_) => {
                panic!("a parameter of type {from:?}")
            }
        }
    }
}

/// A value without a limit: a total, which may be unknown, and pieces until an empty one.
fn pieces(reader: &mut Reader<'_>) -> Option<Vec<u8>> {
    if reader.u64() == NULL_MAX {
        return None;
    }
    let mut bytes = Vec::new();
    loop {
        match reader.u32() {
            0 => return Some(bytes),
            length => bytes.extend(reader.take(usize::try_from(length).unwrap())),
        }
    }
}

/// A decimal number without its point.
fn scaled(text: &str, scale: u8) -> Option<i128> {
    let text = if text.contains('e') { text.parse::<f64>().ok()?.to_string() } else { text.to_owned() };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let scale = usize::from(scale);
    let digits: String = fraction.chars().chain("0".repeat(scale + 1).chars()).take(scale + 1).collect();
    let number: i128 = format!("{whole}{digits}").parse().ok()?;
    // The last digit is one too many, to round by.
    Some((number + 5 * number.signum()) / 10)
}

/// How many bytes a decimal of this precision takes without its sign.
fn magnitude(precision: u8) -> usize {
    match precision {
        ..=9 => 4,
        10..=19 => 8,
        20..=28 => 12,
        _ => 16,
    }
}

/// Days since `origin`, at whose begin the count is 0.
fn days(day: Date, origin: Date) -> [u8; 4] {
    day.since((Unit::Day, origin)).unwrap().get_days().to_le_bytes()
}

fn moment(text: &str) -> Option<DateTime> {
    text.parse().ok().or_else(|| Some(text.parse::<Date>().ok()?.to_datetime(Time::midnight())))
}

fn since_midnight(moment: DateTime) -> SignedDuration {
    moment.time().duration_since(Time::midnight())
}

fn datetime(moment: DateTime) -> Vec<u8> {
    let nanoseconds = i64::try_from(since_midnight(moment).as_nanos()).unwrap();
    let ticks = (nanoseconds / 1_000_000 * TICKS_A_SECOND + 500) / 1_000;
    let mut bytes = days(moment.date(), date(1900, 1, 1)).to_vec();
    bytes.extend(&ticks.to_le_bytes()[..4]);
    bytes
}

fn datetime2(moment: DateTime, scale: u8) -> Vec<u8> {
    let ticks = since_midnight(moment).as_nanos() / 10_i128.pow(9 - u32::from(scale));
    let size = match scale {
        ..=2 => 3,
        3..=4 => 4,
        _ => 5,
    };
    let mut bytes = ticks.to_le_bytes()[..size].to_vec();
    bytes.extend(&days(moment.date(), date(1, 1, 1))[..3]);
    bytes
}

/// The first three groups of an identifier have their least byte first.
fn swap(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes
}

fn guid(text: &str) -> Option<[u8; 16]> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    (digits.len() == 32).then_some(())?;
    Some(swap(u128::from_str_radix(&digits, 16).ok()?.to_be_bytes()))
}

fn guid_text(bytes: [u8; 16]) -> String {
    let digits = format!("{:032X}", u128::from_be_bytes(swap(bytes)));
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

fn to_windows(text: &str) -> Vec<u8> {
    let byte = |c: char| match u8::try_from(c) {
        Ok(byte) if !(0x80..0xa0).contains(&byte) => byte,
        _ => WINDOWS.chars().zip(0x80..).find(|(known, _)| *known == c).map_or(b'?', |(_, byte)| byte),
    };
    text.chars().map(byte).collect()
}

fn from_windows(bytes: &[u8]) -> String {
    let character = |byte: &u8| match byte {
        0x80..0xa0 => WINDOWS.chars().nth(usize::from(byte - 0x80)).unwrap(),
        _ => char::from(*byte),
    };
    bytes.iter().map(character).collect()
}

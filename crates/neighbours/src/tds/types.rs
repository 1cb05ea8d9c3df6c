//! The types of columns and parameters: from a declaration, and on the wire ([MS-TDS] 2.2.5.4).

use super::bytes::Reader;
use super::values::Value;

/// `Latin1_General_CI_AS`: English, case-insensitive, code page 1252.
pub(super) const COLLATION: [u8; 5] = [0x09, 0x04, 0xd0, 0x00, 0x34];
/// On the wire, the length of what has no limit.
const MAX: u16 = 0xffff;
/// The longest text that is not `max`, in bytes.
const LONGEST: u16 = 8000;

/// A type. Sizes are in bytes; no length is `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SqlType {
    Int(u8),
    Bit,
    Float(u8),
    Decimal {
        precision: u8,
        scale: u8,
    },
    Money,
    Guid,
    Date,
    DateTime,
    /// With this many digits after the seconds.
    DateTime2(u8),
    NVarChar(Option<u16>),
    VarChar(Option<u16>),
    NChar(u16),
    Char(u16),
    VarBinary(Option<u16>),
}

impl SqlType {
    /// The type of a column that is declared as `declaration`, such as `decimal(10,2)`.
    pub(super) fn declared(declaration: &str) -> Self {
        let declaration = declaration.to_lowercase();
        let (name, arguments) = declaration.split_once('(').unwrap_or((&declaration, ""));
        let mut numbers = arguments.split([',', ')']).filter_map(|number| number.trim().parse::<u16>().ok());
        let (first, second) = (numbers.next(), numbers.next());
        let small = |number: Option<u16>, default| number.and_then(|n| u8::try_from(n).ok()).unwrap_or(default);
        let limited = |unit: u16| match first {
            Some(0) => None,
            length => Some(length.unwrap_or(1) * unit),
        };
        match name.split_whitespace().next().unwrap_or_default() {
            "tinyint" => Self::Int(1),
            "smallint" => Self::Int(2),
            "int" | "integer" => Self::Int(4),
            "bigint" => Self::Int(8),
            "bit" => Self::Bit,
            "real" => Self::Float(4),
            "float" => Self::Float(8),
            "decimal" | "numeric" => Self::Decimal { precision: small(first, 18), scale: small(second, 0) },
            "money" => Self::Money,
            "uniqueidentifier" => Self::Guid,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            "datetime2" => Self::DateTime2(small(first, 7)),
            "nvarchar" => Self::NVarChar(limited(2)),
            "varchar" => Self::VarChar(limited(1)),
            "nchar" => Self::NChar(first.unwrap_or(1) * 2),
            "char" => Self::Char(first.unwrap_or(1)),
            "varbinary" => Self::VarBinary(limited(1)),
            _ => Self::NVarChar(None),
        }
    }

    /// The type of an expression, by its first value.
    pub(super) fn of(value: Option<&Value>) -> Self {
        match value {
            Some(Value::Int(number)) if i32::try_from(*number).is_ok() => Self::Int(4),
            Some(Value::Int(_)) => Self::Int(8),
            Some(Value::Real(_)) => Self::Float(8),
            Some(Value::Blob(_)) => Self::VarBinary(None),
            Some(Value::Text(text))
                if text.len() == "2026-11-21 12:00:00.000".len() && value.is_some_and(Value::is_time) =>
            {
                Self::DateTime
            }
            Some(Value::Text(text)) if text.encode_utf16().count() * 2 > usize::from(LONGEST) => Self::NVarChar(None),
            Some(Value::Text(_) | Value::Null) | None => Self::NVarChar(Some(LONGEST)),
        }
    }

    /// Writes its `TYPE_INFO`.
    pub(super) fn put(self, out: &mut Vec<u8>) {
        let text = |out: &mut Vec<u8>, kind, length: u16| {
            out.push(kind);
            out.extend(length.to_le_bytes());
            out.extend(COLLATION);
        };
        match self {
            Self::Int(size) => out.extend([0x26, size]),
            Self::Bit => out.extend([0x68, 1]),
            Self::Float(size) => out.extend([0x6d, size]),
            Self::Decimal { precision, scale } => out.extend([0x6a, 17, precision, scale]),
            Self::Money => out.extend([0x6e, 8]),
            Self::Guid => out.extend([0x24, 16]),
            Self::Date => out.push(0x28),
            Self::DateTime => out.extend([0x6f, 8]),
            Self::DateTime2(scale) => out.extend([0x2a, scale]),
            Self::NVarChar(length) => text(out, 0xe7, length.unwrap_or(MAX)),
            Self::VarChar(length) => text(out, 0xa7, length.unwrap_or(MAX)),
            Self::NChar(length) => text(out, 0xef, length),
            Self::Char(length) => text(out, 0xaf, length),
            Self::VarBinary(length) => {
                out.push(0xa5);
                out.extend(length.unwrap_or(MAX).to_le_bytes());
            }
        }
    }

    /// Reads the `TYPE_INFO` of a parameter; a NULL need not have one.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let kind = reader.u8();
        Some(match kind {
            0x1f => return None,
            0x26 => Self::Int(reader.u8()),
            0x6d => Self::Float(reader.u8()),
            0x28 => Self::Date,
            0x2a => Self::DateTime2(reader.u8()),
            0x6a | 0x6c => {
                let [_, precision, scale] = reader.array();
                Self::Decimal { precision, scale }
            }
            0x68 | 0x6e | 0x24 | 0x6f => {
                reader.u8();
                match kind {
                    0x68 => Self::Bit,
                    0x6e => Self::Money,
                    0x24 => Self::Guid,
                    _ => Self::DateTime,
                }
            }
            0xa5 | 0xad => Self::VarBinary(limit(reader.u16())),
            0xe7 | 0xef | 0xa7 | 0xaf => {
                let length = limit(reader.u16());
                reader.take(COLLATION.len());
                if kind >= 0xe7 { Self::NVarChar(length) } else { Self::VarChar(length) }
            }
            _ => panic!("a parameter of type {kind:#x}"),
        })
    }

    /// Whether values come in pieces with a total before them.
    pub(super) fn is_max(self) -> bool {
        matches!(self, Self::NVarChar(None) | Self::VarChar(None) | Self::VarBinary(None))
    }

    /// Whether a value's length takes two bytes before it, unless it [`is_max`](Self::is_max).
    pub(super) fn is_long(self) -> bool {
        matches!(self, Self::NVarChar(_) | Self::VarChar(_) | Self::NChar(_) | Self::Char(_) | Self::VarBinary(_))
    }
}

fn limit(length: u16) -> Option<u16> {
    (length != MAX).then_some(length)
}

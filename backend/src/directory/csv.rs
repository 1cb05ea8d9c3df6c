//! Reading CSV text: delimiter, header and rows.

use super::{FileError, unguard};
use crate::store::FileColumn;
use api::console::MAX_ROWS;
use csv::{ByteRecord, Reader, ReaderBuilder};

/// Supported delimiters.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Maximum number of columns; a longer line is not a header.
const MAX_COLUMNS: usize = 500;
/// Maximum length of a column's name and of a sample, in characters.
const MAX_SHOWN: usize = 100;
/// Number of samples of each column.
const SAMPLES: usize = 3;
/// Number of records that are read to detect the delimiter.
const LOOKED_AT: usize = 50;

/// Structure of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The delimiter.
    pub delimiter: u8,
    /// Columns, not mapped yet.
    pub columns: Vec<FileColumn>,
    /// Number of rows, without the header and empty lines.
    pub rows: usize,
}

/// Parses a delimiter.
///
/// # Errors
/// When it is not supported.
pub fn parse_delimiter(text: &str) -> Result<u8, FileError> {
    let known = DELIMITERS.into_iter().find(|known| text.as_bytes() == [*known]);
    known.ok_or_else(|| FileError { field: "delimiter", detail: "use one of , ; | or a tab".into() })
}

/// Detects the structure of a file, including the delimiter if it is `None`.
///
/// # Errors
/// When the file has no header, no rows, or too many rows or columns.
pub fn look(text: &str, delimiter: Option<u8>) -> Result<Shape, FileError> {
    let delimiter = delimiter.unwrap_or_else(|| find_delimiter(text));
    let mut reader = reader(text, delimiter);
    let mut record = ByteRecord::new();
    if !next(&mut reader, &mut record) {
        return Err(FileError::body("the file has no header: its first line must name the columns"));
    }
    if record.len() > MAX_COLUMNS {
        return Err(FileError::body(format!("the file has more than {MAX_COLUMNS} columns: remove some")));
    }
    let name = |(at, cell): (usize, &[u8])| match shorten(&String::from_utf8_lossy(cell)) {
        name if name.is_empty() => format!("Column {}", at + 1),
        name => name,
    };
    let column = |name| FileColumn { name, samples: Vec::new(), field: None };
    let mut columns: Vec<_> = record.iter().enumerate().map(name).map(column).collect();
    let (mut rows, mut missing) = (0, columns.len());
    while next(&mut reader, &mut record) {
        rows += 1;
        if rows > MAX_ROWS {
            return Err(FileError::body(format!("the file has more than {MAX_ROWS} rows: split it")));
        }
        if missing > 0 {
            for (column, cell) in columns.iter_mut().zip(&record) {
                let sample = shorten(&unguard(&String::from_utf8_lossy(cell)));
                if column.samples.len() < SAMPLES && !sample.is_empty() && !column.samples.contains(&sample) {
                    column.samples.push(sample);
                    missing -= usize::from(column.samples.len() == SAMPLES);
                }
            }
        }
    }
    if rows == 0 {
        return Err(FileError::body("the file has a header but no rows: add one line per person"));
    }
    Ok(Shape { delimiter, columns, rows })
}

/// Calls `row` with each row after the header and its line number, until it returns to stop.
pub fn each_row(text: &str, delimiter: u8, mut row: impl FnMut(u64, &ByteRecord) -> bool) {
    let skipped = u64::from(told(text).is_some());
    let mut reader = reader(text, delimiter);
    let mut record = ByteRecord::new();
    next(&mut reader, &mut record);
    let mut goes_on = true;
    while goes_on && next(&mut reader, &mut record) {
        let (at, line) = record.position().map_or((0, 0), |position| (position.byte(), position.line()));
        // The reader counts empty lines before a record as its own.
        let rest = body(text).as_bytes().iter().skip(usize::try_from(at).unwrap_or(usize::MAX));
        let empty = rest.take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
        goes_on = row(line + skipped + empty as u64, &record);
    }
}

/// Calls `row` with each row of a text without header and its number, until it returns to stop.
pub fn each_record(text: &str, row: &mut impl FnMut(u64, &ByteRecord) -> bool) {
    let mut reader = reader(text, b',');
    let mut record = ByteRecord::new();
    let mut number = 0;
    while next(&mut reader, &mut record) {
        number += 1;
        if !row(number, &record) {
            return;
        }
    }
}

/// The text after Excel's `sep=` line.
fn body(text: &str) -> &str {
    told(text).map_or(text, |(_, rest)| rest)
}

fn reader(text: &str, delimiter: u8) -> Reader<&[u8]> {
    let body = body(text);
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(body.as_bytes())
}

/// Reads the next record; reading from memory cannot fail.
fn next(reader: &mut Reader<&[u8]>, record: &mut ByteRecord) -> bool {
    reader.read_byte_record(record).unwrap_or(false)
}

/// The delimiter from Excel's first line, such as `sep=;`, and the text after it.
fn told(text: &str) -> Option<(u8, &str)> {
    let rest = text.strip_prefix("sep=").or_else(|| text.strip_prefix("\"sep="))?;
    let (line, rest) = rest.split_once('\n')?;
    let delimiter = parse_delimiter(line.trim_end_matches(['\r', '"'])).ok()?;
    Some((delimiter, rest))
}

/// The delimiter for which most rows have as many columns as the header; of several, the one with the most columns.
fn find_delimiter(text: &str) -> u8 {
    if let Some((delimiter, _)) = told(text) {
        return delimiter;
    }
    let score = |delimiter: &u8| {
        let mut reader = reader(text, *delimiter);
        let mut record = ByteRecord::new();
        if !next(&mut reader, &mut record) || record.len() < 2 {
            return (0, 0);
        }
        let width = record.len();
        let mut alike = 1;
        for _ in 0..LOOKED_AT {
            alike += usize::from(next(&mut reader, &mut record) && record.len() == width);
        }
        (alike, width)
    };
    // The first of equals: max_by_key would take the last.
    DELIMITERS.into_iter().rev().max_by_key(score).unwrap_or(b',')
}

fn shorten(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(MAX_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (char, Vec<String>) {
        let shape = look(text, None).unwrap();
        (char::from(shape.delimiter), shape.columns.into_iter().map(|column| column.name).collect())
    }

    #[test]
    fn the_delimiter_is_found_out() {
        for (text, delimiter) in [
            ("address,title\na@b.c,x\n", ','),
            ("address;title\na@b.c;x, y\nb@b.c;\"1;2\"\n", ';'),
            ("address\ttitle\na@b.c\tx, y; z\n", '\t'),
            ("address|title\r\na@b.c|x\r\n", '|'),
            ("sep=;\r\naddress;title\r\na@b.c;x\r\n", ';'),
        ] {
            assert_eq!(names(text), (delimiter, vec!["address".to_owned(), "title".to_owned()]), "{text}");
        }
        assert_eq!(names("address\na@b.c\n"), (',', vec!["address".to_owned()]));
    }

    #[test]
    fn lines_are_counted_as_an_editor_does() {
        let text = "sep=;\naddress;title\n\na@b.c;\"two\nlines\"\nb@b.c;x\n";
        let mut lines = Vec::new();
        each_row(text, b';', |line, _| {
            lines.push(line);
            true
        });
        assert_eq!(lines, [4, 6]);
    }

    #[test]
    fn a_file_without_rows_or_with_too_many_is_refused() {
        assert!(look("address,title\n", None).unwrap_err().detail.contains("no row"));
        let many = format!("address\n{}", "a@b.c\n".repeat(MAX_ROWS + 1));
        assert!(look(&many, None).unwrap_err().detail.contains("split it"));
        assert_eq!(look(&many[..many.len() - 6], None).unwrap().rows, MAX_ROWS);
    }
}

//! CSV files: however they are broken, what is said of them agrees, and no value becomes a formula.

use paraph::directory::{csv, decode, guard, unguard};

pub(super) fn check(input: &[u8]) {
    let Ok((text, encoding)) = decode(input, None) else { return };
    assert_eq!(decode(input, Some(encoding)).map(|(text, _)| text), Ok(text.clone()), "named, it reads otherwise");
    let Ok(shape) = csv::look(&text, None) else { return };
    assert_eq!(csv::look(&text, Some(shape.delimiter)).as_ref(), Ok(&shape), "found out, it reads otherwise");
    let (mut rows, mut last) = (0, 0);
    csv::each_row(&text, shape.delimiter, |line, record| {
        // Two rows that a carriage return alone parts are on one line.
        assert!(line >= last, "lines go on: {last}, then {line}");
        (rows, last) = (rows + 1, line);
        for cell in record {
            let value = String::from_utf8_lossy(cell);
            let value = unguard(&value);
            assert_eq!(unguard(&guard(&value)), value, "a value does not survive the way out and in");
        }
        true
    });
    assert_eq!(rows, shape.rows);
}

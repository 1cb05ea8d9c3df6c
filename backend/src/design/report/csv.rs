//! The report as a table.

use crate::directory::guard;
use api::console::RuleReport;

const HEAD: [&str; 8] = ["place", "name", "folder", "state", "conditions", "gives", "advice", "id"];

/// RFC 4180 in UTF-8 with a byte order mark. Several sentences in one cell are on separate lines. No cell can be run as
/// a formula by a spreadsheet.
pub fn to_csv(report: &RuleReport) -> Vec<u8> {
    let mut writer =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    // Memory gives no errors.
    let _ = writer.write_record(HEAD);
    for rule in &report.rules {
        let state = if rule.enabled { "on" } else { "off" };
        let place = rule.place.to_string();
        let (conditions, gives, advice) = (rule.conditions.join("\n"), rule.gives.join("\n"), rule.advice.join("\n"));
        let cells = [&place, &rule.name, &rule.folder, state, &conditions, &gives, &advice, &rule.id];
        let _ = writer.write_record(cells.map(|cell| guard(cell).into_owned()));
    }
    writer.into_inner().unwrap_or_default()
}

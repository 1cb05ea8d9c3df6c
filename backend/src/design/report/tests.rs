use super::*;

fn rule(place: u32, name: &str, words: &[&str]) -> ReportedRule {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    ReportedRule {
        place,
        id: format!("rule-{place}"),
        name: name.to_owned(),
        folder: if place.is_multiple_of(3) { "Campaigns".into() } else { String::new() },
        enabled: !place.is_multiple_of(5),
        conditions: words.clone(),
        gives: vec!["Adds the signature “Long”.".into(), "Later rules are ignored.".into()],
        advice: if place.is_multiple_of(4) { words } else { Vec::new() },
    }
}

fn reported(rules: Vec<ReportedRule>) -> RuleReport {
    RuleReport { tenant: "Exämple & Söhne".into(), at_ms: 1_795_262_400_000, unpublished: false, rules }
}

#[test]
fn no_cell_is_a_formula_and_every_rule_is_a_row() {
    let report =
        reported(vec![rule(1, "=HYPERLINK(\"http://evil.example\")", &["@x", "-1"]), rule(2, "Q, \"R\"", &["A."])]);
    let csv = to_csv(&report);
    let text = std::str::from_utf8(&csv).unwrap();
    assert!(text.starts_with('\u{feff}'));
    let mut reader = ::csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{rows:?}");
    assert_eq!((&rows[1][1], &rows[1][3], &rows[0][4]), ("Q, \"R\"", "on", "'@x\n'-1"));
}

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
        gives: vec!["Gives the signature “Long”.".into(), "Rules behind it are not looked at.".into()],
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

#[test]
fn a_report_of_a_thousand_rules_is_a_document_with_pages() {
    let long = "For mail from people in “Verkauf, Österreich” or addresses at example.com. ".repeat(8);
    let rules: Vec<_> = (1..=1000).map(|place| rule(place, &format!("Rule {place}"), &[&long])).collect();
    let start = std::time::Instant::now();
    let pdf = to_pdf(&reported(rules)).unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() < 3_000_000, "{}", pdf.len());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn texts_of_every_script_are_drawn_or_visibly_replaced() {
    let fonts = text::Fonts::load().unwrap();
    for (written, drawn, replaced) in [
        ("Ünïcödé ŁÓDŹ", "Ünïcödé ŁÓDŹ", false),
        ("Ελληνικά Кириллица", "Ελληνικά Кириллица", false),
        ("مرحبا שלום", "مرحبا שלום", false),
        ("名字", "\u{fffd}\u{fffd}", true),
        ("a\u{202e}b\u{0}c\td", "abc d", false),
        ("“–…€·”", "“–…€·”", false),
    ] {
        assert_eq!(fonts.printable(written), (drawn.to_owned(), replaced), "{written}");
    }
    let names =
        ["Ελληνικά", "Кириллица", "قاعدة المبيعات 2026 (داخلي)", "כלל מכירות", "营销规则", "A".repeat(300).as_str()]
            .map(str::to_owned);
    let rules = (1..).zip(&names).map(|(place, name)| rule(place, name, &[name, "For every mail."])).collect();
    let pdf = to_pdf(&reported(rules)).unwrap();
    if let Some(file) = std::env::var_os("PARAPH_REPORT") {
        std::fs::write(file, pdf).unwrap();
    }
}

#[test]
fn no_line_is_wider_than_its_column() {
    let fonts = text::Fonts::load().unwrap();
    let text = format!("{} {} قاعدة المبيعات", "word ".repeat(50), "W".repeat(500));
    let lines = fonts.lines(&text, text::Weight::Regular, 40.0);
    assert!(lines.iter().all(|line| fonts.width(line, text::Weight::Regular) <= 40.01));
    assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
}

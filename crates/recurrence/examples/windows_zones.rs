//! Writes `src/zones/windows.tsv` anew: takes CLDR's `common/supplemental/windowsZones.xml` and prints the table.

use std::collections::BTreeSet;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("which windowsZones.xml?")?;
    let text = std::fs::read_to_string(path)?;
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&text, options)?;
    let mut lines = BTreeSet::new();
    for zone in document.descendants().filter(|node| node.has_tag_name("mapZone")) {
        let attribute = |name: &str| zone.attribute(name).ok_or("mapZone lacks an attribute");
        let places: Vec<_> = attribute("type")?.split_whitespace().collect();
        lines.insert(format!("{}\t{}\t{}", attribute("other")?, attribute("territory")?, places.join(" ")));
    }
    let heading = include_str!("../src/zones/windows.tsv").lines().take_while(|line| line.starts_with('#'));
    for line in heading.chain(lines.iter().map(String::as_str)) {
        println!("{line}");
    }
    Ok(())
}

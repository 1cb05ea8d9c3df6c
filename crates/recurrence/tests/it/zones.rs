//! Names of zones.

use icu_time::zone::iana::IanaParserExtended;
use icu_time::zone::windows::WindowsParser;
use jiff::tz::TimeZone;
use recurrence::zones::{by_name, canonical, iana_id, windows_id};

#[test]
fn windows_and_iana_names_mean_each_other() {
    let cases = [
        // O-14: London has summer time, Reykjavik does not.
        ("GMT Standard Time", None, "Europe/London"),
        ("GMT Standard Time", Some("IE"), "Europe/Dublin"),
        ("Greenwich Standard Time", None, "Atlantic/Reykjavik"),
        ("W. Europe Standard Time", None, "Europe/Berlin"),
        ("w. europe standard time", Some("ch"), "Europe/Zurich"),
        ("W. Europe Standard Time", Some("US"), "Europe/Berlin"),
        ("India Standard Time", None, "Asia/Kolkata"),
        ("Nepal Standard Time", None, "Asia/Kathmandu"),
        ("AUS Eastern Standard Time", None, "Australia/Sydney"),
        ("Lord Howe Standard Time", None, "Australia/Lord_Howe"),
        ("UTC-11", Some("AS"), "Pacific/Pago_Pago"),
        ("Line Islands Standard Time", None, "Pacific/Kiritimati"),
        ("UTC", None, "Etc/UTC"),
    ];
    for (windows, territory, iana) in cases {
        assert_eq!(iana_id(windows, territory), Some(iana), "{windows} {territory:?}");
        let back = windows_id(iana).unwrap();
        assert!(back.eq_ignore_ascii_case(windows), "{iana}: {back}");
    }
}

#[test]
fn former_names_are_the_same_zone() {
    let cases = [
        ("Asia/Calcutta", "Asia/Kolkata", "India Standard Time"),
        ("US/Pacific", "America/Los_Angeles", "Pacific Standard Time"),
        ("Europe/Kiev", "Europe/Kyiv", "FLE Standard Time"),
        ("Asia/Katmandu", "Asia/Kathmandu", "Nepal Standard Time"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires", "Argentina Standard Time"),
        ("asia/saigon", "Asia/Ho_Chi_Minh", "SE Asia Standard Time"),
    ];
    for (former, present, windows) in cases {
        assert_eq!(canonical(former), Some(present));
        assert_eq!(canonical(present), Some(present));
        assert_eq!([windows_id(former), windows_id(present)], [Some(windows); 2]);
        assert_eq!(by_name(former), by_name(present));
    }
}

#[test]
fn names_without_meaning_are_none() {
    let unknown = [
        "",
        "Customized Time Zone",
        "tzone://Microsoft/Custom",
        "Mitteleuropäische Zeit",
        "Etc/Unknown",
        "Europe/Atlantis",
    ];
    for name in unknown {
        assert_eq!(by_name(name), None, "{name}");
        assert_eq!(windows_id(name), None, "{name}");
    }
    assert_eq!(by_name("tzone://Microsoft/Utc"), TimeZone::get("Etc/UTC").ok());
    assert_eq!(by_name("GMT Standard Time"), TimeZone::get("Europe/London").ok());
}

/// Lines of the table that `icu_time` with CLDR 48.2.2 does not have yet: Canada's provinces gave up changing their clocks.
const NEWER: [&str; 5] = [
    "Alberta Standard Time\t",
    "British Columbia Standard Time\t",
    "Central Standard Time\tCA\t",
    "Manitoba Standard Time\t",
    "Mountain Standard Time\tCA\t",
];

/// CLDR changes a few times a year: when this fails after an update of `icu_time`, regenerate the table or shorten `NEWER`.
#[test]
fn the_table_is_cldrs() {
    let iana = IanaParserExtended::new();
    let mut different = Vec::new();
    for line in include_str!("../../src/zones/windows.tsv").lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<_> = line.split('\t').collect();
        let main = columns[2].split(' ').next().unwrap();
        let cldr = WindowsParser::new().parse(columns[0], columns[1].parse().ok());
        if cldr != Some(iana.parse(main).time_zone) {
            different.push(line);
        }
        for place in columns[2].split(' ') {
            assert!(TimeZone::get(place).is_ok(), "{place}");
        }
    }
    let is_newer = |line: &&str| NEWER.iter().any(|start| line.starts_with(start));
    assert!(different.iter().all(is_newer), "{different:#?}");
    assert_eq!(different.len(), 8, "no longer newer: {different:#?}");
}

#[test]
fn every_zone_but_a_few_has_a_windows_zone() {
    let names = jiff::tz::db().available().map(|name| name.to_string());
    let without: Vec<_> = names.filter(|name| windows_id(name).is_none()).collect();
    // Troll changes by two hours; the others are names of rules and not of places.
    assert_eq!(without, ["Antarctica/Troll", "CST6CDT", "EST5EDT", "Factory", "MST7MDT", "PST8PDT"]);
}

#[test]
fn a_zone_that_gave_up_its_clock_changes_has_its_own_windows_zone() {
    let vancouver = by_name("British Columbia Standard Time").unwrap();
    let pacific = by_name("Pacific Standard Time").unwrap();
    let hours = |zone: &TimeZone, at: &str| zone.to_offset(at.parse().unwrap()).seconds() / 3600;
    for at in ["2027-01-15T00:00Z", "2027-07-15T00:00Z"] {
        assert_eq!(hours(&vancouver, at), -7, "{at}");
    }
    assert_eq!([hours(&pacific, "2027-01-15T00:00Z"), hours(&pacific, "2027-07-15T00:00Z")], [-8, -7]);
}

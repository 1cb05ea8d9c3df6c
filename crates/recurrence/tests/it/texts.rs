//! Rules as iCalendar text.

use crate::{date, dates, series, time, timed, whole_day, zone};
use jiff::SignedDuration;
use jiff::civil::Date;
use recurrence::rrule::{RuleError, parse, write};
use recurrence::{Range, Series, Start};

fn end(series: &Series) -> Date {
    match series.range() {
        Range::EndDate(end) => end,
        other => panic!("{other:?}"),
    }
}

#[test]
fn o_06_until_in_utc_is_the_last_date_in_the_zone_and_back() {
    let start = || timed("2026-01-05T17:00", "America/Los_Angeles");
    let weekly = series("RRULE:FREQ=WEEKLY;UNTIL=20260120T010000Z", start());
    assert_eq!(end(&weekly), date("2026-01-19"));
    assert_eq!(dates(&weekly, 9), "2026-01-05 2026-01-12 2026-01-19");
    assert_eq!(write(&weekly), "FREQ=WEEKLY;BYDAY=MO;WKST=MO;UNTIL=20260120T010000Z");
    let earlier = series("FREQ=WEEKLY;UNTIL=20260120T005959Z", start());
    assert_eq!(end(&earlier), date("2026-01-18"), "before that day's occurrence");
    assert_eq!(dates(&earlier, 9), "2026-01-05 2026-01-12");
}

#[test]
fn until_has_every_form_that_programs_write() {
    let berlin = || timed("2026-03-01T02:30", "Europe/Berlin");
    let cases = [
        (berlin(), "20260329", "2026-03-29"),
        (berlin(), "20260329T023000", "2026-03-29"),
        (berlin(), "20260328T235959", "2026-03-28"),
        (berlin(), "20260327T022959", "2026-03-26"),
        // The clocks skip half past two, so that day's occurrence is at half past three.
        (berlin(), "20260329T013000Z", "2026-03-29"),
        (berlin(), "20260329T012959Z", "2026-03-28"),
        (berlin(), "20260402T220000Z", "2026-04-02"),
        (whole_day("2026-03-01"), "20260329", "2026-03-29"),
        (whole_day("2026-03-01"), "20260329T235959Z", "2026-03-29"),
        (whole_day("2026-03-01"), "20260329T000000", "2026-03-29"),
    ];
    for (start, until, expected) in cases {
        assert_eq!(end(&series(&format!("FREQ=DAILY;UNTIL={until}"), start)), date(expected), "{until}");
    }
}

#[test]
fn o_06_an_end_date_comes_back_in_every_zone_at_every_clock_change() {
    for name in crate::ZONES {
        let zone = zone(name);
        let mut ends: Vec<_> = (1..=12).map(|month| Date::constant(2026, month, 15)).collect();
        let begin = "2025-01-01T00:00Z".parse().unwrap();
        let changes = zone.following(begin).map(|change| zone.to_datetime(change.timestamp()).date());
        for change in changes.take_while(|change| change.year() <= 2030) {
            ends.extend([change.yesterday().unwrap(), change, change.tomorrow().unwrap()]);
        }
        for minute in (0..24 * 60).step_by(15) {
            let at = time("2025-01-01T00:00").checked_add(SignedDuration::from_mins(minute)).unwrap();
            for end_date in &ends {
                let start = || Start::Timed { at, zone: zone.clone() };
                let pattern = series("FREQ=DAILY", start()).pattern();
                let original = Series::new(start(), pattern, Range::EndDate(*end_date)).unwrap();
                let text = write(&original);
                assert_eq!(parse(&text, start()).unwrap(), original, "{text} from {at} in {name}");
            }
        }
    }
}

#[test]
fn a_rule_is_read_and_written_with_the_same_dates() {
    let cases = [
        ("FREQ=DAILY", "2026-12-01", "FREQ=DAILY", "2026-12-01 2026-12-02"),
        ("rrule:freq=daily;interval=2;count=2", "2026-12-01", "FREQ=DAILY;INTERVAL=2;COUNT=2", "2026-12-01 2026-12-03"),
        (
            "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR",
            "2026-12-04",
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;WKST=MO",
            "2026-12-04 2026-12-07",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;WKST=SU",
            "2026-12-01",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
            "2026-12-01 2026-12-13",
        ),
        ("FREQ=MONTHLY", "2026-12-28", "FREQ=MONTHLY;BYMONTHDAY=28", "2026-12-28 2027-01-28"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "2027-01-31",
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
            "2027-01-31 2027-02-28",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=30,28,29;BYSETPOS=-1",
            "2027-01-30",
            "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
            "2027-01-30 2027-02-28",
        ),
        ("FREQ=MONTHLY;BYDAY=2TU", "2026-12-08", "FREQ=MONTHLY;BYDAY=2TU", "2026-12-08 2027-01-12"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "2026-12-25", "FREQ=MONTHLY;BYDAY=-1FR", "2026-12-25 2027-01-29"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
            "2026-12-01",
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
            "2026-12-01 2027-01-01",
        ),
        ("FREQ=YEARLY", "2026-05-04", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=4", "2026-05-04 2027-05-04"),
        ("FREQ=YEARLY;BYMONTH=3", "2026-03-31", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31", "2026-03-31 2027-03-31"),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
            "2028-02-29",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
            "2028-02-29 2029-02-28",
        ),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "2026-03-29", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "2026-03-29 2027-03-28"),
    ];
    for (text, start, written, expected) in cases {
        let read = series(text, whole_day(start));
        assert_eq!(write(&read), written, "{text}");
        assert_eq!(dates(&read, 2), expected, "{text}");
        assert_eq!(dates(&series(written, whole_day(start)), 40), dates(&read, 40), "{text}");
    }
}

#[test]
fn what_no_pattern_has_says_so() {
    for text in [
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=2;BYDAY=MO",
        "FREQ=DAILY;BYHOUR=9,17",
        "FREQ=DAILY;BYMONTH=1",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=MONTHLY;BYMONTHDAY=-2",
        "FREQ=MONTHLY;BYMONTHDAY=30,31;BYSETPOS=-1",
        "FREQ=MONTHLY;BYMONTHDAY=27,31;BYSETPOS=-1",
        "FREQ=MONTHLY;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=1MO,3MO",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1,2",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-2",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;BYMONTH=1,7",
        "FREQ=YEARLY;BYMONTHDAY=15",
        "FREQ=YEARLY;BYDAY=20MO",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;BYYEARDAY=100",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=31",
    ] {
        let read = parse(text, timed("2026-01-31T09:00", "UTC"));
        assert!(matches!(read, Err(RuleError::NotExpressible(_))), "{text}: {read:?}");
    }
    let leap_day = parse("FREQ=YEARLY", whole_day("2028-02-29"));
    assert!(matches!(leap_day, Err(RuleError::NotExpressible(_))), "every fourth year there, every year in Outlook");
}

#[test]
fn what_is_no_rule_says_so() {
    for text in [
        "",
        "FREQ",
        "FREQ=",
        "FREQ=FORTNIGHTLY",
        "INTERVAL=2",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;COUNT=many",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=DAILY;UNTIL=20270101Z",
        "FREQ=DAILY;UNTIL=2027010é",
        "FREQ=DAILY;UNTIL=20270101T2500é0Z",
        "FREQ=WEEKLY;BYDAY=MON",
        "FREQ=WEEKLY;BYDAY=é",
        "FREQ=WEEKLY;WKST=X",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=YEARLY;BYMONTH=13",
    ] {
        let read = parse(text, timed("2026-01-31T09:00", "UTC"));
        assert!(matches!(read, Err(RuleError::Malformed(_))), "{text}: {read:?}");
    }
    for text in ["FREQ=DAILY;COUNT=0", "FREQ=DAILY;UNTIL=20260101T000000Z"] {
        assert!(matches!(parse(text, timed("2026-01-31T09:00", "UTC")), Err(RuleError::Series(_))), "{text}");
    }
}

//! Zones found by their clock changes.

use jiff::civil::{Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use recurrence::zones::{Change, ChangeDay, Daylight, ZoneRules, find, windows_id};
use recurrence::{Month, MonthDay, WeekIndex};

fn offset(minutes: i32) -> Offset {
    Offset::from_seconds(minutes * 60).unwrap()
}

fn change(month: i64, index: WeekIndex, weekday: Weekday, time: &str) -> Change {
    Change { month: Month::new(month).unwrap(), day: ChangeDay::Relative(index, weekday), time: time.parse().unwrap() }
}

fn sunday(month: i64, index: WeekIndex, hour: i8) -> Change {
    change(month, index, Weekday::Sunday, &Time::constant(hour, 0, 0, 0).to_string())
}

fn rules(standard: i32, daylight: i32, begins: Change, ends: Change) -> ZoneRules {
    ZoneRules { standard: offset(standard), daylight: Some(Daylight { offset: offset(daylight), begins, ends }) }
}

#[test]
fn o_11_and_o_12_a_zone_is_found_by_its_clock_changes() {
    use WeekIndex::{First, Last, Second};
    let cases = [
        // The German name of O-12, as the server sends its periods and transitions along.
        ("Europe/Berlin", rules(60, 120, sunday(3, Last, 2), sunday(10, Last, 3))),
        ("Europe/London", rules(0, 60, sunday(3, Last, 1), sunday(10, Last, 2))),
        ("America/New_York", rules(-300, -240, sunday(3, Second, 2), sunday(11, First, 2))),
        ("America/St_Johns", rules(-210, -150, sunday(3, Second, 2), sunday(11, First, 2))),
        // The southern half of the globe: summer time lasts over the turn of the year.
        ("Australia/Sydney", rules(600, 660, sunday(10, First, 2), sunday(4, First, 3))),
        ("Australia/Adelaide", rules(570, 630, sunday(10, First, 2), sunday(4, First, 3))),
        ("Australia/Lord_Howe", rules(630, 660, sunday(10, First, 2), sunday(4, First, 2))),
        ("Pacific/Auckland", rules(720, 780, sunday(9, Last, 2), sunday(4, First, 3))),
    ];
    for (expected, rules) in cases {
        assert_eq!(find(&rules, 2026), Some(expected));
        assert_eq!(find(&rules, 2025), Some(expected));
    }
}

#[test]
fn midnight_at_the_end_of_a_day_is_windows_last_millisecond() {
    // Chile: the first Saturdays of September and April at 24:00, so never on Sunday the first.
    let saturday = |month| change(month, WeekIndex::First, Weekday::Saturday, "23:59:59.999");
    assert_eq!(find(&rules(-240, -180, saturday(9), saturday(4)), 2026), Some("America/Santiago"));
    // Egypt: the last Friday of April at 0:00, the last Thursday of October at 24:00.
    let begins = change(4, WeekIndex::Last, Weekday::Friday, "00:00");
    let ends = change(10, WeekIndex::Last, Weekday::Thursday, "23:59:59.999");
    assert_eq!(find(&rules(120, 180, begins, ends), 2026), Some("Africa/Cairo"));
}

#[test]
fn o_12_the_time_stays_in_january_and_july() {
    let found = find(&rules(60, 120, sunday(3, WeekIndex::Last, 2), sunday(10, WeekIndex::Last, 3)), 2026).unwrap();
    assert_eq!(windows_id(found), Some("W. Europe Standard Time"));
    let zone = TimeZone::get(found).unwrap();
    for (at, instant) in [("2026-01-12T08:00", "2026-01-12T07:00Z"), ("2026-07-13T08:00", "2026-07-13T06:00Z")] {
        let at: jiff::civil::DateTime = at.parse().unwrap();
        assert_eq!(zone.to_timestamp(at).unwrap(), instant.parse::<Timestamp>().unwrap());
    }
}

#[test]
fn without_summer_time_the_offset_decides() {
    for minutes in [-660, -600, -420, -180, 0, 60, 180, 330, 345, 480, 540, 765 - 45, 840] {
        let found = find(&ZoneRules { standard: offset(minutes), daylight: None }, 2026).unwrap();
        let zone = TimeZone::get(found).unwrap();
        for at in ["2026-01-15T00:00Z", "2026-07-15T00:00Z", "2030-07-15T00:00Z"] {
            assert_eq!(zone.to_offset(at.parse().unwrap()), offset(minutes), "{found}");
        }
    }
    let pointless = rules(330, 330, sunday(3, WeekIndex::Last, 2), sunday(10, WeekIndex::Last, 3));
    assert_eq!(find(&pointless, 2026), Some("Asia/Kolkata"), "periods without a difference");
}

#[test]
fn similar_is_not_equal() {
    let berlin = rules(60, 120, sunday(3, WeekIndex::Last, 2), sunday(10, WeekIndex::Last, 3));
    let daylight = berlin.daylight.unwrap();
    let with = |daylight: Daylight| find(&ZoneRules { daylight: Some(daylight), ..berlin }, 2026);
    assert_eq!(with(daylight), Some("Europe/Berlin"));
    assert_eq!(
        with(Daylight { begins: sunday(3, WeekIndex::Fourth, 2), ..daylight }),
        None,
        "March has five Sundays at times"
    );
    assert_eq!(with(Daylight { ends: sunday(10, WeekIndex::Last, 2), ..daylight }), None);
    assert_eq!(with(Daylight { offset: offset(150), ..daylight }), None);
    let fixed = Change { day: ChangeDay::Fixed(MonthDay::new(28).unwrap()), ..daylight.begins };
    assert_eq!(with(Daylight { begins: fixed, ..daylight }), None);
    assert_eq!(find(&ZoneRules { standard: offset(17), daylight: None }, 2026), None);
    assert_eq!(find(&berlin, 1990), None, "other rules were in force");
    assert_eq!(find(&berlin, i16::MAX), None);
}

/// The rules of a zone, read off its changes in two years, lead to a zone that is equal to it.
#[test]
fn every_zone_with_regular_summer_time_is_found_again() {
    for name in crate::ZONES {
        let zone = TimeZone::get(name).unwrap();
        let begin: Timestamp = "2026-01-01T00:00Z".parse().unwrap();
        let Some(rules) = observed(&zone, begin) else { continue };
        let found = find(&rules, 2026).unwrap_or_else(|| panic!("{name}: {rules:?}"));
        let equal = TimeZone::get(found).unwrap();
        for hours in (0..24 * 365 * 4).step_by(7) {
            let at = begin + SignedDuration::from_hours(hours);
            assert_eq!(equal.to_offset(at), zone.to_offset(at), "{name} and {found} at {at}");
        }
    }
}

/// Rules of a zone whose clocks change on Sundays after midnight, or never.
fn observed(zone: &TimeZone, begin: Timestamp) -> Option<ZoneRules> {
    let changes: Vec<_> = zone.following(begin).take(2).collect();
    let [first, second] = changes.as_slice() else {
        return Some(ZoneRules { standard: zone.to_offset(begin), daylight: None });
    };
    if first.timestamp() > "2027-01-01T00:00Z".parse().unwrap() {
        return None;
    }
    let change = |before: Offset, at: Timestamp| {
        let shown = before.to_datetime(at);
        let is_last = shown.date().day() > 24;
        let index = [WeekIndex::First, WeekIndex::Second, WeekIndex::Third, WeekIndex::Fourth];
        let index = if is_last { WeekIndex::Last } else { index[(usize::try_from(shown.day()).unwrap() - 1) / 7] };
        let month = Month::new(i64::from(shown.month())).unwrap();
        let is_sunday = shown.weekday() == Weekday::Sunday && shown.time() != Time::midnight();
        is_sunday.then_some(Change { month, day: ChangeDay::Relative(index, shown.weekday()), time: shown.time() })
    };
    let earlier = change(second.offset(), first.timestamp())?;
    let later = change(first.offset(), second.timestamp())?;
    let [standard, daylight] = [first.offset().min(second.offset()), first.offset().max(second.offset())];
    let [begins, ends] = if first.offset() == daylight { [earlier, later] } else { [later, earlier] };
    Some(ZoneRules { standard, daylight: Some(Daylight { offset: daylight, begins, ends }) })
}

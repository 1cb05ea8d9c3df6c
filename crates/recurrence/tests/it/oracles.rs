//! The written rules as two other programs read them, and random series against what must hold of each.

use crate::strategies::{day, pattern};
use crate::{ZONES, always, dates, zone};
use calcard::common::timezone::Tz;
use calcard::icalendar::ICalendar;
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::AmbiguousOffset;
use proptest::prelude::*;
use recurrence::{Count, LocalStart, Pattern, Range, Series, Start, Window, rrule};

/// The first occurrence is on the pattern, as `DTSTART` has to be.
fn aligned(pattern: Pattern, near: Date, range: Range) -> Option<Series> {
    let roughly = Series::new(Start::WholeDay(near), pattern, Range::NoEnd).unwrap();
    let first = roughly.occurrences(always()).next().unwrap().0.date();
    Series::new(Start::Timed { at: first.at(9, 30, 0, 0), zone: zone("UTC") }, pattern, range).ok()
}

/// Dates that the crate `rrule` finds: in UTC, as it is wrong at clock changes.
fn by_rrule(series: &Series) -> String {
    let start = series.occurrences(always()).next().unwrap().0.wall_clock();
    let text = format!("DTSTART:{}\nRRULE:{}", start.strftime("%Y%m%dT%H%M%SZ"), rrule::write(series));
    let set: ::rrule::RRuleSet = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let dates: Vec<_> = set.all(40).dates.iter().map(|date| date.format("%Y-%m-%d").to_string()).collect();
    dates.join(" ")
}

/// Dates that `calcard` finds.
fn by_calcard(series: &Series) -> String {
    let start = series.occurrences(always()).next().unwrap().0.wall_clock();
    let start = start.strftime("%Y%m%dT%H%M%SZ");
    let rule = rrule::write(series);
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:{start}\r\nDURATION:PT1H\r\nRRULE:{rule}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let calendar = ICalendar::parse(&text).unwrap();
    let expanded = calendar.expand_dates(Tz::default(), 40);
    assert!(expanded.errors.is_empty(), "{text}: {:?}", expanded.errors);
    let mut dates: Vec<_> = expanded.events.iter().map(|event| event.start.format("%Y-%m-%d").to_string()).collect();
    dates.sort_unstable();
    dates.join(" ")
}

fn ranges() -> impl Strategy<Value = Range> {
    prop_oneof![
        Just(Range::NoEnd),
        (1_u32..60).prop_map(|count| Range::Numbered(Count::new(count).unwrap())),
        day().prop_map(Range::EndDate),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn other_programs_read_the_same_dates(pattern in pattern(), near in day(), range in ranges()) {
        let Some(series) = aligned(pattern, near, range) else { return Ok(()) };
        let ours = dates(&series, 40);
        prop_assert_eq!(&ours, &by_rrule(&series), "rrule: {}", rrule::write(&series));
        prop_assert_eq!(&ours, &by_calcard(&series), "calcard: {}", rrule::write(&series));
    }

    #[test]
    fn a_rule_comes_back_from_its_text_with_the_same_dates(
        pattern in pattern(),
        date in day(),
        range in ranges(),
        name in prop::sample::select(ZONES.to_vec()),
        minute in 0_i8..60,
        hour in 0_i8..24,
        is_whole_day in any::<bool>(),
    ) {
        let at = date.at(hour, minute, 0, 0);
        let start = || if is_whole_day { Start::WholeDay(date) } else { Start::Timed { at, zone: zone(name) } };
        let Ok(series) = Series::new(start(), pattern, range) else { return Ok(()) };
        let text = rrule::write(&series);
        let again = rrule::parse(&text, start()).unwrap();
        prop_assert_eq!(series.range(), again.range(), "{}", &text);
        let keys = |series: &Series| series.occurrences(always()).take(60).collect::<Vec<_>>();
        prop_assert_eq!(keys(&series), keys(&again), "{}", &text);
    }

    #[test]
    fn a_window_is_a_part_of_the_whole(
        pattern in pattern(),
        date in day(),
        range in ranges(),
        from in day(),
        length in 0_i64..400,
    ) {
        let Ok(series) = Series::new(Start::WholeDay(date), pattern, range) else { return Ok(()) };
        let window = Window::days(from, from.checked_add(SignedDuration::from_hours(24 * length)).unwrap());
        let whole = series.occurrences(Window::days(Date::constant(2025, 1, 1), Date::constant(2033, 1, 1)));
        let expected: Vec<_> = whole.filter(|key| window.contains(key.0)).collect();
        prop_assert_eq!(series.occurrences(window).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_occurrence_shows_its_wall_clock_time_except_in_a_gap(
        date in day(),
        name in prop::sample::select(ZONES.to_vec()),
        minute in 0_i8..60,
        hour in 0_i8..24,
    ) {
        let at = date.at(hour, minute, 0, 0);
        let pattern = Pattern::Daily { interval: recurrence::Interval::ONE };
        let series = Series::new(Start::Timed { at, zone: zone(name) }, pattern, Range::NoEnd).unwrap();
        for key in series.occurrences(always()).take(400) {
            let instant = series.instant(key.0).unwrap();
            let shown = zone(name).to_datetime(instant);
            let wall_clock = key.0.wall_clock();
            let offset = zone(name).to_ambiguous_timestamp(wall_clock).offset();
            let is_in_gap = matches!(offset, AmbiguousOffset::Gap { .. });
            prop_assert_eq!(shown > wall_clock, is_in_gap, "{} shown as {} in {}", wall_clock, shown, name);
            prop_assert!(shown >= wall_clock);
            prop_assert_eq!(series.at(instant), Some(key));
            prop_assert_eq!(key.0, LocalStart::Timed(wall_clock));
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(FREQ=[A-Z]{0,8};?)?([A-Z]{0,10}=[-A-Z0-9,é]{0,10};?){0,4}") {
        let _ = rrule::parse(&text, crate::timed("2026-01-31T09:00", "Europe/Berlin"));
    }
}

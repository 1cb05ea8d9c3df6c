//! Exceptions and cancelled occurrences.

use crate::{date, key, series, time, timed};
use recurrence::effective::{deleted, effective};
use recurrence::{Exception, LocalStart, Series, Window};

fn tuesdays() -> Series {
    series("FREQ=WEEKLY;BYDAY=TU", timed("2026-12-01T09:00", "Europe/Oslo"))
}

fn moved(from: &str, to: &str) -> Exception {
    Exception { key: key(from), start: LocalStart::Timed(time(to)) }
}

/// Present starts of the occurrences from 1 to 22 December, an asterisk for exceptions.
fn december(exceptions: &[Exception], cancelled: &[&str]) -> String {
    let cancelled: Vec<_> = cancelled.iter().map(|at| key(at)).collect();
    let window = Window::days(date("2026-12-01"), date("2026-12-22"));
    let found = effective(&tuesdays(), exceptions, &cancelled, window);
    let found = found.iter().map(|occurrence| {
        let mark = if occurrence.is_exception { "*" } else { "" };
        format!("{}{mark}", occurrence.start.wall_clock().strftime("%d.%H"))
    });
    found.collect::<Vec<_>>().join(" ")
}

#[test]
fn o_02_a_cancelled_occurrence_goes_and_the_others_stay() {
    let on = tuesdays().on(date("2026-12-08")).unwrap();
    assert_eq!(on, key("2026-12-08T09:00"), "Graph names cancelled occurrences by date");
    assert_eq!(december(&[], &["2026-12-08T09:00"]), "01.09 15.09 22.09");
}

#[test]
fn exceptions_count_by_their_present_start() {
    assert_eq!(december(&[moved("2026-12-08T09:00", "2026-12-09T13:00")], &[]), "01.09 09.13* 15.09 22.09");
    assert_eq!(december(&[moved("2026-12-22T09:00", "2026-12-23T09:00")], &[]), "01.09 08.09 15.09");
    assert_eq!(december(&[moved("2026-12-29T09:00", "2026-12-22T15:00")], &[]), "01.09 08.09 15.09 22.09 22.15*");
    assert_eq!(december(&[moved("2026-12-08T09:00", "2026-12-08T09:00")], &[]), "01.09 08.09* 15.09 22.09");
    let whole_day = Exception { key: key("2026-12-15T09:00"), start: LocalStart::WholeDay(date("2026-12-16")) };
    assert_eq!(december(&[whole_day], &[]), "01.09 08.09 16.00* 22.09");
}

#[test]
fn o_04_exactly_one_occurrence_goes_whichever_start_names_it() {
    let known = [moved("2026-12-08T09:00", "2026-12-09T13:00")];
    for named in ["2026-12-08T09:00", "2026-12-09T13:00"] {
        let gone = deleted(&tuesdays(), &known, LocalStart::Timed(time(named)));
        assert_eq!(gone, Some(key("2026-12-08T09:00")), "{named}");
    }
    assert_eq!(december(&known, &["2026-12-08T09:00"]), "01.09 15.09 22.09");
    let other = deleted(&tuesdays(), &known, LocalStart::Timed(time("2026-12-15T09:00")));
    assert_eq!(other, Some(key("2026-12-15T09:00")));
    assert_eq!(deleted(&tuesdays(), &known, LocalStart::Timed(time("2026-12-10T09:00"))), None);
    let utc = "2026-12-08T08:00:00Z".parse().unwrap();
    assert_eq!(tuesdays().at(utc), Some(key("2026-12-08T09:00")), "EWS names it by an instant");
}

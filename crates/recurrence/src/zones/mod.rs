//! Which time zone a name or a set of rules means. Exchange and Graph speak of Windows zones, iCalendar and Google of IANA's;
//! CLDR maps them.

/// Zones without a known name, found by their clock changes.
mod rules;
/// CLDR's table of Windows zones.
mod windows;

pub use rules::{Change, ChangeDay, Daylight, ZoneRules, find};
pub use windows::{canonical, iana_id, windows_id};

use jiff::tz::TimeZone;

/// The zone that a name means: a Windows id, or an IANA id with all its former names. `tzone://Microsoft/Utc` is how Graph
/// writes UTC in `originalStartTimeZone`. `None` for all else, among it `Customized Time Zone` and localised names: see [`find`].
pub fn by_name(name: &str) -> Option<TimeZone> {
    let name = name.strip_prefix("tzone://Microsoft/").unwrap_or(name);
    let iana = iana_id(name, None).or_else(|| canonical(name))?;
    TimeZone::get(iana).ok()
}

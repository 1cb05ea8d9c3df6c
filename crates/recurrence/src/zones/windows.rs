//! CLDR's table of Windows zones, both ways. An IANA zone is found under each of its names, former ones too; the names come from
//! Unicode's `icu_time`, which follows CLDR.

use icu_time::TimeZone as Bcp47;
use icu_time::zone::iana::IanaParserExtended;
use jiff::tz::TimeZone;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

/// CLDR's territory for a zone wherever one is.
const WORLD: &str = "001";

static ZONES: LazyLock<Zones> = LazyLock::new(|| Zones::new(include_str!("windows.tsv")));

/// The IANA zone, under its present name, of a Windows zone in a territory (`DE`; upper or lower case). Without a territory, or
/// in one that the Windows zone does not have, it is the zone's most important place.
pub fn iana_id(windows: &str, territory: Option<&str>) -> Option<&'static str> {
    let territories = ZONES.by_windows.get(windows.to_ascii_lowercase().as_str())?;
    let own = territory.and_then(|territory| territories.get(territory.to_ascii_uppercase().as_str()));
    canonical(own.or_else(|| territories.get(WORLD))?)
}

/// The Windows zone of an IANA zone, by any of its names. `None` for names that are no zone and zones that Windows lacks.
pub fn windows_id(iana: &str) -> Option<&'static str> {
    ZONES.by_iana.get(&bcp47(iana)?).copied()
}

/// An IANA zone's present name: `Asia/Kolkata` for `Asia/Calcutta`. `None` for what is no zone.
pub fn canonical(iana: &str) -> Option<&'static str> {
    let known = IanaParserExtended::new().parse(iana);
    let present = (known.time_zone != Bcp47::UNKNOWN).then_some(known.canonical)?;
    // The zone data may not know the newest name yet.
    if TimeZone::get(present).is_ok() { Some(present) } else { Some(known.normalized) }
}

/// Every zone of the table: first each Windows zone's most important place, those of Windows zones in the most territories
/// first, then by Windows id.
pub(super) fn candidates() -> impl Iterator<Item = &'static str> {
    ZONES.candidates.iter().copied()
}

/// Unicode's short id, which all names of a zone share.
fn bcp47(iana: &str) -> Option<Bcp47> {
    let id = IanaParserExtended::new().parse(iana).time_zone;
    (id != Bcp47::UNKNOWN).then_some(id)
}

struct Zones {
    /// By lower-case Windows id, the main zone of each territory.
    by_windows: HashMap<String, HashMap<&'static str, &'static str>>,
    by_iana: HashMap<Bcp47, &'static str>,
    candidates: Vec<&'static str>,
}

impl Zones {
    fn new(table: &'static str) -> Self {
        let mut zones = Self { by_windows: HashMap::new(), by_iana: HashMap::new(), candidates: Vec::new() };
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let (Some(windows), Some(territory), Some(places)) = (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            let main = places.split(' ').next().unwrap_or(places);
            zones.by_windows.entry(windows.to_ascii_lowercase()).or_default().insert(territory, main);
            for place in places.split(' ').filter_map(bcp47) {
                zones.by_iana.insert(place, windows);
            }
            zones.candidates.extend(places.split(' '));
        }
        let mut ranked: Vec<_> = zones.by_windows.iter().collect();
        ranked.sort_by_key(|(windows, territories)| (Reverse(territories.len()), *windows));
        let mains: Vec<_> = ranked.iter().filter_map(|(_, territories)| territories.get(WORLD).copied()).collect();
        zones.candidates = mains.into_iter().chain(std::mem::take(&mut zones.candidates)).collect();
        zones
    }
}

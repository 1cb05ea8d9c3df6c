//! Which country a field says, in whatever language and spelling people write it.

use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization as _;

/// Names by country, one country a line: its code, then its names as [`fold`] gives them. `countries.mjs` makes it.
const NAMES: &str = include_str!("countries.txt");

/// What people write and CLDR does not have: parts of a country, old and official names, and the signs on cars.
const ALSO: &[(&str, &[&str])] = &[
    ("AE", &["Emirates", "U.A.E.", "VAE", "EAU"]),
    ("AT", &["A", "Republik Österreich", "Republic of Austria", "Oesterreich"]),
    ("BE", &["B", "Royaume de Belgique", "Koninkrijk België"]),
    ("BO", &["Plurinational State of Bolivia"]),
    ("CD", &["DRC", "DR Congo", "Democratic Republic of the Congo", "République démocratique du Congo"]),
    ("CG", &["Republic of the Congo", "Congo Republic"]),
    ("CH", &["Swiss Confederation", "Schweizerische Eidgenossenschaft", "Confédération suisse"]),
    ("CI", &["Ivory Coast"]),
    (
        "CN",
        &[
            "中华人民共和国",
            "中華人民共和國",
            "PRC",
            "PR China",
            "P.R. China",
            "People's Republic of China",
            "Mainland China",
        ],
    ),
    ("CV", &["Cape Verde"]),
    ("CZ", &["Czech Republic", "Tschechische Republik", "Česká republika", "République tchèque"]),
    ("DE", &["D", "BRD", "Federal Republic of Germany", "Bundesrepublik Deutschland"]),
    ("ES", &["E", "Kingdom of Spain", "Reino de España", "Catalunya", "Catalonia", "Canary Islands", "Islas Canarias"]),
    ("FI", &["FIN"]),
    ("FR", &["F", "République française", "French Republic"]),
    (
        "GB",
        &[
            "England",
            "Scotland",
            "Wales",
            "Northern Ireland",
            "Britain",
            "Great Britain",
            "Alba",
            "Cymru",
            "Großbritannien",
            "Grossbritannien",
            "Grande-Bretagne",
            "Gran Bretagna",
            "Gran Bretaña",
            "Groot-Brittannië",
            "Schottland",
            "Écosse",
            "Escocia",
            "Scozia",
            "Schotland",
            "Wielka Brytania",
            "Angleterre",
            "Inghilterra",
            "Inglaterra",
            "Engeland",
            "Anglia",
            "Vereinigtes Königreich Großbritannien und Nordirland",
            "United Kingdom of Great Britain and Northern Ireland",
        ],
    ),
    ("GR", &["Hellas", "Hellenic Republic", "Ελλάς"]),
    ("HK", &["Hong Kong SAR", "Hong Kong SAR China"]),
    ("HU", &["H"]),
    ("IE", &["Republic of Ireland", "Éire"]),
    ("IR", &["Islamic Republic of Iran"]),
    ("IT", &["I", "Repubblica Italiana", "Italian Republic"]),
    ("JP", &["Nippon", "日本国"]),
    ("KR", &["한국", "韓国", "韩国", "Korea", "Republic of Korea", "Korea (South)", "Korea, Republic of", "ROK"]),
    ("LU", &["L", "Grand-Duché de Luxembourg"]),
    ("MD", &["Republic of Moldova"]),
    ("MK", &["Macedonia", "FYROM", "Republic of Macedonia"]),
    ("MM", &["Burma"]),
    ("NL", &["Holland", "The Netherlands", "Nederlanden"]),
    ("NO", &["N"]),
    ("PL", &["Republic of Poland", "Rzeczpospolita Polska"]),
    ("PS", &["Palestine", "State of Palestine"]),
    ("PT", &["P"]),
    ("RU", &["Russian Federation", "Российская Федерация", "РФ", "Russische Föderation"]),
    ("SE", &["S"]),
    ("SK", &["Slovak Republic", "Slovenská republika", "Slowakische Republik"]),
    ("SY", &["Syrian Arab Republic"]),
    ("SZ", &["Swaziland"]),
    ("TH", &["ประเทศไทย"]),
    ("TR", &["Turkey", "Türkiye Cumhuriyeti"]),
    ("TW", &["Republic of China", "Taiwan ROC", "R.O.C."]),
    ("TZ", &["United Republic of Tanzania"]),
    (
        "US",
        &[
            "America",
            "United States of America",
            "The States",
            "Vereinigte Staaten von Amerika",
            "Amerika",
            "États-Unis d'Amérique",
            "Estados Unidos de América",
            "Stati Uniti d'America",
            "EEUU",
            "EUA",
        ],
    ),
    ("VA", &["Holy See", "Vatican"]),
    ("VE", &["Bolivarian Republic of Venezuela"]),
    ("VN", &["Viet Nam"]),
];

/// What a state may be called besides its name.
const STATES: &[&str] =
    &["the", "republicof", "republicofthe", "kingdomof", "kingdomofthe", "federationof", "stateof", "commonwealthof"];

/// The ISO 3166-1 code of a country; `None` for what is the name of none, or of several.
pub(super) fn code(text: &str) -> Option<&'static str> {
    if text.len() > 200 {
        return None;
    }
    let pieces = || text.split([',', ';', '/', '|', '(', ')', '\n', '-', '–', '—']);
    named(text).or_else(|| {
        // `Deutschland / Germany`, `Berlin, Germany`: one country is named, in however many languages.
        let mut found = pieces().filter(|piece| piece.trim().chars().count() > 1).filter_map(named);
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    })
}

fn named(text: &str) -> Option<&'static str> {
    let folded = match flag(text) {
        Some(code) => code,
        None => fold(text),
    };
    if folded.is_empty() {
        return None;
    }
    let names = names();
    let find = |name: &str| names.binary_search_by(|(known, _)| known.as_ref().cmp(name)).ok().map(|at| names[at].1);
    find(&folded).or_else(|| STATES.iter().find_map(|state| find(folded.strip_prefix(state)?)))
}

/// All names, sorted; made once, in a millisecond or two.
fn names() -> &'static [(Box<str>, &'static str)] {
    static ALL: OnceLock<Vec<(Box<str>, &'static str)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all: Vec<(Box<str>, &'static str)> = Vec::with_capacity(16_000);
        let lines = || NAMES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
        // A code is never a name of another country, hence first: of equal names, the first stays.
        all.extend(lines().map(|(code, _)| (code.to_ascii_lowercase().into(), code)));
        all.push(("uk".into(), "GB"));
        all.extend(ALSO.iter().flat_map(|(code, names)| names.iter().map(|name| (fold(name).into(), *code))));
        all.extend(lines().flat_map(|(code, names)| names.split('\t').map(move |name| (name.into(), code))));
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all.dedup_by(|one, other| one.0 == other.0);
        all
    })
}

/// The letters that a flag stands for.
fn flag(text: &str) -> Option<String> {
    let letter =
        |c: char| char::from_u32(u32::from(c).checked_sub(0x1f1e6)? + u32::from('a')).filter(char::is_ascii_lowercase);
    let letters: Option<String> = text.trim().chars().map(letter).collect();
    letters.filter(|letters| letters.len() == 2)
}

/// A name in lower case, without accents, spaces and signs.
fn fold(text: &str) -> String {
    let is_accent =
        |c: &char| matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}');
    let is_sign = |c: char| {
        let signs = ['«', '»', '·', '،', '（', '）'];
        c.is_whitespace()
            || c.is_ascii_punctuation()
            || signs.contains(&c)
            || matches!(c, '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}')
    };
    let mut folded = String::with_capacity(text.len());
    for c in text.to_lowercase().nfd().filter(|c| !is_accent(c)).nfc().filter(|c| !is_sign(*c)) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_whatever_people_call_it() {
        for (text, expected) in [
            ("DE", "DE"),
            ("de", "DE"),
            ("DEU", "DE"),
            ("Germany", "DE"),
            (" germany ", "DE"),
            ("Deutschland", "DE"),
            ("Allemagne", "DE"),
            ("Niemcy", "DE"),
            ("ドイツ", "DE"),
            ("Германия", "DE"),
            ("D", "DE"),
            ("Bundesrepublik Deutschland", "DE"),
            ("Deutschland / Germany", "DE"),
            ("Berlin, Germany", "DE"),
            ("Germany (HQ)", "DE"),
            ("🇩🇪", "DE"),
            ("Scotland", "GB"),
            ("UK", "GB"),
            ("U.K.", "GB"),
            ("GBR", "GB"),
            ("Great Britain", "GB"),
            ("U.S.A.", "US"),
            ("United States of America", "US"),
            ("Vereinigte Staaten", "US"),
            ("États-Unis", "US"),
            ("ETATS UNIS", "US"),
            ("The Netherlands", "NL"),
            ("Kingdom of the Netherlands", "NL"),
            ("Österreich", "AT"),
            ("O\u{308}sterreich", "AT"),
            ("Suisse", "CH"),
            ("الأردن", "JO"),
            ("ישראל", "IL"),
            ("日本", "JP"),
            ("中国", "CN"),
            ("Ελλάδα", "GR"),
            ("भारत", "IN"),
            ("ประเทศไทย", "TH"),
            ("ไทย", "TH"),
            ("대한민국", "KR"),
            ("Republic of Korea", "KR"),
            ("Czech Republic", "CZ"),
            ("Türkiye", "TR"),
            ("Turkey", "TR"),
            ("Côte d’Ivoire", "CI"),
            ("Guinea-Bissau", "GW"),
        ] {
            assert_eq!(code(text), Some(expected), "{text}");
        }
        for text in ["", "  ", "Atlantis", "EMEA", "France, Germany", "x", "🇩", "()/,-"] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_written_as_they_are_looked_for() {
        for line in NAMES.lines().filter(|line| !line.starts_with('#')) {
            for name in line.split('\t').skip(1) {
                assert_eq!(fold(name), name);
            }
        }
        assert!(names().len() > 14_000);
    }
}

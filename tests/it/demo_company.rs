//! The demo's company: complete, well made, and who gets what.

use email_signature::{
    Address, BodyFormat, Choice, CompiledTemplate, Draft, ImageUrls, Kind, MAX_HTML, Organisation, Part, Person,
    Recipient, RecipientCondition, RecipientType, Remark, Rules, Selection, SenderCondition, Signature, Template,
    explain, inspect, render, select,
};
use jiff::civil::date;
use jiff::tz::TimeZone;
use paraph::store::{Company, CompanyPerson};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

const KINDS: [Kind; 4] = [Kind::New, Kind::Reply, Kind::Forward, Kind::Appointment];

fn folder() -> PathBuf {
    tests::root().join("backend/demo/company")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn company() -> Company {
    serde_json::from_str(&read("company.json")).unwrap()
}

/// The company with its engine: what the server makes of it.
struct Demo {
    company: Company,
    rules: Rules,
    templates: BTreeMap<String, CompiledTemplate>,
    organisation: Organisation,
    problems: Vec<String>,
}

impl Demo {
    fn new() -> Self {
        let company = company();
        let (rules, found) = Rules::compile(company.rules.clone());
        let mut problems: Vec<String> = found.into_iter().map(|problem| problem.detail).collect();
        let image = |name: &String| (name.clone(), format!("https://example.com/images/{name}"));
        let images = ImageUrls(company.images.iter().map(|listed| image(&listed.name)).collect());
        let mut templates = BTreeMap::new();
        for listed in &company.templates {
            let template = Template {
                id: listed.id.clone(),
                name: listed.name.clone(),
                folder: String::new(),
                part: listed.part,
                html: read(&listed.html),
                text: listed.text.as_deref().map(read),
                images: listed.images,
                offered_to: listed.offered_to.clone(),
            };
            let (compiled, found) = CompiledTemplate::compile(&template, &images);
            problems.extend(found.into_iter().map(|problem| format!("{}: {}", listed.id, problem.detail)));
            templates.insert(listed.id.clone(), compiled);
        }
        let organisation = Organisation {
            domains: company.tenant.domains.clone(),
            groups: company.groups.iter().map(|group| (group.id.clone(), group.name.clone())).collect(),
        };
        Self { company, rules, templates, organisation, problems }
    }

    fn person(&self, id: &str) -> Person {
        let listed = self.company.people.iter().find(|person| person.id == id);
        self.known(listed.unwrap_or_else(|| panic!("no {id}")))
    }

    /// A person as rules and templates see them: with every field that the company has, empty where they have no value.
    fn known(&self, listed: &CompanyPerson) -> Person {
        let mut fields: BTreeMap<String, String> =
            self.company.fields.iter().map(|field| (field.token.clone(), String::new())).collect();
        fields.extend(listed.fields.clone());
        Person {
            id: listed.id.clone(),
            address: listed.address.clone(),
            aliases: listed.aliases.clone(),
            groups: listed.groups.clone(),
            fields,
        }
    }

    fn select(&self, person: &Person, draft: &Draft, now_ms: i64) -> Selection {
        select(person, draft, &self.rules, &self.organisation, now_ms)
    }

    fn render(&self, choice: &Choice, person: &Person, draft: &Draft) -> Signature {
        let parts: Vec<&CompiledTemplate> =
            Part::ALL.into_iter().filter_map(|part| choice.part(part)).map(|id| &self.templates[id]).collect();
        render(&parts, person, draft)
    }
}

fn draft(kind: Kind, from: &Address, to: &[&str]) -> Draft {
    let recipients = to.iter().map(|address| Recipient {
        address: Address::parse(address).unwrap(),
        kind: RecipientType::Other,
        groups: Vec::new(),
        list: None,
        aliases: Vec::new(),
    });
    Draft {
        kind,
        from: from.clone(),
        recipients: recipients.collect(),
        format: BodyFormat::Html,
        subject: String::new(),
        time_zone: None,
    }
}

/// Noon in London on a day of November 2026; the 18th is a Wednesday, the 21st a Saturday.
fn november(day: i8) -> i64 {
    let noon = date(2026, 11, day).at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap();
    noon.timestamp().as_millisecond()
}

const WEDNESDAY: i8 = 18;
const SATURDAY: i8 = 21;
const CUSTOMER: &str = "buyer@customer.example";

/// The ids of the templates that a draft gets, in the order of the parts, with `-` for none.
fn given(demo: &Demo, id: &str, draft: &Draft, day: i8) -> [String; 3] {
    let choice = demo.select(&demo.person(id), draft, november(day)).choice;
    Part::ALL.map(|part| choice.part(part).unwrap_or("-").to_owned())
}

#[track_caller]
fn check(id: &str, kind: Kind, to: &[&str], expected: [&str; 3]) {
    let demo = Demo::new();
    let draft = draft(kind, &demo.person(id).address, to);
    assert_eq!(given(&demo, id, &draft, WEDNESDAY), expected);
}

#[test]
fn a_new_mail_gets_the_full_signature_and_the_banner() {
    check("fiona-macrae", Kind::New, &["noor@haldenvale.example"], ["full", "open-studio", "-"]);
}

#[test]
fn replies_and_forwards_get_the_compact_signature_and_no_banner() {
    check("fiona-macrae", Kind::Reply, &[], ["compact", "-", "-"]);
    check("maren-halden", Kind::Forward, &[], ["compact", "-", "-"]);
}

#[test]
fn mail_to_the_outside_carries_the_disclaimer() {
    check("fiona-macrae", Kind::New, &["noor@haldenvale.example", CUSTOMER], ["full", "open-studio", "confidential"]);
    check("fiona-macrae", Kind::Reply, &[CUSTOMER], ["compact", "-", "confidential"]);
}

#[test]
fn the_other_domain_is_internal_too() {
    check("fiona-macrae", Kind::Reply, &["sven.lindqvist@hv-labs.example"], ["compact", "-", "-"]);
}

#[test]
fn a_quotation_to_a_customer_carries_the_terms_instead() {
    let demo = Demo::new();
    let mut draft = draft(Kind::Reply, &demo.person("fiona-macrae").address, &[CUSTOMER]);
    draft.subject = "Your QUOTATION for two theodolites".into();
    assert_eq!(given(&demo, "fiona-macrae", &draft, WEDNESDAY), ["compact", "-", "quotation"]);
}

#[test]
fn a_labs_address_gets_the_labs_signature_even_as_an_alias() {
    check("sven-lindqvist", Kind::New, &[], ["labs", "field-days", "-"]);
    let demo = Demo::new();
    let alias = Address::parse("priya.raghunathan@haldenvale.example").unwrap();
    let draft = draft(Kind::New, &alias, &[]);
    assert_eq!(given(&demo, "priya-raghunathan", &draft, WEDNESDAY), ["full", "open-studio", "-"]);
}

#[test]
fn hebrew_and_arabic_run_from_right_to_left_in_replies_too() {
    for id in ["noa-ben-david", "layla-al-masri", "yusuf-haddad"] {
        check(id, Kind::New, &[], ["right-to-left", "open-studio", "-"]);
        check(id, Kind::Reply, &[], ["right-to-left", "-", "-"]);
    }
    let demo = Demo::new();
    let noa = demo.person("noa-ben-david");
    let draft = draft(Kind::New, &noa.address, &[]);
    let html = demo.render(&demo.select(&noa, &draft, november(WEDNESDAY)).choice, &noa, &draft).html;
    assert!(html.contains("dir=\"rtl\"") && html.contains("טלפון") && !html.contains("هاتف"), "{html}");
}

#[test]
fn nothing_that_anybody_gets_would_stop_publishing() {
    let demo = Demo::new();
    for person in demo.company.people.iter().map(|listed| demo.known(listed)) {
        for (kind, to) in KINDS.into_iter().flat_map(|kind| [(kind, "noor@haldenvale.example"), (kind, CUSTOMER)]) {
            let draft = draft(kind, &person.address, &[to]);
            let choice = demo.select(&person, &draft, november(WEDNESDAY)).choice;
            for id in Part::ALL.into_iter().filter_map(|part| choice.part(part)) {
                let template = &demo.templates[id];
                let remarks = inspect(&render(&[template], &person, &draft));
                let banner = |remark: &Remark| *remark == Remark::OnlyImages && template.part() == Part::Campaign;
                assert!(remarks.iter().all(banner), "{id} for {}: {remarks:?}", person.id);
            }
        }
    }
}

#[test]
fn a_team_mailbox_writes_as_a_team() {
    check("info", Kind::New, &[], ["team", "-", "-"]);
    check("support", Kind::Reply, &[CUSTOMER], ["team", "-", "confidential"]);
    check("lab", Kind::New, &[], ["team", "-", "-"]);
}

#[test]
fn leadership_writes_on_letterhead_and_is_spared_the_banners() {
    check("maren-halden", Kind::New, &[CUSTOMER], ["leadership", "-", "confidential"]);
    check("amara-diallo", Kind::New, &[], ["labs", "-", "-"]);
}

#[test]
fn an_appointment_says_who_invites_and_nothing_else() {
    check("fiona-macrae", Kind::Appointment, &[CUSTOMER], ["appointment", "-", "-"]);
}

#[test]
fn the_banner_rests_at_the_weekend() {
    let demo = Demo::new();
    let fiona = draft(Kind::New, &demo.person("fiona-macrae").address, &[]);
    assert_eq!(given(&demo, "fiona-macrae", &fiona, SATURDAY), ["full", "weekend", "-"]);
}

#[test]
fn a_disabled_rule_says_so_and_gives_nothing() {
    let demo = Demo::new();
    let fiona = demo.person("fiona-macrae");
    let draft = draft(Kind::New, &fiona.address, &[]);
    let (_, because) = explain(&fiona, &draft, &demo.rules, &demo.organisation, november(WEDNESDAY));
    let because = because.iter().find(|because| because.rule == "we-have-moved").unwrap();
    assert!(!because.applied);
}

#[test]
fn the_company_has_what_the_demo_promises() {
    let company = company();
    let people: Vec<_> = company.people.iter().filter(|person| !person.shared).collect();
    assert_eq!(people.len(), 25);
    let departments: BTreeSet<&str> = ["customers", "engineering", "research", "operations"].into();
    let in_department =
        |person: &&&CompanyPerson| person.groups.iter().any(|group| departments.contains(group.as_str()));
    assert_eq!(people.iter().filter(in_department).count(), 24, "all but one are in a department");
    assert_eq!(company.tenant.domains.len(), 2);
    assert!(company.templates.len() >= 6);
    assert!(company.people.iter().any(|person| person.shared && !person.send_as.is_empty()));
    let missing = |token: &str| people.iter().filter(|person| !person.fields.contains_key(token)).count();
    assert!(missing("phone") >= 2 && missing("title") >= 2 && missing("surname") >= 2);
    let scripts = ['ה', 'ل', '田', '薇', 'Ε', 'Д'];
    let written = |letter: char| people.iter().any(|person| person.fields["display_name"].contains(letter));
    assert!(scripts.into_iter().all(written));
}

#[test]
fn everything_that_is_named_exists() {
    let company = company();
    let groups: BTreeSet<&str> = company.groups.iter().map(|group| group.id.as_str()).collect();
    let templates: BTreeMap<&str, Part> = company.templates.iter().map(|one| (one.id.as_str(), one.part)).collect();
    let addresses: BTreeSet<&Address> = company.people.iter().map(|person| &person.address).collect();
    let all_addresses: Vec<&Address> =
        company.people.iter().flat_map(|person| person.aliases.iter().chain([&person.address])).collect();
    assert_eq!(all_addresses.iter().collect::<BTreeSet<_>>().len(), all_addresses.len(), "an address is there twice");
    for address in all_addresses {
        assert!(company.tenant.domains.iter().any(|domain| domain == address.domain()), "{address}");
    }
    for person in &company.people {
        assert!(person.groups.iter().all(|group| groups.contains(group.as_str())), "{}", person.id);
        assert!(person.send_as.iter().all(|address| addresses.contains(address)), "{}", person.id);
        assert_eq!(person.oid.is_none(), person.shared, "{}: people sign in, mailboxes do not", person.id);
    }
    let check_senders = |conditions: &[SenderCondition]| {
        for condition in conditions {
            if let SenderCondition::Group { id } = condition {
                assert!(groups.contains(id.as_str()), "{id}");
            }
        }
    };
    for rule in &company.rules {
        for part in Part::ALL {
            if let Some(id) = rule.gives.part(part) {
                assert_eq!(templates.get(id), Some(&part), "{}", rule.id);
            }
        }
        check_senders(&rule.senders.any_of);
        check_senders(&rule.senders.except);
        for condition in rule.recipients.of.iter().chain(&rule.recipients.except) {
            if let RecipientCondition::Group { id } = condition {
                assert!(groups.contains(id.as_str()), "{id}");
            }
        }
    }
    for template in &company.templates {
        check_senders(template.offered_to.as_deref().unwrap_or_default());
    }
    for image in &company.images {
        let bytes = fs::read(folder().join(&image.file)).unwrap_or_else(|error| panic!("{}: {error}", image.file));
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() < 64 * 1024, "{}", image.file);
    }
}

#[test]
fn every_file_is_used() {
    let company = company();
    let mut named: BTreeSet<String> = company.images.iter().map(|image| image.file.clone()).collect();
    named.extend(company.templates.iter().flat_map(|one| [Some(one.html.clone()), one.text.clone()]).flatten());
    let mut there = BTreeSet::new();
    for below in ["images", "templates"] {
        for entry in fs::read_dir(folder().join(below)).unwrap() {
            there.insert(format!("{below}/{}", entry.unwrap().file_name().to_str().unwrap()));
        }
    }
    assert_eq!(there, named);
    let html: String = company.templates.iter().map(|template| read(&template.html)).collect();
    for image in &company.images {
        assert!(html.contains(&format!("image:{}", image.name)), "no template uses {}", image.name);
    }
}

#[test]
fn rules_and_templates_have_no_problems() {
    assert_eq!(Demo::new().problems, [""; 0]);
}

/// Every signature that the company can send: everybody, each kind, inside and outside, on a weekday and at the
/// weekend, and every template for everybody.
fn every_signature(mut look: impl FnMut(&str, &Signature)) {
    let demo = Demo::new();
    for listed in &demo.company.people {
        let person = demo.known(listed);
        for kind in KINDS {
            for day in [WEDNESDAY, SATURDAY] {
                for to in [&[][..], &[CUSTOMER]] {
                    let draft = draft(kind, &person.address, to);
                    let choice = demo.select(&person, &draft, november(day)).choice;
                    look(&format!("{} {kind:?}", person.id), &demo.render(&choice, &person, &draft));
                }
            }
        }
        for id in demo.templates.keys() {
            let draft = draft(Kind::New, &person.address, &[]);
            look(&format!("{} {id}", person.id), &render(&[&demo.templates[id]], &person, &draft));
        }
    }
}

#[test]
fn every_signature_is_whole_and_without_problems() {
    every_signature(|what, signature| {
        assert_eq!(signature.problems, [], "{what}");
        assert!(!signature.text.trim().is_empty(), "{what} has no text");
        let length = signature.html.encode_utf16().count();
        assert!((1..=MAX_HTML).contains(&length), "{what}: {length}");
        for left in ["{{", "{%", "image:", "<tooling>", "None", "()", "undefined"] {
            assert!(!signature.html.contains(left), "{what}: {left}");
        }
    });
}

/// The start tags of one element in HTML that a serialiser wrote, each with what follows it.
fn tags<'h>(html: &'h str, name: &str) -> Vec<(&'h str, &'h str)> {
    let open = format!("<{name} ");
    html.match_indices(&open).filter_map(|(at, _)| html[at + open.len()..].split_once('>')).collect()
}

/// Outlook for Windows renders with Word: it knows tables and attributes, and what a cell does not say it takes from
/// Normal.dotm (office-js #2045, #4929).
#[test]
fn every_cell_says_its_font_and_every_image_its_size() {
    every_signature(|what, signature| {
        for (tag, follows) in tags(&signature.html, "td") {
            if follows.starts_with('<') {
                continue;
            }
            for said in ["font-family:", "font-size:", "line-height:", "mso-line-height-rule:", "color:"] {
                assert!(tag.contains(said), "{what}: a cell without {said} <td {tag}>");
            }
        }
        for (tag, _) in tags(&signature.html, "img") {
            for said in ["width=", "height=", "alt=", "border="] {
                assert!(tag.contains(said), "{what}: an image without {said} <img {tag}>");
            }
        }
        let styles = signature.html.replace(' ', "");
        for unknown in
            ["margin:", "margin-", "display:flex", "display:grid", "float:", "position:", "background:", "url("]
        {
            assert!(!styles.contains(unknown), "{what}: Word does not know {unknown}");
        }
        for (tag, _) in tags(&signature.html, "table") {
            assert!(tag.contains("cellpadding=\"0\"") && tag.contains("cellspacing=\"0\""), "{what}: <table {tag}>");
        }
    });
}

/// Relative luminance of `#rrggbb` (WCAG 2).
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Some clients invert colours in dark mode and some do not, so text has to be readable on both.
#[test]
fn text_is_readable_on_light_and_on_dark_backgrounds() {
    // On panels and buttons of their own colour.
    let panels = [("#3A4A45", "#FBF1E2"), ("#1F5A50", "#FBF1E2"), ("#FFFFFF", "#B05A2A")];
    for (text, panel) in panels {
        assert!(contrast(text, panel) >= 4.5, "{text} on {panel}: {:.2}", contrast(text, panel));
    }
    for template in company().templates {
        for piece in read(&template.html).split(" color: ").skip(1) {
            let colour = &piece[..7];
            if panels.iter().any(|(text, _)| *text == colour) {
                continue;
            }
            assert!(contrast(colour, "#FFFFFF") >= 4.5, "{}: {colour} on white", template.id);
            assert!(contrast(colour, "#1F1F1F") >= 3.0, "{}: {colour} on dark", template.id);
        }
    }
}

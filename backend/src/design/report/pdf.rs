//! The report as PDF, A4.

use super::moment;
use super::text::{Fonts, SUBSTITUTE, Weight};
use api::console::{ReportedRule, RuleReport};
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use std::fmt::Write as _;

/// A4 in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const LEFT: f32 = 50.0;
const RIGHT: f32 = PAGE.0 - 50.0;
const TOP: f32 = 56.0;
/// Below it there is the footer alone.
const BOTTOM: f32 = PAGE.1 - 64.0;
/// Where texts begin, right of numbers and labels.
const TEXT: f32 = LEFT + 68.0;
/// A rule begins only where this much of the page is left.
const ROOM: f32 = 64.0;

type Colour = (u8, u8, u8);
const INK: Colour = (31, 35, 40);
const GREY: Colour = (101, 109, 118);
const HAIR: Colour = (216, 222, 228);
const WARNING: Colour = (154, 65, 0);

/// How a text looks.
#[derive(Clone, Copy)]
struct Look {
    size: f32,
    weight: Weight,
    colour: Colour,
}

const TITLE: Look = Look { size: 22.0, weight: Weight::Bold, colour: INK };
const NAME: Look = Look { size: 11.5, weight: Weight::Bold, colour: INK };
const BODY: Look = Look { size: 9.5, weight: Weight::Regular, colour: INK };
const LABEL: Look = Look { size: 9.5, weight: Weight::Regular, colour: GREY };
const ADVICE: Look = Look { size: 9.5, weight: Weight::Regular, colour: WARNING };
const SMALL: Look = Look { size: 8.0, weight: Weight::Regular, colour: GREY };

/// What stands on a page.
enum Item {
    /// One line with its left end at `x` and its base at `y`.
    Text { x: f32, y: f32, line: String, look: Look },
    /// A hair line over the whole width.
    Line { y: f32 },
}

/// Writes the report as PDF; `None` when it cannot be, which would be our own fault.
pub fn to_pdf(report: &RuleReport) -> Option<Vec<u8>> {
    let fonts = Fonts::load()?;
    let mut layout = Layout { fonts: &fonts, pages: vec![Vec::new()], y: TOP, substituted: false };
    layout.head(report);
    for rule in &report.rules {
        layout.rule(rule);
    }
    if layout.substituted {
        let note = format!(
            "{SUBSTITUTE} stands for a character that this document has no font for: the report's page and its CSV show it."
        );
        layout.y += 10.0;
        layout.paragraph(LEFT, &note, SMALL);
    }
    let mut document = Document::new();
    let title = format!("Rules of {}", report.tenant);
    document.set_metadata(Metadata::new().title(title).language("en".into()).creator("Paraph".into()));
    let (tenant, _) = fonts.printable(&report.tenant);
    let count = layout.pages.len();
    for (number, items) in (1..).zip(&layout.pages) {
        let mut page = document.start_page_with(PageSettings::from_wh(PAGE.0, PAGE.1)?);
        let mut surface = page.surface();
        for item in items {
            draw(&mut surface, &fonts, item);
        }
        let y = PAGE.1 - 36.0;
        draw(&mut surface, &fonts, &Item::Line { y: y - 14.0 });
        let place = format!("Page {number} of {count}");
        let x = RIGHT - fonts.width(&place, SMALL.weight) * SMALL.size;
        draw(&mut surface, &fonts, &Item::Text { x, y, line: place, look: SMALL });
        // Only as much of a long name as leaves the number alone.
        let footer = format!("Paraph · Rules · {} · {tenant}", moment(report.at_ms));
        let line =
            fonts.lines(&footer, SMALL.weight, (x - LEFT - 12.0) / SMALL.size).into_iter().next().unwrap_or_default();
        draw(&mut surface, &fonts, &Item::Text { x: LEFT, y, line, look: SMALL });
        surface.finish();
        page.finish();
    }
    document.finish().ok()
}

struct Layout<'a> {
    fonts: &'a Fonts,
    pages: Vec<Vec<Item>>,
    /// Where the next line's top is.
    y: f32,
    /// Whether a character was shown as [`SUBSTITUTE`].
    substituted: bool,
}

impl Layout<'_> {
    fn head(&mut self, report: &RuleReport) {
        self.paragraph(LEFT, "Rules", TITLE);
        self.paragraph(LEFT, &report.tenant, NAME);
        let what = if report.unpublished { "With unpublished changes" } else { "As they are published" };
        let off = report.rules.iter().filter(|rule| !rule.enabled).count();
        let odd = report.rules.iter().filter(|rule| !rule.advice.is_empty()).count();
        let count = match report.rules.len() {
            1 => "1 rule".to_owned(),
            count => format!("{count} rules"),
        };
        let mut about = format!("{} · {what} · {count}", moment(report.at_ms));
        if off > 0 {
            let _ = write!(about, ", {off} switched off");
        }
        if odd > 0 {
            let _ = write!(about, ", {odd} to look at");
        }
        self.paragraph(LEFT, &about, LABEL);
        let order = "Rules are looked at from the first to the last. The first that applies and gives a part decides that part.";
        self.paragraph(LEFT, order, LABEL);
        self.y += 8.0;
    }

    fn rule(&mut self, rule: &ReportedRule) {
        if self.y + ROOM > BOTTOM {
            self.turn();
        }
        self.push(Item::Line { y: self.y });
        self.y += 10.0;
        let base = self.y + NAME.size;
        self.push(Item::Text { x: LEFT, y: base, line: rule.place.to_string(), look: LABEL });
        self.paragraph(TEXT, &rule.name, NAME);
        let mut about = Vec::new();
        if !rule.enabled {
            about.push("Switched off".to_owned());
        }
        if !rule.folder.is_empty() {
            about.push(format!("Folder {}", rule.folder));
        }
        if !about.is_empty() {
            self.paragraph(TEXT, &about.join(" · "), LABEL);
        }
        self.labelled("When", &rule.conditions, BODY);
        self.labelled("Then", &rule.gives, BODY);
        self.labelled("Look at", &rule.advice, ADVICE);
        self.y += 10.0;
    }

    fn labelled(&mut self, label: &str, sentences: &[String], look: Look) {
        if sentences.is_empty() {
            return;
        }
        self.y += 3.0;
        self.make_room(look);
        let label_look = Look { colour: if look.colour == WARNING { WARNING } else { GREY }, ..LABEL };
        self.push(Item::Text { x: LEFT + 22.0, y: self.y + look.size, line: label.to_owned(), look: label_look });
        for sentence in sentences {
            self.paragraph(TEXT, sentence, look);
        }
    }

    /// Lines from `x` to the right edge.
    fn paragraph(&mut self, x: f32, text: &str, look: Look) {
        let (text, substituted) = self.fonts.printable(text);
        self.substituted |= substituted;
        for line in self.fonts.lines(&text, look.weight, (RIGHT - x) / look.size) {
            self.make_room(look);
            self.push(Item::Text { x, y: self.y + look.size, line, look });
            self.y += look.size * 1.45;
        }
    }

    fn make_room(&mut self, look: Look) {
        if self.y + look.size * 1.45 > BOTTOM {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    fn push(&mut self, item: Item) {
        if let Some(page) = self.pages.last_mut() {
            page.push(item);
        }
    }
}

fn draw(surface: &mut Surface<'_>, fonts: &Fonts, item: &Item) {
    match item {
        Item::Text { x, y, line, look } => {
            surface.set_fill(Some(fill(look.colour)));
            let mut x = *x;
            for run in fonts.runs(line, look.weight) {
                surface.draw_glyphs(Point::from_xy(x, *y), &run.glyphs, run.font, &run.text, look.size, false);
                x += run.width * look.size;
            }
        }
        Item::Line { y } => {
            surface.set_fill(Some(fill(HAIR)));
            let mut path = PathBuilder::new();
            if let Some(rect) = Rect::from_ltrb(LEFT, *y, RIGHT, *y + 0.6) {
                path.push_rect(rect);
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

fn fill((red, green, blue): Colour) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), opacity: NormalizedF32::ONE, rule: FillRule::default() }
}

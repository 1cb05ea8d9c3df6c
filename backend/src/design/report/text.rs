//! Text as PDF draws it: every character from a font that has it, right-to-left runs in their order, lines broken to a
//! width.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::ttf_parser;
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};

/// Shown for characters that no font here has.
pub(super) const SUBSTITUTE: char = '\u{fffd}';

/// A font, for shaping and for drawing.
struct Cut {
    face: Face<'static>,
    font: Font,
}

/// The fonts, in the order in which they are asked; under the SIL Open Font License.
pub(super) struct Fonts {
    regular: Cut,
    bold: Cut,
    /// Scripts that the two above have not.
    others: Vec<Cut>,
}

/// Which of the two weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Glyphs of one font in one direction, in the order in which they are drawn.
pub(super) struct Run {
    pub(super) font: Font,
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// In ems.
    pub(super) width: f32,
}

impl Fonts {
    /// `None`: a font cannot be read, which a test keeps from happening.
    pub(super) fn load() -> Option<Self> {
        Some(Self {
            regular: cut(include_bytes!("../../../fonts/noto-sans-regular.ttf"))?,
            bold: cut(include_bytes!("../../../fonts/noto-sans-bold.ttf"))?,
            others: vec![
                cut(include_bytes!("../../../fonts/noto-sans-arabic-regular.ttf"))?,
                cut(include_bytes!("../../../fonts/noto-sans-hebrew-regular.ttf"))?,
            ],
        })
    }

    fn base(&self, weight: Weight) -> &Cut {
        if weight == Weight::Bold { &self.bold } else { &self.regular }
    }

    /// The text with [`SUBSTITUTE`] for what no font has, on one line, and whether there was any.
    pub(super) fn printable(&self, text: &str) -> (String, bool) {
        let mut substituted = false;
        let mut printable = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_whitespace() {
                printable.push(' ');
            } else if is_invisible(c) {
                // Marks of direction and joiners are for reading; what could turn the rest of the page round is not.
            } else if self.has(c) {
                printable.push(c);
            } else if !printable.ends_with(SUBSTITUTE) || !is_mark(c) {
                substituted = true;
                printable.push(SUBSTITUTE);
            }
        }
        (printable, substituted)
    }

    fn has(&self, c: char) -> bool {
        self.regular.has(c) || self.others.iter().any(|cut| cut.has(c))
    }

    /// Which font draws a character behind one that `before` draws.
    fn pick<'a>(&'a self, c: char, weight: Weight, before: Option<&'a Cut>) -> &'a Cut {
        // Accents, joiners and spaces stay with what they stand at.
        match before {
            Some(before) if (is_mark(c) || c == ' ') && before.has(c) => before,
            _ if self.base(weight).has(c) => self.base(weight),
            _ => self.others.iter().find(|cut| cut.has(c)).unwrap_or(self.base(weight)),
        }
    }

    /// One line, ready to be drawn from left to right.
    pub(super) fn runs(&self, line: &str, weight: Weight) -> Vec<Run> {
        let bidi = BidiInfo::new(line, Some(Level::ltr()));
        let Some(paragraph) = bidi.paragraphs.first() else { return Vec::new() };
        let (levels, visual) = bidi.visual_runs(paragraph, paragraph.range.clone());
        let mut runs = Vec::new();
        for range in visual {
            let rtl = levels.get(range.start).is_some_and(Level::is_rtl);
            let mut pieces = self.pieces(&line[range], weight);
            if rtl {
                pieces.reverse();
            }
            runs.extend(pieces.into_iter().map(|(text, cut)| cut.shape(text, rtl)));
        }
        runs
    }

    /// Pieces of one font each.
    fn pieces<'t>(&self, text: &'t str, weight: Weight) -> Vec<(&'t str, &Cut)> {
        let mut pieces: Vec<(usize, &Cut)> = Vec::new();
        for (at, c) in text.char_indices() {
            let before = pieces.last().map(|(_, cut)| *cut);
            let cut = self.pick(c, weight, before);
            if before.is_none_or(|before| !std::ptr::eq(before, cut)) {
                pieces.push((at, cut));
            }
        }
        let ends: Vec<usize> = pieces.iter().skip(1).map(|(at, _)| *at).chain([text.len()]).collect();
        pieces.into_iter().zip(ends).map(|((start, cut), end)| (&text[start..end], cut)).collect()
    }

    /// In ems.
    pub(super) fn width(&self, line: &str, weight: Weight) -> f32 {
        self.runs(line, weight).iter().map(|run| run.width).sum()
    }

    /// Lines of at most `width` ems; a word that is longer is broken where it has to be.
    pub(super) fn lines(&self, text: &str, weight: Weight, width: f32) -> Vec<String> {
        let space = self.width(" ", weight);
        let mut lines = Vec::new();
        let (mut line, mut used) = (String::new(), 0.0);
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            for piece in self.fitting(word, weight, width) {
                let needed = self.width(&piece, weight);
                if !line.is_empty() && used + space + needed > width {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                if !line.is_empty() {
                    line.push(' ');
                    used += space;
                }
                line.push_str(&piece);
                used += needed;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// A word, in pieces that are no wider than `width`.
    fn fitting(&self, word: &str, weight: Weight, width: f32) -> Vec<String> {
        if self.width(word, weight) <= width {
            return vec![word.to_owned()];
        }
        let mut pieces = vec![String::new()];
        let mut used = 0.0;
        for c in word.chars() {
            let needed = self.width(c.encode_utf8(&mut [0; 4]), weight);
            if used + needed > width
                && let Some(last) = pieces.last()
                && !last.is_empty()
            {
                pieces.push(String::new());
                used = 0.0;
            }
            if let Some(last) = pieces.last_mut() {
                last.push(c);
            }
            used += needed;
        }
        pieces
    }
}

fn cut(bytes: &'static [u8]) -> Option<Cut> {
    Some(Cut { face: Face::from_slice(bytes, 0)?, font: Font::new(bytes.into(), 0)? })
}

impl Cut {
    fn has(&self, c: char) -> bool {
        let face: &ttf_parser::Face<'_> = &self.face;
        face.glyph_index(c).is_some()
    }

    fn shape(&self, text: &str, rtl: bool) -> Run {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
        let units = f32::from(i16::try_from(self.face.units_per_em()).unwrap_or(1000).max(1));
        // Where each glyph's characters begin, to find where they end.
        let mut starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
        starts.sort_unstable();
        starts.push(text.len());
        let end = |start: usize| starts[starts.partition_point(|at| *at <= start).min(starts.len() - 1)];
        let mut glyphs = Vec::with_capacity(infos.len());
        let mut width = 0.0;
        for (info, position) in infos.iter().zip(positions) {
            let start = info.cluster as usize;
            let advance = ems(position.x_advance, units);
            width += advance;
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                advance,
                ems(position.x_offset, units),
                ems(position.y_offset, units),
                ems(position.y_advance, units),
                start..end(start),
                None,
            ));
        }
        Run { font: self.font.clone(), text: text.to_owned(), glyphs, width }
    }
}

#[expect(clippy::cast_precision_loss, reason = "font units are far below what a float holds")]
fn ems(units: i32, per_em: f32) -> f32 {
    units as f32 / per_em
}

/// A mark on the character before it.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// Characters that show nothing: controls, marks of direction, joiners, variation selectors.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ad}')
}

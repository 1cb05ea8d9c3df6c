//! (templates, person, draft) -> signature: quick, and safe by construction.
//!
//! **Slots.** A template's placeholders do not write values into the HTML. Each `{{ … }}` writes a *slot*
//! ([`slots`]); what the template wrote is then split into its *shape* (its own markup, with a mark for each slot that
//! says only whether it is filled) and the values. Nothing that a person, a directory or a customer's database wrote is
//! ever in a shape.
//!
//! **Skeletons.** A shape is made ready once ([`skeleton`]): styles inlined, sanitised ([`policy`], [`styles`]), rows and
//! lines whose slots are all empty dropped ([`prune`]), and cut into literal pieces and places for values. Each place
//! knows where it is (text, attribute, address, style), and a value that lands there is escaped for just that
//! ([`values`], [`links`]); one that cannot be made harmless there counts as empty. So values cannot become markup
//! whatever they hold, and markup is safe because all of it, wherever in the template it came from, went through the
//! sanitiser. Skeletons are kept per template ([`cache`]): people who lack the same fields share one, everybody shares
//! what was sanitised, and rendering for the next person is running the template, one hash, and joining strings.
//!
//! **Limits.** There is no clock here, so work is counted: the template language ([`language`]) bounds steps, memory and
//! stack; [`measure`] counts what the parsers would do before they are asked, and [`cascade`] what style sheets would; the
//! joined HTML is at most [`MAX_HTML`] characters. Past a limit, a part is left out
//! with a problem, and the others stay.

pub(crate) mod blocks;
mod cache;
mod dates;
pub(crate) mod filters;
pub(crate) mod css;
mod fit;
mod hosts;
pub(crate) mod html;
pub(crate) mod language;
pub(crate) mod links;
mod mailto;
pub(crate) mod namespaces;
mod skeleton;
pub(crate) mod slots;
mod text;
mod values;

#[cfg(test)]
mod tests;

pub use blocks::{Blocks, Expanded, blocks_of};
pub use fit::TOO_LONG;
pub use html::tidy::{Tidied, tidy};
pub use skeleton::NO_ADDRESS;

use crate::check::not_filled;
use crate::lint::source;
use crate::ready::passages;
use crate::{BRAND_TOKENS, BUILT_IN_FIELDS, Draft, Image, ImageMode, Part, Person, Problem, Signature, Template};
use cache::Cache;
use language::Program;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Longest HTML of a signature in UTF-16 units: the limit of Outlook's `setSignatureAsync`.
pub const MAX_HTML: usize = 30_000;

/// Names that are not fields: the kind of draft, the address of an image with the person's vCard as a QR code, the date
/// (`2026-11-30`), and the [namespaces](namespaces).
pub(crate) const COMPUTED: &[&str] = &["kind", "vcard_qr", "today", "sender", "manager", namespaces::BRAND];

/// Most problems that one render reports: once these are corrected, the rest appear.
const MAX_PROBLEMS: usize = 100;

/// Where a tenant's images are hosted: absolute `http(s)` addresses by the name that templates use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageUrls(pub BTreeMap<String, String>);

/// A prepared template. Share it in an `Arc`: work cached by one render serves the next, on every thread.
#[derive(Debug)]
pub struct CompiledTemplate {
    id: String,
    name: String,
    part: Part,
    images: Images,
    /// `Err`: why it cannot be used.
    html: Result<Program, String>,
    /// The template's own plain text.
    text: Option<Result<Program, String>>,
    /// The blocks whose derived texts stand in that.
    derived: Vec<Self>,
    /// Names that it looks up and that are no built-in field.
    custom: Vec<String>,
    /// What it asks the brand for, such as `brand.slogan`.
    brand: Vec<String>,
    /// Names whose values it writes as telephone numbers.
    numbers: Vec<Box<str>>,
    problems: Vec<Problem>,
    skeletons: Cache,
}

/// A tenant's images as one template uses them.
#[derive(Debug, Default)]
struct Images {
    by_name: BTreeMap<String, Image>,
}

impl Images {
    fn new(urls: &ImageUrls, mode: ImageMode) -> Self {
        let image = |(name, url): (&String, &String)| {
            let cid = (mode == ImageMode::Cid).then(|| cid(name, url));
            (name.clone(), Image { name: name.clone(), cid, url: url.clone() })
        };
        let is_address = |url: &str| values::may_start_image(url) && ammonia::Url::parse(url).is_ok();
        Self { by_name: urls.0.iter().filter(|(_, url)| is_address(url)).map(image).collect() }
    }

    fn find(&self, name: &str) -> Option<&Image> {
        self.by_name.get(name)
    }

    /// What stands in `src`.
    fn address(image: &Image) -> String {
        image.cid.as_ref().map_or_else(|| image.url.clone(), |cid| format!("cid:{cid}"))
    }
}

/// The name of an inline attachment: stable for one content (whose hash the hosted address holds), and a plain file name
/// with the image's ending, since Outlook uses it for the attachment too.
fn cid(name: &str, url: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
    let (stem, ending) = match plain.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, ending),
        _ => (&*plain, "png"),
    };
    let stem = &stem[..stem.len().min(60)];
    let hash = xxh3_64(url.as_bytes()) & 0xffff_ffff;
    format!("{stem}-{hash:08x}.{ending}")
}

impl CompiledTemplate {
    /// Prepares a template that uses no blocks, as [`Self::compile_with`].
    pub fn compile(template: &Template, images: &ImageUrls) -> (Self, Vec<Problem>) {
        Self::compile_with(template, &Blocks::default(), images)
    }

    /// Prepares a template with its blocks and returns its problems, which [`Self::problems`] repeats. A template that
    /// cannot be used renders as nothing; a block that cannot be used or is missing is left out.
    pub fn compile_with(template: &Template, blocks: &Blocks, images: &ImageUrls) -> (Self, Vec<Problem>) {
        let (own, Expanded { template, problems: mut details, derived }) = (template, blocks.expand(template));
        details.extend(html::policy::lost(&template.html));
        let html = compiled(&template.html, &own.html);
        if let Err(detail) = &html {
            details.push(format!("The template “{}” cannot be used: {detail}.", template.name));
        }
        let text = template.text.as_deref().map(|text| compiled(text, own.text.as_deref().unwrap_or_default()));
        if let Some(Err(detail)) = &text {
            details.push(format!("The plain text of the template “{}” cannot be used: {detail}.", template.name));
        }
        details.extend(unmapped(&template));
        let programs = [Some(&html), text.as_ref()];
        let names = programs.into_iter().flatten().flatten().flat_map(Program::names);
        let names = names.map(|name| &**name);
        let is_custom = |name: &&str| !is_built_in(name) && !name.starts_with(blocks::DERIVED);
        let mut custom: Vec<String> = names.filter(is_custom).map(str::to_owned).collect();
        custom.sort_unstable();
        custom.dedup();
        let members = [Some(&html), text.as_ref()].into_iter().flatten().flatten().flat_map(Program::members);
        let mut brand: Vec<String> = members.filter_map(|member| brand_member(member)).collect();
        brand.sort_unstable();
        brand.dedup();
        let problems: Vec<Problem> =
            details.into_iter().map(|detail| Problem { source: template.id.clone(), detail }).collect();
        let compiled = Self {
            id: template.id.clone(),
            name: template.name.clone(),
            part: template.part,
            images: Images::new(images, template.images),
            html,
            text,
            derived: derived.iter().map(|block| Self::compile(block, images).0).collect(),
            custom,
            brand,
            numbers: language::numbers(&template.html),
            problems: problems.clone(),
            skeletons: Cache::default(),
        };
        (compiled, problems)
    }

    /// The same, with the tenant's custom fields: a missing value for one of these is not a problem.
    #[must_use]
    pub fn knowing<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        for field in fields {
            self.custom.retain(|name| name != field);
        }
        self
    }

    /// The template's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The template's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The template's part.
    pub fn part(&self) -> Part {
        self.part
    }

    /// Whether the template looks up this name, such as `vcard_qr`, which is created only for templates that use it.
    pub fn uses(&self, name: &str) -> bool {
        let mut programs = [Some(&self.html), self.text.as_ref()].into_iter().flatten().flatten();
        programs.any(|program| program.names().iter().any(|looked_up| **looked_up == *name))
            || self.derived.iter().any(|block| block.uses(name))
    }

    /// Names of the fields that the template's HTML writes as telephone numbers (`{{ desk|tel }}`).
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.numbers.iter().map(|name| &**name)
    }

    /// Whether the template's HTML can be filled at all; `Err` says in one clause why not.
    ///
    /// # Errors
    /// When it does not compile.
    pub fn usable(&self) -> Result<(), String> {
        self.html.as_ref().map(drop).map_err(Clone::clone)
    }

    /// Problems found when compiling.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// What looks like another program's placeholder, each once.
fn unmapped(template: &Template) -> Vec<String> {
    if template.html.len() > language::MAX_SOURCE {
        return Vec::new();
    }
    let masked = source::mask(&template.html);
    let in_html = passages::in_tokens(&masked.text, &source::tokens(&masked.text));
    let in_text = template.text.as_deref().map(|text| passages::in_text(&source::mask(text).text));
    let mut details: Vec<String> = Vec::new();
    for one in in_html.iter().chain(in_text.iter().flatten()) {
        let detail = not_filled(&one.written);
        if details.len() < MAX_PROBLEMS && !details.contains(&detail) {
            details.push(detail);
        }
    }
    details
}

/// What a template asks the brand for, without what it asks of that.
fn brand_member(member: &str) -> Option<String> {
    let token = member.strip_prefix(namespaces::BRAND)?.strip_prefix('.')?.split('.').next()?;
    Some(format!("{}.{token}", namespaces::BRAND))
}

/// Compiles a source with its blocks. What is wrong with the source itself (`own`) is told by its own lines.
fn compiled(source: &str, own: &str) -> Result<Program, String> {
    let compiled = Program::compile(source);
    if compiled.is_err() && source != own {
        Program::compile(&blocks::without(own))?;
    }
    compiled
}

/// Whether every template knows a name: a built-in field, or what is computed for each draft or person.
pub(crate) fn is_built_in(name: &str) -> bool {
    COMPUTED.contains(&name) || BUILT_IN_FIELDS.iter().any(|(token, _)| *token == name)
}

/// One part of a signature.
#[derive(Debug, Default)]
struct Rendered {
    html: String,
    text: String,
    images: Vec<Image>,
}

/// Fills `parts` for a draft and joins them in the order signature, campaign, disclaimer, in one
/// `<div id="paraph-signature">`; nothing at all when there are no parts, or none that could be filled. `because` is left
/// empty. Problems are those of compiling and those of this person's values.
pub fn render(parts: &[&CompiledTemplate], person: &Person, draft: &Draft) -> Signature {
    render_leading(parts, person, draft, &|_| None)
}

/// The same, but replaces literal `http(s)` links of the campaign with the absolute address that `lead` returns, if
/// any. Links that contain values, and the plain text, stay unchanged.
pub fn render_leading(
    parts: &[&CompiledTemplate],
    person: &Person,
    draft: &Draft,
    lead: &dyn Fn(&str) -> Option<String>,
) -> Signature {
    let mut problems = Vec::new();
    let mut ordered: Vec<&CompiledTemplate> = parts.to_vec();
    ordered.sort_by_key(|template| template.part);
    let rendered: Vec<(Part, Rendered)> = ordered
        .into_iter()
        .filter_map(|template| Some((template.part, render_part(template, person, draft, lead, &mut problems)?)))
        .collect();
    let Rendered { html, text, images } = fit::fit(rendered, parts, &mut problems);
    let fingerprint = if html.is_empty() && text.is_empty() { String::new() } else { fingerprint(&html, &text) };
    Signature { html, text, images, fingerprint, because: Vec::new(), problems }
}

fn fingerprint(html: &str, text: &str) -> String {
    let mut hash = Xxh3::new();
    hash.update(html.as_bytes());
    hash.update(&[0]);
    hash.update(text.as_bytes());
    format!("{:032x}", hash.digest128())
}

fn render_part(
    template: &CompiledTemplate,
    person: &Person,
    draft: &Draft,
    lead: &dyn Fn(&str) -> Option<String>,
    problems: &mut Vec<Problem>,
) -> Option<Rendered> {
    problems.extend_from_slice(&template.problems);
    let mut report = |detail: String| {
        let problem = Problem { source: template.id.clone(), detail };
        if problems.len() < MAX_PROBLEMS && !problems.contains(&problem) {
            problems.push(problem);
        }
    };
    for name in template.custom.iter().filter(|name| !person.fields.contains_key(*name)) {
        report(format!(
            "“{{{{ {name} }}}}” is no built-in field, and {} has no value for a custom field of that name.",
            person.address
        ));
    }
    brand_problems(template, person).into_iter().for_each(&mut report);
    let program = template.html.as_ref().ok()?;
    let field = |name: &str| -> &str {
        match name {
            "email" => draft.from.as_str(),
            "kind" => draft.kind.as_str(),
            name => person.fields.get(name).map_or("", String::as_str),
        }
    };
    let output = match fill(template, program, field, lead) {
        Ok(output) => output,
        Err(detail) => {
            report(format!("The template “{}” is left out for {}: {detail}.", template.name, person.address));
            return None;
        }
    };
    output.problems.into_iter().for_each(&mut report);
    let mut text = output.text;
    if let Some(Ok(program)) = &template.text {
        let of_block = |block: &CompiledTemplate| {
            let filled = block.html.as_ref().ok().and_then(|program| fill(block, program, field, lead).ok());
            filled.map(|output| output.text).unwrap_or_default()
        };
        let derived: Vec<String> = template.derived.iter().map(of_block).collect();
        let field = |name: &str| match name.strip_prefix(blocks::DERIVED) {
            Some(at) => at.parse().ok().and_then(|at: usize| derived.get(at)).map_or("", String::as_str),
            None => field(name),
        };
        match program.run(field) {
            Ok(written) => {
                text.clear();
                text::from_own(&written, &mut text);
            }
            Err(detail) => report(format!(
                "The plain text of the template “{}” is derived from its HTML: {detail}.",
                template.name
            )),
        }
    }
    Some(Rendered { html: output.html, text, images: output.images })
}

/// Values that the template asks for, and the person's brand does not have. That a brand lacks a logo or a legal text is
/// its own affair.
fn brand_problems(template: &CompiledTemplate, person: &Person) -> Vec<String> {
    if template.brand.is_empty() {
        return Vec::new();
    }
    let Some(name) = person.fields.get("brand.name") else {
        return vec![
            "The template uses values of the brand, and there are no brands yet: add one under Brands.".into(),
        ];
    };
    let is_own = |member: &&String| {
        let token = &member[namespaces::BRAND.len() + 1..];
        !BRAND_TOKENS.iter().any(|(known, _)| *known == token)
    };
    let missing = template.brand.iter().filter(is_own).filter(|member| !person.fields.contains_key(*member));
    missing
        .map(|member| {
            format!("“{{{{ {member} }}}}” is empty: neither the brand “{name}” nor the default brand has it.")
        })
        .collect()
}

/// Runs a template and fills its skeleton; `Err` is one clause.
fn fill<'a>(
    template: &CompiledTemplate,
    program: &Program,
    field: impl Fn(&str) -> &'a str,
    lead: &dyn Fn(&str) -> Option<String>,
) -> Result<skeleton::Output, String> {
    let written = program.run(field)?;
    let slots::Filled { mut shape, values } = slots::scan(&written);
    let mut problems = Vec::new();
    // A value that cannot stand in its place counts as empty. The second time round another place may refuse it, hence
    // the loop; each turn empties at least one slot of the few that are in addresses.
    for _ in 0..4 {
        let skeleton = template.skeletons.skeleton(&shape, &template.images, template.part)?;
        let mut output = skeleton.fill(&values, &template.images, lead);
        if output.refused.is_empty() {
            text::fill(&skeleton.text, &values, &mut output.text);
            problems.append(&mut output.problems);
            output.problems = problems;
            return Ok(output);
        }
        problems.append(&mut output.problems);
        shape = slots::emptied(&shape, &output.refused);
    }
    Err("its addresses cannot be filled".into())
}

//! Templates with their images: from the gallery, from a file, into one.

use super::{add, checked};
use crate::design::changes::current_blocks;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::console::design::images::{checked_stem, prepared};
use crate::http::request::access::{Access, ReadDesign, WriteWithinLimits};
use crate::http::request::io::Created;
use crate::http::{Body, Error};
use crate::random;
use crate::store::{Actor, By, NewImage, PutImage, aside};
use crate::tenant::Tenant;
use ::api::console::{MAX_IMAGES, TEMPLATE_FILE, TemplateDetail, TemplateFile, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use email_signature::{Part, Template, blocks_of};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most images in one file.
const MAX_FILES: usize = 50;
/// How many names are tried for an image whose name another one has.
const MAX_NAMES: u32 = 100;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Templates";
    ApiRouter::new()
        .api_route(paths::TEMPLATE_EXPORT, get_with(export, doc(tag, "A template with its images as one file")))
        .api_route(
            paths::TEMPLATE_IMPORT,
            post_with(import, doc(tag, "Creates an unpublished template from such a file")),
        )
}

async fn export(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<TemplateFile>, Error> {
    let tenant = &access.tenant;
    let entry = app.store.template_entry(&tenant.id, access.part("template")).await?.ok_or(Error::NotFound)?;
    let template = entry.current().ok_or(Error::NotFound)?.clone();
    let template = whole(&app, tenant, template).await?;
    let mut images = BTreeMap::new();
    for image in app.store.list_images(&tenant.id).await? {
        if names(&template.html, &image.name)
            && let Some(file) = app.store.image(&tenant.id, &image.hash).await?
        {
            images.insert(image.name, STANDARD.encode(file.bytes));
        }
    }
    let template = Template { offered_to: None, ..template };
    Ok(Json(TemplateFile { format: TEMPLATE_FILE.into(), template, images }))
}

/// A template that needs no blocks: they are part of it. Its own text goes if a block in it has none, and is derived from
/// the HTML where it is imported.
async fn whole(app: &AppState, tenant: &Tenant, template: Template) -> Result<Template, Error> {
    if template.part == Part::Block || blocks_of(&template).is_empty() {
        return Ok(template);
    }
    let state = app.store.design_state(&tenant.id).await?;
    let expanded = current_blocks(&state).expand(&template);
    let text = if expanded.derives() { None } else { expanded.template.text };
    Ok(Template { text, ..expanded.template })
}

/// Whether HTML names an image.
fn names(html: &str, image: &str) -> bool {
    ['"', '\''].iter().any(|quote| html.contains(&format!("{quote}image:{image}{quote}")))
}

async fn import(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    Body(file): Body<TemplateFile>,
) -> Result<Created<TemplateDetail>, Error> {
    if file.format != TEMPLATE_FILE {
        let detail = format!("this is not a template file: export a template, whose format is {TEMPLATE_FILE}");
        return Err(Error::invalid("format", detail));
    }
    if file.images.len() > MAX_FILES {
        return Err(Error::invalid("images", format!("write at most {MAX_FILES} images")));
    }
    let decode = |(name, text): (String, String)| {
        let field = format!("images.{name}");
        let bytes = STANDARD
            .decode(text)
            .map_err(|_| Error::invalid(field, "this is not base64: export the template again"))?;
        Ok((name, bytes))
    };
    let files = file.images.into_iter().map(decode).collect::<Result<Vec<_>, Error>>()?;
    let template = checked(Template { id: random::id(), offered_to: None, ..file.template })?;
    access.may_change([template.folder.as_str()])?;
    let tenant = Arc::clone(&access.tenant);
    let template = adopt(&app, &tenant, template, files, &access.actor).await?;
    add(&app, &tenant, template, access.actor.clone()).await
}

/// Images with their names.
pub(in crate::http::console) type Files = Vec<(String, Vec<u8>)>;

/// The template with these images kept under names of their own. Keeping them twice changes nothing: a request counts as
/// carried out with its template alone.
pub(in crate::http::console) async fn adopt(
    app: &AppState,
    tenant: &Tenant,
    template: Template,
    files: Files,
    actor: &Actor,
) -> Result<Template, Error> {
    aside(keep(app, tenant, template, files, actor)).await
}

async fn keep(
    app: &AppState,
    tenant: &Tenant,
    mut template: Template,
    files: Files,
    actor: &Actor,
) -> Result<Template, Error> {
    let mut renamed = Vec::new();
    for (name, bytes) in files {
        let field = format!("images.{name}");
        let named = |error: Error| Error::invalid(&field, error.detail());
        let picture = prepared(app, bytes.into(), None).await.map_err(named)?;
        let stem = checked_stem(&name).map_err(named)?;
        let mut number = 1;
        let kept = loop {
            let tried = match number {
                1 => format!("{stem}.{}", picture.ending()),
                number => format!("{stem}-{number}.{}", picture.ending()),
            };
            let new = NewImage { name: &tried, picture: &picture, replace: false, limit: MAX_IMAGES };
            match app.store.put_image(&tenant.id, new, By::new(actor.clone(), app.clock.now_ms())).await? {
                PutImage::Kept => break tried,
                PutImage::Taken if number < MAX_NAMES => number += 1,
                PutImage::Taken => return Err(Error::invalid(field, "every name for this image is taken: rename it")),
                PutImage::Full => {
                    let detail =
                        format!("there are {MAX_IMAGES} images, which is the limit: delete some that are not used");
                    return Err(Error::Conflict(detail));
                }
            }
        };
        if kept != name {
            renamed.push((name, kept));
        }
    }
    template.html = with_names(&template.html, &renamed);
    app.tenants.forget(tenant);
    Ok(template)
}

/// The HTML with other names of images: all at once, since a new name may be another image's old one.
fn with_names(html: &str, renamed: &[(String, String)]) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("image:") {
        let start = at + "image:".len();
        let quote = rest[..at].chars().next_back().filter(|c| matches!(c, '"' | '\''));
        let end = quote.and_then(|quote| rest[start..].find(quote)).map_or(start, |end| start + end);
        let name = &rest[start..end];
        let new = renamed.iter().find(|(old, _)| old == name).map_or(name, |(_, new)| new);
        out.push_str(&rest[..start]);
        out.push_str(new);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_renamed_all_at_once() {
        let renamed = [("a.png", "a-2.png"), ("a-2.png", "a-3.png")].map(|(old, new)| (old.to_owned(), new.to_owned()));
        let html = "image: <img src=\"image:a.png\"><img src='image:a-2.png'><img src=\"image:b.png\">";
        let expected = "image: <img src=\"image:a-2.png\"><img src='image:a-3.png'><img src=\"image:b.png\">";
        assert_eq!(with_names(html, &renamed), expected);
    }
}

//! The gallery: ready designs, and copying one with its images.

use super::checked;
use super::files::Files;
use crate::design::gallery;
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::doc;
use crate::http::request::access::SignedIn;
use ::api::console::{Design, Gallery, paths};
use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::operation::OperationOutput;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use email_signature::{BodyFormat, CompiledTemplate, Draft, ImageUrls, Kind, Template, render};
use std::borrow::Cow;
use std::sync::Arc;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Templates";
    ApiRouter::new()
        .api_route(paths::GALLERY, get_with(list, doc(tag, "Ready designs")))
        .api_route(paths::GALLERY_IMAGE, get_with(image, doc(tag, "An image of the ready designs")))
}

async fn list(State(app): State<Arc<AppState>>, _: SignedIn) -> Result<Json<Gallery>, Error> {
    let origin = app.config.console.url(&app.config.server).to_owned();
    let designs = app.work.run(move || {
        let url = |name: &str| format!("{origin}{}", paths::GALLERY_IMAGE.replace("{image}", name));
        gallery::designs().iter().map(|design| to_wire(design, &url)).collect()
    });
    Ok(Json(Gallery { designs: designs.await? }))
}

fn to_wire(design: &gallery::Design, url: &impl Fn(&str) -> String) -> Design {
    let urls = ImageUrls(gallery::images().into_iter().map(|name| (name.clone(), url(&name))).collect());
    let (compiled, _) = CompiledTemplate::compile(&design.template(), &urls);
    let filled = gallery::sample(design, url).map(|person| {
        let draft = Draft {
            kind: Kind::New,
            from: person.address.clone(),
            recipients: Vec::new(),
            format: BodyFormat::Html,
            subject: String::new(),
            time_zone: None,
        };
        render(&[&compiled], &person, &draft).html
    });
    Design {
        id: design.id.clone(),
        name: design.name.clone(),
        description: design.description.clone(),
        part: design.part,
        tags: design.tags.clone(),
        html: design.html.clone(),
        text: design.text.clone(),
        preview: filled.unwrap_or_default(),
    }
}

/// A design as a template of one's own, and the images that come along.
pub(in crate::http::console) fn copy(id: &str) -> Result<(Template, Files), Error> {
    let design = gallery::design(id);
    let design = design
        .ok_or_else(|| Error::invalid("design", "there is no such design: GET the gallery to see the designs"))?;
    let file = |name: &String| Some((name.clone(), gallery::image(name)?.into_owned()));
    Ok((checked(design.template())?, design.images.iter().filter_map(file).collect()))
}

/// An image, which never changes while the server runs.
struct Png(Cow<'static, [u8]>);

impl IntoResponse for Png {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "image/png"),
            (header::CACHE_CONTROL, "public, max-age=3600"),
            // Previews are sandboxed, so they come from nowhere.
            (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        ];
        (headers, self.0).into_response()
    }
}

impl OperationOutput for Png {
    type Inner = Self;

    fn inferred_responses(
        _: &mut aide::generate::GenContext,
        _: &mut aide::openapi::Operation,
    ) -> Vec<(Option<u16>, aide::openapi::Response)> {
        let content = [("image/png".to_owned(), aide::openapi::MediaType::default())].into_iter().collect();
        let answer = aide::openapi::Response { description: "The image.".into(), content, ..Default::default() };
        vec![(Some(200), answer)]
    }
}

/// Public: pages show it in frames that have no session.
async fn image(Path(name): Path<String>) -> Result<Png, Error> {
    gallery::image(&name).map(Png).ok_or(Error::NotFound)
}

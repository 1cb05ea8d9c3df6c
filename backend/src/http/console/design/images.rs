//! Images that templates use: which there are, adding and deleting them.

use crate::design;
use crate::http::AppState;
use crate::http::api::doc;
use crate::http::request::access::{Access, ReadDesign, WriteDesign, WriteWithinLimits};
use crate::http::request::io::{Created, Query};
use crate::http::{Error, Place};
use crate::pictures::{self, Picture};
use crate::store::{DesignState, ImageDetail, NewImage, PutImage};
use crate::tenant::Tenant;
use ::api::console::{ImageInfo, ImageQuery, Images, MAX_IMAGES, MAX_PIXELS, MAX_UPLOAD, paths};
use aide::OperationInput;
use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, ReferenceOr, RequestBody};
use axum::Json;
use axum::body::{Bytes, HttpBody as _};
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::response::NoContent;
use std::sync::Arc;

/// Longest name, in characters.
const MAX_NAME: usize = 100;
/// Endings of what can be uploaded, which the format's own replaces.
const ENDINGS: [&str; 7] = ["png", "jpg", "jpeg", "gif", "webp", "bmp", "svg"];
/// Most templates that a refusal names.
const MAX_NAMED: usize = 5;

pub(in crate::http::console) fn routes() -> ApiRouter<Arc<AppState>> {
    let tag = "Images";
    let upload = ApiRouter::new().api_route(
        paths::IMAGES,
        get_with(list, doc(tag, "Every image that templates can use")).post_with(
            upload,
            doc(tag, "Adds an image, re-encoded so that only its pixels remain; 409 if its name is taken"),
        ),
    );
    ApiRouter::new().merge(upload.layer(DefaultBodyLimit::max(MAX_UPLOAD))).api_route(
        paths::IMAGE,
        delete_with(delete, doc(tag, "Deletes an image that no template uses; mails that were sent keep it")),
    )
}

/// An image as the request's body.
struct File(Bytes);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        if request.body().size_hint().lower() > MAX_UPLOAD as u64 {
            return Err(Error::ImageTooLarge);
        }
        Bytes::from_request(request, state).await.map(Self).map_err(|_| Error::ImageTooLarge)
    }
}

impl OperationInput for File {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        let types = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"];
        operation.request_body = Some(ReferenceOr::Item(RequestBody {
            description: Some("The image; its format is detected from its bytes.".into()),
            content: types.into_iter().map(|kind| (kind.to_owned(), MediaType::default())).collect(),
            required: true,
            ..RequestBody::default()
        }));
    }
}

async fn list(State(app): State<Arc<AppState>>, access: Access<ReadDesign>) -> Result<Json<Images>, Error> {
    let images = app.store.list_images(&access.tenant.id).await?;
    Ok(Json(Images { images: described(&app, &access.tenant, images, app.work.place()?).await? }))
}

/// With who uses them, and advice.
async fn described(
    app: &AppState,
    tenant: &Arc<Tenant>,
    images: Vec<ImageDetail>,
    place: Place,
) -> Result<Vec<ImageInfo>, Error> {
    let state = app.store.design_state(&tenant.id).await?;
    let images_at = format!("{}/images/{}", app.config.server.public_url, tenant.id);
    let tenant = Arc::clone(tenant);
    // With many templates and people this is no matter of microseconds.
    let described = place.run(move || {
        let names = images.iter().map(|image| image.name.clone()).collect();
        let users = design::usage(&tenant, &state, &names);
        let info = |image: ImageDetail| ImageInfo {
            url: format!("{images_at}/{}/{}", image.hash, image.name),
            used_by: users.get(&image.name).into_iter().flatten().cloned().collect(),
            advice: advice(&image, &state),
            name: image.name,
            content_type: image.content_type,
            width: image.width,
            height: image.height,
            size: image.size,
        };
        images.into_iter().map(info).collect()
    });
    described.await
}

fn advice(image: &ImageDetail, state: &DesignState) -> Vec<String> {
    let current = state.templates.iter().filter_map(|entry| entry.current());
    let shown: Vec<u32> = current.flat_map(|template| pictures::shown_widths(&template.html, &image.name)).collect();
    let size = usize::try_from(image.size).unwrap_or(usize::MAX);
    pictures::advice(&image.name, (image.width, image.height), size, &shown)
}

async fn upload(
    State(app): State<Arc<AppState>>,
    access: Access<WriteWithinLimits>,
    Query(query): Query<ImageQuery>,
    File(file): File,
) -> Result<Created<ImageInfo>, Error> {
    // Templates of other folders may show the present one.
    if query.replace {
        access.may_change_all()?;
    }
    let stem = checked_stem(&query.name)?;
    if query.max_width.is_some_and(|width| !(1..=MAX_PIXELS).contains(&width)) {
        return Err(Error::invalid("max_width", format!("write 1 to {MAX_PIXELS}, or omit it")));
    }
    let picture = prepared(&app, file, query.max_width).await?;
    let name = format!("{stem}.{}", picture.ending());
    let new = NewImage { name: &name, picture: &picture, replace: query.replace, limit: MAX_IMAGES };
    let tenant = &access.tenant;
    let place = app.work.place()?;
    match app.store.put_image(&tenant.id, new, access.by(&app)).await? {
        PutImage::Kept => {}
        PutImage::Taken => {
            let detail = format!("there is already an image {name}: choose another name, or replace it");
            return Err(Error::Taken { detail, field: "name".into() });
        }
        PutImage::Full => {
            let detail = format!("there are {MAX_IMAGES} images, which is the limit: delete some that are not used");
            return Err(Error::Conflict(detail));
        }
    }
    app.tenants.forget(tenant);
    let mut images = app.store.list_images(&tenant.id).await?;
    images.retain(|image| image.name == name);
    let mut info = described(&app, tenant, images, place).await?.pop().ok_or(Error::NotFound)?;
    info.advice.splice(0..0, picture.notes);
    Ok(Created(info))
}

pub(in crate::http::console) async fn prepared(
    app: &AppState,
    file: Bytes,
    max_width: Option<u32>,
) -> Result<Picture, Error> {
    let picture = app.picture_work.run(move || pictures::prepare(&file, max_width)).await?;
    picture.map_err(|refused| Error::invalid("body", refused.to_string()))
}

/// The name without its ending.
pub(in crate::http::console) fn checked_stem(name: &str) -> Result<&str, Error> {
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) => stem,
        _ => name,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    // Room for the longest ending.
    if stem.is_empty() || stem.starts_with('.') || stem.len() + 4 > MAX_NAME || !stem.bytes().all(plain) {
        let detail = format!(
            "write a name of letters without accents, digits, dots, - and _, such as banner-spring.png, of at most \
             {MAX_NAME} characters"
        );
        return Err(Error::invalid("name", detail));
    }
    Ok(stem)
}

async fn delete(State(app): State<Arc<AppState>>, access: Access<WriteDesign>) -> Result<NoContent, Error> {
    let name = access.part("image").to_owned();
    let tenant = Arc::clone(&access.tenant);
    let names = [name.clone()].into();
    let check = |state: &DesignState| match design::usage(&tenant, state, &names).remove(&name) {
        Some(templates) => {
            let quoted: Vec<_> = templates.iter().take(MAX_NAMED).map(|name| format!("“{name}”")).collect();
            let more = templates.len().saturating_sub(MAX_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let quoted = quoted.join(", ");
            Err(Error::Conflict(format!(
                "it is used by {quoted}{more}: remove it there first, also from unpublished changes"
            )))
        }
        None => Ok(()),
    };
    app.store.delete_image(&access.tenant.id, &name, check, access.by(&app)).await?;
    app.tenants.forget(&access.tenant);
    Ok(NoContent)
}

//! Uploaded images: checked before anything is decoded, decoded within limits, and re-encoded, so that the images in
//! mails contain only pixels: no location in a photo, no program hidden in a picture.

mod advice;
mod animation;
mod palette;

pub use advice::{advice, shown_widths};

use api::console::{MAX_IMAGE, MAX_PIXELS, MAX_UPLOAD};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Memory that decoding may take: 4,000 × 4,000 pixels of 16-bit colour and alpha, and room beside it.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
/// What JPEG's encoder takes for its best compromise in mails: artefacts are not seen on photos and banners.
const JPEG_QUALITY: u8 = 85;

/// An image as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The file.
    pub bytes: Vec<u8>,
    /// `image/png`, `image/jpeg` or `image/gif`.
    pub content_type: &'static str,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// What was done to it, a sentence each.
    pub notes: Vec<String>,
}

impl Picture {
    /// The ending of its format.
    pub fn ending(&self) -> &'static str {
        match self.content_type {
            "image/jpeg" => "jpg",
            "image/gif" => "gif",
            _ => "png",
        }
    }
}

/// Why a file cannot be used; each says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refused {
    #[error("the file is empty: choose another one")]
    Empty,
    #[error(
        "an SVG can contain programs, and most mail programs do not show it: export it as PNG, twice as wide as it \
         will be shown, and upload that"
    )]
    Svg,
    #[error("this image cannot be used: upload a PNG, JPEG, GIF, WebP or BMP")]
    Unknown,
    #[error("the image is {0} × {1} pixels, and {max} a side is the limit: make it smaller and upload it again", max = MAX_PIXELS)]
    TooManyPixels(u32, u32),
    #[error("the image is damaged ({0}): open it in an image program, save it again, and upload that")]
    Broken(String),
    #[error("the animation has too many frames for its size: make it shorter or smaller")]
    TooLong,
    #[error("the image is {0} KB after re-encoding, and {max} KB is the limit because every mail carries it: choose a \
             smaller maximum width", max = MAX_IMAGE / 1000)]
    TooLarge(usize),
}

/// Makes an upload ready, at most `max_width` pixels wide. Takes as long as decoding does: up to a second for the largest.
///
/// # Errors
/// The problem with the file, and what to do.
pub fn prepare(file: &[u8], max_width: Option<u32>) -> Result<Picture, Refused> {
    let format = format(file)?;
    let (width, height) = dimensions(file, format)?;
    if width > MAX_PIXELS || height > MAX_PIXELS || width == 0 || height == 0 {
        return Err(Refused::TooManyPixels(width, height));
    }
    let max_width = max_width.filter(|max| *max < width).map(|max| max.max(1));
    if format == ImageFormat::Gif
        && let Some(picture) = animation::prepare(file, (width, height), max_width)?
    {
        return small_enough(picture);
    }
    let (image, mut notes) = decode(file, format)?;
    let image = match max_width {
        Some(max) if image.width() > max => {
            let from = image.width();
            let image = image.resize(max, u32::MAX, FilterType::Lanczos3);
            notes.push(format!("It was scaled down from {from} to {} pixels wide.", image.width()));
            image
        }
        _ => image,
    };
    small_enough(encode(&image, format, notes)?)
}

/// Width and height that a kept file's head tells; `None`: it tells none.
pub fn size(file: &[u8]) -> Option<(u32, u32)> {
    dimensions(file, format(file).ok()?).ok()
}

fn small_enough(picture: Picture) -> Result<Picture, Refused> {
    if picture.bytes.len() > MAX_IMAGE { Err(Refused::TooLarge(picture.bytes.len() / 1000)) } else { Ok(picture) }
}

fn format(file: &[u8]) -> Result<ImageFormat, Refused> {
    debug_assert!(file.len() <= MAX_UPLOAD, "the door refuses larger ones");
    if file.is_empty() {
        return Err(Refused::Empty);
    }
    let known = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Bmp];
    match image::guess_format(file) {
        Ok(format) if known.contains(&format) => Ok(format),
        _ if is_svg(file) => Err(Refused::Svg),
        _ => Err(Refused::Unknown),
    }
}

/// Whether the first thousand bytes look like SVG, in UTF-8 or UTF-16.
fn is_svg(file: &[u8]) -> bool {
    let start: Vec<u8> = file.iter().take(1000).filter(|byte| **byte != 0).map(u8::to_ascii_lowercase).collect();
    let packed = start.starts_with(&[0x1f, 0x8b]);
    packed || memchr::memmem::find(&start, b"<svg").is_some()
}

/// From the head alone: nothing is unpacked for it.
fn dimensions(file: &[u8], format: ImageFormat) -> Result<(u32, u32), Refused> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits());
    reader.into_dimensions().map_err(|error| broken(&error))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

fn broken(error: &dyn std::fmt::Display) -> Refused {
    Refused::Broken(error.to_string().chars().take(120).collect())
}

/// The pixels, the right way up.
fn decode(file: &[u8], format: ImageFormat) -> Result<(DynamicImage, Vec<String>), Refused> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(|error| broken(&error))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| broken(&error))?;
    let mut notes = Vec::new();
    if orientation != Orientation::NoTransforms {
        image.apply_orientation(orientation);
        notes.push("It was rotated upright.".into());
    }
    Ok((image, notes))
}

/// PNG, or JPEG for what was one and for photos without transparency when that is smaller.
fn encode(image: &DynamicImage, format: ImageFormat, mut notes: Vec<String>) -> Result<Picture, Refused> {
    let opaque = !image.color().has_alpha() || image.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX);
    let (width, height) = (image.width(), image.height());
    let jpeg = || -> Result<Vec<u8>, Refused> {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
        let flat: DynamicImage =
            if image.color().has_color() { image.to_rgb8().into() } else { image.to_luma8().into() };
        flat.write_with_encoder(encoder).map_err(|error| broken(&error))?;
        Ok(bytes)
    };
    let picture = |bytes, content_type, notes| Picture { bytes, content_type, width, height, notes };
    if format == ImageFormat::Jpeg && opaque {
        return Ok(picture(jpeg()?, "image/jpeg", notes));
    }
    let png = png(image, opaque)?;
    // Photos come as WebP, and as PNG from screenshots and design programs.
    let photo = opaque && (format == ImageFormat::WebP || png.len() > MAX_IMAGE);
    let jpeg = if photo { jpeg()? } else { Vec::new() };
    let as_jpeg = photo && jpeg.len() < png.len();
    let is_kept = format == if as_jpeg { ImageFormat::Jpeg } else { ImageFormat::Png };
    if !is_kept {
        let (from, to) = (name(format), if as_jpeg { "JPEG" } else { "PNG" });
        notes.push(format!("It was converted from {from} to {to}, which every mail program shows."));
    }
    Ok(if as_jpeg { picture(jpeg, "image/jpeg", notes) } else { picture(png, "image/png", notes) })
}

fn name(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Gif => "GIF",
        ImageFormat::WebP => "WebP",
        ImageFormat::Bmp => "BMP",
        _ => "PNG",
    }
}

/// Eight bits a channel; with a palette where that holds all colours.
fn png(image: &DynamicImage, opaque: bool) -> Result<Vec<u8>, Refused> {
    if let Some(bytes) = palette::encode(&image.to_rgba8()) {
        return Ok(bytes);
    }
    let flat: DynamicImage = match (image.color().has_color(), opaque) {
        (true, true) => image.to_rgb8().into(),
        (true, false) => image.to_rgba8().into(),
        (false, true) => image.to_luma8().into(),
        (false, false) => image.to_luma_alpha8().into(),
    };
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, PngFilter::Adaptive);
    flat.write_with_encoder(encoder).map_err(|error| broken(&error))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;

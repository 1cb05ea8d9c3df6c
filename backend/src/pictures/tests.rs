use super::*;
use image::codecs::gif::GifEncoder;
use image::{Frame, GrayImage, Rgb, RgbImage, Rgba, RgbaImage};
use std::time::{Duration, Instant};

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn photo(width: u32, height: u32) -> DynamicImage {
    let noise = |x: u32, y: u32| u8::try_from((x * 7 + y * 13 + x * y % 97) % 251).unwrap();
    RgbImage::from_fn(width, height, |x, y| Rgb([noise(x, y), noise(y, x), noise(x + 3, y)])).into()
}

fn noise(width: u32, height: u32) -> DynamicImage {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    RgbImage::from_fn(width, height, |_, _| Rgb([next(), next(), next()])).into()
}

fn animation(frames: usize, width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
    encoder.set_repeat(image::codecs::gif::Repeat::Infinite).unwrap();
    for frame in 0..frames {
        let colour = Rgba([u8::try_from(frame % 200).unwrap(), 40, 80, 255]);
        encoder.encode_frame(Frame::new(RgbaImage::from_pixel(width, height, colour))).unwrap();
    }
    drop(encoder);
    bytes
}

/// One chunk of a PNG, with its check sum.
fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(&kind);
    sum.update(data);
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes(), kind.as_slice(), data, &sum.sum().to_be_bytes()].concat()
}

fn deflated(zeros: usize) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), zeros as u64), &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// A grey PNG of this size whose content is `zeros` bytes.
fn bomb(width: u32, height: u32, zeros: usize, before: &[u8]) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let start = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
    [&start[..], &chunk(*b"IHDR", &head), before, &chunk(*b"IDAT", &deflated(zeros)), &chunk(*b"IEND", &[])].concat()
}

#[test]
fn every_format_becomes_one_that_mails_show() {
    let grey = DynamicImage::from(GrayImage::from_fn(40, 20, |x, y| image::Luma([u8::try_from(x * y % 256).unwrap()])));
    let clear = DynamicImage::from(RgbaImage::from_fn(40, 20, |x, _| Rgba([9, 9, 9, u8::try_from(x).unwrap()])));
    for (image, format, expected) in [
        (photo(40, 20), ImageFormat::Png, "image/png"),
        (photo(40, 20), ImageFormat::Jpeg, "image/jpeg"),
        (photo(40, 20), ImageFormat::Gif, "image/png"),
        (photo(40, 20), ImageFormat::Bmp, "image/png"),
        (photo(400, 200), ImageFormat::WebP, "image/png"),
        (noise(400, 200), ImageFormat::WebP, "image/jpeg"),
        (clear.clone(), ImageFormat::WebP, "image/png"),
        (clear, ImageFormat::Png, "image/png"),
        (grey, ImageFormat::Jpeg, "image/jpeg"),
    ] {
        let picture = prepare(&written(&image, format), None).unwrap();
        assert_eq!(picture.content_type, expected, "{format:?}");
        assert_eq!((picture.width, picture.height), (image.width(), image.height()));
        let again = image::load_from_memory(&picture.bytes).unwrap();
        assert_eq!((again.width(), again.height()), (image.width(), image.height()));
        let same = picture.content_type == format.to_mime_type();
        assert_eq!(picture.notes.is_empty(), same, "{:?}", picture.notes);
    }
}

#[test]
fn pixels_of_a_png_stay_as_they_are() {
    let many = photo(300, 300);
    let few = DynamicImage::from(RgbaImage::from_fn(30, 30, |x, y| {
        Rgba([u8::try_from(x / 10).unwrap(), 0, 0, if y < 9 { 80 } else { 255 }])
    }));
    for image in [many, few] {
        let picture = prepare(&written(&image, ImageFormat::Png), None).unwrap();
        assert_eq!(image::load_from_memory(&picture.bytes).unwrap().to_rgba8(), image.to_rgba8());
    }
}

#[test]
fn only_pixels_are_kept() {
    let secret = b"GPS 52.5200 N <script>alert(1)</script>";
    let mut png = written(&photo(20, 20), ImageFormat::Png);
    let text = chunk(*b"tEXt", &[b"Comment\0".as_slice(), secret].concat());
    png.splice(33..33, text);
    png.extend_from_slice(secret);
    let mut jpeg = written(&photo(20, 20), ImageFormat::Jpeg);
    let comment = [&[0xff, 0xfe, 0, u8::try_from(secret.len() + 2).unwrap()][..], secret].concat();
    jpeg.splice(2..2, comment);
    jpeg.extend_from_slice(secret);
    let mut gif = animation(3, 20, 20);
    let end = gif.len() - 1;
    gif.splice(end..end, [&[0x21, 0xfe, u8::try_from(secret.len()).unwrap()][..], secret, &[0]].concat());
    gif.extend_from_slice(secret);
    for file in [png, jpeg, gif] {
        let picture = prepare(&file, None).unwrap();
        assert!(memchr::memmem::find(&picture.bytes, b"alert").is_none(), "{}", picture.content_type);
    }
}

#[test]
fn a_photo_is_turned_as_the_camera_was_held() {
    let mut jpeg = written(&photo(40, 20), ImageFormat::Jpeg);
    // EXIF with one entry: orientation 6, a quarter turn.
    let exif: &[u8] = &[
        0xff, 0xe1, 0, 34, b'E', b'x', b'i', b'f', 0, 0, b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0,
        1, 0, 6, 0, 0, 0, 0, 0, 0,
    ];
    jpeg.splice(2..2, exif.iter().copied());
    let picture = prepare(&jpeg, None).unwrap();
    assert_eq!((picture.width, picture.height), (20, 40));
    assert_eq!(picture.notes, ["It was rotated upright."]);
    let narrow = prepare(&jpeg, Some(10)).unwrap();
    assert_eq!((narrow.width, narrow.height), (10, 20));
}

#[test]
fn an_animation_stays_one() {
    let file = animation(5, 60, 30);
    let count = |bytes: &[u8]| {
        let decoder = image::codecs::gif::GifDecoder::new(Cursor::new(bytes)).unwrap();
        image::AnimationDecoder::into_frames(decoder).collect_frames().unwrap().len()
    };
    let picture = prepare(&file, None).unwrap();
    assert_eq!((picture.content_type, picture.width, picture.height, count(&picture.bytes)), ("image/gif", 60, 30, 5));
    assert!(memchr::memmem::find(&picture.bytes, b"NETSCAPE2.0").is_some(), "it goes on for ever, as before");
    let narrow = prepare(&file, Some(20)).unwrap();
    assert_eq!((narrow.width, narrow.height, count(&narrow.bytes)), (20, 10, 5));
    assert_eq!(prepare(&animation(1100, 2, 2), None), Err(Refused::TooLong));
}

#[test]
fn bombs_are_refused_at_once() {
    let text = |zeros: usize| chunk(*b"zTXt", &[b"Comment\0\0".as_slice(), &deflated(zeros)].concat());
    let unused = [b"GIF89a".as_slice(), &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x3b]].concat();
    let start = Instant::now();
    for file in [
        bomb(10_000, 10_000, 100_010_000, &[]),
        bomb(u32::MAX >> 1, 1, 10, &[]),
        bomb(0, 10, 10, &[]),
        bomb(4_001, 1, 4_002, &[]),
        unused,
    ] {
        let refused = prepare(&file, None).unwrap_err();
        assert!(matches!(refused, Refused::TooManyPixels(..) | Refused::Broken(_)), "{refused}");
    }
    // Far more content than pixels, and a comment of gigabytes, are not unpacked to their ends.
    let _ = prepare(&bomb(10, 10, 200_000_000, &[]), None);
    let _ = prepare(&bomb(10, 10, 110, &text(200_000_000)), None);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn what_is_no_image_is_refused_with_what_to_do() {
    let svg = br#"<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#;
    let wide: Vec<u8> = svg.iter().flat_map(|byte| [*byte, 0]).collect();
    let mut cut = written(&photo(100, 100), ImageFormat::Jpeg);
    cut.truncate(60);
    for (file, word) in [
        (Vec::new(), "empty"),
        (svg.to_vec(), "export it as PNG"),
        (wide, "export it as PNG"),
        (b"MZ\x90\0 not an image".to_vec(), "upload a PNG"),
        (b"<html><script>alert(1)</script>".to_vec(), "upload a PNG"),
        (b"II*\0 a TIFF".to_vec(), "upload a PNG"),
        (cut, "save it again"),
        (b"\x89PNG\r\n\x1a\n".to_vec(), "save it again"),
        (b"GIF89a".to_vec(), "save it again"),
    ] {
        let refused = prepare(&file, None).unwrap_err().to_string();
        assert!(refused.contains(word), "{word}: {refused}");
    }
}

#[test]
fn what_is_too_large_for_a_mail_is_refused_and_fits_when_narrower() {
    let image = noise(2400, 1200);
    let file = written(&image, ImageFormat::Jpeg);
    assert!(matches!(prepare(&file, None), Err(Refused::TooLarge(_))));
    assert_eq!(prepare(&file, Some(600)).unwrap().width, 600);
}

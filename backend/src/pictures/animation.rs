//! Animated GIFs: taken apart and put together picture by picture, in their own colours.

use super::{Picture, Refused, broken};
use gif::{ColorOutput, DecodeOptions, Encoder, Frame, MemoryLimit, Repeat};
use image::codecs::gif::{GifDecoder, GifEncoder};
use image::imageops::{self, FilterType};
use image::{AnimationDecoder, Frame as Canvas};
use std::io::Cursor;
use std::num::NonZeroU64;

/// Most pixels of all pictures together: a banner of 600 × 200 may have 400 of them.
const MAX_PIXELS: u64 = 48_000_000;
/// Most of them when each has to be made narrower and its colours found anew, which takes ten times as long.
const MAX_RESIZED: u64 = 12_000_000;
/// Most pictures.
const MAX_PICTURES: usize = 1_000;
/// Memory for one picture.
const MAX_MEMORY: NonZeroU64 = NonZeroU64::new(64 * 1024 * 1024).expect("not zero");
/// What `GifEncoder` calls speed: 1 finds the best colours, 30 the first that come.
const SPEED: i32 = 10;

/// An animation as it is kept; `None`: it has one picture only.
pub(super) fn prepare(file: &[u8], size: (u32, u32), max_width: Option<u32>) -> Result<Option<Picture>, Refused> {
    let (count, pixels) = measure(file)?;
    if count < 2 {
        return Ok(None);
    }
    let (width, height) = size;
    let whole = u64::from(width) * u64::from(height) * count as u64;
    let too_long = pixels > MAX_PIXELS || whole > MAX_PIXELS * 4 || (max_width.is_some() && whole > MAX_RESIZED);
    if count > MAX_PICTURES || too_long {
        return Err(Refused::TooLong);
    }
    let picture = |bytes, width, height, notes| Picture { bytes, content_type: "image/gif", width, height, notes };
    match max_width {
        None => Ok(Some(picture(copied(file)?, width, height, Vec::new()))),
        Some(max) => {
            let height = u32::try_from(u64::from(height) * u64::from(max) / u64::from(width)).unwrap_or(height).max(1);
            let notes = vec![format!("It was scaled down from {width} to {max} pixels wide.")];
            Ok(Some(picture(resized(file, (max, height))?, max, height, notes)))
        }
    }
}

fn options() -> DecodeOptions {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(MAX_MEMORY));
    options.check_frame_consistency(true);
    options
}

/// How many pictures there are, and their pixels, from their heads; stops counting past the limits.
fn measure(file: &[u8]) -> Result<(usize, u64), Refused> {
    let mut options = options();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(Cursor::new(file)).map_err(|error| broken(&error))?;
    let (mut count, mut pixels) = (0, 0);
    while let Some(frame) = decoder.next_frame_info().map_err(|error| broken(&error))? {
        count += 1;
        pixels += u64::from(frame.width) * u64::from(frame.height);
        if count > MAX_PICTURES || pixels > MAX_PIXELS {
            break;
        }
    }
    Ok((count, pixels))
}

/// The same pictures with the same colours, and nothing that is no picture.
fn copied(file: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut decoder = options().read_info(Cursor::new(file)).map_err(|error| broken(&error))?;
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let mut bytes = Vec::with_capacity(file.len());
    let mut encoder =
        Encoder::new(&mut bytes, decoder.width(), decoder.height(), &palette).map_err(|error| broken(&error))?;
    // It is known only once all was read, and comes first in the file; one that is shown once only is rare in mails.
    let repeat = repeats(file)?;
    encoder.set_repeat(repeat).map_err(|error| broken(&error))?;
    while let Some(frame) = decoder.read_next_frame().map_err(|error| broken(&error))? {
        let frame = Frame {
            delay: frame.delay,
            dispose: frame.dispose,
            transparent: frame.transparent,
            needs_user_input: false,
            top: frame.top,
            left: frame.left,
            width: frame.width,
            height: frame.height,
            interlaced: false,
            palette: frame.palette.clone(),
            buffer: frame.buffer.clone(),
        };
        encoder.write_frame(&frame).map_err(|error| broken(&error))?;
    }
    drop(encoder);
    Ok(bytes)
}

fn repeats(file: &[u8]) -> Result<Repeat, Refused> {
    let mut options = options();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(Cursor::new(file)).map_err(|error| broken(&error))?;
    decoder.next_frame_info().map_err(|error| broken(&error))?;
    Ok(decoder.repeat())
}

fn resized(file: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, Refused> {
    let decoder = GifDecoder::new(Cursor::new(file)).map_err(|error| broken(&error))?;
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut bytes, SPEED);
    let repeat = match repeats(file)? {
        Repeat::Infinite => image::codecs::gif::Repeat::Infinite,
        Repeat::Finite(times) => image::codecs::gif::Repeat::Finite(times),
    };
    encoder.set_repeat(repeat).map_err(|error| broken(&error))?;
    for canvas in decoder.into_frames() {
        let canvas = canvas.map_err(|error| broken(&error))?;
        let delay = canvas.delay();
        let small = imageops::resize(canvas.buffer(), width, height, FilterType::Triangle);
        encoder.encode_frame(Canvas::from_parts(small, 0, 0, delay)).map_err(|error| broken(&error))?;
    }
    drop(encoder);
    Ok(bytes)
}

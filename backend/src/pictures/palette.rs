//! PNG with a palette: logos and icons have few colours, and are a third of the size that way.

use image::RgbaImage;
use std::collections::HashMap;

/// The image with a palette; `None`: it has more than 256 colours, or the encoder will not have it.
pub(super) fn encode(image: &RgbaImage) -> Option<Vec<u8>> {
    let mut places: HashMap<[u8; 4], u8> = HashMap::new();
    let mut colours: Vec<[u8; 4]> = Vec::new();
    let mut indices = Vec::with_capacity(image.len() / 4);
    for pixel in image.pixels() {
        // What is not seen has no colour.
        let colour = if pixel.0[3] == 0 { [0; 4] } else { pixel.0 };
        let place = if let Some(place) = places.get(&colour) {
            *place
        } else {
            let place = u8::try_from(colours.len()).ok()?;
            places.insert(colour, place);
            colours.push(colour);
            place
        };
        indices.push(place);
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(colours.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect::<Vec<_>>());
    if colours.iter().any(|colour| colour[3] != u8::MAX) {
        encoder.set_trns(colours.iter().map(|colour| colour[3]).collect::<Vec<_>>());
    }
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&indices).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

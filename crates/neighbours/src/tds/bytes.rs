//! Little-endian numbers and UTF-16 strings.

/// Reads a message from its beginning; panics where it is shorter than it says.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    pub(super) fn array<const N: usize>(&mut self) -> [u8; N] {
        self.take(N).try_into().unwrap()
    }

    pub(super) fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub(super) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// A `B_VARCHAR`: its length in one byte, in UTF-16 units.
    pub(super) fn short_text(&mut self) -> String {
        let units = self.u8();
        from_utf16(self.take(usize::from(units) * 2))
    }
}

pub(super) fn from_utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    String::from_utf16_lossy(&units)
}

pub(super) fn to_utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Writes a `B_VARCHAR`.
pub(super) fn put_short_text(out: &mut Vec<u8>, text: &str) {
    out.push(u8::try_from(text.encode_utf16().count()).unwrap());
    out.extend(to_utf16(text));
}

/// Writes a `US_VARCHAR`: its length in two bytes, in UTF-16 units.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend(u16::try_from(text.encode_utf16().count()).unwrap().to_le_bytes());
    out.extend(to_utf16(text));
}

//! Mutations of seeds: small changes, pieces of other seeds, and words that parsers trip over.

/// What parsers of ours look for.
const WORDS: [&str; 30] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "<",
    ">",
    "</",
    "<!--",
    "-->",
    "\"",
    "'",
    "\"\"",
    ",",
    ";",
    "\t",
    "\r\n",
    "\0",
    "=",
    "@",
    ".",
    "..",
    "&",
    "&#",
    "javascript:",
    "url(",
    "\u{feff}",
    "\u{202e}",
    "\u{1f600}",
    "\u{df}\u{130}",
    "18446744073709551616",
];

pub(super) struct Mutator(u64);

impl Mutator {
    pub(super) fn new(dice: u64) -> Self {
        Self(dice)
    }

    /// A seed after one to eight changes.
    pub(super) fn mutate(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut bytes, seeds);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        let length = self.below(16).min(bytes.len() - at);
        match self.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.byte(),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].repeat(1 + self.below(40));
                drop(bytes.splice(at..at, piece));
            }
            4 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                let piece = other[from..(from + self.below(200)).min(other.len())].to_vec();
                drop(bytes.splice(at..at + length, piece));
            }
            5 => bytes.truncate(at),
            _ => {
                let word = WORDS[self.below(WORDS.len())].bytes();
                drop(bytes.splice(at..at, word));
            }
        }
    }

    /// `SplitMix64`: <https://prng.di.unimi.it/splitmix64.c>.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

//! What must hold of any bytes that come from outside: one function for each parser, over seeds and seeded mutations of them.
//! `cargo fuzz` runs the same functions (`fuzz/`), guided by coverage.

mod address;
mod csv;
mod migration;
mod mutate;
mod template;
mod token;

use mutate::Mutator;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;

/// A parser under test.
pub struct Target {
    /// Its name, and that of its folder of seeds.
    pub name: &'static str,
    /// Panics when something that must hold does not.
    pub check: fn(&[u8]),
    /// Where more seeds are, from the repository's root.
    more_seeds: &'static [&'static str],
}

/// Bearer tokens: the header, and the claims of a token that is signed well.
pub const TOKEN: Target = Target { name: "token", check: token::check, more_seeds: &[] };
/// CSV files of people, in any encoding.
pub const CSV: Target = Target { name: "csv", check: csv::check, more_seeds: &[] };
/// Templates with the values of a person.
pub const TEMPLATE: Target = Target {
    name: "template",
    check: template::check,
    more_seeds: &["backend/gallery", "backend/demo/company/templates"],
};
/// Signatures of other programs.
pub const MIGRATION: Target =
    Target { name: "migration", check: migration::check, more_seeds: &["fuzz/seeds/template", "backend/gallery"] };
/// Mail addresses.
pub const ADDRESS: Target = Target { name: "address", check: address::check, more_seeds: &[] };

/// Longest mutation in bytes: what grows without end only takes longer.
const LONGEST: usize = 16 * 1024;

impl Target {
    /// Checks the seeds, then mutations of them while `goes_on` says so of how many there were. `dice`: the same number
    /// makes the same mutations.
    pub fn run(&self, dice: u64, mut goes_on: impl FnMut(u64) -> bool) -> u64 {
        let seeds = self.seeds();
        assert!(!seeds.is_empty(), "there are no seeds of {}", self.name);
        for seed in &seeds {
            self.check_one(seed, dice);
        }
        let mut mutator = Mutator::new(dice);
        let mut count = 0;
        while goes_on(count) {
            let mut mutation = mutator.mutate(&seeds);
            mutation.truncate(LONGEST);
            self.check_one(&mutation, dice);
            count += 1;
        }
        count
    }

    /// Leaves what fails where it can be looked at, as a seed for ever after.
    fn check_one(&self, input: &[u8], dice: u64) {
        let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.check)(input))) else { return };
        let file = std::env::temp_dir().join(format!("fuzz-{}-{dice}", self.name));
        fs::write(&file, input).unwrap();
        eprintln!("{} fails with what is in {}: put it into fuzz/seeds/{}", self.name, file.display(), self.name);
        resume_unwind(panic);
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let own = format!("fuzz/seeds/{}", self.name);
        let folders = std::iter::once(own.as_str()).chain(self.more_seeds.iter().copied());
        let files = folders.flat_map(|folder| fs::read_dir(crate::root().join(folder)).unwrap());
        let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
        files.sort();
        files.into_iter().map(|file| fs::read(file).unwrap()).collect()
    }
}

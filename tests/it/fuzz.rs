//! What must hold of any bytes from outside, for a moment: `cargo xtask fuzz` goes on for as long as it is told to.

use std::time::{Duration, Instant};
use tests::fuzz::{ADDRESS, CSV, MIGRATION, TEMPLATE, TOKEN, Target};

/// Mutations where nobody asks for more, always the same ones.
const SHORT: u64 = 400;
const DICE: u64 = 13;

fn run(target: &Target) {
    let Ok(seconds) = std::env::var("PARAPH_FUZZ_SECONDS") else {
        target.run(DICE, |count| count < SHORT);
        return;
    };
    let dice = u64::from_le_bytes(paraph::random::bytes());
    let end = Instant::now() + Duration::from_secs(seconds.parse().unwrap());
    println!("{}: dice {dice}", target.name);
    let count = target.run(dice, |_| Instant::now() < end);
    println!("{}: {count} mutations", target.name);
}

#[test]
fn token_no_header_and_no_claims_let_anybody_in_who_was_not() {
    run(&TOKEN);
}

#[test]
fn csv_a_file_reads_the_same_however_it_is_asked() {
    run(&CSV);
}

#[test]
fn template_nothing_that_runs_gets_into_a_mail() {
    run(&TEMPLATE);
}

#[test]
fn migration_whatever_is_in_a_signature_nothing_of_it_runs() {
    run(&MIGRATION);
}

#[test]
fn address_is_one_and_stays_the_same() {
    run(&ADDRESS);
}

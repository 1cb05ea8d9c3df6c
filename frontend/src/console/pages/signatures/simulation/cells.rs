//! The cells of the matrix in words and tables: kinds of messages, to internal and to external recipients.

use crate::ui::{Choose, changing, sheet, time};
use ::api::console::{BeforeAfter, CellCount, ComparedOutcome, MatrixCell, RecipientSide};
use leptos::prelude::*;

/// The cells as the beginning of a sentence.
pub(in crate::console::pages) fn titled(cells: &[MatrixCell]) -> String {
    let words = MatrixCell::in_words(cells);
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The cells that somebody is counted in, in words.
pub(in crate::console::pages) fn counted(counts: &[CellCount]) -> String {
    let cells: Vec<MatrixCell> = counts.iter().filter(|count| count.people > 0).map(|count| count.cell()).collect();
    MatrixCell::in_words(&cells)
}

/// The cells where they are not all of them; nothing for one draft.
pub(in crate::console::pages) fn limited(counts: &[CellCount]) -> Option<String> {
    let some = counts.iter().filter(|count| count.people > 0).count();
    (some > 0 && some < MatrixCell::ALL.len()).then(|| counted(counts))
}

/// How many people in each cell, as a table.
pub(in crate::console::pages) fn table(counts: &[CellCount]) -> AnyView {
    let number = |cell: MatrixCell| {
        let found = counts.iter().find(|count| count.cell() == cell);
        time::grouped(found.map_or(0, |count| count.people)).into_any()
    };
    let internal = MatrixCell::ALL.into_iter().filter(|cell| cell.recipients == RecipientSide::Internal);
    let row = |cell: MatrixCell| {
        let external = MatrixCell { recipients: RecipientSide::External, ..cell };
        vec![titled(&[cell, external]).into_any(), number(cell), number(external)]
    };
    let columns = ["Message", "To internal recipients", "To external recipients"];
    sheet("people affected by kind of message", &columns, internal.map(row).collect())
}

/// The cell with this number; none where the text is no number of one.
pub(in crate::console::pages) fn numbered(number: &str) -> Option<MatrixCell> {
    MatrixCell::ALL.get(number.parse::<usize>().ok()?).copied()
}

fn number(cell: MatrixCell) -> String {
    MatrixCell::ALL.iter().position(|one| *one == cell).unwrap_or_default().to_string()
}

/// The cells in which people are affected, to filter by, each with how many.
pub(in crate::console::pages) fn options(counts: &[CellCount]) -> Vec<(String, String)> {
    let affected = counts.iter().filter(|count| count.people > 0);
    let one =
        |count: &CellCount| (number(count.cell()), titled(&[count.cell()]) + " (" + &time::grouped(count.people) + ")");
    std::iter::once((String::new(), "All".to_owned())).chain(affected.map(one)).collect()
}

/// What a person gets in which cells, to choose what is shown; nothing where it is the same in all.
pub(in crate::console::pages) fn choice(found: Signal<Option<BeforeAfter>>, cell: RwSignal<String>) -> AnyView {
    let options =
        Memo::new(move |_| found.with(|found| found.as_ref().map(|both| outcomes(&both.outcomes)).unwrap_or_default()));
    let several = Memo::new(move |_| options.with(|options| options.len() > 1));
    changing(move || several.get().then(|| view! { <Choose label="Message" value=cell options=options /> }))
}

/// Of each outcome its first cell stands for it. The one that the server shows by itself has no number.
fn outcomes(all: &[ComparedOutcome]) -> Vec<(String, String)> {
    let usual = all.iter().position(|outcome| outcome.affected).unwrap_or_default();
    let one = |(at, outcome): (usize, &ComparedOutcome)| {
        let number = outcome.cells.first().copied().map(number).filter(|_| at != usual).unwrap_or_default();
        (number, titled(&outcome.cells))
    };
    all.iter().enumerate().map(one).collect()
}

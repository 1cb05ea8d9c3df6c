//! Bars by day, one colour for each series, with the same numbers as a table for who does not see them.

use crate::ui::{icon, sheet};
use leptos::prelude::*;

/// In units of the drawing.
const WIDTH: u64 = 900;
const HEIGHT: u64 = 220;
/// Left of the bars, for numbers, and below them, for days.
const LEFT: u64 = 44;
const BELOW: u64 = 24;
const ABOVE: u64 = 10;
/// As many colours as there are.
const COLOURS: usize = 4;

/// Numbers by day.
pub(crate) struct Series {
    /// What they are of.
    pub(crate) name: String,
    /// One for each day.
    pub(crate) values: Vec<u64>,
}

/// The bars, stacked.
pub(crate) fn chart(days: &[String], series: &[Series]) -> AnyView {
    let sum = |day: usize| series.iter().map(|one| one.values[day]).sum::<u64>();
    let most = (0..days.len()).map(sum).max().unwrap_or(0).max(1);
    let total: u64 = (0..days.len()).map(sum).sum();
    let room = HEIGHT - ABOVE - BELOW;
    let (count, width) = (days.len().max(1) as u64, WIDTH - LEFT);
    let bars = (0..days.len()).flat_map(|day| {
        let (left, right) = (day as u64 * width / count, (day as u64 + 1) * width / count);
        let gap = if right - left > 6 { 2 } else { u64::from(right - left > 2) };
        let mut below = 0;
        series
            .iter()
            .enumerate()
            .filter(|(_, one)| one.values[day] > 0)
            .map(|(at, one)| {
                let from = below * room / most;
                below += one.values[day];
                let to = below * room / most;
                let words = days[day].clone() + ", " + &one.name + ": " + &one.values[day].to_string();
                view! {
                    <rect
                        class="series-".to_owned() + &(at % COLOURS).to_string()
                        x=(LEFT + left).to_string()
                        y=(HEIGHT - BELOW - to).to_string()
                        width=(right - left - gap).max(1).to_string()
                        height=(to - from).max(1).to_string()
                    >
                        <title>{words}</title>
                    </rect>
                }
                .into_any()
            })
            .collect::<Vec<_>>()
    });
    let line = |share: u64| {
        let y = HEIGHT - BELOW - share * room / 2;
        let words = if share == 1 && most < 2 { String::new() } else { (most * share / 2).to_string() };
        view! {
            <line class="axis" x1=LEFT.to_string() x2=WIDTH.to_string() y1=y.to_string() y2=y.to_string()></line>
            <text x=(LEFT - 6).to_string() y=(y + 4).to_string() text-anchor="end">
                {words}
            </text>
        }
    };
    let every = days.len().div_ceil(8).max(1);
    let label = |(at, day): (usize, &String)| {
        view! {
            <text x=(LEFT + at as u64 * width / count).to_string() y=(HEIGHT - 6).to_string()>
                {day.get(5..).unwrap_or_default().to_owned()}
            </text>
        }
    };
    let legend = |(at, one): (usize, &Series)| {
        let sum: u64 = one.values.iter().sum();
        view! {
            <li>
                <svg viewBox="0 0 12 12" aria-hidden="true">
                    <rect class="series-".to_owned() + &(at % COLOURS).to_string() width="12" height="12" />
                </svg>
                {one.name.clone()} ": " {crate::ui::time::grouped(sum)}
            </li>
        }
    };
    let said = "Followed links by day, ".to_owned()
        + &crate::ui::time::grouped(total)
        + " in all; the table below has the numbers.";
    view! {
        <svg class="chart" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=said>
            {(0..=2).map(line).collect_view()}
            {bars.collect_view()}
            {days.iter().enumerate().step_by(every).map(label).collect_view()}
        </svg>
        <ul class="legend">{series.iter().enumerate().map(legend).collect_view()}</ul>
        {numbers(days, series)}
    }
    .into_any()
}

fn numbers(days: &[String], series: &[Series]) -> AnyView {
    let rows = days
        .iter()
        .enumerate()
        .flat_map(|(at, day)| {
            series.iter().filter(move |one| one.values[at] > 0).map(move |one| {
                let value = crate::ui::time::grouped(one.values[at]);
                vec![day.clone().into_any(), one.name.clone().into_any(), value.into_any()]
            })
        })
        .collect();
    view! {
        <details>
            <summary>"The numbers" {icon(crate::ui::Icon::CHEVRON)}</summary>
            {sheet("Followed links by day", &["Day (UTC)", "Banner", "Followed"], rows)}
        </details>
    }
    .into_any()
}

//! All rules in words, to read and to print.

use super::crumbs;
use crate::api::console::{get, path, with_query};
use crate::console::pages::page;
use crate::ui::{Button, Choose, Icon, Loaded, Pill, Query, Tone, changing, count, icon, moment, text};
use ::api::console::{ReportQuery, ReportedRule, RuleReport, paths};
use leptos::prelude::*;

/// `/console/tenants/TENANT/rules/report`.
pub(crate) fn report(tenant: &str) -> AnyView {
    let which = Query::new(&["which"]).filter("which");
    let asked = move || ReportQuery { unpublished: which.with(|which| which == "unpublished") };
    let own = path(paths::RULES_REPORT, &[tenant]);
    let found = Loaded::new(move || {
        let path = with_query(&own, &asked());
        async move { get::<RuleReport>(&path).await }
    });
    let table = path(paths::RULES_REPORT_CSV, &[tenant]);
    let csv = text(move || with_query(&table, &asked()));
    let options = [("", "As published"), ("unpublished", "With unpublished changes")];
    let options = options.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let actions = view! {
        <Choose label="Rules" value=which options=Signal::stored(options) />
        <a class="button" href=csv download="rules.csv">
            {icon(Icon::DOWNLOAD)}
            "CSV"
        </a>
        <Button icon=Icon::BOOK on_press=|()| drop(window().print())>
            "Print"
        </Button>
    };
    let content = found.view(move || changing(move || found.value.get().map(|report| shown(&report))));
    page(&crumbs(tenant), "Report of the rules", actions.into_any(), content)
}

fn shown(report: &RuleReport) -> AnyView {
    let state = if report.unpublished { "With unpublished changes" } else { "As published" };
    view! {
        <p class="lead">
            {report.tenant.clone()} ", " {moment(report.at_ms)} ". " {state} ", "
            {count(report.rules.len() as u64, "rule")} ", in order."
        </p>
        <ol class="report">{report.rules.iter().map(rule).collect_view()}</ol>
    }
    .into_any()
}

fn rule(rule: &ReportedRule) -> AnyView {
    let list = |label: &'static str, lines: &[String]| {
        (!lines.is_empty()).then(|| {
            let lines = lines.iter().map(|line| view! { <p>{line.clone()}</p> }).collect_view();
            view! {
                <dt>{label}</dt>
                <dd>{lines}</dd>
            }
        })
    };
    view! {
        <li>
            <h2 class="row wrap">
                <span>{rule.place} ". " {rule.name.clone()}</span>
                {(!rule.folder.is_empty()).then(|| view! { <Pill text=rule.folder.clone() /> })}
                {(!rule.enabled).then(|| view! { <Pill text="Off" tone=Tone::Warning /> })}
            </h2>
            <dl class="facts-list">
                {list("Applies", &rule.conditions)} {list("Gives", &rule.gives)} {list("To review", &rule.advice)}
            </dl>
        </li>
    }
    .into_any()
}

//! How the connector is installed, step by step.

use crate::ui::{Copy, Icon, Tabs, icon};
use leptos::prelude::*;

/// The steps; open where nobody has done them.
pub(crate) fn install(open: bool) -> AnyView {
    let chosen = RwSignal::new("linux".to_owned());
    let tabs = [("linux", "Linux"), ("windows", "Windows")];
    let tabs = tabs.map(|(name, words)| (name.to_owned(), words.to_owned())).to_vec();
    let panel = move || steps(chosen.get() == "windows");
    let inside = view! {
        <div class="prose">
            <p>
                "The connector runs on a computer in your network that can reach the database and, over HTTPS, this \
                 server. It accepts no connections from outside, and it only reads. It supports SQL Server, Access \
                 and every other ODBC source, PostgreSQL, MySQL, MariaDB and SQLite."
            </p>
        </div>
        <Tabs label="Where it runs" tabs chosen>
            {panel}
        </Tabs>
    };
    if open {
        return view! {
            <section class="card">
                <h2>"Set up the connector"</h2>
                {inside}
            </section>
        }
        .into_any();
    }
    view! {
        <details class="fold">
            <summary>
                <h2>"Install the connector on another computer"</h2>
                {icon(Icon::CHEVRON)}
            </summary>
            <div class="stack">{inside}</div>
        </details>
    }
    .into_any()
}

fn steps(is_windows: bool) -> AnyView {
    let (program, here, service) = if is_windows {
        ("paraph-connector.exe", "C:\\Program Files\\Paraph", "a Windows service")
    } else {
        ("paraph-connector", "/usr/local/bin", "a systemd service")
    };
    let called = |verb: &str| {
        let prefix = if is_windows || verb != "install" { "" } else { "sudo " };
        view! { <Copy value=prefix.to_owned() + program + " " + verb what="the command" /> }
    };
    let as_admin = if is_windows { "As an administrator, make it " } else { "Make it " };
    view! {
        <div class="prose">
            <ol class="steps">
                <li>
                    "Take " <code>{program}</code> " from the same release as this server, and put it into "
                    <code>{here}</code> "."
                </li>
                <li>"Create a secret below. It is shown once, together with the server’s address."</li>
                <li>
                    "Enter where the database is, the query, and which column goes into which field; one column must \
                     be the e-mail address. The first command asks in the terminal, the second on a page in your \
                     browser:"
                    {called("configure")} {called("configure --web")}
                </li>
                <li>"Try the connection and the query, then look at what would change here:" {called("test")} {called("preview")}</li>
                <li>
                    {as_admin} {service} ". It runs immediately, and then every hour after its start:"
                    {called("install")}
                </li>
            </ol>
        </div>
    }
    .into_any()
}

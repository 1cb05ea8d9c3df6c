//! Whose Outlook has called in.

use crate::api::console::{get, path, with_query};
use crate::console::pages::{at, page, tenant_crumb};
use crate::ui::{Cell, Choose, Column, Icon, Listing, Loaded, Query, Row, Table, Tone, count};
use ::api::console::pages::Directory;
use ::api::console::{Client, Clients, ClientsQuery, PlatformCount, paths};
use leptos::prelude::*;

/// `/console/tenants/TENANT/clients`.
pub(crate) fn clients(tenant: &str) -> AnyView {
    let query = Query::new(&["platform", "failing"]);
    let own = path(paths::CLIENTS, &[tenant]);
    let id = tenant.to_owned();
    let platforms = RwSignal::new(Vec::<PlatformCount>::new());
    let rows = Loaded::new(move || {
        let asked = ClientsQuery {
            search: query.search.get(),
            platform: Some(query.filter("platform").get()).filter(|platform| !platform.is_empty()),
            failing: !query.filter("failing").get().is_empty(),
            offset: query.offset.get(),
            limit: Some(query.limit.get()),
        };
        let (path, id) = (with_query(&own, &asked), id.clone());
        async move {
            let found = get::<Clients>(&path).await?;
            platforms.set(found.platforms);
            Ok(Listing { total: found.total, rows: found.clients.iter().map(|client| row(&id, client)).collect() })
        }
    });
    let options = Signal::derive(move || {
        let one = |found: PlatformCount| {
            let words = platform_words(&found.platform) + " (" + &crate::ui::time::grouped(found.clients) + ")";
            (found.platform, words)
        };
        let mut options = vec![(String::new(), "All".to_owned())];
        options.extend(platforms.get().into_iter().map(one));
        options
    });
    let failing = vec![(String::new(), "All".to_owned()), ("true".to_owned(), "With failures".to_owned())];
    let filters = view! {
        <Choose label="Platform" value=query.filter("platform") options />
        <Choose label="Calls" value=query.filter("failing") options=Signal::stored(failing) />
    };
    let columns = vec![
        Column::new("name", "Person"),
        Column::new("platform", "Platform"),
        Column::new("event", "Last event"),
        Column::new("seen", "Last call"),
        Column::new("failures", "Failures"),
    ];
    let content = view! {
        <p class="lead">"Each person’s Outlook on each platform, the last seen first."</p>
        <Table
            id="clients"
            what="clients"
            columns=Signal::stored(columns)
            rows
            query
            filters=filters.into_any()
            icon=Icon::DEVICE
            hint="They appear here as soon as someone writes a mail with the add-in. Deployment explains how to \
                  install it."
        />
    };
    page(&tenant_crumb(tenant), "Clients", ().into_any(), content.into_any())
}

/// What Office.js calls a platform, as people know it. The server writes its names in small letters.
pub(crate) fn platform_words(platform: &str) -> String {
    match platform {
        "officeonline" | "web" => "Outlook on the web, new Outlook",
        "pc" | "classic" => "Outlook on Windows",
        "mac" => "Outlook on Mac",
        "ios" => "Outlook on iOS",
        "android" => "Outlook on Android",
        "" | "other" => "Unknown",
        other => other,
    }
    .to_owned()
}

fn row(tenant: &str, client: &Client) -> Row {
    let failures = match &client.last_failure {
        Some(why) => Cell::Twice(count(client.failures, "failure"), why.clone()),
        None if client.failures > 0 => Cell::Text(count(client.failures, "failure")),
        None => Cell::Pills(vec![("None".to_owned(), Tone::Success)]),
    };
    let event = match client.event.as_str() {
        "new" => "New mail",
        "reply" => "Reply",
        "forward" => "Forward",
        "appointment" => "Appointment",
        other => other,
    };
    let cells = vec![
        ("name".to_owned(), Cell::Text(client.name.clone())),
        ("platform".to_owned(), Cell::Twice(platform_words(&client.platform), client.version.clone())),
        ("event".to_owned(), Cell::Text(event.to_owned())),
        ("seen".to_owned(), Cell::Ago(Some(client.seen_ms))),
        ("failures".to_owned(), failures),
    ];
    let key = client.person.clone() + "/" + &client.platform;
    Row { key, href: at(tenant, Directory::Person(client.person.clone())), cells }
}

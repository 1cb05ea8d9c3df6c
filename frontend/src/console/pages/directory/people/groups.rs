//! Groups of people.

use crate::api::console::{encode, get, path, with_query};
use crate::console::pages::{at, page, tenant_crumb};
use crate::ui::{Cell, Column, Icon, Listing, Loaded, Query, Row, Table};
use ::api::console::pages::Directory;
use ::api::console::{Group, Groups, GroupsQuery, paths};
use leptos::prelude::*;

/// `/console/tenants/TENANT/groups`.
pub(crate) fn groups(tenant: &str) -> AnyView {
    let tenant = tenant.to_owned();
    let query = Query::new(&[]);
    let own = path(paths::GROUPS, &[&tenant]);
    let people = at(&tenant, Directory::People);
    let row = move |group: &Group| Row {
        key: group.id.clone(),
        href: people.clone() + "?group=" + &encode(&group.id),
        cells: vec![
            ("name".to_owned(), Cell::Text(group.name.clone())),
            ("addresses".to_owned(), Cell::Text(group.addresses.join(", "))),
            ("members".to_owned(), Cell::Text(crate::ui::time::grouped(group.members))),
        ],
    };
    let rows = Loaded::new(move || {
        let (search, offset, limit) = (query.search.get(), query.offset.get(), Some(query.limit.get()));
        let path = with_query(&own, &GroupsQuery { search, offset, limit });
        let row = row.clone();
        async move {
            let found = get::<Groups>(&path).await?;
            Ok(Listing { total: found.total, rows: found.groups.iter().map(row).collect() })
        }
    });
    let columns = vec![
        Column::new("name", "Name"),
        Column::new("addresses", "Email addresses"),
        Column::new("members", "Members"),
    ];
    let content = view! {
        <p class="lead">"Rules choose signatures by group. An email to a group’s address counts as one to its members."</p>
        <Table
            id="groups"
            what="groups"
            columns=Signal::stored(columns)
            rows
            query
            icon=Icon::GROUP
            hint="Groups come from your directory, or from a column of a CSV file."
        />
    };
    page(&tenant_crumb(&tenant), "Groups", ().into_any(), content.into_any())
}

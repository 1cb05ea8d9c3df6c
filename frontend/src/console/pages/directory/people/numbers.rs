//! Phone numbers that cannot be dialled.

use crate::api::console::{get, path, with_query};
use crate::console::pages::{at, page, tenant_crumb};
use crate::ui::{Cell, Column, Icon, Listing, Loaded, Query, Row, Table};
use ::api::console::pages::Directory;
use ::api::console::{BadNumber, BadNumbers, NumbersQuery, paths};
use leptos::prelude::*;

/// `/console/tenants/TENANT/phone-numbers`.
pub(crate) fn numbers(tenant: &str) -> AnyView {
    let tenant = tenant.to_owned();
    let query = Query::new(&[]);
    let own = path(paths::PHONE_NUMBERS, &[&tenant]);
    let row = {
        let tenant = tenant.clone();
        move |number: &BadNumber| Row {
            key: number.person.id.clone() + " " + &number.token,
            href: at(&tenant, Directory::Person(number.person.id.clone())),
            cells: vec![
                ("name".to_owned(), Cell::Twice(number.person.name.clone(), number.person.address.clone())),
                ("field".to_owned(), Cell::Text(number.label.clone())),
                ("value".to_owned(), Cell::Text(number.value.clone())),
                ("problem".to_owned(), Cell::Text(number.problem.clone())),
                ("dialled".to_owned(), Cell::Text(number.dialled.clone())),
            ],
        }
    };
    let rows = Loaded::new(move || {
        let path = with_query(&own, &NumbersQuery { offset: query.offset.get(), limit: Some(query.limit.get()) });
        let row = row.clone();
        async move {
            let found = get::<BadNumbers>(&path).await?;
            Ok(Listing { total: found.total, rows: found.numbers.iter().map(row).collect() })
        }
    });
    let columns = vec![
        Column::new("name", "Name"),
        Column::new("field", "Field"),
        Column::new("value", "Value"),
        Column::new("problem", "What is wrong"),
        Column::new("dialled", "Dialled now").hidden(),
    ];
    let content = view! {
        <p class="lead">
            "These numbers cannot be dialled from everywhere. Correct them where they come from, or fill in the person's \
             country: it decides how a number without a country code is dialled."
        </p>
        <Table
            id="phone-numbers"
            what="phone numbers"
            columns=Signal::stored(columns)
            rows
            query
            icon=Icon::PERSON
            hint="Every phone number can be dialled."
        />
    };
    page(&tenant_crumb(&tenant), "Phone numbers", ().into_any(), content.into_any())
}

//! Every piece that pages are put together from, to look at.
use super::page;
use leptos::prelude::*;

/// `/console/ui`.
pub fn pieces() -> AnyView {
    page(&[], "Pieces", ().into_any(), ().into_any())
}

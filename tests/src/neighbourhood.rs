//! The neighbours of the company under test, and the settings with which a server asks them.

use crate::app::{CLIENT_ID, TENANT};
use neighbours::Now;
use neighbours::google::FakeGoogle;
use neighbours::graph::{FakeGraph, Registration};
use paraph::clock::Clock;
use paraph::config::Config;

/// A neighbour's clock that shows what ours does.
pub fn now(clock: &Clock) -> Now {
    let clock = clock.clone();
    Now::new(move || clock.now_ms())
}

/// Entra ID and Graph with nobody in the directory, where our app is registered.
pub async fn graph(clock: &Clock) -> FakeGraph {
    let registration =
        Registration { tenant: TENANT.into(), client_id: CLIENT_ID.into(), secret: "Graph~knows+it".into() };
    FakeGraph::start(registration, now(clock)).await
}

/// Has a server ask this Entra ID and Graph.
pub fn ask_graph(config: &mut Config, graph: &FakeGraph) {
    config.identity.client_id.clone_from(&graph.registration().client_id);
    config.identity.authority_host.clone_from(&graph.url);
    config.directory.graph_url.clone_from(&graph.url);
    config.directory.entra_client_secret.clone_from(&graph.registration().secret);
}

/// Google with nobody in the workspace.
pub async fn google(clock: &Clock) -> FakeGoogle {
    FakeGoogle::start(now(clock)).await
}

/// Has a server ask this Google.
pub fn ask_google(config: &mut Config, google: &FakeGoogle) {
    config.directory.google_url.clone_from(&google.url);
    config.directory.google_token_url = google.token_url();
}

//! What somebody sees when the server is slow, failing or away.

use crate::page::{PATIENCE, with_page, with_page_of};
use tests::browser::Server;

#[test]
fn a_slow_server_gives_the_kept_signature() {
    with_page(async |page| {
        page.compose("new").await;
        let kept = page.signature().await;
        page.run("simulator.server('slow')").await;
        let record = page.compose("new").await;
        assert_eq!(record.source.as_deref(), Some("cache"));
        assert_eq!(page.signature().await, kept);
    });
}

#[test]
fn a_failing_server_gives_the_kept_signature() {
    with_page(async |page| {
        page.compose("new").await;
        page.run("simulator.server('failing')").await;
        let record = page.compose("new").await;
        assert_eq!(record.source.as_deref(), Some("cache"));
        assert_eq!(page.signatures().await, 1);
    });
}

#[test]
fn a_stopped_server_gives_the_kept_signature_at_once_also_after_a_restart_of_outlook() {
    with_page(async |page| {
        page.compose("new").await;
        page.run("simulator.server('stopped')").await;
        let record = page.compose("new").await;
        assert_eq!(record.source.as_deref(), Some("cache"));
        assert!(record.signature_at.is_some_and(|at| at < 1_000.0), "{record:?}");
        page.run("await simulator.restart()").await;
        let record = page.compose("new").await;
        assert_eq!(record.source.as_deref(), Some("cache"));
        assert_eq!(page.signatures().await, 1);
    });
}

#[test]
fn a_server_whose_process_is_gone_gives_the_kept_signature() {
    let server = Server::start().unwrap_or_else(|error| panic!("{error:#}"));
    let origin = server.origin.clone();
    with_page_of(&origin, async |page| {
        page.compose("new").await;
        let kept = page.signature().await;
        drop(server);
        let stopped = tests::http::builder()
            .timeout(PATIENCE)
            .build()
            .expect("a client")
            .get(format!("{origin}/health"))
            .send()
            .await;
        assert!(stopped.is_err_and(|error| error.is_connect()), "the server still answers");
        let record = page.compose("new").await;
        assert_eq!(record.source.as_deref(), Some("cache"));
        assert_eq!(page.signature().await, kept);
    });
}

#[test]
fn without_a_server_and_without_a_kept_signature_the_event_still_completes() {
    with_page(async |page| {
        for server in ["stopped", "failing", "slow"] {
            page.run(&format!("await simulator.forget(); simulator.server('{server}')")).await;
            let record = page.compose("new").await;
            // Three seconds are late, but there is nothing else to insert and still time.
            let inserted = usize::from(server == "slow");
            assert_eq!(record.signature_at.is_some(), inserted == 1, "{server}");
            assert_eq!(page.signatures().await, inserted, "{server}");
        }
    });
}

#[test]
fn when_the_server_is_back_the_next_message_has_its_answer() {
    with_page(async |page| {
        page.run("simulator.server('stopped')").await;
        page.compose("new").await;
        assert_eq!(page.signatures().await, 0);
        page.run("simulator.server('normal')").await;
        let record = page.compose("new").await;
        assert_eq!(record.source.as_deref(), Some("server"));
        assert_eq!(page.signatures().await, 1);
    });
}

#[test]
fn signatures_of_other_drafts_make_room_where_the_storage_is_full() {
    with_page(async |page| {
        page.compose("new").await;
        // Somebody who sends from very many mailboxes.
        page.run(
            "const kept = Object.keys(localStorage).find((key) => key.includes('|new|')); \
             const other = (number) => kept.replace('|new|', `|${number}|`); \
             let number = 0; \
             for (let size = 100000; size > 10; size >>= 1) \
                 try { for (;;) localStorage.setItem(other(number++), 'x'.repeat(size)) } catch {}",
        )
        .await;
        let record = page.compose("reply").await;
        assert_eq!(record.source.as_deref(), Some("server"));
        let kept: Vec<String> = page.get("Object.keys(localStorage).filter((key) => !key.endsWith('|weather'))").await;
        assert!(kept.len() == 1 && kept[0].contains("|reply|"), "{kept:?}");
        assert!(record.completed_at.is_some_and(|at| at < 4_000.0), "nothing else was tried: {record:?}");
    });
}

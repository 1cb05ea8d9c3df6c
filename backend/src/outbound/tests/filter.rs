//! Where requests go, and where they never do.

use super::*;

async fn get(client: &Client, url: &str) -> Result<Answer, SendError> {
    client.send(&Request::get(url), &Reach::Public, LIMITS).await
}

#[tokio::test]
async fn a_literal_a_name_and_a_redirect_are_refused_for_their_reason_and_nobody_is_asked() {
    let inner = Server::start("127.0.0.1", |_| answer(200, "{}")).await;
    let loopback = Why::Internal(Kind::Loopback);
    let port = inner.at.rsplit_once(':').unwrap().1.to_owned();
    assert_eq!(refused(get(&client(&[]), &inner.url("/")).await), loopback, "literal");
    assert_eq!(refused(get(&client(&[]), &format!("http://localhost:{port}/")).await), loopback, "name");
    let (to, by_name) = (inner.url("/"), format!("http://localhost:{port}/"));
    let outer = Server::start("127.0.0.2", move |path| match path {
        "/literal" => lead(302, &to),
        "/name" => lead(307, &by_name),
        "/metadata" => lead(301, "https://169.254.169.254/latest/meta-data"),
        "/plain" => lead(302, "http://example.com/"),
        "/port" => lead(302, "https://8.8.8.8:8443/"),
        _ => lead(303, "file:///etc/passwd"),
    })
    .await;
    for (path, why) in [
        ("/literal", loopback),
        ("/name", loopback),
        ("/metadata", Why::Internal(Kind::Metadata)),
        ("/plain", Why::Plain),
        ("/port", Why::Port),
        ("/file", Why::Address),
    ] {
        assert_eq!(refused(get(&client(&["127.0.0.2"]), &outer.url(path)).await), why, "{path}");
    }
    assert_eq!(outer.take().len(), 6);
    assert_eq!(inner.take(), [""; 0]);
}

#[tokio::test]
async fn every_address_of_a_name_must_be_one_that_may_be_reached() {
    let server = Server::start("127.0.0.2", |_| answer(200, "{}")).await;
    let port = server.at.rsplit_once(':').unwrap().1;
    for (address, kind) in [
        ("10.0.0.1", Kind::Private),
        ("169.254.169.254", Kind::Metadata),
        ("::ffff:192.168.0.1", Kind::Private),
        ("fd00::1", Kind::UniqueLocal),
    ] {
        let client = scripted(&["127.0.0.2"], &[&["127.0.0.2", address]]);
        let sent = get(&client, &format!("http://localhost:{port}/")).await;
        assert_eq!(refused(sent), Why::Internal(kind), "{address}");
        let public = scripted(&[], &[&["93.184.215.14", address]]);
        assert_eq!(refused(get(&public, "https://mail.example.com/EWS").await), Why::Internal(kind), "{address}");
    }
    let public = scripted(&["127.0.0.2"], &[&["93.184.215.14"]]);
    assert_eq!(refused(get(&public, "https://mail.example.com:8443/").await), Why::Port);
    assert_eq!(server.take(), [""; 0]);
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_looked_at() {
    let server = Server::start("127.0.0.2", |_| answer(200, "{}")).await;
    let url = format!("http://localhost:{}/", server.at.rsplit_once(':').unwrap().1);
    // Were the name looked up once more to connect, it would lead elsewhere.
    let client = scripted(&["127.0.0.2"], &[&["127.0.0.2"], &["169.254.169.254"]]);
    assert_eq!(get(&client, &url).await.unwrap().status, 200);
    assert_eq!(server.take(), ["GET /"]);
    // A new connection, to where the name leads by now.
    let client = scripted(&["127.0.0.2"], &[&["169.254.169.254"]]);
    assert_eq!(refused(get(&client, &url).await), Why::Internal(Kind::Metadata));
}

#[tokio::test]
async fn what_is_secret_stays_with_the_origin_that_it_is_for() {
    let other = Server::start("127.0.0.3", |_| answer(200, "{}")).await;
    let to = other.url("/b");
    let first = Server::start("127.0.0.2", move |path| match path {
        "/here" => lead(307, "/there"),
        "/there" => answer(200, "{}"),
        _ => lead(307, &to),
    })
    .await;
    let client = client(&["127.0.0.2", "127.0.0.3"]);
    let ask = async |path: &str| {
        let request = Request::get(first.url(path)).header(AUTHORIZATION, secret("Bearer s3cret"));
        client.send(&request, &Reach::Public, LIMITS).await.unwrap()
    };
    assert_eq!(ask("/here").await.status, 200);
    assert_eq!(first.authorization().as_deref(), Some("Bearer s3cret"));
    assert_eq!(ask("/away").await.status, 200);
    assert_eq!((other.authorization(), other.take()), (None, vec!["GET /b".to_owned()]));
    let chosen = Reach::chosen(&first.url("/")).unwrap();
    let request = Request::get(first.url("/away")).header(AUTHORIZATION, secret("Bearer s3cret"));
    assert_eq!(refused(client.send(&request, &chosen, LIMITS).await), Why::Elsewhere);
    let fixed = Reach::fixed([first.url("").as_str()]);
    assert_eq!(refused(client.send(&request, &fixed, LIMITS).await), Why::Elsewhere);
    assert_eq!(other.take(), [""; 0]);
}

#[tokio::test]
async fn the_probe_over_plain_http_carries_nothing_secret() {
    let client = scripted(&[], &[&["10.0.0.1"]]);
    let url = "http://autodiscover.example.com/autodiscover/autodiscover.xml";
    let secret = Request::get(url).header(AUTHORIZATION, secret("Basic s3cret"));
    for request in [secret, Request::post(url).xml("<a/>")] {
        assert_eq!(refused(client.send(&request, &Reach::Probe, LIMITS).await), Why::Credentials);
    }
    let sent = client.send(&Request::get(url), &Reach::Probe, LIMITS).await;
    assert_eq!(refused(sent), Why::Internal(Kind::Private), "its addresses are looked at");
}

#[tokio::test]
async fn the_proxy_of_the_configuration_is_for_the_addresses_of_the_configuration() {
    let proxy = Server::start("127.0.0.1", |_| answer(200, "{}")).await;
    let settings = Outbound { proxy: format!("http://ada:hunter2@{}", proxy.at), ..Outbound::default() };
    let client = Client::new(&settings, &Clock::mock(NOON_MS));
    assert!(!format!("{client:?}").contains("hunter2"));
    let url = "http://paraph.invalid/keys";
    let sent = client.send(&Request::get(url), &Reach::fixed([url]), LIMITS).await;
    assert_eq!((sent.unwrap().status, proxy.take()), (200, vec![format!("GET {url}")]));
    let here = Server::start("127.0.0.1", |_| answer(200, "{}")).await;
    let url = here.url("/");
    client.send(&Request::get(&url), &Reach::fixed([url.as_str()]), LIMITS).await.unwrap();
    let public = client.send(&Request::get("https://paraph.invalid/"), &Reach::Public, LIMITS).await.unwrap_err();
    assert!(matches!(public, SendError::Unreachable(Unreachable { cause: Cause::Name, .. })), "{public}");
    assert_eq!(proxy.take(), [""; 0]);
}

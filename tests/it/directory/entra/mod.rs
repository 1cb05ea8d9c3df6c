//! Entra ID: full fetches, then changes, with and without faults.

mod days;

use super::{EVERYTHING, Mirror};
use api::console::{PermissionState, Permissions};
use neighbours::Trouble;
use neighbours::graph::{Credentials, FakeGraph, GONE, made_up};
use paraph::clock::{Clock, DAY_MS};
use paraph::config::Config;
use paraph::directory::entra::{Entra, KnownPhoto, Photo, check_permissions, consent_url, fetch, photos};
use paraph::directory::fetched::{Cursor, Extent, FetchError, Manager};
use paraph::outbound::Client;
use serde_json::json;
use std::sync::Arc;
use tests::app::{CLIENT_ID, NOON_MS, TENANT};
use tests::neighbourhood;
use tokio::sync::mpsc;

/// Ada, who leads Grace; a guest, an account that is switched off, a group in a group.
struct Office {
    graph: FakeGraph,
    clock: Clock,
    entra: Entra,
}

impl Office {
    async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// After `change` to the settings.
    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let clock = Clock::mock(NOON_MS);
        let graph = neighbourhood::graph(&clock).await;
        let ada = json!({ "mail": "Ada@example.com", "proxyAddresses": ["smtp:countess@example.com"],
            "displayName": "Ada Lovelace", "jobTitle": "Analyst", "businessPhones": ["+44 1", "+44 2"],
            "onPremisesExtensionAttributes": { "extensionAttribute7": "Engine" } });
        graph.add_user("ada", &ada);
        graph.add_user("grace", &json!({ "mail": "grace@example.com", "displayName": "Grace Hopper" }));
        graph.set_manager("grace", Some("ada"));
        graph.add_user("guest", &json!({ "mail": "guest@elsewhere.example", "userType": "Guest" }));
        graph.add_user("desk", &json!({ "mail": "desk@example.com", "accountEnabled": false }));
        graph.add_user("printer", &json!({ "displayName": "Has no address" }));
        graph.set_group("engine", "Engine room");
        graph.set_group("all", "Everybody");
        for (kind, id) in [("user", "ada"), ("device", "tablet")] {
            graph.set_member("engine", kind, id, true);
        }
        for (kind, id) in [("user", "grace"), ("group", "engine")] {
            graph.set_member("all", kind, id, true);
        }
        let mut config = Config::default();
        neighbourhood::ask_graph(&mut config, &graph);
        change(&mut config);
        let entra = Entra::new(&config, TENANT, &[], &Client::new(&config.outbound, &clock)).unwrap();
        Self { graph, clock, entra }
    }

    /// A large one, in many pages.
    async fn large() -> Self {
        let office = Self::open().await;
        office.grow();
        office
    }

    fn grow(&self) {
        self.graph.add_many(50, 3, 20);
        self.graph.set_page_size(10, 7);
    }

    async fn fetch(&self, mirror: &mut Mirror, cursor: Option<&Cursor>) -> Result<Cursor, FetchError> {
        self.fetch_of(EVERYTHING, mirror, cursor).await
    }

    async fn fetch_of(
        &self,
        extent: Extent,
        mirror: &mut Mirror,
        cursor: Option<&Cursor>,
    ) -> Result<Cursor, FetchError> {
        mirror.listen(async |outlet| fetch(&self.entra, extent, cursor, &outlet).await).await
    }

    /// How a fetch fails.
    async fn failure(&self) -> FetchError {
        self.fetch(&mut Mirror::default(), None).await.unwrap_err()
    }

    /// A full fetch without faults.
    async fn truth(&self) -> Mirror {
        let mut truth = Mirror::default();
        self.fetch(&mut truth, None).await.unwrap();
        truth.without_count()
    }

    fn passed_ms(&self) -> i64 {
        self.clock.now_ms() - NOON_MS
    }
}

#[tokio::test]
async fn everybody_who_counts_comes_with_addresses_values_manager_and_groups() {
    let office = Office::open().await;
    let mut heard = Mirror::default();
    office.fetch(&mut heard, None).await.unwrap();
    assert_eq!(heard.ids(), ["ada", "desk", "grace", "guest"], "who has no address is nobody");
    assert_eq!(heard.people["ada"].addresses, ["ada@example.com", "countess@example.com"]);
    for (attribute, value) in [
        ("displayName", "Ada Lovelace"),
        ("jobTitle", "Analyst"),
        ("businessPhones", "+44 1"),
        ("extensionAttribute7", "Engine"),
        ("userPrincipalName", "ada@example.onmicrosoft.com"),
        ("city", ""),
    ] {
        assert_eq!(heard.value("ada", attribute), value, "{attribute}");
    }
    assert_eq!((heard.people["desk"].shared, heard.people["ada"].shared), (true, false));
    assert_eq!(heard.people["grace"].manager, Manager::Id("ada".into()));
    assert_eq!(heard.people["ada"].manager, Manager::Nobody);
    assert_eq!(heard.groups["engine"].name.as_deref(), Some("Engine room"));
    let members = [("all", "engine", true), ("all", "grace", false), ("engine", "ada", false)];
    let members = members.map(|(group, member, is_group)| (group.to_owned(), member.to_owned(), is_group));
    assert_eq!(heard.members, members.into(), "devices are left out");
    assert_eq!(office.graph.take_requests(), ["token", "users", "groups"]);
}

#[tokio::test]
async fn who_counts_is_what_the_settings_say() {
    let office = Office::open().await;
    let mut heard = Mirror::default();
    let extent = Extent { guests: false, shared: false, groups: false };
    let cursor = office.fetch_of(extent, &mut heard, None).await.unwrap();
    assert_eq!(heard.ids(), ["ada", "grace"]);
    assert!(heard.groups.is_empty());
    assert_eq!(office.graph.take_requests(), ["token", "users"]);
    // Whoever did not change since would be missed.
    for other in
        [Extent { guests: true, ..extent }, Extent { shared: true, ..extent }, Extent { groups: true, ..extent }]
    {
        assert_eq!(office.fetch_of(other, &mut heard, Some(&cursor)).await, Err(FetchError::CursorGone));
    }
}

#[tokio::test]
async fn the_next_run_brings_what_changed_and_nothing_else() {
    let office = Office::large().await;
    let mut heard = Mirror::default();
    let cursor = office.fetch(&mut heard, None).await.unwrap();
    let said = heard.said;
    let cursor = office.fetch(&mut heard, Some(&cursor)).await.unwrap();
    assert_eq!(heard.said, said, "nothing happened");

    let graph = &office.graph;
    graph.change_user("ada", &json!({ "jobTitle": "Countess", "businessPhones": [], "mail": "ada@lovelace.example" }));
    graph.change_user("guest", &json!({ "accountEnabled": false }));
    graph.add_user("alan", &json!({ "mail": "alan@example.com" }));
    graph.set_manager("grace", Some("alan"));
    graph.set_manager(&made_up(3), None);
    graph.remove_user(&made_up(7));
    graph.set_group("engine", "Boiler room");
    graph.set_member("engine", "user", "ada", false);
    graph.set_member("engine", "user", "alan", true);
    graph.set_member("all", "group", "engine", false);
    graph.remove_group("group-1");
    let cursor = office.fetch(&mut heard, Some(&cursor)).await.unwrap();
    assert!(heard.said - said < 20, "{} things said", heard.said - said);
    assert_eq!(heard.without_count(), office.truth().await);
    assert_eq!(heard.value("ada", "jobTitle"), "Countess");
    assert_eq!(heard.people["ada"].addresses, ["ada@lovelace.example", "countess@example.com"]);
    assert_eq!(heard.people["grace"].manager, Manager::Id("alan".into()));
    assert_eq!(heard.people[&made_up(3)].manager, Manager::Nobody);
    assert!(!heard.people.contains_key("guest") && !heard.groups.contains_key("group-1"));
    assert!(heard.has_member("engine", "alan") && !heard.has_member("engine", "ada"));

    graph.change_user("guest", &json!({ "accountEnabled": true }));
    office.fetch(&mut heard, Some(&cursor)).await.unwrap();
    assert!(heard.people.contains_key("guest"), "counts again");
}

#[tokio::test]
async fn who_is_said_in_part_is_asked_for_in_whole() {
    let office = Office::open().await;
    let mut heard = Mirror::default();
    office.graph.answer_in_part();
    let cursor = office.fetch(&mut heard, None).await.unwrap();
    office.graph.take_requests();
    office.graph.set_manager("ada", Some("grace"));
    office.graph.set_manager("desk", Some("grace"));
    office.fetch(&mut heard, Some(&cursor)).await.unwrap();
    assert_eq!(office.graph.take_requests(), ["users", "batch", "groups"]);
    assert_eq!(heard.value("ada", "displayName"), "Ada Lovelace", "nothing is lost");
    assert_eq!(heard.people["ada"].manager, Manager::Id("grace".into()));
    assert_eq!(heard.without_count(), office.truth().await);
}

#[tokio::test]
async fn a_cursor_that_is_too_old_is_gone_and_everybody_comes_again() {
    let office = Office::open().await;
    let mut heard = Mirror::default();
    let cursor = office.fetch(&mut heard, None).await.unwrap();
    office.clock.advance_ms(8 * DAY_MS);
    assert_eq!(office.fetch(&mut heard, Some(&cursor)).await, Err(FetchError::CursorGone));
    office.fetch(&mut heard, None).await.unwrap();
    office.graph.then([Trouble::Fine, GONE]);
    assert_eq!(office.failure().await, FetchError::CursorGone, "also in the middle of everybody");
    let cursor = office.fetch(&mut heard, None).await.unwrap();
    office.clock.advance_ms(31 * DAY_MS);
    assert_eq!(office.fetch(&mut heard, Some(&cursor)).await, Err(FetchError::CursorGone), "refused in other words");
    assert_eq!(office.fetch(&mut heard, Some(&Cursor::new("nonsense"))).await, Err(FetchError::CursorGone));
}

#[tokio::test]
async fn whatever_a_link_is_refused_with_it_is_gone_unless_it_is_about_who_asks_or_how_often() {
    let office = Office::open().await;
    let cursor = office.fetch(&mut Mirror::default(), None).await.unwrap();
    let fetch = async |days: Vec<Trouble>| {
        office.graph.then(days);
        let ended = office.fetch(&mut Mirror::default(), Some(&cursor)).await;
        office.graph.lift();
        ended
    };
    for refusal in [
        Trouble::Refused(400, "Request_UnsupportedQuery", "DeltaLink older than 30 days is not supported."),
        Trouble::Refused(400, "BadRequest", "Something."),
        Trouble::Refused(404, "UnknownError", ""),
        Trouble::Refused(404, "itemNotFound", ""),
        Trouble::Refused(400, "resyncRequired", ""),
        Trouble::Refused(410, "resyncChangesApplyDifferences", ""),
        Trouble::Refused(403, "Directory_ExpiredToken", ""),
        Trouble::Refused(503, "syncStateInvalid", ""),
        Trouble::Refused(412, "", ""),
        GONE,
    ] {
        assert_eq!(fetch(vec![refusal.clone()]).await, Err(FetchError::CursorGone), "users: {refusal:?}");
        let of_groups = vec![Trouble::Fine, refusal.clone()];
        assert_eq!(fetch(of_groups).await, Err(FetchError::CursorGone), "groups: {refusal:?}");
    }
    let denied = Trouble::Refused(403, "Authorization_RequestDenied", "Insufficient privileges.");
    assert!(matches!(fetch(vec![denied]).await, Err(FetchError::Refused { .. })));
    assert!(matches!(fetch(vec![Trouble::TokensExpire, Trouble::TokensExpire]).await, Err(FetchError::Refused { .. })));
    assert!(matches!(fetch(vec![Trouble::Status(503); 20]).await, Err(FetchError::Away { .. })));
    assert!(matches!(fetch(vec![Trouble::Throttled(None); 20]).await, Err(FetchError::Throttled { .. })));
    assert!(fetch(vec![Trouble::Status(500), Trouble::Throttled(Some("3".into()))]).await.is_ok());
}

#[tokio::test]
async fn a_token_is_renewed_before_it_runs_out_and_kept_until_then() {
    let office = Office::open().await;
    let mut heard = Mirror::default();
    let cursor = office.fetch(&mut heard, None).await.unwrap();
    office.clock.advance_ms(50 * 60_000);
    office.fetch(&mut heard, Some(&cursor)).await.unwrap();
    assert_eq!(office.graph.take_requests(), ["token", "users", "groups", "users", "groups"]);
    office.clock.advance_ms(9 * 60_000);
    office.fetch(&mut heard, Some(&cursor)).await.unwrap();
    assert_eq!(office.graph.take_requests(), ["token", "users", "groups"]);
}

#[tokio::test]
async fn refused_credentials_say_what_to_do() {
    let office = Office::open().await;
    for (credentials, part) in [
        (Credentials::Expired, "AADSTS7000222"),
        (Credentials::Expired, "directory.entra_client_secret"),
        (Credentials::NoConsent, "consent"),
    ] {
        office.graph.set_credentials(credentials);
        let failed = office.failure().await;
        assert!(matches!(&failed, FetchError::Refused { detail } if detail.contains(part)), "{failed}");
        assert!(!failed.to_string().contains("Correlation"), "{failed}");
    }
    office.graph.set_credentials(Credentials::Overloaded);
    let failed = office.failure().await;
    assert!(matches!(failed, FetchError::Away { .. }), "{failed}");

    let wrong = Office::with(|config| config.directory.entra_client_secret = "guessed~secret".into()).await;
    let failed = wrong.failure().await;
    assert!(matches!(&failed, FetchError::Refused { detail } if detail.contains("not its id")), "{failed}");
    assert!(!failed.to_string().contains("guessed"), "{failed}");

    let mut config = Config::default();
    neighbourhood::ask_graph(&mut config, &office.graph);
    let refused = |config: &Config, tenant: &str| match Entra::new(
        config,
        tenant,
        &[],
        &Client::new(&config.outbound, &office.clock),
    ) {
        Err(FetchError::Refused { detail }) => detail,
        _ => panic!("not refused"),
    };
    assert!(refused(&config, "example.com/..").contains("tenant id"));
    config.directory.entra_client_secret.clear();
    assert!(refused(&config, TENANT).contains("PARAPH_DIRECTORY__ENTRA_CLIENT_SECRET_FILE"));
}

#[tokio::test]
async fn a_missing_permission_is_named_and_a_superfluous_one_too() {
    use PermissionState::{Granted, Missing, Superfluous};
    let office = Office::open().await;
    let check = async |expected: &[(&str, PermissionState)]| {
        let Permissions { permissions } = check_permissions(&office.entra, EVERYTHING).await.unwrap();
        let found: Vec<_> = permissions.iter().map(|found| (found.name.as_str(), found.state)).collect();
        assert_eq!(found, expected);
    };
    check(&[("User.Read.All", Granted), ("GroupMember.Read.All", Granted)]).await;
    // A new consent is seen at once, although the old token lives on.
    office.graph.set_roles(&["User.Read.All", "Mail.Send"]);
    check(&[("User.Read.All", Granted), ("GroupMember.Read.All", Missing), ("Mail.Send", Superfluous)]).await;
    let failed = office.failure().await;
    assert!(matches!(&failed, FetchError::Refused { detail } if detail.contains("GroupMember.Read.All")), "{failed}");
    office.graph.set_roles(&[]);
    check(&[("User.Read.All", Missing), ("GroupMember.Read.All", Missing)]).await;
    let failed = office.failure().await;
    assert!(matches!(&failed, FetchError::Refused { detail } if detail.contains("User.Read.All")), "{failed}");
}

#[test]
fn consent_is_given_on_microsofts_page_for_this_tenant() {
    let mut config = Config::default();
    config.identity.client_id = CLIENT_ID.into();
    let url = consent_url(&config, TENANT, "https://signatures.example.com/console/consent/callback", "a b&c").unwrap();
    assert_eq!(
        url,
        format!(
            "https://login.microsoftonline.com/{TENANT}/v2.0/adminconsent?client_id={CLIENT_ID}&\
             scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&\
             redirect_uri=https%3A%2F%2Fsignatures.example.com%2Fconsole%2Fconsent%2Fcallback&state=a+b%26c"
        )
    );
}

/// What is said of the photos of some people.
async fn said_of_photos(office: &Arc<Office>, known: &[KnownPhoto]) -> Vec<(String, Photo)> {
    let (to, mut from) = mpsc::channel(1);
    let (office, known) = (Arc::clone(office), known.to_vec());
    let asking = tokio::spawn(async move { photos(&office.entra, &known, &to).await });
    let mut said = Vec::new();
    while let Some(portion) = from.recv().await {
        said.extend(portion);
    }
    asking.await.unwrap().unwrap();
    said
}

fn known(id: &str, etag: Option<&str>) -> KnownPhoto {
    KnownPhoto { id: id.to_owned(), etag: etag.map(str::to_owned) }
}

#[tokio::test]
async fn photos_come_once_and_again_when_they_are_others() {
    let office = Arc::new(Office::open().await);
    office.graph.set_photo("ada", Some(b"a photo"));
    let said = said_of_photos(&office, &[known("ada", None), known("grace", None), known("nobody", Some("x"))]).await;
    let Photo::New { bytes, etag } = &said[0].1 else { panic!("{said:?}") };
    assert_eq!((said[0].0.as_str(), bytes.as_slice()), ("ada", b"a photo".as_slice()));
    assert_eq!(said[1..], [("grace".to_owned(), Photo::None), ("nobody".to_owned(), Photo::None)]);
    let known = [known("ada", etag.as_deref())];
    assert_eq!(said_of_photos(&office, &known).await, [("ada".to_owned(), Photo::Unchanged)]);
    office.graph.set_photo("ada", Some(b"another"));
    assert!(matches!(&said_of_photos(&office, &known).await[0].1, Photo::New { bytes, .. } if bytes == b"another"));
    office.graph.set_photo("ada", None);
    assert_eq!(said_of_photos(&office, &known).await, [("ada".to_owned(), Photo::None)]);
}

#[tokio::test]
async fn photos_are_asked_for_twenty_at_a_time_and_throttled_ones_again() {
    let office = Arc::new(Office::open().await);
    office.graph.add_many(45, 0, 0);
    office.graph.set_photo(&made_up(44), Some(b"the last"));
    office.graph.throttle_parts(25);
    office.graph.then([Trouble::Throttled(Some("5".into())), Trouble::Fine, Trouble::Fine, Trouble::Cut]);
    let known: Vec<_> = (0..45).map(|number| known(&made_up(number), None)).collect();
    let said = said_of_photos(&office, &known).await;
    assert_eq!(said.len(), 45);
    assert!(said.iter().zip(&known).all(|((id, _), known)| *id == known.id), "in their order");
    assert!(matches!(said[44].1, Photo::New { .. }));
    assert!(office.passed_ms() >= 27_000, "{} ms", office.passed_ms());
}

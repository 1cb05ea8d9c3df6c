//! Google Workspace: full fetches, with and without faults.

use super::{EVERYTHING, Mirror};
use api::console::{PermissionState, Permissions};
use neighbours::google::{ADMIN, CLIENT, FakeGoogle, SCOPES};
use neighbours::{Paging, Trouble};
use paraph::clock::Clock;
use paraph::config::Config;
use paraph::directory::fetched::{Cursor, Extent, FetchError, Manager, Outlet};
use paraph::directory::google::{Google, ServiceAccount, check_permissions, fetch};
use paraph::outbound::Client;
use serde_json::json;
use tests::app::NOON_MS;
use tests::neighbourhood;

fn forbidden(reason: &'static str) -> Trouble {
    Trouble::Refused(403, reason, "Something is not as it should be.")
}

/// Ada, whom Grace leads; somebody suspended, a group in a group, a group of everybody.
struct Workspace {
    fake: FakeGoogle,
    /// Ours.
    clock: Clock,
    google: Google,
}

impl Workspace {
    async fn open() -> Self {
        let clock = Clock::mock(NOON_MS);
        Self::with(&clock, &clock, ADMIN).await
    }

    async fn with(clock: &Clock, googles: &Clock, admin: &str) -> Self {
        let fake = neighbourhood::google(googles).await;
        let ada = json!({ "primaryEmail": "Ada@example.com", "aliases": ["countess@example.com"],
            "name": { "givenName": "Ada", "familyName": "Lovelace", "fullName": "Ada Lovelace" },
            "organizations": [{ "title": "Analyst", "primary": true }],
            "phones": [{ "type": "work", "value": "+44 1" }, { "type": "home", "value": "+44 2" }],
            "relations": [{ "type": "manager", "value": "Grace@example.com" }],
            "customSchemas": { "Badge": { "number": "42" } } });
        fake.set_user("1", &ada);
        fake.set_user("2", &json!({ "primaryEmail": "grace@example.com", "name": { "fullName": "Grace Hopper" } }));
        fake.set_user("3", &json!({ "primaryEmail": "gone@example.com", "suspended": true }));
        fake.add_group("engine", "Engine room", &[("USER", "1")]);
        fake.add_group("all", "Everybody", &[("CUSTOMER", "C01"), ("GROUP", "engine"), ("EXTERNAL", "x")]);
        fake.add_group("none", "", &[]);
        let mut config = Config::default();
        neighbourhood::ask_google(&mut config, &fake);
        config.directory.timeout_ms = 500;
        let account = ServiceAccount::parse(&FakeGoogle::key_file()).unwrap();
        let google = Google::new(&config, account, admin, &Client::new(&config.outbound, clock));
        Self { fake, clock: clock.clone(), google }
    }

    async fn fetch_of(&self, extent: Extent, mirror: &mut Mirror) -> Result<(), FetchError> {
        let fetch = async |outlet: Outlet| fetch(&self.google, extent, &outlet).await.map(|()| Cursor::new(""));
        mirror.listen(fetch).await.map(drop)
    }

    async fn fetch(&self, mirror: &mut Mirror) -> Result<(), FetchError> {
        self.fetch_of(EVERYTHING, mirror).await
    }

    /// How a fetch fails.
    async fn failure(&self) -> FetchError {
        self.fetch(&mut Mirror::default()).await.unwrap_err()
    }

    async fn refusal(&self) -> String {
        match self.failure().await {
            FetchError::Refused { detail } => detail,
            other => panic!("not refused: {other:?}"),
        }
    }

    fn passed_ms(&self) -> i64 {
        self.clock.now_ms() - NOON_MS
    }
}

#[tokio::test]
async fn everybody_who_counts_comes_with_addresses_values_manager_and_groups() {
    let workspace = Workspace::open().await;
    let mut heard = Mirror::default();
    workspace.fetch(&mut heard).await.unwrap();
    assert_eq!(heard.ids(), ["1", "2"], "who is suspended is nobody");
    assert_eq!(heard.people["1"].addresses, ["ada@example.com", "countess@example.com"]);
    for (attribute, value) in [
        ("name.fullName", "Ada Lovelace"),
        ("organizations.title", "Analyst"),
        ("phones.work", "+44 1"),
        ("customSchemas.Badge.number", "42"),
        ("addresses.locality", ""),
    ] {
        assert_eq!(heard.value("1", attribute), value, "{attribute}");
    }
    assert_eq!(heard.people["1"].manager, Manager::Address("grace@example.com".into()));
    let name = |group: &str| heard.groups[group].name.as_deref().unwrap();
    assert_eq!((name("engine"), name("none")), ("Engine room", "none@example.com"));
    let addresses = heard.groups["engine"].addresses.as_deref().unwrap();
    assert_eq!(addresses, ["engine@example.com", "engine-list@example.com"]);
    let members = [("engine", "1", false), ("all", "1", false), ("all", "2", false), ("all", "engine", true)];
    let members = members.map(|(group, member, is_group)| (group.to_owned(), member.to_owned(), is_group));
    assert_eq!(heard.members, members.into(), "all users are everybody who counts");
    let asked = workspace.fake.take_requests();
    assert_eq!(asked, ["token", "users", "groups", "members", "members", "members"]);
}

#[tokio::test]
async fn without_groups_their_scope_is_not_asked_for() {
    let workspace = Workspace::open().await;
    workspace.fake.set_scopes(&SCOPES[..1]);
    let mut heard = Mirror::default();
    workspace.fetch_of(Extent { groups: false, ..EVERYTHING }, &mut heard).await.unwrap();
    assert_eq!((heard.people.len(), heard.groups.len()), (2, 0));
    assert_eq!(workspace.fake.take_requests(), ["token", "users"]);
}

#[tokio::test]
async fn bad_days_change_nothing_but_the_time_they_take() {
    let quota = || vec![forbidden("quotaExceeded"), Trouble::Fine, forbidden("userRateLimitExceeded")];
    for (name, days, seconds) in [
        ("limits", quota(), 1),
        ("throttled", vec![Trouble::Fine, Trouble::Throttled(None), Trouble::Throttled(Some("30".into()))], 30),
        ("errors", vec![Trouble::Status(503), Trouble::Status(500), Trouble::Status(502)], 3),
        ("broken", vec![Trouble::Cut, Trouble::Half, Trouble::Html, Trouble::Silent], 7),
        (
            "empty pages and replays",
            vec![
                Trouble::Page(Paging::Empty),
                Trouble::Page(Paging::Replay),
                Trouble::Fine,
                Trouble::Page(Paging::Empty),
            ],
            0,
        ),
        ("tokens run out", vec![Trouble::Fine, Trouble::TokensExpire, Trouble::Fine, Trouble::TokensExpire], 0),
    ] {
        let workspace = Workspace::open().await;
        for number in 10..60 {
            let user = json!({ "primaryEmail": format!("person{number}@example.com") });
            workspace.fake.set_user(&number.to_string(), &user);
        }
        workspace.fake.set_page_size(10);
        workspace.fake.then(days);
        let mut heard = Mirror::default();
        workspace.fetch(&mut heard).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(workspace.passed_ms() >= seconds * 1_000, "{name}: {} ms", workspace.passed_ms());
        let mut truth = Mirror::default();
        workspace.fetch(&mut truth).await.unwrap();
        assert_eq!(heard.without_count(), truth.without_count(), "{name}");
        assert_eq!((heard.people.len(), heard.members.len()), (52, 54), "{name}");
    }
}

#[tokio::test]
async fn a_group_that_is_deleted_while_groups_are_read_has_no_members() {
    let workspace = Workspace::open().await;
    workspace.fake.remove_members("engine");
    let mut heard = Mirror::default();
    workspace.fetch(&mut heard).await.unwrap();
    assert!(heard.has_member("all", "1") && !heard.has_member("engine", "1"));
}

#[tokio::test]
async fn a_source_that_does_not_get_better_is_given_up_with_what_it_was() {
    let workspace = Workspace::open().await;
    let fails = async |days: Vec<Trouble>| {
        workspace.fake.then(days);
        let failed = workspace.failure().await;
        workspace.fake.lift();
        failed
    };
    let failed = fails(vec![forbidden("rateLimitExceeded"); 20]).await;
    assert!(matches!(failed, FetchError::Throttled { retry_ms } if retry_ms >= 30_000), "{failed:?}");
    assert_eq!(fails(vec![forbidden("dailyLimitExceeded")]).await, FetchError::Throttled { retry_ms: 3_600_000 });
    let failed = fails(vec![Trouble::Status(503); 20]).await;
    assert!(matches!(&failed, FetchError::Away { detail } if detail.contains("503")), "{failed:?}");
    let circle = vec![Trouble::Page(Paging::Circle), Trouble::Page(Paging::Circle)];
    for (days, part) in [(circle, "loop"), (vec![Trouble::Status(404)], "404"), (vec![Trouble::Endless], "bytes")] {
        let failed = fails(days).await;
        assert!(matches!(&failed, FetchError::Wrong { detail } if detail.contains(part)), "{part}: {failed:?}");
    }
    let elsewhere = neighbourhood::google(&workspace.clock).await;
    let failed = fails(vec![Trouble::Redirect(format!("{}/admin/directory/v1/users", elsewhere.url))]).await;
    assert!(matches!(&failed, FetchError::Wrong { detail } if detail.contains("must not receive")), "{failed:?}");
    assert_eq!(elsewhere.take_requests(), [""; 0]);
}

#[tokio::test]
async fn a_refusal_says_where_to_change_what() {
    let workspace = Workspace::open().await;
    for (reason, part) in [
        ("insufficientPermissions", SCOPES[1]),
        ("accessNotConfigured", "Admin SDK API"),
        ("forbidden", "admin role"),
        ("domainCannotUseApis", "API controls"),
    ] {
        workspace.fake.then([forbidden(reason)]);
        let refusal = workspace.refusal().await;
        assert!(refusal.contains(part), "{refusal}");
    }
    workspace.fake.set_scopes(&SCOPES[..1]);
    let refusal = workspace.refusal().await;
    for part in ["Security → API controls → Domain-wide delegation", CLIENT, SCOPES[0], SCOPES[1]] {
        assert!(refusal.contains(part), "{refusal}");
    }
    workspace.fake.revoke_key();
    assert!(workspace.refusal().await.contains("new key file"));
    let stranger = Workspace::with(&workspace.clock, &workspace.clock, "nobody@example.com").await;
    assert!(stranger.refusal().await.contains("nobody@example.com is not a user"));
}

#[tokio::test]
async fn clocks_may_differ_by_a_little_and_are_blamed_when_it_is_more() {
    for (ahead_ms, is_fine) in [(50_000, true), (-50_000, true), (600_000, false), (-2 * 3_600_000, false)] {
        let (ours, googles) = (Clock::mock(NOON_MS + ahead_ms), Clock::mock(NOON_MS));
        let workspace = Workspace::with(&ours, &googles, ADMIN).await;
        if is_fine {
            workspace.fetch(&mut Mirror::default()).await.unwrap_or_else(|error| panic!("{ahead_ms}: {error}"));
        } else {
            assert!(workspace.refusal().await.contains("clock"), "{ahead_ms}");
        }
    }
}

#[tokio::test]
async fn scopes_are_granted_missing_or_too_much() {
    use PermissionState::{Granted, Missing, Superfluous};
    let workspace = Workspace::open().await;
    let check = async |groups: bool, expected: &[(&str, PermissionState)]| {
        let extent = Extent { groups, ..EVERYTHING };
        let Permissions { permissions } = check_permissions(&workspace.google, extent).await.unwrap();
        let found: Vec<_> = permissions.iter().map(|found| (found.name.as_str(), found.state)).collect();
        assert_eq!(found, expected);
    };
    let [users, groups] = SCOPES;
    let wide = "https://www.googleapis.com/auth/admin.directory.user";
    check(true, &[(users, Granted), (groups, Granted)]).await;
    check(false, &[(users, Granted), (groups, Superfluous)]).await;
    workspace.fake.set_scopes(&[users, wide]);
    check(true, &[(users, Granted), (groups, Missing), (wide, Superfluous)]).await;
    workspace.fake.set_scopes(&[]);
    check(false, &[(users, Missing)]).await;
    workspace.fake.revoke_key();
    let failed = check_permissions(&workspace.google, EVERYTHING).await.unwrap_err();
    assert!(matches!(failed, FetchError::Refused { .. }), "that is not about scopes: {failed:?}");
}

#[tokio::test]
async fn nobody_listening_ends_a_fetch_even_where_it_waits() {
    let workspace = Workspace::open().await;
    workspace.fake.then([Trouble::Fine, Trouble::Fine, Trouble::Silent]);
    let (outlet, mut portions) = Outlet::new(1);
    let fetching = tokio::spawn(async move { fetch(&workspace.google, EVERYTHING, &outlet).await });
    portions.recv().await.unwrap();
    drop(portions);
    assert_eq!(fetching.await.unwrap(), Err(FetchError::Cancelled));
}

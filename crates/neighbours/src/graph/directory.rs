//! Content of the fake Entra ID, and its pages. Users are stored as text, so that pages are only concatenated.

use super::made_up;
use super::properties::{EXTENSION, GROUP_PROPERTIES, PROPERTIES, is_known};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// Lifetime of a delta link in milliseconds: <https://learn.microsoft.com/graph/delta-query-overview>.
const DELTA_LIVES_MS: i64 = 7 * 86_400_000;
/// From this age on, a delta link is refused with a different error.
const DELTA_IS_OLD_MS: i64 = 30 * 86_400_000;

/// Why a link is not valid.
pub(super) enum Lost {
    /// The link is unknown (any more).
    Forgotten,
    /// The link is too old.
    TooOld,
}

pub(super) struct Directory {
    /// Counts changes.
    version: u64,
    users: Vec<User>,
    places: HashMap<String, usize>,
    groups: Vec<Group>,
    /// Data of each token in a link.
    links: Vec<Link>,
    pub(super) page_size: usize,
    pub(super) members_at_once: usize,
    pub(super) in_part: bool,
}

struct User {
    id: String,
    /// A JSON object without its closing brace and without the manager.
    text: String,
    version: u64,
    gone: bool,
    manager: Option<String>,
    previous_manager: Option<String>,
    manager_version: u64,
    photo: Option<(u64, Vec<u8>)>,
}

struct Group {
    id: String,
    name: String,
    /// Addresses, the primary one first; none: it gets no mail.
    addresses: Vec<String>,
    version: u64,
    gone: bool,
    members: Vec<Member>,
}

struct Member {
    kind: &'static str,
    id: String,
    version: u64,
    gone: bool,
}

/// Users or groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Users,
    Groups,
}

/// Data of a token in a link.
#[derive(Clone, Debug)]
pub(super) struct Link {
    kind: Kind,
    /// Selected properties of users; `None` for all.
    select: Option<BTreeSet<String>>,
    /// Only changes after this version; `None` for everything.
    since: Option<u64>,
    /// The version when the round began, which the next one starts from.
    until: u64,
    /// The next user or group, and its next member.
    at: (usize, usize),
    /// When a delta link was issued; `None` for a link within a round.
    given_ms: Option<i64>,
}

/// A page, without its next link.
pub(super) struct Page {
    pub(super) entries: Vec<String>,
    pub(super) next: Option<Link>,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            version: 0,
            users: Vec::new(),
            places: HashMap::new(),
            groups: Vec::new(),
            links: Vec::new(),
            page_size: 100,
            members_at_once: 1_000,
            in_part: false,
        }
    }
}

impl Directory {
    pub(super) fn add_user(&mut self, id: &str, properties: &Value) {
        let mut user = json!({ "id": id, "accountEnabled": true, "userType": "Member",
            "userPrincipalName": format!("{id}@example.onmicrosoft.com") });
        merge(&mut user, properties);
        self.insert(id.to_owned(), open(&user));
    }

    pub(super) fn add_many(&mut self, users: usize, groups: usize, members: usize) {
        for number in 0..users {
            let id = made_up(number);
            let text = format!(
                r#"{{"id":"{id}","userPrincipalName":"person{number}@example.com","mail":"Person{number}@example.com","proxyAddresses":["SMTP:Person{number}@example.com","smtp:p{number}@example.com","X500:/o=Example/cn={number}"],"displayName":"Person Number {number}","givenName":"Person","surname":"Number {number}","jobTitle":"Analyst","department":"Department {}","companyName":"Example","officeLocation":"Room {number}","businessPhones":["+49 30 {number:06}"],"mobilePhone":"+49 170 {number:06}","faxNumber":null,"streetAddress":"Example street {number}","city":"Berlin","state":null,"postalCode":"10115","country":"Germany","preferredLanguage":"de-DE","accountEnabled":true,"userType":"Member","employeeId":"{number}","onPremisesExtensionAttributes":{{"extensionAttribute1":"Cost centre {}","extensionAttribute2":null}},"otherMails":[]"#,
                number % 40,
                number % 400,
            );
            self.insert(id.clone(), text);
            self.set_manager(&id, Some(&made_up(number / 10)));
        }
        for number in 0..groups {
            let group = format!("group-{number}");
            self.set_group(&group, &format!("Group {number}"));
            let version = self.version;
            let ids = (0..members).map(|member| made_up((number * members + member) % users));
            let members = ids.map(|id| Member { kind: "user", id, version, gone: false });
            self.groups.last_mut().unwrap().members.extend(members);
        }
    }

    fn insert(&mut self, id: String, text: String) {
        self.version += 1;
        self.places.insert(id.clone(), self.users.len());
        self.users.push(User {
            id,
            text,
            version: self.version,
            gone: false,
            manager: None,
            previous_manager: None,
            manager_version: 0,
            photo: None,
        });
    }

    fn user(&mut self, id: &str) -> &mut User {
        &mut self.users[self.places[id]]
    }

    pub(super) fn change_user(&mut self, id: &str, properties: &Value) {
        self.version += 1;
        let version = self.version;
        let user = self.user(id);
        let mut whole = whole(&user.text);
        merge(&mut whole, properties);
        (user.text, user.version) = (open(&whole), version);
    }

    pub(super) fn set_manager(&mut self, id: &str, manager: Option<&str>) {
        self.version += 1;
        let version = self.version;
        let user = self.user(id);
        user.previous_manager = std::mem::replace(&mut user.manager, manager.map(str::to_owned));
        user.manager_version = version;
    }

    pub(super) fn set_photo(&mut self, id: &str, photo: Option<&[u8]>) {
        self.version += 1;
        let version = self.version;
        self.user(id).photo = photo.map(|photo| (version, photo.to_vec()));
    }

    pub(super) fn remove_user(&mut self, id: &str) {
        self.version += 1;
        let version = self.version;
        let user = self.user(id);
        (user.gone, user.version) = (true, version);
        for member in self.groups.iter_mut().flat_map(|group| &mut group.members).filter(|member| member.id == id) {
            (member.gone, member.version) = (true, version);
        }
    }

    pub(super) fn set_group(&mut self, id: &str, name: &str) {
        self.version += 1;
        let version = self.version;
        match self.groups.iter_mut().find(|group| group.id == id) {
            Some(group) => (group.name, group.version) = (name.to_owned(), version),
            None => self.groups.push(Group {
                id: id.to_owned(),
                name: name.to_owned(),
                addresses: Vec::new(),
                version,
                gone: false,
                members: Vec::new(),
            }),
        }
    }

    pub(super) fn set_group_addresses(&mut self, id: &str, addresses: &[&str]) {
        self.version += 1;
        let version = self.version;
        let group = self.groups.iter_mut().find(|group| group.id == id).unwrap();
        (group.addresses, group.version) = (addresses.iter().map(|&address| address.to_owned()).collect(), version);
    }

    pub(super) fn remove_group(&mut self, id: &str) {
        self.version += 1;
        let version = self.version;
        let group = self.groups.iter_mut().find(|group| group.id == id).unwrap();
        (group.gone, group.version) = (true, version);
    }

    pub(super) fn set_member(&mut self, group: &str, kind: &'static str, id: &str, is_member: bool) {
        self.version += 1;
        let version = self.version;
        let group = self.groups.iter_mut().find(|found| found.id == group).unwrap();
        group.members.retain(|member| member.id != id);
        group.members.push(Member { kind, id: id.to_owned(), version, gone: !is_member });
    }

    /// Starts a round with everything; selected properties must exist.
    pub(super) fn start(&self, kind: Kind, select: Option<&str>) -> Result<Link, String> {
        let select: BTreeSet<String> = select.unwrap_or_default().split(',').map(str::to_owned).collect();
        let (of, knows): (_, fn(&str) -> bool) = match kind {
            Kind::Users => ("user", is_known),
            Kind::Groups => ("group", |name| GROUP_PROPERTIES.contains(&name)),
        };
        if let Some(unknown) = select.iter().find(|name| !knows(name)) {
            return Err(format!("Could not find a property named '{unknown}' on type 'microsoft.graph.{of}'."));
        }
        let has_more = !select.contains(EXTENSION) && self.users.iter().any(|user| user.text.contains(EXTENSION));
        let all: &[&str] = if kind == Kind::Groups { &GROUP_PROPERTIES } else { &PROPERTIES };
        let selects_all = all.iter().all(|name| select.contains(*name)) && (kind == Kind::Groups || !has_more);
        let select = (!selects_all).then_some(select);
        Ok(Link { kind, select, since: None, until: self.version, at: (0, 0), given_ms: None })
    }

    /// Reads the data of a token.
    pub(super) fn link(&self, token: &str, kind: Kind, now_ms: i64) -> Result<Link, Lost> {
        let place = token.parse::<usize>().map_err(|_| Lost::Forgotten)?;
        let mut link = self.links.get(place).ok_or(Lost::Forgotten)?.clone();
        match link.given_ms.take() {
            _ if link.kind != kind => return Err(Lost::Forgotten),
            Some(given_ms) if now_ms - given_ms > DELTA_IS_OLD_MS => return Err(Lost::TooOld),
            Some(given_ms) if now_ms - given_ms > DELTA_LIVES_MS => return Err(Lost::Forgotten),
            Some(_) => link.until = self.version,
            None => {}
        }
        Ok(link)
    }

    /// Makes issued delta links leave out all changes until now.
    pub(super) fn lose_changes(&mut self) {
        for link in self.links.iter_mut().filter(|link| link.given_ms.is_some()) {
            link.since = Some(self.version);
        }
    }

    /// A token for a link.
    pub(super) fn token(&mut self, link: Link) -> usize {
        self.links.push(link);
        self.links.len() - 1
    }

    /// The link for the next round.
    pub(super) fn next_round(link: &Link, now_ms: i64) -> Link {
        Link { since: Some(link.until), at: (0, 0), given_ms: Some(now_ms), ..link.clone() }
    }

    pub(super) fn page(&self, link: &Link) -> Page {
        match link.kind {
            Kind::Users => self.page_of_users(link),
            Kind::Groups => self.page_of_groups(link),
        }
    }

    fn page_of_users(&self, link: &Link) -> Page {
        let since = link.since.unwrap_or(0);
        let changed = |user: &User| match link.since {
            None => !user.gone,
            Some(since) => user.version.max(user.manager_version) > since,
        };
        let mut found = self.users.iter().enumerate().skip(link.at.0).filter(|(_, user)| changed(user));
        let page: Vec<_> = found.by_ref().take(self.page_size).collect();
        let next = found.next().map(|(at, _)| Link { at: (at, 0), ..link.clone() });
        let entries = page.into_iter().map(|(_, user)| self.entry(user, link, since)).collect();
        Page { entries, next }
    }

    fn entry(&self, user: &User, link: &Link, since: u64) -> String {
        if user.gone {
            return json!({ "id": user.id, "@removed": { "reason": "changed" } }).to_string();
        }
        let wants = |name: &str| link.select.as_ref().is_none_or(|select| select.contains(name));
        let mut text = if self.in_part && link.since.is_some() && user.version <= since {
            format!(r#"{{"id":"{}""#, user.id)
        } else if let Some(select) = &link.select {
            let mut whole = whole(&user.text);
            whole.as_object_mut().unwrap().retain(|name, _| name == "id" || select.contains(name));
            open(&whole)
        } else {
            user.text.clone()
        };
        if user.manager_version > since && wants("manager") {
            let mut delta = Vec::new();
            if let Some(previous) = user.previous_manager.as_ref().filter(|_| link.since.is_some()) {
                delta.push(json!({ "@odata.type": "#microsoft.graph.user", "id": previous,
                    "@removed": { "reason": "deleted" } }));
            }
            if let Some(manager) = &user.manager {
                delta.push(json!({ "@odata.type": "#microsoft.graph.user", "id": manager }));
            }
            text += r#","manager@delta":"#;
            text += &json!(delta).to_string();
        }
        text + "}"
    }

    fn page_of_groups(&self, link: &Link) -> Page {
        let since = link.since.unwrap_or(0);
        let mut entries = Vec::new();
        let (mut at, mut member) = link.at;
        while let Some(group) = self.groups.get(at) {
            let is_new = |member: &&Member| if link.since.is_some() { member.version > since } else { !member.gone };
            let members: Vec<&Member> = group.members.iter().filter(is_new).collect();
            let speaks = if link.since.is_some() { group.version > since || !members.is_empty() } else { !group.gone };
            if speaks && entries.len() == self.page_size {
                return Page { entries, next: Some(Link { at: (at, member), ..link.clone() }) };
            }
            if speaks && group.gone {
                entries.push(json!({ "id": group.id, "@removed": { "reason": "deleted" } }).to_string());
            } else if speaks {
                let some = members.iter().skip(member).take(self.members_at_once);
                let some: Vec<Value> = some.map(|member| member.entry()).collect();
                let mut entry = json!({ "id": group.id, "members@delta": some });
                if !self.in_part || group.version > since {
                    group.describe(&mut entry, link.select.as_ref());
                }
                entries.push(entry.to_string());
            }
            member += self.members_at_once;
            if !speaks || group.gone || member >= members.len() {
                (at, member) = (at + 1, 0);
            }
        }
        Page { entries, next: None }
    }

    /// The answer to one part of a batch: status, headers, body.
    pub(super) fn part(&self, url: &str, etag: Option<&str>) -> (u16, Value, Value) {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let user =
            parts.get(1).and_then(|id| self.places.get(*id)).map(|at| &self.users[*at]).filter(|user| !user.gone);
        let not_found = |code: &str| (404, json!({}), json!({ "error": { "code": code, "message": "Not found." } }));
        let Some(user) = user else { return not_found("Request_ResourceNotFound") };
        if parts[2..] == ["photos", "96x96", "$value"] {
            let Some((version, photo)) = &user.photo else { return not_found("ImageNotFound") };
            let current = format!("W/\"{version}\"");
            let headers = json!({ "Content-Type": "image/jpeg", "ETag": current });
            if etag == Some(&current) {
                return (304, headers, Value::Null);
            }
            return (200, headers, STANDARD.encode(photo).into());
        }
        assert_eq!(parts.len(), 2, "{url}");
        let mut whole = whole(&user.text);
        if let Some(manager) = user.manager.as_ref().filter(|_| query.contains("$expand=manager")) {
            whole["manager"] = json!({ "@odata.type": "#microsoft.graph.user", "id": manager });
        }
        (200, json!({ "Content-Type": "application/json" }), whole)
    }
}

impl Group {
    /// Adds the properties that the link selects.
    fn describe(&self, entry: &mut Value, select: Option<&BTreeSet<String>>) {
        let proxies = self.addresses.iter().enumerate();
        let proxies = proxies.map(|(at, address)| format!("{}:{address}", if at == 0 { "SMTP" } else { "smtp" }));
        for (name, value) in [
            ("displayName", json!(self.name)),
            ("mail", json!(self.addresses.first())),
            ("proxyAddresses", json!(proxies.collect::<Vec<_>>())),
        ] {
            if select.is_none_or(|select| select.contains(name)) {
                entry[name] = value;
            }
        }
    }
}

impl Member {
    fn entry(&self) -> Value {
        let mut entry = json!({ "@odata.type": format!("#microsoft.graph.{}", self.kind), "id": self.id });
        if self.gone {
            entry["@removed"] = json!({ "reason": "deleted" });
        }
        entry
    }
}

fn merge(user: &mut Value, properties: &Value) {
    for (name, value) in properties.as_object().unwrap() {
        assert!(is_known(name), "{name} is no property of users");
        user[name] = value.clone();
    }
}

fn open(user: &Value) -> String {
    let mut text = user.to_string();
    text.pop();
    text
}

fn whole(text: &str) -> Value {
    serde_json::from_str(&format!("{text}}}")).unwrap()
}

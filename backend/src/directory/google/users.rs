//! Users, by pages.

use super::super::fetched::{Extent, FetchError, Fetched, Outlet};
use super::api::GoogleSession;
use super::user::User;
use crate::outbound::{Answer, Request, Verdict};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;

/// Google's maximum page size.
const PER_PAGE: &str = "500";

/// A paginated list.
pub(super) trait Listed: DeserializeOwned {
    /// Takes the token of the next page.
    fn next_page(&mut self) -> Option<String>;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Users {
    #[serde(default)]
    users: Vec<User>,
    next_page_token: Option<String>,
}

impl Listed for Users {
    fn next_page(&mut self) -> Option<String> {
        self.next_page_token.take()
    }
}

/// Pages of a list.
pub(super) struct Pages<'a> {
    session: &'a GoogleSession,
    path: String,
    query: Vec<(&'static str, &'static str)>,
    next: Option<String>,
    /// Followed page tokens, to detect a loop.
    followed: HashSet<String>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(session: &'a GoogleSession, path: &str, query: &[(&'static str, &'static str)]) -> Self {
        let path = format!("{}/admin/directory/v1/{path}", session.credentials().grantor().url);
        Self { session, path, query: query.to_vec(), next: Some(String::new()), followed: HashSet::new() }
    }

    /// The next page; `None` after the last one.
    pub(super) async fn next<T: Listed>(&mut self) -> Result<Option<T>, FetchError> {
        let is_start = self.next.as_ref().is_some_and(String::is_empty);
        let Some(url) = self.url() else { return Ok(None) };
        let (request, judge) = (Request::get(url), |answer: &Answer| self.judge(answer));
        let page = if is_start {
            self.session.ask_json(&request, judge).await?
        } else {
            self.session.ask_json(&request, |answer| judge(answer).of_link(answer.status)).await?
        };
        self.turn(page).map(Some)
    }

    /// Like [`Pages::next`]; `None` also if the list does not exist (any more).
    pub(super) async fn next_if_there<T: Listed>(&mut self) -> Result<Option<T>, FetchError> {
        if self.next.as_ref().is_some_and(|token| !token.is_empty()) {
            return self.next().await;
        }
        let Some(url) = self.url() else { return Ok(None) };
        let page = self.session.ask_json_if_there(&Request::get(url), |answer| self.judge(answer)).await?;
        page.map(|page| self.turn(page)).transpose()
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        self.session.credentials().grantor().judge_answer(answer)
    }

    fn url(&mut self) -> Option<String> {
        let token = self.next.take()?;
        let mut query = self.query.clone();
        if !token.is_empty() {
            query.push(("pageToken", &token));
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        Some(format!("{}?{query}", self.path))
    }

    fn turn<T: Listed>(&mut self, mut page: T) -> Result<T, FetchError> {
        self.next = page.next_page().filter(|next| !next.is_empty());
        if self.next.as_ref().is_some_and(|next| !self.followed.insert(next.clone())) {
            return Err(FetchError::wrong("Google Workspace returned a loop of pages"));
        }
        Ok(page)
    }
}

/// Fetches all users; returns the ids of those who are included.
pub(super) async fn fetch(
    session: &GoogleSession,
    extent: Extent,
    outlet: &Outlet,
) -> Result<HashSet<String>, FetchError> {
    let query = [("customer", "my_customer"), ("maxResults", PER_PAGE), ("projection", "full"), ("orderBy", "email")];
    let mut pages = Pages::new(session, "users", &query);
    let mut everybody = HashSet::new();
    while let Some(page) = pages.next::<Users>().await? {
        let said: Vec<Fetched> = page.users.into_iter().map(|user| user.fetched(extent)).collect();
        everybody.extend(said.iter().filter_map(|said| match said {
            Fetched::Person(person) => Some(person.id.clone()),
            _ => None,
        }));
        outlet.send(said).await?;
    }
    Ok(everybody)
}

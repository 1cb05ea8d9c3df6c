//! Pages of a delta query, up to the next delta link.

use super::super::fetched::FetchError;
use super::batch::PRIORITY;
use super::graph::{Graph, GraphSession};
use crate::outbound::{Answer, Request};
use reqwest::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A delta query in progress.
pub(super) struct Pages<'a> {
    session: &'a GraphSession,
    /// The permission that the query needs.
    needs: &'static str,
    next: Option<String>,
    /// Whether the next request starts the query, so that it is not a link that Graph could reject.
    is_start: bool,
    delta_link: String,
    /// Hashes of followed links, to detect a loop of pages.
    followed: HashSet<u64>,
}

#[derive(Deserialize)]
struct Page<T> {
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    delta_link: Option<String>,
    value: Vec<T>,
}

impl<'a> Pages<'a> {
    /// Starts a query: `query` is path and query string below Graph's address.
    pub(super) fn from_start(session: &'a GraphSession, needs: &'static str, query: &str) -> Self {
        Self { is_start: true, ..Self::at(session, needs, format!("{}{query}", session.credentials().grantor().url)) }
    }

    /// Continues from a delta link.
    ///
    /// # Errors
    /// [`FetchError::CursorGone`] when the link leads to another Graph than ours.
    pub(super) fn from_link(session: &'a GraphSession, needs: &'static str, link: String) -> Result<Self, FetchError> {
        if !is_ours(&session.credentials().grantor().url, &link) {
            return Err(FetchError::CursorGone);
        }
        Ok(Self::at(session, needs, link))
    }

    fn at(session: &'a GraphSession, needs: &'static str, link: String) -> Self {
        let (delta_link, followed) = (String::new(), HashSet::new());
        Self { session, needs, next: Some(link), is_start: false, delta_link, followed }
    }

    /// The next page, which may be empty; `None` after the last one.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<Vec<T>>, FetchError> {
        let Some(link) = self.next.take() else { return Ok(None) };
        if !self.followed.insert(hash(&link)) {
            return Err(FetchError::wrong("Microsoft Graph returned a loop of pages"));
        }
        let (name, low) = PRIORITY;
        let request = Request::get(&link).header(name, low);
        let judge = |answer: &Answer| Graph::judge_answer(answer, self.needs);
        let is_start = std::mem::replace(&mut self.is_start, false);
        let page: Page<T> = if is_start {
            self.session.ask_json(&request, judge).await?
        } else {
            self.session.ask_json(&request, |answer| judge(answer).of_link(answer.status)).await?
        };
        match (page.next_link, page.delta_link) {
            (Some(next), _) if is_ours(&self.session.credentials().grantor().url, &next) => self.next = Some(next),
            (Some(_), _) => {
                return Err(FetchError::wrong(
                    "Microsoft Graph's link to the next page leads to another host, which must not receive the token",
                ));
            }
            (None, Some(delta_link)) => self.delta_link = delta_link,
            (None, None) => return Err(FetchError::wrong("Microsoft Graph's last page has no delta link")),
        }
        Ok(Some(page.value))
    }

    /// The next delta link, after the last page.
    pub(super) fn into_delta_link(self) -> String {
        self.delta_link
    }
}

/// Whether a link leads to the same scheme, host and port as Graph's address.
fn is_ours(url: &str, link: &str) -> bool {
    match (Url::parse(url), Url::parse(link)) {
        (Ok(url), Ok(link)) => url.origin() == link.origin() && (link.username(), link.password()) == ("", None),
        _ => false,
    }
}

fn hash(link: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    link.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_links_to_the_same_origin_are_followed() {
        let graph = "https://graph.microsoft.com";
        for good in ["https://graph.microsoft.com/v1.0/users/delta?$skiptoken=x", "https://GRAPH.microsoft.com:443/"] {
            assert!(is_ours(graph, good), "{good}");
        }
        for bad in [
            "http://graph.microsoft.com/v1.0/users/delta",
            "https://graph.microsoft.com.evil.example/",
            "https://graph.microsoft.com@evil.example/",
            "https://somebody@graph.microsoft.com/",
            "https://graph.microsoft.com:8443/",
            "//graph.microsoft.com/v1.0",
            "/v1.0/users/delta",
            "",
        ] {
            assert!(!is_ours(graph, bad), "{bad}");
        }
    }
}

//! Users by delta query. Incomplete users are requested again individually, so that properties that were not repeated are not
//! lost.

use super::super::fetched::{Extent, FetchError, Fetched, Outlet};
use super::batch::{self, MAX_PARTS, Part};
use super::graph::GraphSession;
use super::pages::Pages;
use super::user::User;
use crate::outbound::Verdict;

/// The application permission for reading users.
pub(super) const NEEDS: &str = "User.Read.All";

/// Fetches all users, or changes since `link`; returns the next delta link.
pub(super) async fn fetch(
    session: &GraphSession,
    extent: Extent,
    link: Option<String>,
    outlet: &Outlet,
) -> Result<String, FetchError> {
    let mut pages = match link {
        Some(link) => Pages::from_link(session, NEEDS, link)?,
        None => Pages::from_start(
            session,
            NEEDS,
            &format!("/v1.0/users/delta?$select={},manager", session.credentials().grantor().selected),
        ),
    };
    while let Some(page) = pages.next::<User>().await? {
        let (partial, whole): (Vec<User>, Vec<User>) = page.into_iter().partition(User::is_partial);
        let mut said: Vec<Fetched> = whole.into_iter().map(|user| user.said_in_delta(extent)).collect();
        for users in partial.chunks(MAX_PARTS) {
            said.extend(complete(session, extent, users).await?);
        }
        outlet.send(said).await?;
    }
    Ok(pages.into_delta_link())
}

async fn complete(session: &GraphSession, extent: Extent, users: &[User]) -> Result<Vec<Fetched>, FetchError> {
    let query = format!("?$select={}&$expand=manager($select=id)", session.credentials().grantor().selected);
    let part = |user: &User| Part::get(&user.id, &query, None);
    let parts: Vec<Part> = users.iter().map(part).collect();
    let answers = batch::ask(session, NEEDS, &parts).await?;
    let fetched = |(user, answer): (&User, batch::PartAnswer)| match answer.status {
        404 | 410 => Ok(Fetched::PersonGone(user.id.clone())),
        200 => match serde_json::from_value::<User>(answer.body) {
            Ok(user) => Ok(user.said_alone(extent)),
            Err(_) => Err(FetchError::wrong("Microsoft Graph returned something that is not a user")),
        },
        _ => match answer.judge(NEEDS) {
            Verdict::Fail(error) | Verdict::Renew(error) | Verdict::Later { otherwise: error, .. } => Err(error.into()),
            Verdict::Ok => Err(FetchError::wrong("Microsoft Graph did not return the requested user")),
        },
    };
    users.iter().zip(answers).map(fetched).collect()
}

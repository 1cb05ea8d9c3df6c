//! Authorization as a handler's parameter: a console session or an API token and, below a tenant, the role in it.

use super::{failed_sign_in, once};
use crate::clock::{DAY_MS, is_beyond};
use crate::http::AppState;
use crate::http::Error;
use crate::http::api::guarded;
use crate::http::site::serve_files;
use crate::identity::digest;
use crate::store::{Actor, By, KnownToken, Limits, Picked, Role, Scope, SessionRecord, Standing, TokenRecord};
use crate::tenant::Tenant;
use ::api::console::{CSRF_HEADER, MAX_TOKEN_DAYS};
use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use aide::operation::add_parameters;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use email_signature::Brand;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

/// The session's cookie where the console is reached over https: no other host and no page over http can set one of this
/// name (`__Host-`, RFC 6265bis §4.1.3.2).
pub(in crate::http) const COOKIE: &str = "__Host-paraph";
/// Over http, which is for loopback: browsers take no `__Host-` cookie there.
const PLAIN_COOKIE: &str = "paraph";
/// What API tokens begin with, so that people and scanners know one when they see it.
pub(in crate::http) const TOKEN_START: &str = "paraph_";
const MINUTE_MS: i64 = 60_000;

/// Somebody signed in to the console.
pub(crate) struct SignedIn {
    /// Their session, with their account.
    pub(crate) session: SessionRecord,
    /// For the audit.
    pub(crate) actor: Actor,
}

/// What an operation below a tenant asks for.
pub(crate) trait Permission: Send + Sync + 'static {
    /// The least role.
    const ROLE: Role;
    /// What a token must be allowed; `None`: no token may do this.
    const SCOPE: Option<Scope>;
    /// Whether an editor who is limited to folders or brands may ask for it: the handler checks the limits.
    const WITHIN_LIMITS: bool = false;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident($role:ident, $scope:expr $(, $within_limits:literal)?);)+) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl Permission for $name {
                const ROLE: Role = Role::$role;
                const SCOPE: Option<Scope> = $scope;
                $(const WITHIN_LIMITS: bool = $within_limits;)?
            }
        )+
    };
}

permissions! {
    /// Sees people, groups and their signatures.
    ReadPeople(Viewer, Some(Scope::PeopleRead));
    /// Changes people.
    WritePeople(Editor, Some(Scope::PeopleWrite));
    /// Sees field definitions.
    ReadFields(Viewer, Some(Scope::FieldsRead));
    /// Changes field definitions.
    WriteFields(Admin, Some(Scope::FieldsWrite));
    /// Sees templates, rules, images and campaigns, and who gets what.
    ReadDesign(Viewer, Some(Scope::DesignRead));
    /// Changes rules, and templates and images of every folder.
    WriteDesign(Editor, Some(Scope::DesignWrite));
    /// Changes templates and brands within the limits of an editor, and publishes them.
    WriteWithinLimits(Editor, Some(Scope::DesignWrite), true);
    /// Sees the manifest's state and the clients.
    ReadDeployment(Viewer, Some(Scope::DeploymentRead));
    /// Sees the audit.
    ReadAudit(Admin, Some(Scope::AuditRead));
    /// Sees the tenant.
    ReadTenant(Viewer, None);
    /// Changes the tenant, its members and its tokens.
    ManageTenant(Admin, None);
    /// Sees sources and their runs.
    ReadSources(Viewer, Some(Scope::PeopleRead));
    /// Connects sources, changes how they run, and runs them.
    WriteSources(Admin, None);
    /// Deletes the tenant.
    OwnTenant(Owner, None);
}

/// A program with a token of scope `database:upload`, which names the tenant.
pub(in crate::http) struct Connector {
    /// The tenant, as it is now.
    pub(in crate::http) tenant: Arc<Tenant>,
    /// For the audit.
    pub(in crate::http) actor: Actor,
    /// The token's name.
    pub(in crate::http) name: String,
    /// When the token runs out, in milliseconds UTC.
    pub(in crate::http) expires_ms: i64,
    parts: HashMap<String, String>,
}

impl Connector {
    /// A part of the path by its name in the route; empty when the route has none of this name.
    pub(in crate::http) fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }
}

impl FromRequestParts<Arc<AppState>> for Connector {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Error> {
        let path = path_parts(parts, app).await?;
        let found = found_token(app, api_token(&parts.headers).ok_or(Error::BadToken)?, peer(parts, app)).await?;
        let need = Need { scope: Some(Scope::DatabaseUpload), role: Scope::DatabaseUpload.least_role() };
        let actor = used(app, &found, &need, peer(parts, app)).await?;
        let TokenRecord { tenant, name, expires_ms, .. } = found.record;
        let tenant = app.tenants.get(&tenant).await?.ok_or(Error::NotFound)?;
        Ok(Self { tenant, actor, name, expires_ms, parts: path })
    }
}

impl OperationInput for Connector {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        guarded(operation, "connector", [("token", vec![Scope::DatabaseUpload.as_str().to_owned()])]);
    }
}

/// What the route's names stand for in the path.
async fn path_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<HashMap<String, String>, Error> {
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| Error::NotFound)?;
    Ok(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// Somebody, or a program, that may do `P` in the tenant of the path.
pub(crate) struct Access<P> {
    /// The tenant, as it is now.
    pub(crate) tenant: Arc<Tenant>,
    /// For the audit.
    pub(crate) actor: Actor,
    /// What they may do here, outside the folders that an editor may be limited to; a token's role is the operation's own.
    pub(crate) role: Role,
    /// The account; `None` for a token.
    pub(crate) account: Option<String>,
    /// What they are limited to.
    pub(crate) limits: Option<Limits>,
    parts: HashMap<String, String>,
    permission: PhantomData<P>,
}

impl<P> Access<P> {
    /// A part of the path by its name in the route; empty when the route has none of this name.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.parts.get(name).map_or("", String::as_str)
    }

    /// Refuses changes in folders outside an editor's limits.
    pub(crate) fn may_change<'a>(&self, folders: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        match &self.limits {
            Some(limits) if !limits.cover(folders) => Err(outside(limits)),
            _ => Ok(()),
        }
    }

    /// Refuses changes of brands outside an editor's limits.
    pub(crate) fn may_change_brands(&self, before: &[Brand], after: &[Brand]) -> Result<(), Error> {
        match &self.limits {
            Some(limits) if !limits.cover_brands(before, after) => Err(outside(limits)),
            _ => Ok(()),
        }
    }

    /// Refuses editors who are limited.
    pub(crate) fn may_change_all(&self) -> Result<(), Error> {
        self.limits.as_ref().map_or(Ok(()), |limits| Err(outside(limits)))
    }

    /// A selection of changes; of brands, only changes within an editor's limits.
    pub(crate) fn picked(&self, picked: ::api::console::Picked) -> Picked {
        let ::api::console::Picked { templates, rules, brands } = picked;
        Picked { templates, rules, brands, within: self.limits.clone() }
    }

    /// Who changes something now, for the audit.
    pub(crate) fn by(&self, app: &AppState) -> By {
        By::new(self.actor.clone(), app.clock.now_ms())
    }
}

impl FromRequestParts<Arc<AppState>> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Error> {
        let who = signed_in(parts, app).await?;
        // What else these requests ask for, such as a password, their handlers check: only then is it looked up whether
        // they were carried out before.
        once::claim(parts, app, &who.actor, None).await?;
        Ok(who)
    }
}

impl<P: Permission> FromRequestParts<Arc<AppState>> for Access<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Error> {
        let params = path_parts(parts, app).await?;
        let id = params.get("tenant").cloned().unwrap_or_default();
        let grant = match api_token(&parts.headers) {
            Some(token) => {
                let need = Need { scope: P::SCOPE, role: P::ROLE };
                let found = found_token(app, token, peer(parts, app)).await?;
                if found.record.tenant != id {
                    return Err(Error::NotFound);
                }
                let actor = used(app, &found, &need, peer(parts, app)).await?;
                Grant { standing: None, account: None, actor }
            }
            None => with_session(app, signed_in(parts, app).await?, &id).await?,
        };
        let Standing { role, limits } = grant.standing.unwrap_or_else(|| Standing::whole(P::ROLE));
        if role < P::ROLE {
            let needed = P::ROLE.as_str();
            let detail =
                format!("you are {} here, and this requires {needed}: ask an owner for that role", role.as_str());
            return Err(Error::Forbidden { detail, field: None });
        }
        if let Some(limits) = limits.as_ref().filter(|_| P::ROLE >= Role::Editor && !P::WITHIN_LIMITS) {
            return Err(outside(limits));
        }
        let tenant = app.tenants.get(&id).await?.ok_or(Error::NotFound)?;
        let Grant { actor, account, .. } = grant;
        once::claim(parts, app, &actor, Some(role)).await?;
        let role = if limits.is_some() { Role::Viewer } else { role };
        Ok(Self { tenant, actor, role, account, limits, parts: params, permission: PhantomData })
    }
}

/// What somebody has in a tenant.
struct Grant {
    /// `None`: a token, which its scopes bound.
    standing: Option<Standing>,
    account: Option<String>,
    actor: Actor,
}

/// Refuses what an editor is not limited to.
fn outside(limits: &Limits) -> Error {
    Error::Forbidden { detail: format!("you are {} here: ask an admin to change that", limits.words()), field: None }
}

async fn with_session(app: &AppState, who: SignedIn, tenant: &str) -> Result<Grant, Error> {
    let membership = app.store.membership(&who.session.account, tenant).await?.ok_or(Error::NotFound)?;
    Ok(Grant { standing: Some(membership.standing), account: Some(who.session.account), actor: who.actor })
}

/// What an operation asks of a token.
struct Need {
    /// What the token must be allowed; `None`: no token may do this.
    scope: Option<Scope>,
    /// What the account behind it must still be.
    role: Role,
}

/// A token that holds.
async fn found_token(app: &AppState, token: &str, address: IpAddr) -> Result<KnownToken, Error> {
    let now_ms = app.clock.now_ms();
    let found = app.store.find_token(&digest(token)).await?.filter(|found| now_ms < found.record.expires_ms);
    found.ok_or_else(|| {
        failed_sign_in::log(address, "", "api_token");
        Error::BadToken
    })
}

/// That a token has the scope, that the account behind it could do the same now, and who uses it; that it was used is noted.
async fn used(app: &AppState, found: &KnownToken, need: &Need, address: IpAddr) -> Result<Actor, Error> {
    let now_ms = app.clock.now_ms();
    let KnownToken { record: found, maker } = found;
    if !need.scope.is_some_and(|scope| found.scopes.contains(&scope)) {
        let detail = match need.scope {
            Some(scope) => format!("this token lacks the scope {}: create one that has it", scope.as_str()),
            None => "no API token may do this: sign in to the console".into(),
        };
        return Err(Error::Forbidden { detail, field: None });
    }
    if let Some(lacks) = maker.lacks(need.role) {
        let detail = format!(
            "this token is no longer accepted for this: the account behind it {lacks}. An admin can take it over in \
             the console, or create another one"
        );
        return Err(Error::Forbidden { detail, field: None });
    }
    if found.used_ms.is_none_or(|used_ms| used_ms / MINUTE_MS != now_ms / MINUTE_MS) {
        // A connector is not looked after: its secret must not run out while it is in use.
        let slides = found.scopes == [Scope::DatabaseUpload];
        let until_ms = if slides { now_ms + i64::from(MAX_TOKEN_DAYS) * DAY_MS } else { found.expires_ms };
        noted(app.store.touch_token(&found.tenant, &found.id, now_ms, until_ms).await);
    }
    Ok(Actor {
        id: format!("token:{}", found.id),
        name: format!("API token {}", found.name),
        address: address.to_string(),
    })
}

/// Whose session the request carries.
pub(in crate::http) async fn signed_in(parts: &Parts, app: &AppState) -> Result<SignedIn, Error> {
    // A page elsewhere may make a browser send its cookie; what the browser says of the page, it cannot change. Going
    // somewhere is not reading: whoever comes back from the identity provider comes from elsewhere.
    let named = |name: &str, value: &[u8]| parts.headers.get(name).is_some_and(|found| found.as_bytes() == value);
    let elsewhere = named("sec-fetch-site", b"cross-site") || named("sec-fetch-site", b"same-site");
    if elsewhere && !named("sec-fetch-mode", b"navigate") {
        return Err(Error::WrongOrigin);
    }
    let cookie = cookie(&parts.headers, app).ok_or(Error::SignedOut)?;
    let now_ms = app.clock.now_ms();
    let console = &app.config.console;
    let hash = digest(cookie);
    let session = app.store.find_session(&hash).await?.ok_or(Error::SignedOut)?;
    // One that begins in the future would last longer than it may, once the clock is set back.
    let is_over = now_ms >= session.created_ms + console.session_ms()
        || now_ms >= session.seen_ms + console.idle_ms()
        || is_beyond(session.created_ms, now_ms, 0);
    if is_over {
        app.store.delete_session(&session.account, &session.id).await?;
        return Err(Error::SignedOut);
    }
    if parts.method != Method::GET && parts.method != Method::HEAD {
        check_origin(&parts.headers, app)?;
        if parts.headers.get(CSRF_HEADER).is_none_or(|sent| sent.as_bytes() != csrf(cookie).as_bytes()) {
            return Err(Error::WrongOrigin);
        }
    }
    if session.seen_ms / MINUTE_MS != now_ms / MINUTE_MS {
        noted(app.store.touch_session(&hash, now_ms).await);
    }
    let actor = Actor {
        id: format!("account:{}", session.account),
        name: format!("{} <{}>", session.name, session.email),
        address: peer(parts, app).to_string(),
    };
    Ok(SignedIn { session, actor })
}

/// When something was last used is worth no refusal: while a large import writes, it is noted a minute later.
pub(in crate::http) fn noted(result: Result<(), crate::store::Error>) {
    if let Err(error) = result {
        tracing::debug!(%error, "a use is not noted");
    }
}

/// That a request which changes something comes from the console itself.
pub(in crate::http) fn check_origin(headers: &HeaderMap, app: &AppState) -> Result<(), Error> {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let own = serve_files::console_origin(app, headers);
    if origin == Some(own.as_str()) { Ok(()) } else { Err(Error::WrongOrigin) }
}

/// What a page must send to prove that it could read an answer of ours: derived from the cookie, so that nothing is stored.
pub(in crate::http) fn csrf(cookie: &str) -> String {
    digest(&format!("csrf {cookie}"))
}

/// The cookie's name: browsers take a `__Host-` one over https only.
pub(in crate::http) fn cookie_name(app: &AppState) -> &'static str {
    if app.config.console.url(&app.config.server).starts_with("https://") { COOKIE } else { PLAIN_COOKIE }
}

/// The session's secret.
pub(in crate::http) fn cookie<'a>(headers: &'a HeaderMap, app: &AppState) -> Option<&'a str> {
    named_cookie(headers, cookie_name(app))
}

/// The cookie of this name.
pub(in crate::http) fn named_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// A cookie for the whole console that no script reads and no other site sends along. `seconds`: how long it is kept, 0
/// takes it back; absent: until the browser is closed.
pub(in crate::http) fn set_cookie(name: &str, value: &str, seconds: Option<i64>) -> HeaderValue {
    let secure = if name.starts_with(COOKIE) { "; Secure" } else { "" };
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

fn api_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Where a request comes from: the peer, or whom the trusted proxies before it name.
pub(in crate::http) fn peer(parts: &Parts, app: &AppState) -> IpAddr {
    app.proxies.client(parts)
}

impl OperationInput for SignedIn {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        guarded(operation, "account", [("session", Vec::new())]);
        csrf_parameter(ctx, operation);
    }
}

impl<P: Permission> OperationInput for Access<P> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        match P::SCOPE {
            Some(scope) => {
                let token = ("token", vec![scope.as_str().to_owned()]);
                guarded(operation, P::ROLE.as_str(), [("session", Vec::new()), token]);
            }
            None => guarded(operation, P::ROLE.as_str(), [("session", Vec::new())]),
        }
        csrf_parameter(ctx, operation);
    }
}

fn csrf_parameter(ctx: &mut GenContext, operation: &mut Operation) {
    let description = "Required with a session, unless the method is GET: `csrf` from GET /api/v1/session.";
    add_parameters(ctx, operation, [super::io::header_parameter(CSRF_HEADER, description, false)]);
}

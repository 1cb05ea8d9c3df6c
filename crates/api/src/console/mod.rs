//! The API of the console and of programs. Every path below a tenant answers 404 to callers without a role there.

mod account;
mod audit;
mod deployment;
mod design;
mod overview;
pub mod pages;
mod people;
mod tenants;
mod tokens;
mod weather;

pub use account::*;
pub use audit::*;
pub use deployment::*;
pub use design::*;
pub use overview::*;
pub use people::*;
pub use tenants::*;
pub use tokens::*;
pub use weather::*;

use serde::{Deserialize, Serialize};

/// Paths below the origin, as both sides spell them.
pub mod paths {
    /// `GET` -> [`crate::console::SignInOptions`]; `POST` [`crate::console::SignIn`] -> [`crate::console::Session`].
    pub const SIGN_IN: &str = "/api/v1/sign-in";
    /// `POST` [`crate::console::Setup`] -> [`crate::console::Session`].
    pub const SETUP: &str = "/api/v1/setup";
    /// `POST` [`crate::console::InvitationCode`] -> [`crate::console::Invitation`].
    pub const INVITATION: &str = "/api/v1/invitation";
    /// `POST` [`crate::console::Accept`] -> [`crate::console::Session`].
    pub const ACCEPT: &str = "/api/v1/invitation/accept";
    /// `POST` [`crate::console::InvitationCode`] -> [`crate::console::ProviderPage`].
    pub const ACCEPT_WITH_PROVIDER: &str = "/api/v1/invitation/provider";
    /// `GET` -> [`crate::console::Session`]; `DELETE` signs out.
    pub const SESSION: &str = "/api/v1/session";
    /// `GET` -> [`crate::console::Account`]; `PATCH` [`crate::console::AccountChanges`] -> [`crate::console::Account`].
    pub const ACCOUNT: &str = "/api/v1/account";
    /// `PUT` [`crate::console::PasswordChange`].
    pub const PASSWORD: &str = "/api/v1/account/password";
    /// `POST` [`crate::console::Confirmation`] -> [`crate::console::TotpSetup`]; `PUT` [`crate::console::TotpCode`] ->
    /// [`crate::console::RecoveryCodes`]; `DELETE` [`crate::console::Confirmation`].
    pub const TOTP: &str = "/api/v1/account/totp";
    /// `POST` [`crate::console::Confirmation`] -> [`crate::console::RecoveryCodes`].
    pub const RECOVERY_CODES: &str = "/api/v1/account/recovery-codes";
    /// `POST` [`crate::console::Confirmation`] -> [`crate::console::ProviderPage`]: links the identity provider; `DELETE`
    /// [`crate::console::Confirmation`]: unlinks it.
    pub const PROVIDER: &str = "/api/v1/account/provider";
    /// `POST` -> [`crate::console::ProviderPage`]: where the user signs in again.
    pub const PROVIDER_PROOF: &str = "/api/v1/account/provider/proof";
    /// `GET` -> [`crate::console::Sessions`]; `DELETE` ends all but this one.
    pub const SESSIONS: &str = "/api/v1/account/sessions";
    /// `DELETE`.
    pub const ONE_SESSION: &str = "/api/v1/account/sessions/{session}";
    /// `GET` -> [`crate::console::Tenants`]; `POST` [`crate::console::NewTenant`] -> [`crate::console::Tenant`].
    pub const TENANTS: &str = "/api/v1/tenants";
    /// `GET` -> [`crate::console::Tenant`]; `PATCH` [`crate::console::TenantChanges`]; `DELETE`
    /// [`crate::console::DeleteTenant`] -> [`crate::console::Tenant`].
    pub const TENANT: &str = "/api/v1/tenants/{tenant}";
    /// `POST` -> [`crate::console::Tenant`].
    pub const RESTORE_TENANT: &str = "/api/v1/tenants/{tenant}/restore";
    /// `GET`: [`super::Overview`].
    pub const OVERVIEW: &str = "/api/v1/tenants/{tenant}/overview";
    /// `GET` -> [`crate::console::Members`].
    pub const MEMBERS: &str = "/api/v1/tenants/{tenant}/members";
    /// `PATCH` [`crate::console::MemberChanges`] -> [`crate::console::Member`]; `DELETE`.
    pub const MEMBER: &str = "/api/v1/tenants/{tenant}/members/{account}";
    /// `POST` [`crate::console::Invite`] -> [`crate::console::Invited`].
    pub const INVITATIONS: &str = "/api/v1/tenants/{tenant}/invitations";
    /// `DELETE`.
    pub const ONE_INVITATION: &str = "/api/v1/tenants/{tenant}/invitations/{invitation}";
    /// `GET` -> [`crate::console::Tokens`]; `POST` [`crate::console::NewToken`] -> [`crate::console::CreatedToken`].
    pub const TOKENS: &str = "/api/v1/tenants/{tenant}/tokens";
    /// `DELETE`.
    pub const TOKEN: &str = "/api/v1/tenants/{tenant}/tokens/{token}";
    /// `POST` -> [`crate::console::Token`]: takes over a token that another user created.
    pub const TAKE_OVER_TOKEN: &str = "/api/v1/tenants/{tenant}/tokens/{token}/take-over";
    /// `GET` [`crate::console::PeopleQuery`] -> [`crate::console::People`]; `POST` [`crate::console::NewPerson`] ->
    /// [`crate::console::PersonDetail`].
    pub const PEOPLE: &str = "/api/v1/tenants/{tenant}/people";
    /// `GET` [`crate::console::PeopleQuery`] -> CSV, UTF-8 with a byte order mark.
    pub const PEOPLE_EXPORT: &str = "/api/v1/tenants/{tenant}/people-export";
    /// `GET` -> [`crate::console::PersonDetail`]; `PATCH` [`crate::console::PersonChanges`] ->
    /// [`crate::console::PersonDetail`]; `DELETE`.
    pub const PERSON: &str = "/api/v1/tenants/{tenant}/people/{person}";
    /// `GET` [`crate::console::SignatureQuery`] -> [`crate::console::PersonSignature`].
    pub const PERSON_SIGNATURE: &str = "/api/v1/tenants/{tenant}/people/{person}/signature";
    /// `GET` [`crate::console::GroupsQuery`] -> [`crate::console::Groups`].
    pub const GROUPS: &str = "/api/v1/tenants/{tenant}/groups";
    /// `GET` [`crate::console::NumbersQuery`] -> [`crate::console::BadNumbers`].
    pub const PHONE_NUMBERS: &str = "/api/v1/tenants/{tenant}/phone-numbers";
    /// `GET` -> [`crate::console::Fields`]; `PUT` [`crate::console::Fields`] -> [`crate::console::Fields`].
    pub const FIELDS: &str = "/api/v1/tenants/{tenant}/fields";
    /// `GET` [`crate::console::RunsQuery`] -> [`crate::console::Runs`]; `POST` [`crate::console::FileQuery`] and a CSV file ->
    /// [`crate::console::Run`].
    pub const RUNS: &str = "/api/v1/tenants/{tenant}/runs";
    /// `GET` -> [`crate::console::Run`]; `PATCH` [`crate::console::FileMapping`] -> [`crate::console::Run`]; `DELETE` cancels
    /// it.
    pub const RUN: &str = "/api/v1/tenants/{tenant}/runs/{run}";
    /// `POST` [`crate::console::ApplyRun`] -> [`crate::console::Run`].
    pub const APPLY_RUN: &str = "/api/v1/tenants/{tenant}/runs/{run}/apply";
    /// `GET` -> [`crate::console::Sources`].
    pub const SOURCES: &str = "/api/v1/tenants/{tenant}/sources";
    /// `GET` -> [`crate::console::SourceDetail`]; `PATCH` [`crate::console::SourceChanges`] ->
    /// [`crate::console::SourceDetail`]; `DELETE` disconnects it.
    pub const SOURCE: &str = "/api/v1/tenants/{tenant}/sources/{source}";
    /// `POST` [`crate::console::StartRun`] -> [`crate::console::Run`].
    pub const SOURCE_RUNS: &str = "/api/v1/tenants/{tenant}/sources/{source}/runs";
    /// `POST` -> [`crate::console::Permissions`]: checks our permissions at the source.
    pub const SOURCE_CHECK: &str = "/api/v1/tenants/{tenant}/sources/{source}/check";
    /// `POST` -> [`crate::console::Consent`]: where an admin of Microsoft 365 consents.
    pub const ENTRA_CONSENT: &str = "/api/v1/tenants/{tenant}/sources/entra/consent";
    /// `POST` -> [`crate::console::SourceDetail`]: connects without Microsoft's page when an admin has already
    /// consented.
    pub const ENTRA_CONNECT: &str = "/api/v1/tenants/{tenant}/sources/entra/connect";
    /// `PUT` [`crate::console::GoogleKey`] -> [`crate::console::SourceDetail`].
    pub const GOOGLE_KEY: &str = "/api/v1/tenants/{tenant}/sources/google/key";
    /// `GET` in a browser: back from Microsoft's page about consent.
    pub const CONSENT_CALLBACK: &str = "/console/consent/callback";
    /// `GET` -> [`crate::console::PreviewPerson`].
    pub const PREVIEW_PERSON: &str = "/api/v1/tenants/{tenant}/people/{person}/preview";
    /// `GET` -> [`crate::console::Gallery`].
    pub const GALLERY: &str = "/api/v1/gallery";
    /// `GET`: an image of the gallery's designs.
    pub const GALLERY_IMAGE: &str = "/api/v1/gallery/images/{image}";
    /// `GET` -> [`crate::console::Templates`]; `POST` [`crate::console::NewTemplate`] ->
    /// [`crate::console::TemplateDetail`].
    pub const TEMPLATES: &str = "/api/v1/tenants/{tenant}/templates";
    /// `GET` -> [`crate::console::Blocks`].
    pub const BLOCKS: &str = "/api/v1/tenants/{tenant}/blocks";
    /// `GET` -> [`crate::console::TemplateDetail`]; `PUT` [`crate::console::UnpublishedTemplate`] with `If-Match` ->
    /// [`crate::console::TemplateDetail`]; `DELETE`.
    pub const TEMPLATE: &str = "/api/v1/tenants/{tenant}/templates/{template}";
    /// `GET` [`crate::console::PreviewQuery`] -> [`crate::console::TemplatePreview`].
    pub const TEMPLATE_PREVIEW: &str = "/api/v1/tenants/{tenant}/templates/{template}/preview";
    /// `POST` [`crate::console::FixTemplate`] -> [`crate::console::TemplateDetail`].
    pub const TEMPLATE_FIX: &str = "/api/v1/tenants/{tenant}/templates/{template}/fix";
    /// `DELETE` discards the unpublished changes -> [`crate::console::TemplateDetail`].
    pub const UNPUBLISHED_TEMPLATE: &str = "/api/v1/tenants/{tenant}/templates/{template}/unpublished";
    /// `GET` -> [`crate::console::Versions`].
    pub const TEMPLATE_VERSIONS: &str = "/api/v1/tenants/{tenant}/templates/{template}/versions";
    /// `GET` -> [`crate::console::TemplateVersion`].
    pub const TEMPLATE_VERSION: &str = "/api/v1/tenants/{tenant}/templates/{template}/versions/{version}";
    /// `GET` -> [`crate::console::TemplateFile`].
    pub const TEMPLATE_EXPORT: &str = "/api/v1/tenants/{tenant}/templates/{template}/export";
    /// `POST` [`crate::console::TemplateFile`] -> [`crate::console::TemplateDetail`].
    pub const TEMPLATE_IMPORT: &str = "/api/v1/tenants/{tenant}/templates-import";
    /// `POST` [`crate::console::Pasted`] -> [`crate::console::Cleaned`].
    pub const CLEAN: &str = "/api/v1/tenants/{tenant}/clean";
    /// `POST` [`crate::console::PlanMigration`] -> [`crate::console::MigrationPlan`]; stores nothing.
    pub const MIGRATION_PLAN: &str = "/api/v1/tenants/{tenant}/migrations/plan";
    /// `POST` [`crate::console::ApplyMigration`] -> [`crate::console::TemplateDetail`].
    pub const MIGRATIONS: &str = "/api/v1/tenants/{tenant}/migrations";
    /// `GET` -> [`crate::console::Images`]; `POST` [`crate::console::ImageQuery`] and a file -> [`crate::console::ImageInfo`].
    pub const IMAGES: &str = "/api/v1/tenants/{tenant}/images";
    /// `DELETE`.
    pub const IMAGE: &str = "/api/v1/tenants/{tenant}/images/{image}";
    /// `GET` -> [`crate::console::RuleList`]; `PUT` [`crate::console::UnpublishedRules`] with `If-Match` ->
    /// [`crate::console::RuleList`].
    pub const RULES: &str = "/api/v1/tenants/{tenant}/rules";
    /// `POST` [`crate::console::PlaceRule`] -> [`crate::console::RulePlacement`].
    pub const RULE_PLACEMENT: &str = "/api/v1/tenants/{tenant}/rules/placement";
    /// `DELETE` discards the unpublished changes -> [`crate::console::RuleList`].
    pub const UNPUBLISHED_RULES: &str = "/api/v1/tenants/{tenant}/rules/unpublished";
    /// `GET` -> [`crate::console::Versions`].
    pub const RULES_VERSIONS: &str = "/api/v1/tenants/{tenant}/rules/versions";
    /// `GET` -> [`crate::console::RulesVersion`].
    pub const RULES_VERSION: &str = "/api/v1/tenants/{tenant}/rules/versions/{version}";
    /// `GET` -> [`crate::console::BrandList`]; `PUT` [`crate::console::UnpublishedBrands`] with `If-Match` ->
    /// [`crate::console::BrandList`].
    pub const BRANDS: &str = "/api/v1/tenants/{tenant}/brands";
    /// `DELETE` discards the unpublished changes -> [`crate::console::BrandList`].
    pub const UNPUBLISHED_BRANDS: &str = "/api/v1/tenants/{tenant}/brands/unpublished";
    /// `GET` [`crate::console::BrandPeopleQuery`] -> [`crate::console::BrandPeople`].
    pub const BRAND_PEOPLE: &str = "/api/v1/tenants/{tenant}/brands/people";
    /// `GET` -> [`crate::console::Versions`].
    pub const BRANDS_VERSIONS: &str = "/api/v1/tenants/{tenant}/brands/versions";
    /// `GET` -> [`crate::console::BrandsVersion`].
    pub const BRANDS_VERSION: &str = "/api/v1/tenants/{tenant}/brands/versions/{version}";
    /// `GET` [`crate::console::ReportQuery`] -> [`crate::console::RuleReport`].
    pub const RULES_REPORT: &str = "/api/v1/tenants/{tenant}/rules-report";
    /// `GET` [`crate::console::ReportQuery`] -> CSV, UTF-8 with a byte order mark.
    pub const RULES_REPORT_CSV: &str = "/api/v1/tenants/{tenant}/rules-report.csv";
    /// `GET` -> [`crate::console::Changes`].
    pub const CHANGES: &str = "/api/v1/tenants/{tenant}/changes";
    /// `POST` [`crate::console::CheckReady`] -> [`crate::console::Readiness`].
    pub const READY: &str = "/api/v1/tenants/{tenant}/changes/ready";
    /// `POST` [`crate::console::Publish`] with `If-Match` -> [`crate::console::Changes`].
    pub const PUBLISH: &str = "/api/v1/tenants/{tenant}/changes/publish";
    /// `POST` [`crate::console::Picked`] -> [`crate::console::Changes`].
    pub const CALL_OFF: &str = "/api/v1/tenants/{tenant}/changes/call-off";
    /// `POST` [`crate::console::Simulate`] -> [`crate::console::Simulated`].
    pub const SIMULATION: &str = "/api/v1/tenants/{tenant}/simulation";
    /// `POST` [`crate::console::Compare`] -> [`crate::console::Comparison`].
    pub const COMPARISONS: &str = "/api/v1/tenants/{tenant}/comparisons";
    /// `GET` -> [`crate::console::Comparison`]; `DELETE` ends it.
    pub const COMPARISON: &str = "/api/v1/tenants/{tenant}/comparisons/{comparison}";
    /// `GET` [`crate::console::ComparedQuery`] -> [`crate::console::ComparedPeople`].
    pub const COMPARISON_PEOPLE: &str = "/api/v1/tenants/{tenant}/comparisons/{comparison}/people";
    /// `GET` -> [`crate::console::BeforeAfter`].
    pub const COMPARISON_PERSON: &str = "/api/v1/tenants/{tenant}/comparisons/{comparison}/people/{person}";
    /// `GET` -> [`crate::console::Campaigns`].
    pub const CAMPAIGNS: &str = "/api/v1/tenants/{tenant}/campaigns";
    /// `PATCH` [`crate::console::CampaignSettings`] -> [`crate::console::Campaigns`].
    pub const CAMPAIGN_SETTINGS: &str = "/api/v1/tenants/{tenant}/campaigns/settings";
    /// `GET` [`crate::console::ClicksQuery`] -> [`crate::console::Clicks`].
    pub const CAMPAIGN_CLICKS: &str = "/api/v1/tenants/{tenant}/campaigns/{rule}/clicks";
    /// `GET` -> [`crate::console::Deployment`].
    pub const DEPLOYMENT: &str = "/api/v1/tenants/{tenant}/deployment";
    /// `GET` [`crate::console::ClientsQuery`] -> [`crate::console::Clients`].
    pub const CLIENTS: &str = "/api/v1/tenants/{tenant}/clients";
    /// `GET` [`crate::console::WeatherQuery`] -> [`crate::console::Weather`].
    pub const WEATHER: &str = "/api/v1/tenants/{tenant}/weather";
    /// `GET` [`crate::console::VersionQuery`] -> [`crate::console::VersionDetail`].
    pub const WEATHER_VERSION: &str = "/api/v1/tenants/{tenant}/weather/version";
    /// `GET` [`crate::console::AuditQuery`] -> [`crate::console::Audit`].
    pub const AUDIT: &str = "/api/v1/tenants/{tenant}/audit";
    /// `GET` [`crate::console::AuditQuery`] -> CSV.
    pub const AUDIT_EXPORT: &str = "/api/v1/tenants/{tenant}/audit-export";
    /// `GET` -> the `OpenAPI` 3.1 document.
    pub const OPENAPI: &str = "/api/v1/openapi.json";
    /// `GET` in a browser: to the identity provider.
    pub const OIDC_START: &str = "/console/oidc/start";
    /// `GET` in a browser: back from the identity provider.
    pub const OIDC_CALLBACK: &str = "/console/oidc/callback";
}

/// Header that every request with a session must carry, unless its method is `GET`: [`Session::csrf`].
pub const CSRF_HEADER: &str = "x-paraph-csrf";
/// Header that makes a `POST` safe to send twice: at most [`MAX_IDEMPOTENCY_KEY`] printable ASCII characters.
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";
/// Longest [`IDEMPOTENCY_HEADER`].
pub const MAX_IDEMPOTENCY_KEY: usize = 100;
/// Most rows on one page of a list.
pub const MAX_PAGE: u32 = 200;

/// What a user may do in one tenant. Each role includes the roles before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything except secrets.
    Viewer,
    /// Changes people's values, templates and rules.
    Editor,
    /// Changes settings, fields, sources, members below owner and API tokens.
    Admin,
    /// Also deletes the tenant and names other owners.
    Owner,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Editor, Self::Admin, Self::Owner];

    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The role with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

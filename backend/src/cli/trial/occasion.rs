//! What `render` and `simulate` are told of a draft.

use crate::cli::tenants;
use crate::clock::Clock;
use crate::store::Store;
use crate::tenant::Tenant;
use anyhow::Context as _;
use email_signature::{BodyFormat, Draft, Kind, Person, RecipientType, Signature};
use std::fmt::Write as _;

/// The draft to evaluate.
#[derive(Clone, Debug, clap::Args)]
pub struct OccasionOptions {
    /// The tenant's Entra tenant id, id, name or domain; by default the tenant with the address's domain
    #[arg(long)]
    pub tenant: Option<String>,
    /// The kind of draft; by default a new mail
    #[arg(long, value_enum)]
    pub kind: Option<KindOption>,
    /// A recipient; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub to: Vec<String>,
    /// The subject
    #[arg(long, default_value = "")]
    pub subject: String,
    /// When the mail is sent, such as 2026-12-24T08:00Z; by default now
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
}

/// [`Kind`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "the names say it")]
pub enum KindOption {
    New,
    Reply,
    Forward,
    Appointment,
}

impl OccasionOptions {
    /// When, in milliseconds UTC.
    ///
    /// # Errors
    /// When `--at` is not a point in time.
    pub fn at_ms(&self) -> anyhow::Result<i64> {
        let Some(text) = &self.at else { return Ok(Clock::system().now_ms()) };
        let at = text.parse::<jiff::Timestamp>();
        let at = at.map_err(|error| {
            anyhow::anyhow!("--at {text:?} is not a point in time ({error}): write 2026-12-24T08:00Z")
        })?;
        Ok(at.as_millisecond())
    }

    /// Whether a certain draft is described, by its kind, recipients or subject.
    pub fn is_certain(&self) -> bool {
        self.kind.is_some() || !self.to.is_empty() || !self.subject.is_empty()
    }

    /// The draft, without a sender.
    pub fn draft(&self) -> api::Draft {
        let recipient = |address: &String| api::Recipient { address: address.clone(), kind: RecipientType::Other };
        api::Draft {
            kind: match self.kind {
                None | Some(KindOption::New) => Kind::New,
                Some(KindOption::Reply) => Kind::Reply,
                Some(KindOption::Forward) => Kind::Forward,
                Some(KindOption::Appointment) => Kind::Appointment,
            },
            from: None,
            recipients: self.to.iter().map(recipient).collect(),
            recipients_unread: false,
            format: BodyFormat::Html,
            subject: self.subject.clone(),
            time_zone: None,
            platform: None,
            version: None,
            choice: None,
            explain: true,
            weather: Vec::new(),
        }
    }

    /// The id of the tenant that is meant: by name, or by the domain of an address.
    ///
    /// # Errors
    /// When there is none, or several.
    pub async fn find_tenant(&self, store: &Store, address: Option<&str>) -> anyhow::Result<String> {
        let tenants = store.list_tenants().await?;
        let domain = address.and_then(|address| address.rsplit('@').next()).unwrap_or_default().to_lowercase();
        let found: Vec<_> = match &self.tenant {
            Some(wanted) => vec![tenants::find(&tenants, wanted)?],
            None => tenants.iter().filter(|one| tenants.len() == 1 || one.domains.contains(&domain)).collect(),
        };
        match (found.as_slice(), tenants.is_empty()) {
            ([tenant], _) => Ok(tenant.id.clone()),
            (_, true) => anyhow::bail!("there is no tenant yet: import one with `paraph import FILE`"),
            _ => anyhow::bail!("there are several tenants: choose one with --tenant: {}", tenants::listed(&tenants)),
        }
    }
}

/// The person with the address in `--from`.
///
/// # Errors
/// When no person has the address.
pub fn find_person(tenant: &Tenant, address: &str) -> anyhow::Result<Person> {
    tenant
        .person_by_address(address)
        .with_context(|| format!("nobody in {} has the address {address}: correct --from, or import them", tenant.name))
}

/// The draft as the core needs it.
///
/// # Errors
/// What is wrong with it.
pub fn read_draft(tenant: &Tenant, person: &Person, draft: &api::Draft) -> anyhow::Result<Draft> {
    crate::signing::read_draft(tenant, person, draft).map_err(|errors| {
        let text: Vec<_> =
            errors.iter().map(|e| format!("{}: {}", e.field.as_deref().unwrap_or_default(), e.detail)).collect();
        anyhow::anyhow!("the draft cannot be used: {}", text.join("; "))
    })
}

/// The reasons for the signature, rule by rule, and its problems.
pub fn reasons(signature: &Signature) -> String {
    let mut why = String::from("why:\n");
    for because in &signature.because {
        let sign = if because.applied { "+" } else { "-" };
        let _ = writeln!(why, "  {sign} {}: {}", because.name, because.reason);
    }
    for problem in &signature.problems {
        let _ = writeln!(why, "problem in {}: {}", problem.source, problem.detail);
    }
    why
}

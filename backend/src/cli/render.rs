//! `paraph render`: somebody's signature, and why it is that one.

use crate::clock::Clock;
use crate::config::Config;
use crate::signing::{self, Signed, Signing, Tenant};
use crate::store::{Store, TenantSummary};
use anyhow::Context as _;
use email_signature::{BodyFormat, Kind, RecipientType};
use serde_json::json;
use std::fmt::Write as _;
use std::sync::Arc;

/// Whose signature, for what draft.
#[derive(Clone, Debug, clap::Args)]
pub struct RenderOptions {
    /// The address that the draft is sent from
    #[arg(long, value_name = "ADDRESS")]
    pub from: String,
    /// The tenant's Entra id or name; without it the one with the address's domain
    #[arg(long)]
    pub tenant: Option<String>,
    /// The kind of draft
    #[arg(long, value_enum, default_value_t = KindOption::New)]
    pub kind: KindOption,
    /// A recipient; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub to: Vec<String>,
    /// The subject
    #[arg(long, default_value = "")]
    pub subject: String,
    /// What to print
    #[arg(long, value_enum, default_value_t = FormatOption::Html)]
    pub format: FormatOption,
    /// When it is sent, such as 2026-12-24T08:00Z; without it now
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// The id of a signature template to choose instead of the rules' one
    #[arg(long, value_name = "TEMPLATE")]
    pub choice: Option<String>,
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

/// What to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FormatOption {
    /// The HTML
    Html,
    /// The plain text
    Text,
    /// Everything, with reasons and problems
    Json,
}

/// What was asked for, and why it is so.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// For standard output.
    pub signature: String,
    /// For people.
    pub why: String,
}

/// Renders the signature through the same verb as the add-in.
///
/// # Errors
/// When tenant or address are unknown, or the time or an address cannot be read.
pub async fn run(config: &Config, options: &RenderOptions) -> anyhow::Result<Rendered> {
    let at_ms = match &options.at {
        Some(text) => text
            .parse::<jiff::Timestamp>()
            .map_err(|error| anyhow::anyhow!("--at {text:?} is no moment in time ({error}): write 2026-12-24T08:00Z"))?
            .as_millisecond(),
        None => Clock::system().now_ms(),
    };
    let store = super::open(&config.database).await?;
    let entra_id = find_tenant(&store, options).await?;
    let signing = Signing::new(store, Clock::system(), config.server.public_url.clone());
    let tenant: Arc<Tenant> = signing.tenant(&entra_id).await?.context("the tenant has just been removed")?;
    let person = tenant.person_by_address(&options.from).with_context(|| {
        format!("nobody in {} has the address {}: correct --from, or import them", tenant.name, options.from)
    })?;
    let draft = tenant.draft(&person, &wire_draft(options)).map_err(|errors| {
        let text: Vec<_> =
            errors.iter().map(|e| format!("{}: {}", e.field.as_deref().unwrap_or_default(), e.detail)).collect();
        anyhow::anyhow!("the draft cannot be used: {}", text.join("; "))
    })?;
    let signed = signing::signature_for(&tenant, &person, &draft, options.choice.as_deref(), at_ms)?;
    Ok(show(&signed, options.format))
}

fn wire_draft(options: &RenderOptions) -> api::Draft {
    let recipient = |address: &String| api::Recipient { address: address.clone(), kind: RecipientType::Other };
    api::Draft {
        kind: match options.kind {
            KindOption::New => Kind::New,
            KindOption::Reply => Kind::Reply,
            KindOption::Forward => Kind::Forward,
            KindOption::Appointment => Kind::Appointment,
        },
        from: Some(options.from.clone()),
        recipients: options.to.iter().map(recipient).collect(),
        format: if options.format == FormatOption::Text { BodyFormat::Text } else { BodyFormat::Html },
        subject: options.subject.clone(),
        platform: None,
        version: None,
        choice: options.choice.clone(),
    }
}

/// The Entra id of the tenant that is meant.
async fn find_tenant(store: &Store, options: &RenderOptions) -> anyhow::Result<String> {
    let tenants = store.list_tenants().await?;
    let domain = options.from.rsplit('@').next().unwrap_or_default().to_lowercase();
    let meant = |tenant: &&TenantSummary| match &options.tenant {
        Some(wanted) => {
            [&tenant.entra_id, &tenant.name, &tenant.id].iter().any(|known| known.eq_ignore_ascii_case(wanted))
        }
        None => tenants.len() == 1 || tenant.domains.contains(&domain),
    };
    let found: Vec<_> = tenants.iter().filter(meant).collect();
    match (found.as_slice(), tenants.is_empty()) {
        ([tenant], _) => Ok(tenant.entra_id.clone()),
        (_, true) => anyhow::bail!("there is no tenant yet: bring one in with `paraph import FILE`"),
        _ => {
            let names: Vec<_> = tenants.iter().map(|tenant| format!("{} ({})", tenant.name, tenant.entra_id)).collect();
            anyhow::bail!("it is not clear which tenant is meant: name one with --tenant: {}", names.join(", "))
        }
    }
}

fn show(signed: &Signed, format: FormatOption) -> Rendered {
    let signature = &signed.signature;
    if format == FormatOption::Json {
        let everything = json!({
            "html": signature.html,
            "text": signature.text,
            "fingerprint": signature.fingerprint,
            "name": signed.name,
            "because": signature.because,
            "problems": signature.problems,
        });
        return Rendered { signature: format!("{everything:#}\n"), why: String::new() };
    }
    let mut why = String::new();
    let name = signed.name.as_deref().unwrap_or("none");
    let _ = writeln!(why, "\nsignature: {name}\nwhy:");
    for because in &signature.because {
        let sign = if because.applied { "+" } else { "-" };
        let _ = writeln!(why, "  {sign} {}: {}", because.name, because.reason);
    }
    for problem in &signature.problems {
        let _ = writeln!(why, "problem in {}: {}", problem.source, problem.detail);
    }
    let body = if format == FormatOption::Html { &signature.html } else { &signature.text };
    Rendered { signature: format!("{body}\n"), why }
}

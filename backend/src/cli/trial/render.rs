//! `paraph render`: somebody's signature, and why it is that one.

use super::occasion::{OccasionOptions, find_person, read_draft, reasons};
use crate::clock::Clock;
use crate::config::Config;
use crate::signing::{self, Signed};
use crate::tenant::{Tenant, Tenants};
use anyhow::Context as _;
use email_signature::BodyFormat;
use serde_json::json;
use std::sync::Arc;

/// Options of `paraph render`.
#[derive(Clone, Debug, clap::Args)]
pub struct RenderOptions {
    /// The address that the draft is sent from
    #[arg(long, value_name = "ADDRESS")]
    pub from: String,
    /// The draft
    #[command(flatten)]
    pub occasion: OccasionOptions,
    /// What to print
    #[arg(long, value_enum, default_value_t = FormatOption::Html)]
    pub format: FormatOption,
    /// The id of a signature template to use instead of the one from the rules
    #[arg(long, value_name = "TEMPLATE")]
    pub choice: Option<String>,
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

/// The requested signature, and the reasons for it.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// For standard output.
    pub signature: String,
    /// For people.
    pub why: String,
}

/// Renders the signature in the same way as for the add-in.
///
/// # Errors
/// When tenant or address are unknown, or the time or an address cannot be read.
pub async fn run(config: &Config, options: &RenderOptions) -> anyhow::Result<Rendered> {
    let at_ms = options.occasion.at_ms()?;
    let store = crate::cli::open(&config.database).await?;
    let id = options.occasion.find_tenant(&store, Some(&options.from)).await?;
    let tenants = Tenants::new(store.clone(), Clock::system(), config.server.public_url.clone());
    let tenant: Arc<Tenant> = tenants.get(&id).await?.context("the tenant has just been removed")?;
    store.close().await;
    let person = find_person(&tenant, &options.from)?;
    let draft = api::Draft {
        from: Some(options.from.clone()),
        format: if options.format == FormatOption::Text { BodyFormat::Text } else { BodyFormat::Html },
        choice: options.choice.clone(),
        ..options.occasion.draft()
    };
    let draft = read_draft(&tenant, &person, &draft)?;
    let signed = signing::select_for(&tenant, &person, &draft, options.choice.as_deref(), at_ms)?.fill_explained();
    Ok(show(&signed, options.format))
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
    let name = signed.name.as_deref().unwrap_or("none");
    let why = format!("\nsignature: {name}\n{}", reasons(signature));
    let body = if format == FormatOption::Html { &signature.html } else { &signature.text };
    Rendered { signature: format!("{body}\n"), why }
}

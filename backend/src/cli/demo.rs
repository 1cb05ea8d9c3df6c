//! `paraph demo`.

/// What the demo can be told.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoOptions {
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 4000)]
    pub port: u16,
    /// The address of Office.js; without it the simulator's own
    #[arg(long)]
    pub office_js_url: Option<String>,
    /// Add made-up people up to this many, for benchmarks
    #[arg(long)]
    pub people: Option<usize>,
}

/// Serves the made-up company until a signal says stop.
pub async fn run(options: DemoOptions) -> anyhow::Result<()> {
    let _ = options;
    std::future::ready(anyhow::bail!("not here yet")).await
}

//! A headless Chromium behind chromedriver.

use super::process::Program;
use anyhow::{Context as _, ensure};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The browser ends with its driver (`remote-debugging-pipe`) and speaks to nobody but the test.
const ARGUMENTS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
    "--window-size=1440,900",
];

/// The browser and its driver.
#[derive(Debug)]
pub struct Browser {
    /// The one window.
    pub client: Client,
    /// What no standard has.
    pub devtools: Devtools,
    _driver: Program,
}

/// Chromium's own commands beside `WebDriver`'s.
#[derive(Clone, Debug)]
pub struct Devtools {
    client: Client,
    /// Chromedriver's.
    address: String,
}

impl Browser {
    /// Starts both, with a profile of their own.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&[]).await
    }

    /// [`Browser::start`] with further arguments for Chromium.
    pub async fn start_with(extra: &[String]) -> anyhow::Result<Self> {
        let driver = find("chromedriver")?;
        let chromium = find("chromium")?;
        let profile = tempfile::tempdir()?.keep();
        let (driver, port) = Program::start(&driver, &["--port=0"], Some(&profile), |line| {
            let (_, rest) = line.split_once("started successfully on port ")?;
            rest.trim().trim_end_matches('.').parse::<u16>().ok()
        })
        .context("chromedriver")?;
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        arguments.extend_from_slice(extra);
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".into(), json!({ "binary": chromium, "args": arguments }));
        capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let address = format!("http://127.0.0.1:{port}");
        let client = builder.connect(&address).await.context("chromedriver gave no session")?;
        let devtools = Devtools { client: client.clone(), address };
        Ok(Self { client, devtools, _driver: driver })
    }

    /// What the console has said since the last call, as `(level, message)`: Chromium's own addition to `WebDriver`.
    pub async fn console(&self) -> anyhow::Result<Vec<(String, String)>> {
        let answer = self.devtools.command("se/log", &json!({ "type": "browser" })).await?;
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let entries = answer["value"].as_array().cloned().unwrap_or_default();
        Ok(entries.iter().map(|entry| (text(entry, "level"), text(entry, "message"))).collect())
    }

    /// What the console has said since the last call that is an error, but for the server that a test has stopped.
    pub async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let console = self.console().await?.into_iter();
        // The console's page asks whether somebody is signed in, and shows what the server refuses.
        let is_answer =
            |message: &str| message.contains("/api/v1/") && message.contains("responded with a status of 4");
        let is_loud = |message: &str| !message.contains("ERR_CONNECTION_REFUSED") && !is_answer(message);
        let loud = console.filter(|(level, message)| level == "SEVERE" && is_loud(message));
        Ok(loud.map(|(_, message)| message).collect())
    }
}

impl Devtools {
    /// From now on every page and frame begins with `script`, before its own: Chromium's own addition, too.
    pub async fn in_every_frame(&self, script: &str) -> anyhow::Result<()> {
        let command = json!({ "cmd": "Page.addScriptToEvaluateOnNewDocument", "params": { "source": script } });
        let answer = self.command("goog/cdp/execute", &command).await?;
        ensure!(answer["value"]["identifier"].is_string(), "{answer}");
        Ok(())
    }

    /// Has the system's theme be dark or light.
    pub async fn theme(&self, dark: bool) -> anyhow::Result<()> {
        self.media("", dark).await
    }

    /// Draws pages as they are printed, by somebody whose system is dark or light.
    pub async fn print(&self, dark: bool) -> anyhow::Result<()> {
        self.media("print", dark).await
    }

    /// Has pages be drawn in a window of this size, in CSS pixels.
    pub async fn size(&self, width: u32, height: u32) -> anyhow::Result<()> {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let command = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": params });
        let answer = self.command("goog/cdp/execute", &command).await?;
        ensure!(answer["value"]["error"].is_null(), "{answer}");
        Ok(())
    }

    /// Has pages be drawn in the window as it is again.
    pub async fn own_size(&self) -> anyhow::Result<()> {
        let command = json!({ "cmd": "Emulation.clearDeviceMetricsOverride", "params": {} });
        let answer = self.command("goog/cdp/execute", &command).await?;
        ensure!(answer["value"]["error"].is_null(), "{answer}");
        Ok(())
    }

    /// Lets no page's `Content-Security-Policy` count from now on.
    pub async fn without_csp(&self) -> anyhow::Result<()> {
        let command = json!({ "cmd": "Page.setBypassCSP", "params": { "enabled": true } });
        let answer = self.command("goog/cdp/execute", &command).await?;
        ensure!(answer["value"]["error"].is_null(), "{answer}");
        Ok(())
    }

    async fn media(&self, media: &str, dark: bool) -> anyhow::Result<()> {
        let value = if dark { "dark" } else { "light" };
        let params = json!({ "media": media, "features": [{ "name": "prefers-color-scheme", "value": value }] });
        let command = json!({ "cmd": "Emulation.setEmulatedMedia", "params": params });
        let answer = self.command("goog/cdp/execute", &command).await?;
        ensure!(answer["value"]["error"].is_null(), "{answer}");
        Ok(())
    }

    async fn command(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let session = self.client.session_id().await?.context("no session")?;
        let url = format!("{}/session/{session}/{path}", self.address);
        Ok(crate::http::client().post(url).json(body).send().await?.json().await?)
    }
}

/// The program of that name on `PATH`.
fn find(name: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()).with_context(|| {
        format!("{name} is not on PATH: run `cargo xtask setup`, or on Debian `apt-get install {}`", package(name))
    })
}

fn package(name: &str) -> &str {
    if name == "chromedriver" { "chromium-driver" } else { name }
}

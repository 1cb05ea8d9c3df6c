//! The configuration page: alone, or together with the service.

use super::{output, run};
use crate::config::Config;
use crate::run::Needs;
use crate::service::{self, RunNow};
use crate::web::{self, Guard, Web};
use anyhow::Context as _;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// `configure --web`: serves the page until Ctrl+C, or prints the link to the running service's page.
pub(super) async fn run(needs: &Needs) -> anyhow::Result<ExitCode> {
    let link = needs.place.link();
    let Ok(_lock) = service::take(needs) else {
        let link = std::fs::read_to_string(&link).with_context(|| {
            format!(
                "another paraph-connector is running here, but the file with the link to its page, {}, cannot be read",
                link.display()
            )
        })?;
        output::print(&format!("the running service serves the page: {link}\n"))?;
        return Ok(ExitCode::SUCCESS);
    };
    let listener = listen(&needs.place.load()?).await?.context("web.port is 0: set a port to open the page")?;
    let guard = Guard::new(listener.local_addr()?.port(), None);
    output::print(&format!("{}\nPress Ctrl+C to stop.\n", guard.link()))?;
    web::serve(listener, Web::new(needs.clone(), guard, None), run::stopped()).await;
    Ok(ExitCode::SUCCESS)
}

/// The page of a running service; it stops on drop.
pub(super) struct Beside {
    link: PathBuf,
    _stop: oneshot::Sender<()>,
}

impl Drop for Beside {
    fn drop(&mut self) {
        // A leftover link is harmless, because it leads nowhere.
        let _ = std::fs::remove_file(&self.link);
    }
}

/// Serves the page of a running service. If the page cannot be served, the service runs without it.
pub(super) async fn beside(needs: &Needs, run_now: RunNow) -> Option<Beside> {
    let listener = match needs.place.load() {
        Ok(config) => listen(&config).await,
        Err(error) => Err(error),
    };
    let listener = match listener {
        Ok(listener) => listener?,
        Err(error) => {
            tracing::warn!("the configuration page is not served: {error:#}");
            return None;
        }
    };
    let link = needs.place.link();
    let guard = Guard::new(listener.local_addr().ok()?.port(), Some(link.clone()));
    let (stop, stopped) = oneshot::channel();
    let web = Web::new(needs.clone(), guard, Some(run_now));
    tokio::spawn(web::serve(listener, web, async { drop(stopped.await) }));
    tracing::info!("the configuration page is served; paraph-connector configure --web prints its link");
    Some(Beside { link, _stop: stop })
}

/// Listens on loopback only; `None` when the page is turned off.
async fn listen(config: &Config) -> anyhow::Result<Option<TcpListener>> {
    let port = config.web.port;
    if port == 0 {
        return Ok(None);
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.map(Some).with_context(|| format!("port {port} is in use: set another one in web.port"))
}

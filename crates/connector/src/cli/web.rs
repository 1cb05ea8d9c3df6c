//! The configuration page: by itself, or beside a service.

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

/// `configure --web`: serves the page until Ctrl+C, or gives the link to the page of the service that runs.
pub(super) async fn run(needs: &Needs) -> anyhow::Result<ExitCode> {
    let link = needs.place.link();
    let Ok(_lock) = service::take(needs) else {
        let link = std::fs::read_to_string(&link).with_context(|| {
            format!("another paraph-connector works here, and its link, {}, cannot be read", link.display())
        })?;
        output::print(&format!("the service that runs serves it: {link}\n"))?;
        return Ok(ExitCode::SUCCESS);
    };
    let listener = listen(&needs.place.load()?).await?.context("web.port is 0: set one to see the page")?;
    let guard = Guard::new(listener.local_addr()?.port(), None);
    output::print(&format!("{}\nCtrl+C ends it.\n", guard.link()))?;
    web::serve(listener, Web::new(needs.clone(), guard, None), run::stopped()).await;
    Ok(ExitCode::SUCCESS)
}

/// The page of a service; it goes when this is dropped.
pub(super) struct Beside {
    link: PathBuf,
    _stop: oneshot::Sender<()>,
}

impl Drop for Beside {
    fn drop(&mut self) {
        // A link to nothing is not dangerous, only useless.
        let _ = std::fs::remove_file(&self.link);
    }
}

/// Serves the page while a service runs. A service runs without it, too.
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

/// On this machine alone; `None` when the settings want no page.
async fn listen(config: &Config) -> anyhow::Result<Option<TcpListener>> {
    let port = config.web.port;
    if port == 0 {
        return Ok(None);
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    listener.map(Some).with_context(|| format!("port {port} is taken: write another into web.port"))
}

//! The Windows service: with its own account, and a folder that only it and administrators can read.

use super::{output, run};
use crate::config::Place;
use crate::files;
use anyhow::{Context as _, ensure};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::oneshot;
use windows_service::define_windows_service;
use windows_service::service::{
    ServiceAccess, ServiceControl, ServiceControlAccept, ServiceErrorControl, ServiceExitCode, ServiceInfo,
    ServiceStartType, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

const NAME: &str = "ParaphConnector";
/// The account that Windows creates for the service; other machines see this machine's account.
const ACCOUNT: &str = r"NT SERVICE\ParaphConnector";

/// The folder, for the function that Windows calls without our arguments.
static PLACE: OnceLock<Place> = OnceLock::new();

pub(super) fn install(place: &Place, print: bool) -> anyhow::Result<ExitCode> {
    let program = std::env::current_exe().context("the path of this program cannot be determined")?;
    let arguments: Vec<OsString> = vec!["--config".into(), place.config().into(), "service".into()];
    if print {
        output::print(&format!("{NAME}: {} {arguments:?} as {ACCOUNT}\n", program.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let manager = ServiceManager::local_computer(
        None::<&str>,
        ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE,
    )
    .context("services cannot be changed: run this command as an administrator")?;
    let service = manager
        .create_service(&info(program, arguments), ServiceAccess::CHANGE_CONFIG)
        .context("the service cannot be created; sc.exe delete ParaphConnector removes an older one")?;
    service.set_description("Uploads rows of the company's own database to Paraph")?;
    folder(place)?;
    output::print(&format!(
        "installed. Next: paraph-connector configure, paraph-connector preview, and then sc.exe start {NAME}\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn info(program: PathBuf, arguments: Vec<OsString>) -> ServiceInfo {
    ServiceInfo {
        name: NAME.into(),
        display_name: "Paraph connector".into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: program,
        launch_arguments: arguments,
        dependencies: Vec::new(),
        account_name: Some(ACCOUNT.into()),
        account_password: None,
    }
}

/// Restricts the data folder to administrators and the service.
fn folder(place: &Place) -> anyhow::Result<()> {
    files::make_folder(place.folder())?;
    let service = format!("{ACCOUNT}:(OI)(CI)M");
    let status = Command::new("icacls")
        .arg(place.folder())
        // The Administrators group, by its SID, which does not depend on the language.
        .args(["/inheritance:r", "/grant:r", "*S-1-5-32-544:(OI)(CI)F", &service])
        .status()
        .context("icacls cannot be started")?;
    ensure!(status.success(), "the permissions of {} cannot be set", place.folder().display());
    Ok(())
}

/// Runs the service, started by Windows.
pub(super) fn dispatch(place: Place) -> ExitCode {
    let _ = PLACE.set(place);
    match windows_service::service_dispatcher::start(NAME, service_main) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => super::failed(
            &anyhow::Error::new(error).context("this command is for the Windows service manager; use \"run\" instead"),
        ),
    }
}

define_windows_service!(service_main, serve);

fn serve(_: Vec<OsString>) {
    let (stop, stopped) = oneshot::channel();
    let stop = Mutex::new(Some(stop));
    let handler = move |control| match control {
        ServiceControl::Stop | ServiceControl::Shutdown => {
            if let Ok(mut stop) = stop.lock()
                && let Some(stop) = stop.take()
            {
                // The receiver may have stopped already.
                let _ = stop.send(());
            }
            ServiceControlHandlerResult::NoError
        }
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        _ => ServiceControlHandlerResult::NotImplemented,
    };
    let Ok(handle) = service_control_handler::register(NAME, handler) else { return };
    let tell = |state, exit_code| {
        // If Windows cannot be told, it notices by itself.
        let _ = handle.set_service_status(ServiceStatus {
            service_type: ServiceType::OWN_PROCESS,
            current_state: state,
            controls_accepted: ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN,
            exit_code: ServiceExitCode::Win32(exit_code),
            checkpoint: 0,
            wait_hint: Duration::ZERO,
            process_id: None,
        });
    };
    tell(ServiceState::Running, 0);
    let ended = PLACE.get().and_then(|place| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().ok()?;
        let stop = async { drop(stopped.await) };
        runtime.block_on(run::serve(&super::needs(place.clone(), super::PATIENT), stop)).ok()
    });
    tell(ServiceState::Stopped, u32::from(ended.is_none()));
}

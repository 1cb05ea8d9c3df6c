//! `install`: installs the service, on systemd or Windows.

use crate::config::Place;
use std::process::ExitCode;

#[cfg(windows)]
pub(super) fn run(place: &Place, print: bool) -> anyhow::Result<ExitCode> {
    super::windows::install(place, print)
}

#[cfg(not(windows))]
pub(super) fn run(_: &Place, print: bool) -> anyhow::Result<ExitCode> {
    systemd::run(print)
}

#[cfg(not(windows))]
mod systemd {
    use super::super::output;
    use crate::config::{SERVICE_FOLDER, SERVICE_KEY};
    use crate::files;
    use crate::sealed::{KEY_FILE, Sealer};
    use anyhow::{Context as _, ensure};
    use std::path::{Path, PathBuf};
    use std::process::{Command, ExitCode};

    const UNIT: &str = include_str!("../../service/paraph-connector.service");
    const USER: &str = include_str!("../../service/paraph-connector.sysusers");
    const UNIT_FILE: &str = "/etc/systemd/system/paraph-connector.service";
    const USER_FILE: &str = "/etc/sysusers.d/paraph-connector.conf";
    /// Where the service's program is copied to if it is in a home folder now.
    const PROGRAM: &str = "/usr/local/bin/paraph-connector";

    pub(super) fn run(print: bool) -> anyhow::Result<ExitCode> {
        let own = std::env::current_exe().context("the path of this program cannot be determined")?;
        let program = if own.starts_with("/usr") || own.starts_with("/opt") { own.clone() } else { PROGRAM.into() };
        let unit = unit(&program);
        if print {
            output::print(&unit)?;
            return Ok(ExitCode::SUCCESS);
        }
        ensure!(
            Path::new("/run/systemd/system").exists(),
            "systemd is not running here: start \"paraph-connector run\" with your service manager"
        );
        if program != own {
            std::fs::copy(&own, &program).with_context(|| cannot(&program))?;
        }
        write(USER_FILE, USER)?;
        call("systemd-sysusers", &[USER_FILE])?;
        folder()?;
        key()?;
        write(UNIT_FILE, &unit)?;
        call("systemctl", &["daemon-reload"])?;
        output::print(
            "installed. Next: paraph-connector configure, paraph-connector preview, and then \
             systemctl enable --now paraph-connector\n",
        )?;
        Ok(ExitCode::SUCCESS)
    }

    fn unit(program: &Path) -> String {
        // Leaves out the comment that explains the placeholder.
        let lines = UNIT.lines().filter(|line| !line.contains("{program} is"));
        lines.map(|line| line.replace("{program}", &program.display().to_string()) + "\n").collect()
    }

    fn folder() -> anyhow::Result<()> {
        files::make_folder(Path::new(SERVICE_FOLDER))?;
        call("chown", &["paraph-connector:paraph-connector", SERVICE_FOLDER])
    }

    /// Creates the key, readable by root only; systemd passes it on. A key in the data folder is moved.
    fn key() -> anyhow::Result<()> {
        let (own, service) = (PathBuf::from(SERVICE_FOLDER).join(KEY_FILE), Path::new(SERVICE_KEY));
        if let Some(folder) = service.parent() {
            files::make_folder(folder)?;
        }
        if own.exists() && !service.exists() {
            files::write(service, &std::fs::read(&own)?)?;
            std::fs::remove_file(&own).with_context(|| cannot(&own))?;
        }
        Sealer::load(service).map(drop)
    }

    fn write(path: &str, content: &str) -> anyhow::Result<()> {
        let path = Path::new(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| cannot(folder))?;
        }
        std::fs::write(path, content).with_context(|| cannot(path))
    }

    fn cannot(path: &Path) -> String {
        format!("{} cannot be written: run this command as root", path.display())
    }

    fn call(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let status =
            Command::new(program).args(arguments).status().with_context(|| format!("{program} cannot be started"))?;
        ensure!(status.success(), "{program} {} failed", arguments.join(" "));
        Ok(())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_unit_names_the_program_and_is_sandboxed() {
            let unit = unit(Path::new("/opt/paraph/paraph-connector"));
            assert!(unit.contains("ExecStart=/opt/paraph/paraph-connector --config "));
            assert!(!unit.contains("{program}"));
            for line in ["NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=paraph-connector"] {
                assert!(unit.contains(line), "{line}");
            }
            assert!(unit.contains(&format!("LoadCredential={KEY_FILE}:{SERVICE_KEY}")));
            assert!(unit.contains(&format!("--config {SERVICE_FOLDER}/paraph-connector.toml run")));
        }
    }
}

//! The data folder, with the settings and all other files.

use super::{Config, EXAMPLE, edit};
use crate::files;
use crate::sealed::{KEY_FILE, Sealer};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// Name of the settings file.
const CONFIG_FILE: &str = "paraph-connector.toml";

/// Data folder of the service on Linux.
pub const SERVICE_FOLDER: &str = "/var/lib/paraph-connector";
/// Key of the service: outside the data folder, readable by root only; systemd passes it to the service.
pub const SERVICE_KEY: &str = "/etc/paraph-connector/paraph-connector.key";

/// The data folder, identified by the settings file in it.
#[derive(Clone, Debug)]
pub struct Place {
    config: PathBuf,
}

impl Place {
    /// The folder of this settings file, or the system's default folder.
    pub fn new(config: Option<PathBuf>) -> Self {
        let config = config.unwrap_or_else(|| usual_folder().join(CONFIG_FILE));
        // A relative path has a folder, too.
        Self { config: std::path::absolute(&config).unwrap_or(config) }
    }

    /// Path of the settings file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Path of the folder.
    pub fn folder(&self) -> &Path {
        self.config.parent().unwrap_or(Path::new("."))
    }

    /// File with the results of the last runs.
    pub fn status(&self) -> PathBuf {
        self.folder().join("paraph-connector.status.json")
    }

    /// File with the link to the configuration page of the running program.
    pub fn link(&self) -> PathBuf {
        self.folder().join("paraph-connector.link")
    }

    /// Lock file of the running program.
    pub fn lock(&self) -> PathBuf {
        self.folder().join("paraph-connector.lock")
    }

    /// Folder for rows that are not sent yet.
    pub fn spool(&self) -> PathBuf {
        self.folder().join("spool")
    }

    /// Reads the settings; the defaults if there is no file yet.
    ///
    /// # Errors
    /// When the file cannot be read or parsed; the text says where.
    pub fn load(&self) -> anyhow::Result<Config> {
        match std::fs::read_to_string(&self.config) {
            Ok(text) => toml::from_str(&text).with_context(|| format!("{} cannot be parsed", self.config.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", self.config.display())),
        }
    }

    /// Writes the settings and keeps the admin's comments.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, config: &Config) -> anyhow::Result<()> {
        files::make_folder(self.folder())?;
        let before = match std::fs::read_to_string(&self.config) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => EXAMPLE.to_owned(),
            read => read.with_context(|| format!("{} cannot be read", self.config.display()))?,
        };
        files::write(&self.config, edit::merge(&before, config)?.as_bytes())
    }

    /// The sealer for this folder's secrets.
    ///
    /// # Errors
    /// As [`Sealer::load`].
    pub fn sealer(&self) -> anyhow::Result<Sealer> {
        if self.folder() == Path::new(SERVICE_FOLDER) && Path::new(SERVICE_KEY).parent().is_some_and(Path::is_dir) {
            return Sealer::load(Path::new(SERVICE_KEY));
        }
        Sealer::load(&self.folder().join(KEY_FILE))
    }
}

/// The service's folder, or a folder of their own for users who are not admins.
#[cfg(unix)]
fn usual_folder() -> PathBuf {
    let of_the_service = PathBuf::from(SERVICE_FOLDER);
    if std::fs::read_dir(&of_the_service).is_ok() {
        // It exists and we can read it.
        return of_the_service;
    }
    let own = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")));
    own.map_or(of_the_service, |own| own.join("paraph-connector"))
}

#[cfg(not(unix))]
fn usual_folder() -> PathBuf {
    std::env::var_os("ProgramData").map_or_else(std::env::temp_dir, PathBuf::from).join("Paraph Connector")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_loaded_and_comments_stay() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(Some(folder.path().join("new/paraph-connector.toml")));
        assert_eq!(place.load().unwrap(), Config::default());
        let mut config = Config::default();
        config.paraph.url = "https://signatures.example.com".into();
        config.query.sql = "SELECT mail,\n  \"Job Title\" AS title\nFROM staff".into();
        config.mappings.insert("address".into(), "mail".into());
        place.save(&config).unwrap();
        assert_eq!(place.load().unwrap(), config);
        let text = std::fs::read_to_string(place.config()).unwrap();
        assert!(text.contains("# A login that can only read"), "{text}");

        std::fs::write(place.config(), text.replace("[query]", "# ours\n[query]")).unwrap();
        config.mappings.clear();
        config.query.sql = "SELECT 1".into();
        place.save(&config).unwrap();
        assert_eq!(place.load().unwrap(), config);
        assert!(std::fs::read_to_string(place.config()).unwrap().contains("# ours\n[query]"));
    }

    #[test]
    fn a_setting_that_is_not_known_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(Some(folder.path().join("x.toml")));
        std::fs::write(place.config(), "[database]\nhots = \"db\"\n").unwrap();
        assert!(format!("{:#}", place.load().unwrap_err()).contains("hots"));
    }
}

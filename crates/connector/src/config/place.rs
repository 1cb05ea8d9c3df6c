//! Where the settings and everything else that is kept lie: one folder.

use super::{Config, EXAMPLE, edit};
use crate::files;
use crate::sealed::{KEY_FILE, Sealer};
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// The settings' file.
const CONFIG_FILE: &str = "paraph-connector.toml";

/// Where the service on Linux keeps its things.
pub const SERVICE_FOLDER: &str = "/var/lib/paraph-connector";
/// Its key: outside of the data folder, for root alone; systemd hands it to the service.
pub const SERVICE_KEY: &str = "/etc/paraph-connector/paraph-connector.key";

/// The data folder, known by the settings' file in it.
#[derive(Clone, Debug)]
pub struct Place {
    config: PathBuf,
}

impl Place {
    /// The folder of this settings file; without one, the usual folder of the system.
    pub fn new(config: Option<PathBuf>) -> Self {
        let config = config.unwrap_or_else(|| usual_folder().join(CONFIG_FILE));
        // So that the folder has a name, also where the file was named without one.
        Self { config: std::path::absolute(&config).unwrap_or(config) }
    }

    /// The settings' file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.config.parent().unwrap_or(Path::new("."))
    }

    /// Where the last runs are written down.
    pub fn status(&self) -> PathBuf {
        self.folder().join("paraph-connector.status.json")
    }

    /// The link to the configuration page of the program that works here.
    pub fn link(&self) -> PathBuf {
        self.folder().join("paraph-connector.link")
    }

    /// Held by the program that works here.
    pub fn lock(&self) -> PathBuf {
        self.folder().join("paraph-connector.lock")
    }

    /// Where rows lie until they are sent.
    pub fn spool(&self) -> PathBuf {
        self.folder().join("spool")
    }

    /// The settings; the defaults where there is no file yet.
    ///
    /// # Errors
    /// When the file cannot be read or understood: the text says where.
    pub fn load(&self) -> anyhow::Result<Config> {
        match std::fs::read_to_string(&self.config) {
            Ok(text) => toml::from_str(&text).with_context(|| format!("{} is not understood", self.config.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", self.config.display())),
        }
    }

    /// Writes the settings, and leaves the admin's comments where they are.
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

    /// What opens the secrets.
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

/// Where a service keeps its things, or an account that is no admin's its own.
#[cfg(unix)]
fn usual_folder() -> PathBuf {
    let of_the_service = PathBuf::from(SERVICE_FOLDER);
    if std::fs::read_dir(&of_the_service).is_ok() {
        // It is there and we may look into it.
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
        assert!(text.contains("# A login that may only read"), "{text}");

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

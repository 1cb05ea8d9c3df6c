//! What is not restored, and that nothing has changed then.

use super::{everything, parts, restore, with_companies, write};
use base64::Engine as _;
use flate2::read::GzDecoder;
use paraph::backup::format::{Head, Part, Reader, Writer};
use paraph::backup::{self};
use paraph::cli::data::backup::{BackupOptions, CopyOptions, RestoreOptions};
use paraph::cli::data::{backup as commands, migrate};
use paraph::clock::Clock;
use paraph::config::Config;
use paraph::sealing;
use paraph::store::{Store, Value};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use tempfile::TempDir;
use tests::app::NOON_MS;
use tests::postgres::{Place, for_each_engine, new_database, sqlite};
use tests::serving::Serving;

/// What happened to the parts of a backup.
type Damage = dyn Fn(&mut Vec<Part>);

#[tokio::test]
async fn a_backup_that_was_cut_off_or_damaged_anywhere_is_refused() {
    let place = sqlite().await;
    with_companies(&place.store).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("whole");
    write(&place.store, &file).await;
    let whole = std::fs::read(&file).unwrap();
    let all = everything(&place.store).await;
    let bad = folder.path().join("bad");
    let refused = async |what: String, bytes: &[u8]| {
        std::fs::write(&bad, bytes).unwrap();
        let error = backup::check(&bad).expect_err(&what);
        let text = format!("{error:#}");
        assert!(
            text.contains("damaged") || text.contains("cut off") || text.contains("not a backup"),
            "{what}: {text}"
        );
        assert!(restore(&place.store, &bad).await.is_err(), "{what}");
    };
    let step = whole.len() / 60;
    for length in (0..whole.len()).step_by(step).chain([whole.len() - 1, whole.len() - 8]) {
        refused(format!("cut off after {length} bytes"), &whole[..length]).await;
    }
    // The header of gzip has bytes without a meaning, and what is compressed has a bit here and there: a distance of two
    // equal places, for one.
    let plain = |packed: &[u8]| {
        let mut plain = Vec::new();
        GzDecoder::new(packed).read_to_end(&mut plain).map(|_| plain)
    };
    let mut harmless = 0;
    for at in (10..whole.len()).step_by(step) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        if plain(&bytes).is_ok_and(|read| read == plain(&whole).unwrap()) {
            harmless += 1;
            continue;
        }
        refused(format!("a bit of byte {at} turned"), &bytes).await;
    }
    assert!(harmless < 5, "{harmless} turned bits changed nothing");
    refused("something behind it".into(), &[whole.as_slice(), b"\n"].concat()).await;
    refused("twice".into(), &[whole.as_slice(), &whole].concat()).await;
    refused("no gzip".into(), b"{\"format\":\"paraph backup\"}\n").await;
    assert_eq!(everything(&place.store).await, all, "nothing was changed");
}

/// A backup with these parts, and a checksum that fits.
fn forged(file: &Path, head: &Head, parts: &[Part]) {
    let mut writer = Writer::new(File::create(file).unwrap(), head).unwrap();
    for part in parts {
        match part {
            Part::Table(name, columns) => writer.table(name.clone(), columns.clone()).unwrap(),
            Part::Row(row) => writer.row(row).unwrap(),
        }
    }
    writer.finish().unwrap();
}

#[tokio::test]
async fn what_the_database_refuses_late_changes_nothing() {
    for_each_engine(async |place: &Place| {
        with_companies(&place.store).await;
        let folder = tempfile::tempdir().unwrap();
        let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
        write(&place.store, &good).await;
        let (head, all) = (Reader::open(&good).unwrap().head, parts(&good));
        let last = all.iter().rposition(|part| matches!(part, Part::Row(_))).unwrap();
        let cases: [(&str, Box<Damage>); 5] = [
            ("a row twice", Box::new(move |parts| parts.insert(last, parts[last].clone()))),
            ("a row too short", Box::new(move |parts| parts[last] = Part::Row(vec![Value::Int(1)]))),
            (
                "a table of somebody else",
                Box::new(|parts| parts.push(Part::Table("pg_class".into(), vec!["a".into()]))),
            ),
            ("a table twice", Box::new(|parts| parts.push(parts[0].clone()))),
            ("a row without a table", Box::new(|parts| parts.insert(0, Part::Row(vec![Value::Null])))),
        ];
        for (what, change) in cases {
            let mut parts = all.clone();
            change(&mut parts);
            forged(&bad, &head, &parts);
            assert!(backup::check(&bad).is_ok(), "{what}: it is whole as a file");
            assert!(restore(&place.store, &bad).await.is_err(), "{what}");
            assert_eq!(everything(&place.store).await, all, "{what}");
            assert_eq!(place.store.pending_migrations().await, Ok(0), "{what}");
        }
        restore(&place.store, &good).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_backup_of_a_newer_version_is_refused_and_one_of_an_older_version_is_upgraded() {
    for_each_engine(async |place: &Place| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let newer = Head::new(NOON_MS, vec![1, 2, 9_999], None);
        forged(&file, &newer, &[]);
        let text = format!("{:#}", restore(&place.store, &file).await.unwrap_err());
        assert!(text.contains("newer"), "{text}");
        let format = Head { version: 2, ..Head::new(NOON_MS, vec![1], None) };
        forged(&file, &format, &[]);
        assert!(format!("{:#}", backup::check(&file).unwrap_err()).contains("newer"));

        let columns = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let text = |text: &str| Value::Text(text.into());
        let parts = [
            Part::Table("tenants".into(), columns("id entra_id name domains version created_ms delete_ms")),
            Part::Row(vec![text("t"), text("e"), text("Old"), text("[]"), Value::Int(7), Value::Int(1), Value::Null]),
            Part::Table("accounts".into(), columns("id email name password totp totp_pending totp_step created_ms")),
            Part::Row(vec![
                text("a"),
                text("ada@example.com"),
                text("Ada"),
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Int(0),
                Value::Int(1),
            ]),
        ];
        forged(&file, &Head::new(NOON_MS, vec![1, 2], None), &parts);
        restore(&place.store, &file).await.unwrap();
        assert_eq!(place.store.pending_migrations().await, Ok(0));
        assert_eq!(place.store.owners("t").await.unwrap(), ["ada@example.com"], "nobody could open it before");
    })
    .await;
}

/// A configuration with a database and a key file of its own.
struct Here {
    folder: TempDir,
    config: Config,
}

impl Here {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.database.url = format!("sqlite:{}", folder.path().join("paraph.db").display());
        migrate::run(&config).await.unwrap();
        let store = Store::connect(&config.database).await.unwrap();
        with_companies(&store).await;
        sealing::unlock(&config, &store, &Clock::system()).await.unwrap();
        store.close().await;
        Self { folder, config }
    }

    /// A folder without a database, and the settings for one there.
    fn elsewhere() -> (TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.database.url = format!("sqlite:{}", folder.path().join("paraph.db").display());
        (folder, config)
    }

    fn key(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("paraph.key")).unwrap()
    }
}

#[tokio::test]
async fn a_backup_is_restored_with_its_key_only_unless_somebody_knows_better() {
    let here = Here::new().await;
    let file = here.folder.path().join("paraph.backup");
    let text = commands::run(&here.config, &BackupOptions { file: file.clone(), replace: false }).await.unwrap();
    assert!(text.contains("The key is not in it") && text.contains("paraph.key"), "{text}");
    let key = here.key();
    let packed = std::fs::read(&file).unwrap();
    let mut plain = Vec::new();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut plain).unwrap();
    assert!(!String::from_utf8(plain).unwrap().contains(key.trim()));

    let options = |without_key| RestoreOptions { file: file.clone(), replace: false, without_key };
    let (folder, mut config) = Here::elsewhere();
    let error = format!("{:#}", commands::restore(&config, &options(false)).await.unwrap_err());
    assert!(error.contains("paraph.key is missing") && error.contains("--without-key"), "{error}");
    assert!(!folder.path().join("paraph.db").exists() && !folder.path().join("paraph.key").exists());
    config.secrets.key = base64::engine::general_purpose::STANDARD.encode([9; 32]);
    let error = format!("{:#}", commands::restore(&config, &options(false)).await.unwrap_err());
    assert!(error.contains("is not the key"), "{error}");
    config.secrets.key = key.trim().into();
    let text = commands::restore(&config, &options(false)).await.unwrap();
    assert!(text.contains("Example: nobody can open it in the console yet"), "{text}");
    let again = format!("{:#}", commands::restore(&config, &options(false)).await.unwrap_err());
    assert!(again.contains("not empty") && again.contains("2 tenants") && again.contains("--replace"), "{again}");
    let (_folder, config) = Here::elsewhere();
    commands::restore(&config, &options(true)).await.unwrap();
    let store = Store::connect(&config.database).await.unwrap();
    let refused = sealing::unlock(&config, &store, &Clock::system()).await.err().unwrap();
    assert!(format!("{refused:#}").contains("paraph key reset"), "{refused:#}");
}

#[tokio::test]
async fn a_copy_says_how_to_go_on_and_leaves_a_full_database_alone() {
    let here = Here::new().await;
    let to = new_database().await;
    let options = |replace| CopyOptions { to: to.clone(), replace };
    let text = commands::copy(&here.config, &options(false)).await.unwrap();
    assert!(text.contains("compared") && text.contains("secrets.key") && text.contains("paraph.key"), "{text}");
    let error = format!("{:#}", commands::copy(&here.config, &options(false)).await.unwrap_err());
    assert!(error.contains("not empty") && error.contains("--replace"), "{error}");
    commands::copy(&here.config, &options(true)).await.unwrap();
    let mut moved = here.config.clone();
    moved.database.url = to;
    moved.secrets.key = here.key().trim().into();
    let store = Store::connect(&moved.database).await.unwrap();
    sealing::unlock(&moved, &store, &Clock::system()).await.unwrap();
    for wrong in ["mysql://x", "paraph.db", &here.config.database.url] {
        assert!(
            commands::copy(&here.config, &CopyOptions { to: wrong.into(), replace: true }).await.is_err(),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn nothing_is_restored_under_a_running_server() {
    let mut server = Serving::new();
    server.start().await;
    assert!(server.run(&["backup", "all.backup"]).status.success());
    let restore = |server: &Serving| server.run(&["restore", "all.backup", "--replace"]);
    let refused = restore(&server);
    let text = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{text}");
    assert!(text.contains("stop it first"), "{text}");
    server.stop();
    let restored = restore(&server);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    server.start().await;
    server.stop();
}

//! The program `tsql`: a client that owes nothing to ours.

use super::start;
use neighbours::tds::{Encryption, PASSWORD, TdsServer, USER};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// How it is set up for a server.
struct Tsql {
    folder: TempDir,
}

impl Tsql {
    fn new(server: &TdsServer, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = server.port();
        let text =
            format!("[fake]\nhost = 127.0.0.1\nport = {port}\ntds version = 7.4\nclient charset = UTF-8\n{settings}\n");
        std::fs::write(folder.path().join("freetds.conf"), text).unwrap();
        std::fs::write(folder.path().join("own.pem"), server.certificate_pem()).unwrap();
        Self { folder }
    }

    /// What it says, results and errors, to `sql` in the batches that `go` separates.
    ///
    /// # Panics
    /// With an instruction when `tsql` is not installed.
    async fn run(&self, password: &str, sql: &str) -> String {
        let mut command = Command::new("tsql");
        command.args(["-S", "fake", "-U", USER, "-P", password, "-D", "crm", "-o", "q"]);
        command.env("FREETDSCONF", self.folder.path().join("freetds.conf")).env("LC_ALL", "C.UTF-8");
        command.current_dir(self.folder.path()).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = command.spawn();
        let mut tsql = started.expect("FreeTDS is needed: install it (on Debian: apt-get install freetds-bin)");
        let mut input = tsql.stdin.take().unwrap();
        // It may be gone before it reads anything: then it says why.
        let _gone = input.write_all(format!("{sql}\ngo\nexit\n").as_bytes()).await;
        drop(input);
        let output = tokio::time::timeout(Duration::from_secs(30), tsql.wait_with_output()).await.unwrap().unwrap();
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
    }
}

#[tokio::test]
async fn tsql_reads_a_table() {
    for encryption in [Encryption::NotSupported, Encryption::Off, Encryption::Required] {
        let server = start(encryption).await;
        let said = Tsql::new(&server, "").run(PASSWORD, "select * from people").await;
        let first = "1\tÅsa Räksmörgås 🦐\tChief “Analyst” €\tIt's a note\tSE \tab  \t1\t2.5\t0.5\t9007199254740993\t255\t-3\t\
                     1234.50\t42\t-19.9900\t6F9619FF-8B86-D011-B42D-00C04FC964FF\tDec 10 1815 12:00AM\t\
                     Nov 21 2026 12:34PM\tNov 21 2026 12:34PM\tNov 21 2026 12:34PM\t0102ff\tcafe\n";
        assert!(said.contains(first), "{encryption:?}: {said}");
        assert!(said.contains("2\tGrace\tNULL\tNULL"), "{encryption:?}: {said}");
        let login = &server.logins()[0];
        assert_eq!(login.was_encrypted, encryption != Encryption::NotSupported, "{encryption:?}");
    }
}

#[tokio::test]
async fn tsql_trusts_our_certificate_and_no_other() {
    let server = start(Encryption::Required).await;
    let tsql = Tsql::new(&server, "encryption = require\nca file = own.pem");
    let said = tsql.run(PASSWORD, "select name from people where id = 2").await;
    assert!(said.contains("Grace"), "{said}");
    let other = start(Encryption::Required).await;
    std::fs::write(tsql.folder.path().join("own.pem"), other.certificate_pem()).unwrap();
    let said = tsql.run(PASSWORD, "select name from people where id = 2").await;
    assert!(!said.contains("Grace") && said.contains("There was a problem connecting to the server"), "{said}");
}

#[tokio::test]
async fn tsql_is_told_what_is_wrong() {
    let server = start(Encryption::Off).await;
    let tsql = Tsql::new(&server, "");
    let said = tsql.run("wrong", "select 1").await;
    assert!(said.contains("Msg 18456 (severity 14, state 1) from PARAPH-FAKE"), "{said}");
    assert!(said.contains("Login failed for user 'reader'."), "{said}");
    let said = tsql.run(PASSWORD, "select * from missing\ngo\nselect * form people\ngo\nselect name from people").await;
    assert!(
        said.contains("Msg 208 (severity 16, state 1)") && said.contains("Invalid object name 'missing'."),
        "{said}"
    );
    assert!(
        said.contains("Msg 102 (severity 15, state 1)") && said.contains("Incorrect syntax near 'form'."),
        "{said}"
    );
    assert!(said.contains("Grace"), "{said}");
}

#[tokio::test]
async fn tsql_reads_a_large_result_and_rolls_back() {
    let server = start(Encryption::Required).await;
    let batches = "select n, square from numbers\ngo\nbegin tran\ngo\ndelete from numbers\ngo\nrollback\ngo\n\
                   select count(*) from numbers";
    let said = Tsql::new(&server, "").run(PASSWORD, batches).await;
    assert!(said.contains("20000\t400000000\n"), "the last row is there");
    assert!(said.trim_end().ends_with("20000"), "{}", &said[said.len() - 100..]);
    assert!(!said.contains("Msg "), "no errors");
}

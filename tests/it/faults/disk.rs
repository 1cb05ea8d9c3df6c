//! No room on the disk with the database. A limit on the size of files stands for it everywhere; where a small disk can be
//! mounted, the same is done with that.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use tests::clerk::Clerk;
use tests::serving::Serving;
use tests::small_disk::{SmallDisk, can_be_limited, limit_files};

/// The first page of every file can be written, and nothing more.
const ONE_PAGE: u64 = 4096;

#[tokio::test]
async fn a_full_disk_refuses_writes_and_nothing_else_until_there_is_room() {
    let mut serving = Serving::new();
    let (log, out) = (serving.folder.path().join("limited-log"), serving.folder.path().join("out"));
    let start = |command: &mut Command| {
        can_be_limited(command);
        command.stdout(std::fs::File::create(&out).unwrap()).stderr(std::fs::File::create(&log).unwrap());
    };
    serving.start_with(start).await;
    let url = format!("sqlite:{}", serving.folder.path().join("paraph.db").display());
    let full = |serving: &Serving, is_full: bool| limit_files(serving, is_full.then_some(ONE_PAGE));
    full_and_freed(&serving, &url, &full).await;
    serving.stop();
}

#[tokio::test]
async fn a_small_disk_refuses_writes_and_nothing_else_until_there_is_room() {
    let Some(disk) = SmallDisk::mount() else {
        return println!("no disk can be mounted here: the limit on files alone stands for it");
    };
    let mut serving = Serving::new();
    let url = format!("sqlite:{}", disk.path("paraph.db").display());
    serving.set("database.url", &url);
    serving.start().await;
    full_and_freed(&serving, &url, &|_, is_full| if is_full { disk.fill(0) } else { disk.free() }).await;
    serving.stop();
}

async fn full_and_freed(serving: &Serving, url: &str, full: &dyn Fn(&Serving, bool)) {
    let clerk = Clerk::new(serving).await;
    clerk.must_add().await;
    for _ in 0..3 {
        full(serving, true);
        // Some writes find room in the log that is there already.
        while clerk.add().await.is_some_and(|(status, _)| status == 201) {}
        for _ in 0..5 {
            clerk.must_be_refused().await;
            assert_eq!(clerk.read().await, 200);
        }
        full(serving, false);
        for _ in 0..5 {
            clerk.must_add().await;
        }
    }
    clerk.check(url).await;
}

#[tokio::test]
async fn a_command_without_room_says_to_make_some() {
    for with_database in [false, true] {
        let serving = Serving::new();
        if with_database {
            assert!(serving.run(&["migrate"]).status.success());
        }
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; ulimit -S -f 1; exec \"$0\" migrate"])
            .arg(tests::serving::binary().unwrap());
        command.envs(serving.command(&[]).get_envs().filter_map(|(key, value)| Some((key, value?))));
        says_to_make_room(&command.current_dir(serving.folder.path()).output().unwrap());
    }
}

#[tokio::test]
async fn a_command_on_a_small_disk_says_to_make_room_however_little_there_is() {
    let Some(disk) = SmallDisk::mount() else {
        return println!("no disk can be mounted here: the limit on files alone stands for it");
    };
    let mut serving = Serving::new();
    serving.set("database.url", &format!("sqlite:{}", disk.path("paraph.db").display()));
    serving.start().await;
    Clerk::new(&serving).await.must_add().await;
    serving.kill();
    for kibibytes in (0..=64).step_by(16) {
        disk.fill(kibibytes * 1024);
        says_to_make_room(&serving.run(&["migrate"]));
    }
    disk.free();
    assert!(serving.run(&["migrate"]).status.success());
}

#[tokio::test]
async fn a_start_without_room_waits_until_there_is_some() {
    for with_database in [false, true] {
        let mut serving = Serving::new();
        if with_database {
            assert!(serving.run(&["migrate"]).status.success());
        }
        let file = serving.folder.path().join("pid");
        let (log, stderr) = std::io::pipe().unwrap();
        let freed = std::thread::spawn({
            let file = file.clone();
            move || {
                let waits =
                    |line: &String| line.contains("waiting for the database") && line.contains("free some space");
                let mut lines = BufReader::new(log).lines().map(Result::unwrap);
                let waited = lines.by_ref().any(|line| waits(&line));
                let id = std::fs::read_to_string(file).unwrap();
                let free =
                    Command::new("prlimit").arg(format!("--pid={}", id.trim())).arg("--fsize=unlimited:").status();
                // To its end, for nobody may find the pipe full.
                (waited, free.unwrap().success(), lines.count())
            }
        });
        let start = |command: &mut Command| {
            let mut limited = Command::new("sh");
            let wait = "echo $$ > \"$1\"; trap '' XFSZ; ulimit -S -f 1; exec \"$0\" serve";
            limited.args(["-c", wait]).arg(command.get_program()).arg(&file);
            limited.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
            limited.current_dir(command.get_current_dir().unwrap()).stderr(stderr).stdout(Stdio::null());
            *command = limited;
        };
        serving.start_with(start).await;
        serving.stop();
        let (waited, free, _) = freed.join().unwrap();
        assert!(waited && free, "it did not wait");
    }
}

fn says_to_make_room(said: &std::process::Output) {
    let text = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(1), "{}: {text}", said.status);
    assert!(text.contains("full: free some space") && !text.contains("max_connections"), "{text}");
}

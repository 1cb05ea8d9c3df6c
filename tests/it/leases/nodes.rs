//! Two nodes with clocks of their own, killed, stalled and set at random: nothing is done by both at a time, and nothing
//! is lost.

use super::{LANE, ask};
use crate::people::at_each_server;
use futures_util::FutureExt as _;
use paraph::clock::Clock;
use paraph::leases::{Leases, Outcome, Run};
use paraph::store::{LeaseKey, Store};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tests::app::NOON_MS;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

const HOUR_MS: i64 = 3_600_000;
/// As often as nodes beat.
const TICK_MS: i64 = 5_000;
const SEEDS: u64 = 4;
const STEPS: usize = 250;
const THINGS: usize = 12;

/// What is being done, by whom: node and what ends it.
type Doing = Arc<Mutex<HashMap<(LeaseKey, usize), oneshot::Sender<Outcome>>>>;

/// Takes something off the list when nobody does it any more.
struct Done(Doing, (LeaseKey, usize));

impl Drop for Done {
    fn drop(&mut self) {
        self.0.lock().unwrap().remove(&self.1);
    }
}

struct Node {
    number: usize,
    leases: Leases,
    clock: Clock,
    stalled: bool,
    tasks: Vec<JoinHandle<()>>,
}

struct World {
    store: Store,
    keys: Vec<LeaseKey>,
    doing: Doing,
    nodes: Vec<Node>,
    born: usize,
    /// Of nodes that are stalled.
    asleep: Arc<Mutex<Vec<usize>>>,
    random: u64,
    finished: HashMap<LeaseKey, usize>,
}

impl World {
    /// A number below `limit`: splitmix64.
    fn pick(&mut self, limit: usize) -> usize {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    fn birth(&mut self) {
        self.born += 1;
        let clock = Clock::mock(NOON_MS + i64::try_from(self.born).unwrap() * 1_000);
        let leases = Leases::new(self.store.clone(), clock.clone(), false);
        self.nodes.push(Node { number: self.born, leases, clock, stalled: false, tasks: Vec::new() });
    }

    /// Has a node take something, if nobody has it.
    async fn take(&mut self, at: usize) {
        let key = {
            let which = self.pick(self.keys.len());
            self.keys[which].clone()
        };
        let (doing, asleep, number) = (Arc::clone(&self.doing), Arc::clone(&self.asleep), self.nodes[at].number);
        let (began, mut begins) = mpsc::unbounded_channel();
        let run: Run = Arc::new(move |held| {
            let (key, (end, ended)) = (held.lease.key.clone(), oneshot::channel());
            let mut all = doing.lock().unwrap();
            // A stalled node does nothing; what it is in the midst of counts again once it wakes.
            let awake = |node: &usize| !asleep.lock().unwrap().contains(node);
            let others: Vec<_> = all.keys().filter(|(other, node)| *other == key && awake(node)).collect();
            assert!(others.is_empty(), "{key:?} is done by node {number} and by {others:?}");
            all.insert((key.clone(), number), end);
            drop(all);
            let done = Done(Arc::clone(&doing), (key, number));
            began.send(()).unwrap();
            async move {
                let _done = done;
                ended.await.unwrap_or(Outcome::Cancelled)
            }
            .boxed()
        });
        let leases = self.nodes[at].leases.clone();
        let (finished, mut ends) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            leases.do_one(&key, LANE, &run).await.unwrap();
            drop(run);
            let _ = finished.send(());
        });
        tokio::select! {
            _ = begins.recv() => {}
            _ = ends.recv() => {}
        }
        self.nodes[at].tasks.push(task);
    }

    /// Ends something that a node is in the midst of.
    async fn finish(&mut self, at: usize) {
        let number = self.nodes[at].number;
        let mine: Vec<_> = self.doing.lock().unwrap().keys().filter(|(_, node)| *node == number).cloned().collect();
        if mine.is_empty() {
            return;
        }
        let which = {
            let pick = self.pick(mine.len());
            mine[pick].clone()
        };
        let outcome = if self.pick(3) == 0 { Outcome::Done } else { Outcome::Snooze(NOON_MS) };
        let end = self.doing.lock().unwrap().remove(&which).unwrap();
        end.send(outcome.clone()).unwrap();
        let is_over = |task: &JoinHandle<()>| task.is_finished();
        let before = self.nodes[at].tasks.iter().filter(|task| is_over(task)).count();
        while self.nodes[at].tasks.iter().filter(|task| is_over(task)).count() == before {
            tokio::task::yield_now().await;
        }
        if outcome == Outcome::Done {
            *self.finished.entry(which.0).or_default() += 1;
        }
    }

    /// Five seconds pass for everybody.
    async fn tick(&mut self) {
        for node in &self.nodes {
            node.clock.advance_ms(TICK_MS);
        }
        for node in self.nodes.iter().filter(|node| !node.stalled) {
            node.leases.node().beat().await.unwrap();
            node.leases.node().look_after_others().await.unwrap();
        }
        self.forgotten().await;
    }

    /// Waits until nodes that lost everything have let go of it.
    async fn forgotten(&self) {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }

    async fn step(&mut self) {
        let at = self.pick(self.nodes.len());
        match (self.pick(20), self.nodes[at].stalled) {
            (0..7, false) => self.take(at).await,
            (7..11, false) => self.finish(at).await,
            (11..14, _) => self.tick().await,
            (14, _) => self.nodes[at].clock.jump_ms(HOUR_MS),
            (15, _) => self.nodes[at].clock.jump_ms(-HOUR_MS),
            (16, false) => {
                self.nodes[at].stalled = true;
                self.asleep.lock().unwrap().push(self.nodes[at].number);
            }
            (17 | 18, true) => {
                // The first thing that it does is what its timer has it do.
                self.nodes[at].leases.node().beat().await.unwrap();
                self.forgotten().await;
                self.nodes[at].stalled = false;
                let number = self.nodes[at].number;
                self.asleep.lock().unwrap().retain(|asleep| *asleep != number);
            }
            (19, _) => self.kill(at).await,
            _ => {}
        }
    }

    /// A node dies, and another one starts in its place.
    async fn kill(&mut self, at: usize) {
        let node = self.nodes.swap_remove(at);
        node.tasks.iter().for_each(JoinHandle::abort);
        for task in node.tasks {
            let _ = task.await;
        }
        self.doing.lock().unwrap().retain(|(_, by), _| *by != node.number);
        self.birth();
    }
}

#[tokio::test]
async fn nothing_is_done_by_two_nodes_at_a_time_and_nothing_is_lost() {
    at_each_server(async |app| {
        // Nodes that were there, and things that were done.
        let mut tried = (0, 0);
        for seed in 1..=SEEDS {
            let keys = ask(app, (0..THINGS).map(|number| format!("{seed}-{number}"))).await;
            let mut world = World {
                store: app.app.store.clone(),
                keys,
                doing: Doing::default(),
                nodes: Vec::new(),
                born: 0,
                asleep: Arc::default(),
                random: seed,
                finished: HashMap::new(),
            };
            world.birth();
            world.birth();
            for _ in 0..STEPS {
                world.step().await;
            }
            tried.0 += world.born;
            tried.1 += world.finished.len();
            for (key, times) in &world.finished {
                assert_eq!(*times, 1, "{key:?} of seed {seed}");
            }
            // Everybody dies: what they had is free within a minute of somebody else being there.
            while !world.nodes.is_empty() {
                world.kill(0).await;
                world.nodes.pop();
            }
            world.birth();
            for _ in 0..60_000 / TICK_MS {
                world.tick().await;
            }
            for key in world.keys.clone() {
                let is_over = world.finished.contains_key(&key);
                let done: Run = Arc::new(|_| std::future::ready(Outcome::Done).boxed());
                let ended = world.nodes[0].leases.do_one(&key, LANE, &done).await.unwrap();
                assert_eq!(ended, if is_over { None } else { Some(Outcome::Done) }, "{key:?} of seed {seed}");
            }
        }
        assert!(tried.0 > 20 && tried.1 > 10, "{tried:?}");
    })
    .await;
}

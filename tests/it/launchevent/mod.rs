//! `assets/launchevent.js`, the real file, in a bare engine: no window, document, URL, localStorage or console, only what
//! classic Outlook documents, and a host that misbehaves at will (`tests/data/launchevent/outlook.js`). Time is virtual.

mod drafts;
mod file;
mod insertion;
mod misbehaviour;
mod overtaking;
mod server;
mod unsure;
mod weather;

use boa_engine::{Context, Source};
use serde::de::DeserializeOwned;

const HANDLER: &str = include_str!("../../../assets/launchevent.js");
const OUTLOOK: &str = include_str!("../../data/launchevent/outlook.js");

pub(crate) const NEW: &str = "paraphOnNewMessage";
const RECIPIENTS: &str = "paraphOnRecipientsChanged";
const FROM: &str = "paraphOnFromChanged";
const APPOINTMENT: &str = "paraphOnNewAppointment";

/// Outlook with one draft. When it goes, every event must have been completed exactly once, within 5 s of its start.
pub(crate) struct Scene {
    context: Context,
    fired: usize,
}

impl Scene {
    /// Loads the handler into an Outlook that `setup` (JavaScript about `world`) has prepared.
    pub(crate) fn new(setup: &str) -> Self {
        let mut scene = Self { context: Context::default(), fired: 0 };
        scene.eval(OUTLOOK);
        scene.eval(setup);
        scene.eval(HANDLER);
        scene
    }

    /// Fires one event and lets everything happen that follows from it.
    pub(crate) fn fire(&mut self, event: &str) -> &mut Self {
        self.start(event).settle()
    }

    /// Fires one event and returns at once.
    fn start(&mut self, event: &str) -> &mut Self {
        self.fired += 1;
        self.run(&format!("world.start = world.now; world.fire('{event}');"));
        self
    }

    /// Runs whatever is due, and the clock, until nothing is left to happen.
    fn settle(&mut self) -> &mut Self {
        loop {
            self.context.run_jobs().expect("no job throws");
            if !self.js::<bool>("world.tick()") {
                return self;
            }
        }
    }

    /// Runs whatever is due within `ms` of the last event.
    fn until(&mut self, ms: u32) -> &mut Self {
        self.run(&format!("world.later({ms} - (world.now - world.start), function () {{ world.paused = true; }})"));
        loop {
            self.context.run_jobs().expect("no job throws");
            if self.js::<bool>("world.paused === true") {
                self.run("world.paused = false");
                return self;
            }
            self.js::<bool>("world.tick()");
        }
    }

    /// Changes the world.
    fn run(&mut self, script: &str) -> &mut Self {
        self.eval(script);
        self
    }

    /// What an expression is now.
    fn js<T: DeserializeOwned>(&mut self, expression: &str) -> T {
        let value = self.eval(&format!("JSON.stringify({expression})"));
        let json = value.as_string().map_or_else(|| "null".to_owned(), |text| text.to_std_string_escaped());
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{expression} = {json}: {error}"))
    }

    /// Every `setSignatureAsync` so far: data and coercion type.
    fn sets(&mut self) -> Vec<(String, String)> {
        self.js("world.sets().map(function (call) { return [call.args[0], call.args[1].coercionType]; })")
    }

    /// The state in sessionData, or null.
    fn state(&mut self) -> serde_json::Value {
        self.js("world.state()")
    }

    fn count(&mut self, path: &str) -> usize {
        self.js(&format!("world.count('{path}')"))
    }

    fn requests(&mut self) -> usize {
        self.js("world.requests.length")
    }

    fn eval(&mut self, script: &str) -> boa_engine::JsValue {
        self.context.eval(Source::from_bytes(script)).unwrap_or_else(|error| panic!("{error}\nin: {script:.200}"))
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let completed: Vec<i64> = self.js("world.completed.map(function (one) { return one.at; })");
        assert_eq!(completed.len(), self.fired, "every event is completed exactly once: {completed:?}");
        assert!(completed.iter().all(|at| *at <= 5_000), "within 5 s: {completed:?}");
        assert_eq!(self.js::<usize>("world.overlaps"), 0, "one Office call at a time");
    }
}

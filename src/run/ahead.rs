//! What a run now would do, told again whenever something changed that the answer was made from.
//!
//! ```text
//!  files, records ──LookingWorld──▶ open ▶ observe ▶ decide ──▶ Outlook
//!        └──────────── another than it was read? ◀── Sight ◀──┘
//! ```
//!
//! The stages are those of every command that only looks; they go through a world that remembers what they read and that
//! refuses to write. So nothing is built or recorded, no lock is taken, and whatever the answer depends on is watched:
//! also the file that isn't there yet, and the records that a run changes. One answer is made at a time. Whoever holds
//! the database is waited for without being disturbed, and a run under way is left to its end.
//!
//! Files are looked at again and again rather than waited for by the system's events: those don't come from network
//! drives and from folders that a container has of its host, and what is read is known here file by file.

use super::expected::Scans;
use super::{Caching, Decided, Failure, Opened, Purpose, Selection, Tell, Wanted, open, place};
use crate::artifact::progress::under_way;
use crate::artifact::wire::PlannedHook;
use crate::artifact::{Layout, OWN};
use crate::diagnostic::Diagnostic;
use crate::engine::ErrorKind;
use crate::graph::Graph;
use crate::plan::Plan;
use crate::secret::Secrets;
use crate::world::{LookingWorld, Sight, World};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often one should ask.
pub const LOOK: Duration = Duration::from_millis(100);

/// At most one in so many parts of the time is spent looking.
const SHARE: u32 = 20;

/// Before one asks again for what somebody else holds.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long the engine may be asked what queries would scan.
const ESTIMATING: Duration = Duration::from_millis(300);

/// A project that is followed.
pub struct Ahead {
    world: Arc<dyn World>,
    looking: Arc<LookingWorld>,
    layout: Layout,
    wanted: Wanted,
    selection: Selection,
    caching: Caching,
    /// What the last answer was made from; `None` where it is to be made in any case.
    seen: Option<Sight>,
    /// What was seen at the last look, where that was another: an answer is made once it rests.
    changing: Option<Sight>,
    /// By the clock of the world: not before.
    next: Duration,
    /// That somebody holds what is needed was told.
    busy: bool,
}

/// An answer.
pub enum Outlook {
    Planned(Box<Planned>),
    /// There is no plan: why.
    Wrong(Failure),
    /// Somebody else has what is needed, in words. It is asked again by itself.
    Busy(String),
}

/// The decisions of a run now.
pub struct Planned {
    pub at: Timestamp,
    pub graph: Graph,
    pub plan: Plan,
    /// What would run beside it.
    pub hooks: Vec<PlannedHook>,
    /// What the engine expects to scan, where it can tell that soon.
    pub scans: Option<Scans>,
    pub warnings: Vec<Diagnostic>,
    /// What else is to be said.
    pub notes: Vec<String>,
}

impl Ahead {
    /// Of a project whose files may be wrong.
    ///
    /// # Errors
    /// There is no such project.
    pub fn new(
        world: Arc<dyn World>,
        wanted: Wanted,
        selection: Selection,
        caching: Caching,
    ) -> Result<Ahead, Failure> {
        let root = place::recorded_root(&*world, wanted.folder.as_deref())?;
        let layout = place::layout(&*world, &root)?;
        let looking = Arc::new(LookingWorld::new(world.clone(), &OWN));
        // Named once: a command may stand in another folder by the time the project is opened again.
        let wanted = Wanted { folder: Some(root), ..wanted };
        let (seen, changing, next, busy) = (None, None, Duration::ZERO, false);
        Ok(Ahead { world, looking, layout, wanted, selection, caching, seen, changing, next, busy })
    }

    /// The answer, where it is another than at the last call, as far as that is known.
    pub fn look(&mut self, tell: &dyn Tell) -> Option<Outlook> {
        let began = self.world.elapsed();
        if began < self.next {
            return None;
        }
        if let Some(progress) = under_way(&*self.world, &self.layout) {
            return self.wait(began, progress.words());
        }
        if !self.is_due() {
            self.next = if self.changing.is_some() {
                began
            } else {
                let ended = self.world.elapsed();
                ended + (ended - began) * SHARE
            };
            return None;
        }
        self.looking.forget();
        let planned = self.plan(tell);
        self.seen = Some(self.looking.forget());
        self.changing = None;
        match planned {
            Err(failure) => match busy(&failure) {
                Some(words) => self.wait(began, words),
                None => Some(self.answer(Outlook::Wrong(failure))),
            },
            Ok(planned) => Some(self.answer(Outlook::Planned(Box::new(planned)))),
        }
    }

    fn answer(&mut self, outlook: Outlook) -> Outlook {
        self.busy = false;
        outlook
    }

    /// Tells once that somebody holds what is needed.
    fn wait(&mut self, began: Duration, words: String) -> Option<Outlook> {
        self.seen = None;
        self.changing = None;
        self.next = began + PATIENCE;
        let told = std::mem::replace(&mut self.busy, true);
        (!told).then_some(Outlook::Busy(words))
    }

    /// Whether something changed and has come to rest.
    fn is_due(&mut self) -> bool {
        let Some(seen) = &self.seen else { return true };
        let now = self.looking.again(seen);
        if now == *seen {
            self.changing = None;
            return false;
        }
        let rests = self.changing.as_ref() == Some(&now);
        self.changing = Some(now);
        rests
    }

    fn plan(&self, tell: &dyn Tell) -> Result<Planned, Failure> {
        let at = self.world.now();
        let gathering = Gathering { tell, said: Mutex::default() };
        let opened: Opened = open(self.looking.clone(), &gathering, &self.wanted, Purpose::Look, true)?;
        let limit = opened.query_limit()?;
        let standing = opened.observe(&gathering)?;
        standing.can_hold(limit.as_ref())?;
        let mut decided: Decided = standing.decide(&gathering, &self.selection, self.caching.clone())?;
        let scans = decided.scans(ESTIMATING);
        let hooks = decided.hooks();
        // With what stands, the database is let go of.
        let Decided { standing, plan, .. } = decided;
        let Said { warnings, mut notes } = gathering.said.into_inner().unwrap_or_else(PoisonError::into_inner);
        notes.extend(standing.python_notes);
        Ok(Planned { at, graph: standing.graph, plan, hooks, scans, warnings, notes })
    }
}

/// Who holds what is needed, in words, where a failure says no more than that.
fn busy(failure: &Failure) -> Option<String> {
    match failure {
        Failure::Busy(message, _) => Some(message.clone()),
        Failure::Engine(error) if error.kind == ErrorKind::Locked => Some(error.message.clone()),
        _ => None,
    }
}

/// Gathers what is said of one answer; what is to be hidden is passed on.
struct Gathering<'a> {
    tell: &'a dyn Tell,
    said: Mutex<Said>,
}

#[derive(Default)]
struct Said {
    warnings: Vec<Diagnostic>,
    notes: Vec<String>,
}

impl Gathering<'_> {
    fn note(&self, text: &str) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).notes.push(text.to_string());
    }
}

impl Tell for Gathering<'_> {
    fn hide(&self, secrets: Arc<Secrets>) {
        self.tell.hide(secrets);
    }

    fn warn(&self, problem: &Diagnostic) {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).warnings.push(problem.clone());
    }

    fn warning(&self, text: &str) {
        self.note(text);
    }

    /// Nothing is waited for.
    fn waiting(&self, _text: &str) {}

    fn note(&self, text: &str) {
        Gathering::note(self, text);
    }

    fn error(&self, text: &str) {
        self.note(text);
    }
}

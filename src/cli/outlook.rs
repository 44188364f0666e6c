//! What a run now would do, as JSON: a line of `fft plan --watch --json`, and what `fft docs serve` hands to its pages.

use crate::artifact::wire::{Root, Word, ahead, planned, summary};
use crate::diagnostic::{Diagnostic, brief};
use crate::execute::Status;
use crate::plan::{Action, Decision};
use crate::run::{Outlook, Planned};
use crate::site::name::node_page;
use crate::site::word::Badge;
use crate::world::instant;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Characters of a reason that a page gets.
const REASON: usize = 300;

/// The whole of it, in a form that one object a line has; `at` is when it was made.
pub fn line(outlook: &Outlook, at: Timestamp) -> Value {
    let mut all = Map::from_iter([
        ("at".to_string(), json!(instant(at))),
        ("busy".into(), Value::Null),
        ("plan".into(), Value::Null),
        ("problems".into(), json!([])),
        ("scans".into(), Value::Null),
        ("sentence".into(), Value::Null),
        ("state".into(), json!(state(outlook))),
        ("warnings".into(), json!([])),
    ]);
    match outlook {
        Outlook::Busy(words) => drop(all.insert("busy".into(), json!(words))),
        Outlook::Wrong(failure) => drop(all.insert("problems".into(), json!(failure.problems()))),
        Outlook::Planned(plan) => {
            all.insert("plan".into(), planned(&plan.graph, &plan.plan, &plan.hooks, &Value::Null));
            all.insert("scans".into(), json!(plan.scans));
            all.insert("sentence".into(), json!(sentence(plan)));
            all.insert("warnings".into(), json!(plan.warnings));
        }
    }
    Value::Object(all)
}

/// What the run would do, in a sentence.
pub fn sentence(planned: &Planned) -> String {
    ahead(&planned.plan, |name| planned.graph.id(name).is_some())
}

fn state(outlook: &Outlook) -> &'static str {
    match outlook {
        Outlook::Busy(_) => "busy",
        Outlook::Wrong(_) => "wrong",
        Outlook::Planned(_) => "planned",
    }
}

/// What pages show: the last plan that there was, and what is in the way of a newer one.
#[derive(Default)]
pub struct Shown {
    /// When the plan was made.
    plan: Option<Value>,
    problems: Vec<Value>,
    busy: Option<String>,
}

impl Shown {
    pub fn take(&mut self, outlook: Outlook) {
        self.busy = None;
        match outlook {
            Outlook::Busy(words) => self.busy = Some(words),
            Outlook::Wrong(failure) => self.problems = failure.problems().iter().filter_map(problem).collect(),
            Outlook::Planned(plan) => {
                self.problems = Vec::new();
                self.plan = Some(plan_of(&plan));
            }
        }
    }

    pub fn json(&self) -> Value {
        json!({ "busy": self.busy, "plan": self.plan, "problems": self.problems })
    }
}

/// An error as a page shows it; warnings are the terminal's.
fn problem(problem: &Diagnostic) -> Option<Value> {
    let at = problem.at.as_ref().map(ToString::to_string);
    let words = brief(&problem.message, 2_000);
    (!problem.is_warning()).then(|| {
        json!({ "at": at, "code": problem.code, "excerpt": problem.excerpt, "hints": problem.hints, "message": words })
    })
}

/// What would be built, node by node; what would be skipped is a number.
fn plan_of(planned: &Planned) -> Value {
    let Planned { at, graph, plan, scans, .. } = planned;
    let of = |action| plan.decisions.iter().filter(move |decision| decision.action == action);
    let node = |decision: &Decision| {
        let name = graph.nodes[decision.node].name.as_str();
        let Badge { class, glyph, word } =
            Badge::known(Status::Success, decision.role).in_mode(decision.mode.map(Word::Known).as_ref());
        let bytes = scans.as_ref().and_then(|scans| scans.nodes.get(name));
        json!({
            "bytes": bytes.map(|bytes| crate::project::shown_size(*bytes)),
            "class": class, "glyph": glyph, "name": name, "page": node_page(name),
            "why": brief(&summary(decision), REASON), "word": word,
        })
    };
    let root =
        |root: Root| json!({ "impact": root.impact, "name": root.name, "sentence": brief(&root.sentence, REASON) });
    json!({
        "at": instant(*at),
        "nodes": of(Action::Build).map(node).collect::<Vec<_>>(),
        "roots": Root::all(plan).into_iter().map(root).collect::<Vec<_>>(),
        "scans": scans.as_ref().map(|scans| scans.words()),
        "sentence": sentence(planned),
        "skipped": of(Action::Skip).count(),
    })
}

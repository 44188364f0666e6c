//! Whether a test runs, with every reason, or is skipped, with the proof.
//!
//! A test is skipped where it passed on exactly the rows that stand now: its query and its terms are the same, each node
//! that it reads holds what it held, and nothing that it reads is out of sight. One that failed runs again, and so does one
//! whose answer over the same rows may change: it asks for the time.

use super::{DataTest, Reads, Record, SourceKey, TestStatus};
use crate::fingerprint::{Data, Fingerprint, Unwatched};
use crate::plan::{CacheMode, Cause, Check, CheckName, Code, Detail, Evidence, Inputs, TextDiff, causes_between};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestAction {
    Run,
    Skip,
    /// What it reads isn't there.
    Block,
}

/// What is done with a test, and why. There is a reason at least.
#[derive(Clone, Debug)]
pub struct TestDecision {
    pub action: TestAction,
    causes: Vec<Cause>,
    pub checks: Vec<Check>,
    /// The run whose result it is compared with, and when that was.
    pub baseline: Option<(String, String)>,
    pub fingerprint: Fingerprint,
}

impl TestDecision {
    /// A test that isn't run for one reason.
    pub fn blocked(cause: Cause, fingerprint: Fingerprint) -> TestDecision {
        let (checks, baseline) = (Vec::new(), None);
        TestDecision { action: TestAction::Block, causes: vec![cause], checks, baseline, fingerprint }
    }

    /// Every reason, primary first.
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    pub fn primary(&self) -> &Cause {
        &self.causes[0]
    }
}

/// What was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request {
    pub mode: CacheMode,
    /// `fingerprint.cosmetic: skip`.
    pub cosmetic_skip: bool,
    /// Run what reads data that nothing watches.
    pub run_unwatched: bool,
}

/// Decides for a test, whose `fingerprint` is over `reads` and `data`.
pub fn decide(
    test: &DataTest,
    fingerprint: Fingerprint,
    reads: &[Reads],
    data: &BTreeMap<SourceKey, Data>,
    record: Option<&Record>,
    request: Request,
) -> TestDecision {
    if let Some(missing) = reads.iter().find(|read| read.missing) {
        return TestDecision::blocked(Cause::named(Code::RelationMissing, &*missing.name), fingerprint);
    }
    let unwatched = unwatched(test, reads, data);
    let inputs = record.map(|record| changed(test, record, &fingerprint, reads)).unwrap_or_default();
    let rows = record.map(|record| other_rows(record, reads)).unwrap_or_default();
    let unseen: Vec<Cause> = unwatched.iter().filter(|_| request.run_unwatched).map(unwatched_cause).collect();
    let clock = test.clock.iter().map(|word| Cause::named(Code::ReadsClock, word.as_str()));
    let checks = checks(record, &fingerprint, &inputs, &rows, (&unwatched, test.clock.as_deref()), request);
    let mut causes: Vec<Cause> = asked(request.mode).into_iter().chain(clock).collect();
    match record {
        None => causes.push(Cause::new(Code::FirstTest)),
        Some(record) if record.status != TestStatus::Pass => {
            causes.push(Cause::new(Code::PreviousTestFailed).detail(Detail::Run(record.run_id.clone())));
        }
        Some(_) => {}
    }
    causes.extend(inputs.into_iter().chain(rows).chain(unseen));
    let runs = |cause: &Cause| drives(cause, request.cosmetic_skip);
    let action = if causes.iter().any(runs) { TestAction::Run } else { TestAction::Skip };
    causes.sort_by_key(|cause| (!runs(cause), cause.code));
    if action == TestAction::Skip {
        causes.insert(0, proof(&causes, &unwatched));
    }
    let baseline = record.map(|record| (record.run_id.clone(), record.tested_at.clone()));
    TestDecision { action, causes, checks, baseline, fingerprint }
}

/// Whether this alone makes a test run. A node that holds the very rows that it held doesn't.
fn drives(cause: &Cause, cosmetic_skip: bool) -> bool {
    let same_rows = cause.code == Code::UpstreamChanged && cause.cosmetic == Some(true);
    !same_rows && cause.drives(cosmetic_skip)
}

fn asked(mode: CacheMode) -> Option<Cause> {
    match mode {
        CacheMode::Off => Some(Cause::new(Code::CacheOff)),
        CacheMode::Wo => Some(Cause::new(Code::CacheWriteOnly)),
        CacheMode::Ro | CacheMode::Rw => None,
    }
}

/// What is different of a test and of what it reads, since its last result.
fn changed(test: &DataTest, record: &Record, fingerprint: &Fingerprint, reads: &[Reads]) -> Vec<Cause> {
    let mut causes = causes_between(&record.fingerprint, fingerprint, |_| true);
    for cause in &mut causes {
        let name = cause.name.as_deref().unwrap_or_default();
        match cause.code {
            Code::SqlChanged => cause.diff = TextDiff::between(record.text.as_bytes(), test.query.logical.as_bytes()),
            Code::UpstreamChanged => {
                let (now, before) = (reads.iter().find(|read| read.name == name), record.read.get(name));
                let same = now.zip(before).is_some_and(|(now, before)| now.is_as(before));
                let output = before.and_then(|before| before.output);
                cause.output = output.filter(|_| same && now.is_some_and(|now| now.rows.output == output));
                cause.cosmetic = same.then_some(true).or(cause.cosmetic);
            }
            _ => {}
        }
    }
    causes
}

/// Nodes whose rows may be others though they hold what they held.
fn other_rows(record: &Record, reads: &[Reads]) -> Vec<Cause> {
    let rebuilt = |read: &Reads| Cause::named(Code::UpstreamRebuilt, &*read.name);
    let one = |read: &Reads| {
        if read.replaced {
            return Some(Cause::named(Code::RelationForeign, &*read.name).detail(Detail::Replaced));
        }
        if read.held.is_none() && read.stores {
            return Some(Cause::named(Code::RelationForeign, &*read.name).detail(Detail::Unrecorded(Vec::new())));
        }
        if let Some(why) = &read.unsteady {
            return Some(rebuilt(read).detail(Detail::Unsteady(why.clone())));
        }
        let before = record.read.get(&read.name);
        let same_build = before.is_some_and(|before| before.run_id == read.rows.run_id);
        let same = same_build || before.is_some_and(|before| read.is_as(before));
        if read.hermetic || same || !read.stores {
            return None;
        }
        let by = match &read.rows.run_id {
            Some(run) if !read.built_now => Detail::ByRun(run.clone()),
            _ => Detail::InThisRun,
        };
        Some(rebuilt(read).detail(by))
    };
    reads.iter().filter_map(one).collect()
}

/// What a test reads and nothing tells the state of.
fn unwatched(test: &DataTest, reads: &[Reads], data: &BTreeMap<SourceKey, Data>) -> Vec<Unwatched> {
    let mut found = test.unwatched.clone();
    for key in &test.sources {
        let why = match data.get(key) {
            Some(Data::Version(_) | Data::Missing) => continue,
            Some(Data::Unknown(why)) => why.clone(),
            None => "nobody looked".into(),
        };
        found.push(Unwatched { name: format!("{}.{}", key.0, key.1), through: None, why });
    }
    for read in reads.iter().filter(|read| !read.stores) {
        let through = |one: &Unwatched| Unwatched { through: Some(read.name.clone()), ..one.clone() };
        found.extend(read.unwatched.iter().map(through));
    }
    found
}

fn unwatched_cause(one: &Unwatched) -> Cause {
    let detail = Detail::Unwatched { through: one.through.clone(), why: one.why.clone() };
    Cause::named(Code::SourceUnwatched, &*one.name).detail(detail)
}

/// Why a test is skipped.
fn proof(causes: &[Cause], unwatched: &[Unwatched]) -> Cause {
    match causes.first() {
        None if unwatched.is_empty() => Cause::new(Code::AllInputsEqual),
        None => {
            let names = unwatched.iter().map(|one| one.name.clone()).collect();
            Cause::new(Code::AllInputsEqual).detail(Detail::ButUnwatched(names))
        }
        Some(first) if first.code == Code::UpstreamChanged => {
            Cause::named(Code::UpstreamOutputIdentical, first.name.clone().unwrap_or_default())
        }
        Some(first) => Cause::named(Code::CosmeticOnly, first.name.clone().unwrap_or_default()),
    }
}

fn checks(
    record: Option<&Record>,
    fingerprint: &Fingerprint,
    inputs: &[Cause],
    rows: &[Cause],
    (unwatched, clock): (&[Unwatched], Option<&str>),
    request: Request,
) -> Vec<Check> {
    let check = |name, ok, evidence| Check { name, ok, evidence, settled: false, shown: true };
    let listed = |causes: Vec<Cause>| Evidence::Causes { causes, more: 0 };
    let mode = match asked(request.mode) {
        None => check(CheckName::CacheMode, true, Evidence::Allows(request.mode)),
        Some(cause) => check(CheckName::CacheMode, false, listed(vec![cause])),
    };
    let Some(record) = record else {
        return vec![mode, check(CheckName::Result, false, Evidence::NeverTested)];
    };
    let passed = record.status == TestStatus::Pass;
    let result = Evidence::Came { run: record.run_id.clone(), status: record.status.as_str() };
    let driving: Vec<Cause> = inputs.iter().filter(|cause| drives(cause, request.cosmetic_skip)).cloned().collect();
    let total = fingerprint.components.len();
    let equal = total.saturating_sub(inputs.iter().filter(|cause| cause.after.is_some()).count());
    let removed = inputs.iter().filter(|cause| cause.after.is_none()).count();
    let some_unwatched = !unwatched.is_empty();
    let kept = driving.is_empty() && !inputs.is_empty();
    let found = Inputs { total, equal, removed, run: record.run_id.clone(), some_unwatched, kept };
    let upstream = if rows.is_empty() { Evidence::NothingRebuilt } else { listed(rows.to_vec()) };
    let mut checks = vec![
        mode,
        check(CheckName::Result, passed, result),
        check(CheckName::Fingerprint, driving.is_empty(), Evidence::Inputs(found)),
        check(CheckName::Upstream, rows.is_empty(), upstream),
    ];
    checks.extend(clock.map(|word| check(CheckName::Clock, false, Evidence::AsksFor(word.into()))));
    if some_unwatched {
        let names = unwatched.iter().map(|one| one.name.clone()).collect();
        checks.push(check(CheckName::Source, !request.run_unwatched, Evidence::NotWatched(names)));
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use crate::digest::Digest;
    use crate::plan::Identity;
    use crate::project::TestTerms;
    use crate::test::{ReadNode, TestQuery, fingerprint};

    fn test(text: &str) -> DataTest {
        DataTest {
            name: "t".into(),
            kind: "not_null".into(),
            tables: Vec::new(),
            columns: Vec::new(),
            terms: TestTerms::default(),
            tags: Vec::new(),
            at: Location::file("project.yml"),
            query: TestQuery { logical: text.into(), ..TestQuery::default() },
            guards: Vec::new(),
            nodes: Vec::new(),
            sources: vec![("g".into(), "s".into())],
            unwatched: Vec::new(),
            clock: None,
        }
    }

    fn read(holds: &[u8], run: &str) -> Reads {
        let held = Digest::of(holds);
        Reads {
            name: "up".into(),
            held: Some(held),
            now: held,
            stores: true,
            missing: false,
            replaced: false,
            built_now: false,
            hermetic: true,
            unsteady: None,
            unwatched: Vec::new(),
            rows: ReadNode { run_id: Some(run.into()), ..ReadNode::default() },
        }
    }

    struct World {
        test: DataTest,
        read: Reads,
        data: BTreeMap<SourceKey, Data>,
        request: Request,
    }

    fn world() -> World {
        let data = BTreeMap::from([(("g".into(), "s".into()), Data::Version("1".into()))]);
        let request = Request { run_unwatched: true, ..Request::default() };
        World { test: test("select 1"), read: read(b"a", "r1"), data, request }
    }

    impl World {
        fn decide(&self, record: Option<&Record>) -> TestDecision {
            let reads = std::slice::from_ref(&self.read);
            let made =
                fingerprint(&self.test, reads, &BTreeMap::new(), &self.data, crate::syntax::sql::Lexicon::STANDARD);
            decide(&self.test, made, reads, &self.data, record, self.request)
        }

        fn passed(&self) -> Record {
            Record {
                failures: Some(0),
                fingerprint: self.decide(None).fingerprint,
                read: BTreeMap::from([("up".into(), self.read.rows.clone())]),
                run_id: "r1".into(),
                status: TestStatus::Pass,
                test: "t".into(),
                tested_at: "2026-01-01T00:00:00Z".into(),
                text: self.test.query.logical.to_string(),
            }
        }
    }

    fn told(decision: &TestDecision) -> (TestAction, Code) {
        assert!(decision.checks.iter().all(|check| check.ok) == (decision.action == TestAction::Skip), "{decision:?}");
        (decision.action, decision.primary().code)
    }

    #[test]
    fn a_pass_on_the_same_rows_is_skipped_and_each_difference_runs() {
        let base = world();
        assert_eq!(told(&base.decide(None)), (TestAction::Run, Code::FirstTest));
        let passed = base.passed();
        assert_eq!(told(&base.decide(Some(&passed))), (TestAction::Skip, Code::AllInputsEqual));
        let of = |change: &dyn Fn(&mut World)| {
            let mut world = world();
            change(&mut world);
            told(&world.decide(Some(&passed)))
        };
        assert_eq!(of(&|world| world.test.query.logical = "select 2".into()), (TestAction::Run, Code::SqlChanged));
        assert_eq!(of(&|world| world.test.terms.limit = Some(3)), (TestAction::Run, Code::ConfigChanged));
        assert_eq!(of(&|world| world.read = read(b"b", "r2")), (TestAction::Run, Code::UpstreamChanged));
        let data = |world: &mut World, now: Data| drop(world.data.insert(("g".into(), "s".into()), now));
        assert_eq!(of(&|world| data(world, Data::Version("2".into()))), (TestAction::Run, Code::SourceDataChanged));
        let unknown = of(&|world| data(world, Data::Unknown("no".into())));
        assert_eq!(unknown.0, TestAction::Run);
        assert_eq!(of(&|world| world.request.mode = CacheMode::Wo), (TestAction::Run, Code::CacheWriteOnly));
        assert_eq!(of(&|world| world.read.rows.run_id = Some("r2".into())), (TestAction::Skip, Code::AllInputsEqual));
        let unsteady = |world: &mut World| {
            world.read.hermetic = false;
            world.read.rows.run_id = Some("r2".into());
        };
        assert_eq!(of(&unsteady), (TestAction::Run, Code::UpstreamRebuilt));
        assert_eq!(of(&|world| world.read.replaced = true), (TestAction::Run, Code::RelationForeign));
        let failed = Record { status: TestStatus::Fail, ..passed.clone() };
        assert_eq!(told(&base.decide(Some(&failed))), (TestAction::Run, Code::PreviousTestFailed));
    }

    #[test]
    fn an_edit_above_that_changes_no_row_is_a_proof() {
        let rows = |output: &[u8]| ReadNode { output: Some(Digest::of(output)), ..ReadNode::default() };
        let mut world = world();
        world.read.rows = rows(b"rows");
        let passed = world.passed();
        world.read.held = Some(Digest::of(b"another"));
        let decision = world.decide(Some(&passed));
        assert_eq!(told(&decision), (TestAction::Skip, Code::UpstreamOutputIdentical));
        assert_eq!(decision.primary().name.as_deref(), Some("up"));
        world.read.rows = rows(b"other rows");
        assert_eq!(told(&world.decide(Some(&passed))), (TestAction::Run, Code::UpstreamChanged));
    }

    #[test]
    fn a_relation_that_only_took_a_fingerprint_is_the_same() {
        let token = |of: &[u8]| Some(Identity { token: Some(Digest::of(of)), rows: None, content: None });
        let mut world = world();
        world.read.rows.identity = token(b"one");
        let passed = world.passed();
        world.read.held = Some(Digest::of(b"taken"));
        assert_eq!(told(&world.decide(Some(&passed))), (TestAction::Skip, Code::UpstreamOutputIdentical));
        world.read.rows.identity = token(b"two");
        assert_eq!(told(&world.decide(Some(&passed))), (TestAction::Run, Code::UpstreamChanged));
    }

    #[test]
    fn what_is_missing_blocks_and_the_clock_always_runs() {
        let mut world = world();
        world.test.clock = Some("now".into());
        let passed = world.passed();
        let decision = world.decide(Some(&passed));
        assert_eq!((decision.action, decision.primary().code), (TestAction::Run, Code::ReadsClock));
        world.read.missing = true;
        let decision = world.decide(Some(&passed));
        assert_eq!((decision.action, decision.primary().code), (TestAction::Block, Code::RelationMissing));
    }
}

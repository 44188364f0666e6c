//! From what is declared to tests: names, tables, queries, and what each reads.

use super::own::{Files, OwnKind, Single};
use super::sql::Writer;
use super::{DataTest, SourceKey, Suite, TestQuery, Tested, clock};
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::dialect::{Dialect, FileRead};
use crate::digest::Digest;
use crate::fingerprint::Unwatched;
use crate::graph::{Graph, NodeId};
use crate::name::stem;
use crate::project::{DeclaredTest, Project, TEST_KINDS, TableName, TestCheck, TestFile, TestTable};
use crate::render::mark::{Mark, intact, overwritten, replace};
use crate::render::{TestTemplates, TestText};
use crate::syntax::relation::named;
use crate::syntax::sql::outline;
use globset::Glob;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The tests of a project with what is to be said of them, or every problem of them.
pub fn read(
    project: &Project,
    graph: &Graph,
    dialect: &Arc<dyn Dialect>,
) -> Result<(Suite, Vec<Diagnostic>), Vec<Diagnostic>> {
    if project.tests.is_empty() && project.test_files.is_empty() {
        return Ok(Default::default());
    }
    let templates = TestTemplates::read(project, dialect.clone())?;
    let mut files = Files::default();
    let mut problems = Vec::new();
    for file in &project.test_files {
        let (settings, at) = templates.settings(file);
        problems.extend(files.add(file, &settings, at, &TEST_KINDS));
    }
    let mut reader = Reader { project, graph, dialect, templates, files, warnings: Vec::new() };
    let mut found = Vec::new();
    for declared in &project.tests {
        match reader.declared(declared) {
            Ok(test) => found.extend(test),
            Err(more) => problems.extend(more),
        }
    }
    for single in std::mem::take(&mut reader.files.singles) {
        match reader.single(&single) {
            Ok(test) => found.extend(test),
            Err(more) => problems.extend(more),
        }
    }
    let mut warnings = reader.warnings;
    let tests = named_once(found, &mut problems, &mut warnings);
    if problems.is_empty() { Ok((Suite { tests }, warnings)) } else { Err(problems) }
}

/// A test on its way: its name is still as it was given.
struct Draft {
    given: Option<String>,
    test: DataTest,
}

struct Reader<'a> {
    project: &'a Project,
    graph: &'a Graph,
    dialect: &'a Arc<dyn Dialect>,
    templates: TestTemplates<'a>,
    files: Files<'a>,
    warnings: Vec<Diagnostic>,
}

/// Nothing where what it is about isn't there for this engine.
type Drafted = Result<Option<Draft>, Vec<Diagnostic>>;

/// What a table's name means.
enum Meant {
    Here(Tested, String),
    /// A model that is for others.
    Elsewhere,
}

impl Reader<'_> {
    fn declared(&mut self, declared: &DeclaredTest) -> Drafted {
        let mut marks: BTreeMap<String, String> = BTreeMap::new();
        let (mut tables, mut problems) = (Vec::new(), Vec::new());
        for table in tables_of(declared) {
            match self.meant(declared, table) {
                Ok(Meant::Here(tested, mark)) => {
                    marks.insert(table.name.to_string(), mark);
                    tables.push(tested);
                }
                Ok(Meant::Elsewhere) => return Ok(None),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let own = tables.first().cloned();
        let mark = |table: &TestTable| marks.get(&table.name.to_string()).cloned().unwrap_or_default();
        let query = Writer { dialect: &**self.dialect, mark: &mark }.query(declared);
        let (query, kind) = match (&declared.check, query) {
            (TestCheck::Own { kind, params }, _) => (self.own(declared, kind, params, &mark)?, kind.clone()),
            (check, query) => {
                let marked = query.unwrap_or_default();
                (TestQuery { marked, ..TestQuery::default() }, check.word().to_string())
            }
        };
        let reconciles = kind.starts_with("reconcile_");
        let of = if reconciles { tables.clone() } else { own.into_iter().collect() };
        self.complete(Said { declared: Some(declared), kind, of: &of, at: &declared.at }, query).map(Some)
    }

    /// A query whose rows are failures. What it is of is what it reads.
    fn single(&mut self, single: &Single<'_>) -> Drafted {
        let text = self.templates.render(single.file, &Map::new())?;
        let query = self.of_file(single.file, text, false)?;
        let at = Location::file(&single.file.path);
        let mut draft = self.complete(Said { declared: None, kind: "query".into(), of: &[], at: &at }, query)?;
        draft.given = Some(single.file.stem().to_string());
        draft.test.name = single.file.stem().to_string();
        draft.test.terms = single.terms.clone();
        draft.test.tags = single.tags.clone();
        Ok(Some(draft))
    }

    /// The query of a kind that a file defines.
    fn own(
        &mut self,
        declared: &DeclaredTest,
        kind: &str,
        params: &Map<String, Value>,
        mark: &dyn Fn(&TestTable) -> String,
    ) -> Result<TestQuery, Vec<Diagnostic>> {
        let Some(OwnKind { file, params: known }) = self.files.kinds.get(kind) else {
            let names = TEST_KINDS.iter().copied().chain(self.files.kinds.keys().map(String::as_str));
            let hint = did_you_mean(kind, names).unwrap_or_else(|| {
                format!("kinds: {}; a file in tests/ with `config(type='{kind}')` defines one", TEST_KINDS.join(", "))
            });
            return Err(vec![
                Diagnostic::new("unknown-test", format!("there is no kind of test `{kind}`"))
                    .at(declared.at.clone())
                    .hint(hint),
            ]);
        };
        let mut given = params.clone();
        given.extend(declared.filter.clone().map(|filter| ("where".to_string(), Value::from(filter))));
        if let Some(unknown) = given.keys().find(|name| !known.contains(name)) {
            let message = format!("the kind of test `{kind}` takes no `{unknown}`");
            let hint = did_you_mean(unknown, known.iter().map(String::as_str))
                .unwrap_or_else(|| format!("name it in `config(params=[…])` of {}", file.path));
            return Err(vec![Diagnostic::new("unknown-key", message).at(declared.at.clone()).hint(hint)]);
        }
        let mut context: Map<String, Value> = known.iter().map(|name| (name.clone(), Value::Null)).collect();
        context.extend(given);
        let column = self.column(declared);
        context.extend([
            ("params".to_string(), Value::Object(params.clone())),
            ("table".into(), declared.table.as_ref().map(|table| mark(table).into()).unwrap_or_default()),
            ("column".into(), column.map(Value::from).unwrap_or_default()),
        ]);
        let text = self.templates.render(file, &context)?;
        let file = *file;
        self.of_file(file, text, true)
    }

    fn column(&self, declared: &DeclaredTest) -> Option<String> {
        declared.columns.first().cloned()
    }

    /// A rendered file as a query, if it is one.
    fn of_file(&mut self, file: &TestFile, text: TestText, counts: bool) -> Result<TestQuery, Vec<Diagnostic>> {
        let TestText { text, origin, warnings } = text;
        self.warnings.extend(warnings);
        let problem = |message: &str, offset: Option<usize>, hint: &str| {
            let found = offset.and_then(|offset| origin.source(offset, &file.path, &file.text));
            let problem = Diagnostic::new("bad-test", format!("{} {message}", file.path)).hint(hint);
            vec![match found {
                Some(source) => problem.at(source.at).excerpt(&file.text),
                None => problem.at(Location::file(&file.path)),
            }]
        };
        let known = |mark: Mark<'_>| match mark {
            Mark::Reference(_) | Mark::Source(..) => true,
            Mark::Secret(name) => self.project.env.vars.get(name).is_some_and(|var| var.secret),
            Mark::This | Mark::Project | Mark::Hidden(_) => false,
        };
        if !intact(&text, known) {
            let hint = "write them without filters; a test has no `this`";
            return Err(problem("alters what `ref()`, `source()` or `env()` of a secret gives", None, hint));
        }
        let found = outline(&overwritten(&text), self.dialect.grammar().lexicon);
        match (found.open, found.second, found.first) {
            (Some(open), ..) => Err(problem("opens a quote or a comment that nothing closes", Some(open), "close it")),
            (None, Some(second), _) => {
                Err(problem("holds more than one statement", Some(second), "a test is one query: make a file of each"))
            }
            (None, None, None) => Err(problem("renders to no query", None, "write a `select`, or take the file away")),
            (None, None, Some(_)) => {
                let file = Some((file.path.clone(), file.text.clone(), origin));
                Ok(TestQuery { marked: text, counts, file, ..TestQuery::default() })
            }
        }
    }

    fn complete(&self, said: Said<'_>, query: TestQuery) -> Result<Draft, Vec<Diagnostic>> {
        let Self { graph, dialect, .. } = self;
        let logical = replace(&query.marked, |mark| mark.logical());
        let (reads, problems) = self.reads(&query, said.at);
        if !problems.is_empty() {
            return Err(problems);
        }
        let (nodes, sources) = self.through(&reads);
        let own: Vec<NodeId> = reads.iter().filter_map(node).collect();
        let tables = if said.of.is_empty() { reads } else { said.of.to_vec() };
        // What lies below the table that a test is of; of one that compares, below all that it compares.
        let guards: Vec<NodeId> = tables.iter().filter_map(node).collect();
        let guards = if guards.is_empty() { own } else { guards };
        let grammar = dialect.grammar();
        let outside = self.outside(&logical);
        let (name, columns, terms, tags) = match said.declared {
            Some(test) => (test.name.clone(), test.columns.clone(), test.terms.clone(), test.tags.clone()),
            None => Default::default(),
        };
        let asks = if said.kind == "freshness" {
            Some("max_delay_minutes".to_string())
        } else {
            clock::clock(&logical, grammar.lexicon)
        };
        let made = generated(&said.kind, &tables, &columns, graph);
        let test = DataTest {
            name: name.clone().unwrap_or(made),
            kind: said.kind,
            tables,
            columns,
            terms,
            tags,
            at: said.at.clone(),
            query: TestQuery { logical: logical.into(), ..query },
            guards,
            nodes,
            sources,
            unwatched: outside,
            clock: asks,
        };
        Ok(Draft { given: name, test })
    }

    /// What a query reads by its marks, in the order of its text, each once.
    fn reads(&self, query: &TestQuery, at: &Location) -> (Vec<Tested>, Vec<Diagnostic>) {
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        let add = |mark: Mark<'_>| {
            let name = match mark {
                Mark::Reference(name) => TableName::Plain(name.into()),
                Mark::Source(group, table) => TableName::Source(group.into(), table.into()),
                _ => return String::new(),
            };
            match self.meaning(&name, at) {
                Ok(Meant::Here(tested, _)) if !found.contains(&tested) => found.push(tested),
                Ok(_) => {}
                Err(problem) => problems.push(problem),
            }
            String::new()
        };
        replace(&query.marked, add);
        (found, problems)
    }

    /// Nodes whose rows are seen, and the sources.
    fn through(&self, reads: &[Tested]) -> (Vec<NodeId>, Vec<SourceKey>) {
        let mut nodes: BTreeSet<NodeId> = BTreeSet::new();
        let mut sources: BTreeSet<SourceKey> = BTreeSet::new();
        let mut open = Vec::new();
        for read in reads {
            match read {
                Tested::Node(id) => open.push(*id),
                Tested::Source(key) => drop(sources.insert(key.clone())),
            }
        }
        while let Some(id) = open.pop() {
            let node = &self.graph.nodes[id];
            if nodes.insert(id) && !node.materialization.stores_rows() {
                open.extend(&node.upstream);
                sources.extend(node.external_sources.iter().cloned());
            }
        }
        (nodes.into_iter().collect(), sources.into_iter().collect())
    }

    /// What the text of a query names itself: nothing tells whether that changed.
    fn outside(&self, logical: &str) -> Vec<Unwatched> {
        let why = || "a test names it itself, and not by `ref()` or `source()`".to_string();
        let files = self.dialect.file_reads(logical).into_iter().filter_map(|read| match read {
            FileRead::Named(name) | FileRead::Unknown(name) => Some(name),
            FileRead::Perhaps(_) => None,
        });
        let relations = named(logical, self.dialect.grammar().layout);
        let relations = relations.into_iter().filter(|parts| parts.len() > 1).map(|parts| parts.join("."));
        files.chain(relations).map(|name| Unwatched { name, through: None, why: why() }).collect()
    }

    fn meant(&self, declared: &DeclaredTest, table: &TestTable) -> Result<Meant, Diagnostic> {
        let found = self.meaning(&table.name, &table.at)?;
        match &found {
            Meant::Here(Tested::Node(id), _) if !self.graph.has_relation(*id) => {
                let message = format!("`{}` is put into its readers, there is no relation to test", table.name);
                let problem = Diagnostic::new("bad-test", message).at(table.at.clone());
                Err(problem.hint(format!("make it a `view`, or test a model that reads it: {}", declared.check.word())))
            }
            _ => Ok(found),
        }
    }

    fn meaning(&self, name: &TableName, at: &Location) -> Result<Meant, Diagnostic> {
        let Self { project, graph, .. } = self;
        let source = |key: &SourceKey| {
            project.sources.contains_key(key).then(|| {
                let mark = Mark::Source(&key.0, &key.1).to_string();
                match graph.providers.get(key) {
                    Some(seed) => Meant::Here(Tested::Node(*seed), mark),
                    None => Meant::Here(Tested::Source(key.clone()), mark),
                }
            })
        };
        let found = match name {
            TableName::Plain(plain) => match graph.find(plain) {
                Some(id) => {
                    let mark = Mark::Reference(graph.nodes[id].name.as_str()).to_string();
                    Some(Meant::Here(Tested::Node(id), mark))
                }
                None if graph.elsewhere.iter().any(|model| stem(&model.name) == stem(plain)) => Some(Meant::Elsewhere),
                None => project
                    .sources
                    .values()
                    .find(|table| table.name() == *plain)
                    .and_then(|table| source(&(table.group.clone(), table.table.clone()))),
            },
            TableName::Source(group, table) => source(&(group.clone(), table.clone())),
        };
        found.ok_or_else(|| {
            let sources: Vec<String> = project.sources.values().map(|table| table.name()).collect();
            let nodes = graph.nodes.iter().flat_map(|node| [node.name.as_str(), node.name.stem()]);
            let known: Vec<&str> = nodes.chain(sources.iter().map(String::as_str)).collect();
            let problem =
                Diagnostic::new("unknown-ref", format!("a test is of `{name}`, which the project doesn't have"));
            let hint = did_you_mean(&name.to_string(), known).unwrap_or_else(|| {
                "`fft ls` lists the nodes of this project; sources are declared in sources.yml".into()
            });
            problem.at(at.clone()).hint(hint)
        })
    }
}

/// What is known of a test beside its query.
struct Said<'a> {
    declared: Option<&'a DeclaredTest>,
    kind: String,
    of: &'a [Tested],
    at: &'a Location,
}

fn node(tested: &Tested) -> Option<NodeId> {
    match tested {
        Tested::Node(id) => Some(*id),
        Tested::Source(_) => None,
    }
}

/// The tables that a declaration names, its own first.
fn tables_of(declared: &DeclaredTest) -> Vec<&TestTable> {
    let others: Vec<&TestTable> = match &declared.check {
        TestCheck::Relationships { to } => vec![&to.table],
        TestCheck::ReconcileEqual { sides: [left, right], .. }
        | TestCheck::ReconcileRatioWithin { sides: [left, right], .. }
        | TestCheck::ReconcileDiffWithin { sides: [left, right], .. } => vec![&left.table, &right.table],
        TestCheck::ReconcileCoverage { source, target } => vec![&source.table, &target.table],
        _ => Vec::new(),
    };
    declared.table.iter().chain(others).collect()
}

/// `not_null_users_id`.
fn generated(kind: &str, tables: &[Tested], columns: &[String], graph: &Graph) -> String {
    let table = |tested: &Tested| match tested {
        Tested::Node(id) => graph.nodes[*id].name.stem().to_string(),
        Tested::Source((group, table)) => format!("{group}_{table}"),
    };
    let mut parts: Vec<String> = vec![kind.to_string()];
    parts.extend(tables.iter().map(table));
    parts.extend(columns.iter().cloned());
    let word = |sign: char| if sign.is_alphanumeric() || sign == '_' { sign } else { '_' };
    parts.join("_").chars().map(word).collect()
}

/// Tests by name, each with one of its own. A name that is given twice is a problem; where one is made of what is tested,
/// tests that differ in more have a few digits of their query behind it, and of equal ones the first is enough.
fn named_once(drafts: Vec<Draft>, problems: &mut Vec<Diagnostic>, warnings: &mut Vec<Diagnostic>) -> Vec<DataTest> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    drafts.iter().for_each(|draft| *count.entry(draft.test.name.clone()).or_default() += 1);
    let mut found: BTreeMap<String, DataTest> = BTreeMap::new();
    for Draft { given, mut test } in drafts {
        if given.is_none() && count[&test.name] > 1 {
            let of = format!("{}\n{:?}", test.query.logical, test.terms);
            test.name = format!("{}_{}", test.name, &Digest::of(of.as_bytes()).short()[..6]);
        }
        match found.get(&test.name) {
            None => drop(found.insert(test.name.clone(), test)),
            Some(first) if given.is_none() => {
                let message = format!("this test is declared at {} as well, and run once", first.at);
                let problem = Diagnostic::warning("duplicate-test", message).at(test.at.clone());
                warnings.push(problem.hint("take one of them away"));
            }
            Some(first) => {
                let message = format!("two tests are called `{}`; the other is at {}", test.name, first.at);
                problems
                    .push(Diagnostic::new("duplicate-name", message).at(test.at.clone()).hint("rename one of them"));
            }
        }
    }
    found.into_values().collect()
}

/// The tests that one part of a selector stands for: by their names and tags, and those of the nodes in `nodes`.
/// `None` where it names nothing.
pub fn select(suite: &Suite, word: &str, nodes: &BTreeSet<NodeId>) -> Option<Vec<bool>> {
    let (tag, pattern) = match word.split_once(':') {
        Some(("tag", tag)) => (true, tag),
        Some(("test", name)) => (false, name),
        _ => (false, word),
    };
    let glob = Glob::new(pattern).ok().map(|glob| glob.compile_matcher());
    let matches = |text: &str| glob.as_ref().is_some_and(|glob| glob.is_match(text));
    let own = |test: &DataTest| {
        let tagged = test.tags.iter().any(|one| matches(one));
        // Existing projects name a tag by itself.
        tagged || (!tag && (matches(&test.name) || matches(&test.kind)))
    };
    let of_nodes = |test: &DataTest| test.tables.iter().filter_map(node).any(|id| nodes.contains(&id));
    let found: Vec<bool> = suite.tests.iter().map(|test| own(test) || of_nodes(test)).collect();
    found.contains(&true).then_some(found)
}

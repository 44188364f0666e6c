//! The lineage of every node of a project.
//!
//! [`trace_all`] takes the graph and what is known of columns, and gives one [`Traced`] a node, in the graph's order.
//! Nodes are followed level by level, since a query with `*` gives what its upstream nodes have. An answer that was
//! given before to the same question is given again.

use super::declared::declared;
use super::history;
use super::{Answer, ColumnLineage, Columns, Question, Relation, Relations, Status, trace};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::digest::Digest;
use crate::graph::{Body, Graph, Node, NodeId, SqlBody, snapshot};
use crate::name::RelationName;
use crate::project::{ColumnProperties, Project, SourceTable, without_passwords};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known beside the graph.
pub struct Material<'a> {
    pub project: &'a Project,
    pub graph: &'a Graph,
    pub dialect: &'a dyn Dialect,
    /// A node's columns as its relation, or a seed's file, has them.
    pub columns: &'a (dyn Fn(&Node) -> Option<Columns> + Sync),
}

const OPAQUE: &str = "what a Python model does isn't followed; `lineage` of its columns in YAML can tell";

/// Columns by their names, in order.
type Named = [(String, ColumnLineage)];

/// Answers by node, each with the digest of its question.
pub type Answers = BTreeMap<String, Kept>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept<Said = Answer> {
    pub answer: Said,
    pub question: Digest,
}

/// The lineage of one node.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// What was asked of a SQL model's text.
    asked: Option<Asked>,
    /// All its columns, where they are known.
    columns: Lineages,
    complete: bool,
    /// What YAML says of columns that its text doesn't tell.
    declared: Lineages,
    /// What is wrong with that.
    pub problems: Vec<Diagnostic>,
}

/// A question that was answered.
#[derive(Clone, Debug)]
struct Asked {
    question: Digest,
    /// It wasn't answered before.
    anew: bool,
    /// Whether all columns of the query are known.
    complete: bool,
    /// Why not.
    reason: Option<String>,
    /// The answer's columns, where their places in the compiled text are others, or the table has more.
    own: Option<Vec<(String, ColumnLineage)>>,
}

impl Traced {
    /// Whether there was no answer to its question before.
    pub fn is_new(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.anew)
    }

    /// The answer to its question, to be given again.
    pub fn kept(&self) -> Option<Kept<Answer<&Named>>> {
        let Asked { question, complete, reason, own, .. } = self.asked.as_ref()?;
        let columns = own.as_ref().unwrap_or(&self.columns.all);
        Some(Kept { answer: Answer { columns, complete: *complete, reason: reason.clone() }, question: *question })
    }

    /// Columns by name, in the order of the query; not those that only YAML knows.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.all.iter().map(|(name, _)| name.as_str())
    }

    pub fn column(&self, name: &str) -> ColumnLineage {
        match (self.columns.find(name), self.declared.find(name)) {
            (Some(own), Some(said)) => if own.status == Status::Known { own } else { said }.clone(),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => ColumnLineage::unknown("the relation has no column of this name"),
        }
    }

    fn known(&self) -> Columns {
        let names = self.names().map(String::from).collect();
        if self.complete { Columns::All(names) } else { Columns::Some(names) }
    }
}

/// Columns in their order, found by their names.
#[derive(Clone, Debug, Default)]
struct Lineages {
    all: Vec<(String, ColumnLineage)>,
    /// Their places by name whatever its letter case; those of one name in their order.
    places: Vec<usize>,
}

impl Lineages {
    fn new(all: Vec<(String, ColumnLineage)>) -> Lineages {
        let mut places: Vec<usize> = (0..all.len()).collect();
        places.sort_by(|left, right| folded(&all[*left].0).cmp(folded(&all[*right].0)));
        Lineages { all, places }
    }

    /// The first of this very name, else the first of this name in other letters.
    fn find(&self, name: &str) -> Option<&ColumnLineage> {
        let first = self.places.partition_point(|at| folded(&self.all[*at].0).lt(folded(name)));
        let alike = self.places[first..].iter().map(|at| &self.all[*at]);
        let mut alike = alike.take_while(|(other, _)| other.eq_ignore_ascii_case(name));
        let exact = alike.clone().find(|(other, _)| other == name);
        exact.or_else(|| alike.next()).map(|(_, found)| found)
    }
}

fn folded(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().map(|byte| byte.to_ascii_lowercase())
}

/// Traces every node; `before` holds the answers that were given before.
pub fn trace_all(material: &Material<'_>, mut before: Answers) -> Vec<Traced> {
    let nodes = &material.graph.nodes;
    let mut before: Vec<Option<Kept>> = nodes.iter().map(|node| before.remove(node.name.as_str())).collect();
    let mut traced: Vec<Traced> = Vec::with_capacity(nodes.len());
    while traced.len() < nodes.len() {
        let first = traced.len();
        let level = nodes[first].level;
        let end = first + nodes[first..].iter().take_while(|node| node.level == level).count();
        let before = before[first..end].par_iter_mut().enumerate();
        let next = before.map(|(at, before)| node(material, first + at, before.take(), &traced));
        let next: Vec<Traced> = next.collect();
        traced.extend(next);
    }
    traced
}

fn node(material: &Material<'_>, id: NodeId, before: Option<Kept>, traced: &[Traced]) -> Traced {
    let node = &material.graph.nodes[id];
    let own = (material.columns)(node);
    let said =
        material.project.properties_of(&node.name).map(|properties| properties.columns.as_slice()).unwrap_or_default();
    let all = |lineage: ColumnLineage| {
        let Some(Columns::All(names) | Columns::Some(names)) = &own else { return Traced::default() };
        let columns = Lineages::new(names.iter().map(|name| (name.clone(), lineage.clone())).collect());
        Traced { columns, complete: matches!(own, Some(Columns::All(_))), ..Traced::default() }
    };
    let mut found = match &node.body {
        Body::Seed(_) => all(ColumnLineage { from: Vec::new(), reason: None, status: Status::Known }),
        Body::Python(_) => all(ColumnLineage::unknown(OPAQUE)),
        Body::Sql(body) => sql(material, (id, body), before, own.as_ref(), traced),
    };
    if said.iter().any(|column| column.lineage.is_some()) {
        declare(&mut found, said, &declarable(material, node, traced));
    }
    found
}

fn sql(
    material: &Material<'_>,
    (id, body): (NodeId, &SqlBody),
    before: Option<Kept>,
    own: Option<&Columns>,
    traced: &[Traced],
) -> Traced {
    let node = &material.graph.nodes[id];
    let relations = relations(material, node, traced);
    let table = match own {
        Some(Columns::All(names)) => Some(names.as_slice()),
        Some(Columns::Some(_)) | None => None,
    };
    let snapshot = snapshot(&node.config);
    let question = Question {
        text: body.rendered.shown(),
        grammar: material.dialect.grammar(),
        relations: &relations,
        // The table of a snapshot has more than its query gives, in an order of its own.
        columns: table.filter(|_| snapshot.is_none()),
    };
    let digest = question.digest();
    let before = before.filter(|kept| kept.question == digest);
    let anew = before.is_none();
    let Answer { columns, complete, reason } = before.map_or_else(|| trace(&question), |kept| kept.answer);
    let placed = placed(&columns, material.graph, id);
    let (columns, own) = match placed {
        Some(placed) => (placed, Some(columns)),
        None => (columns, None),
    };
    let asked = |own| Some(Asked { question: digest, anew, complete, reason, own });
    let Some(snapshot) = snapshot else {
        return Traced { columns: Lineages::new(columns), complete, asked: asked(own), ..Traced::default() };
    };
    let all = history::columns(&columns, complete, &snapshot, table.unwrap_or_default());
    let own = own.unwrap_or(columns);
    let complete = complete || table.is_some();
    Traced { columns: Lineages::new(all), complete, asked: asked(Some(own)), ..Traced::default() }
}

/// Columns with their places in the compiled text, where an ephemeral upstream node's text moves them back.
fn placed(columns: &[(String, ColumnLineage)], graph: &Graph, id: NodeId) -> Option<Vec<(String, ColumnLineage)>> {
    let inlines = graph.nodes[id].upstream.iter().any(|up| graph.is_inlined(*up));
    // An ephemeral node's own text is shown as it is.
    if !inlines || graph.is_inlined(id) {
        return None;
    }
    let mut columns = columns.to_vec();
    let compiled = graph.compiled(id);
    for span in columns.iter_mut().flat_map(|(_, lineage)| &mut lineage.from).filter_map(|edge| edge.span.as_mut()) {
        span.offset = compiled.place(id, span.offset).unwrap_or(span.offset);
    }
    Some(columns)
}

fn declare(found: &mut Traced, said: &[ColumnProperties], relations: &BTreeMap<String, Relation>) {
    let mut all = Vec::new();
    for column in said {
        let lineage = declared(column, relations, &mut found.problems);
        all.extend(lineage.map(|lineage| (column.name.clone(), lineage)));
    }
    found.declared = Lineages::new(all);
}

/// What a node's text may read, by the names that stand there: with as many parts as each gives, and with the schema
/// that is meant where it gives none.
fn relations(material: &Material<'_>, node: &Node, traced: &[Traced]) -> Relations {
    let grammar = material.dialect.grammar();
    let schema = material.project.default_schema().unwrap_or(material.dialect.default_schema());
    let mut all = Relations::new();
    let mut put = |name: &RelationName, relation: Relation| {
        let parts = |schema: Option<&str>| -> Vec<String> {
            let parts = [name.catalog.as_deref(), schema, Some(&*name.name)];
            parts.into_iter().flatten().map(|part| grammar.known_relation(part)).collect()
        };
        if name.schema.is_none() {
            all.insert(parts(Some(schema)), relation.clone());
        }
        all.insert(parts(name.schema.as_deref()), relation);
    };
    for up in &node.upstream {
        let upstream = &material.graph.nodes[*up];
        let name = if material.graph.is_inlined(*up) {
            RelationName::new(None, None, &upstream.inlined_name())
        } else {
            upstream.relation.clone()
        };
        put(&name, Relation { node: upstream.name.as_str().into(), columns: traced[*up].known() });
    }
    for key in &node.external_sources {
        let Some(source) = material.project.sources.get(key) else { continue };
        put(&source_name(source), external(key));
    }
    all
}

/// What a declaration may name: nodes by their names, sources as `source:group.table`.
fn declarable(material: &Material<'_>, node: &Node, traced: &[Traced]) -> BTreeMap<String, Relation> {
    let mut all = BTreeMap::new();
    for up in &node.upstream {
        let upstream = &material.graph.nodes[*up];
        let name: Arc<str> = upstream.name.as_str().into();
        let relation = Relation { node: name.clone(), columns: traced[*up].known() };
        all.insert(name.to_string(), relation.clone());
        for (group, table) in node.sources.difference(&node.external_sources) {
            let source = &material.project.sources[&(group.clone(), table.clone())];
            if source.identifier.eq_ignore_ascii_case(&upstream.relation.name) {
                all.insert(format!("source:{group}.{table}"), relation.clone());
            }
        }
    }
    for key in &node.external_sources {
        all.insert(format!("source:{}.{}", key.0, key.1), external(key));
    }
    all
}

/// A source that no seed provides: nobody says which columns it has.
fn external((group, table): &(String, String)) -> Relation {
    Relation { node: format!("source:{group}.{table}").into(), columns: Columns::Some(Vec::new()) }
}

/// As it stands in the text: a location is a name of one part.
fn source_name(source: &SourceTable) -> RelationName {
    match source.location.as_slice() {
        [location] => RelationName::new(None, None, &without_passwords(location)),
        _ => source.relation(),
    }
}

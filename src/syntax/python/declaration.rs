//! What the decorators of a file declare, checked.
//!
//! What names a model and its place in the graph must be literal: it is read here, without running anything. Columns
//! (`requires`) and `meta` may be computed; then the whole file stands in for the model's slice.

use super::Dependency;
use super::decorator::{self, Aliases, Kind};
use super::frame::{Frame, SparkNames};
use super::literal;
use super::source::Source;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::name::stem;
use crate::syntax::audience::{Audience, Sees};
use litemap::LiteMap;
use ruff_python_ast::{Arguments, Decorator, Expr, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};
use serde_json::Value;
use std::collections::BTreeMap;

/// One model decorator on one function.
pub struct Declaration<'a> {
    /// Index of the function among the file's top-level statements.
    pub statement: usize,
    pub function: &'a StmtFunctionDef,
    /// Line of the `def`.
    pub line: usize,
    pub arguments: Declared,
    /// The decorators of this package on the function, with what the slice keeps of each.
    pub decorators: Vec<(TextRange, String)>,
    /// Why the whole file stands in for the slice.
    pub dynamic: Option<String>,
    /// Whether this run is among those that the model is for.
    pub seen: bool,
}

/// A decorator's arguments.
#[derive(Default)]
pub struct Declared {
    pub name: Option<String>,
    pub dependencies: Vec<Dependency>,
    pub audience: Audience,
    pub requires: Option<Value>,
    pub materialized: Option<String>,
    pub tags: Vec<String>,
    pub meta: Option<Value>,
    pub schema: Option<String>,
    pub alias: Option<String>,
    pub settings: LiteMap<String, Value>,
    pub volatile: bool,
    pub description: Option<String>,
    pub frame: Option<Frame>,
}

const ARGUMENTS: [&str; 13] = [
    "name",
    "deps",
    "requires",
    "require",
    "materialized",
    "tags",
    "meta",
    "schema",
    "alias",
    "volatile",
    "description",
    "frame",
    "kind",
];
/// What `kind` may say: what it is.
const KIND: &str = "python";
/// Arguments that say how an incremental model is extended, as `config()` takes them.
const EXTENDS: [&str; 15] = [
    "unique_key",
    "primary_key",
    "incremental",
    "incremental_strategy",
    "updated_at",
    "updated_at_column",
    "updated_at_columns",
    "timestamp_columns",
    "delta_columns",
    "delta_sql",
    "delta",
    "delta_config",
    "on_schema_change",
    "schema_sync",
    "on_code_change",
];
/// What only a model for some has.
const AUDIENCE: [&str; 2] = ["only", "env_match"];

/// What `frame` takes.
const FRAMES: &str = r#"one of "rows", "pandas", "arrow", "spark""#;

/// Every model declared in `body`, or every problem of those that this run sees.
pub fn read<'a>(source: &Source, body: &'a [Stmt], sees: Sees<'_>) -> Result<Vec<Declaration<'a>>, Vec<Diagnostic>> {
    let aliases = Aliases::of(body);
    let spark = SparkNames::of(body);
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for function in decorator::nested(body, &aliases) {
        let message = format!("the model function `{}` is not at the top level of the file", function.name);
        let problem = source.problem("nested-model", message, function.name.range());
        problems.push(problem.hint("move it out of the block it stands in, so that it is declared in every case"));
    }
    for (statement, function) in
        body.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_function_def_stmt()?)))
    {
        let ours = |decorator: &&Decorator| aliases.kind(decorator).is_some();
        let kept = |decorator: &Decorator| (decorator.range(), kept(source, decorator));
        let decorators = function.decorator_list.iter().filter(ours).map(kept).collect::<Vec<_>>();
        for decorator in &function.decorator_list {
            let Some(kind) = aliases.kind(decorator) else { continue };
            let mut own = Vec::new();
            let mut reader = Reader { source, kind, problems: &mut own, dynamic: None };
            let mut arguments = reader.read(decorator);
            let dynamic = reader.dynamic;
            let seen = sees(&arguments.audience);
            problems.extend(own.into_iter().filter(|_| seen));
            arguments.frame = arguments.frame.or_else(|| spark.annotate(function).then_some(Frame::Spark));
            let line = source.line(&function.name);
            let decorators = decorators.clone();
            found.push(Declaration { statement, function, line, arguments, decorators, dynamic, seen });
        }
    }
    if found.is_empty() && problems.is_empty() {
        problems.push(no_model(source));
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn no_model(source: &Source) -> Diagnostic {
    Diagnostic::new("no-model", "this file declares no model")
        .at(crate::diagnostic::Location::file(&source.path))
        .hint("put `@model(…)` from `fastflowtransform` above a function")
}

/// The function's docstring, its common indent removed.
pub fn docstring(function: &StmtFunctionDef) -> Option<String> {
    let Some(Stmt::Expr(first)) = function.body.first() else { return None };
    let text = first.value.as_string_literal_expr()?.value.to_str().to_string();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let common = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(|line| indent(&line)).min();
    let lines = text.lines().enumerate().map(|(number, line)| match number {
        0 => line.trim(),
        _ => line.get(common.unwrap_or(0)..).unwrap_or("").trim_end(),
    });
    Some(lines.collect::<Vec<_>>().join("\n").trim().to_string()).filter(|text| !text.is_empty())
}

/// The decorator with only the arguments that change what the function is given.
fn kept(source: &Source, decorator: &Decorator) -> String {
    let Expr::Call(call) = &decorator.expression else { return format!("@{}()", source.slice(&decorator.expression)) };
    let keep = |name: &str| matches!(name, "deps" | "requires" | "require" | "frame");
    let positional = call.arguments.args.iter().skip(1).map(|value| source.slice(value));
    let named = |keyword: &&ruff_python_ast::Keyword| keyword.arg.as_ref().is_some_and(|name| keep(name.as_str()));
    let named = call.arguments.keywords.iter().filter(named).map(|keyword| source.slice(keyword));
    let arguments = positional.chain(named).collect::<Vec<_>>().join(", ");
    format!("@{}({arguments})", source.slice(&*call.func))
}

/// Takes from `meta` what existing projects say there: engines and tags.
fn configure(declared: &mut Declared) {
    let Some(meta) = &declared.meta else { return };
    let audience = Audience::of(|key| meta.get(key));
    declared.audience.engines.extend(audience.engines);
    declared.audience.env.extend(audience.env);
    let tags = match meta.get("tags") {
        Some(Value::String(tag)) => vec![tag.clone()],
        Some(Value::Array(tags)) => tags.iter().filter_map(|tag| tag.as_str().map(String::from)).collect(),
        _ => Vec::new(),
    };
    declared.tags.extend(tags.into_iter().filter(|tag| !declared.tags.contains(tag)).collect::<Vec<_>>());
}

struct Reader<'a> {
    source: &'a Source,
    kind: Kind,
    problems: &'a mut Vec<Diagnostic>,
    dynamic: Option<String>,
}

impl Reader<'_> {
    fn read(&mut self, decorator: &Decorator) -> Declared {
        let mut declared = Declared::default();
        if let Expr::Call(call) = &decorator.expression {
            for (name, value) in self.arguments(&call.arguments) {
                self.argument(&mut declared, &name, value);
            }
            configure(&mut declared);
            self.check_requires(&declared, &call.arguments);
        }
        declared
    }

    /// Arguments by name; positional ones stand for `name`, `deps`, `requires`, or for `only`.
    fn arguments<'e>(&mut self, arguments: &'e Arguments) -> Vec<(String, &'e Expr)> {
        let positions: &[&str] = match self.kind {
            Kind::Model => &["name", "deps", "requires"],
            Kind::EngineModel => &["only"],
        };
        let mut found = Vec::new();
        for (position, value) in arguments.args.iter().enumerate() {
            match positions.get(position) {
                Some(name) if !value.is_starred_expr() => found.push((name.to_string(), value)),
                _ => {
                    let message = format!("`@{}` takes its arguments by name", self.kind.name());
                    let problem = self.source.problem("decorator-argument", message, value.range());
                    self.problems.push(problem.hint("write `name=…`, `deps=[…]` and so on"));
                }
            }
        }
        for keyword in &arguments.keywords {
            match &keyword.arg {
                Some(name) if self.is_known(name.as_str()) => found.push((name.to_string(), &keyword.value)),
                Some(name) => self.unknown(name.as_str(), name.range()),
                None => self.not_literal("`**` arguments", &keyword.value),
            }
        }
        found
    }

    fn is_known(&self, name: &str) -> bool {
        ARGUMENTS.contains(&name)
            || EXTENDS.contains(&name)
            || (AUDIENCE.contains(&name) && self.kind == Kind::EngineModel)
    }

    fn unknown(&mut self, name: &str, range: TextRange) {
        let message = format!("`@{}` has no argument `{name}`", self.kind.name());
        let problem = self.source.problem("unknown-argument", message, range);
        let hint = match name {
            "only" => "use `@engine_model(only=…)` for a model of one engine".to_string(),
            "env_match" => "use `@engine_model(env_match=…)` for a model of some environments".to_string(),
            _ => did_you_mean(name, ARGUMENTS).unwrap_or_else(|| format!("known are {}", ARGUMENTS.join(", "))),
        };
        self.problems.push(problem.hint(hint));
    }

    fn argument(&mut self, declared: &mut Declared, name: &str, expression: &Expr) {
        let Some(value) = literal::value(expression) else {
            match name {
                "requires" | "require" | "meta" => {
                    let (path, line) = (&self.source.path, self.source.line(expression));
                    self.dynamic = Some(format!("a `{name}` that is no literal in {path}:{line}"));
                }
                _ => self.not_literal(&format!("`{name}`"), expression),
            }
            return;
        };
        match (name, value) {
            (_, Value::Null) => {}
            ("name", Value::String(text)) if !text.is_empty() => declared.name = Some(text),
            ("materialized", Value::String(text)) => declared.materialized = Some(text),
            ("schema", Value::String(text)) => declared.schema = Some(text),
            ("alias", Value::String(text)) => declared.alias = Some(text),
            ("description", Value::String(text)) => declared.description = Some(text),
            ("volatile", Value::Bool(flag)) => declared.volatile = flag,
            ("kind", Value::String(text)) if text == KIND => {}
            ("frame", Value::String(text)) if Frame::named(&text).is_some() => declared.frame = Frame::named(&text),
            ("meta", value @ Value::Object(_)) => declared.meta = Some(value),
            (name, value) if EXTENDS.contains(&name) => drop(declared.settings.insert(name.into(), value)),
            ("only", Value::String(engine)) => declared.audience.engines = vec![engine],
            ("only", value) => declared.audience.engines = self.names(name, &value, expression),
            ("env_match", value @ Value::Object(_)) => declared.audience.env = self.conditions(&value, expression),
            ("tags", value) => declared.tags = self.names(name, &value, expression),
            ("deps", value) => declared.dependencies = self.dependencies(&value, expression),
            ("requires" | "require", value @ (Value::Object(_) | Value::Array(_))) => declared.requires = Some(value),
            (name, _) => self.wrong_value(name, expression),
        }
    }

    fn names(&mut self, argument: &str, value: &Value, expression: &Expr) -> Vec<String> {
        let items = value.as_array().map(|items| items.iter().map(|item| item.as_str().map(String::from)));
        let names = items.and_then(Iterator::collect::<Option<Vec<_>>>);
        if names.is_none() {
            self.wrong_value(argument, expression);
        }
        names.unwrap_or_default()
    }

    fn conditions(&mut self, value: &Value, expression: &Expr) -> BTreeMap<String, String> {
        let pair = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_string()));
        let found = value.as_object().and_then(|entries| entries.iter().map(pair).collect::<Option<_>>());
        if found.is_none() {
            self.wrong_value("env_match", expression);
        }
        found.unwrap_or_default()
    }

    fn dependencies(&mut self, value: &Value, expression: &Expr) -> Vec<Dependency> {
        let names = self.names("deps", value, expression);
        let items: &[Expr] = match expression {
            Expr::List(list) => &list.elts,
            Expr::Tuple(tuple) => &tuple.elts,
            // A set has no order, and the order of `deps` is that of the function's parameters.
            _ if !names.is_empty() => {
                self.wrong_value("deps", expression);
                &[]
            }
            _ => &[],
        };
        let line = |item: &Expr| self.source.line(item);
        names.into_iter().zip(items).map(|(name, item)| Dependency { name, line: line(item) }).collect()
    }

    /// Every key of `requires` names a dependency; a bare list needs exactly one.
    fn check_requires(&mut self, declared: &Declared, arguments: &Arguments) {
        let Some(requires) = &declared.requires else { return };
        let keyword = arguments.find_keyword("requires").or_else(|| arguments.find_keyword("require"));
        let range = keyword.map_or(arguments.range(), |keyword| keyword.value.range());
        let stems =
            declared.dependencies.iter().map(|dependency| stem(&dependency.name).to_string()).collect::<Vec<_>>();
        let Some(keyed) = requires.as_object() else {
            if stems.len() != 1 {
                let message = "`requires` is a list of columns, but the model hasn't exactly one dependency";
                let problem = self.source.problem("decorator-value", message, range);
                self.problems.push(problem.hint("write `requires={\"dependency\": [\"column\"]}`"));
            }
            return;
        };
        for key in keyed.keys().filter(|key| !stems.iter().any(|one| one == stem(key))) {
            let message = format!("`requires` names `{key}`, which is not in `deps`");
            let mut problem = self.source.problem("unknown-dependency", message, range);
            problem.hints.extend(did_you_mean(key, stems.iter().map(String::as_str)));
            self.problems.push(problem);
        }
    }

    fn not_literal(&mut self, what: &str, expression: &Expr) {
        let text = self.source.slice(expression);
        let message = format!("{what} of `@{}` must be literal, not `{text}`", self.kind.name());
        let problem = self.source.problem("dynamic-decorator", message, expression.range());
        self.problems.push(problem.hint("write the value itself: fft reads decorators without running Python"));
    }

    fn wrong_value(&mut self, argument: &str, expression: &Expr) {
        let (what, example) = match argument {
            "deps" => ("a list of model names", "deps=[\"stg_users.ff\"]"),
            "tags" => ("a list of texts", "tags=[\"nightly\"]"),
            "only" => ("an engine's name or a list of them", "only=[\"one\", \"another\"]"),
            "env_match" => ("values of variables by their names", "env_match={\"FF_ENGINE_VARIANT\": \"pandas\"}"),
            "requires" | "require" => ("columns by dependency", "requires={\"stg_users\": [\"id\"]}"),
            "meta" => ("a dict", "meta={\"owner\": \"data\"}"),
            "volatile" => ("True or False", "volatile=True"),
            "frame" => (FRAMES, "frame=\"pandas\""),
            "kind" => ("what it is, \"python\"; a label of yours is a tag", "tags=[\"nightly\"]"),
            "name" => ("a text that is not empty", "name=\"users\""),
            _ => ("a text", "materialized=\"table\""),
        };
        let message = format!("`{argument}` takes {what}, not `{}`", self.source.slice(expression));
        let problem = self.source.problem("decorator-value", message, expression.range());
        self.problems.push(problem.hint(format!("for example `{example}`")));
    }
}

//! The form in which a model's function takes the rows of what it depends on.

use super::import::{Import, Names};
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use std::collections::BTreeMap;

/// A form of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Lists of dicts.
    Rows,
    Pandas,
    Arrow,
    /// Spark's own DataFrames, which stay where the database is.
    Spark,
}

impl Frame {
    pub const ALL: [Frame; 4] = [Frame::Rows, Frame::Pandas, Frame::Arrow, Frame::Spark];

    /// As a decorator says it.
    pub fn name(self) -> &'static str {
        match self {
            Frame::Rows => "rows",
            Frame::Pandas => "pandas",
            Frame::Arrow => "arrow",
            Frame::Spark => "spark",
        }
    }

    pub fn named(name: &str) -> Option<Frame> {
        Frame::ALL.into_iter().find(|frame| frame.name() == name)
    }
}

/// What a file calls the modules and classes of Spark's Python package: the name bound, and what it stands for.
#[derive(Default)]
pub struct SparkNames(BTreeMap<String, String>);

impl SparkNames {
    pub fn of(body: &[Stmt]) -> SparkNames {
        let mut names = SparkNames::default();
        names.visit_body(body);
        names
    }

    /// Whether one of the function's annotations is Spark's DataFrame.
    pub fn annotate(&self, function: &StmtFunctionDef) -> bool {
        let parameters = function.parameters.iter().filter_map(|parameter| parameter.annotation());
        let mut seen = Annotated { names: self, found: false };
        parameters.chain(function.returns.as_deref()).for_each(|annotation| seen.visit_expr(annotation));
        seen.found
    }

    /// Whether a dotted name is that class. What is called a DataFrame in `pyspark.pandas` is another one.
    fn is_frame(&self, dotted: &str) -> bool {
        let (first, rest) = dotted.split_once('.').map_or((dotted, ""), |(first, rest)| (first, rest));
        let Some(bound) = self.0.get(first) else { return false };
        let full = if rest.is_empty() { bound.clone() } else { format!("{bound}.{rest}") };
        full.starts_with("pyspark.sql.") && full.ends_with(".DataFrame")
    }
}

impl<'a> Visitor<'a> for SparkNames {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let of_spark = |import: &Import| import.level == 0 && import.module.split('.').next() == Some("pyspark");
        for import in Import::of(statement).into_iter().filter(of_spark) {
            match &import.names {
                // `import pyspark.sql` binds the package, `import pyspark.sql as sql` the module.
                Names::Module { bound } if bound == "pyspark" => drop(self.0.insert(bound.clone(), bound.clone())),
                Names::Module { bound } => drop(self.0.insert(bound.clone(), import.module)),
                Names::From(names) => {
                    let full = |(name, bound): &(String, String)| (bound.clone(), format!("{}.{name}", import.module));
                    self.0.extend(names.iter().map(full));
                }
                Names::Star => drop(self.0.insert("DataFrame".into(), format!("{}.DataFrame", import.module))),
            }
        }
        walk_stmt(self, statement);
    }
}

/// Looks through an annotation.
struct Annotated<'n> {
    names: &'n SparkNames,
    found: bool,
}

impl<'a> Visitor<'a> for Annotated<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(_) | Expr::Attribute(_) => {
                self.found |= dotted(expression).is_some_and(|name| self.names.is_frame(&name));
            }
            // Annotations may be written as texts.
            Expr::StringLiteral(text) => {
                let word = |character: char| !(character.is_alphanumeric() || matches!(character, '_' | '.'));
                self.found |= text.value.to_str().split(word).any(|name| self.names.is_frame(name));
            }
            _ => walk_expr(self, expression),
        }
    }
}

/// `a.b.c` as text; `None` of anything else.
fn dotted(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(format!("{}.{}", dotted(&attribute.value)?, attribute.attr)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NoModules, analyse};
    use super::Frame;

    fn frame(head: &str, decorator: &str, signature: &str) -> Option<Frame> {
        let text = format!(
            "from fastflowtransform import model, engine_model\n{head}\n\n@{decorator}\ndef build{signature}:\n    \
             return a\n"
        );
        let models = analyse("models/m.ff.py", &text, &NoModules).expect("it can be read");
        models[0].frame
    }

    #[test]
    fn frames_are_declared_or_annotated() {
        let spark = [
            ("from pyspark.sql import DataFrame", "(a: DataFrame)"),
            ("from pyspark.sql import DataFrame as SDF", "(a) -> SDF"),
            ("from pyspark.sql.connect.dataframe import DataFrame", "(a: 'DataFrame')"),
            ("import pyspark.sql", "(a: pyspark.sql.DataFrame)"),
            ("import pyspark.sql as ps", "(a: ps.DataFrame | None)"),
            ("from pyspark import sql", "(*a: sql.DataFrame)"),
            ("from pyspark.sql import *", "(a: DataFrame)"),
            ("import pyspark.sql", "(a: \"dict[str, pyspark.sql.DataFrame]\")"),
            ("if TYPE_CHECKING:\n    from pyspark.sql import DataFrame", "(a: dict[str, DataFrame])"),
        ];
        for (head, signature) in spark {
            assert_eq!(frame(head, "model(deps=['a'])", signature), Some(Frame::Spark), "{head} {signature}");
        }
        let others = [
            ("from pandas import DataFrame", "(a: DataFrame)"),
            ("import pyspark.pandas as ps", "(a: ps.DataFrame)"),
            ("from pyspark.sql import SparkSession", "(a) -> SparkSession"),
            ("from .pyspark.sql import DataFrame", "(a: DataFrame)"),
            ("", "(a: 'DataFrame')"),
        ];
        for (head, signature) in others {
            assert_eq!(frame(head, "model(deps=['a'])", signature), None, "{head} {signature}");
        }
        for declared in Frame::ALL {
            let decorator = format!("model(deps=['a'], frame='{}')", declared.name());
            assert_eq!(frame("", &decorator, "(a)"), Some(declared));
        }
        let both = frame("from pyspark.sql import DataFrame", "engine_model('x', frame='pandas')", "(a: DataFrame)");
        assert_eq!(both, Some(Frame::Pandas), "what is declared counts");
    }

    #[test]
    fn another_form_is_an_error() {
        let text =
            "from fastflowtransform import model\n\n@model(deps=['a'], frame='polars')\ndef build(a):\n    return a\n";
        let problems = analyse("models/m.ff.py", text, &NoModules).expect_err("it is refused");
        let told = problems[0].to_string();
        assert!(
            told.contains("`frame` takes one of \"rows\", \"pandas\", \"arrow\", \"spark\", not `'polars'`"),
            "{told}"
        );
    }

    #[test]
    fn a_declared_frame_is_part_of_what_the_function_is_given() {
        let text = |argument: &str| {
            format!(
                "from fastflowtransform import model\n\n@model(deps=['a'], tags=['x']{argument})\ndef build(a):\n    \
                 return a\n"
            )
        };
        let slice = |argument: &str| {
            analyse("models/m.ff.py", &text(argument), &NoModules).expect("it can be read")[0].slice.clone()
        };
        assert!(slice("").contains("@model(deps=['a'])"), "{}", slice(""));
        assert!(slice(", frame='spark'").contains("@model(deps=['a'], frame='spark')"));
    }
}

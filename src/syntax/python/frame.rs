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

/// What a file calls the modules and classes of Spark's Python package: the name bound, and what it stands for. Only what
/// is bound outside of functions and classes counts, which annotations see and which is always part of a model's slice.
#[derive(Default)]
pub struct SparkNames(BTreeMap<String, String>);

impl SparkNames {
    pub fn of(body: &[Stmt]) -> SparkNames {
        let mut names = SparkNames::default();
        names.visit_body(body);
        names
    }

    /// Whether the function's annotations have Spark's DataFrame, and no other one.
    pub fn annotate(&self, function: &StmtFunctionDef) -> bool {
        let parameters = function.parameters.iter().filter_map(|parameter| parameter.annotation());
        let mut seen = Annotated { names: self, spark: false, other: false };
        parameters.chain(function.returns.as_deref()).for_each(|annotation| seen.visit_expr(annotation));
        seen.spark && !seen.other
    }

    /// Whether a dotted name is that class; `None` of what is no DataFrame at all. What is called so in `pyspark.pandas` is
    /// another one.
    fn is_frame(&self, dotted: &str) -> Option<bool> {
        let (first, rest) = dotted.split_once('.').map_or((dotted, ""), |(first, rest)| (first, rest));
        let full = match self.0.get(first) {
            None => dotted.to_string(),
            Some(bound) if rest.is_empty() => bound.clone(),
            Some(bound) => format!("{bound}.{rest}"),
        };
        let last = full.rsplit('.').next().unwrap_or_default();
        (last == "DataFrame").then(|| self.0.contains_key(first) && full.starts_with("pyspark.sql."))
    }

    fn bind(&mut self, import: &Import) {
        let of_spark = import.level == 0 && import.module.split('.').next() == Some("pyspark");
        // The last one to take a name has it.
        import.bound().into_iter().for_each(|bound| drop(self.0.remove(bound)));
        match &import.names {
            _ if !of_spark => {}
            // `import pyspark.sql` binds the package, `import pyspark.sql as sql` the module.
            Names::Module { bound } if bound == "pyspark" => drop(self.0.insert(bound.clone(), bound.clone())),
            Names::Module { bound } => drop(self.0.insert(bound.clone(), import.module.clone())),
            Names::From(names) => {
                let full = |(name, bound): &(String, String)| (bound.clone(), format!("{}.{name}", import.module));
                self.0.extend(names.iter().map(full));
            }
            Names::Star => drop(self.0.insert("DataFrame".into(), format!("{}.DataFrame", import.module))),
        }
    }
}

impl<'a> Visitor<'a> for SparkNames {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        Import::of(statement).iter().for_each(|import| self.bind(import));
        if !matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
            walk_stmt(self, statement);
        }
    }
}

/// Looks through an annotation.
struct Annotated<'n> {
    names: &'n SparkNames,
    spark: bool,
    other: bool,
}

impl Annotated<'_> {
    fn see(&mut self, name: &str) {
        match self.names.is_frame(name) {
            Some(true) => self.spark = true,
            Some(false) => self.other = true,
            None => {}
        }
    }
}

impl<'a> Visitor<'a> for Annotated<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(_) | Expr::Attribute(_) => {
                dotted(expression).into_iter().for_each(|name| self.see(&name));
            }
            // Annotations may be written as texts.
            Expr::StringLiteral(text) => {
                let word = |character: char| !(character.is_alphanumeric() || matches!(character, '_' | '.'));
                text.value.to_str().split(word).for_each(|name| self.see(name));
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
            (
                "try:\n    from pyspark.sql import DataFrame\nexcept ImportError:\n    from pandas import DataFrame",
                "(a: DataFrame)",
            ),
            ("from pandas import DataFrame\ndef other():\n    from pyspark.sql import DataFrame", "(a: DataFrame)"),
            ("import pandas as pd\nfrom pyspark.sql import DataFrame as SDF", "(a: pd.DataFrame | SDF)"),
            ("import pandas as pd\nfrom pyspark.sql import DataFrame as SDF", "(a: pd.DataFrame) -> 'SDF'"),
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

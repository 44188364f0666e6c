//! Whether importing a file does no more than bind names: definitions, imports, and constants made of what has no effect.
//!
//! Only then is a part of the file all that a model may reach: no code of the project has run when the model begins, so
//! that nothing can have been altered by what the model doesn't name.

use super::decorator::Aliases;
use super::effect::{Checked, Effect, effect};
use super::harmless;
use super::import::{Import, Names as Imported};
use super::local::{Local, Locals};
use super::names::{Names, without_index};
use super::target::Target;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{
    Arguments, Comprehension, Decorator, ExceptHandler, Expr, ExprCall, Operator, Parameters, Stmt, StmtClassDef,
    StmtFunctionDef, StmtTry,
};
use ruff_text_size::Ranged;

/// What is known of the file that is looked at.
pub struct Plain<'a> {
    pub names: &'a Names,
    pub locals: &'a Locals<'a>,
    /// The decorators that declare models, in a model file.
    pub models: Option<&'a Aliases>,
}

/// Names between double underscores that modules may set freely.
const SET: [&str; 6] = ["__all__", "__author__", "__version__", "__slots__", "__match_args__", "__doc__"];

/// Methods that Python calls while a class is made or looked at.
const HOOKS: [&str; 5] =
    ["__init_subclass__", "__class_getitem__", "__set_name__", "__mro_entries__", "__subclasshook__"];

impl Local {
    /// What importing it does beyond binding names.
    pub fn effect(&self, locals: &Locals<'_>) -> Option<&Effect> {
        let plain = Plain { names: &self.names, locals, models: None };
        self.effect.get_or_init(|| plain.effect(self.module.suite())).as_ref()
    }
}

impl Plain<'_> {
    /// The first thing that importing the file does beyond binding names.
    pub fn effect(&self, body: &[Stmt]) -> Option<Effect> {
        self.body(body, false).err()
    }

    fn body(&self, body: &[Stmt], class: bool) -> Checked {
        body.iter().try_for_each(|statement| self.statement(statement, class))
    }

    fn statement(&self, statement: &Stmt, class: bool) -> Checked {
        match statement {
            Stmt::FunctionDef(function) => self.function(function, class),
            Stmt::ClassDef(class) => self.class(class),
            Stmt::Import(_) | Stmt::ImportFrom(_) => Import::of(statement).iter().try_for_each(|import| {
                if import.names == Imported::Star && !import.is_package() {
                    effect(format!("`from {} import *`", import.module), statement)
                } else {
                    Ok(())
                }
            }),
            Stmt::Assign(assign) => {
                assign.targets.iter().try_for_each(|target| target_of(target, &assign.value))?;
                self.value(&assign.value)
            }
            Stmt::AnnAssign(assign) => {
                let value = assign.value.as_deref();
                value.map_or(Ok(()), |value| target_of(&assign.target, value))?;
                self.value(&assign.annotation)?;
                value.map_or(Ok(()), |value| self.value(value))
            }
            Stmt::TypeAlias(_) | Stmt::Pass(_) => Ok(()),
            Stmt::Expr(expression) if expression.value.is_literal_expr() => Ok(()),
            Stmt::Expr(expression) => {
                self.value(&expression.value)?;
                effect("a statement that only computes something", statement)
            }
            Stmt::If(branch) if is_main_guard(&branch.test) && branch.elif_else_clauses.is_empty() => Ok(()),
            Stmt::If(branch) => {
                self.value(&branch.test)?;
                self.body(&branch.body, class)?;
                branch.elif_else_clauses.iter().try_for_each(|clause| {
                    clause.test.as_ref().map_or(Ok(()), |test| self.value(test))?;
                    self.body(&clause.body, class)
                })
            }
            Stmt::Try(attempt) => self.attempt(attempt, class),
            other => effect(words(other), other),
        }
    }

    fn attempt(&self, attempt: &StmtTry, class: bool) -> Checked {
        // Whether a module of the project can be imported may hang on who imported what before.
        let local = |statement: &&Stmt| {
            Import::of(statement).iter().any(|import| self.locals.is_local(import, self.names.package()))
        };
        if let Some(import) = attempt.body.iter().find(local) {
            return effect("an import inside `try`", import);
        }
        for body in [&attempt.body, &attempt.orelse, &attempt.finalbody] {
            self.body(body, class)?;
        }
        attempt.handlers.iter().try_for_each(|ExceptHandler::ExceptHandler(handler)| {
            handler.type_.as_ref().map_or(Ok(()), |kind| self.value(kind))?;
            self.body(&handler.body, class)
        })
    }

    fn function(&self, function: &StmtFunctionDef, class: bool) -> Checked {
        let name = function.name.as_str();
        if !class && ["__getattr__", "__dir__"].contains(&name) {
            return effect(format!("the module's own `{name}`"), function);
        }
        if HOOKS.contains(&name) {
            return effect(format!("`{name}`"), function);
        }
        function.decorator_list.iter().try_for_each(|decorator| self.decorator(decorator, class))?;
        self.parameters(&function.parameters)?;
        function.returns.as_ref().map_or(Ok(()), |returns| self.value(returns))
    }

    /// Defaults and annotations, which are computed where the function is defined.
    fn parameters(&self, parameters: &Parameters) -> Checked {
        for parameter in parameters.iter() {
            parameter.default().map_or(Ok(()), |default| self.value(default))?;
            parameter.annotation().map_or(Ok(()), |annotation| self.value(annotation))?;
        }
        Ok(())
    }

    fn decorator(&self, decorator: &Decorator, class: bool) -> Checked {
        let (named, arguments) = match &decorator.expression {
            Expr::Call(call) => (&*call.func, Some(&call.arguments)),
            other => (other, None),
        };
        let known = match self.names.target(named, self.locals) {
            Target::External(name) => harmless::is_decorator(&name),
            _ => false,
        };
        let accessor = |attribute: &ruff_python_ast::ExprAttribute| {
            attribute.value.is_name_expr() && ["getter", "setter", "deleter"].contains(&attribute.attr.as_str())
        };
        let of_property = class && arguments.is_none() && named.as_attribute_expr().is_some_and(accessor);
        if !known && !of_property && self.models.is_none_or(|models| models.kind(decorator).is_none()) {
            let shown = super::names::dotted(named).map_or(String::new(), |name| format!(" `@{name}`"));
            return effect(format!("the decorator{shown}"), decorator);
        }
        arguments.map_or(Ok(()), |arguments| self.arguments(arguments))
    }

    fn class(&self, class: &StmtClassDef) -> Checked {
        class.decorator_list.iter().try_for_each(|decorator| self.decorator(decorator, false))?;
        let mut enumeration = false;
        for base in class.bases() {
            match self.names.target(without_index(base), self.locals) {
                Target::External(name) if harmless::is_base(&name) => enumeration |= name.starts_with("enum."),
                Target::Class if !enumeration => {}
                _ => return effect("a base class that isn't known to be harmless", base),
            }
            self.value(base)?;
        }
        if let Some(keyword) = class.keywords().iter().find(|word| word.arg.as_deref() != Some("total")) {
            return effect("an argument of a class", keyword);
        }
        // A member is made by what the class defines, and its value is told by that.
        let defined = |statement: &&Stmt| match statement {
            Stmt::FunctionDef(function) => function.name.starts_with('_') || !function.decorator_list.is_empty(),
            _ => false,
        };
        if let Some(method) = class.body.iter().find(defined).filter(|_| enumeration) {
            return effect("a method of an enumeration that may run while it is made", method);
        }
        if enumeration && class.bases().iter().any(|base| self.names.target(base, self.locals) == Target::Class) {
            return effect("a base class of an enumeration", class);
        }
        self.body(&class.body, true)
    }

    fn arguments(&self, arguments: &Arguments) -> Checked {
        arguments.args.iter().try_for_each(|argument| self.value(argument))?;
        arguments.keywords.iter().try_for_each(|keyword| self.value(&keyword.value))
    }

    /// Whether computing `expression` does nothing else.
    fn value(&self, expression: &Expr) -> Checked {
        let mut look = Look { plain: self, found: Ok(()) };
        look.visit_expr(expression);
        look.found
    }

    /// Whether the call makes a value and nothing else; its arguments apart.
    fn makes_a_value(&self, call: &ExprCall) -> bool {
        let calls_back = |keyword: &ruff_python_ast::Keyword| {
            let name = keyword.arg.as_ref().map(ruff_python_ast::Identifier::as_str);
            name.is_none_or(|name| ["key", "cls", "default", "object_hook", "object_pairs_hook"].contains(&name))
        };
        match self.names.target(&call.func, self.locals) {
            Target::External(name) if harmless::is_function(&name) => {
                let own = name == "dataclasses.field" || name.starts_with("fastflowtransform.");
                own || !call.arguments.keywords.iter().any(calls_back)
            }
            // A method of a text or a path that was made here.
            _ => match &*call.func {
                Expr::Attribute(method) => harmless::is_method(&method.attr) && self.is_text_or_path(&method.value),
                _ => false,
            },
        }
    }

    fn is_text_or_path(&self, expression: &Expr) -> bool {
        match expression {
            Expr::StringLiteral(_) | Expr::FString(_) => true,
            Expr::Attribute(attribute) => {
                ["parent", "name", "stem", "suffix"].contains(&attribute.attr.as_str())
                    && self.is_text_or_path(&attribute.value)
            }
            Expr::Subscript(subscript) => match &*subscript.value {
                Expr::Attribute(parents) if parents.attr.as_str() == "parents" => self.is_text_or_path(&parents.value),
                _ => false,
            },
            Expr::BinOp(operation) => operation.op == Operator::Div && self.is_text_or_path(&operation.left),
            Expr::Call(call) => match self.names.target(&call.func, self.locals) {
                Target::External(name) => {
                    name.starts_with("pathlib.")
                        || ["fastflowtransform.env", "os.getenv", "os.environ.get", "builtins.str"]
                            .contains(&name.as_str())
                }
                _ => self.makes_a_value(call) && call.func.is_attribute_expr(),
            },
            _ => false,
        }
    }
}

/// Whether assigning `value` to `target` binds names and calls nothing.
fn target_of(target: &Expr, value: &Expr) -> Checked {
    match target {
        Expr::Name(name) if name.id.starts_with("__") && !SET.contains(&name.id.as_str()) => {
            effect(format!("an assignment to `{}`", name.id), target)
        }
        Expr::Name(_) => Ok(()),
        Expr::Tuple(_) | Expr::List(_) => {
            let items = |expression: &Expr| match expression {
                Expr::Tuple(tuple) => Some(tuple.elts.to_vec()),
                Expr::List(list) => Some(list.elts.to_vec()),
                _ => None,
            };
            let (Some(targets), Some(values)) = (items(target), items(value)) else {
                return effect("an assignment that takes a value apart", target);
            };
            if targets.len() != values.len() {
                return effect("an assignment that takes a value apart", target);
            }
            targets.iter().zip(&values).try_for_each(|(target, value)| target_of(target, value))
        }
        Expr::Attribute(_) => effect("an assignment to an attribute", target),
        Expr::Subscript(_) => effect("an assignment to an item", target),
        _ => effect("an assignment", target),
    }
}

fn words(statement: &Stmt) -> &'static str {
    match statement {
        Stmt::AugAssign(_) => "an assignment that alters",
        Stmt::Delete(_) => "`del`",
        Stmt::For(_) => "a `for` loop",
        Stmt::While(_) => "a `while` loop",
        Stmt::With(_) => "a `with` block",
        Stmt::Match(_) => "a `match` block",
        Stmt::Raise(_) => "`raise`",
        Stmt::Assert(_) => "`assert`",
        Stmt::Global(_) => "`global`",
        _ => "a statement",
    }
}

/// `__name__ == "__main__"`: never so where fft runs a model.
fn is_main_guard(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    let sides = [Some(&*compare.left), compare.comparators.first()];
    let name = |side: &&Expr| side.as_name_expr().is_some_and(|name| name.id.as_str() == "__name__");
    let main = |side: &&Expr| side.as_string_literal_expr().is_some_and(|text| text.value.to_str() == "__main__");
    compare.ops.as_ref() == [ruff_python_ast::CmpOp::Eq]
        && sides.into_iter().flatten().any(|side| name(&side))
        && sides.into_iter().flatten().any(|side| main(&side))
}

/// Looks through an expression for the first part that does more than make a value.
struct Look<'a> {
    plain: &'a Plain<'a>,
    found: Checked,
}

impl Look<'_> {
    fn found(&mut self, what: impl Into<String>, at: &impl Ranged) {
        if self.found.is_ok() {
            self.found = effect(what, at);
        }
    }
}

impl<'a> Visitor<'a> for Look<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    let checked = self.plain.parameters(parameters);
                    self.found = std::mem::replace(&mut self.found, Ok(())).and(checked);
                }
                return;
            }
            Expr::Call(call) => {
                if !self.plain.makes_a_value(call) {
                    let shown = super::names::dotted(&call.func).map_or(String::new(), |name| format!(" of `{name}`"));
                    return self.found(format!("a call{shown}"), call);
                }
                // What is used up at once leaves nothing behind.
                if let [Expr::Generator(generator)] = &*call.arguments.args {
                    self.visit_expr(&generator.elt);
                    generator.generators.iter().for_each(|part| self.visit_comprehension(part));
                    return;
                }
            }
            Expr::Attribute(attribute) if attribute.attr.starts_with("__") && !is_plain_dunder(&attribute.attr) => {
                return self.found(format!("`.{}`", attribute.attr), expression);
            }
            Expr::BinOp(operation)
                if matches!(operation.op, Operator::LShift | Operator::RShift)
                    && !operation.left.is_number_literal_expr() =>
            {
                return self.found("`<<` or `>>`", expression);
            }
            Expr::Name(name) if ["globals", "locals", "vars"].contains(&name.id.as_str()) => {
                return self.found(format!("`{}`", name.id), expression);
            }
            Expr::Named(_) => return self.found("`:=`", expression),
            Expr::Generator(_) => return self.found("a generator", expression),
            Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) | Expr::IpyEscapeCommand(_) => {
                return self.found("an expression", expression);
            }
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        // Its target is bound in a scope of its own.
        if comprehension.is_async || !is_names(&comprehension.target) {
            return self.found("a comprehension", comprehension);
        }
        self.visit_expr(&comprehension.iter);
        comprehension.ifs.iter().for_each(|test| self.visit_expr(test));
    }
}

fn is_names(target: &Expr) -> bool {
    match target {
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_names),
        other => other.is_name_expr(),
    }
}

/// Attributes between double underscores that only tell something.
fn is_plain_dunder(name: &str) -> bool {
    ["__name__", "__qualname__", "__doc__", "__version__", "__file__", "__module__", "__members__"].contains(&name)
}

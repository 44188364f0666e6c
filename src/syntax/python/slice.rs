//! The part of a file that one model reaches.
//!
//! It is used only where the file and every module of the project that it imports do no more than bind names while they
//! are imported ([`Plain`]): then no code of the project has run when the model begins, and what it may reach is told by
//! names. A name reaches every statement that binds it. Anywhere else the whole file stands in for the part, with all
//! modules that it imports.

use super::declaration::Declaration;
use super::decorator::Aliases;
use super::facts::Facts;
use super::import::Import;
use super::local::{Closure, Locals};
use super::names::Names;
use super::plain::Plain;
use super::reads::{self, Reads};
use super::source::Source;
use crate::diagnostic::Diagnostic;
use ruff_python_ast::Stmt;
use ruff_text_size::TextRange;
use std::collections::{BTreeMap, BTreeSet};

/// A model file and who binds what in it.
pub struct File<'a> {
    pub source: &'a Source,
    body: &'a [Stmt],
    facts: Vec<Facts>,
    locals: &'a Locals<'a>,
    binders: BTreeMap<String, Vec<usize>>,
    /// Imports that change more than the names they bind.
    always: Vec<usize>,
    /// The statements of the functions that are models.
    models: BTreeSet<usize>,
    /// Model decorators and what slices keep of them.
    decorators: Vec<(TextRange, String)>,
    /// Why no part of the file stands for itself.
    effect: Option<String>,
}

/// What a model reaches.
#[derive(Default)]
pub struct Reached {
    /// Indices of statements, in file order.
    pub statements: BTreeSet<usize>,
    pub modules: BTreeMap<String, String>,
    pub reads: Reads,
    pub whole_file: Option<String>,
}

impl<'a> File<'a> {
    pub fn new(
        source: &'a Source,
        body: &'a [Stmt],
        locals: &'a Locals<'a>,
        declarations: &[Declaration<'_>],
    ) -> Result<File<'a>, Vec<Diagnostic>> {
        let facts = body.iter().map(Facts::of).collect::<Vec<_>>();
        let mut binders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (statement, facts) in facts.iter().enumerate() {
            for name in &facts.binds {
                binders.entry(name.clone()).or_default().push(statement);
            }
        }
        let harmless = |import: &Import| locals.is_harmless(import, None);
        let always = facts.iter().enumerate().filter(|(_, facts)| facts.import_has_effects(harmless));
        let always = always.map(|(statement, _)| statement).collect();
        let decorators = declarations.iter().flat_map(|declaration| declaration.decorators.clone()).collect();
        let models = declarations.iter().map(|declaration| declaration.statement).collect();
        let (names, aliases) = (Names::of(body, None), Aliases::of(body));
        let own = Plain { names: &names, locals, models: Some(&aliases) }.effect(body);
        let own = own.map(|effect| at_module_level(&effect.what, source, effect.at));
        let imported = locals.closure(facts.iter().flat_map(|facts| &facts.at_import))?;
        let effect = own.or_else(|| effect_of(&imported, locals));
        Ok(File { source, body, facts, locals, binders, always, models, decorators, effect })
    }

    /// What the model function at `root` reaches; `dynamic` says why the whole file is asked for.
    pub fn slice(&self, root: usize, dynamic: Option<String>) -> Result<Reached, Vec<Diagnostic>> {
        let mut statements = self.reach(root)?;
        let mut modules = self.locals.closure(self.imports(&statements))?;
        let mut whole_file = self.effect.clone().or_else(|| effect_of(&modules, self.locals)).or(dynamic);
        let mut unknown = self.unknown(&statements, &modules);
        if whole_file.is_some() || unknown.is_some() {
            statements = (0..self.facts.len()).collect();
            modules = self.locals.closure(self.imports(&statements))?;
            unknown = self.unknown(&statements, &modules);
        }
        if let Some((_, true)) = &unknown {
            modules.extend(self.locals.all(&self.source.path)?);
        }
        whole_file = whole_file.or(unknown.clone().map(|(what, _)| what));
        let own = statements.iter().map(|statement| &self.body[*statement]).collect::<Vec<_>>();
        let imports = self.imports(&statements);
        let mut reads = reads::read(self.source, &own, &imports, &modules, self.locals);
        if unknown.is_some() {
            reads.hide();
        }
        let content = |local: &std::rc::Rc<super::local::Local>| (local.source.path.clone(), local.source.text.clone());
        Ok(Reached { statements, modules: modules.values().map(content).collect(), reads, whole_file })
    }

    /// The source of `statements`, a line end behind each.
    pub fn text(&self, statements: &BTreeSet<usize>) -> String {
        statements.iter().map(|statement| self.statement(self.facts[*statement].range) + "\n").collect()
    }

    fn statement(&self, range: TextRange) -> String {
        let mut inside = self.decorators.iter().filter(|(place, _)| range.contains_range(*place)).collect::<Vec<_>>();
        inside.sort_by_key(|(place, _)| place.start());
        inside.dedup();
        let mut text = String::new();
        let mut end = range.start();
        for (place, kept) in inside {
            text += &self.source.text[TextRange::new(end, place.start())];
            text += kept;
            end = place.end();
        }
        text + &self.source.text[TextRange::new(end, range.end())] + self.comment_behind(range)
    }

    /// A comment on the statement's last line: it is read as part of it.
    fn comment_behind(&self, range: TextRange) -> &str {
        let rest = self.source.text[range.end().to_usize()..].split('\n').next().unwrap_or_default();
        if rest.trim_start().starts_with('#') { rest.trim_end() } else { "" }
    }

    fn imports(&self, statements: &BTreeSet<usize>) -> Vec<&Import> {
        statements.iter().flat_map(|statement| &self.facts[*statement].imports).collect()
    }

    /// What in `statements` or `modules` can't be followed, and whether it may load any module of the project.
    fn unknown(&self, statements: &BTreeSet<usize>, modules: &Closure) -> Option<(String, bool)> {
        let relative = |facts: &Facts| facts.imports.iter().any(|import| import.level > 0);
        let own = statements.iter().flat_map(|statement| {
            let facts = &self.facts[*statement];
            let dynamic = facts.dynamic.as_ref().map(|found| (place(&found.what, self.source, found.at), found.loads));
            dynamic.or_else(|| relative(facts).then(|| (place("a relative import", self.source, facts.range), false)))
        });
        let of_modules = modules.values().filter_map(|local| {
            let found = local.facts.dynamic.as_ref()?;
            Some((place(&found.what, &local.source, found.at), found.loads))
        });
        let mut first: Option<(String, bool)> = None;
        for (what, loads) in own.chain(of_modules) {
            let known = first.get_or_insert((what, loads));
            known.1 |= loads;
        }
        first
    }

    fn reach(&self, root: usize) -> Result<BTreeSet<usize>, Vec<Diagnostic>> {
        let mut statements = BTreeSet::new();
        let mut open = self.always.clone();
        open.push(root);
        // The module's name for the function may be bound once more; of variants, each is told by itself.
        let names = self.facts[root].binds.iter().filter_map(|name| self.binders.get(name)).flatten();
        open.extend(names.filter(|other| !self.models.contains(other)));
        loop {
            while let Some(statement) = open.pop() {
                if statements.insert(statement) {
                    let mentions = &self.facts[statement].mentions;
                    open.extend(mentions.iter().filter_map(|name| self.binders.get(name)).flatten());
                }
            }
            open = self.loaders(&statements)?;
            if open.is_empty() {
                return Ok(statements);
            }
        }
    }

    /// Imports outside of `statements` that load a module which those name as an attribute: `import p.q as r` makes
    /// `p.q` known to everybody who has `p`.
    fn loaders(&self, statements: &BTreeSet<usize>) -> Result<Vec<usize>, Vec<Diagnostic>> {
        let candidates = |statement: &usize| {
            let facts = &self.facts[*statement];
            !statements.contains(statement) && facts.at_import.iter().any(|import| !import.is_package())
        };
        let open = (0..self.facts.len()).filter(candidates).collect::<Vec<_>>();
        if open.is_empty() {
            return Ok(open);
        }
        let modules = self.locals.closure(self.imports(statements))?;
        let of_modules = modules.values().flat_map(|local| &local.facts.attributes);
        let own = statements.iter().flat_map(|statement| &self.facts[*statement].attributes);
        let attributes = own.chain(of_modules).collect::<BTreeSet<_>>();
        let named = |name: &str| name.rsplit_once('.').is_some_and(|(_, last)| attributes.contains(&last.to_string()));
        let mut loaders = Vec::new();
        for statement in open {
            let imports = || self.facts[statement].at_import.iter().filter(|import| !import.is_package());
            let direct = imports().any(|import| import.candidates(None).iter().any(|name| named(name)));
            let closure = self.locals.closure(imports())?;
            let loaded = closure.keys().map(|path| path.trim_end_matches(".py").trim_end_matches("/__init__"));
            if direct || loaded.map(|path| path.replace('/', ".")).any(|name| named(&name)) {
                loaders.push(statement);
            }
        }
        Ok(loaders)
    }
}

/// The first thing that importing one of `modules` does beyond binding names.
fn effect_of(modules: &Closure, locals: &Locals<'_>) -> Option<String> {
    modules.values().find_map(|local| {
        let effect = local.effect(locals)?;
        Some(at_module_level(&effect.what, &local.source, effect.at))
    })
}

fn at_module_level(what: &str, source: &Source, at: TextRange) -> String {
    place(&format!("{what} at module level"), source, at)
}

fn place(what: &str, source: &Source, at: TextRange) -> String {
    format!("{what} in {}:{}", source.path, source.line(&at))
}

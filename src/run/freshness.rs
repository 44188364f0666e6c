//! How old the data of sources are: asked of the database, recorded, and shown on the site.

use super::{Checkout, Failure, Opened, Tell, database, redacted, site};
use crate::artifact::freshness::{self, AgesMetadata, SourceAge, SourceAges};
use crate::artifact::wire::SCHEMA_VERSION;
use crate::artifact::write_json;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::engine::{Access, Relations};
use crate::project::{Project, SourceTable};
use crate::site::build::Artifacts;
use crate::watch::{Index, Observer};
use crate::world::instant;
use globset::Glob;
use std::collections::{BTreeMap, BTreeSet};

/// What was found of the sources that were looked at.
pub struct Looked {
    /// By `group.table`.
    pub ages: SourceAges,
    /// Why what was found couldn't be shown.
    pub unwritten: Option<Failure>,
}

impl Opened {
    /// Looks at the sources that `select` names, or at all, as far as they say how old their data may get; writes down
    /// what was found beside what is known of others, and brings the site up to date where one is wanted and there.
    pub fn freshness(self, tell: &dyn Tell, select: &[String], with_site: bool) -> Result<Looked, Failure> {
        let checkout = &self.checkout;
        let Checkout { world, project, layout, .. } = checkout;
        let wanted = chosen(project, select)?;
        // A database isn't opened to look at nothing.
        let sources = if wanted.is_empty() { BTreeMap::new() } else { self.looked_at(tell, &wanted)? };
        let metadata = AgesMetadata {
            engine: project.profile.engine.clone(),
            generated_at: instant(world.now()),
            profile: project.profile.name.clone(),
            project: project.settings.name.clone(),
            schema_version: SCHEMA_VERSION.into(),
            tool_version: env!("CARGO_PKG_VERSION").into(),
        };
        let ages = SourceAges { metadata, sources };
        if ages.sources.is_empty() {
            return Ok(Looked { ages, unwritten: None });
        }
        let known = freshness::read(&**world, &layout.sources());
        let all = SourceAges { sources: with_known(project, known, &ages), ..ages.clone() };
        write_json(&**world, &layout.sources(), &all)
            .map_err(|error| Failure::Io("sources.json could not be written".into(), error))?;
        let unwritten = if with_site { self.show().err() } else { None };
        Ok(Looked { ages, unwritten })
    }

    fn looked_at(&self, tell: &dyn Tell, wanted: &[&SourceTable]) -> Result<BTreeMap<String, SourceAge>, Failure> {
        let checkout = &self.checkout;
        let Checkout { world, project, dialect, .. } = checkout;
        let failed = |error| redacted(project, error);
        let engine = database::engine(checkout, &self.hold(tell), Access::Look).map_err(failed)?;
        let mut session = engine.session().map_err(failed)?;
        let mut observer = Observer {
            world: &**world,
            project,
            dialect: &**dialect,
            session: &mut session,
            relations: &Relations::default(),
            index: &mut Index::default(),
        };
        let mut found = BTreeMap::new();
        for source in wanted {
            let Some(limits) = &source.freshness else { continue };
            let loaded = observer.loaded(source).map_err(failed)?;
            found.insert(source.name(), SourceAge::of(source, limits, &loaded, world.now()));
        }
        Ok(found)
    }

    /// Brings the site up to date, where a run has made one.
    fn show(&self) -> Result<(), Failure> {
        let Checkout { world, project, layout, .. } = &self.checkout;
        if !world.exists(&project.site_folder()) {
            return Ok(());
        }
        let artifacts = Artifacts::read(&**world, layout).map_err(|error| Failure::Io("the last run".into(), error))?;
        artifacts.map_or(Ok(()), |artifacts| site::refresh(&self.checkout, artifacts))
    }
}

/// What was found before of other sources of the same profile, with what was found now.
fn with_known(project: &Project, known: SourceAges, now: &SourceAges) -> BTreeMap<String, SourceAge> {
    let limited: BTreeSet<String> =
        project.sources.values().filter(|source| source.freshness.is_some()).map(SourceTable::name).collect();
    let same = known.metadata.profile == now.metadata.profile;
    let before = known.sources.into_iter().filter(|(name, _)| same && limited.contains(name));
    before.chain(now.sources.clone()).collect()
}

/// The sources that are meant: `crm`, `crm.users`, `source:crm.*`.
fn chosen<'a>(project: &'a Project, select: &[String]) -> Result<Vec<&'a SourceTable>, Failure> {
    let sources = || project.sources.values();
    if select.is_empty() {
        return Ok(sources().filter(|source| source.freshness.is_some()).collect());
    }
    let mut found = BTreeSet::new();
    for word in select.iter().flat_map(|text| text.split_whitespace()) {
        let pattern = word.strip_prefix("source:").unwrap_or(word);
        let glob = Glob::new(pattern)
            .map_err(|error| Diagnostic::new("bad-selector", format!("`{word}` is no pattern: {}", error.kind())))?;
        let glob = glob.compile_matcher();
        let named = sources().filter(|source| glob.is_match(&source.group) || glob.is_match(source.name()));
        let keys: Vec<_> = named.map(|source| (&source.group, &source.table)).collect();
        if keys.is_empty() {
            let names: Vec<String> = sources().flat_map(|source| [source.group.clone(), source.name()]).collect();
            let problem = Diagnostic::new("empty-selection", format!("no source is called `{pattern}`"));
            let near = did_you_mean(pattern, names.iter().map(String::as_str));
            let hint = near.unwrap_or_else(|| "write a source's name, `crm` or `crm.users`".into());
            return Err(problem.hint(hint).into());
        }
        found.extend(keys);
    }
    Ok(sources()
        .filter(|source| source.freshness.is_some() && found.contains(&(&source.group, &source.table)))
        .collect())
}

//! What is removed: all that fft wrote into a checkout, the relations of nodes that are gone, and the runs of long ago.

use super::{Checkout, Failure, Opened, Standing, Tell, redacted};
use crate::artifact::history::History;
use crate::artifact::prune::{self, Removed};
use crate::artifact::sums;
use crate::engine::{Relations, Row};
use crate::name::RelationName;
use crate::plan::Entry;
use crate::site;
use std::io;
use std::path::Path;

/// What becomes of the relation of a node that is no longer in the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is what was built: dropped.
    Owned,
    Gone,
    Taken,
    /// Somebody else made it, or made it anew.
    Foreign,
    /// It holds the history of a snapshot, which nothing can compute again: it stays, and so does its record.
    History,
}

impl Opened {
    /// Removes records and site. A run in progress would write on what is gone, and record what nothing vouches for.
    pub fn clean(self, tell: &dyn Tell) -> Result<(), Failure> {
        let Checkout { world, project, layout, .. } = &self.checkout;
        let removed = |path: &Path, removed: io::Result<bool>| match removed {
            Ok(false) => Ok(()),
            Ok(true) => {
                let shown = path.strip_prefix(&project.root).unwrap_or(path);
                tell.note(&format!("removed {}", shown.display()));
                Ok(())
            }
            Err(error) => Err(Failure::Io(format!("{} could not be removed", path.display()), error)),
        };
        let root = layout.root();
        removed(root, if world.exists(root) { world.remove(root).map(|()| true) } else { Ok(false) })?;
        // Somebody may keep files of their own beside the site's.
        let site = project.site_folder();
        removed(&site, site::write::remove(&**world, &site))
    }

    /// Removes all but the newest `keep` runs, or as many as the project says, and the evidence that nothing kept refers
    /// to; gives what was removed, and how many runs are kept.
    pub fn prune(self, keep: Option<usize>) -> Result<(Removed, usize), Failure> {
        let Checkout { world, project, layout, .. } = &self.checkout;
        let failed = |error| Failure::Io("the history could not be pruned".into(), error);
        let keep = keep.unwrap_or(project.settings.history_keep);
        let removed = prune::prune(world, layout, keep).map_err(failed)?;
        sums::write(&**world, layout, &sums::Known::new()).map_err(failed)?;
        let kept = History::new(&**world, layout.runs()).list().map_err(failed)?.len();
        Ok((removed, kept))
    }
}

impl Standing {
    /// Drops what was built of nodes that are no longer in the project, and forgets them; tells of each what became of it.
    pub fn drop_orphans(mut self, tell: &mut dyn FnMut(&Entry, Fate)) -> Result<(), Failure> {
        let Standing { checkout, graph, database, relations, state, cache, .. } = &mut self;
        let failed = |error| redacted(&checkout.project, error);
        let rows = database.session().ledger(relations, false).map_err(failed)?;
        let gone: Vec<_> =
            state.entries.values().filter(|entry| graph.id(entry.node.as_str()).is_none()).cloned().collect();
        let live: Vec<_> = graph.nodes.iter().map(|node| relations.resolve(&node.relation)).collect();
        let mut fates: Vec<Fate> = gone.iter().map(|entry| fate(entry, relations, &live, &rows)).collect();
        for (entry, fate) in gone.iter().zip(&mut fates).filter(|(_, fate)| **fate == Fate::Owned) {
            if database.session().holds_history(&entry.relation).map_err(failed)? {
                *fate = Fate::History;
            }
        }
        let owned = gone.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Owned);
        let owned = owned.map(|(entry, _)| entry.relation.clone()).collect();
        database.drop_all(owned).map_err(failed)?;
        for (entry, fate) in gone.iter().zip(fates) {
            if fate != Fate::History {
                cache.forget(&entry.node).map_err(|error| Failure::Io("the cache".into(), error))?;
            }
            tell(entry, fate);
        }
        Ok(())
    }
}

fn fate(entry: &Entry, relations: &Relations, live: &[RelationName], rows: &[Row]) -> Fate {
    let relation = relations.resolve(&entry.relation);
    let row = rows.iter().find(|row| relations.resolve(&row.relation) == relation);
    let same = row.is_some_and(|row| row.node == entry.node && row.fingerprint == entry.fingerprint.value);
    let found = relations.identity.get(&relation);
    let built = same && !entry.identity.as_ref().zip(found).is_some_and(|(built, found)| built.differs(found));
    match relations.kind(&entry.relation) {
        _ if live.contains(&relation) => Fate::Taken,
        None => Fate::Gone,
        Some(_) if built => Fate::Owned,
        Some(_) => Fate::Foreign,
    }
}

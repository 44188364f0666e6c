//! A project that was read, with all that a command needs of it.

use crate::artifact::Layout;
use crate::dialect::Dialect;
use crate::engine::Kind;
use crate::project::Project;
use crate::secret::Secrets;
use crate::world::World;
use std::sync::Arc;

/// A project's files and the places of its records.
pub struct Checkout {
    pub(super) world: Arc<dyn World>,
    pub(super) project: Project,
    /// The profile's engine, whether it is in this build or not.
    pub(super) kind: &'static Kind,
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) layout: Layout,
    pub(super) secrets: Arc<Secrets>,
}

impl Checkout {
    /// The world as this project may write to it.
    pub fn world(&self) -> &Arc<dyn World> {
        &self.world
    }

    pub fn project(&self) -> &Project {
        &self.project
    }

    pub fn dialect(&self) -> &dyn Dialect {
        &*self.dialect
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

//! Models that this run doesn't see: their names, files and whom they are for.

use crate::syntax::audience::Audience;

/// A model of another engine or environment. It is no node, and counts nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// As the node would be called.
    pub name: String,
    /// Its file, project-relative.
    pub path: String,
    pub audience: Audience,
}

/// Whom the models of one name are for: `postgres, spark`, or several such with `;` between.
pub fn audiences<'a>(models: impl IntoIterator<Item = &'a Elsewhere>) -> String {
    models.into_iter().map(|model| model.audience.to_string()).collect::<Vec<_>>().join("; ")
}

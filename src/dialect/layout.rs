//! How a table's rows are to be stored, as a project declares it.

/// How a table's rows are to be stored, in the engine's SQL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub partition_by: Option<String>,
    pub cluster_by: Vec<String>,
    /// Without what would restore it after its end.
    pub transient: bool,
    pub storage: Option<Storage>,
}

/// Where a table's files are and what they are, on engines whose tables are files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// A folder as the server has it; without one the table's files are where its schema's are.
    pub path: Option<String>,
    /// In lower case; the profile's without one.
    pub format: Option<String>,
    /// As the format knows them, by name.
    pub options: Vec<(String, String)>,
}

/// What is wrong with how a table's rows are to be stored: in words that go on from the node's name, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutProblem {
    pub message: String,
    pub hint: String,
}

/// Of an engine that isn't told of files.
pub(super) fn no_storage(engine: &str) -> LayoutProblem {
    LayoutProblem {
        message: format!("declares `storage`, and {engine} keeps the files of tables itself"),
        hint: "spark and databricks are told of it: declare it under `models.storage` of project.yml, where other engines \
               leave it alone, or within `{% if ff_is_engine('spark') %}`"
            .into(),
    }
}

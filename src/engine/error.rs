//! What goes wrong on a database, put alike for every engine.

use std::fmt;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The statement is wrong: syntax, a missing relation or column, a failed cast.
    Statement,
    /// The profile's settings are wrong.
    Settings,
    /// The database can't be opened or was lost.
    Connection,
    /// Another process holds the database.
    Locked,
    Interrupted,
}

/// What an error says of the database, where something may be done about it without anybody's help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    NoSuchRelation,
    NoSuchColumn,
    /// A view can't get these columns in place.
    ColumnsDiffer,
    /// A table whose rows are stored in another way can't be replaced in place.
    LayoutDiffers,
    /// Two rows have one key of an index that allows none twice.
    NotUnique,
    /// Something depends on what was to be dropped.
    StillRead,
    /// The engine refused the statement for another reason, and would refuse it again.
    Refused,
}

/// A failure of the engine, its message free of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineError {
    pub kind: ErrorKind,
    pub message: String,
    /// Character offset in the model's query, where the engine names one.
    pub position: Option<usize>,
    pub hint: Option<String>,
    pub condition: Option<Condition>,
    /// Trying again helps, after so long.
    pub retry: Option<Duration>,
    /// What may still run on the server though nobody waits for it any longer, in words.
    pub left: Option<String>,
    /// The statement of a hook that failed, by its number among all of the node: those in front first.
    pub hook: Option<usize>,
}

impl EngineError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> EngineError {
        EngineError {
            kind,
            message: message.into(),
            position: None,
            hint: None,
            condition: None,
            retry: None,
            left: None,
            hook: None,
        }
    }

    /// The same with what to do about it.
    pub fn hint(self, hint: impl Into<String>) -> EngineError {
        EngineError { hint: Some(hint.into()), ..self }
    }

    pub fn is(&self, condition: Condition) -> bool {
        self.condition == Some(condition)
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  hint: {}", hint.replace('\n', "\n        ")),
            None => Ok(()),
        }
    }
}

impl std::error::Error for EngineError {}

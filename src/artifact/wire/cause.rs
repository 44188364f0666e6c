//! A reason as it is written, with its sentence.

use super::{ColumnEdit, DataChange, TextDiff, Word, is_false, is_zero};
use crate::digest::Digest;
use crate::fingerprint::{Change, InputKind, Kind};
use crate::plan::{self, Code};
use serde::{Deserialize, Serialize};

/// A reason with the difference that makes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Side>,
    /// Which inputs made a rendered text change; which functions, constants … of a Python text are different.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributed_to: Vec<Attribution>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Side>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Word<Change>>,
    pub code: Word<Code>,
    /// Of a SQL model's text: what became of its columns, where both texts are at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<ColumnEdit>,
    /// For texts: whether only comments and white space differ. For an upstream node: true where it was skipped in
    /// spite of such a difference, so that its rows are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cosmetic: Option<bool>,
    /// What changed in a seed's rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataChange>,
    /// What else is to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<TextDiff>,
    /// Leaves the rows as they are: of something that is set at the relation, that it is set where that stands; of an
    /// upstream node, that nothing else of it changed. Such a reason builds nothing.
    #[serde(default, skip_serializing_if = "is_false")]
    pub kept: bool,
    /// The component's kind and name, or the upstream node's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Word<Kind>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of an upstream node: the digest of what it gives, where that is what it gave when this node was built. Such a
    /// reason builds nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Digest>,
    /// The whole reason in words, as the fft that wrote it says it.
    #[serde(default)]
    pub sentence: String,
    /// Of an upstream node: that nothing is different of what the node reads there. Such a reason builds nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unread>,
}

/// What is read of an upstream node, and what changed of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unread {
    /// Columns that are different, new or gone; left out where that isn't recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Vec<String>>,
    /// What is read; left out where that is all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Over what is read, as it was when the node was built and as it is now.
    pub digest: Digest,
    /// The upstream node itself was left as it is.
    #[serde(default, skip_serializing_if = "is_false")]
    pub left: bool,
}

impl From<&plan::Unread> for Unread {
    fn from(unread: &plan::Unread) -> Unread {
        let plan::Reads { columns, digest } = &unread.reads;
        Unread { changed: unread.changed.clone(), columns: columns.clone(), digest: *digest, left: unread.left }
    }
}

/// One side of a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub withheld: bool,
}

/// An input of a text, or a part of a Python text, whose change explains the text's. Digests of parts are of their text
/// alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Digest>,
    /// The value of a var, or of a variable that may be shown, where it is short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_value: Option<String>,
    pub change: Word<Change>,
    /// Only comments and white space of it differ.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cosmetic: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<TextDiff>,
    pub kind: Word<InputKind>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub line: usize,
    pub name: String,
    pub path: String,
}

impl From<&plan::Side> for Side {
    fn from(side: &plan::Side) -> Side {
        Side { digest: side.digest, size: side.size, value: side.value.clone(), withheld: side.withheld }
    }
}

impl From<&plan::Attribution> for Attribution {
    fn from(found: &plan::Attribution) -> Attribution {
        Attribution {
            after: found.after,
            after_value: found.after_value.clone(),
            before: found.before,
            before_value: found.before_value.clone(),
            change: found.change.into(),
            cosmetic: found.cosmetic,
            diff: found.diff.clone(),
            kind: found.kind.into(),
            line: found.line,
            name: found.name.clone(),
            path: found.path.clone(),
        }
    }
}

impl Cause {
    /// A reason of which nothing but its code is known.
    pub(super) fn of_code(code: Word<Code>) -> Cause {
        Cause {
            after: None,
            attributed_to: Vec::new(),
            before: None,
            change: None,
            code,
            columns: None,
            cosmetic: None,
            data: None,
            detail: None,
            diff: None,
            kept: false,
            kind: None,
            name: None,
            output: None,
            sentence: String::new(),
            unread: None,
        }
    }

    /// Whether it lies in another node.
    pub fn is_upstream(&self) -> bool {
        self.code.is_upstream()
    }
}

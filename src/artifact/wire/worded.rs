//! The reasons of a plan, as they are written and in words.

use super::{Attribution, Cause, ColumnEdit, DataChange, Side, Unread, Word, detail, sentence};
use crate::plan;

impl From<&plan::Cause> for Cause {
    fn from(cause: &plan::Cause) -> Cause {
        let made = Cause {
            after: cause.after.as_ref().map(Side::from),
            attributed_to: cause.attributed_to.iter().map(Attribution::from).collect(),
            before: cause.before.as_ref().map(Side::from),
            change: cause.change.map(Word::Known),
            code: cause.code.into(),
            columns: cause.columns.as_deref().map(ColumnEdit::from),
            cosmetic: cause.cosmetic,
            data: cause.data.as_deref().map(DataChange::from),
            detail: detail::words(&cause.details),
            diff: cause.diff.clone(),
            kept: cause.kept,
            kind: cause.kind.map(Word::Known),
            name: cause.name.clone(),
            output: cause.output,
            sentence: String::new(),
            unread: cause.unread.as_deref().map(Unread::from),
        };
        made.worded()
    }
}

impl Cause {
    /// A decision's reasons, primary first.
    pub fn all(decision: &plan::Decision) -> Vec<Cause> {
        decision.causes().iter().map(Cause::from).collect()
    }

    /// Makes its sentence from the rest: where it comes into being, and where something of it is taken out.
    pub fn worded(mut self) -> Cause {
        self.sentence = sentence::of(&self);
        self
    }
}

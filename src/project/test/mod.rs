//! Data tests as project files declare them: what must be so of the rows of a table.
//!
//! `declared` is what all of them come to. `read` takes a list of a YAML file, `kind` the parameters of each kind, `field`
//! single keys of them, `file` the folder of queries. Which table a name means, and whether there is a kind of that name
//! beside those here, is `crate::test`'s to know.

mod declared;
mod field;
mod file;
mod kind;
mod read;

pub use declared::{
    Amount, DeclaredTest, FailureBound, KeySide, TEST_KINDS, TableName, TestCheck, TestFile, TestSeverity, TestTable,
    TestTerms, ValueSide,
};
pub(super) use field::On;
pub(super) use file::read as read_files;
pub(super) use read::read;

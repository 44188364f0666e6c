//! What a database is opened for.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// To be looked at: one that isn't there has nothing in it, and isn't made.
    Look,
    Build,
    /// For tables that are gone at the end. An engine that can has them in memory, in a database of their own.
    Aside,
}

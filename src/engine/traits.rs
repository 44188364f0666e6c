//! What engines can do, as data: asked, never guessed from a name.

/// Whether an engine has an ability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degree {
    Can,
    /// It never will, and why, in words that go on from the engine's name.
    Cannot(&'static str),
    /// fft doesn't use it yet, and how far it is, in such words.
    NotYet(&'static str),
}

impl Degree {
    /// Why not; `None` where it can.
    pub fn lacking(self) -> Option<&'static str> {
        match self {
            Degree::Can => None,
            Degree::Cannot(words) | Degree::NotYet(words) => Some(words),
        }
    }
}

/// How a relation takes the place of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// In a transaction, together with its row of the ledger.
    Transaction,
    /// By one statement, which does all or nothing.
    Statement,
    /// Under another name first; then what stood is dropped and the name given. There is a moment without the relation.
    Swap,
}

/// How the ledger keeps in step with relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// A relation and its row change together.
    InTransaction,
    /// The statement that makes a relation marks it. Rows follow, and what a mark says counts.
    OnRelation,
    /// A row says that a relation is being built before anything of it is touched, and another that it was.
    Bracketed,
}

/// What a view holds on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// The names that its text has.
    ByName,
    /// The relations that it was made over, whatever becomes of their names: one that an upstream relation's absence has
    /// left behind must be made anew.
    ByIdentity,
}

/// When a run claims a database that other machines build in too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claims {
    /// Before it looks at what stands: the claim costs next to nothing.
    First,
    /// Once it knows that there is something to write. What stands is then looked at again.
    ToWrite,
}

/// How many statements an engine is given at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jobs {
    /// Where nobody says how many; `None` for as many as this machine has processors.
    pub usual: Option<usize>,
    /// Whatever anybody says.
    pub most: Option<usize>,
}

impl Jobs {
    /// As many as this machine has processors, whoever asks for how many.
    pub const OF_THIS_MACHINE: Jobs = Jobs { usual: None, most: None };

    /// How many, where so many are asked for on a machine of so many processors.
    pub fn of(self, asked: Option<usize>, processors: usize) -> usize {
        let jobs = asked.or(self.usual).unwrap_or(processors);
        jobs.min(self.most.unwrap_or(usize::MAX)).max(1)
    }
}

/// What an engine can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    pub replaces: Replaces,
    pub keeping: Keeping,
    pub views: Bound,
    /// The database belongs to this process while it is open: what its sessions have seen is all there is.
    pub exclusive: bool,
    /// It tells of relations a schema at a time, and not of all that the database has.
    pub by_schema: bool,
    /// Rows of a table can be deleted; else they can only be added.
    pub deletes_rows: bool,
    /// It tells what a statement has read. Else what the plan expected counts.
    pub measures_reads: bool,
    /// It tells what a statement would read before it runs.
    pub estimates: Degree,
    /// It tells whether two relations hold the same rows.
    pub row_digest: Degree,
    /// It tells which data a relation holds that fft doesn't build.
    pub data_versions: Degree,
    /// It extends a table by new rows, together with its row of the ledger.
    pub increments: Degree,
    /// Whoever looks at the database sees its statements: each says in a comment what it is for.
    pub shows_statements: bool,
    pub claims: Claims,
    pub jobs: Jobs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_those_asked_for_within_what_the_engine_takes() {
        let warehouse = Jobs { usual: Some(8), most: Some(16) };
        assert_eq!([None, Some(4), Some(40), Some(0)].map(|asked| warehouse.of(asked, 2)), [8, 4, 16, 1]);
        assert_eq!([None, Some(40)].map(|asked| Jobs::OF_THIS_MACHINE.of(asked, 2)), [2, 40]);
    }
}

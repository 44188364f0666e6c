//! What else is to be known of a cause, as facts; their words are made where artifacts are written.

use super::Unread;
use crate::digest::Digest;
use crate::name::{NodeName, RelationName};

/// A fact beside a cause's code and name.
#[derive(Clone, Debug, PartialEq)]
pub enum Detail {
    /// The run that it is about.
    Run(String),
    /// Why records couldn't be read.
    Unreadable(String),
    /// A node that is gone had the same code.
    SameCodeAs(NodeName),
    /// The relation is replaced, though no record says that fft made it.
    Adopts(RelationName),
    /// The relation stands there, and no record says that fft made it.
    Unowned(RelationName),
    /// Another project built the relation.
    OfProject {
        relation: RelationName,
        project: String,
        run: String,
    },
    /// Formats of digests, before and now.
    Formats(String, String),
    /// The database doesn't tell what the relation holds: no row, or one of each of these nodes.
    Unrecorded(Vec<NodeName>),
    BuiltAs {
        node: NodeName,
        run: String,
    },
    BuiltFrom {
        run: String,
        fingerprint: Digest,
    },
    OtherKind,
    /// Something else made the relation, or changed its rows.
    Replaced,
    OtherFolder,
    /// Built by this run, which may have been in another folder.
    PerhapsOtherFolder(String),
    /// Data whose state can't be told, read through a view.
    Unwatched {
        through: Option<String>,
        why: String,
    },
    /// Data that is read besides, and that nothing watches.
    ButUnwatched(Vec<String>),
    /// A view reads what had the upstream relation's name before.
    BoundToBefore,
    InThisRun,
    ByRun(String),
    Unsteady(Unsteady),
    /// What is read of an upstream node, and what changed of it.
    Unread(Box<Unread>),
    /// So many more have the same reason.
    More(usize),
    /// A seed's file is over this size. Bytes.
    RowsNotCompared(u64),
    SameMeaning,
    /// So many versions of each row are to be kept.
    KeepsLast(usize),
    Interrupted,
    /// An earlier node failed, and the run stopped there.
    RunStopped,
    /// Another checkout built it, and the text before isn't here.
    NotAtHand,
}

/// Why a node's rows may differ under an equal fingerprint.
#[derive(Clone, Debug, PartialEq)]
pub struct Unsteady {
    /// The node that it lies in, where that is another one upstream.
    pub over: Option<NodeName>,
    pub why: Unsettled,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Unsettled {
    Volatile,
    /// Its rows come of what it held before too.
    Extended,
    /// It keeps versions of what was read before.
    History,
    /// It reads this, which nothing watches.
    Unwatched(String),
    /// What it was made of came by HTTP.
    Requested,
    /// It may make HTTP requests.
    MayRequest,
}

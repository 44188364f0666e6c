//! What a command does, from a folder to what it leaves behind; printing and options are not its own.
//!
//! ```text
//!  open ─────▶ Opened      the files are read, and locked where that is needed; verify, clean, prune and the site go no further
//!  observe ──▶ Standing    what there is: the graph, the database, claimed where it is to change, and the records
//!  decide ───▶ Decided     the plan, with every reason
//!  begin ────▶ Begun       the run has its id
//!  carry_out ▶ CarriedOut  the database is as it will be
//!  publish ──▶ Published   all of it is recorded
//!  finish ───▶ Finished    the site is up to date, and nothing is held any longer
//! ```
//!
//! Each stage is a value made from the one before, and a verb goes as far as it needs. Every verb comes through [`open`],
//! and says by its [`Purpose`] what nobody else may do meanwhile. What is to be said goes to a [`Tell`], and the events of
//! a run to a [`Listener`]; why a command ended early is a [`Failure`]. Panics end in [`caught`], locks are in `lock.rs`,
//! git is started in `git.rs`, and the database is opened, claimed and looked at in `database.rs`. Who wants to know what a run
//! now would do, and again when that changes, has an [`Ahead`].

mod ahead;
mod attribute;
mod carry_out;
mod checkout;
mod clean;
mod comments;
mod database;
mod decide;
mod deps;
mod expected;
mod failure;
mod fetch;
mod freshness;
mod git;
mod hooks;
mod lock;
mod modules;
mod observe;
mod open;
mod packages;
mod panic;
mod place;
mod preview;
mod publish;
mod python_macros;
mod record;
mod results;
mod selection;
mod site;
mod suite;
mod tell;
mod unrun;
mod utest;
mod verify;
mod wire;

pub use ahead::{Ahead, LOOK, Outlook, Planned};
pub use carry_out::{Begun, CarriedOut, Interrupts, Manner};
pub use checkout::Checkout;
pub use clean::Fate;
pub use comments::Unsaid;
pub use decide::Decided;
pub use deps::{Given, Refresh, deps};
pub use expected::{Expected, Scans};
pub use failure::Failure;
pub use freshness::Looked;
pub use git::named;
pub use observe::Standing;
pub use open::{Loaded, Opened, Purpose, Wanted, load, open};
pub use panic::caught;
pub use place::{layout, recorded_root};
pub use preview::Previewed;
pub use publish::{Finished, Published, Rest};
pub use selection::{Caching, Only, Selection};
pub use site::Builder;
pub use suite::Tests;
pub use tell::{Listener, Tell, tell_newer};
pub use utest::{Cases, Tried, Verdict};

use failure::redacted;

//! Each node's last successful build, in a file that grows by a line as each node ends.
//!
//! A line is a checksum and an entry, so that a line cut by a crash, or damaged later, is left out alone; what it held
//! is then unknown, which the planner takes as a cause. Nothing is fsynced node by node: what the engine committed is
//! told by its own `_ff_meta`, and a lost line costs a rebuild.

use crate::digest::Digest;
use crate::name::NodeName;
use crate::plan::{Entry, Failure, State};
use crate::world::World;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Built(Box<Entry>),
    Failed(Failure),
    Forgotten(NodeName),
}

/// The cache file of one database, open for adding.
pub struct Cache {
    world: Arc<dyn World>,
    path: PathBuf,
    lines: usize,
}

impl Cache {
    /// Reads all lines; those that are damaged are counted in [`State::unreadable`].
    pub fn read(world: Arc<dyn World>, path: PathBuf) -> (Cache, State) {
        let (state, lines) = match world.read(&path) {
            Ok(bytes) => lines(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (State::default(), 0),
            Err(error) => (State { unreadable: Some(error.to_string()), ..State::default() }, 0),
        };
        (Cache { world, path, lines }, state)
    }

    /// Records a build.
    pub fn built(&mut self, entry: &Entry) -> io::Result<()> {
        self.add(&Line::Built(Box::new(entry.clone())))
    }

    pub fn failed(&mut self, failure: &Failure) -> io::Result<()> {
        self.add(&Line::Failed(failure.clone()))
    }

    /// Records that a node is gone.
    pub fn forget(&mut self, node: &NodeName) -> io::Result<()> {
        self.add(&Line::Forgotten(node.clone()))
    }

    fn add(&mut self, line: &Line) -> io::Result<()> {
        let first = self.lines == 0 && !self.world.exists(&self.path);
        self.lines += 1;
        // A line cut by a crash must not run into this one.
        let mut bytes = if first { Vec::new() } else { b"\n".to_vec() };
        bytes.extend(encode(line));
        self.world.append(&self.path, &bytes).map_err(|error| self.named(error))
    }

    /// Rewrites the file when most of its lines are superseded.
    pub fn compact(&mut self, state: &State) -> io::Result<()> {
        let live = state.entries.len() + state.failures.len();
        if self.lines <= 2 * live + 16 && state.unreadable.is_none() {
            return Ok(());
        }
        let built = state.entries.values().map(|entry| Line::Built(Box::new(entry.clone())));
        let lines: Vec<Line> = built.chain(state.failures.values().cloned().map(Line::Failed)).collect();
        let bytes: Vec<u8> = lines.iter().flat_map(encode).collect();
        self.lines = lines.len();
        self.world.write(&self.path, &bytes).map_err(|error| self.named(error))
    }

    fn named(&self, error: io::Error) -> io::Error {
        let file = self.path.file_name().unwrap_or_default().display();
        io::Error::new(error.kind(), format!("cache/{file}: {error}"))
    }
}

fn encode(line: &Line) -> Vec<u8> {
    let text = serde_json::to_string(line).expect("invariant: an entry is JSON");
    format!("{} {text}\n", Digest::of(text.as_bytes()).short()).into_bytes()
}

/// Why a line can't be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    Damaged,
    /// It is whole, and a newer fft wrote it.
    Newer,
}

fn decode(line: &[u8]) -> Result<Line, Lost> {
    let text = || -> Option<&str> {
        let (check, text) = line.split_at_checked(13)?;
        let text = std::str::from_utf8(text).ok()?;
        let matches = check.strip_suffix(b" ")? == Digest::of(text.as_bytes()).short().as_bytes();
        matches.then_some(text)
    };
    serde_json::from_str(text().ok_or(Lost::Damaged)?).map_err(|_| Lost::Newer)
}

/// What a cache file says; lines that are damaged are counted in [`State::unreadable`].
pub fn parse(bytes: &[u8]) -> State {
    lines(bytes).0
}

fn lines(bytes: &[u8]) -> (State, usize) {
    let raw: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let lines: Vec<Result<Line, Lost>> = raw.par_iter().map(|line| decode(line)).collect();
    let total = lines.len();
    let mut state = State::default();
    let (mut damaged, mut newer) = (0, 0);
    for line in lines {
        match line {
            Err(Lost::Damaged) => damaged += 1,
            Err(Lost::Newer) => newer += 1,
            Ok(Line::Built(entry)) => {
                state.failures.remove(&entry.node);
                state.entries.insert(entry.node.clone(), *entry);
            }
            Ok(Line::Failed(failure)) => drop(state.failures.insert(failure.node.clone(), failure)),
            Ok(Line::Forgotten(node)) => {
                state.failures.remove(&node);
                state.entries.remove(&node);
            }
        }
    }
    // Made at one go the map has no half-empty nodes.
    state.entries = std::mem::take(&mut state.entries).into_iter().collect();
    if damaged > 0 {
        state.unreadable = Some(format!("{damaged} of {total} lines of the cache are damaged"));
    }
    if newer > 0 {
        state.newer = Some(format!("{newer} of {total} lines of the cache were written by a newer fft"));
    }
    (state, total)
}

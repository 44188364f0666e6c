//! A claim that is held: renewed by a thread until this is dropped.

use super::Pulse;
use super::table::{Entry, Table};
use crate::engine::{Connection, EngineError, ErrorKind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Opens a connection of its own.
pub type Connect = Box<dyn Fn() -> Result<Box<dyn Connection>, EngineError> + Send>;

/// What the connections of a database must know of its claim: that another run has it, and who.
#[derive(Clone, Default)]
pub struct Lost(Arc<Mutex<Option<String>>>);

impl Lost {
    /// The error of a run that was silent for so long that another one took its place.
    pub fn check(&self) -> Result<(), EngineError> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(other) => {
                let message = format!("this run was silent for so long that another one took its place: {other}");
                Err(EngineError::new(ErrorKind::Locked, message).hint("start the run again"))
            }
        }
    }

    fn to(&self, other: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(other);
    }
}

/// Gives the claim back when it is dropped.
pub struct Hold {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Hold {
    pub fn new(table: Table, own: Entry, connect: Connect, lost: Lost, pulse: Pulse) -> Hold {
        let (end, ended) = channel();
        let keeper = Keeper { table, own, connect, connection: None, lost };
        let thread = std::thread::Builder::new().name("claim".into()).spawn(move || keeper.keep(&ended, pulse));
        // Without one, the claim ends by itself.
        Hold { end: Some(end), thread: thread.ok() }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        drop(self.end.take());
        drop(self.thread.take().map(JoinHandle::join));
    }
}

struct Keeper {
    table: Table,
    own: Entry,
    connect: Connect,
    connection: Option<Box<dyn Connection>>,
    lost: Lost,
}

impl Keeper {
    fn keep(mut self, ended: &Receiver<()>, pulse: Pulse) {
        while ended.recv_timeout(pulse.renewal) == Err(RecvTimeoutError::Timeout) {
            match self.renew() {
                Ok(true) => {}
                Ok(false) => return,
                // Tried again the next time, over another connection.
                Err(_) => self.connection = None,
            }
        }
        // What can't be dropped ends by itself.
        drop(self.release());
    }

    /// Whether the claim is still held.
    fn renew(&mut self) -> Result<bool, EngineError> {
        if self.is_held()? {
            let Keeper { table, own, .. } = self;
            let connection = self.connection.as_mut().expect("invariant: it was asked over one");
            table.renew(&mut **connection, own)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn release(&mut self) -> Result<(), EngineError> {
        if self.is_held()? {
            let connection = self.connection.as_mut().expect("invariant: it was asked over one");
            self.table.drop(&mut **connection)?;
        }
        Ok(())
    }

    fn is_held(&mut self) -> Result<bool, EngineError> {
        if self.connection.is_none() {
            self.connection = Some((self.connect)()?);
        }
        let connection = self.connection.as_mut().expect("invariant: it was just opened");
        let holder = self.table.holder(&mut **connection)?;
        let held = holder.as_ref().is_some_and(|holder| holder.entry.id == self.own.id);
        if !held {
            self.lost.to(holder.map_or_else(|| "its claim is gone".into(), |holder| self.table.words(&holder)));
        }
        Ok(held)
    }
}

//! Exit statuses, as scripts may rely on them.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// A node, a budget or a unit test failed, a source is too old, or a record doesn't agree.
    Failed = 1,
    /// The project or the command line is wrong; nothing was run.
    Project = 2,
    /// `--fail-on` or `--expect-no-rebuild` isn't met.
    Unmet = 3,
    /// The engine, the network or the file system failed, or a secret would have been written.
    System = 4,
    /// Another run holds the project or its database, and `--no-wait` was given.
    Busy = 5,
    /// A bug in fft.
    Bug = 70,
    /// Ended by SIGHUP: what had finished is recorded.
    HungUp = 129,
    /// Ended by a second Ctrl-C: what had finished is recorded.
    Interrupted = 130,
    /// Ended by SIGTERM: what had finished is recorded.
    Terminated = 143,
}

impl Exit {
    /// The process's exit status.
    pub fn status(self) -> i32 {
        self as i32
    }
}

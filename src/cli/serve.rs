//! `fft docs serve`: the site on this machine, in step with the project's records.

use super::Exit;
use super::build::{BuildOptions, builder};
use super::option::{ProfileOptions, ProjectOptions};
use super::outlook::Shown;
use super::signal::on_signal;
use super::terminal::Terminal;
use crate::artifact::progress::under_way;
use crate::artifact::results::RunResults;
use crate::artifact::wire;
use crate::run::{Ahead, Builder, Caching, Failure, LOOK, Selection};
use crate::serve::{self, Plans, Port, Refresh, Stop};
use crate::site::name::run_page;
use crate::world::{Stamp, World};
use clap::Args;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Where the server listens unless told otherwise.
const PORT: u16 = 8000;

#[derive(Args, Debug)]
pub struct ServeOptions {
    #[command(flatten)]
    project: ProfileOptions,
    /// Port to listen on; 0 for any free one (default: 8000, or the next free one)
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Address or name to listen at; the default can be reached from this machine alone
    #[arg(long, value_name = "HOST", default_value = "127.0.0.1")]
    host: String,
    /// Open the site in the browser
    #[arg(long)]
    open: bool,
    /// Don't look after each save what a run now would do
    #[arg(long)]
    no_plan: bool,
}

pub fn serve(world: Arc<dyn World>, terminal: &Terminal, options: ServeOptions) -> Result<Exit, Failure> {
    let builder = builder(world.clone(), terminal, BuildOptions::of(options.project.clone()))?;
    builder.build(terminal)?;
    let listener = listen(&options)?;
    let address = listener.local_addr().map_err(|error| Failure::Io("the address".into(), error))?;
    let stop = stop_by_signal();
    let url = serve::url(address);
    terminal.result(&format!("Serving {} at {url}", builder.shown("")));
    say(terminal, address);
    if options.open {
        open_browser(terminal, &url);
    }
    let folder = builder.dir().to_path_buf();
    let plans = if options.no_plan { None } else { Some(plans(&world, terminal, &options)?) };
    let refresh = Box::new(Watched::new(world.clone(), terminal.clone(), builder));
    let site = serve::Site { world, folder, host: options.host, refresh, plans };
    serve::serve(listener, site, &stop).map_err(|error| Failure::Io("the server".into(), error))?;
    Ok(Exit::Done)
}

fn plans(world: &Arc<dyn World>, terminal: &Terminal, options: &ServeOptions) -> Result<Box<dyn Plans>, Failure> {
    let wanted = ProjectOptions::from(options.project.clone()).wanted()?;
    let ahead = Ahead::new(world.clone(), wanted, Selection::default(), Caching::default())?;
    Ok(Box::new(Followed { ahead, shown: Shown::default(), terminal: terminal.clone() }))
}

fn listen(options: &ServeOptions) -> Result<TcpListener, Failure> {
    let port = options.port.map_or(Port::From(PORT), Port::Exactly);
    serve::bind(&options.host, port).map_err(|error| {
        let what = match port {
            Port::Exactly(number) => format!("port {number} of {}", options.host),
            Port::From(number) => format!("port {number} of {} and those behind it", options.host),
        };
        let hint = match error.kind() {
            std::io::ErrorKind::AddrInUse => " is taken (leave --port out for the next free one, or give another)",
            _ => " can't be listened at",
        };
        Failure::Io(what + hint, error)
    })
}

fn say(terminal: &Terminal, address: SocketAddr) {
    if !address.ip().is_loopback() {
        terminal.warning(&format!("whoever reaches {address} over the network can read the site"));
    }
    terminal.note("Pages follow runs, and what a run now would do. Ctrl-C ends this.");
}

/// The first Ctrl-C lets answers end; the second ends the process.
fn stop_by_signal() -> Stop {
    let stop = Stop::new();
    let shared = stop.clone();
    on_signal(move |_, count| {
        shared.stop();
        if count > 1 {
            std::process::exit(Exit::Interrupted.status());
        }
    });
    stop
}

/// By the program that each system has for this; where it isn't there, the URL is on the terminal.
#[expect(clippy::disallowed_methods, reason = "the user's browser is a program")]
fn open_browser(terminal: &Terminal, url: &str) {
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/c", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let mut command = Command::new(program);
    command.args(arguments).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = command.spawn() {
        terminal.note(&format!("no browser was opened: {program}: {error}"));
    }
}

/// The site beside what it is made from.
struct Watched {
    world: Arc<dyn World>,
    terminal: Terminal,
    builder: Builder,
    artifacts: Seen,
    /// Artifacts that changed since the last build, as they were at the last look.
    changing: Option<Vec<Option<Stamp>>>,
    site: Seen,
    /// What is told of the last run.
    last: Value,
}

/// Files as they were when last dealt with.
struct Seen {
    files: Vec<PathBuf>,
    stamps: Vec<Option<Stamp>>,
}

impl Seen {
    fn new(world: &dyn World, files: Vec<PathBuf>) -> Seen {
        let mut seen = Seen { files, stamps: Vec::new() };
        seen.stamps = seen.now(world);
        seen
    }

    fn now(&self, world: &dyn World) -> Vec<Option<Stamp>> {
        self.files.iter().map(|path| world.stamp(path).ok()).collect()
    }
}

impl Watched {
    fn new(world: Arc<dyn World>, terminal: Terminal, builder: Builder) -> Watched {
        let artifacts = Seen::new(&*world, builder.artifacts());
        // A run changes the first page, and a page that comes or goes the list.
        let pages = ["index.html", ".fft-site", "data/index.js"].map(|file| builder.dir().join(file));
        let site = Seen::new(&*world, pages.to_vec());
        let mut watched = Watched { world, terminal, builder, artifacts, changing: None, site, last: Value::Null };
        watched.read_last();
        watched
    }

    /// Reads what is told of the last run; as it was, where that can't be read.
    fn read_last(&mut self) {
        let bytes = self.world.read(&self.builder.layout().run_results()).unwrap_or_default();
        let Ok(results) = wire::read::<RunResults>(&bytes) else { return };
        let run_id = results.metadata.run_id.as_str();
        self.last = json!({
            "at": results.run_finished_at, "failed": results.totals.failed + results.totals.hooks_failed > 0, "page": run_page(run_id),
            "run_id": run_id, "words": results.totals.news(),
        });
    }

    /// Builds once the artifacts, which are written one after the other, have come to rest.
    fn build(&mut self) -> bool {
        let now = self.artifacts.now(&*self.world);
        if now == self.artifacts.stamps {
            self.changing = None;
            return false;
        }
        if self.changing.as_ref() != Some(&now) {
            self.changing = Some(now);
            return false;
        }
        self.artifacts.stamps = now;
        self.read_last();
        match self.builder.build(&self.terminal) {
            Ok(report) => report.written + report.removed > 0,
            Err(failure) => {
                failure.print(&self.terminal);
                false
            }
        }
    }
}

impl Refresh for Watched {
    fn refresh(&mut self) -> bool {
        let built = self.build();
        let now = self.site.now(&*self.world);
        let changed = now != self.site.stamps;
        self.site.stamps = now;
        built || changed
    }

    fn runs(&mut self) -> Value {
        let progress = under_way(&*self.world, self.builder.layout());
        let progress = progress.map(|one| json!({ "done": one.done, "of": one.of, "words": one.words() }));
        json!({ "last": self.last, "under_way": progress })
    }
}

/// The project's files, and what a run now would do with them.
struct Followed {
    ahead: Ahead,
    shown: Shown,
    terminal: Terminal,
}

impl Plans for Followed {
    fn pause(&self) -> Duration {
        LOOK
    }

    fn look(&mut self) -> Option<Value> {
        self.shown.take(self.ahead.look(&self.terminal)?);
        Some(self.shown.json())
    }
}

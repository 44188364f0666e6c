//! The files of the site for [`tower_http::services::ServeDir`]: regular ones inside the folder, wherever links lead,
//! pages with the script that follows the project.

use super::live;
use crate::world::World;
use std::future::{Ready, ready};
use std::io::{self, Cursor, ErrorKind};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::SystemTime;
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::fs::{Backend, File, Metadata};

/// A folder, and nothing beside it.
#[derive(Clone)]
pub struct Folder {
    world: Arc<dyn World>,
    root: PathBuf,
}

/// What is known of a file or folder before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    folder: bool,
    /// Bytes of the answer.
    size: u64,
    modified: Option<SystemTime>,
}

/// A file in memory: the site's are small.
pub struct Opened {
    content: Cursor<Vec<u8>>,
    facts: Facts,
}

impl Folder {
    pub fn new(world: Arc<dyn World>, root: PathBuf) -> Folder {
        Folder { world, root }
    }

    /// The file that a path means once links are followed. What lies outside isn't there, and neither is what the
    /// writer of the site keeps for itself behind a dot.
    #[expect(clippy::disallowed_methods, reason = "what a request means is what the system makes of its links")]
    fn find(&self, path: &Path) -> io::Result<PathBuf> {
        let missing = || io::Error::from(ErrorKind::NotFound);
        let root = self.root.canonicalize()?;
        // A name that is too long, a link that leads back to itself: nothing is there.
        let found = path.canonicalize().map_err(|_| missing())?;
        let inside = found.strip_prefix(&root).map_err(|_| missing())?;
        let hidden = |part: std::path::Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
        let fit = !inside.components().any(hidden) && (found.is_dir() || found.is_file());
        fit.then_some(found).ok_or_else(missing)
    }

    #[expect(clippy::disallowed_methods, reason = "of a path that was just found")]
    fn facts(&self, path: &Path) -> io::Result<Facts> {
        let found = self.find(path)?;
        if found.is_dir() {
            return Ok(Facts { folder: true, size: 0, modified: None });
        }
        let stamp = self.world.stamp(&found)?;
        let added = if is_page(path) { live::ELEMENTS.len() as u64 } else { 0 };
        Ok(Facts { folder: false, size: stamp.size + added, modified: Some(SystemTime::from(stamp.modified)) })
    }

    fn read(&self, path: &Path) -> io::Result<Opened> {
        let facts = self.facts(path)?;
        if facts.folder {
            return Err(io::Error::from(ErrorKind::NotFound));
        }
        let mut content = self.world.read(&self.find(path)?)?;
        if is_page(path) {
            content = live::with_elements(content);
        }
        // The file may have been replaced in between: what is said of it is of what was read.
        let facts = Facts { size: content.len() as u64, ..facts };
        Ok(Opened { content: Cursor::new(content), facts })
    }
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "html")
}

type Answer<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// Does what may block away from the thread that answers.
fn aside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Answer<T> {
    Box::pin(async move { tokio::task::spawn_blocking(work).await.map_err(io::Error::other)? })
}

impl Backend for Folder {
    type File = Opened;
    type Metadata = Facts;
    type OpenFuture = Answer<Opened>;
    type MetadataFuture = Answer<Facts>;

    fn open(&self, path: PathBuf) -> Answer<Opened> {
        let folder = self.clone();
        aside(move || folder.read(&path))
    }

    fn metadata(&self, path: PathBuf) -> Answer<Facts> {
        let folder = self.clone();
        aside(move || folder.facts(&path))
    }
}

impl Metadata for Facts {
    fn is_dir(&self) -> bool {
        self.folder
    }

    fn modified(&self) -> io::Result<SystemTime> {
        self.modified.ok_or_else(|| io::Error::from(ErrorKind::Unsupported))
    }

    fn len(&self) -> u64 {
        self.size
    }
}

impl File for Opened {
    type Metadata = Facts;
    type MetadataFuture<'a> = Ready<io::Result<Facts>>;

    fn metadata(&self) -> Ready<io::Result<Facts>> {
        ready(Ok(self.facts))
    }
}

impl AsyncRead for Opened {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.content).poll_read(context, buffer)
    }
}

impl AsyncSeek for Opened {
    fn start_seek(mut self: Pin<&mut Self>, position: io::SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.content).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.content).poll_complete(context)
    }
}

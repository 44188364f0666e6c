//! The site: what a person opens after a run, what CI publishes, what an auditor reads.
//!
//! ```text
//! manifest, run_results, catalog, summaries of kept runs ──▶ Input ──pages──▶ Page* ──write──▶ site/dag/…
//! ```
//!
//! Everything is rendered from artifacts alone, by functions of values; only `write` and `history`
//! touch files, through a `World`. The same input gives the same bytes. What a project says (names, SQL, comments,
//! Markdown, messages, URLs) is foreign: askama escapes it, and the few places that hand over finished HTML are the
//! leaf functions named below, which escape it themselves.
//!
//! | path below the site's folder | is made by |
//! |---|---|
//! | `index.html` | `overview`; the graph area is `templates/graph.html` |
//! | `nodes/<page name>.html` | `node` |
//! | `runs/index.html`, `runs/<run>.html`, `runs/compare.html` | `run`, `compare` |
//! | `audit.html`, `audit.csv`, `audit.json` | `audit` |
//! | `sources.html`, `macros.html` | `reader` |
//! | `assets/<name>-<digest>.<type>` | [`asset`]: the files of `static/` |
//! | `data/<name>-<digest>.js` | [`data`]: shards that scripts load when they need them |
//! | `data/index.js` | the names of those shards; the one file of `data/` without a digest |
//! | `.nojekyll`, `.fft-site` | `write`: the second lists what fft wrote and may remove again |

pub mod asset;
pub mod data;
pub mod diff;
pub mod highlight;
pub mod markdown;
pub mod name;
pub mod shell;
pub mod word;

use crate::artifact::catalog::Catalog;
use crate::artifact::manifest::Manifest;
use crate::artifact::results::RunResults;

/// What every page is a function of.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    pub manifest: &'a Manifest,
    /// The last run.
    pub results: &'a RunResults,
    pub catalog: &'a Catalog,
}

/// A file of the site: its path below the site's folder, with `/`, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Page {
    pub fn new(path: impl Into<String>, text: impl Into<Vec<u8>>) -> Page {
        Page { path: path.into(), bytes: text.into() }
    }
}

//! What code reads that is no input: files that it opens, the clock, chance, the network, other programs. Found by the
//! names of what is called, so that a run can say what it doesn't watch.

use super::import::{Import, Names};
use super::local::Closure;
use super::names::dotted;
use super::source::Source;
use crate::diagnostic::Location;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{CmpOp, Expr, ExprCall, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::{BTreeMap, BTreeSet};

/// Something that code reads and fft doesn't watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// `files that the code opens`
    pub what: &'static str,
    /// Where it is read first.
    pub at: Location,
}

impl Outside {
    /// Whether it comes over the network, in whatever way fft doesn't see.
    pub fn is_network(&self) -> bool {
        self.what == NETWORK
    }

    /// Data as it is read from a source, of which nothing tells whether it changed: what it is called. The clock and the
    /// like change anyhow.
    pub fn data(&self) -> Option<String> {
        match self.what {
            FILES => Some(format!("files that {} opens", self.at.path)),
            VARIABLES => Some(format!("environment variables that {} names at run time", self.at.path)),
            _ => None,
        }
    }
}

const FILES: &str = "files that the code opens";
const CLOCK: &str = "the clock";
const CHANCE: &str = "random numbers";
const NETWORK: &str = "the network beside fft's own HTTP client";
const PROGRAMS: &str = "other programs that the code starts";
const VARIABLES: &str = "environment variables whose names the code computes";

/// What is called, by its last name.
const CALLED: [(&str, &str); 6] = [
    (
        FILES,
        "ExcelFile HDFStore ParquetDataset ParquetFile ZipFile fromfile genfromtxt glob iglob iterdir listdir loadtxt memmap \
            open open_binary open_dataset open_file open_text rglob scandir walk",
    ),
    (CLOCK, "ctime localtime now monotonic perf_counter time_ns today utcnow"),
    (CHANCE, "default_rng randint random rand randn sample shuffle token_hex urandom uuid1 uuid4"),
    (NETWORK, "urlopen urlretrieve"),
    (PROGRAMS, "Popen check_output popen system"),
    (VARIABLES, "expandvars"),
];

/// What reads a file by names that other things have too.
const LOADED: [&str; 9] = [
    "ET.parse",
    "ElementTree.parse",
    "joblib.load",
    "linecache.getlines",
    "minidom.parse",
    "np.load",
    "numpy.load",
    "pkgutil.get_data",
    "torch.load",
];

/// Whether a call opens a database's file.
fn opens_database(path: &str, call: &ExprCall) -> bool {
    let file = |argument: &Expr| !matches!(argument, Expr::StringLiteral(text) if text.value.to_str() == ":memory:");
    let argument = call.arguments.args.first().or(call.arguments.keywords.first().map(|keyword| &keyword.value));
    path == "sqlite3.connect" && argument.is_some_and(file)
}

/// Packages that read what isn't watched whatever of them is called.
const PACKAGES: [(&str, &str); 3] = [
    (CHANCE, "random secrets"),
    (
        NETWORK,
        "aiohttp boto3 botocore fsspec ftplib gcsfs http httpx imaplib oracledb paramiko psycopg psycopg2 pymysql pyodbc \
            requests s3fs smtplib socket sqlalchemy telnetlib urllib3 websockets xmlrpc",
    ),
    (PROGRAMS, "subprocess"),
];

#[derive(Default)]
pub struct Found {
    /// Environment variables whose names are written out.
    pub env: BTreeSet<String>,
    pub outside: Vec<Outside>,
}

/// Looks through a model's statements and the modules they import.
pub fn look(source: &Source, own: &[&Stmt], modules: &Closure, imports: &[(&Import, bool)]) -> Found {
    let mut look = Look::default();
    for (import, local) in imports {
        if !local {
            look.import(import);
        }
    }
    let mut found = BTreeMap::new();
    let mut places = |look: &mut Look, source: &Source| {
        for (what, at) in std::mem::take(&mut look.found) {
            found.entry(what).or_insert_with(|| Location::new(&source.path, source.line(&at), 0));
        }
    };
    own.iter().for_each(|statement| look.visit_stmt(statement));
    places(&mut look, source);
    for local in modules.values() {
        look.visit_body(local.module.suite());
        places(&mut look, &local.source);
    }
    let outside = found.into_iter().map(|(what, at)| Outside { what, at }).collect();
    Found { env: look.env, outside }
}

#[derive(Default)]
struct Look {
    /// Names that stand for `os.environ` and `os.getenv`.
    environ: BTreeSet<String>,
    getenv: BTreeSet<String>,
    /// What files call packages that aren't watched.
    packages: BTreeMap<String, &'static str>,
    env: BTreeSet<String>,
    found: BTreeMap<&'static str, TextRange>,
}

impl Look {
    fn import(&mut self, import: &Import) {
        let top = import.module.split('.').next().unwrap_or_default();
        let listed = PACKAGES.iter().find(|(_, names)| names.split_whitespace().any(|name| name == top));
        let unwatched = match listed {
            Some((what, _)) => Some(*what),
            None if import.module.starts_with("urllib.request") || import.module.starts_with("google.cloud") => {
                Some(NETWORK)
            }
            None => None,
        };
        if let Some(what) = unwatched {
            self.packages.extend(import.bound().into_iter().map(|name| (name.to_string(), what)));
        }
        if let Names::From(names) = &import.names
            && import.module == "os"
        {
            let bound = |wanted: &[&str]| {
                let named = names.iter().filter(|(name, _)| wanted.contains(&name.as_str()));
                named.map(|(_, bound)| bound.clone()).collect::<Vec<_>>()
            };
            self.environ.extend(bound(&["environ", "environb"]));
            self.getenv.extend(bound(&["getenv", "getenvb"]));
        }
    }

    fn note(&mut self, what: &'static str, at: &impl Ranged) {
        self.found.entry(what).or_insert(at.range());
    }

    fn is(&self, names: &BTreeSet<String>, attributes: &[&str], expression: &Expr) -> bool {
        match expression {
            Expr::Name(name) => names.contains(name.id.as_str()),
            Expr::Attribute(attribute) => attributes.contains(&attribute.attr.as_str()),
            _ => false,
        }
    }

    fn is_environ(&self, expression: &Expr) -> bool {
        self.is(&self.environ, &["environ", "environb"], expression)
    }

    fn is_getenv(&self, expression: &Expr) -> bool {
        self.is(&self.getenv, &["getenv", "getenvb"], expression)
    }

    fn variable(&mut self, name: Option<&Expr>, at: &impl Ranged) {
        match name {
            Some(Expr::StringLiteral(text)) => drop(self.env.insert(text.value.to_str().to_string())),
            _ => self.note(VARIABLES, at),
        }
    }

    /// Whether the call reads an environment variable; its name is taken.
    fn reads_variable(&mut self, call: &ExprCall) -> bool {
        let method = match &*call.func {
            Expr::Attribute(attribute) => {
                ["get", "pop", "setdefault"].contains(&attribute.attr.as_str()) && self.is_environ(&attribute.value)
            }
            _ => false,
        };
        let reads = method || self.is_getenv(&call.func);
        if reads {
            self.variable(call.arguments.args.first(), call);
            self.visit_arguments(&call.arguments);
        }
        reads
    }

    fn called(&mut self, call: &ExprCall) {
        let last = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return,
        };
        let listed = CALLED.iter().find(|(_, names)| names.split_whitespace().any(|name| name == last));
        let path = dotted(&call.func).unwrap_or_default();
        let loads = || LOADED.contains(&path.as_str()) || opens_database(&path, call);
        let what = match listed {
            Some((what, _)) => Some(*what),
            None if path == "time.time" => Some(CLOCK),
            None if last.starts_with("read_") || last.starts_with("scan_") || loads() => Some(FILES),
            None => None,
        };
        // With a method of a name of its own, `open` may be anything; a database says so itself.
        if let Some(what) = what.filter(|_| !last.starts_with("read_sql")) {
            self.note(what, call);
        }
    }
}

impl<'a> Visitor<'a> for Look {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Call(call) if self.reads_variable(call) => return,
            Expr::Call(call) => self.called(call),
            Expr::Subscript(subscript) if self.is_environ(&subscript.value) => {
                self.variable(Some(&subscript.slice), expression);
                return self.visit_expr(&subscript.slice);
            }
            Expr::Compare(compare)
                if matches!(&*compare.ops, [CmpOp::In | CmpOp::NotIn]) && self.is_environ(&compare.comparators[0]) =>
            {
                return self.variable(Some(&compare.left), expression);
            }
            _ if self.is_environ(expression) || self.is_getenv(expression) => self.note(VARIABLES, expression),
            Expr::Name(name) if name.ctx.is_load() => {
                if let Some(what) = self.packages.get(name.id.as_str()).copied() {
                    self.note(what, expression);
                }
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}

//! One component: a named input of a node with the digest of its content.

use crate::digest::{Digest, Tagged};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// What a component is. Declared in the order of the names, which is the order of hashing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Config,
    Engine,
    Env,
    File,
    Hook,
    Profile,
    Python,
    PythonEnv,
    PythonModule,
    Rules,
    Seed,
    Setting,
    Source,
    SourceData,
    Sql,
    Upstream,
    Var,
}

impl Kind {
    pub const ALL: [Kind; 17] = [
        Kind::Config,
        Kind::Engine,
        Kind::Env,
        Kind::File,
        Kind::Hook,
        Kind::Profile,
        Kind::Python,
        Kind::PythonEnv,
        Kind::PythonModule,
        Kind::Rules,
        Kind::Seed,
        Kind::Setting,
        Kind::Source,
        Kind::SourceData,
        Kind::Sql,
        Kind::Upstream,
        Kind::Var,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Config => "config",
            Kind::Engine => "engine",
            Kind::Env => "env",
            Kind::File => "file",
            Kind::Hook => "hook",
            Kind::Profile => "profile",
            Kind::Python => "python",
            Kind::PythonEnv => "python_env",
            Kind::PythonModule => "python_module",
            Kind::Rules => "rules",
            Kind::Seed => "seed",
            Kind::Setting => "setting",
            Kind::Source => "source",
            Kind::SourceData => "source_data",
            Kind::Sql => "sql",
            Kind::Upstream => "upstream",
            Kind::Var => "var",
        }
    }

    /// Whether contents of this kind are texts of some length, kept as evidence instead of in the record.
    pub fn is_text(self) -> bool {
        matches!(self, Kind::Hook | Kind::Sql | Kind::Python | Kind::PythonModule)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A named input with its digest. Of what is recorded, `content` is never a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// The leaf.
    pub digest: Digest,
    pub kind: Kind,
    pub name: String,
    /// False for what a node reads and isn't there: an unset variable is not an empty one.
    pub present: bool,
    /// Bytes of the content.
    pub size: u64,
    /// The content where it is short and may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The value may not be shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
    #[serde(skip)]
    pub content: Content,
}

/// What is behind a digest, for keeping it as evidence.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Content {
    /// In the record itself, withheld, or not at hand.
    #[default]
    None,
    Text(std::sync::Arc<str>),
    /// A file's bytes, by the seed's path in the project.
    File(std::path::PathBuf),
}

impl Component {
    /// Whether both say the same of one input.
    pub fn is_like(&self, other: &Component) -> bool {
        (self.digest, self.present) == (other.digest, other.present)
    }

    /// Whether just the same is recorded of both.
    pub fn is_recorded_as(&self, other: &Component) -> bool {
        let shown = |one: &Component| (one.size, one.withheld);
        self.id() == other.id() && self.is_like(other) && shown(self) == shown(other) && self.value == other.value
    }

    /// A component whose content is recorded with it.
    pub fn shown(kind: Kind, name: &str, content: &str) -> Component {
        Component { value: Some(content.into()), ..Component::bare(kind, name, content.as_bytes()) }
    }

    /// The interpreter on the first line of `text`, and of the requirements behind it their digest alone: they may name
    /// an index with its password.
    pub fn python_env(text: &str) -> Component {
        let content = match text.split_once('\n') {
            Some((interpreter, requirements)) => {
                let requirements = Digest::of(requirements.replace("\r\n", "\n").as_bytes());
                format!("{}\nrequirements sha256:{requirements}", interpreter.trim_end())
            }
            None => text.to_string(),
        };
        Component::shown(Kind::PythonEnv, "requirements", &content)
    }

    /// A component whose content is kept as evidence.
    pub fn text(kind: Kind, name: &str, content: std::sync::Arc<str>) -> Component {
        Component { content: Content::Text(content.clone()), ..Component::bare(kind, name, content.as_bytes()) }
    }

    /// A component that isn't there.
    pub fn absent(kind: Kind, name: &str) -> Component {
        Component { present: false, ..Component::bare(kind, name, b"") }
    }

    /// Kind, name and digest alone.
    pub fn bare(kind: Kind, name: &str, content: &[u8]) -> Component {
        Component {
            kind,
            name: name.into(),
            present: true,
            digest: leaf(kind.as_str(), name, content),
            size: content.len() as u64,
            value: None,
            withheld: false,
            content: Content::None,
        }
    }

    /// An environment variable, keyed where a key is set; its value is recorded only when `exposed`.
    pub fn env(name: &str, value: Option<&str>, exposed: bool, key: &Key) -> Component {
        let Some(value) = value else { return Component::absent(Kind::Env, name) };
        let bare = Component::bare(Kind::Env, name, value.as_bytes());
        Component {
            digest: key.leaf(Kind::Env.as_str(), name, value.as_bytes()),
            // The length of a withheld value would say something of it.
            size: if exposed { bare.size } else { 0 },
            value: exposed.then(|| value.to_string()),
            withheld: !exposed,
            ..bare
        }
    }

    pub fn id(&self) -> (Kind, &str) {
        (self.kind, &self.name)
    }
}

/// `SHA-256("fft-leaf-v1" ‖ lp(kind) ‖ lp(name) ‖ lp(content))`.
pub fn leaf(kind: &str, name: &str, content: &[u8]) -> Digest {
    head(kind, name).part(content).finish()
}

/// [`leaf`] of a content that is read, of `size` bytes.
pub fn leaf_of(kind: &str, name: &str, size: u64, content: impl std::io::Read) -> std::io::Result<Digest> {
    Ok(head(kind, name).stream(size, content)?.finish())
}

/// What stands in front of a content.
pub(super) fn head(kind: &str, name: &str) -> Tagged {
    Tagged::new("fft-leaf-v1").part(kind.as_bytes()).part(name.as_bytes())
}

/// The key of `FFT_FINGERPRINT_KEY`, where one is set: a published fingerprint is then no oracle for a value that can be
/// guessed.
#[derive(Clone, Default)]
pub struct Key(Option<Vec<u8>>);

impl Key {
    pub fn new(key: Option<&str>) -> Key {
        Key(key.filter(|key| !key.is_empty()).map(|key| key.as_bytes().to_vec()))
    }

    /// 12 hexadecimal digits that name the key without telling it.
    pub fn id(&self) -> Option<String> {
        self.0.as_ref().map(|key| Tagged::new("fft-key-id-v1").part(key).finish().short())
    }

    /// The leaf under this key; without one, the plain leaf.
    pub fn leaf(&self, kind: &str, name: &str, content: &[u8]) -> Digest {
        let Some(key) = &self.0 else { return leaf(kind, name, content) };
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("invariant: HMAC takes a key of any length");
        mac.update(b"fft-leaf-v1");
        for part in [kind.as_bytes(), name.as_bytes(), content] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Digest(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id().as_deref().unwrap_or("none"))
    }
}

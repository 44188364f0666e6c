//! The final scan: no file below `.fastflowtransform/` is written with the value of a secret variable in it.
//!
//! [`Secrets`] takes an environment and knows each secret value as it is, in base64, in hexadecimal digits,
//! percent-encoded and escaped in JSON. [`leak`] looks for all of them in one pass and tells the variable, never the
//! value. [`Guarded`] is the world as a project may write to it: what it would put below the project's own folder is
//! looked through first.

use crate::project::Environment;
use crate::world::{FileEntry, Lock, Stamp, Stopwatch, World};
use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Secret though its name doesn't say so: who has it can guess withheld values.
const KEY: &str = "FFT_FINGERPRINT_KEY";
/// Bytes that a value must have: shorter ones are found by chance.
const LEAST: usize = 6;
/// A value of hexadecimal digits alone that is shorter than this is found in digests by chance: it counts only where
/// no letter or digit stands next to it.
const LEAST_IN_DIGITS: usize = 16;
/// A value that is one word in letters alone says nothing below this: `postgres`, `localhost`.
const LEAST_WORD: usize = 12;
/// Letters that a base64 form must have.
const LEAST_BASE64: usize = 7;

/// The secret values of an environment, in every form that is looked for.
#[derive(Default)]
pub struct Secrets {
    forms: Option<AhoCorasick>,
    /// For each form its variable, and whether it counts only when it stands alone.
    of: Vec<(String, bool)>,
}

impl Secrets {
    pub fn of(environment: &Environment) -> Secrets {
        let mut forms: BTreeMap<Vec<u8>, (String, bool)> = BTreeMap::new();
        let key = environment.get(KEY).map(|key| (key, KEY));
        for (value, name) in environment.secrets().into_iter().chain(key) {
            if !is_telling(value) {
                continue;
            }
            let alone = value.len() < LEAST_IN_DIGITS && value.bytes().all(|byte| byte.is_ascii_hexdigit());
            for form in encodings(value) {
                let alone = alone && form == value.as_bytes();
                forms.entry(form).or_insert_with(|| (name.to_string(), alone));
            }
        }
        let (forms, of): (Vec<_>, Vec<_>) = forms.into_iter().unzip();
        // Matches may overlap, so each is looked at.
        let build = |forms| AhoCorasick::builder().match_kind(MatchKind::Standard).build(forms).ok();
        Secrets { forms: if forms.is_empty() { None } else { build(forms) }, of }
    }
}

impl Secrets {
    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.forms.is_none()
    }
}

/// The variable whose value is in `bytes`, if any.
pub fn leak<'a>(bytes: &[u8], secrets: &'a Secrets) -> Option<&'a str> {
    find(bytes, secrets).map(|(name, _)| name)
}

/// The same with the byte where the value begins.
pub fn find<'a>(bytes: &[u8], secrets: &'a Secrets) -> Option<(&'a str, usize)> {
    let forms = secrets.forms.as_ref().filter(|forms| forms.is_match(bytes))?;
    let counts = |found: &aho_corasick::Match| {
        let beside =
            |place: Option<usize>| place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_alphanumeric);
        let (_, alone) = &secrets.of[found.pattern().as_usize()];
        !(*alone && (beside(found.start().checked_sub(1)) || beside(Some(found.end()))))
    };
    let found = forms.find_overlapping_iter(bytes).find(counts)?;
    Some((&secrets.of[found.pattern().as_usize()].0, found.start()))
}

/// Whether finding `value` means anything.
fn is_telling(value: &str) -> bool {
    let word = value.len() < LEAST_WORD && value.bytes().all(|byte| byte.is_ascii_lowercase());
    let placeholder = value.bytes().all(|byte| byte == b'*' || byte == b'x' || byte == b'.');
    value.trim().len() >= LEAST && !word && !placeholder
}

/// `value` in every form that is looked for.
fn encodings(value: &str) -> Vec<Vec<u8>> {
    let bytes = value.as_bytes();
    let hex = |upper: bool| -> String {
        bytes.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
    };
    let escaped = serde_json::to_string(value).expect("invariant: text is JSON");
    let mut forms = vec![
        value.to_string(),
        hex(false),
        hex(true),
        percent(value, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)),
        percent(value, |byte| byte.is_ascii_graphic() && !b"%#?\"<>`{}".contains(&byte)),
        escaped[1..escaped.len() - 1].to_string(),
        ascii(value),
    ];
    let lower: Vec<String> = forms[3..5].iter().map(|form| lower_percent(form)).collect();
    forms.extend(lower);
    for before in 0..3 {
        forms.extend([&STANDARD_NO_PAD, &URL_SAFE_NO_PAD].map(|engine| within_base64(engine, bytes, before)));
    }
    forms.retain(|form| form.len() >= LEAST);
    forms.into_iter().map(String::into_bytes).collect()
}

fn percent(value: &str, kept: impl Fn(u8) -> bool) -> String {
    let one = |byte: u8| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    value.bytes().map(one).collect()
}

/// `%2f` for `%2F`.
fn lower_percent(form: &str) -> String {
    let mut parts = form.split('%');
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |text, part| text + "%" + &part[..2].to_ascii_lowercase() + &part[2..])
}

/// As JSON in ASCII alone has it.
fn ascii(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            ' '..='~' => text.push(letter),
            _ => letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text += &format!("\\u{unit:04x}")),
        }
    }
    text
}

/// The letters of a base64 text that `bytes` alone decide, where `before` other bytes stand in front (modulo 3): so
/// that a password is found in `user:password` too. Empty where they are too few to tell.
fn within_base64(engine: &impl Engine, bytes: &[u8], before: usize) -> String {
    let mut padded = vec![0; before];
    padded.extend_from_slice(bytes);
    let text = engine.encode(&padded);
    let (start, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    if end - start < LEAST_BASE64 { String::new() } else { text[start..end].to_string() }
}

/// A world that refuses to write a secret below `.fastflowtransform/` of a project.
pub struct Guarded {
    world: Arc<dyn World>,
    folder: PathBuf,
    secrets: Arc<Secrets>,
}

impl Guarded {
    /// `folder` is [`super::Layout::root`].
    pub fn new(world: Arc<dyn World>, folder: &Path, secrets: Arc<Secrets>) -> Guarded {
        Guarded { world, folder: folder.into(), secrets }
    }

    fn check(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let Ok(below) = path.strip_prefix(&self.folder) else { return Ok(()) };
        match leak(bytes, &self.secrets).or_else(|| leak(below.to_string_lossy().as_bytes(), &self.secrets)) {
            Some(name) => Err(io::Error::other(format!("the value of {name} is in it, so nothing was written"))),
            None => Ok(()),
        }
    }
}

impl World for Guarded {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.world.read(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read>> {
        self.world.open(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check(path, bytes)?;
        self.world.write(path, bytes)
    }

    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check(path, bytes)?;
        self.world.store(path, bytes)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.check(path, bytes)?;
        self.world.append(path, bytes)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.world.remove(path)
    }

    fn exists(&self, path: &Path) -> bool {
        self.world.exists(path)
    }

    fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        self.world.absolute(path)
    }

    fn enter(&self, folder: &Path) -> io::Result<()> {
        self.world.enter(folder)
    }

    fn stamp(&self, path: &Path) -> io::Result<Stamp> {
        self.world.stamp(path)
    }

    fn walk(&self, dir: &Path) -> io::Result<Vec<FileEntry>> {
        self.world.walk(dir)
    }

    fn env(&self) -> BTreeMap<String, String> {
        self.world.env()
    }

    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn elapsed(&self) -> Duration {
        self.world.elapsed()
    }

    fn stopwatch(&self) -> Stopwatch {
        self.world.stopwatch()
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        self.world.try_lock(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::EnvVar;
    use crate::world::MemoryWorld;

    fn secrets(vars: &[(&str, &str)]) -> Secrets {
        let var = |value: &str| EnvVar {
            value: value.into(),
            origin: "process".into(),
            secret: true,
            exposed: false,
            ignored: false,
        };
        Secrets::of(&Environment { vars: vars.iter().map(|(name, value)| (name.to_string(), var(value))).collect() })
    }

    #[test]
    fn every_form_is_found() {
        let value = "p\"ä/?+k9 Zq";
        let found = secrets(&[("FF_TOKEN", value), ("FF_OTHER_TOKEN", "unrelated-1")]);
        let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let url = |text: &str| base64::engine::general_purpose::URL_SAFE.encode(text);
        for text in [
            format!("x{value}y"),
            serde_json::to_string(value).unwrap(),
            "p\\\"\\u00e4/?+k9 Zq".into(),
            "p%22%C3%A4%2F%3F%2Bk9%20Zq".into(),
            "p%22%c3%a4%2f%3f%2bk9%20Zq".into(),
            value.bytes().map(|byte| format!("{byte:02x}")).collect(),
            value.bytes().map(|byte| format!("{byte:02X}")).collect(),
            base64(value),
            url(value),
            base64(&format!("u:{value}")),
            url(&format!("user:{value}@")),
            base64(&format!("abc{value}abc")),
        ] {
            assert_eq!(leak(text.as_bytes(), &found), Some("FF_TOKEN"), "{text}");
        }
        assert_eq!(leak(b"nothing of it", &found), None);
        assert_eq!(leak(b"an unrelated-1 word", &found), Some("FF_OTHER_TOKEN"));
        let key = EnvVar {
            value: "key-of-2026".into(),
            origin: ".env".into(),
            secret: false,
            exposed: false,
            ignored: false,
        };
        let keyed = Secrets::of(&Environment { vars: [(KEY.to_string(), key)].into() });
        assert_eq!(leak(b"by key-of-2026", &keyed), Some(KEY));
    }

    #[test]
    fn what_says_nothing_is_not_looked_for() {
        for value in ["", "true", "12345", "postgres", "localhost", "******", "xxxxxxxx", " a1 "] {
            let found = secrets(&[("FF_TOKEN", value)]);
            assert!(found.forms.is_none(), "{value}");
            assert_eq!(leak(format!("a {value} b").as_bytes(), &found), None);
        }
        assert_eq!(leak(b"anything", &Secrets::default()), None);
    }

    #[test]
    fn a_short_number_is_not_found_within_a_digest() {
        let found = secrets(&[("FF_PIN_TOKEN", "123456")]);
        assert_eq!(leak(b"\"9f1234567a\"", &found), None);
        assert_eq!(leak(b"9f1234567a, then '123456'", &found), Some("FF_PIN_TOKEN"));
        assert_eq!(leak(b"123456", &found), Some("FF_PIN_TOKEN"));
        let long = secrets(&[("FF_TOKEN", "0123456789abcdef0")]);
        assert_eq!(leak(b"ff0123456789abcdef0ff", &long), Some("FF_TOKEN"));
    }

    #[test]
    fn one_secret_may_hide_another() {
        let found = secrets(&[("FF_A_TOKEN", "123456"), ("FF_B_TOKEN", "x12345678y")]);
        assert_eq!(leak(b"ax12345678yb", &found), Some("FF_B_TOKEN"));
    }

    #[test]
    fn nothing_is_written_with_a_secret_in_it() {
        let memory = Arc::new(MemoryWorld::new().file("/p/.fastflowtransform/a", "old"));
        let secrets = Arc::new(secrets(&[("FF_TOKEN", "q7Zp2vXw9K")]));
        let world = Guarded::new(memory.clone(), Path::new("/p/.fastflowtransform"), secrets);
        let path = Path::new("/p/.fastflowtransform/a");
        let text = b"{\"x\": \"q7Zp2vXw9K\"}";
        for result in [world.write(path, text), world.append(path, text), world.store(path, text)] {
            assert_eq!(result.unwrap_err().to_string(), "the value of FF_TOKEN is in it, so nothing was written");
        }
        assert!(world.write(Path::new("/p/.fastflowtransform/q7Zp2vXw9K"), b"").is_err());
        assert_eq!(memory.read(path).unwrap(), b"old");
        world.write(path, b"new").unwrap();
        world.write(Path::new("/p/other"), text).unwrap();
        assert_eq!(memory.read(path).unwrap(), b"new");
    }
}

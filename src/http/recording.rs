//! Recordings: answers kept with the project, read-only, for when the network is off or out of reach.
//!
//! A recording is a JSON file below the folder that `http.recordings` names:
//! `{"request": {"method", "url"}, "response": {"status", "headers", "body" | "body_file"}}`. `body` is text or any JSON
//! value, `body_file` a file below the same folder, named relative to the recording. A recording answers the request
//! with its method and its full URL, parameters in the same order; values of secret-looking parameters aren't compared.

use super::prepare::Prepared;
use super::redact::Redaction;
use super::settings::Settings;
use crate::world::World;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use url::Url;

/// One recorded answer.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    method: String,
    /// Redacted, as requests are for the comparison.
    url: String,
    /// Relative to the project.
    pub path: String,
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// All recordings of a project, and what is wrong with those that can't be used.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    recordings: Vec<Recording>,
    pub problems: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    request: FileRequest,
    response: FileResponse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRequest {
    #[serde(default = "get")]
    method: String,
    url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileResponse {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    body_file: Option<String>,
}

fn get() -> String {
    "GET".into()
}

fn ok() -> u16 {
    200
}

impl Recordings {
    /// Reads every recording below `settings.recordings`; of two that answer the same request the first by path counts.
    pub fn load(world: &dyn World, settings: &Settings, redaction: &Redaction) -> Recordings {
        let mut loaded = Recordings::default();
        let Some(folder) = &settings.recordings else { return loaded };
        let files = match world.walk(folder) {
            Ok(files) => files,
            Err(error) => {
                loaded.problems.push(format!("the recordings in {} can't be read: {error}", shown(settings, folder)));
                return loaded;
            }
        };
        let mut bodies = BTreeSet::new();
        let mut found = BTreeMap::new();
        for file in files.iter().filter(|file| file.path.extension().is_some_and(|extension| extension == "json")) {
            let read = read(world, folder, &file.path, redaction);
            bodies.extend(read.as_ref().ok().and_then(|(_, body)| body.clone()));
            found.insert(file.path.clone(), read);
        }
        for (path, read) in found.into_iter().filter(|(path, _)| !bodies.contains(path)) {
            let path = shown(settings, &path);
            match read {
                Ok((recording, _)) => loaded.recordings.push(Recording { path, ..recording }),
                Err(problem) => loaded.problems.push(format!("the recording {path} can't be used: {problem}")),
            }
        }
        loaded
    }

    pub fn find(&self, request: &Prepared, redaction: &Redaction) -> Option<&Recording> {
        let url = redaction.url(&request.url);
        self.recordings.iter().find(|recording| recording.method == request.method && recording.url == url)
    }
}

fn shown(settings: &Settings, path: &Path) -> String {
    path.strip_prefix(&settings.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// One recording and the file of its body, where it names one.
fn read(
    world: &dyn World,
    folder: &Path,
    path: &Path,
    redaction: &Redaction,
) -> Result<(Recording, Option<PathBuf>), String> {
    let bytes = world.read(path).map_err(|error| error.to_string())?;
    let file: File = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    let mut url = Url::parse(&file.request.url).map_err(|error| format!("its URL can't be read: {error}"))?;
    url.set_fragment(None);
    let mut headers: BTreeMap<String, String> =
        file.response.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    let (body, body_file) = match (file.response.body, file.response.body_file) {
        (Some(_), Some(_)) => return Err("it has both `body` and `body_file`".into()),
        (None, None) => (Vec::new(), None),
        (Some(Value::String(text)), None) => (text.into_bytes(), None),
        (Some(value), None) => {
            headers.entry("content-type".into()).or_insert_with(|| "application/json".into());
            (value.to_string().into_bytes(), None)
        }
        (None, Some(name)) => {
            let file = body_path(folder, path, &name).ok_or("`body_file` leads out of the folder of recordings")?;
            (world.read(&file).map_err(|error| format!("its body {name}: {error}"))?, Some(file))
        }
    };
    let method = file.request.method.to_ascii_uppercase();
    let (status, url) = (file.response.status, redaction.url(&url));
    Ok((Recording { method, url, path: String::new(), status, headers, body }, body_file))
}

/// Where `name` beside the recording `path` is, resolved without leaving `folder`.
fn body_path(folder: &Path, path: &Path, name: &str) -> Option<PathBuf> {
    let mut resolved = path.parent()?.to_path_buf();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => resolved.push(part),
            Component::CurDir => {}
            Component::ParentDir if resolved != folder => {
                resolved.pop();
            }
            _ => return None,
        }
    }
    Some(resolved)
}

#[cfg(test)]
mod tests {
    use super::super::Request;
    use super::*;
    use crate::world::MemoryWorld;
    use std::time::Duration;

    fn load(world: &MemoryWorld) -> Recordings {
        let settings = Settings { recordings: Some("/p/http".into()), ..Settings::new("/p".into()) };
        Recordings::load(world, &settings, &Redaction::default())
    }

    fn find<'a>(recordings: &'a Recordings, method: &str, url: &str) -> Option<&'a Recording> {
        let request = Request { method: method.into(), url: url.into(), ..Request::default() };
        recordings.find(&Prepared::new(&request, Duration::ZERO).unwrap(), &Redaction::default())
    }

    #[test]
    fn a_recording_answers_its_method_and_full_url() {
        let world = MemoryWorld::new()
            .file("/p/http/a.json", r#"{"request":{"url":"https://h/a?x=1&y=2&token=any"},"response":{"body":[1,{"a":2}]}}"#)
            .file("/p/http/b.json", r#"{"request":{"method":"post","url":"https://h"},"response":{"status":201,"headers":{"X-A":"b"},"body":"hi"}}"#)
            .file("/p/http/c/c.json", r#"{"request":{"url":"https://h/c"},"response":{"body_file":"../rows.json"}}"#)
            .file("/p/http/rows.json", "[]\n");
        let recordings = load(&world);
        assert_eq!(recordings.problems, [""; 0]);
        let first = find(&recordings, "GET", "https://h/a?x=1&y=2&token=mine#f").unwrap();
        assert_eq!((first.status, first.body.as_slice()), (200, br#"[1,{"a":2}]"#.as_slice()));
        assert_eq!(first.path, "http/a.json");
        assert!(find(&recordings, "GET", "https://h/a?y=2&x=1&token=mine").is_none());
        assert!(find(&recordings, "POST", "https://h/a?x=1&y=2&token=mine").is_none());
        assert_eq!(find(&recordings, "POST", "https://h/").unwrap().headers["x-a"], "b");
        assert_eq!(find(&recordings, "GET", "https://h/c").unwrap().body, b"[]\n");
    }

    #[test]
    fn what_is_wrong_with_a_recording_is_said() {
        let world = MemoryWorld::new()
            .file("/p/http/a.json", r#"{"request":{"url":"https://h/"},"response":{"body_file":"../../secret"}}"#)
            .file("/p/http/b.json", "[1]")
            .file("/p/secret", "x");
        let problems = load(&world).problems;
        assert!(problems[0].contains("http/a.json") && problems[0].contains("leads out"), "{problems:?}");
        assert!(problems[1].contains("http/b.json"), "{problems:?}");
    }
}

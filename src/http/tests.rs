//! The client against real servers on 127.0.0.1.

use super::test_server::{DeadPort, Server};
use super::*;
use crate::world::{MemoryWorld, OsWorld, World};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn client(world: &Arc<MemoryWorld>, change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = Settings::new("/p".into());
    settings.timeout = Duration::from_secs(20);
    change(&mut settings);
    Client::with_proxy(world.clone(), settings, Arc::default(), None)
}

fn world() -> Arc<MemoryWorld> {
    Arc::new(MemoryWorld::new())
}

fn request(method: &str, url: &str) -> Request {
    Request { method: method.into(), url: url.into(), ..Request::default() }
}

fn get(client: &Client, url: &str, telemetry: &mut Telemetry) -> Result<Response, HttpError> {
    client.send("node", &request("GET", url), telemetry)
}

fn with_header(url: &str, name: &str, value: &str) -> Request {
    Request { headers: vec![(name.into(), value.into())], ..request("GET", url) }
}

/// The entries of the cache folder, without its key.
fn entries(world: &MemoryWorld) -> Vec<PathBuf> {
    let files = world.walk(Path::new("/p/.local/http-cache")).unwrap();
    files.into_iter().map(|file| file.path).filter(|path| path.extension().is_some_and(|end| end == "http")).collect()
}

#[test]
fn the_second_request_is_answered_by_the_cache() {
    let (server, world) = (Server::with_body("hello"), world());
    let mut telemetry = Telemetry::default();
    let first = get(&client(&world, |_| ()), &server.url("/a?b=c"), &mut telemetry).unwrap();
    let second = get(&client(&world, |_| ()), &server.url("/a?b=c"), &mut telemetry).unwrap();
    assert_eq!((first.source, second.source), (Source::Network, Source::Cache));
    assert_eq!((first.body, first.headers["content-type"].as_str()), (second.body, "text/plain"));
    assert_eq!((second.status, second.url), (200, server.url("/a?b=c")));
    assert_eq!(server.count(), 1);
    assert_eq!((telemetry.requests, telemetry.cache_hits, telemetry.bytes), (2, 1, 10));
    assert_eq!(telemetry.keys, [first.key.to_string(), second.key.to_string()]);
    assert!(!telemetry.used_offline && telemetry.notes.is_empty());
    get(&client(&world, |_| ()), &server.url("/a?b=d"), &mut telemetry).unwrap();
    assert_eq!(server.count(), 2);
}

#[test]
fn nodes_that_ask_at_once_fetch_once() {
    let (server, world) = (Server::with_body("hello"), world());
    let client = client(&world, |_| ());
    let url = server.url("/");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| get(&client, &url, &mut Telemetry::default()).unwrap());
        }
    });
    assert_eq!(server.count(), 1);
}

#[test]
fn an_answer_older_than_the_ttl_is_fetched_anew_but_serves_offline() {
    let (server, world) = (Server::with_body("hello"), world());
    let url = server.url("/");
    let mut telemetry = Telemetry::default();
    let stale = |settings: &mut Settings| settings.ttl = Some(Duration::ZERO);
    get(&client(&world, stale), &url, &mut telemetry).unwrap();
    get(&client(&world, stale), &url, &mut telemetry).unwrap();
    assert_eq!(server.count(), 2);
    let fresh = get(&client(&world, |settings| settings.ttl = Some(Duration::from_secs(1))), &url, &mut telemetry);
    assert_eq!(fresh.unwrap().source, Source::Cache);
    let offline = client(&world, |settings| {
        settings.ttl = Some(Duration::ZERO);
        settings.offline = true;
    });
    assert_eq!(get(&offline, &url, &mut telemetry).unwrap().source, Source::Cache);
    assert!(telemetry.used_offline && telemetry.notes[0].contains("older than FF_HTTP_TTL"), "{telemetry:?}");
    assert_eq!(server.count(), 2);
}

#[test]
fn off_neither_reads_nor_writes_and_ro_never_writes() {
    let (server, world) = (Server::with_body("hello"), world());
    let mut telemetry = Telemetry::default();
    let keyed = with_header(&server.url("/"), "Authorization", "Bearer 1");
    for mode in [Mode::Off, Mode::ReadOnly] {
        client(&world, |settings| settings.mode = mode).send("node", &keyed, &mut telemetry).unwrap();
    }
    assert!(!world.exists(Path::new("/p")), "nothing at all is written, not even the key");
    client(&world, |_| ()).send("node", &keyed, &mut telemetry).unwrap();
    assert_eq!((server.count(), entries(&world).len()), (3, 1));
    let read_only = client(&world, |settings| settings.mode = Mode::ReadOnly).send("node", &keyed, &mut telemetry);
    assert_eq!(read_only.unwrap().source, Source::Cache);
    let off = client(&world, |settings| settings.mode = Mode::Off).send("node", &keyed, &mut telemetry);
    assert_eq!((off.unwrap().source, server.count()), (Source::Network, 4));
}

#[test]
fn offline_sends_nothing() {
    let (server, world) = (Server::with_body("hello"), world());
    let mut telemetry = Telemetry::default();
    get(&client(&world, |_| ()), &server.url("/a"), &mut telemetry).unwrap();
    let offline = client(&world, |settings| settings.offline = true);
    assert_eq!(get(&offline, &server.url("/a"), &mut telemetry).unwrap().source, Source::Cache);
    assert!(telemetry.used_offline);
    let mut telemetry = Telemetry::default();
    let error = get(&offline, &server.url("/b?token=abc"), &mut telemetry).unwrap_err();
    let url = server.url("/b?token=***");
    assert_eq!(
        error.to_string(),
        format!("offline, and no stored answer for GET {url} in the cache .local/http-cache")
    );
    assert!(error.hint().unwrap().contains("run once with FF_HTTP_OFFLINE=0"));
    assert!(!telemetry.used_offline && telemetry.requests == 1 && telemetry.entries[0].status.is_none());
    assert_eq!(server.count(), 1);
}

#[test]
fn only_successful_gets_and_heads_are_kept() {
    let world = world();
    let server = Server::with_body("hello");
    let client = client(&world, |settings| settings.max_retries = 0);
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let response = client.send("node", &request(method, &server.url("/")), &mut Telemetry::default()).unwrap();
        assert_eq!(response.body, b"hello", "{method}");
    }
    let failing = Server::in_turn(&["404 Not Found"]);
    let error = get(&client, &failing.url("/x"), &mut Telemetry::default()).unwrap_err();
    assert_eq!(error.to_string(), format!("HTTP 404 for {}", failing.url("/x")));
    assert_eq!(error.status(), Some(404));
    assert_eq!(entries(&world).len(), 0);
    client.send("node", &request("HEAD", &server.url("/")), &mut Telemetry::default()).unwrap();
    assert_eq!(entries(&world).len(), 1);
}

#[test]
fn a_body_is_sent() {
    let server = Server::with_body("");
    let request = Request { body: Some(b"{\"a\":1}".to_vec()), ..request("POST", &server.url("/")) };
    client(&world(), |_| ()).send("node", &request, &mut Telemetry::default()).unwrap();
    assert_eq!(server.seen()[0].body, b"{\"a\":1}");
}

#[test]
fn a_host_that_is_not_allowed_is_never_contacted() {
    let target = Server::with_body("secret");
    // The same port under another name of the same address: `localhost` is allowed, 127.0.0.1 isn't.
    let away = target.url("/away");
    let front = Server::start(move |_, _| (format!("307 Temporary Redirect\r\nLocation: {away}"), Vec::new()));
    let world = world();
    let client = client(&world, |settings| settings.allowed_domains = vec!["localhost".into()]);
    for method in ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let mut telemetry = Telemetry::default();
        let direct = client.send("node", &request(method, &target.url("/")), &mut telemetry);
        assert!(matches!(direct, Err(HttpError::NotAllowed { redirected_from: None, .. })), "{method}: {direct:?}");
        let allowed = format!("http://localhost:{}/", front.port);
        let redirected = client.send("node", &request(method, &allowed), &mut telemetry);
        let Err(HttpError::NotAllowed { host, redirected_from, .. }) = redirected else {
            panic!("{method}: {redirected:?}");
        };
        assert_eq!((host.as_str(), redirected_from), ("127.0.0.1", Some(allowed)));
    }
    assert_eq!((target.count(), front.count()), (0, 7));
}

#[test]
fn a_redirect_to_another_origin_drops_credentials() {
    let target = Server::with_body("there");
    let away = target.url("/there");
    let front = Server::start(move |_, seen| match seen.head.starts_with("GET /one") {
        true => ("302 Found\r\nLocation: /two".into(), Vec::new()),
        false => (format!("302 Found\r\nLocation: {away}"), Vec::new()),
    });
    let mut request = with_header(&front.url("/one"), "Authorization", "Bearer abcdefgh");
    request.headers.extend([("Cookie".into(), "sid=1".into()), ("X-Api-Key".into(), "k".into())]);
    request.headers.push(("Accept".into(), "text/plain".into()));
    let response = client(&world(), |_| ()).send("node", &request, &mut Telemetry::default()).unwrap();
    assert_eq!((response.url, response.body), (target.url("/there"), b"there".to_vec()));
    let carries = |head: &str| {
        let head = head.to_lowercase();
        ["authorization:", "cookie:", "x-api-key:", "accept: text/plain"].map(|name| head.contains(name))
    };
    assert_eq!(carries(&front.seen()[1].head), [true; 4], "the same origin keeps them");
    assert_eq!(carries(&target.seen()[0].head), [false, false, false, true]);
}

#[test]
fn a_redirected_post_becomes_a_get_and_endless_redirects_end() {
    let server = Server::start(|_, seen| match seen.head.starts_with("POST") {
        true => ("303 See Other\r\nLocation: /done".into(), Vec::new()),
        false => ("200 OK".into(), b"done".to_vec()),
    });
    let post = Request { body: Some(b"x=1".to_vec()), ..request("POST", &server.url("/")) };
    let client = client(&world(), |_| ());
    client.send("node", &post, &mut Telemetry::default()).unwrap();
    assert!(server.seen()[1].head.starts_with("GET /done") && server.seen()[1].body.is_empty());
    let endless = Server::in_turn(&["302 Found\r\nLocation: /again"]);
    let error = get(&client, &endless.url("/"), &mut Telemetry::default()).unwrap_err();
    assert!(matches!(error, HttpError::TooManyRedirects { .. }));
    assert_eq!(endless.count(), 11);
}

#[test]
fn passing_failures_are_retried_as_the_server_asks() {
    let server = Server::in_turn(&[
        "503 Service Unavailable\r\nRetry-After: 0",
        "429 Too Many Requests\r\nRetry-After: Thu, 01 Jan 1970 00:00:00 GMT",
        "200 OK",
    ]);
    let mut telemetry = Telemetry::default();
    let client = client(&world(), |settings| settings.max_retries = 2);
    get(&client, &server.url("/"), &mut telemetry).unwrap();
    assert_eq!((server.count(), telemetry.entries[0].attempts, telemetry.requests), (3, 3, 1));

    let failing = Server::in_turn(&["503 Service Unavailable\r\nRetry-After: 0"]);
    let error = get(&client, &failing.url("/x?key=1"), &mut telemetry).unwrap_err();
    assert_eq!(error.to_string(), format!("HTTP 503 for {} (after 2 retries)", failing.url("/x?key=***")));
    assert_eq!((failing.count(), telemetry.entries[1].status), (3, Some(503)));
    client.send("node", &request("POST", &failing.url("/")), &mut telemetry).unwrap_err();
    assert_eq!(failing.count(), 4, "a POST isn't sent twice");
}

#[test]
fn two_credentials_never_share_an_answer() {
    let server = Server::start(|count, _| ("200 OK".into(), format!("for {count}").into_bytes()));
    let world = world();
    let client = client(&world, |_| ());
    let url = server.url("/");
    let with_userinfo = url.replace("http://", "http://me:pw@");
    let requests = [
        request("GET", &url),
        with_header(&url, "Authorization", "Bearer one"),
        with_header(&url, "Authorization", "Bearer two"),
        with_header(&url, "Cookie", "sid=1"),
        with_header(&url, "X-Api-Key", "1"),
        request("GET", &with_userinfo),
        request("GET", &server.url("/?token=1")),
        request("GET", &server.url("/?token=2")),
    ];
    for source in [Source::Network, Source::Cache] {
        for (index, request) in requests.iter().enumerate() {
            let response = client.send("node", request, &mut Telemetry::default()).unwrap();
            assert_eq!((response.body, response.source), (format!("for {index}").into_bytes(), source));
        }
    }
    assert!(server.seen()[5].head.contains("Basic bWU6cHc="));
}

#[test]
fn no_credential_reaches_a_file_or_the_telemetry() {
    let server = Server::start(|_, seen| {
        let head =
            "200 OK\r\nSet-Cookie: session=cookievalue1\r\nLink: <http://h/?page=2&code=queryvalue1>\r\nX-Kept: yes";
        let echo = if seen.head.contains("/echo") { seen.head.clone() } else { "rows".into() };
        (head.into(), echo.into_bytes())
    });
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path().into());
    settings.secrets = vec!["pathvalue1".into()];
    let client = Client::with_proxy(Arc::new(OsWorld::new()), settings, Arc::default(), None);
    let mut telemetry = Telemetry::default();
    for path in ["/pathvalue1/a", "/echo"] {
        let url = server.url(path).replace("http://", "http://me:uservalue1@");
        let mut request = with_header(&url, "Cookie", "sid=cookievalue2");
        request.headers.push(("X-Api-Key".into(), "headervalue1".into()));
        request.params = vec![("api_key".into(), "queryvalue1".into())];
        let response = client.send("node", &request, &mut telemetry).unwrap();
        assert_eq!(response.headers["set-cookie"], "session=cookievalue1");
        if path != "/echo" {
            let cached = client.send("node", &request, &mut telemetry).unwrap();
            assert_eq!((cached.source, cached.headers["x-kept"].as_str()), (Source::Cache, "yes"));
            assert!(!cached.headers.contains_key("set-cookie") && !cached.headers.contains_key("link"));
        }
    }
    assert!(telemetry.notes[0].contains("repeats a credential"), "{telemetry:?}");
    let mut written = serde_json::to_vec(&telemetry).unwrap();
    let files: Vec<_> = walkdir::WalkDir::new(folder.path()).into_iter().flatten().collect();
    let files = files.iter().filter(|file| file.file_type().is_file());
    let count = files.map(|file| written.extend(std::fs::read(file.path()).unwrap())).count();
    assert_eq!(count, 3, "one entry, the key, its lock");
    let written = String::from_utf8_lossy(&written);
    for secret in ["pathvalue1", "uservalue1", "cookievalue1", "cookievalue2", "headervalue1", "queryvalue1", "bWU6"] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}

#[test]
fn a_damaged_entry_counts_as_none() {
    let (server, world) = (Server::with_body("hello"), world());
    let url = server.url("/");
    let read = |telemetry: &mut Telemetry| get(&client(&world, |_| ()), &url, telemetry).unwrap();
    read(&mut Telemetry::default());
    let path = entries(&world).remove(0);
    let whole = world.read(&path).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let cut = whole[..whole.len() - 1].to_vec();
    for (index, damaged) in [flipped, cut, whole[..20].to_vec(), Vec::new(), b"{}\n".to_vec()].into_iter().enumerate() {
        world.put(&path, damaged);
        let mut telemetry = Telemetry::default();
        assert_eq!(read(&mut telemetry).source, Source::Network);
        assert_eq!(server.count(), index + 2);
        assert!(telemetry.notes[0].contains("is damaged"), "{telemetry:?}");
        assert_eq!(read(&mut Telemetry::default()).source, Source::Cache, "it is replaced by a good one");
    }
}

#[test]
fn an_answer_that_cannot_be_kept_is_still_an_answer() {
    let (server, world) = (Server::with_body("hello"), world());
    world.fail_writes("/p");
    let mut telemetry = Telemetry::default();
    let request = with_header(&server.url("/"), "Authorization", "Bearer 1");
    assert_eq!(client(&world, |_| ()).send("node", &request, &mut telemetry).unwrap().body, b"hello");
    assert!(telemetry.notes[0].contains("no space left"), "{telemetry:?}");
}

#[test]
fn an_unreachable_server_is_stood_in_for() {
    let dead = DeadPort::new();
    let url = format!("http://127.0.0.1:{}/users?page=1", dead.port);
    let recording = format!(r#"{{"request":{{"url":"{url}"}},"response":{{"body":[{{"id":1}}]}}}}"#);
    let world = Arc::new(MemoryWorld::new().file("/p/http/users.json", recording));
    let recorded = |settings: &mut Settings| settings.recordings = Some("/p/http".into());
    let mut telemetry = Telemetry::default();
    let response = get(&client(&world, recorded), &url, &mut telemetry).unwrap();
    assert_eq!((response.body.as_slice(), response.source), (br#"[{"id":1}]"#.as_slice(), Source::Recording));
    assert!(telemetry.used_offline && telemetry.entries[0].attempts == 1, "{telemetry:?}");
    let note = &telemetry.notes[0];
    assert!(note.starts_with(&url) && note.ends_with("answered from recording http/users.json"), "{note}");
    assert_eq!(entries(&world).len(), 0, "a recording isn't cached");

    let offline = client(&world, |settings| {
        recorded(settings);
        settings.offline = true;
    });
    let mut telemetry = Telemetry::default();
    assert_eq!(get(&offline, &url, &mut telemetry).unwrap().source, Source::Recording);
    assert!(telemetry.used_offline && telemetry.notes.is_empty() && telemetry.entries[0].attempts == 0);

    let bare = client(&world, |settings| settings.max_retries = 0);
    let error = get(&bare, &url, &mut Telemetry::default()).unwrap_err();
    assert!(matches!(error, HttpError::Unreachable { .. }), "{error:?}");
}

#[test]
fn a_server_that_breaks_off_is_stood_in_for_by_a_stale_entry_but_a_status_is_not() {
    let world = world();
    let stale = |settings: &mut Settings| {
        settings.ttl = Some(Duration::ZERO);
        settings.max_retries = 0;
    };
    // A body shorter than announced is a broken exchange.
    let server = Server::start(|count, _| match count {
        0 => ("200 OK".into(), b"kept".to_vec()),
        1 => ("200 OK\r\nContent-Length: 99".into(), b"short".to_vec()),
        _ => ("500 Internal Server Error".into(), Vec::new()),
    });
    let client = client(&world, stale);
    let mut telemetry = Telemetry::default();
    get(&client, &server.url("/"), &mut telemetry).unwrap();
    let response = get(&client, &server.url("/"), &mut telemetry).unwrap();
    assert_eq!((response.source, response.body.as_slice()), (Source::Cache, b"kept".as_slice()));
    assert!(telemetry.used_offline && telemetry.notes[0].contains("the cache entry stored 1970-01-01T00:00:00Z"));
    assert_eq!(get(&client, &server.url("/"), &mut telemetry).unwrap_err().status(), Some(500));
}

#[test]
fn an_interrupt_ends_a_request_under_way() {
    let cancelled = Arc::new(AtomicBool::new(false));
    let set = cancelled.clone();
    let server = Server::start(move |_, _| {
        set.store(true, Ordering::Relaxed);
        std::thread::park();
        unreachable!("nobody wakes this server")
    });
    let settings = Settings { timeout: Duration::from_secs(3600), ..Settings::new("/p".into()) };
    let client = Client::with_proxy(world(), settings, cancelled, None);
    let mut telemetry = Telemetry::default();
    assert_eq!(get(&client, &server.url("/"), &mut telemetry).unwrap_err(), HttpError::Cancelled);
    assert_eq!(telemetry, Telemetry::default());
}

#[test]
fn retries_and_redirects_keep_to_the_rate() {
    for answer in ["503 Service Unavailable\r\nRetry-After: 0", "302 Found\r\nLocation: /next"] {
        let cancelled = Arc::new(AtomicBool::new(false));
        let set = cancelled.clone();
        let server = Server::start(move |_, _| {
            set.store(true, Ordering::Relaxed);
            (answer.into(), Vec::new())
        });
        let settings = Settings { max_rps: Some(1e-6), ..Settings::new("/p".into()) };
        let client = Client::with_proxy(world(), settings, cancelled, None);
        // The first goes out at once, the second would wait for days: only the interrupt ends it.
        let result = get(&client, &server.url("/"), &mut Telemetry::default());
        assert_eq!((result.unwrap_err(), server.count()), (HttpError::Cancelled, 1));
    }
}

#[test]
fn telemetry_is_written_as_run_results_has_it() {
    let server = Server::with_body("hello");
    let mut telemetry = Telemetry::default();
    let key = get(&client(&world(), |_| ()), &server.url("/?token=x"), &mut telemetry).unwrap().key.to_string();
    let url = server.url("/?token=***");
    let expected = serde_json::json!({
        "requests": 1, "cache_hits": 0, "bytes": 5, "used_offline": false, "keys": [key],
        "entries": [{"method": "GET", "url": url, "status": 200, "source": "network", "bytes": 5, "attempts": 1, "key": key}],
    });
    assert_eq!(serde_json::to_value(&telemetry).unwrap(), expected);
    assert_eq!(serde_json::from_value::<Telemetry>(expected).unwrap(), telemetry);
}

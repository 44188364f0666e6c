//! Redirects, retries, interrupts, and what stands in for an unreachable server.

use super::*;

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
fn a_body_is_sent() {
    let server = Server::with_body("");
    let request = Request { body: Some(b"{\"a\":1}".to_vec()), ..request("POST", &server.url("/")) };
    client(&world(), |_| ()).send("node", &request, &mut Telemetry::default()).unwrap();
    assert_eq!(server.seen()[0].body, b"{\"a\":1}");
}

#[test]
fn a_redirected_post_becomes_a_get_and_endless_redirects_end() {
    let server = Server::start(|_, seen| {
        if seen.head.starts_with("POST") {
            ("303 See Other\r\nLocation: /done".into(), Vec::new())
        } else {
            ("200 OK".into(), b"done".to_vec())
        }
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

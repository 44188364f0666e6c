//! What the disk cache answers, keeps and refuses to keep.

use super::*;
use crate::artifact::wire;

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
fn telemetry_is_written_as_run_results_has_it() {
    let server = Server::with_body("hello");
    let mut telemetry = Telemetry::default();
    let key = get(&client(&world(), |_| ()), &server.url("/?token=x"), &mut telemetry).unwrap().key.to_string();
    let url = server.url("/?token=***");
    let expected = serde_json::json!({
        "requests": 1, "cache_hits": 0, "bytes": 5, "used_offline": false, "keys": [key],
        "entries": [{"method": "GET", "url": url, "status": 200, "source": "network", "bytes": 5, "attempts": 1, "key": key}],
    });
    let written = wire::Telemetry::from(&telemetry);
    assert_eq!(serde_json::to_value(&written).unwrap(), expected);
    assert_eq!(serde_json::from_value::<wire::Telemetry>(expected).unwrap(), written);
}

//! Who may be contacted, and who gets to see a credential.

use super::*;
use crate::artifact::wire;

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
    let front = Server::start(move |_, seen| {
        if seen.head.starts_with("GET /one") {
            ("302 Found\r\nLocation: /two".into(), Vec::new())
        } else {
            (format!("302 Found\r\nLocation: {away}"), Vec::new())
        }
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
#[expect(clippy::disallowed_methods, reason = "looks at what was written from outside")]
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
    let mut written = serde_json::to_vec(&wire::Telemetry::from(&telemetry)).unwrap();
    let files: Vec<_> = walkdir::WalkDir::new(folder.path()).into_iter().flatten().collect();
    let files = files.iter().filter(|file| file.file_type().is_file());
    let count = files.map(|file| written.extend(std::fs::read(file.path()).unwrap())).count();
    assert_eq!(count, 3, "one entry, the key, its lock");
    let written = String::from_utf8_lossy(&written);
    for secret in ["pathvalue1", "uservalue1", "cookievalue1", "cookievalue2", "headervalue1", "queryvalue1", "bWU6"] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}

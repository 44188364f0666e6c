//! Encryption: a server with a certificate, and what each `sslmode` asks of it.

use super::*;
use std::process::Command;

/// An authority, a certificate of it for `localhost`, and one of nobody.
fn certificates(folder: &Path) -> bool {
    let script = r#"
        set -e
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj /CN=server -keyout server.key -out server.csr
        printf 'subjectAltName=DNS:localhost' > names
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=nobody -keyout other.key -out other.pem
        chmod 711 . && chmod 600 server.key
        if [ "$(id -u)" -eq 0 ]; then chown nobody server.key; fi"#;
    let ran = Command::new("sh").args(["-c", script]).current_dir(folder).output();
    ran.is_ok_and(|output| output.status.success())
}

#[test]
fn the_server_must_show_what_sslmode_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    if !certificates(folder.path()) {
        eprintln!("openssl isn't here: not shown");
        return;
    }
    let at = folder.path().display();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = format!(
        "-c listen_addresses=localhost -c port={port} -c ssl=on -c ssl_cert_file={at}/server.pem -c ssl_key_file={at}/server.key"
    );
    let Some(_server) = server::Server::start(&options) else { return };
    let connect = |host: &str, mode: &str| -> Result<String, String> {
        let dsn = format!("postgresql://postgres@{host}:{port}/postgres?sslmode={mode}");
        let engine = open(&dsn, "public").map_err(|error| error.to_string())?;
        let encrypted =
            "select case when ssl then 'encrypted' else 'plain' end from pg_stat_ssl where pid = pg_backend_pid()";
        Ok(text(&mut engine.session().unwrap(), encrypted))
    };
    let (plain, encrypted) = (Ok("plain".to_string()), Ok("encrypted".to_string()));
    let (authority, other) = (format!("&sslrootcert={at}/ca.pem"), format!("&sslrootcert={at}/other.pem"));
    assert_eq!(connect("localhost", "disable"), plain);
    for mode in ["prefer", "require", &format!("require{authority}"), &format!("verify-full{authority}")] {
        assert_eq!(connect("localhost", mode), encrypted, "{mode}");
    }
    assert_eq!(connect("127.0.0.1", &format!("verify-ca{authority}")), encrypted);
    // The certificate itself may be the one that is trusted.
    assert_eq!(connect("localhost", &format!("verify-full&sslrootcert={at}/server.pem")), encrypted);
    for (host, mode) in [
        ("127.0.0.1", format!("verify-full{authority}")),
        ("localhost", format!("verify-ca{other}")),
        ("localhost", format!("require{other}")),
        ("localhost", "verify-full".to_string()),
    ] {
        let error = connect(host, &mode).unwrap_err();
        assert!(error.contains("can't connect") && error.contains("certificate"), "{host} {mode}: {error}");
    }
}

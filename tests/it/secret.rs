//! Secrets: put wherever a project may take one, and then looked for in every byte that fft prints or writes.

use crate::project::{Ran, Sandbox};
use crate::server::Server;
use std::io::Read;

/// Not to be found by chance, and with nothing in it that an encoding would change.
pub const SECRET: &str = "q7Zp2vXw9KdRb4Ty";

/// The same with everything in it that an encoding changes.
pub const ODD: &str = "q7Zp/2vX+w9 Kd\\R&b\"4=T%y\u{e9}";

/// Everything that is told of a run, and every file that fft may have written but the database, which belongs to the
/// user.
pub fn look(sandbox: &Sandbox, ran: &Ran, what: &str) {
    look_for(SECRET, sandbox, ran, what);
}

pub fn look_for(secret: &str, sandbox: &Sandbox, ran: &Ran, what: &str) {
    let forms = forms(secret);
    let told = |bytes: &[u8]| {
        forms.iter().find(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes())).cloned()
    };
    for text in [&ran.stdout, &ran.stderr] {
        assert_eq!(told(text.as_bytes()), None, "{what} prints it:\n{text}");
    }
    for folder in [".fastflowtransform", ".local/http-cache", "site"] {
        for entry in walkdir::WalkDir::new(sandbox.path(folder)).into_iter().flatten() {
            let path = entry.path().display().to_string();
            assert_eq!(told(path.as_bytes()), None, "{what} names a file by it");
            if entry.file_type().is_file() {
                let bytes = std::fs::read(entry.path()).unwrap();
                assert_eq!(told(&bytes), None, "{what} leaves it in {path}");
                let hidden = frames(&bytes).iter().find_map(|plain| told(plain));
                assert_eq!(hidden, None, "{what} leaves it compressed in {path}");
            }
        }
    }
}

/// A secret as it is, in base64 wherever in a text it stands, in hexadecimal digits, URL- and JSON-escaped.
fn forms(secret: &str) -> Vec<String> {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let percent = |kept: &dyn Fn(u8) -> bool, space: &str| -> String {
        let one = |byte: &u8| match *byte {
            b' ' => space.to_string(),
            byte if kept(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        bytes.iter().map(one).collect()
    };
    let component = percent(&|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte), "%20");
    let form = percent(&|byte| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte), "+");
    let path = percent(&|byte| byte.is_ascii_graphic() && !b"%\"\\".contains(&byte), "%20");
    let json = serde_json::to_string(secret).unwrap();
    let json = json[1..json.len() - 1].to_string();
    let one = |character: char| match character {
        ' '..='~' => character.to_string(),
        other => format!("\\u{:04x}", u32::from(other)),
    };
    let ascii: String = json.chars().map(one).collect();
    let mut forms = vec![secret.to_string(), hex.to_uppercase(), hex, component, form, path, json, ascii];
    forms.extend(forms[3..6].to_vec().iter().map(|form| form.to_lowercase()).filter(|form| form.contains('%')));
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        for before in 0..3 {
            // The digits that the secret alone decides, whatever stands before and behind it.
            let digits = engine.encode([&vec![b'x'; before][..], bytes].concat());
            let (start, end) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
            forms.push(digits[start..end].to_string());
        }
    }
    forms
}

#[test]
fn every_form_is_looked_for() {
    use base64::Engine;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("user:{ODD} and more"));
    let url = url::Url::parse_with_params("http://localhost/", [("key", ODD)]).unwrap().to_string();
    let json = serde_json::to_string(&format!("a {ODD} b")).unwrap();
    for text in [basic, url, json] {
        assert!(forms(ODD).iter().any(|form| text.contains(form.as_str())), "{text}");
    }
}

/// What is compressed in a file, wherever a record of evidence begins in it.
pub fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
    /// `FFE2`, a digest, a length.
    const HEAD: usize = 4 + 32 + 4;
    let starts = bytes.windows(HEAD).enumerate().filter(|(_, window)| window.starts_with(b"FFE2")).map(|(at, _)| at);
    let frame = |at: usize| {
        let mut plain = Vec::new();
        flate2::read::ZlibDecoder::new(&bytes[at + HEAD..]).read_to_end(&mut plain).ok()?;
        Some(plain)
    };
    starts.filter_map(frame).collect()
}

/// A project that has the secret in a `.env` file, in a template, in the environment of Python and in a profile.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".env", &format!("FF_API_TOKEN={SECRET}\nFF_SALT={SECRET}\nFF_HIDDEN={SECRET}\n"));
    sandbox.write(
        "project.yml",
        "name: story\nversion: '1.0'\nfingerprint:\n  env:\n    secret: [FF_SALT]\n    expose: [FF_API_TOKEN]\n",
    );
    sandbox.write("macros/salt.sql", "{% macro salted(x) %}md5({{ x }} || '{{ env('FF_SALT') }}'){% endmacro %}\n");
    sandbox.write(
        "models/token.ff.sql",
        "select length('{{ env('FF_API_TOKEN') }}') as n, {{ salted(\"'x'\") }} as salted\n",
    );
    sandbox.write(
        "models/py.ff.py",
        "import os\n\nfrom fastflowtransform import model, env\n\n\n@model(name=\"py\", deps=[\"token.ff\"])\n\
         def build(rows: list) -> list:\n    print('the token is', env('FF_API_TOKEN'))\n    return [{\"n\": len(os.environ['FF_SALT'])}]\n",
    );
    sandbox
}

#[test]
fn no_secret_is_printed_or_written() {
    let sandbox = project();
    //: Their values are never hashed, stored or shown; where one is rendered into SQL, the recorded text says
    //: `‹env:FF_X›` in its place.
    look(&sandbox, &sandbox.fft("run").expect(0), "a run");
    let evidence = frames(&sandbox.bytes(".fastflowtransform/evidence.pack"));
    let shown = |text: &[u8]| text.windows(18).any(|window| window == b"select length('{{ ");
    assert!(evidence.iter().any(|text| shown(text)), "the evidence isn't looked into");
    // The model got the value all the same.
    let length = SECRET.len().to_string();
    assert_eq!(sandbox.query(".local/story.duckdb", "select n from analytics.token"), std::slice::from_ref(&length));
    assert_eq!(sandbox.query(".local/story.duckdb", "select n from analytics.py"), [length]);
    for command in [
        "run",
        "run --full-refresh --log-format json",
        "plan --json",
        "explain token",
        "explain py --json",
        "render token",
        "dag",
        "history",
        "verify",
        "ls",
    ] {
        look(&sandbox, &sandbox.fft(command).expect(0), command);
    }
    // Rotating a secret builds nothing.
    sandbox.write(".env", &format!("FF_API_TOKEN=another\nFF_SALT=another\nFF_HIDDEN={SECRET}\n"));
    //: Secret variables are no components: a new password rebuilds nothing.
    look(&sandbox, &sandbox.fft("run").expect(0).says("0 built"), "a rotation");
    // A value that isn't exposed is withheld when it changes, too.
    sandbox.write(".env", "FF_API_TOKEN=another\nFF_SALT=another\nFF_HIDDEN=shown\n");
    look(&sandbox, &sandbox.fft("run").expect(0).says("env changed: FF_HIDDEN"), "a change");
    look(&sandbox, &sandbox.fft("explain token").expect(0), "its explanation");
    let first = format!(
        "latest~{}",
        sandbox.fft("history").expect(0).stdout.lines().filter(|line| !line.starts_with(' ')).count() - 1
    );
    //: Values of environment variables are told where `fingerprint.env.expose` names them; values of secrets never.
    for command in ["diff", "diff --json", "diff --markdown", "explain token --against"] {
        let ran = sandbox.fft(&format!("{command} {first}")).expect(0).says("env changed: FF_HIDDEN");
        look(&sandbox, &ran, command);
    }
}

#[test]
fn no_secret_is_in_an_error() {
    let sandbox = project();
    sandbox.write("models/token.ff.sql", "select cast('{{ env('FF_API_TOKEN') }}' as integer) as n\n");
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import model, env\n\n\n@model(name=\"py\", deps=[])\n\
         def build() -> list:\n    raise ValueError('bad token ' + env('FF_API_TOKEN'))\n",
    );
    //: Nothing is shown either: not on the terminal, in no message, not by a Python model that prints it.
    let ran = sandbox.fft("run --keep-going").expect(1).says("Could not convert").says("bad token");
    look(&sandbox, &ran, "a failure");
    look(&sandbox, &sandbox.fft("explain token").expect(0), "the failure's explanation");
    sandbox.write("models/token.ff.sql", "select '{{ env('FF_API_TOKEN') }}' from {{ ref('nobody') }}\n");
    look(&sandbox, &sandbox.fft("run").expect(2), "a wrong reference");
    sandbox.write("models/token.ff.sql", "select '{{ env('FF_API_TOKEN') }}' {{ 1 / }}\n");
    look(&sandbox, &sandbox.fft("run").expect(2), "a wrong template");
}

#[test]
fn no_secret_of_a_profile_is_in_an_error() {
    let sandbox = project();
    sandbox.write("models/token.ff.sql", "select 1 as n\n");
    let profiles = [
        "dev:\n  engine: duckdb\n  duckdb:\n    path: \"/proc/{{ env('FF_API_TOKEN') }}/x.duckdb\"\n",
        "dev:\n  engine: duckdb\n  duckdb:\n    memory_limit: \"{{ env('FF_API_TOKEN') }}\"\n",
        "dev:\n  engine: duckdb\n  duckdb:\n    paths: \"{{ env('FF_API_TOKEN') }}\"\n",
        "dev:\n  engine: \"{{ env('FF_API_TOKEN') }}\"\n",
        "dev:\n  engine: duckdb\n  duckdb: {{ env('FF_API_TOKEN') }}: [\n",
        "dev:\n  engine: duckdb\n  {{ env('FF_API_TOKEN') }}: x\n",
    ];
    for profile in profiles {
        sandbox.write("profiles.yml", profile);
        let ran = sandbox.fft("run");
        assert!(matches!(ran.code, Some(2 | 4)), "{profile}: {:?}\n{}", ran.code, ran.stderr);
        look(&sandbox, &ran, profile);
    }
}

/// A project without the secret in any file but `.env`.
pub fn clean() -> Sandbox {
    let sandbox = project();
    sandbox.write("models/token.ff.sql", "select 1 as n\n");
    sandbox
}

/// What no file of the project told before: the database's own words, in an encoding that messages aren't freed of.
#[test]
fn an_artifact_with_a_secret_is_not_written() {
    let sandbox = clean();
    sandbox.fft("run").expect(0);
    let before = sandbox.bytes(".fastflowtransform/target/catalog.json");
    sandbox.write("models/token.ff.sql", "{% set a = env('FF_SALT') %}select 1 as \"{{ a }}\"\n");
    let ran = sandbox.fft("run").expect(4);
    //: And every file below `.fastflowtransform/` is scanned as it is about to be written; one with a secret in it is
    //: not written, and the command ends with 4.
    look(&sandbox, &ran, "a column's name");
    assert!(
        ran.stderr.contains(
            "error: catalog.json could not be written: the value of FF_API_TOKEN is in it, so nothing was written"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(sandbox.rows()["token.ff"].status, "success", "the run is recorded all the same");
    assert_eq!(sandbox.bytes(".fastflowtransform/target/catalog.json"), before);
}

/// A model that sends the secret as a header, as basic authorization, as a parameter and in the URL itself.
fn requests(secret: &str, port: u16) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(".env", &format!("FF_API_TOKEN='{secret}'\n"));
    let model = format!(
        "import base64\n\nfrom fastflowtransform import model, env\n\
         from fastflowtransform.api.http import get_json, post\n\n\
         ROOT = \"http://127.0.0.1:{port}\"\n\n\n\
         @model(name=\"fetched\", deps=[])\ndef build() -> list:\n\
         \x20   token = env(\"FF_API_TOKEN\")\n\
         \x20   basic = base64.b64encode((\"user:\" + token).encode()).decode()\n\
         \x20   rows = get_json(ROOT + \"/header\", headers={{\"X-Api-Key\": token.encode(\"ascii\", \"ignore\").decode(), \
         \"Authorization\": \"Basic \" + basic}})\n\
         \x20   rows += get_json(ROOT + \"/param\", params={{\"access_token\": token}})\n\
         \x20   print(\"asked with\", token)\n\
         \x20   post(ROOT + \"/body\", json={{\"token\": token}})\n\
         \x20   return rows\n"
    );
    sandbox.write("models/fetched.ff.py", &model);
    sandbox
}

#[test]
fn no_secret_of_a_request_is_printed_or_written() {
    for secret in [SECRET, ODD] {
        let server = Server::start(|_| ("200 OK", "[{\"n\": 1}]".into()));
        let sandbox = requests(secret, server.port);
        look_for(secret, &sandbox, &sandbox.fft("run").expect(0), "a run");
        let sent = server.seen().concat();
        assert!(forms(secret).iter().any(|form| sent.contains(form.as_str())), "the server must be asked with it");
        assert!(sandbox.path(".local/http-cache").exists(), "answers are kept");
        assert_eq!(sandbox.rows()["fetched"].rows, Some(2));
        for command in ["explain fetched", "explain fetched --json", "run --rebuild fetched --log-format json"] {
            look_for(secret, &sandbox, &sandbox.fft(command).expect(0), command);
        }
        // A server that complains tells what it was sent.
        let refusing = Server::start(|head| ("403 Forbidden", head.to_string()));
        let sandbox = requests(secret, refusing.port);
        look_for(secret, &sandbox, &sandbox.fft("run").expect(1).says("403"), "a refusal");
        look_for(secret, &sandbox, &sandbox.fft("explain fetched").expect(0), "its explanation");
        // Nobody listens.
        let model = sandbox.read("models/fetched.ff.py").replace(&format!(":{}", refusing.port), ":1");
        sandbox.write("models/fetched.ff.py", &model);
        let ran = Ran::of({
            let mut command = sandbox.command(crate::project::FFT);
            command.arg("run").env("FF_HTTP_MAX_RETRIES", "0");
            command
        });
        look_for(secret, &sandbox, &ran.expect(1), "a dead server");
    }
}

/// The same secrets with characters that encodings change, in the places of the tests above.
#[test]
fn no_odd_secret_is_printed_or_written() {
    let sandbox = project();
    sandbox.write(".env", &format!("FF_API_TOKEN='{ODD}'\nFF_SALT='{ODD}'\nFF_HIDDEN='{ODD}'\n"));
    look_for(ODD, &sandbox, &sandbox.fft("run").expect(0), "a run");
    let length = ODD.chars().count().to_string();
    assert_eq!(sandbox.query(".local/story.duckdb", "select n from analytics.token"), [length]);
    for command in ["plan --json --rebuild token.ff", "explain py --json", "render token", "verify", "history"] {
        look_for(ODD, &sandbox, &sandbox.fft(command).expect(0), command);
    }
    sandbox.write("models/token.ff.sql", "select cast('{{ env('FF_API_TOKEN') }}' as integer) as n\n");
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import model, env\n\n\n@model(name=\"py\", deps=[])\n\
         def build() -> list:\n    raise ValueError({'token': env('FF_API_TOKEN')})\n",
    );
    look_for(ODD, &sandbox, &sandbox.fft("run --keep-going").expect(1).says("Could not convert"), "a failure");
    look_for(ODD, &sandbox, &sandbox.fft("explain token").expect(0), "the failure's explanation");
    look_for(ODD, &sandbox, &sandbox.fft("explain py --json").expect(0), "the traceback");
}

/// A password in a connection string, of an engine that this build has or hasn't, to a server that isn't there.
#[test]
fn no_secret_of_a_connection_string_is_told() {
    for secret in [SECRET, "q7Zp2vXw9KdRb4%2FTy"] {
        let sandbox = project();
        sandbox.write("models/token.ff.sql", "select 1 as n\n");
        sandbox.write(".env", &format!("FF_PG_DSN=postgresql://user:{secret}@127.0.0.1:1/db\n"));
        let dsn = "\"{{ env('FF_PG_DSN') }}\"";
        for profile in [
            format!("dev:\n  engine: postgres\n  postgres:\n    dsn: {dsn}\n"),
            format!("dev:\n  engine: postgres\n  postgres:\n    dsn: \"postgresql://user:{secret}@127.0.0.1:1/db\"\n"),
            format!("dev:\n  engine: duckdb\n  duckdb:\n    path: {dsn}\n"),
            format!("dev:\n  engine: duckdb\n  duckdb:\n    attach: [{{path: {dsn}, alias: other}}]\n"),
            format!("dev:\n  engine: duckdb\n  duckdb:\n    no_such_key: {dsn}\n"),
        ] {
            sandbox.write("profiles.yml", &profile);
            for command in ["run", "plan", "verify"] {
                let ran = sandbox.fft(command);
                look_for(secret, &sandbox, &ran, &format!("{command} with {profile}"));
            }
        }
    }
}

#[test]
fn a_secret_that_an_ephemeral_model_reads_is_put_in() {
    let sandbox = Sandbox::new();
    sandbox.write(".env", &format!("FF_API_TOKEN={SECRET}\n"));
    let ephemeral = "{{ config(materialized='ephemeral') }}";
    sandbox.write("models/inner.ff.sql", &format!("{ephemeral}\nselect '{{{{ env('FF_API_TOKEN') }}}}' as t;\n"));
    sandbox
        .write("models/outer.ff.sql", &format!("{ephemeral}\nselect t, length(t) as n from {{{{ ref('inner') }}}}\n"));
    sandbox.write("models/m.ff.sql", "with w as (select 1) select n from {{ ref('outer') }}, w\n");
    sandbox.write("models/v.ff.sql", "{{ config(materialized='view') }}\nselect n from {{ ref('outer') }}\n");
    let compared = "select count(*) as n from {{ ref('inner') }} where t = '{{ env('FF_API_TOKEN') }}'\n";
    sandbox.write("models/compared.ff.sql", compared);
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import model\n\n\n@model(name=\"py\", deps=[\"outer.ff\"])\n\
         def build(outer: list) -> list:\n    return [{\"n\": row[\"n\"]} for row in outer]\n",
    );
    sandbox.write("budgets.yml", "version: 1\nquery_limits: {duckdb: {max_bytes: 1000000000}}\n");
    look(&sandbox, &sandbox.fft("run").expect(0), "a run");
    let length = SECRET.len().to_string();
    for relation in ["m", "v", "py"] {
        let sql = format!("select n from analytics.{relation}");
        assert_eq!(sandbox.query(".local/story.duckdb", &sql), std::slice::from_ref(&length), "{relation}");
    }
    assert_eq!(sandbox.query(".local/story.duckdb", "select n from analytics.compared"), ["1"]);
    for command in ["render m", "plan --json --rebuild m.ff", "explain m --json", "verify"] {
        look(&sandbox, &sandbox.fft(command).expect(0), command);
    }
    let rendered = sandbox.fft("render m").expect(0);
    assert!(
        rendered.stdout.contains("'‹env:FF_API_TOKEN›'") && rendered.stderr.contains("secret"),
        "{}\n{}",
        rendered.stdout,
        rendered.stderr
    );
    // The engine's place is told in the file, though the value is longer than what stands for it.
    sandbox.write("models/m.ff.sql", "select '{{ env('FF_API_TOKEN') }}' as t,\n  nope from {{ ref('outer') }}\n");
    look(&sandbox, &sandbox.fft("run").expect(1).says("models/m.ff.sql:2:3"), "a failure");
}

#[test]
fn a_secret_that_is_altered_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.write(".env", &format!("FF_API_TOKEN={SECRET}\n"));
    sandbox.write("models/m.ff.sql", "select '{{ env('FF_API_TOKEN') | upper }}' as t\n");
    look(&sandbox, &sandbox.fft("run").expect(2).says("error[bad-reference]"), "an altered secret");
}

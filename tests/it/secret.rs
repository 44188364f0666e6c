//! Secrets: put wherever a project may take one, and then looked for in every byte that fft prints or writes.

use crate::project::{Ran, Sandbox};
use std::io::Read;

/// Not to be found by chance, and with nothing in it that an encoding would change.
const SECRET: &str = "q7Zp2vXw9KdRb4Ty";

/// Everything that is told of a run, and every file below the project but the database, which belongs to the user, and
/// the files that hold the secret by intention.
fn look(sandbox: &Sandbox, ran: &Ran, what: &str) {
    for text in [&ran.stdout, &ran.stderr] {
        assert!(!told(text.as_bytes()), "{what} prints it:\n{text}");
    }
    let folders = [".fastflowtransform", "site"].map(|folder| sandbox.path(folder));
    for entry in folders.iter().flat_map(walkdir::WalkDir::new).flatten() {
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let hidden = told(&bytes) || frames(&bytes).iter().any(|plain| told(plain));
            assert!(!hidden, "{what} leaves it in {}", entry.path().display());
            assert!(!told(entry.path().to_string_lossy().as_bytes()), "{what} names a file by it");
        }
    }
}

/// What is compressed in a file, wherever a record of evidence begins in it.
fn frames(bytes: &[u8]) -> Vec<Vec<u8>> {
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

/// As it is, in base64, in hexadecimal digits.
fn told(bytes: &[u8]) -> bool {
    use base64::Engine;
    let hexadecimal: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(SECRET);
    let forms = [SECRET.to_string(), hexadecimal, base64];
    forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes()))
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
    look(&sandbox, &sandbox.fft("run").expect(0).says("0 built"), "a rotation");
    // A value that isn't exposed is withheld when it changes, too.
    sandbox.write(".env", "FF_API_TOKEN=another\nFF_SALT=another\nFF_HIDDEN=shown\n");
    look(&sandbox, &sandbox.fft("run").expect(0).says("env changed: FF_HIDDEN"), "a change");
    look(&sandbox, &sandbox.fft("explain token").expect(0), "its explanation");
    let first = format!("latest~{}", sandbox.fft("history").expect(0).stdout.matches(" built · ").count() - 1);
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

/// Nothing of a run may be left: no file but those of a run that never came to write (a lock, the key of the HTTP cache).
fn refused(sandbox: &Sandbox, message: &[&str]) {
    for command in ["run", "plan"] {
        let ran = sandbox.fft(command).expect(4);
        look(sandbox, &ran, command);
        let said: Vec<&str> = ran.stderr.lines().map(str::trim).collect();
        assert_eq!(said, message, "{command}");
        assert!(!sandbox.path(".fastflowtransform/target").exists(), "{command} wrote artifacts");
        assert!(!sandbox.path(".fastflowtransform/evidence.pack").exists(), "{command} wrote evidence");
        assert!(!sandbox.path(".fastflowtransform/runs").exists(), "{command} wrote a record");
    }
}

/// A project without the secret in any file but `.env`.
fn clean() -> Sandbox {
    let sandbox = project();
    sandbox.write("models/token.ff.sql", "select 1 as n\n");
    sandbox
}

#[test]
fn a_literal_secret_in_a_template_is_refused() {
    let sandbox = clean();
    sandbox.write("models/token.ff.sql", &format!("select 1 as n,\n  '{SECRET}' as token\n"));
    refused(
        &sandbox,
        &[
            "error[literal-secret]: token.ff holds the value of FF_API_TOKEN literally",
            "--> models/token.ff.sql:2:4",
            "hint: read it with env('FF_API_TOKEN')",
        ],
    );
}

#[test]
fn a_literal_secret_in_a_macro_and_a_var_is_refused() {
    let sandbox = clean();
    sandbox.write("macros/m.sql", &format!("\n{{% macro m() %}}\n'{SECRET}'{{% endmacro %}}\n"));
    sandbox.write("models/token.ff.sql", "select {{ m() }} as n\n");
    refused(
        &sandbox,
        &[
            "error[literal-secret]: token.ff holds the value of FF_API_TOKEN literally",
            "--> macros/m.sql:3",
            "hint: read it with env('FF_API_TOKEN')",
        ],
    );
    sandbox.write("macros/m.sql", "{% macro m() %}{{ var('pin') }}{% endmacro %}\n");
    let ran = sandbox.fft(&format!("run --vars pin={SECRET}")).expect(4);
    look(&sandbox, &ran, "a var");
    assert!(
        ran.stderr.contains("the compiled SQL of token.ff holds the value of FF_API_TOKEN literally"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("var pin holds the value of FF_API_TOKEN literally"), "{}", ran.stderr);
}

#[test]
fn a_literal_secret_in_a_seed_is_refused() {
    let sandbox = clean();
    sandbox.write("seeds/people.csv", &format!("id,token\n1,none\n2,{SECRET}\n"));
    refused(
        &sandbox,
        &[
            "error[literal-secret]: people holds the value of FF_API_TOKEN literally",
            "--> seeds/people.csv:3",
            "hint: take it out: a seed's rows are recorded as they are",
        ],
    );
}

#[test]
fn a_literal_secret_in_python_is_refused() {
    use base64::Engine;
    let sandbox = clean();
    let header = base64::engine::general_purpose::STANDARD.encode(format!("user:{SECRET}"));
    let model = "from fastflowtransform import model\n\n\n@model(name=\"py\", deps=[])\ndef build() -> list:\n    return [{\"n\": len(HEADER)}]\n";
    // What a model doesn't reach is recorded nowhere.
    sandbox.write("models/py.ff.py", &format!("{}\nOTHER = '{header}'\n", model.replace("HEADER", "'x'")));
    look(&sandbox, &sandbox.fft("run").expect(0), "a secret that isn't reached");
    let sandbox = clean();
    sandbox.write("models/py.ff.py", &format!("{model}\n\nHEADER = 'Basic {header}'\n"));
    refused(
        &sandbox,
        &[
            "error[literal-secret]: py holds the value of FF_API_TOKEN literally",
            "--> models/py.ff.py:9:24",
            "hint: read it with env('FF_API_TOKEN')",
        ],
    );
}

#[test]
fn a_literal_secret_in_a_description_is_refused() {
    let sandbox = clean();
    sandbox.write(
        "models/token.yml",
        &format!("version: 2\nmodels:\n  - name: token.ff\n    description: The key is {SECRET}.\n"),
    );
    refused(
        &sandbox,
        &[
            "error[literal-secret]: the documentation of token.ff holds the value of FF_API_TOKEN literally",
            "--> models/token.yml:3:5",
            "hint: take it out: this is written to artifacts as it is",
        ],
    );
}

/// What no file of the project told before: the database's own words, in an encoding that messages aren't freed of.
#[test]
fn an_artifact_with_a_secret_is_not_written() {
    let sandbox = clean();
    sandbox.fft("run").expect(0);
    let before = sandbox.bytes(".fastflowtransform/target/catalog.json");
    sandbox.write("models/token.ff.sql", "{% set a = env('FF_SALT') %}select 1 as \"{{ a }}\"\n");
    let ran = sandbox.fft("run").expect(4);
    look(&sandbox, &ran, "a column's name");
    assert!(
        ran.stderr.contains(
            "error: catalog.json could not be written: the value of FF_API_TOKEN is in it, so nothing was written"
        ),
        "{}",
        ran.stderr
    );
    assert_eq!(sandbox.bytes(".fastflowtransform/target/catalog.json"), before);
}

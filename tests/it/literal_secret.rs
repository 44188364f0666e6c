//! Secrets that stand literally in a file of the project: refused with their place before anything is built or written.

use crate::project::Sandbox;
use crate::secret::{SECRET, clean, look};

/// Nothing of a run may be left: no file but those of a run that never came to write (a lock, the key of the HTTP cache).
fn refused(sandbox: &Sandbox, message: &[&str]) {
    for command in ["run", "plan"] {
        let ran = sandbox.fft(command).expect(4);
        look(sandbox, &ran, command);
        let said: Vec<&str> = ran.stderr.lines().map(str::trim).collect();
        //: Secrets are looked for before anything is written. A value that stands in what would be recorded of the
        //: project, in a template, a macro, what a Python model reaches of its file, a module, a seed, a description
        //: or a var, is an error before anything is built:
        assert_eq!(said, message, "{command}");
        assert!(!sandbox.path(".fastflowtransform/target").exists(), "{command} wrote artifacts");
        assert!(!sandbox.path(".fastflowtransform/evidence.pack").exists(), "{command} wrote evidence");
        assert!(!sandbox.path(".fastflowtransform/runs").exists(), "{command} wrote a record");
    }
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
fn a_literal_secret_in_a_module_is_refused() {
    let sandbox = clean();
    let model = "import shared\nfrom fastflowtransform import model\n\n\n@model(name=\"py\", deps=[])\n\
                 def build() -> list:\n    return [{\"n\": shared.N}]\n";
    sandbox.write("models/py.ff.py", model);
    sandbox.write("shared.py", &format!("N = 1\nTOKEN = '{SECRET}'\n"));
    refused(
        &sandbox,
        &[
            "error[literal-secret]: py holds the value of FF_API_TOKEN literally",
            "--> shared.py:2:10",
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

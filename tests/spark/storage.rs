//! Tables that say themselves what they are kept as.

use crate::{rows_of, run, sandbox};

#[test]
fn a_table_is_kept_as_it_declares() {
    let Some(sandbox) = sandbox() else { return };
    let project = sandbox.read("project.yml");
    let declared = |compression: &str| {
        format!(
            "{project}models:\n  storage:\n    far.ff: {{format: csv, options: {{header: true, compression: \
             {compression}}}}}\n    own: {{format: orc}}\n    py: {{format: json}}\nseeds:\n  storage:\n    users: \
             {{format: orc, options: {{compression: zlib}}}}\n"
        )
    };
    sandbox.write("project.yml", &declared("gzip"));
    sandbox.write(
        "models/own.ff.sql",
        "{{ config(storage={'format': 'parquet', 'options': {'compression': 'gzip'}}) }}\nselect id, name from {{ \
         ref('users') }}\n",
    );
    sandbox.write("models/far.ff.sql", "select id, name from {{ ref('own') }}\n");
    sandbox.write(
        "models/py.ff.py",
        "from fastflowtransform import model\n\n\n@model(deps=['users'], frame='rows')\ndef py(users):\n    return \
         [{'id': row['id']} for row in users]\n",
    );
    let files = [("users", ".zlib.orc"), ("own", ".gz.parquet"), ("far", ".csv.gz"), ("py", ".json")];
    for (node, ending) in files {
        let text = format!("select * from {{{{ ref('{node}') }}}} where input_file_name() like '%{ending}'\n");
        sandbox.write(&format!("models/check_{node}.ff.sql"), &text);
    }
    run(&sandbox).expect(0).says("9 built");
    for node in ["users", "own.ff", "far.ff", "py"].into_iter().chain(["check_users.ff", "check_own.ff"]) {
        assert_eq!(rows_of(&sandbox, node), Some(3), "{node}");
    }
    assert_eq!((rows_of(&sandbox, "check_far.ff"), rows_of(&sandbox, "check_py.ff")), (Some(3), Some(3)));
    run(&sandbox).expect(0).says("0 built");
    sandbox.fft("verify").expect(0).says("all of it agrees");
    // What is declared is an input of its own table alone.
    sandbox.write("project.yml", &declared("bzip2"));
    let ran = run(&sandbox).expect(0).says("2 built").says("storage");
    let rows = sandbox.rows();
    assert_eq!((rows["far.ff"].status.as_str(), rows["check_far.ff"].rows), ("success", Some(0)), "{}", ran.stdout);
    assert_eq!(rows["far.ff"].primary_code, "config_changed");
    run(&sandbox).expect(0).says("0 built");
}

#[test]
fn a_table_that_is_swapped_has_no_path() {
    let Some(sandbox) = sandbox() else { return };
    let place = "--> models/own.ff.sql:2:4";
    let write = |storage: &str| {
        sandbox.write("models/own.ff.sql", &format!("\n{{{{ config(storage={storage}) }}}}\nselect 1 as id\n"));
    };
    write("{'path': '/data/own'}");
    run(&sandbox).expect(2).says("`own.ff` declares a storage at a path").says(place).says("hint: take `path` away");
    write("{'format': 'xml'}");
    run(&sandbox).expect(2).says("of the format `xml`, which there isn't").says(place);
    // Nothing of that was built, and what isn't asked for isn't in the way.
    sandbox.fft("run --no-docs --select users").expect(0).says("1 built");
    write("{'format': 'iceberg', 'path': '/data/own'}");
    // The server of these tests has no jars of it.
    run(&sandbox).expect(1).says("models/own.ff.sql");
}

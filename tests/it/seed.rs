//! Seed files as they come from elsewhere, and those that change while a run works.

use crate::altered::{Altered, Change};
use crate::postgres::{query, sandbox, server};
use crate::project::Sandbox;
use fft::cli::{Exit, run_in};
use fft::world::{OsWorld, World as _};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Bytes that no story can hold.
fn put(sandbox: &Sandbox, path: &str, bytes: &[u8]) {
    std::fs::create_dir_all(sandbox.path("seeds")).unwrap();
    std::fs::write(sandbox.path(path), bytes).unwrap();
}

#[test]
fn lines_end_as_they_like() {
    let sandbox = Sandbox::new();
    put(&sandbox, "seeds/mixed.csv", b"id,n\r\n1,a\n2,b\r\n3,c\n");
    put(&sandbox, "seeds/returns.csv", b"\xef\xbb\xbfid,n\r1,a\r2,b");
    sandbox.fft("run").expect(0).says("2 built");
    for (table, rows) in [("mixed", &["1|a", "2|b", "3|c"][..]), ("returns", &["1|a", "2|b"])] {
        let found = sandbox.query(".local/story.duckdb", &format!("select id, n from analytics.{table} order by id"));
        assert_eq!(found, rows, "{table}");
    }
}

#[test]
fn another_encoding_is_told_by_its_name() {
    let sandbox = Sandbox::new();
    let wide = |mark: &[u8], order: fn(u16) -> [u8; 2]| {
        [mark, &"id,name\n1,é\n".encode_utf16().flat_map(order).collect::<Vec<u8>>()].concat()
    };
    for (bytes, told) in [
        (wide(b"\xff\xfe", u16::to_le_bytes), "seeds/s.csv is in UTF-16; seeds are read as UTF-8"),
        (wide(b"\xfe\xff", u16::to_be_bytes), "seeds/s.csv is in UTF-16; seeds are read as UTF-8"),
        (wide(b"", u16::to_le_bytes), "seeds/s.csv:1: a NUL byte, which no text has"),
        (b"id,name\n1,a\n2,caf\xe9\n".to_vec(), "seeds/s.csv:3: the byte 0xE9 is no UTF-8"),
    ] {
        put(&sandbox, "seeds/s.csv", &bytes);
        sandbox.fft("run").expect(1).says(told).says("save it as UTF-8");
    }
}

#[test]
fn a_parquet_files_name_is_no_pattern() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("seeds")).unwrap();
    for (name, value) in [("part1.parquet", 99), ("part[1].parquet", 7), ("part*.PARQUET", 8), ("p?rt1.parquet", 9)] {
        // Written under a plain name, since this is a pattern to nobody.
        let file = sandbox.path("written.parquet");
        sandbox.query("write.duckdb", &format!("copy (select {value} as id) to '{}' (format parquet)", file.display()));
        std::fs::rename(file, sandbox.path(&format!("seeds/{name}"))).unwrap();
    }
    sandbox.fft("run").expect(0).says("4 built");
    for (table, value) in [("part1", "99"), ("part[1]", "7"), ("part*", "8"), ("p?rt1", "9")] {
        let found = sandbox.query(".local/story.duckdb", &format!("select id from analytics.\"{table}\""));
        assert_eq!(found, [value], "{table}");
    }
}

/// A model that changes the seed's file before the seed is loaded.
fn meddling(sandbox: &Sandbox) {
    // What a model opens isn't watched; here it is only a way to write in the midst of a run.
    sandbox.write("project.yml", "name: story\nversion: '1.0'\nrun: {unseen_sources: skip}\n");
    sandbox.write("seeds/zseed.csv", "v\n1\n");
    sandbox.write("models/below.ff.sql", "select v from {{ ref('zseed') }}\n");
    sandbox.write(
        "models/a.ff.py",
        "from fastflowtransform import model\n\n\n@model(name=\"a\", deps=[])\ndef build() -> list:\n    \
         with open(\"seeds/zseed.csv\", \"w\") as file:\n        file.write(\"v\\n2\\n\")\n    return [{\"n\": 1}]\n",
    );
}

/// What is loaded is what was hashed, or the seed fails and the next run takes it as it is then.
fn what_is_loaded_is_what_was_hashed(sandbox: &Sandbox, values: &dyn Fn() -> Vec<String>) {
    meddling(sandbox);
    sandbox.fft("run --jobs 1 --keep-going").expect(1).says("seeds/zseed.csv changed while it was read");
    let rows = sandbox.rows();
    assert_eq!((rows["a"].status.as_str(), rows["zseed"].status.as_str()), ("success", "error"));
    assert_eq!(rows["below.ff"].status, "blocked");
    // Changed back, it is what no run has loaded.
    sandbox.write("seeds/zseed.csv", "v\n1\n");
    sandbox.fft("run").expect(0).says("2 built");
    assert_eq!(values(), ["1"]);
    // Over a table that stands: it is left as it was, and the change is taken by the next run.
    let python = sandbox.read("models/a.ff.py").replace("\"v\\n2\\n\"", "\"v\\n3\\n\"");
    sandbox.write("models/a.ff.py", &python);
    sandbox.write("seeds/zseed.csv", "v\n2\n");
    sandbox.fft("run --jobs 1 --keep-going").expect(1).says("changed while it was read");
    assert_eq!(values(), ["1"]);
    sandbox.fft("run").expect(0).says("2 built");
    assert_eq!(values(), ["3"]);
    sandbox.fft("verify").expect(0).says("all of it agrees");
}

#[test]
fn a_seed_that_changes_during_the_run_is_not_recorded_as_what_it_was() {
    let sandbox = Sandbox::new();
    let values = || sandbox.query(".local/story.duckdb", "select v from analytics.below");
    what_is_loaded_is_what_was_hashed(&sandbox, &values);
}

#[test]
fn a_seed_that_changes_during_the_run_is_not_recorded_on_postgres() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    what_is_loaded_is_what_was_hashed(&sandbox, &|| query(&dsn, "select v from analytics.below"));
}

#[test]
fn a_seed_has_the_same_types_and_values_on_both_engines() {
    let Some(dsn) = server::database() else { return };
    let (duckdb, postgres) = (Sandbox::new(), sandbox(&dsn));
    let seed = "id,zip,tag,iso,dots,yes,plus,ts,day,amount,long,longer,time,utc,none,done\n\
                1,01234,007,2024-1-5,05.06.2024,yes,+5,2024-01-01 10:00,2024-01-01,1.50,99999999999999999999,\
                999999999999999999999999999999999999999,10:00:00,2024-01-01T10:00:00Z,,true\n\
                2,,,,,,,,,,,,,,,\n";
    let types = "select column_name || ' ' || lower(data_type) from information_schema.columns \
                 where table_name = 's' order by ordinal_position limit 16";
    let values = "select zip, tag, iso, dots, yes, plus, cast(ts as varchar), cast(day as varchar), \
                  cast(amount as varchar), cast(long as varchar), longer, cast(time as varchar), cast(utc as varchar), \
                  none from analytics.s order by id";
    for sandbox in [&duckdb, &postgres] {
        sandbox.write("seeds/s.csv", seed);
        sandbox.fft("run").expect(0);
    }
    let one = |types: Vec<String>| -> Vec<String> {
        let words = [
            ("character varying", "text"),
            ("varchar", "text"),
            ("timestamp without time zone", "timestamp"),
            ("time without time zone", "time"),
        ];
        let same = |name: String| words.iter().fold(name, |name, (own, common)| name.replace(own, common));
        // The catalog of the one tells the digits elsewhere.
        types
            .into_iter()
            .map(same)
            .map(|name| name.replace("decimal(18,2)", "numeric").replace("decimal(38,0)", "numeric"))
            .collect()
    };
    let expected = [
        "id bigint",
        "zip text",
        "tag text",
        "iso text",
        "dots text",
        "yes text",
        "plus text",
        "ts timestamp",
        "day date",
        "amount numeric",
        "long numeric",
        "longer text",
        "time time",
        "utc timestamp with time zone",
        "none text",
        "done boolean",
    ];
    assert_eq!(one(duckdb.query(".local/story.duckdb", types)), expected);
    assert_eq!(one(query(&dsn, types)), expected);
    let shown = duckdb.query(".local/story.duckdb", values);
    assert_eq!(query(&dsn, values), shown);
    assert!(shown[0].starts_with("01234|007|2024-1-5|05.06.2024|yes|+5|2024-01-01 10:00:00|"), "{shown:?}");
    assert_eq!(shown[1], "null|".repeat(13) + "null");
}

/// A Parquet file with one value.
fn parquet(sandbox: &Sandbox, path: &str, value: i32) {
    let file = sandbox.path(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    sandbox.query("write.duckdb", &format!("copy (select {value} as v) to '{}' (format parquet)", file.display()));
}

/// The same of Parquet files, which databases read by themselves.
fn parquet_that_is_loaded_is_what_was_hashed(sandbox: &Sandbox, values: &dyn Fn() -> Vec<String>) {
    meddling(sandbox);
    std::fs::remove_file(sandbox.path("seeds/zseed.csv")).unwrap();
    parquet(sandbox, "seeds/zseed.parquet", 1);
    parquet(sandbox, "other.parquet", 2);
    sandbox.write(
        "models/a.ff.py",
        "import shutil\n\nfrom fastflowtransform import model\n\n\n@model(name=\"a\", deps=[])\n\
         def build() -> list:\n    shutil.copy(\"other.parquet\", \"seeds/zseed.parquet\")\n    return [{\"n\": 1}]\n",
    );
    sandbox.fft("run --jobs 1 --keep-going").expect(1).says("seeds/zseed.parquet changed while it was read");
    let rows = sandbox.rows();
    assert_eq!((rows["a"].status.as_str(), rows["zseed"].status.as_str()), ("success", "error"));
    parquet(sandbox, "seeds/zseed.parquet", 1);
    sandbox.fft("run").expect(0).says("2 built");
    assert_eq!(values(), ["1"]);
    parquet(sandbox, "seeds/zseed.parquet", 3);
    sandbox.fft("run").expect(0).says("seed changed: seeds/zseed.parquet (1 row, not compared)");
    assert_eq!(values(), ["3"]);
    sandbox.fft("verify").expect(0);
}

#[test]
fn a_parquet_seed_that_changes_during_the_run_is_not_recorded_as_what_it_was() {
    let sandbox = Sandbox::new();
    let values = || sandbox.query(".local/story.duckdb", "select v from analytics.below");
    parquet_that_is_loaded_is_what_was_hashed(&sandbox, &values);
}

#[test]
fn a_parquet_seed_that_changes_during_the_run_is_not_recorded_on_postgres() {
    let Some(dsn) = server::database() else { return };
    let sandbox = sandbox(&dsn);
    parquet_that_is_loaded_is_what_was_hashed(&sandbox, &|| query(&dsn, "select v from analytics.below"));
}

/// A file of seeds is another one as soon as it was hashed.
struct Replaced {
    text: &'static str,
}

impl Change for Replaced {
    fn read(&self, machine: &OsWorld, path: &Path) -> io::Result<Vec<u8>> {
        if path.ends_with("seeds/people.csv") {
            std::fs::write(path, self.text)?;
        }
        machine.read(path)
    }
}

#[test]
fn the_difference_that_is_told_is_of_the_bytes_that_were_hashed() {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/people.csv", "id\n1\n");
    sandbox.fft("run --no-docs").expect(0);
    sandbox.write("seeds/people.csv", "id\n1\n2\n");
    let world = Altered::new(Replaced { text: "id\n1\n2\n3\n4\n5\n" });
    let root = sandbox.root().as_os_str().to_owned();
    let arguments = ["fft".into(), "run".into(), root, "--quiet".into(), "--no-docs".into()];
    assert_eq!(run_in(Arc::new(world), arguments), Exit::Failed);
    let row = &sandbox.rows()["people"];
    assert_eq!(row.message, "seeds/people.csv changed while it was read");
    assert_eq!(row.whole["decision"]["causes"][0]["sentence"], "seed changed: seeds/people.csv");
    sandbox.fft("run --no-docs").expect(0).says("seed changed: seeds/people.csv (+4 rows)");
}

/// Above the size up to which a file is held, and whose rows are kept for comparison: few rows, so that it is quick.
#[test]
fn a_large_seed_has_the_types_rows_and_refusals_of_a_small_one() {
    let small = |last: &str| format!("code;amount;day;note\n01;1.50;2024-01-01;\"two\nlines\"\n{last}\n");
    let fill = "x".repeat(1 << 20);
    let rows: String = (0..65).map(|row| format!("{row:02};{row}.25;2024-01-02;{fill}\n")).collect();
    let large = |last: &str| small(last).replacen("01;1.50", &format!("{rows}01;1.50"), 1);
    let sandbox = Sandbox::new();
    let both = |last: &str| {
        put(&sandbox, "seeds/small.csv", small(last).as_bytes());
        put(&sandbox, "seeds/large.csv", large(last).as_bytes());
    };
    let of = |table: &str, sql: &str| sandbox.query(".local/story.duckdb", &sql.replace("TABLE", table));
    let types = "select column_name, data_type from information_schema.columns where table_name = 'TABLE' \
                 order by ordinal_position";
    let rows =
        "select code, amount, day, note from analytics.TABLE where len(note) < 100 or note is null order by code";
    both("02;;;");
    sandbox.fft("run --no-docs").expect(0).says("2 built");
    assert_eq!(of("large", types), of("small", types));
    assert_eq!(of("large", types)[..3], ["code|VARCHAR", "amount|DECIMAL(18,2)", "day|DATE"]);
    assert_eq!(of("large", rows), of("small", rows));
    assert_eq!(of("large", "select count(*), sum(len(note)) from analytics.TABLE"), [format!("67|{}", (65 << 20) + 9)]);
    // What isn't told by the types is told with its line.
    let columns = "columns: {amount: double}";
    sandbox.write(
        "seeds/schema.yml",
        &format!("seeds:\n  - {{name: small, {columns}}}\n  - {{name: large, {columns}}}\n"),
    );
    both("02;x;;");
    let ran = sandbox.fft("run --no-docs --keep-going").expect(1);
    let told = "column \"amount\": \"x\" is no value of type double";
    ran.says(&format!("seeds/small.csv:4:4: {told}")).says(&format!("seeds/large.csv:69:4: {told}"));
}

/// Alike on every engine, whatever it would make of such a value.
#[test]
fn a_value_beyond_its_declared_type_is_told_with_its_place() {
    let sandbox = Sandbox::new();
    sandbox.write("seeds/codes.csv", "id,code,amount\n1,abc,1.005\n2,\"a\nbcd\",2.5\n");
    let declared = |columns: &str| {
        sandbox.write("seeds/schema.yml", &format!("seeds:\n  - {{name: codes, columns: {{{columns}}}}}\n"));
        sandbox.fft("run --no-docs")
    };
    let told = "seeds/codes.csv:3:3: column \"code\": \"a\nbcd\" is no value of type varchar(3)";
    declared("code: varchar(3)").expect(1).says(told.lines().next().unwrap());
    let told = "seeds/codes.csv:2:7: column \"amount\": \"1.005\" is no value of type integer";
    declared("amount: integer").expect(1).says(told);
    declared("code: varchar(5), amount: \"decimal(3, 2)\"").expect(0).says("1 built");
}

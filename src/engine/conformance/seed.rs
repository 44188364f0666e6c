//! Seed files into tables.

use super::*;
use crate::engine::SeedContent;
use crate::fingerprint::leaf;
use crate::world::OsWorld;
use std::sync::LazyLock;

const PATH: &str = "seeds/it's.csv";
const TEXTS: &[(&str, &str)] = &[("_ff_seed_id", "seed_users"), ("_ff_seed_file", PATH)];
static WORLD: LazyLock<OsWorld> = LazyLock::new(OsWorld::new);

/// The file as a seed without declarations.
pub fn content(file: &Path) -> SeedContent<'_> {
    SeedContent {
        world: &*WORLD,
        file,
        path: PATH,
        digest: None,
        parquet: file.extension().is_some_and(|extension| extension == "parquet"),
        delimiter: None,
        types: &[],
        text_columns: TEXTS,
        loaded_at_column: Some("_ff_loaded_at"),
    }
}

/// Loads the file as table `t`.
pub fn load(session: &mut Session, file: &Path, types: &[(&str, &str)]) -> Result<Built, EngineError> {
    let types: Vec<_> = types.iter().map(|(name, sql_type)| (name.to_string(), sql_type.to_string())).collect();
    let content = Content::Seed(SeedContent { types: &types, ..content(file) });
    put(session, &named("t"), RelationKind::Table, content, row(&named("t"), "seed"))
}

/// Names and types as the engine keeps them.
fn pairs(subject: &dyn Subject, columns: &[(&str, &str)]) -> Vec<(String, String)> {
    columns.iter().map(|(name, kind)| (name.to_string(), kept(subject, kind))).collect()
}

/// Whether a text is a number of more digits than the engine keeps, and of no more than any does.
fn is_too_long(subject: &dyn Subject, text: &str) -> bool {
    let (front, behind) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let (most, number) = (subject.expects().digits, text.bytes().all(|byte| b"-.0123456789".contains(&byte)));
    number && digits(text) <= 38 && (digits(front) > most.0 || digits(behind) > most.1)
}

/// A number as a text, without the zeros that its type has behind it.
pub fn shortest(text: &str) -> &str {
    let number = text.contains('.') && text.bytes().all(|byte| b"-.0123456789".contains(&byte));
    if number { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

pub fn seeds_are_typed(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let file = subject.folder().join("it's.csv");
    let mut put = |content: &str, types: &[(&str, &str)], expected: &[(&str, &str)], rows: u64| {
        std::fs::write(&file, content).unwrap();
        let built = load(&mut session, &file, types).unwrap_or_else(|error| panic!("{content}: {error}"));
        assert_eq!(built.measures.rows(), Some(rows), "{content}");
        assert_eq!(built.measures.bytes_scanned(), Some(content.len() as u64), "{content}");
        let added = [("_ff_seed_id", "varchar"), ("_ff_seed_file", "varchar"), ("_ff_loaded_at", "timestamp")];
        let expected: Vec<_> = expected.iter().chain(&added).copied().collect();
        assert_eq!(common(subject, &columns(&mut session, "t")), pairs(subject, &expected), "{content}");
    };
    put("id,name,at\n1,\"a, b\",2024-01-01\n,,\n", &[], &[("id", "bigint"), ("name", "varchar"), ("at", "date")], 2);
    put("id,name\n1,a\n", &[("ID", "integer"), ("name", "varchar")], &[("id", "integer"), ("name", "varchar")], 1);
    put("id,name\n", &[("id", "decimal(10, 2)")], &[("id", "decimal(10,2)"), ("name", "varchar")], 0);
    put("id;name\n1;\"a;b\"\n", &[], &[("id", "bigint"), ("name", "varchar")], 1);
    put("id;price, EUR\n1;2,50\n", &[], &[("id", "bigint"), ("price, EUR", "varchar")], 1);
    put("zip\n01234\n00001\n", &[], &[("zip", "varchar")], 2);
    put("id,name\n#1,a\n\n2,b\n", &[], &[("id", "varchar"), ("name", "varchar")], 2);
    put(
        "n,f,b,t,d\n1,1.5,true,2024-01-01 10:00:00,1\n2,2,false,2024-01-02 11:00:00.5,x\n",
        &[],
        &[("n", "bigint"), ("f", "decimal(18,1)"), ("b", "boolean"), ("t", "timestamp"), ("d", "varchar")],
        2,
    );
    put(
        "iso,dots,yes,plus,ts,time\n2024-1-5,05.06.2024,yes,+5,2024-01-01 10:00,10:00:00\n",
        &[],
        &[
            ("iso", "varchar"),
            ("dots", "varchar"),
            ("yes", "varchar"),
            ("plus", "varchar"),
            ("ts", "timestamp"),
            ("time", if subject.expects().times { "time" } else { "varchar" }),
        ],
        1,
    );
    put("long\n99999999999999999999\n", &[], &[("long", "decimal(38,0)")], 1);
    put("\n\ncode\rA1\nB2\r\n\r\nC3", &[], &[("code", "varchar")], 3);
    put("a,b\n\"\",2\n", &[], &[("a", "varchar"), ("b", "bigint")], 1);
    put("a,b\n\"two\nlines, \"\"quoted\"\"\",2\n", &[], &[("a", "varchar"), ("b", "bigint")], 1);
    let late = format!("n\n{}x\n", "1\n".repeat(150_000));
    put(&late, &[], &[("n", "varchar")], 150_001);
    let (path, texts) = (dialect(subject).string_literal(PATH), dialect(subject).text_type());
    let sql = format!(
        "select count(distinct _ff_seed_file || cast(_ff_loaded_at as {texts})) from t where _ff_seed_file = {path}"
    );
    assert_eq!(text(&mut session, &sql), "1");
}

/// What the engine shows of each value is what the file has.
pub fn values_stay_what_they_are(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let file = subject.folder().join("values.csv");
    let instant = format!("2024-02-29 10:00:00{}", subject.expects().instant.1);
    let cast = format!("select cast(v as {}) from t order by n", dialect(subject).text_type());
    for (values, shown) in [
        (&["1", "-9223372036854775808", "9223372036854775807"][..], None),
        (&["99999999999999999999999999999999999999", "1"], None),
        (&["100000000000000000000000000000000000000"], None),
        (&["1234567890123456.78", "0.10", "-0.01"], None),
        (&["1.1", "1.10", "2"], Some(&["1.10", "1.10", "2.00"][..])),
        (
            &["0.00000000000000000001", "12345678901234567"],
            Some(&["0.00000000000000000001", "12345678901234567.00000000000000000000"]),
        ),
        (&["true", "false"], None),
        (&["TRUE", "FALSE"], Some(&["true", "false"])),
        (&["2024-02-29", "0001-01-01", "9999-12-31"], None),
        (&["2024-02-29 23:59:59.123456", "0001-01-01 00:00:00"], None),
        (&["2024-02-29T10:00", "2024-02-29 10:00:00.500"], Some(&["2024-02-29 10:00:00", "2024-02-29 10:00:00.5"])),
        (&["2024-02-29T10:00:00Z", "2024-02-29 10:00:00+00:00"], Some(&[&instant, &instant])),
        (&["00:00:00", "23:59:59.123456"], None),
        (
            &[
                "01234", "+5", "-0", ".5", "1E5", "NaN", "0x1F", "1_000", "50%", " 1", "1 ", "F", "yes", "NULL", "\\N",
                "\\.",
            ],
            None,
        ),
        (&["a\tb", "two\nlines", "back\\slash", "it's \"quoted\"", "é🦆", "03/04/2024", "\\t"], None),
    ] {
        if values.iter().any(|value| is_too_long(subject, value)) {
            continue;
        }
        let lines: Vec<String> =
            values.iter().enumerate().map(|(at, value)| format!("{at},\"{}\"\n", value.replace('"', "\"\""))).collect();
        std::fs::write(&file, format!("n,v\n{}", lines.concat())).unwrap();
        load(&mut session, &file, &[]).unwrap_or_else(|error| panic!("{values:?}: {error}"));
        let found: Vec<String> = texts(&mut session, &cast).into_iter().flatten().collect();
        let shown = shown.unwrap_or(values);
        if subject.expects().exact_decimals {
            assert_eq!(found, shown, "{values:?}");
        } else {
            let short = |texts: &[&str]| texts.iter().map(|text| shortest(text).to_string()).collect::<Vec<_>>();
            let found: Vec<&str> = found.iter().map(String::as_str).collect();
            assert_eq!(short(&found), short(shown), "{values:?}");
        }
    }
}

pub fn what_is_wrong_in_a_seed_is_told(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let file = subject.folder().join("users.csv");
    let mut failure = |content: &str, types: &[(&str, &str)]| {
        std::fs::write(&file, content).unwrap();
        load(&mut session, &file, types).expect_err(content)
    };
    let error = failure("id,name\n1,a\nx,b\n", &[("id", "integer")]);
    assert_eq!(error.message, "seeds/it's.csv:3:1: column \"id\": \"x\" is no value of type integer");
    assert_eq!(error.hint.as_deref(), Some("the line is `x,b`; correct it, or the declared type"));
    let error = failure("id,n\n\n1,\"two\n\nlines\"\n-70000,x\n", &[("id", "smallint"), ("n", "varchar")]);
    assert_eq!(error.message, "seeds/it's.csv:6:1: column \"id\": \"-70000\" is no value of type smallint");
    let late = format!("name,n\n{}a,40000\n", "\"x\ny\",1\n".repeat(150_000));
    let error = failure(&late, &[("n", "smallint")]);
    assert_eq!(error.message, "seeds/it's.csv:300002:3: column \"n\": \"40000\" is no value of type smallint");
    // What one engine would cut or round, and another one refuse.
    for (value, declared) in
        [("abcd", "varchar(3)"), ("1000", "decimal(5, 2)"), ("999.995", "decimal(5, 2)"), ("1.5", "integer")]
    {
        let error = failure(&format!("id,v\n1,{value}\n"), &[("v", declared)]);
        assert_eq!(
            error.message,
            format!("seeds/it's.csv:2:3: column \"v\": \"{value}\" is no value of type {declared}")
        );
    }
    let error = failure("id,name\n1,a\n", &[("idd", "integer")]);
    assert_eq!(error.message, "seeds/it's.csv has no column `idd`, for which a type is declared");
    assert_eq!(error.hint.as_deref(), Some("its columns are id, name"));
    let many: Vec<String> = (0..3_000).map(|at| format!("column{at}")).collect();
    let error = failure(&format!("{}\n", many.join(",")), &[("id", "integer")]);
    assert!(error.hint.unwrap().ends_with("column8, column9 and 2990 more"));
    let error = failure("id,name\n1,a\n", &[("id", "integerr")]);
    assert!(
        error.message.starts_with("seeds/it's.csv: ") && error.message.to_lowercase().contains("integerr"),
        "{error}"
    );
    let error = failure("id,name\n1,a\n2,b,c\n", &[]);
    assert_eq!(error.message, "seeds/it's.csv:3: 3 values, where the header names 2 columns");
    let error = failure("id,name\n1,\"a\n2,b\n", &[]);
    assert_eq!(error.message, "seeds/it's.csv:2: a quote is opened here and never closed");
    let error = failure("id,a,A\n1,x,y\n", &[]);
    assert_eq!(error.message, "seeds/it's.csv:1: the header names `A` twice");
    let error = failure("id,_FF_seed_id\n1,x\n", &[]);
    assert_eq!(error.message, "seeds/it's.csv:1: the header names `_FF_seed_id`, a column that fft adds");
    let error = failure("", &[]);
    assert_eq!(error.message, "seeds/it's.csv is empty");
    std::fs::remove_file(&file).unwrap();
    let error = load(&mut session, &file, &[]).unwrap_err();
    assert!(error.message.starts_with("seeds/it's.csv can't be read: "), "{error}");
}

/// A file's name is never a pattern, and what a seed's table gets beside the file's columns can be left away.
pub fn a_seed_is_one_file(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    for name in ["orders[1].csv", "a*.csv", "b?.csv", "{c,d}.csv"] {
        let file = subject.folder().join(name);
        std::fs::write(&file, "id\n7\n").unwrap();
        for other in ["orders1.csv", "ab.csv", "bb.csv", "c.csv"] {
            std::fs::write(subject.folder().join(other), "id\n99\n").unwrap();
        }
        let plain = SeedContent { text_columns: &[], loaded_at_column: None, ..content(&file) };
        put(&mut session, &named("t"), RelationKind::Table, Content::Seed(plain), row(&named("t"), "seed")).unwrap();
        assert_eq!(texts(&mut session, "select * from t"), [["7"]], "{name}");
    }
}

/// What is loaded is what was hashed, or nothing.
pub fn other_bytes_are_not_loaded(subject: &dyn Subject) {
    let mut session = session(subject.engine());
    let file = subject.folder().join("changing.csv");
    std::fs::write(&file, "id\n1\n").unwrap();
    let hashed = |bytes: &[u8]| Some(leaf("seed", PATH, bytes));
    let mut load = |digest| {
        let content = Content::Seed(SeedContent { digest, ..content(&file) });
        put(&mut session, &named("t"), RelationKind::Table, content, row(&named("t"), "seed"))
    };
    load(hashed(b"id\n1\n")).unwrap();
    for other in [&b"id\n2\n"[..], b"id\n1\n2\n", b"id\n", b"", b"id\n1,2\n"] {
        let error = load(hashed(other)).unwrap_err();
        assert_eq!(error.message, "seeds/it's.csv changed while it was read", "{other:?}");
    }
    assert_eq!(text(&mut session, "select max(id) from t"), "1");
}

//! Texts that are tables and texts that aren't, and values that must come back as they were written.

use super::*;
use proptest::prelude::*;

fn layout(text: &str) -> Layout {
    Layout::of(&text.as_bytes(), None).unwrap_or_else(|problem| panic!("{text:?}: {}", words(&problem)))
}

fn words(problem: &Problem) -> String {
    match problem {
        Problem::Io(error) => error.to_string(),
        Problem::Text { line: Some(line), message, .. } => format!("{line}: {message}"),
        Problem::Text { line: None, message, .. } => message.clone(),
    }
}

fn fault(bytes: &[u8]) -> String {
    words(&Layout::of(&bytes, None).unwrap_err())
}

fn rows(layout: &Layout, text: &str) -> Vec<Vec<String>> {
    let source = text.as_bytes();
    let mut reader = layout.records(&source).unwrap();
    reader.records().map(|record| record.unwrap().iter().map(String::from).collect()).collect()
}

fn kinds(text: &str) -> String {
    let found = layout(text).kinds(&text.as_bytes()).unwrap();
    found.iter().map(|kind| kind.map_or("none".into(), |kind| kind.to_string())).collect::<Vec<_>>().join(" ")
}

/// The type of a column of these values.
fn kind(values: &[&str]) -> String {
    kinds(&format!("x\n{}\n", values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join("\n")))
}

#[test]
fn the_delimiter_is_the_one_of_all_rows() {
    for (text, delimiter, columns) in [
        ("id;price, EUR\n1;2,50\n2;3,75\n", ';', vec!["id", "price, EUR"]),
        ("id;price\n1;2,50\n", ';', vec!["id", "price"]),
        ("a,b\n1,x;y\n2,z|\n", ',', vec!["a", "b"]),
        ("a\tb\n1,5\t2\n", '\t', vec!["a", "b"]),
        ("a|b|c\n1|2;3|4\n", '|', vec!["a", "b", "c"]),
        ("\"id\";\"a;b\"\n\"1\";\"x\"\n", ';', vec!["id", "a;b"]),
        ("\"a,b\"\n1\n", ',', vec!["a,b"]),
        ("word\nx;y\na|b\n", ',', vec!["word"]),
        ("a;b\n", ';', vec!["a", "b"]),
        ("only", ',', vec!["only"]),
    ] {
        let found = layout(text);
        assert_eq!(
            (char::from(found.delimiter), found.columns),
            (delimiter, columns.iter().map(ToString::to_string).collect()),
            "{text}"
        );
    }
    let given = Layout::of(&b"a;b,c\n1;2,3\n".as_slice(), Some(b',')).unwrap();
    assert_eq!(given.columns, ["a;b", "c"]);
}

#[test]
fn lines_end_as_they_like() {
    for text in [
        "\n\ncode\nA1\nB2\n",
        "code\r\nA1\nB2\r\n",
        "code\rA1\rB2",
        "\u{feff}code\nA1\n\nB2",
        "code\n\"A1\"\r\n\r\nB2\n\n",
    ] {
        let found = layout(text);
        assert_eq!((found.columns.as_slice(), found.rows), (&["code".to_string()][..], 2), "{text:?}");
        assert_eq!(rows(&found, text), [["A1"], ["B2"]], "{text:?}");
    }
    let text = "a,b\n\"two\nlines\",\"say \"\"so\"\"\"\n\"\",\n";
    assert_eq!(rows(&layout(text), text), [["two\nlines", "say \"so\""], ["", ""]]);
    assert_eq!(layout("a\n\"\"\n\"\"\n").rows, 2);
}

#[test]
fn what_is_no_table_is_told_with_its_line() {
    for (text, told) in [
        ("", "is empty"),
        ("\n\r\n", "is empty"),
        ("id,name\n1,a\n2,b,c\n", "3: 3 values, where the header names 2 columns"),
        ("\n\nid,name\n\n1\n", "5: 1 value, where the header names 2 columns"),
        ("word\nx,y\n", "2: 2 values, where the header names 1 column"),
        ("a,b\r1,2\r3\r", "3: 1 value, where the header names 2 columns"),
        ("a,b\n\"x\ny\",2\n3\n", "4: 1 value, where the header names 2 columns"),
        ("id,name\n1,\"a\n2,b\n", "2: a quote is opened here and never closed"),
        ("id,name\n1,\"a\n2,\"b\"\n", "2: a quote is opened here, and text follows where it is closed in line 3"),
        ("a,b\n1,\"x\"y\n", "2: a quote is opened here, and text follows where it is closed in line 2"),
        ("id,a,A\n1,x,y\n", "1: the header names `A` twice"),
        ("\nid,,b\n1,x,y\n", "2: column 2 of the header has no name"),
        ("id,b,\n1,x,\n", "1: column 3 of the header has no name"),
        ("a\n1\n\0\n", "3: a NUL byte, which no text has"),
    ] {
        assert_eq!(fault(text.as_bytes()), told, "{text:?}");
    }
    assert_eq!(fault(b"a,b\nx,caf\xe9\n"), "2: the byte 0xE9 is no UTF-8");
    assert_eq!(fault(b"a,b\nx,caf\xc3"), "2: the byte 0xC3 is no UTF-8");
    assert_eq!(fault(b"\xff\xfei\0d\0"), "is in UTF-16; seeds are read as UTF-8");
    assert_eq!(fault(b"\xfe\xff\0i\0d"), "is in UTF-16; seeds are read as UTF-8");
    assert_eq!(fault(b"i\0d\0\n\0"), "1: a NUL byte, which no text has");
}

#[test]
fn a_first_line_may_say_the_delimiter() {
    for (text, delimiter, columns, values) in [
        ("sep=;\nid;price, EUR\n1;2,50\n", ';', vec!["id", "price, EUR"], vec!["1", "2,50"]),
        ("\u{feff}SEP=,\r\nid,name\r\n1,a;b;c\r\n", ',', vec!["id", "name"], vec!["1", "a;b;c"]),
        ("sep=\t\rid\tname\r1\ta\r", '\t', vec!["id", "name"], vec!["1", "a"]),
        ("sep=^\n\na^b\n1^2\n", '^', vec!["a", "b"], vec!["1", "2"]),
        ("sep=;\n\u{e9};b\n1;2\n", ';', vec!["\u{e9}", "b"], vec!["1", "2"]),
        // One column, in which nothing is split.
        ("sep=;\nword\na,b\n", ';', vec!["word"], vec!["a,b"]),
        // No such line.
        ("sep,=\n1,2\n", ',', vec!["sep", "="], vec!["1", "2"]),
        ("sep=x\n1\n", ',', vec!["sep=x"], vec!["1"]),
        ("sep=;b\n1;2\n", ';', vec!["sep=", "b"], vec!["1", "2"]),
        ("\nsep=|\n1|\n", '|', vec!["sep=", ""], vec![]),
    ] {
        if values.is_empty() {
            assert_eq!(fault(text.as_bytes()), "2: column 2 of the header has no name");
            continue;
        }
        let found = layout(text);
        let expected: Vec<String> = columns.iter().map(ToString::to_string).collect();
        assert_eq!((char::from(found.delimiter), &found.columns), (delimiter, &expected), "{text:?}");
        assert_eq!(
            (found.rows, rows(&found, text)),
            (1, vec![values.iter().map(ToString::to_string).collect()]),
            "{text:?}"
        );
    }
    assert_eq!(kinds("sep=;\nn;t\n1;x\n"), "bigint text");
    assert_eq!(fault(b"sep=;\nid;name\n1;a;b\n"), "3: 3 values, where the header names 2 columns");
    assert_eq!(fault(b"sep=;\r\n"), "is empty");
    assert_eq!(fault(b"sep=;"), "is empty");
    assert_eq!(fault(b"sep=;\r\nid;ID\n1;a\n"), "2: the header names `ID` twice");
    let text = "sep=;\na;b\n1;x\n2;y\n";
    assert_eq!(layout(text).place(&text.as_bytes(), 1, 0), Some(Place { line: 4, column: 1, text: "2;y".into() }));
    assert_eq!(Layout::of(&text.as_bytes(), Some(b';')).unwrap(), layout(text));
    let told = words(&Layout::of(&text.as_bytes(), Some(b'\t')).unwrap_err());
    assert_eq!(told, "1: the line says that `;` stands between values, and the seed's delimiter is a tab");
}

#[test]
fn a_value_is_found_again() {
    let text = "\na,b,c\n\n1,\"x\n,\"\"y\"\"\",5\n\n2,é\"\",z\r3,\"w\",";
    let source = text.as_bytes();
    let found = layout(text);
    let place = |row, value| {
        let Place { line, column, text } = found.place(&source, row, value).unwrap();
        (line, column, text)
    };
    let first = || "1,\"x\n,\"\"y\"\"\",5".to_string();
    assert_eq!([place(0, 0), place(0, 1), place(0, 2)], [(4, 1, first()), (4, 3, first()), (5, 9, first())]);
    assert_eq!([0, 1, 2].map(|value| place(1, value)), [1, 3, 7].map(|column| (7, column, "2,é\"\",z".to_string())));
    assert_eq!([0, 1, 2].map(|value| place(2, value)), [1, 3, 7].map(|column| (8, column, "3,\"w\",".to_string())));
    assert_eq!(found.place(&source, 3, 0), None);
}

#[test]
fn a_type_holds_every_value_as_it_is() {
    for (values, expected) in [
        (&["1", "-20", "0"][..], "bigint"),
        (&["9223372036854775807", "-9223372036854775808"], "bigint"),
        (&["9223372036854775808", "1"], "decimal(38,0)"),
        (&["99999999999999999999999999999999999999"], "decimal(38,0)"),
        (&["100000000000000000000000000000000000000"], "text"),
        (&["01234"], "text"),
        (&["1", "007"], "text"),
        (&["+5"], "text"),
        (&["-0"], "text"),
        (&["-0.00"], "text"),
        (&["1.50", "-2.25", "0.10"], "decimal(18,2)"),
        (&["1", "2.5", "1.10"], "decimal(18,2)"),
        (&["1234567890123456.78", "0.10"], "decimal(18,2)"),
        (&["1234567890123456789.5"], "decimal(38,1)"),
        (&["0.12345678901234567890123456789012345678"], "decimal(38,38)"),
        (&["1.12345678901234567890123456789012345678"], "text"),
        (&[".5"], "text"),
        (&["5."], "text"),
        (&["1E5"], "text"),
        (&["NaN", "1"], "text"),
        (&["inf"], "text"),
        (&["0x1F"], "text"),
        (&["1_000"], "text"),
        (&["1,000"], "text"),
        (&["50%"], "text"),
        (&["$5"], "text"),
        (&[" 1"], "text"),
        (&["1 "], "text"),
        (&["--1"], "text"),
        (&["-"], "text"),
        (&["1.2.3"], "text"),
        (&["true", "false"], "boolean"),
        (&["TRUE", "FALSE"], "boolean"),
        (&["True"], "boolean"),
        (&["true", "False"], "text"),
        (&["tRUE"], "text"),
        (&["F"], "text"),
        (&["t", "f"], "text"),
        (&["yes", "no"], "text"),
        (&["0", "true"], "text"),
        (&["2024-02-29", "0001-01-01", "9999-12-31"], "date"),
        (&["2023-02-29"], "text"),
        (&["0000-01-01"], "text"),
        (&["2024-1-5"], "text"),
        (&["03/04/2024"], "text"),
        (&["05.06.2024"], "text"),
        (&["20240105", "2024-01-05"], "text"),
        (&["2024-01-05 10:00:00", "2024-01-05T10:00", "2024-01-05 23:59:59.123456"], "timestamp"),
        (&["2024-01-05 10:00:00.1234567"], "text"),
        (&["2024-01-05 24:00:00"], "text"),
        (&["2024-01-05 10:00:60"], "text"),
        (&["2024-01-05T10:00:00Z", "2024-01-05 10:00:00+00", "2024-01-05 10:00:00.5+00:00"], "timestamptz"),
        (&["2024-01-05T10:00:00+01:00"], "text"),
        (&["2024-01-05T10:00:00Z", "2024-01-05T10:00:00"], "text"),
        (&["2024-01-05", "2024-01-05 10:00:00"], "text"),
        (&["10:00:00", "23:59:59.5"], "time"),
        (&["10:00"], "text"),
        (&["10:00:00Z"], "text"),
        (&["NULL"], "text"),
        (&["", "1", ""], "bigint"),
        (&["", ""], "none"),
    ] {
        assert_eq!(kind(values), expected, "{values:?}");
    }
}

/// What a type shows of a value that was written, by the equivalences that are documented.
fn canonical(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Decimal { scale, .. } => {
            let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
            let missing = usize::from(scale) - fraction.len();
            let point = if scale > 0 { "." } else { "" };
            format!("{whole}{point}{fraction}{}", "0".repeat(missing))
        }
        Kind::Boolean => value.to_lowercase(),
        Kind::Time => value.parse::<jiff::civil::Time>().unwrap().to_string(),
        Kind::Timestamp => value.parse::<jiff::civil::DateTime>().unwrap().to_string(),
        _ => value.to_string(),
    }
}

/// What the type makes of a value: it is read as one and written again.
fn read_back(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Integer => value.parse::<i64>().unwrap().to_string(),
        Kind::Decimal { precision, scale } => {
            let digits = canonical(kind, value).replace('.', "");
            let number: i128 = digits.parse().unwrap();
            assert!(number.unsigned_abs().to_string().len() <= usize::from(precision));
            let sign = if number < 0 { "-" } else { "" };
            let digits = format!("{:0>width$}", number.unsigned_abs(), width = usize::from(scale) + 1);
            let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
            let point = if scale > 0 { "." } else { "" };
            format!("{sign}{whole}{point}{fraction}")
        }
        Kind::Boolean => value.to_lowercase().parse::<bool>().unwrap().to_string(),
        Kind::Date => value.parse::<jiff::civil::Date>().unwrap().to_string(),
        Kind::Time => value.parse::<jiff::civil::Time>().unwrap().to_string(),
        Kind::Timestamp => value.parse::<jiff::civil::DateTime>().unwrap().to_string(),
        Kind::Instant | Kind::Text => value.to_string(),
    }
}

fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "-?[0-9]{1,20}",
        3 => "-?[0-9]{1,12}\\.[0-9]{1,8}",
        1 => "[+]?0?[0-9]{1,3}",
        1 => "(true|false|True|FALSE|t|f|yes|no|NaN|inf|1E5|0x1F|1_000|NULL|-0|\\.5|5\\.)",
        1 => "20[0-9]{2}-[01][0-9]-[0-3][0-9]",
        1 => "20[0-9]{2}-0[1-9]-1[0-9][T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?",
        1 => "[0-2][0-9]:[0-5][0-9]:[0-5][0-9]",
        2 => "[a-zé;,|\t\"' \n\r€]{0,6}",
        1 => Just(String::new()),
    ]
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever the values, the delimiter and the ends of lines: what is read is what was written, and a type gives it
    /// back.
    #[test]
    fn what_is_written_is_read(
        table in (1_usize..5, 1_usize..8).prop_flat_map(|(width, height)| {
            prop::collection::vec(prop::collection::vec(nasty(), width), height)
        }),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        mark: bool,
        all_quoted: bool,
    ) {
        let width = table[0].len();
        let header: Vec<String> = (0..width).map(|at| format!("column {at}")).collect();
        let special = |value: &str| value.contains(['"', ',', ';', '\t', '|', '\n', '\r']) || value.is_empty();
        let written = |value: &String| if all_quoted || special(value) { quoted(value) } else { value.clone() };
        let mut text = String::from(if mark { "\u{feff}" } else { "" });
        for row in std::iter::once(&header).chain(&table) {
            text += &row.iter().map(written).collect::<Vec<_>>().join(&delimiter.to_string());
            text += end;
        }
        let found = Layout::of(&text.as_bytes(), None).unwrap();
        prop_assert_eq!(&found.columns, &header);
        prop_assert_eq!(found.rows, table.len() as u64);
        if width > 1 {
            prop_assert_eq!(char::from(found.delimiter), delimiter);
        }
        prop_assert_eq!(&rows(&found, &text), &table);
        let kinds = found.kinds(&text.as_bytes()).unwrap();
        for (at, kind) in kinds.into_iter().enumerate() {
            for value in table.iter().map(|row| &row[at]).filter(|value| !value.is_empty()) {
                let kind = kind.unwrap();
                prop_assert_eq!(read_back(kind, value), canonical(kind, value), "{}", kind);
            }
        }
    }
}

//! JUnit's XML: what gathers results of tests reads it.

/// A test and what came of it.
pub struct Case {
    /// The file that has it.
    pub place: String,
    pub name: String,
    pub milliseconds: u64,
    /// What kind of failure, in a sentence and at length.
    pub failure: Option<(&'static str, String, String)>,
    /// Why it wasn't tried.
    pub skipped: Option<String>,
}

/// All of them as a file.
pub fn suite(name: &str, cases: &[Case]) -> String {
    let count = |test: fn(&Case) -> bool| cases.iter().filter(|case| test(case)).count();
    let (failures, skipped) = (count(|case| case.failure.is_some()), count(|case| case.skipped.is_some()));
    let inside: String = cases.iter().map(one).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">\n{inside}</testsuite>\n",
        escaped(name),
        cases.len()
    )
}

fn one(case: &Case) -> String {
    let (place, name) = (escaped(&case.place), escaped(&case.name));
    let head =
        format!("  <testcase classname=\"{place}\" name=\"{name}\" time=\"{:.3}\"", case.milliseconds as f64 / 1_000.0);
    match (&case.failure, &case.skipped) {
        (Some((kind, message, text)), _) => {
            let (message, text) = (escaped(message), escaped(text));
            format!("{head}>\n    <failure type=\"{kind}\" message=\"{message}\">{text}</failure>\n  </testcase>\n")
        }
        (None, Some(why)) => format!("{head}>\n    <skipped message=\"{}\"/>\n  </testcase>\n", escaped(why)),
        (None, None) => format!("{head}/>\n"),
    }
}

/// Text as it stands in XML; characters that XML has no place for are left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_says_what_came_of_it() {
        let case = |name: &str| Case {
            place: "tests/unit/m.yml".into(),
            name: name.into(),
            milliseconds: 12,
            failure: None,
            skipped: None,
        };
        let cases = [
            case("a"),
            Case { failure: Some(("rows", "1 < 2".into(), "~ \"x\"\u{7}".into())), ..case("b") },
            Case { skipped: Some("it passed".into()), ..case("c") },
        ];
        let text = suite("fft utest", &cases);
        assert!(text.contains("tests=\"3\" failures=\"1\" skipped=\"1\""), "{text}");
        assert!(text.contains("name=\"a\" time=\"0.012\"/>"), "{text}");
        assert!(text.contains("message=\"1 &lt; 2\">~ &quot;x&quot;</failure>"), "{text}");
        assert!(text.contains("<skipped message=\"it passed\"/>"), "{text}");
    }
}

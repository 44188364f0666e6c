//! The folder of tests that are queries.
//!
//! Takes the files, gives a [`TestFile`] each; what looks like a test and isn't read is named in a warning. Unit tests have
//! a folder of their own in it.

use super::super::files::Files;
use super::TestFile;
use super::declared::SQL;
use crate::diagnostic::{Diagnostic, Location};

const FOLDER: &str = "tests";
const UNIT: &str = "tests/unit/";

pub fn read(files: &mut Files<'_>) -> Vec<TestFile> {
    let listed = files.walk(FOLDER);
    let paths: Vec<&str> =
        listed.iter().map(|file| file.shown.as_str()).filter(|path| !path.starts_with(UNIT)).collect();
    let (read, others): (Vec<&str>, Vec<&str>) = paths.into_iter().partition(|path| path.ends_with(SQL));
    let left_out = |path: &str| Diagnostic::warning("left-out", format!("{path} is left out")).at(Location::file(path));
    let told = others.into_iter().filter_map(|path| match () {
        () if path.ends_with(".sql") => {
            let stem = path.strip_suffix(".sql").unwrap_or(path);
            Some(left_out(path).hint(format!("tests are named *{SQL}: rename it to {stem}{SQL}")))
        }
        () if path.ends_with(".ff.py") => {
            Some(left_out(path).hint("tests are queries: write what must give no rows as SQL, in a file *.ff.sql"))
        }
        () => None,
    });
    files.problems.extend(told);
    let texts = files.texts(&read);
    let found = read.iter().zip(texts).filter_map(|(path, text)| Some((path, text?)));
    found.map(|(path, text)| TestFile { path: path.to_string(), text: text.into() }).collect()
}

//! What tables are kept as, and where.

use super::{Databricks, Spark, options, string_literal};
use crate::dialect::{Layout, LayoutProblem, Storage};

/// What a table may be on Spark.
pub const OF_SPARK: &[&str] = &["parquet", "orc", "avro", "csv", "json", "delta", "iceberg"];

/// Formats whose tables one statement replaces.
pub const LAKE_FORMATS: [&str; 2] = ["delta", "iceberg"];

/// One of [`LAKE_FORMATS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LakeFormat {
    #[default]
    Delta,
    Iceberg,
}

impl LakeFormat {
    pub fn parse(word: &str) -> Option<LakeFormat> {
        [LakeFormat::Delta, LakeFormat::Iceberg].into_iter().find(|format| format.word() == word)
    }

    pub fn word(self) -> &'static str {
        match self {
            LakeFormat::Delta => "delta",
            LakeFormat::Iceberg => "iceberg",
        }
    }
}

/// Whether one statement puts a table of this format in the place of another, and rows can be deleted from it.
pub fn is_replaceable(format: &str) -> bool {
    LAKE_FORMATS.contains(&format)
}

/// What a table is: as it declares itself, else as the profile says.
pub fn format<'a>(layout: Option<&'a Layout>, usual: &'a str) -> &'a str {
    let own = layout.and_then(|layout| layout.storage.as_ref()?.format.as_deref());
    own.unwrap_or(usual)
}

/// What can't be of a declared storage, where tables are of the format `usual` unless they say otherwise.
pub fn problem(storage: &Storage, usual: &str, known: &[&str]) -> Option<LayoutProblem> {
    let format = storage.format.as_deref().unwrap_or(usual);
    let told = |message: String, hint: String| Some(LayoutProblem { message, hint });
    if !known.contains(&format) {
        let hint = format!("`format` is one of {}", known.join(", "));
        return told(format!("declares a storage of the format `{format}`, which there isn't"), hint);
    }
    let path = storage.path.as_deref()?;
    if !path.starts_with('/') && !path.contains("://") {
        let hint = "write it from the root on, as the server has it: `/data/…`, `s3://…`".into();
        return told(
            format!("declares a storage at `{path}`, and the server has no folder that this counts from"),
            hint,
        );
    }
    if !is_replaceable(format) {
        let hint = format!(
            "take `path` away, and the table is in the folder of its schema; or set `format` to {}",
            LAKE_FORMATS.map(|format| format!("`{format}`")).join(" or ")
        );
        let why = format!("a new table of {format} files is made beside the one that it replaces");
        return told(format!("declares a storage at a path, and {why}: both would be in one folder"), hint);
    }
    None
}

/// `location '…'`
fn location(layout: Option<&Layout>) -> Option<String> {
    let path = layout?.storage.as_ref()?.path.as_ref()?;
    Some(format!("location {}", string_literal(path)))
}

/// `options ('name' = 'value', …)`
fn clause(pairs: &[(&str, &str)]) -> Option<String> {
    (!pairs.is_empty()).then(|| format!("options {}", options(pairs.iter().copied())))
}

fn pairs(options: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    options.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

impl Spark {
    /// What says as what and where a table is kept. The profile's options are for its own format, and a table's win over
    /// them.
    pub(super) fn storage(&self, layout: Option<&Layout>) -> Vec<String> {
        let format = format(layout, &self.table_format);
        let own = layout.and_then(|layout| layout.storage.as_ref()).map_or(&[][..], |storage| &storage.options);
        let usual = pairs(&self.table_options).filter(|(name, _)| {
            format == self.table_format && !own.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
        });
        let all: Vec<(&str, &str)> = usual.chain(pairs(own)).collect();
        [format!("using {format}")].into_iter().chain(clause(&all)).chain(location(layout)).collect()
    }
}

impl Databricks {
    /// The same; a table is Delta Lake's where nothing is said.
    pub(super) fn storage(&self, layout: Option<&Layout>) -> Vec<String> {
        let format = format(layout, self.table_format.word());
        let using = (format != LakeFormat::Delta.word()).then(|| format!("using {format}"));
        let own = layout.and_then(|layout| layout.storage.as_ref()).map_or(&[][..], |storage| &storage.options);
        using.into_iter().chain(clause(&pairs(own).collect::<Vec<_>>())).chain(location(layout)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(path: Option<&str>, format: Option<&str>, options: &[(&str, &str)]) -> Layout {
        let options = options.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let storage = Storage { path: path.map(String::from), format: format.map(String::from), options };
        Layout { storage: Some(storage), ..Layout::default() }
    }

    #[test]
    fn a_table_says_as_what_and_where_it_is_kept() {
        let table_options = vec![("compression".to_string(), "gzip".to_string()), ("a".into(), "b".into())];
        let spark = Spark { table_options, ..Spark::default() };
        let written = |layout: Layout| spark.storage(Some(&layout)).join(" ");
        assert_eq!(spark.storage(None).join(" "), "using parquet options ('compression' = 'gzip', 'a' = 'b')");
        assert_eq!(
            written(stored(None, None, &[("Compression", "zstd")])),
            "using parquet options ('a' = 'b', 'Compression' = 'zstd')"
        );
        // Those of the profile are for its own format.
        assert_eq!(written(stored(None, Some("csv"), &[("sep", "'")])), "using csv options ('sep' = '\\'')");
        assert_eq!(written(stored(Some("s3://b/it's"), Some("delta"), &[])), "using delta location 's3://b/it\\'s'");
        let lake = |table_format, layout| Databricks { table_format }.storage(Some(&layout)).join(" ");
        assert_eq!(
            lake(LakeFormat::Delta, stored(Some("/x"), None, &[("a", "b")])),
            "options ('a' = 'b') location '/x'"
        );
        assert_eq!(lake(LakeFormat::Delta, stored(None, Some("iceberg"), &[])), "using iceberg");
        assert_eq!(lake(LakeFormat::Iceberg, stored(None, Some("delta"), &[])), "");
        assert_eq!(Databricks { table_format: LakeFormat::Iceberg }.storage(None), ["using iceberg"]);
    }

    #[test]
    fn what_cannot_be_is_told_with_a_way_out() {
        let told = |path: Option<&str>, format: Option<&str>, usual: &str| {
            let layout = stored(path, format, &[]);
            problem(&layout.storage.unwrap(), usual, OF_SPARK)
                .map(|found| format!("{} ({})", found.message, found.hint))
        };
        for (path, format, usual) in [
            (None, None, "parquet"),
            (None, Some("csv"), "parquet"),
            (Some("/data/t"), None, "delta"),
            (Some("s3://b/t"), Some("iceberg"), "parquet"),
        ] {
            assert_eq!(told(path, format, usual), None);
        }
        for (path, format, usual, words) in [
            (None, Some("xml"), "parquet", "of the format `xml`, which there isn't (`format` is one of parquet, orc"),
            (
                Some("data/t"),
                Some("delta"),
                "parquet",
                "at `data/t`, and the server has no folder that this counts from",
            ),
            (Some("/data/t"), None, "parquet", "a new table of parquet files is made beside the one that it replaces"),
            (Some("/data/t"), Some("orc"), "delta", "or set `format` to `delta` or `iceberg`"),
        ] {
            let found = told(path, format, usual).unwrap();
            assert!(found.contains(words), "{found}");
        }
    }
}

//! What a database says of a relation and its columns, beside what a project says of them.

use crate::dialect::Comments;

/// The comments of a relation that stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub relation: Option<String>,
    /// The line at the end of the relation's comment by which fft knows it again.
    pub mark: Option<String>,
    /// Every column as it is called there.
    pub columns: Vec<(String, Option<String>)>,
}

impl Said {
    /// Of a relation's whole comment, whose last line is fft's own where `is_mark` says so.
    pub fn new(
        comment: Option<String>,
        columns: Vec<(String, Option<String>)>,
        is_mark: impl Fn(&str) -> bool,
    ) -> Said {
        let Some(comment) = comment.filter(|comment| !comment.is_empty()) else {
            return Said { columns, ..Said::default() };
        };
        let (said, last) = comment.rsplit_once('\n').map_or(("", comment.as_str()), |(said, last)| (said, last));
        if !is_mark(last) {
            return Said { relation: Some(comment), mark: None, columns };
        }
        let relation = (!said.is_empty()).then(|| said.to_string());
        Said { relation, mark: Some(last.into()), columns }
    }

    /// What of `wanted` it doesn't say, columns as they are called there. Columns that it doesn't have are left out.
    pub fn lacks(&self, wanted: &Comments) -> Comments {
        let relation = wanted.relation.clone().filter(|words| self.relation.as_ref() != Some(words));
        let find = |name: &str| {
            let exact = self.columns.iter().find(|(column, _)| column == name);
            exact.or_else(|| self.columns.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)))
        };
        let column = |(name, words): (&String, &String)| {
            let (column, said) = find(name)?;
            (said.as_ref() != Some(words)).then(|| (column.clone(), words.clone()))
        };
        Comments { relation, columns: wanted.columns.iter().filter_map(column).collect() }
    }

    /// The relation's whole comment, so that it says these words.
    pub fn comment(&self, words: &str) -> String {
        self.mark.as_ref().map_or(words.to_string(), |mark| format!("{words}\n{mark}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_what_differs() {
        let columns = vec![("ID".to_string(), Some("Number.".to_string())), ("name".into(), None)];
        let said = Said::new(Some("People.\nfft 1".into()), columns, |line| line.starts_with("fft "));
        assert_eq!((said.relation.as_deref(), said.mark.as_deref()), (Some("People."), Some("fft 1")));
        let wanted = |relation: &str, columns: &[(&str, &str)]| Comments {
            relation: Some(relation.into()),
            columns: columns.iter().map(|(name, words)| (name.to_string(), words.to_string())).collect(),
        };
        assert_eq!(said.lacks(&wanted("People.", &[("id", "Number.")])), Comments::default());
        let lacks = said.lacks(&wanted("All.", &[("id", "Key."), ("NAME", "Name."), ("nowhere", "x")]));
        assert_eq!(lacks, wanted("All.", &[("ID", "Key."), ("name", "Name.")]));
        assert_eq!(said.comment("All."), "All.\nfft 1");
        let alone = Said::new(Some("fft 1".into()), Vec::new(), |line| line.starts_with("fft "));
        assert_eq!((alone.relation, alone.mark.as_deref()), (None, Some("fft 1")));
        let theirs = Said::new(Some("a\nb".into()), Vec::new(), |_| false);
        assert_eq!((theirs.relation.as_deref(), theirs.comment("c").as_str()), (Some("a\nb"), "c"));
    }
}

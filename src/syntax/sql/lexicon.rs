//! How one engine reads literals and comments.

/// How one engine reads literals and comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexicon {
    /// A backslash escapes in names between quotes, and nothing else lets a quote stand in them.
    pub backslash_names: bool,
    /// A backslash escapes in strings.
    pub backslashes: bool,
    /// A text between backticks is a quoted identifier.
    pub backticks: bool,
    /// Names of relations keep their letter case without quotes.
    pub cased_names: bool,
    /// A name of a relation may have dashes without quotes.
    pub dashed_names: bool,
    /// Words that a comment may begin with which isn't one, but says how the text is read.
    pub directives: &'static [&'static str],
    /// `$$ … $$` is a string.
    pub dollar_quotes: bool,
    /// `$tag$ … $tag$` is a string, with or without a tag.
    pub dollar_tags: bool,
    /// A text between double quotes is a string, not an identifier.
    pub double_quoted_strings: bool,
    /// A doubled quote stands in a string for the quote itself.
    pub doubled_quotes: bool,
    /// Letters before a string in which a backslash escapes, whatever it does in others.
    pub escape_prefixes: &'static [&'static str],
    /// What begins a comment to the end of the line.
    pub line_comments: &'static [&'static str],
    /// A block comment may hold others.
    pub nested_comments: bool,
    /// Letters before a string in which a backslash is one.
    pub raw_prefixes: &'static [&'static str],
    /// Letters before a string that change nothing of where it ends.
    pub string_prefixes: &'static [&'static str],
    /// A text between tripled quotes is a string, quotes and all.
    pub triple_quotes: bool,
}

impl Lexicon {
    /// What most engines have.
    pub const STANDARD: Lexicon = Lexicon {
        backslash_names: false,
        backslashes: false,
        backticks: true,
        cased_names: false,
        dashed_names: false,
        directives: &[],
        dollar_quotes: true,
        dollar_tags: true,
        double_quoted_strings: false,
        doubled_quotes: true,
        escape_prefixes: &["e"],
        line_comments: &["--"],
        nested_comments: true,
        raw_prefixes: &[],
        string_prefixes: &[],
        triple_quotes: false,
    };

    /// Whether what looks like a comment says how the text is read.
    pub(super) fn is_directive(&self, comment: &str) -> bool {
        self.directives
            .iter()
            .any(|word| comment.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
    }
}

impl Default for Lexicon {
    fn default() -> Lexicon {
        Lexicon::STANDARD
    }
}

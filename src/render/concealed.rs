//! SQL that may hold secrets, kept apart from the text that an engine is sent.
//!
//! A [`Concealed`] text is shown with a placeholder in each secret's place and has no other form: only
//! [`Concealed::reveal`] gives the engine's text, so that no path to an engine can leave a placeholder in.

use super::mark::{Mark, is_marked, replace_moved, secret_placeholder};
use crate::project::Environment;
use crate::syntax::moves::Moves;
use std::sync::Arc;

/// SQL text with placeholders (`‹env:FF_X›`) for secrets, and paths of sources that count from the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concealed {
    shown: Arc<str>,
    holes: Arc<[Hole]>,
}

/// What an engine's text has in the places that people see something else in.
#[derive(Clone, Copy)]
pub struct Sent<'a> {
    pub env: &'a Environment,
    /// The project's folder as it stands in a literal, a `/` at its end.
    pub folder: &'a str,
}

/// A place that another text is sent in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hole {
    /// Byte offset of what is shown there.
    at: usize,
    filling: Filling,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Filling {
    /// A variable's value, shown as its placeholder.
    Secret(Arc<str>),
    /// The project's folder, in front of a path; nothing is shown.
    Folder,
    /// A password of a source's place.
    Hidden(Hidden),
}

/// A text that is sent in the place of another that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    pub shown: Arc<str>,
    pub sent: Arc<str>,
}

impl Hole {
    /// Behind what is shown.
    fn end(&self) -> usize {
        match &self.filling {
            Filling::Secret(name) => self.at + secret_placeholder(name).len(),
            Filling::Folder => self.at,
            Filling::Hidden(hidden) => self.at + hidden.shown.len(),
        }
    }

    fn filled<'a>(&'a self, sent: &Sent<'a>) -> &'a str {
        match &self.filling {
            Filling::Secret(name) => sent.env.get(name).unwrap_or_default(),
            Filling::Folder => sent.folder,
            Filling::Hidden(hidden) => &hidden.sent,
        }
    }
}

impl Concealed {
    /// From a text in which marks stand for secrets, for the project's folder, for `hidden` texts and for nothing else;
    /// with how its offsets moved.
    pub fn of_marked(text: &str, hidden: &[Hidden]) -> (Concealed, Moves) {
        if !is_marked(text) {
            return (Concealed::plain(text), Moves::default());
        }
        let mut holes = Vec::new();
        let (shown, moves) = replace_moved(text, |mark, at| {
            let filling = match mark {
                Mark::Secret(name) => Some(Filling::Secret(name.into())),
                Mark::Project => Some(Filling::Folder),
                Mark::Hidden(number) => Some(Filling::Hidden(hidden[number].clone())),
                Mark::Reference(_) | Mark::Source(..) | Mark::This => None,
            };
            holes.extend(filling.map(|filling| Hole { at, filling }));
            match mark {
                Mark::Hidden(number) => hidden[number].shown.to_string(),
                other => other.logical(),
            }
        });
        (Concealed { shown: shown.into(), holes: holes.into() }, moves)
    }

    /// A text without secrets.
    pub fn plain(text: &str) -> Concealed {
        Concealed { shown: text.into(), holes: Default::default() }
    }

    /// The text as people may see it.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    pub fn has_secrets(&self) -> bool {
        self.holes.iter().any(|hole| matches!(hole.filling, Filling::Secret(_)))
    }

    /// Whether the project's folder is put in front of a path.
    pub fn has_folder(&self) -> bool {
        self.holes.iter().any(|hole| hole.filling == Filling::Folder)
    }

    /// The text for an engine: the secrets' values and the project's folder in their places.
    pub fn reveal(&self, sent: &Sent<'_>) -> String {
        let mut text = String::with_capacity(self.shown.len());
        let mut from = 0;
        for hole in &*self.holes {
            text.push_str(&self.shown[from..hole.at]);
            text.push_str(hole.filled(sent));
            from = hole.end();
        }
        text.push_str(&self.shown[from..]);
        text
    }

    /// The byte offset in the shown text of a character of the revealed one.
    pub fn offset(&self, character: usize, sent: &Sent<'_>) -> usize {
        let (mut from, mut left) = (0, character);
        let within = |text: &str, left: usize| text.char_indices().nth(left).map(|(at, _)| at);
        for hole in &*self.holes {
            let before = &self.shown[from..hole.at];
            if let Some(at) = within(before, left) {
                return from + at;
            }
            left -= before.chars().count();
            let value = hole.filled(sent).chars().count();
            if left < value {
                return hole.at;
            }
            left -= value;
            from = hole.end();
        }
        within(&self.shown[from..], left).map_or(self.shown.len(), |at| from + at)
    }

    /// Adds `other` behind this text.
    fn append(shown: &mut String, holes: &mut Vec<Hole>, other: &Concealed) {
        let moved = |hole: &Hole| Hole { at: hole.at + shown.len(), filling: hole.filling.clone() };
        holes.extend(other.holes.iter().map(moved));
        shown.push_str(&other.shown);
    }

    /// Texts one behind the other.
    pub fn joined<'a>(texts: impl IntoIterator<Item = &'a Concealed>) -> Concealed {
        let (mut shown, mut holes) = (String::new(), Vec::new());
        for text in texts {
            Concealed::append(&mut shown, &mut holes, text);
        }
        Concealed { shown: shown.into(), holes: holes.into() }
    }

    /// The bytes of a range that cuts no placeholder in two.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Concealed {
        let inside = |hole: &&Hole| range.contains(&hole.at);
        let moved = |hole: &Hole| Hole { at: hole.at - range.start, filling: hole.filling.clone() };
        let holes: Vec<Hole> = self.holes.iter().filter(inside).map(moved).collect();
        Concealed { shown: self.shown[range].into(), holes: holes.into() }
    }

    /// The same with another shown text that has the same length and the same placeholders.
    pub fn with_shown(&self, shown: String) -> Concealed {
        assert_eq!(shown.len(), self.shown.len(), "invariant: offsets keep their meaning");
        Concealed { shown: shown.into(), holes: self.holes.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::testing;

    fn environment(vars: &[(&str, &str)]) -> Environment {
        testing::environment(vars, |var| var.secret = true)
    }

    fn sent(env: &Environment) -> Sent<'_> {
        Sent { env, folder: "/p/" }
    }

    fn marked(text: &str) -> Concealed {
        let text = text.replace("[A]", &Mark::Secret("A").to_string()).replace("[B]", &Mark::Secret("B").to_string());
        let text = text.replace("[/]", &Mark::Project.to_string());
        Concealed::of_marked(&text, &[]).0
    }

    #[test]
    fn secrets_are_put_in_where_they_were_read_and_nowhere_else() {
        let env = environment(&[("A", "‹env:B›"), ("B", "é[A]")]);
        let text = marked("'‹env:A›' [A][B] ‹env:B› [A]");
        assert_eq!(text.shown(), "'‹env:A›' ‹env:A›‹env:B› ‹env:B› ‹env:A›");
        assert_eq!(text.reveal(&sent(&env)), "'‹env:A›' ‹env:B›é[A] ‹env:B› ‹env:B›");
        assert!(text.has_secrets() && !Concealed::plain("‹env:A›").has_secrets());
        assert_eq!(Concealed::plain("‹env:A›").reveal(&sent(&env)), "‹env:A›");
    }

    #[test]
    fn paths_begin_at_the_root_where_they_are_sent() {
        let env = environment(&[("A", "é")]);
        let text = marked("from '[/]a.csv' -- [A][/]");
        assert_eq!(text.shown(), "from 'a.csv' -- ‹env:A›");
        let revealed = text.reveal(&sent(&env));
        assert_eq!(revealed, "from '/p/a.csv' -- é/p/");
        assert!(text.has_folder() && !marked("[A]").has_folder() && !marked("[/]").has_secrets());
        assert_eq!(text.offset(revealed.find("p/a").unwrap(), &sent(&env)), text.shown().find("a.csv").unwrap());
        assert_eq!(text.offset(revealed.find("a.csv").unwrap(), &sent(&env)), text.shown().find("a.csv").unwrap());
        let joined = Concealed::joined([&Concealed::plain("with "), &text.slice(0..8)]);
        assert_eq!(joined.reveal(&sent(&env)), "with from '/p/a.");
    }

    #[test]
    fn texts_are_joined_and_cut_with_their_secrets() {
        let env = environment(&[("A", "1"), ("B", "2")]);
        let joined = Concealed::joined([&marked("a[A]"), &Concealed::plain(" – "), &marked("[B]b")]);
        assert_eq!(joined.reveal(&sent(&env)), "a1 – 2b");
        let end = joined.shown().len();
        assert_eq!(joined.slice(1..end).reveal(&sent(&env)), "1 – 2b");
        assert_eq!(joined.slice(end - 1..end).reveal(&sent(&env)), "b");
    }

    #[test]
    fn a_place_in_the_engines_text_is_told_in_the_shown_one() {
        let env = environment(&[("A", "longer than its placeholder"), ("B", "")]);
        let text = marked("é[A] x [B]y");
        let revealed = text.reveal(&sent(&env));
        for (piece, shown) in [("é", "é"), ("longer", "‹env:A›"), ("its", "‹env:A›"), ("x ", "x "), ("y", "y")]
        {
            let character = revealed[..revealed.find(piece).unwrap()].chars().count();
            assert_eq!(text.offset(character, &sent(&env)), text.shown().find(shown).unwrap(), "{piece}");
        }
        assert_eq!(text.offset(1000, &sent(&env)), text.shown().len());
    }
}

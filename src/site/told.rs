//! The sentence of a run in pieces, so that the names of nodes in it are links.

use super::Site;
use super::name::node_page;
use crate::artifact::results::RunResults;
use crate::artifact::wire::shown_name;
use std::collections::BTreeMap;

/// A part of a sentence; of a node's name, its page below the site's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub page: Option<String>,
}

/// Names as sentences have them, with the pages that they lead to.
#[derive(Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Of the nodes that the sentence of a run may name: its roots, and what failed. Nodes that are gone have no page.
    pub fn of(site: &Site<'_>, results: &RunResults) -> Names {
        let roots = results.roots.iter().map(|root| root.name.as_str());
        Names::new(site, roots.chain(results.failed().map(|failed| failed.name)))
    }

    /// Of these nodes, as far as the project has them.
    pub fn new<'a>(site: &Site<'_>, names: impl Iterator<Item = &'a str>) -> Names {
        let named = names.filter(|name| site.is_node(name));
        Names(named.map(|name| (shown_name(name, |name| site.is_node(name)).to_string(), node_page(name))).collect())
    }

    /// The pieces of a text: each name that stands in it as a word is one of its own.
    pub fn pieces(&self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut plain = 0;
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let whole = |name: &&String| {
                rest.starts_with(name.as_str()) && !rest[name.len()..].chars().next().is_some_and(is_part)
            };
            let begins = !text[..at].chars().next_back().is_some_and(is_part);
            let longest = self.0.keys().filter(whole).max_by_key(|name| name.len()).filter(|_| begins);
            match longest {
                Some(name) => {
                    pieces.extend(piece(&text[plain..at], None));
                    pieces.extend(piece(name, self.0.get(name).cloned()));
                    at += name.len();
                    plain = at;
                }
                None => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
        pieces.extend(piece(&text[plain..], None));
        pieces
    }
}

fn piece(text: &str, page: Option<String>) -> Option<Piece> {
    (!text.is_empty()).then(|| Piece { text: text.to_string(), page })
}

/// Whether a letter belongs to the word that it stands in.
fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '/' | '-')
}

/// The same with a capital letter in front, unless a name stands there.
pub fn capital(mut pieces: Vec<Piece>) -> Vec<Piece> {
    if let Some(first) = pieces.first_mut().filter(|first| first.page.is_none()) {
        let mut letters = first.text.chars();
        if let Some(letter) = letters.next() {
            first.text = letter.to_uppercase().chain(letters).collect();
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_links_where_they_stand_as_words() {
        let page = |name: &str| (name.to_string(), format!("nodes/{name}.html"));
        let names = Names(BTreeMap::from([page("users"), page("users_all")]));
        let text = "one row was added to users, and the SQL of users_all was edited: models/users.sql, my_users";
        let pieces = names.pieces(text);
        let linked: Vec<&str> = pieces.iter().filter(|one| one.page.is_some()).map(|one| one.text.as_str()).collect();
        assert_eq!(linked, ["users", "users_all"]);
        assert_eq!(pieces.iter().map(|one| one.text.as_str()).collect::<String>(), text);
        assert_eq!(capital(names.pieces("a é"))[0].text, "A é");
        assert_eq!(capital(names.pieces("users é"))[0].text, "users");
    }
}

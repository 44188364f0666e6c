//! A relation's name in three parts as one text, as `_ff_meta` holds it: `db.main."odd name"`.

use crate::name::RelationName;

/// Reads a name of three parts as [`Dialect::relation`](crate::dialect::Dialect::relation) writes it.
pub(super) fn parse(text: &str) -> Option<RelationName> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => parts.last_mut()?.push('"'),
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => parts.last_mut()?.push(other),
        }
    }
    match parts.as_slice() {
        [catalog, schema, name] if !quoted => Some(RelationName::new(Some(catalog), Some(schema), name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Dialect, DuckDb, Postgres};

    #[test]
    fn names_of_three_parts_are_read_back() {
        for parts in [["db", "main", "t"], ["a.b", "c\"d", "e \"\" f."], ["größe", "select", ""]] {
            let name = RelationName::new(Some(parts[0]), Some(parts[1]), parts[2]);
            assert_eq!(parse(&Postgres.relation(&name)), Some(name.clone()));
            assert_eq!(parse(&DuckDb.relation(&name)), Some(name));
        }
        assert_eq!(parse("t"), None);
        assert_eq!(parse("a.b.\"c"), None);
    }
}

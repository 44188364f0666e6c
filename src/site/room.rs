//! Pages stay small: what a page may still hold, and lists of names that are cut where there is no more room. How many were
//! left out is said.

use super::name::page_name;
use super::word::{self, Thousands};

/// Names that one list shows.
const NAMES: usize = 200;

/// Bytes that a part of a page may still take.
pub struct Room(usize);

impl Room {
    pub fn new(bytes: usize) -> Room {
        Room(bytes)
    }

    /// Bytes that were taken of so many.
    pub fn taken(&self, of: usize) -> usize {
        of - self.0
    }

    /// Whether so many bytes fit; then they are taken.
    pub fn takes(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.0;
        self.0 -= if fits { bytes } else { 0 };
        fits
    }
}

/// Whether a name leads to its page.
pub type Linked<'a> = dyn Fn(&str) -> bool + 'a;

/// Names of nodes, each with whether it has a page.
#[derive(Default)]
pub struct List<'a> {
    pub shown: Vec<(&'a str, bool)>,
    pub more: usize,
}

impl<'a> List<'a> {
    pub fn of(linked: &Linked<'_>, room: &mut Room, names: impl Iterator<Item = &'a str>) -> List<'a> {
        let mut list = List::default();
        for name in names {
            // Behind the first that is left out there is none.
            let fits = list.more == 0 && list.shown.len() < NAMES && room.takes(weight(name));
            match fits.then(|| (name, linked(name))) {
                Some(one) => list.shown.push(one),
                None => list.more += 1,
            }
        }
        list
    }

    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    pub fn count(&self) -> usize {
        self.shown.len() + self.more
    }

    pub fn words(&self) -> String {
        word::count(self.count(), "node")
    }

    /// What the list ends with, where it doesn't have all: `… and 12 more`.
    pub fn rest(&self) -> Option<String> {
        match (self.shown.len(), self.more) {
            (_, 0) => None,
            (0, _) => Some(format!("{}, not listed here", self.words())),
            (_, more) => Some(format!("… and {} more", more.thousands())),
        }
    }
}

/// Bytes of a name with its link, and with its title where it is shown without its ending.
pub fn weight(name: &str) -> usize {
    72 + 2 * name.len() + page_name(name).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_where_its_page_has_no_more_room() {
        let names: Vec<String> = (0..500).map(|at| format!("m{at:03}.ff")).collect();
        let list = |room: &mut Room| List::of(&|_| true, room, names.iter().map(String::as_str));
        let mut room = Room::new(256 * weight("m000.ff"));
        let told = |list: List<'_>| (list.shown.len(), list.count(), list.rest());
        assert_eq!(told(list(&mut room)), (200, 500, Some("… and 300 more".into())));
        assert_eq!(told(list(&mut room)), (56, 500, Some("… and 444 more".into())));
        assert_eq!(told(list(&mut room)), (0, 500, Some("500 nodes, not listed here".into())));
        let few = List::of(&|_| true, &mut Room::new(9999), names.iter().take(3).map(String::as_str));
        assert_eq!((few.rest(), few.words()), (None, "3 nodes".into()));
    }
}

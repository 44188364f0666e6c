//! `text-<digest>`: a text of which there are several versions, for the difference of any two of them.

use crate::digest::Digest;
use crate::site::{Page, Site, data};
use std::collections::BTreeSet;

/// Bytes of a text that a site has at most.
const LARGEST: usize = 256 << 10;
/// Bytes of all of them.
const MOST: usize = 4 << 20;

/// What a text's shard is loaded by.
pub fn shard_name(digest: &Digest) -> String {
    format!("text-{}", digest.short())
}

/// Texts that may be shown, as far as there is room for them.
pub struct Texts<'s, 'a> {
    site: &'s Site<'a>,
    left: usize,
    pages: Vec<Page>,
    /// Asked for, with whether they are there.
    there: BTreeSet<Digest>,
    gone: BTreeSet<Digest>,
}

impl<'s, 'a> Texts<'s, 'a> {
    pub fn new(site: &'s Site<'a>) -> Texts<'s, 'a> {
        Texts { site, left: MOST, pages: Vec::new(), there: BTreeSet::new(), gone: BTreeSet::new() }
    }

    /// The names of both texts, where both are there.
    pub fn both(&mut self, before: Digest, after: Digest) -> Option<[String; 2]> {
        let both = [before, after].map(|digest| self.has(digest));
        both.iter().all(|there| *there).then(|| [before, after].map(|digest| shard_name(&digest)))
    }

    fn has(&mut self, digest: Digest) -> bool {
        if self.there.contains(&digest) || self.gone.contains(&digest) {
            return self.there.contains(&digest);
        }
        let archive = self.site.input.archive;
        let content = archive.content(&digest).filter(|content| content.len() <= LARGEST.min(self.left));
        let text = content.as_deref().and_then(|content| std::str::from_utf8(content).ok());
        let Some(text) = text else {
            self.gone.insert(digest);
            return false;
        };
        self.left -= text.len();
        self.pages.push(data::shard(&shard_name(&digest), &text));
        self.there.insert(digest)
    }

    pub fn pages(self) -> Vec<Page> {
        self.pages
    }
}

//! How deep a text nests, found before it is parsed: parsers, and whatever walks or drops what they give, recurse.
//!
//! A [`Depth`] counts, from tokens and without recursion, at least as many levels as a syntax tree of them would have.
//! What nests deeper than [`MOST`] is refused; all else is parsed and followed within [`on_large_stack`], which holds it.

/// Levels that a text may have.
pub const MOST: usize = 2_000;

/// Bytes of stack for [`MOST`] levels, with room for builds that aren't optimized. A thread that has as many needs no other
/// stack for [`on_large_stack`], which is made anew each time.
pub const STACK: usize = 64 << 20;

/// Runs `work` where a tree of [`MOST`] levels fits on the stack.
pub fn on_large_stack<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK / 2, STACK, work)
}

/// Levels that are open, in a text that is read from its beginning.
#[derive(Debug, Default)]
pub struct Depth {
    /// Of each open bracket or block, the levels that a chain (`a + a + …`) in it has so far.
    open: Vec<usize>,
    chain: usize,
    levels: usize,
}

impl Depth {
    /// One more link of a chain: an operator, a call, an attribute.
    pub fn link(&mut self) {
        self.chain += 1;
        self.levels += 1;
    }

    /// The chain ends: its links are no levels of what follows.
    pub fn separate(&mut self) {
        self.levels -= self.chain;
        self.chain = 0;
    }

    /// A bracket or a block opens.
    pub fn enter(&mut self) {
        self.link();
        self.open.push(self.chain);
        self.chain = 0;
    }

    /// The last one closes.
    pub fn leave(&mut self) {
        self.separate();
        self.chain = self.open.pop().unwrap_or(0);
    }

    /// The last one closes, and what follows stands beside it.
    pub fn leave_block(&mut self) {
        self.leave();
        let own = self.chain.min(1);
        self.chain -= own;
        self.levels -= own;
    }

    pub fn is_too_deep(&self) -> bool {
        self.levels > MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_those_that_are_open() {
        let mut depth = Depth::default();
        let mut deepest = Vec::new();
        for character in "a+b+c,d+(e+f,g)+h".chars() {
            match character {
                '+' => depth.link(),
                ',' => depth.separate(),
                '(' => depth.enter(),
                ')' => depth.leave(),
                _ => {}
            }
            deepest.push(depth.levels);
        }
        assert_eq!(deepest, [0, 1, 1, 2, 2, 0, 0, 1, 2, 2, 3, 3, 2, 2, 2, 3, 3]);
        assert_eq!(depth.open, Vec::<usize>::new());
    }

    #[test]
    fn more_closing_than_opening_is_no_panic() {
        let mut depth = Depth::default();
        depth.leave();
        depth.separate();
        depth.leave();
        assert!(!depth.is_too_deep());
    }
}

//! How offsets moved when a text was edited, so that a place in what came of it can be told in what it was.

/// From each offset on, where that stood before. Ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves(Vec<(usize, usize)>);

impl Moves {
    /// From `now` on, until the next of these, the text is what it was from `before` on.
    pub fn push(&mut self, now: usize, before: usize) {
        let same = self.0.last().is_none_or(|(last_now, last_before)| last_before + (now - last_now) == before);
        if !(same && (!self.0.is_empty() || now == before)) {
            self.0.push((now, before));
        }
    }

    /// Where the byte at `now` stood. What replaced another text stands where that stood.
    pub fn before(&self, now: usize) -> usize {
        let next = self.0.partition_point(|(start, _)| *start <= now);
        let (start, before) = next.checked_sub(1).map_or((0, 0), |last| self.0[last]);
        let there = before + (now - start);
        match self.0.get(next) {
            Some((_, end)) => there.min(end.saturating_sub(1).max(before)),
            None => there,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_where_it_was() {
        // `a MARK b` became `a x b`, and `c  \nd` became `c\nd`.
        let mut moves = Moves::default();
        for (now, before) in [(0, 0), (2, 2), (3, 6), (6, 9)] {
            moves.push(now, before);
        }
        assert_eq!(moves, Moves(vec![(3, 6)]));
        assert_eq!((0..6).map(|now| moves.before(now)).collect::<Vec<_>>(), [0, 1, 2, 6, 7, 8]);
    }

    #[test]
    fn what_is_longer_than_it_was_stands_where_it_began() {
        let mut moves = Moves::default();
        moves.push(0, 0);
        moves.push(2, 2);
        moves.push(12, 5);
        assert_eq!([2, 3, 4, 11, 12, 13].map(|now| moves.before(now)), [2, 3, 4, 4, 5, 6]);
    }
}

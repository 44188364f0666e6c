//! Which given row stands for which expected one.

/// Two lists of rows, and which of their cells are the same.
pub struct Pairing<'a> {
    pub expected: usize,
    pub given: usize,
    pub columns: usize,
    /// By the numbers of an expected row, a given row and a column.
    pub same: &'a dyn Fn(usize, usize, usize) -> bool,
}

impl Pairing<'_> {
    /// Rows as they come.
    pub fn in_order(&self) -> Vec<Option<usize>> {
        (0..self.expected).map(|row| (row < self.given).then_some(row)).collect()
    }

    /// As many rows as can be with one that is the same in every column; then, of those that are left, with one that has
    /// the same `keys`, and with the one that has most cells alike, if it has any.
    pub fn in_any_order(&self, keys: &[usize]) -> Vec<Option<usize>> {
        let mut owner: Vec<Option<usize>> = vec![None; self.given];
        for row in 0..self.expected {
            self.place(row, &mut owner, &mut vec![false; self.given]);
        }
        let mut pairs: Vec<Option<usize>> = vec![None; self.expected];
        for (other, row) in owner.iter().enumerate() {
            if let Some(row) = row {
                pairs[*row] = Some(other);
            }
        }
        let with_key = |row: usize, other: usize| keys.iter().all(|column| (self.same)(row, other, *column));
        for row in (0..self.expected).filter(|_| !keys.is_empty()) {
            if pairs[row].is_none() {
                let found = self.free(&pairs).find(|other| with_key(row, *other));
                pairs[row] = found;
            }
        }
        // Of rows that are told apart by keys, others aren't the same row with other values.
        for row in (0..self.expected).filter(|_| keys.is_empty()) {
            if pairs[row].is_none() {
                let alike =
                    |other: &usize| (0..self.columns).filter(|column| (self.same)(row, *other, *column)).count();
                let best = self.free(&pairs).max_by_key(|other| (alike(other), std::cmp::Reverse(*other)));
                pairs[row] = best.filter(|other| alike(other) > 0);
            }
        }
        pairs
    }

    /// Finds a given row that is the same, where need be by finding another one for whoever has it: rows that are only
    /// nearly the same may fit several.
    fn place(&self, row: usize, owner: &mut Vec<Option<usize>>, tried: &mut Vec<bool>) -> bool {
        for other in 0..self.given {
            if tried[other] || !(0..self.columns).all(|column| (self.same)(row, other, column)) {
                continue;
            }
            tried[other] = true;
            if owner[other].is_none_or(|before| self.place(before, owner, tried)) {
                owner[other] = Some(row);
                return true;
            }
        }
        false
    }

    /// Given rows that stand for none yet.
    fn free(&self, pairs: &[Option<usize>]) -> impl Iterator<Item = usize> {
        let taken: Vec<bool> = (0..self.given).map(|other| pairs.contains(&Some(other))).collect();
        (0..self.given).filter(move |other| !taken[*other])
    }
}

//! Queries that are written as SQL for fft and evaluated here for themselves.

use std::collections::{BTreeMap, BTreeSet};

/// A small generator of numbers, the same each time.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Columns by name, and rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<i64>>,
}

impl Table {
    pub fn sorted(mut self) -> Table {
        self.rows.sort_unstable();
        self
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column of an input.
    Column(usize, String),
    Plus(usize, String, i64),
    Number(i64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    List,
    /// Behind a common table expression with all columns that are used.
    Nested,
    Group,
    Distinct,
    Star,
    Limit,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Joined {
    On,
    Using,
    Natural,
}

#[derive(Clone, Debug)]
pub struct Query {
    pub reads: Vec<String>,
    pub joined: Joined,
    pub filter: Option<(usize, String, i64)>,
    pub items: Vec<(String, Expr)>,
    pub form: Form,
    pub comment: usize,
}

pub const KEY: &str = "k";
pub const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

impl Query {
    /// As SQL, with names in any letter case.
    pub fn sql(&self, random: &mut Random) -> String {
        let mut name = |name: &str| if random.one_in(3) { name.to_uppercase() } else { name.to_string() };
        let place = |input: usize| if self.form == Form::Nested { "x".to_string() } else { format!("u{input}") };
        let mut column = |input: usize, column: &str| {
            let column = if self.form == Form::Nested { format!("{column}{input}") } else { name(column) };
            format!("{}.{column}", place(input))
        };
        let from = match (self.reads.as_slice(), self.joined) {
            ([one], _) => format!("{one} as u0"),
            ([one, two], Joined::On) => format!("{one} as u0 join {two} as u1 on u0.k = u1.k"),
            ([one, two], Joined::Using) => format!("{one} as u0 join {two} as u1 using (k)"),
            ([one, two], Joined::Natural) => format!("{one} as u0 natural join {two} as u1"),
            _ => unreachable!(),
        };
        let expression = |expr: &Expr, column: &mut dyn FnMut(usize, &str) -> String| match expr {
            Expr::Column(input, name) => column(*input, name),
            Expr::Plus(input, name, more) => format!("{} + {more}", column(*input, name)),
            Expr::Number(number) => number.to_string(),
        };
        let list: Vec<String> =
            self.items.iter().map(|(alias, expr)| format!("{} as {alias}", expression(expr, &mut column))).collect();
        let list = list.join(", ");
        let filter = self.filter.as_ref();
        let filter =
            filter.map_or(String::new(), |(input, name, than)| format!("\nwhere {} > {than}", column(*input, name)));
        let comment = format!("-- {}\n", self.comment);
        match self.form {
            Form::List => format!("{comment}select {list}\nfrom {from}{filter}"),
            Form::Distinct => format!("{comment}select distinct {list}\nfrom {from}{filter}"),
            Form::Limit => format!("{comment}select {list}\nfrom {from}{filter}\nlimit 2"),
            Form::Star => format!("{comment}select *\nfrom {}", self.reads[0]),
            Form::Group => {
                let (alias, expr) = &self.items[0];
                let key = expression(expr, &mut column);
                let sums = self.items[1..]
                    .iter()
                    .map(|(alias, expr)| format!(", sum({}) as {alias}", expression(expr, &mut column)));
                let sums: String = sums.collect();
                format!("{comment}select {key} as {alias}{sums}, count(*) as n\nfrom {from}{filter}\ngroup by 1")
            }
            Form::Nested => {
                let used: BTreeSet<(usize, &str)> = self.used().collect();
                let inner: Vec<String> =
                    used.iter().map(|(input, name)| format!("u{input}.{name} as {name}{input}")).collect();
                format!(
                    "{comment}with x as (\n  select {} from {from})\nselect {list} from x{filter}",
                    inner.join(", ")
                )
            }
        }
    }

    /// Columns that it names.
    pub fn used(&self) -> impl Iterator<Item = (usize, &str)> {
        let items = self.items.iter().filter_map(|(_, expr)| match expr {
            Expr::Column(input, name) | Expr::Plus(input, name, _) => Some((*input, name.as_str())),
            Expr::Number(_) => None,
        });
        items.chain(self.filter.iter().map(|(input, name, _)| (*input, name.as_str())))
    }

    pub fn rows(&self, inputs: &[Table]) -> Table {
        let at = |table: &Table, name: &str| {
            table
                .columns
                .iter()
                .position(|one| one == name)
                .unwrap_or_else(|| panic!("{name} in {table:?} for {self:?}"))
        };
        let shared: Vec<&str> = match (inputs, self.joined) {
            ([left, right], Joined::Natural) => {
                left.columns.iter().filter(|name| right.columns.contains(name)).map(String::as_str).collect()
            }
            _ => vec![KEY],
        };
        let mut pairs: Vec<Vec<&[i64]>> = Vec::new();
        for left in &inputs[0].rows {
            match inputs {
                [_] => pairs.push(vec![left]),
                [one, two] => pairs.extend(two.rows.iter().filter_map(|right| {
                    let meet = shared.iter().all(|name| left[at(one, name)] == right[at(two, name)]);
                    meet.then(|| vec![left.as_slice(), right.as_slice()])
                })),
                _ => unreachable!(),
            }
        }
        let value = |pair: &[&[i64]], input: usize, name: &str| pair[input][at(&inputs[input], name)];
        if let Some((input, name, than)) = &self.filter {
            pairs.retain(|pair| self.form == Form::Star || value(pair, *input, name) > *than);
        }
        let item = |pair: &[&[i64]], expr: &Expr| match expr {
            Expr::Column(input, name) => value(pair, *input, name),
            Expr::Plus(input, name, more) => value(pair, *input, name) + more,
            Expr::Number(number) => *number,
        };
        let mut columns: Vec<String> = self.items.iter().map(|(alias, _)| alias.clone()).collect();
        let mut rows: Vec<Vec<i64>> =
            pairs.iter().map(|pair| self.items.iter().map(|(_, expr)| item(pair, expr)).collect()).collect();
        match self.form {
            Form::List | Form::Nested => {}
            Form::Star => return inputs[0].clone(),
            Form::Limit => rows.truncate(2),
            Form::Distinct => {
                rows.sort_unstable();
                rows.dedup();
            }
            Form::Group => {
                columns.push("n".into());
                let mut groups: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
                for row in rows {
                    let group = groups.entry(row[0]).or_insert_with(|| vec![0; row.len()]);
                    row[1..].iter().zip(group.iter_mut()).for_each(|(value, sum)| *sum += value);
                    group[row.len() - 1] += 1;
                }
                rows = groups.into_iter().map(|(key, sums)| [vec![key], sums].concat()).collect();
            }
        }
        Table { columns, rows }
    }
}

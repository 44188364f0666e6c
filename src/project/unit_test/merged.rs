//! What a file says of every case, under what a case says itself: mappings are merged, everything else is replaced.

use super::{CellTable, Expected, Given, Rows};
use crate::diagnostic::Location;
use std::collections::BTreeMap;

/// What `defaults` or a case says.
#[derive(Clone, Default)]
pub struct Said {
    pub inputs: BTreeMap<String, SaidInput>,
    pub expect: SaidExpected,
}

#[derive(Clone)]
pub struct SaidInput {
    pub at: Location,
    pub rows: Option<Rows>,
    pub types: Option<Vec<(String, String)>>,
}

#[derive(Clone, Default)]
pub struct SaidExpected {
    pub at: Option<Location>,
    pub relation: Option<(String, Location)>,
    pub table: Option<CellTable>,
    pub order_by: Option<Vec<(String, Location)>>,
    pub any_order: Option<bool>,
    pub approx: BTreeMap<String, f64>,
    pub ignore_columns: Option<Vec<String>>,
    pub subset: Option<bool>,
}

impl Said {
    /// What a case says that stands over these defaults.
    pub fn under(&self, case: Said) -> Said {
        let mut inputs = self.inputs.clone();
        for (name, own) in case.inputs {
            let below = inputs.remove(&name);
            let merged = SaidInput {
                at: own.at,
                rows: own.rows.or(below.as_ref().and_then(|below| below.rows.clone())),
                types: own.types.or(below.and_then(|below| below.types)),
            };
            inputs.insert(name, merged);
        }
        let (own, below) = (case.expect, self.expect.clone());
        let expect = SaidExpected {
            at: own.at.or(below.at),
            relation: own.relation.or(below.relation),
            table: own.table.or(below.table),
            order_by: own.order_by.or(below.order_by),
            any_order: own.any_order.or(below.any_order),
            approx: below.approx.into_iter().chain(own.approx).collect(),
            ignore_columns: own.ignore_columns.or(below.ignore_columns),
            subset: own.subset.or(below.subset),
        };
        Said { inputs, expect }
    }
}

impl SaidInput {
    /// `None` where nothing gives rows.
    pub fn given(self) -> Option<Given> {
        Some(Given { at: self.at, rows: self.rows?, types: self.types.unwrap_or_default() })
    }
}

impl SaidExpected {
    /// `None` where nothing gives rows.
    pub fn expected(self, case: &Location) -> Option<Expected> {
        Some(Expected {
            at: self.at.unwrap_or_else(|| case.clone()),
            relation: self.relation,
            table: self.table?,
            order_by: self.order_by.unwrap_or_default(),
            any_order: self.any_order.unwrap_or(true),
            approx: self.approx,
            ignore_columns: self.ignore_columns.unwrap_or_default(),
            subset: self.subset.unwrap_or(false),
        })
    }
}

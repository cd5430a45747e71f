//! ORDER BY.

use std::cmp::Ordering;

use super::ast::Order;
use super::filter::Key;
use super::resolve::Access;
use crate::org::Org;
use crate::org::schema::{Object, Slot};

/// One part of an order.
#[derive(Debug, Clone)]
pub(super) struct SortKey {
    pub(super) access: Access,
    pub(super) direction: Direction,
}

/// Which way, and where the nulls go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Direction {
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

impl Direction {
    pub(super) fn of(order: &Order) -> Direction {
        Direction {
            descending: order.descending,
            nulls_first: order.nulls_first.unwrap_or(!order.descending),
        }
    }

    pub(super) fn compare(self, a: &Key, b: &Key) -> Ordering {
        let nulls = if self.nulls_first { Ordering::Less } else { Ordering::Greater };
        match (a, b) {
            (Key::Null, Key::Null) => Ordering::Equal,
            (Key::Null, _) => nulls,
            (_, Key::Null) => nulls.reverse(),
            _ if self.descending => compare_keys(b, a),
            _ => compare_keys(a, b),
        }
    }
}

impl SortKey {
    pub(super) fn new(access: Access, order: &Order) -> SortKey {
        SortKey { access, direction: Direction::of(order) }
    }
}

/// Orders the index of (SystemModstamp, Id) already has, and the natural order by Id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ready {
    ByStamp,
    ByStampDescending,
    ById,
    No,
}

/// Whether an order needs no sorting.
pub(super) fn ready(order: &[SortKey]) -> Ready {
    let is =
        |key: &SortKey, slot, descending| key.access.is_own(slot) && key.direction.descending == descending;
    match order {
        [] => Ready::ById,
        [id, ..] if is(id, Slot::Id, false) => Ready::ById,
        [stamp] if is(stamp, Slot::SystemModstamp, false) => Ready::ByStamp,
        [stamp, id, ..] if is(stamp, Slot::SystemModstamp, false) && is(id, Slot::Id, false) => {
            Ready::ByStamp
        }
        [stamp, id, ..] if is(stamp, Slot::SystemModstamp, true) && is(id, Slot::Id, true) => {
            Ready::ByStampDescending
        }
        _ => Ready::No,
    }
}

/// Sorts record numbers; equal ones keep their order.
pub(super) fn sort(org: &Org, object: Object, order: &[SortKey], numbers: &mut [u32]) {
    let table = org.table(object);
    let keys_of = |number: &u32| {
        let record = table.get(*number);
        let key = |it: &SortKey| record.map_or(Key::Null, |record| Key::of(it.access.value(org, record)));
        order.iter().map(key).collect::<Vec<_>>()
    };
    let mut keyed: Vec<_> = numbers.iter().map(|it| (keys_of(it), *it)).collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let parts = order.iter().zip(a.iter().zip(b));
        parts.map(|(it, (a, b))| it.direction.compare(a, b)).find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
    });
    for (place, (_, number)) in numbers.iter_mut().zip(keyed) {
        *place = number;
    }
}

fn compare_keys(a: &Key, b: &Key) -> Ordering {
    match (a, b) {
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        (Key::Bool(a), Key::Bool(b)) => a.cmp(b),
        (Key::Number(a), Key::Number(b)) => f64::from_bits(*a).total_cmp(&f64::from_bits(*b)),
        (Key::Date(a), Key::Date(b)) => a.cmp(b),
        (Key::DateTime(a), Key::DateTime(b)) => a.cmp(b),
        (Key::Id(a), Key::Id(b)) => a.to_short().cmp(&b.to_short()),
        _ => Ordering::Equal,
    }
}

//! Records as JSON, written straight into a buffer.

use std::collections::HashMap;

use super::execute::{cut, is_match, sorted};
use super::fields::Column;
pub(crate) use super::fields::Projection;
use super::plan::{Output, Plan, Scope};
use crate::json::{write_string, write_value};
use crate::org::Org;
use crate::org::record_id::RecordId;
use crate::org::schema::{Field, Kind, Object, Slot};
use crate::org::table::Record;
use crate::org::value::ValueRef;

/// Child records by parent, for one `Children` column over one page.
type ChildrenByParent = HashMap<u32, Vec<u32>>;

/// Writes records one after another, with everything a page of them has in common.
pub(crate) struct Renderer<'a> {
    org: &'a Org,
    /// The API version asked for, such as `v62.0`.
    version: &'a str,
}

impl<'a> Renderer<'a> {
    pub(crate) fn new(org: &'a Org, version: &'a str) -> Renderer<'a> {
        Renderer { org, version }
    }

    /// Writes `[…]` of the records that are still there; answers how many.
    pub(crate) fn records(&self, plan: &Plan, numbers: &[u32], out: &mut Vec<u8>) -> usize {
        let Output::Records(projection) = &plan.output else { return 0 };
        let table = self.org.table(plan.object);
        let is_seen = |it: &&Record| plan.scope == Scope::All || !it.is_deleted;
        let children = self.children_of(plan.object, projection, numbers);
        let head = self.head(plan.object);
        out.push(b'[');
        let mut written = 0;
        for record in numbers.iter().filter_map(|it| table.get(*it)).filter(is_seen) {
            if written > 0 {
                out.push(b',');
            }
            self.write(&head, projection, record, &children, out);
            written += 1;
        }
        out.push(b']');
        written
    }

    /// Writes one record with its attributes.
    pub(crate) fn record(&self, projection: &Projection, record: &Record, out: &mut Vec<u8>) {
        let object = record.id.object;
        let children = self.children_of(object, projection, &[record.id.number]);
        self.write(&self.head(object), projection, record, &children, out);
    }

    /// The address of a record.
    pub(crate) fn url(&self, id: RecordId) -> String {
        format!("/services/data/{}/sobjects/{}/{id}", self.version, id.object.name())
    }

    fn head(&self, object: Object) -> Vec<u8> {
        let name = object.name();
        let version = self.version;
        format!("{{\"attributes\":{{\"type\":\"{name}\",\"url\":\"/services/data/{version}/sobjects/{name}/")
            .into_bytes()
    }

    fn write(
        &self,
        head: &[u8],
        projection: &Projection,
        record: &Record,
        children: &[ChildrenByParent],
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(head);
        out.extend_from_slice(&record.id.to_bytes());
        out.extend_from_slice(b"\"}");
        let mut children = children.iter();
        for column in &projection.columns {
            out.push(b',');
            match column {
                Column::Value { key, field } => {
                    out.extend_from_slice(&key.0);
                    write_field(out, field, record);
                }
                Column::Shown { key, field } => {
                    out.extend_from_slice(&key.0);
                    write_shown(out, field, record);
                }
                Column::Parent { key, slot, branches } => {
                    out.extend_from_slice(&key.0);
                    self.write_parent(*slot, branches, record, out);
                }
                Column::Children { key, plan, .. } => {
                    out.extend_from_slice(&key.0);
                    let found = children.next().and_then(|it| it.get(&record.id.number));
                    self.write_children(plan, found.map_or(&[], Vec::as_slice), out);
                }
            }
        }
        out.push(b'}');
    }

    fn write_parent(
        &self,
        slot: Slot,
        branches: &[(Object, Projection)],
        record: &Record,
        out: &mut Vec<u8>,
    ) {
        let parent = match record.get(slot) {
            ValueRef::Id(id) => self.org.record(id),
            _ => None,
        };
        let branch = parent.and_then(|it| branches.iter().find(|(object, _)| *object == it.id.object));
        match (parent, branch) {
            (Some(parent), Some((_, projection))) => self.record(projection, parent, out),
            _ => out.extend_from_slice(b"null"),
        }
    }

    fn write_children(&self, plan: &Plan, numbers: &[u32], out: &mut Vec<u8>) {
        if numbers.is_empty() {
            out.extend_from_slice(b"null");
            return;
        }
        let head = format!("{{\"totalSize\":{},\"done\":true,\"records\":", numbers.len());
        out.extend_from_slice(head.as_bytes());
        self.records(plan, numbers, out);
        out.push(b'}');
    }

    /// One pass over each child object, however many parents the page has.
    fn children_of(&self, parent: Object, projection: &Projection, numbers: &[u32]) -> Vec<ChildrenByParent> {
        let columns = projection.columns.iter().filter_map(|it| match it {
            Column::Children { field, plan, .. } => Some((*field, plan.as_ref())),
            _ => None,
        });
        columns.map(|(field, plan)| self.gather(parent, field, plan, numbers)).collect()
    }

    fn gather(&self, parent: Object, field: &Field, plan: &Plan, numbers: &[u32]) -> ChildrenByParent {
        let mut by_parent: ChildrenByParent = numbers.iter().map(|it| (*it, Vec::new())).collect();
        for child in self.org.table(plan.object).iter() {
            let ValueRef::Id(id) = child.get(field.slot) else { continue };
            if id.object != parent {
                continue;
            }
            if let Some(children) = by_parent.get_mut(&id.number)
                && is_match(self.org, plan, child)
            {
                children.push(child.id.number);
            }
        }
        for children in by_parent.values_mut() {
            *children = cut(sorted(self.org, plan, std::mem::take(children)), plan);
        }
        by_parent
    }
}

fn write_field(out: &mut Vec<u8>, field: &Field, record: &Record) {
    match field.slot {
        Slot::Address(parts) => write_address(out, parts, record),
        slot => write_value(out, field.kind, record.get(slot)),
    }
}

/// The compound of an address; null when all its parts are.
fn write_address(out: &mut Vec<u8>, parts: [u8; 5], record: &Record) {
    if parts.iter().all(|it| record.row.get(*it).is_null()) {
        out.extend_from_slice(b"null");
        return;
    }
    out.extend_from_slice(b"{\"geocodeAccuracy\":null,\"latitude\":null,\"longitude\":null");
    for (name, part) in ["street", "city", "state", "postalCode", "country"].into_iter().zip(parts) {
        out.extend_from_slice(format!(",\"{name}\":").as_bytes());
        write_value(out, Kind::Text { length: 255 }, record.row.get(part));
    }
    out.push(b'}');
}

/// As people read it: always text.
fn write_shown(out: &mut Vec<u8>, field: &Field, record: &Record) {
    match record.get(field.slot) {
        value @ (ValueRef::Null | ValueRef::Text(_)) => write_value(out, field.kind, value),
        ValueRef::Number(it) => write_string(out, &with_thousands(it)),
        value => {
            let mut plain = Vec::new();
            write_value(&mut plain, field.kind, value);
            write_string(out, String::from_utf8_lossy(&plain).trim_matches('"'));
        }
    }
}

/// `1234567.5` as `1,234,567.5`.
fn with_thousands(number: f64) -> String {
    let text = number.abs().to_string();
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
    let mut shown = String::from(if number < 0.0 { "-" } else { "" });
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    fraction.into_iter().for_each(|it| shown.extend(['.'].into_iter().chain(it.chars())));
    shown
}

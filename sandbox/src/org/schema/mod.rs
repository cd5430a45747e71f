//! What the org's objects and fields are, as describe reports them and writes are checked.
//!
//! One file per object lists its fields. Not here: any record.

mod account;
mod campaign;
mod contact;
pub(crate) mod field;
mod lead;
mod object;
mod opportunity;
pub(crate) mod picklists;
mod task;
mod user;

pub(crate) use field::{Field, Kind, Slot};
pub(crate) use object::Object;

use std::collections::HashMap;
use std::sync::LazyLock;

use field::{boolean, datetime, id, reference};

/// One object with its fields in describe's order.
#[derive(Debug)]
pub(crate) struct ObjectSchema {
    pub(crate) object: Object,
    pub(crate) fields: Vec<Field>,
    /// How many values a row of this object has room for.
    pub(crate) slots: usize,
    by_name: HashMap<String, usize>,
}

/// One-to-many: `child.field` points here, and queries call the children `relationship`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChildRelationship {
    pub(crate) child: Object,
    pub(crate) field: &'static str,
    pub(crate) relationship: &'static str,
    pub(crate) cascade_delete: bool,
}

impl ObjectSchema {
    /// The schema of `object`; the same for every org.
    pub(crate) fn of(object: Object) -> &'static ObjectSchema {
        static ALL: LazyLock<Vec<ObjectSchema>> =
            LazyLock::new(|| Object::ALL.into_iter().map(ObjectSchema::build).collect());
        &ALL[object as usize]
    }

    /// The place of a field, whatever the letter case of its name.
    pub(crate) fn index_of(&self, name: &str) -> Option<usize> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }

    /// A field this crate itself relies on.
    pub(crate) fn known(&self, name: &str) -> &Field {
        let index = self.index_of(name).expect("the schema tables name this field");
        &self.fields[index]
    }

    /// The stored slot of a field this crate itself relies on.
    pub(crate) fn slot(&self, name: &str) -> usize {
        match self.known(name).slot {
            Slot::Stored(slot) => slot as usize,
            _ => unreachable!("only stored fields are asked for by slot"),
        }
    }

    pub(crate) fn children(&self) -> Vec<ChildRelationship> {
        let of_child = |child: Object| {
            ObjectSchema::of(child).fields.iter().filter_map(move |field| match field.kind {
                Kind::Reference { to, children: Some(relationship), cascade, .. }
                    if to.contains(&self.object) =>
                {
                    Some(ChildRelationship {
                        child,
                        field: field.name,
                        relationship,
                        cascade_delete: cascade,
                    })
                }
                _ => None,
            })
        };
        Object::ALL.into_iter().flat_map(of_child).collect()
    }

    fn build(object: Object) -> ObjectSchema {
        let mut fields = vec![id()];
        if object.has_recycle_bin() {
            fields.push(boolean("IsDeleted", "Deleted").read_only().at(Slot::IsDeleted));
        }
        fields.extend(match object {
            Object::Lead => lead::fields(),
            Object::Account => account::fields(),
            Object::Contact => contact::fields(),
            Object::Opportunity => opportunity::fields(),
            Object::Task => task::fields(),
            Object::User => user::fields(),
            Object::Campaign => campaign::fields(),
        });
        fields.extend(stamps());
        let slots = assign_slots(&mut fields);
        let by_name = fields.iter().enumerate().map(|(n, it)| (it.name.to_ascii_lowercase(), n)).collect();
        ObjectSchema { object, fields, slots, by_name }
    }
}

fn stamps() -> Vec<Field> {
    let by = |name, label, relationship| {
        reference(name, label, &[Object::User], relationship).required().read_only()
    };
    let at = |name, label| datetime(name, label).required().read_only();
    vec![
        at("CreatedDate", "Created Date").at(Slot::CreatedDate),
        by("CreatedById", "Created By ID", "CreatedBy").at(Slot::CreatedById),
        at("LastModifiedDate", "Last Modified Date").at(Slot::LastModifiedDate),
        by("LastModifiedById", "Last Modified By ID", "LastModifiedBy").at(Slot::LastModifiedById),
        at("SystemModstamp", "System Modstamp").at(Slot::SystemModstamp),
    ]
}

/// Gives each stored field its slot, and each address the slots of its parts.
fn assign_slots(fields: &mut [Field]) -> usize {
    let mut slots = 0u8;
    for field in fields.iter_mut().filter(|it| it.slot == Slot::Unassigned && it.kind != Kind::Address) {
        field.slot = Slot::Stored(slots);
        slots += 1;
    }
    for n in 0..fields.len() {
        if fields[n].kind == Kind::Address {
            let prefix = fields[n].name.trim_end_matches("Address");
            let parts = ["Street", "City", "State", "PostalCode", "Country"].map(|part| {
                let name = format!("{prefix}{part}");
                match fields.iter().find(|it| it.name == name).map(|it| it.slot) {
                    Some(Slot::Stored(slot)) => slot,
                    _ => unreachable!("an address has its five parts beside it"),
                }
            });
            fields[n].slot = Slot::Address(parts);
        }
    }
    slots as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_builds_and_fits_a_row() {
        for object in Object::ALL {
            let schema = ObjectSchema::of(object);
            assert_eq!(schema.object, object);
            assert!(schema.slots <= 128, "{object:?} has {} slots", schema.slots);
            assert_eq!(schema.by_name.len(), schema.fields.len(), "{object:?} names a field twice");
            assert!(schema.fields.iter().all(|it| it.slot != Slot::Unassigned));
        }
    }

    #[test]
    fn an_account_knows_its_children() {
        let children = ObjectSchema::of(Object::Account).children();
        let contacts = children.iter().find(|it| it.relationship == "Contacts").expect("contacts");
        assert_eq!(
            (contacts.child, contacts.field, contacts.cascade_delete),
            (Object::Contact, "AccountId", true)
        );
    }
}

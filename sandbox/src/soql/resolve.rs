//! From a dotted path to the value it reaches.

use super::ast::{Name, Path};
use super::lexer::located;
use crate::org::Org;
use crate::org::schema::{Field, Kind, Object, Slot};
use crate::org::table::Record;
use crate::org::value::ValueRef;
use crate::rest::error::{ApiError, Code};

/// How many references a path may follow.
const MAX_HOPS: usize = 5;

/// The names one SELECT may use.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    pub(super) org: &'a Org,
    /// The text errors point into.
    pub(super) query: &'a str,
    pub(super) object: Object,
    /// What the object is called in this query, besides its own name.
    pub(super) alias: Option<&'a str>,
}

/// A way from a record to a value.
#[derive(Debug, Clone)]
pub(super) enum Access {
    Field(&'static Field),
    /// Through a reference, which may lead to one of several objects.
    Through {
        slot: Slot,
        branches: Vec<(Object, Access)>,
    },
}

impl Access {
    /// The value; null when a reference on the way is empty.
    pub(super) fn value<'a>(&self, org: &'a Org, record: &'a Record) -> ValueRef<'a> {
        match self {
            Access::Field(field) => record.get(field.slot),
            Access::Through { slot, branches } => {
                let ValueRef::Id(id) = record.get(*slot) else { return ValueRef::Null };
                let branch = branches.iter().find(|(object, _)| *object == id.object);
                match (branch, org.record(id)) {
                    (Some((_, access)), Some(parent)) => access.value(org, parent),
                    _ => ValueRef::Null,
                }
            }
        }
    }

    /// The field at the end of the path.
    pub(super) fn field(&self) -> &'static Field {
        match self {
            Access::Field(field) => field,
            Access::Through { branches, .. } => branches[0].1.field(),
        }
    }

    /// Whether this is a field of the queried record itself, in this slot.
    pub(super) fn is_own(&self, slot: Slot) -> bool {
        matches!(self, Access::Field(field) if field.slot == slot)
    }
}

impl<'a> Names<'a> {
    pub(super) fn resolve(&self, path: &Path) -> Result<Access, ApiError> {
        self.follow(self.object, self.local(path))
    }

    /// A path without the query's own name for its object.
    pub(super) fn local<'p>(&self, path: &'p Path) -> &'p [Name] {
        let is_own = |name: &Name| {
            let is_alias = self.alias.is_some_and(|it| it.eq_ignore_ascii_case(&name.text));
            is_alias || name.text.eq_ignore_ascii_case(self.object.name())
        };
        match &path.parts[..] {
            [first, rest @ ..] if !rest.is_empty() && is_own(first) => rest,
            all => all,
        }
    }

    /// The reference field a relationship name stands for.
    pub(super) fn relationship(&self, object: Object, name: &Name) -> Result<&'static Field, ApiError> {
        let is_it = |field: &&'static Field| matches!(field.kind, Kind::Reference { relationship, .. } if relationship.eq_ignore_ascii_case(&name.text));
        self.org.visible_fields(object).find(is_it).ok_or_else(|| {
            let message = format!(
                "Didn't understand relationship '{}' in field path. If you are attempting to use a custom \
                 relationship, be sure to append the '__r' after the custom relationship name. Please reference \
                 your WSDL or the describe call for the appropriate names.",
                name.text
            );
            self.invalid_field(name.at, &message)
        })
    }

    pub(super) fn column(&self, object: Object, name: &Name) -> Result<&'static Field, ApiError> {
        self.org.field(object, &name.text).ok_or_else(|| {
            let message = format!(
                "No such column '{}' on entity '{}'. If you are attempting to use a custom field, be sure to append \
                 the '__c' after the custom field name. Please reference your WSDL or the describe call for the \
                 appropriate names.",
                name.text,
                object.name()
            );
            self.invalid_field(name.at, &message)
        })
    }

    pub(super) fn invalid_field(&self, at: usize, message: &str) -> ApiError {
        ApiError::new(Code::InvalidField, located(self.query, at, message))
    }

    pub(super) fn too_far(&self, parts: &[Name]) -> Result<(), ApiError> {
        match parts.len() > MAX_HOPS + 1 {
            true => {
                Err(self.invalid_field(parts[0].at, "maximum of 5 parent relationships in a path exceeded"))
            }
            false => Ok(()),
        }
    }

    fn follow(&self, object: Object, parts: &[Name]) -> Result<Access, ApiError> {
        self.too_far(parts)?;
        let [name, rest @ ..] = parts else { unreachable!("the parser makes no empty path") };
        if rest.is_empty() {
            return self.column(object, name).map(Access::Field);
        }
        let field = self.relationship(object, name)?;
        let Kind::Reference { to, .. } = field.kind else { unreachable!("relationships are references") };
        let (mut branches, mut refused) = (Vec::new(), None);
        for parent in to {
            match self.follow(*parent, rest) {
                Ok(access) => branches.push((*parent, access)),
                Err(error) => refused = Some(error),
            }
        }
        // Of a polymorphic reference it is enough that one of its objects has the field.
        match refused {
            Some(error) if branches.is_empty() => Err(error),
            _ => Ok(Access::Through { slot: field.slot, branches }),
        }
    }
}

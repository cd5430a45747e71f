//! What a query selects, as columns ready to be written.

use super::ast::{Name, Path};
use super::plan::Plan;
use super::resolve::Names;
use crate::org::schema::{Field, Kind, Object, Slot};
use crate::rest::error::{ApiError, Code};

/// The columns of one record, in the order they were first named.
#[derive(Debug, Default, Clone)]
pub(crate) struct Projection {
    pub(crate) columns: Vec<Column>,
}

#[derive(Debug, Clone)]
pub(crate) enum Column {
    Value {
        key: Key,
        field: &'static Field,
    },
    /// `toLabel`, `FORMAT`: as people read it.
    Shown {
        key: Key,
        field: &'static Field,
    },
    Parent {
        key: Key,
        slot: Slot,
        branches: Vec<(Object, Projection)>,
    },
    Children {
        key: Key,
        field: &'static Field,
        plan: Box<Plan>,
    },
}

/// A column's key, with quotes and colon, as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key(pub(crate) Vec<u8>);

impl Key {
    pub(crate) fn new(name: &str) -> Key {
        Key(format!("\"{name}\":").into_bytes())
    }
}

impl Column {
    fn key(&self) -> &Key {
        match self {
            Column::Value { key, .. }
            | Column::Shown { key, .. }
            | Column::Parent { key, .. }
            | Column::Children { key, .. } => key,
        }
    }
}

impl Projection {
    /// Plain fields of one object.
    pub(crate) fn of_fields(fields: impl Iterator<Item = &'static Field>) -> Projection {
        let columns = fields.map(|field| Column::Value { key: Key::new(field.name), field }).collect();
        Projection { columns }
    }

    /// Adds a path, sharing parents that are already there.
    pub(super) fn add_path(&mut self, names: &Names<'_>, path: &Path) -> Result<(), ApiError> {
        let parts = names.local(path);
        names.too_far(parts)?;
        self.add(names, names.object, parts)
    }

    /// Adds a column that is not a path; its key must be new.
    pub(super) fn add_column(
        &mut self,
        names: &Names<'_>,
        column: Column,
        at: usize,
    ) -> Result<(), ApiError> {
        if self.columns.iter().any(|it| it.key() == column.key()) {
            let key = String::from_utf8_lossy(&column.key().0).replace(['"', ':'], "");
            return Err(names.invalid_field(at, &format!("duplicate field selected: {key}")));
        }
        self.columns.push(column);
        Ok(())
    }

    fn add(&mut self, names: &Names<'_>, object: Object, parts: &[Name]) -> Result<(), ApiError> {
        let [name, rest @ ..] = parts else { unreachable!("the parser makes no empty path") };
        if rest.is_empty() {
            let field = names.column(object, name)?;
            return self.add_column(names, Column::Value { key: Key::new(field.name), field }, name.at);
        }
        let field = names.relationship(object, name)?;
        let branches = self.parent(field);
        let mut refused = None;
        let mut accepted = false;
        for (parent, projection) in branches {
            match projection.add(names, *parent, rest) {
                Ok(()) => accepted = true,
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if !accepted => Err(error),
            _ => Ok(()),
        }
    }

    fn parent(&mut self, field: &'static Field) -> &mut Vec<(Object, Projection)> {
        let Kind::Reference { to, relationship, .. } = field.kind else {
            unreachable!("relationships are references")
        };
        let key = Key::new(relationship);
        let place = self.columns.iter().position(|it| *it.key() == key).unwrap_or_else(|| {
            let branches = to.iter().map(|it| (*it, Projection::default())).collect();
            self.columns.push(Column::Parent { key, slot: field.slot, branches });
            self.columns.len() - 1
        });
        match &mut self.columns[place] {
            Column::Parent { branches, .. } => branches,
            _ => unreachable!("no field is named as a relationship"),
        }
    }
}

/// The fields a `FIELDS(…)` call stands for.
pub(super) fn field_group(
    names: &Names<'_>,
    group: &Name,
    limit: Option<u64>,
) -> Result<Vec<&'static Field>, ApiError> {
    let fields = names.org.visible_fields(names.object);
    let is_bounded = limit.is_some_and(|it| it <= 200);
    let fields: Vec<_> = match group.text.to_ascii_uppercase().as_str() {
        "STANDARD" => return Ok(fields.filter(|it| !it.is_custom()).collect()),
        "ALL" => fields.collect(),
        "CUSTOM" => fields.filter(|it| it.is_custom()).collect(),
        other => {
            return Err(ApiError::new(Code::MalformedQuery, format!("unknown field group: FIELDS({other})")));
        }
    };
    match is_bounded {
        true => Ok(fields),
        false => Err(ApiError::new(
            Code::MalformedQuery,
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        )),
    }
}

//! One field: its type, where its value lies, and who may write it.
//!
//! Here: the description, and small builders that make the objects' tables readable.

use super::Object;
use crate::org::value::Value;

/// A field of an object.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) kind: Kind,
    pub(crate) slot: Slot,
    pub(crate) required: bool,
    pub(crate) createable: bool,
    pub(crate) updateable: bool,
    pub(crate) external_id: bool,
    pub(crate) unique: bool,
    pub(crate) id_lookup: bool,
    pub(crate) name_field: bool,
    /// What a record gets that says nothing.
    pub(crate) default: Option<Default>,
}

/// What kind of value a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Id,
    Text {
        length: u32,
    },
    LongText {
        length: u32,
    },
    Email,
    Phone,
    Url,
    Picklist {
        values: &'static [&'static str],
        restricted: bool,
    },
    Boolean,
    Int,
    Number {
        precision: u8,
        scale: u8,
    },
    Currency,
    Percent,
    Date,
    DateTime,
    Reference {
        to: &'static [Object],
        relationship: &'static str,
        /// What the parent calls these children.
        children: Option<&'static str>,
        /// Deleting the parent deletes this record.
        cascade: bool,
    },
    /// Read-only, made of the five address fields beside it.
    Address,
}

/// Where a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Unassigned,
    Id,
    IsDeleted,
    CreatedDate,
    CreatedById,
    LastModifiedDate,
    LastModifiedById,
    SystemModstamp,
    Stored(u8),
    Address([u8; 5]),
}

/// A default, in a form tables can hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Default {
    False,
    Text(&'static str),
    /// The user who creates the record.
    Creator,
}

impl Default {
    pub(crate) fn value(self, creator: crate::org::record_id::RecordId) -> Value {
        match self {
            Default::False => Value::Bool(false),
            Default::Text(text) => Value::Text(text.to_owned()),
            Default::Creator => Value::Id(creator),
        }
    }
}

impl Kind {
    /// The type as describe names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Id => "id",
            Kind::Text { .. } => "string",
            Kind::LongText { .. } => "textarea",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Url => "url",
            Kind::Picklist { .. } => "picklist",
            Kind::Boolean => "boolean",
            Kind::Int => "int",
            Kind::Number { .. } => "double",
            Kind::Currency => "currency",
            Kind::Percent => "percent",
            Kind::Date => "date",
            Kind::DateTime => "datetime",
            Kind::Reference { .. } => "reference",
            Kind::Address => "address",
        }
    }

    /// Longest text in characters; 0 where length means nothing.
    pub(crate) fn length(self) -> u32 {
        match self {
            Kind::Text { length } | Kind::LongText { length } => length,
            Kind::Email => 80,
            Kind::Phone => 40,
            Kind::Url | Kind::Picklist { .. } => 255,
            Kind::Id | Kind::Reference { .. } => 18,
            _ => 0,
        }
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Kind::Text { .. }
                | Kind::LongText { .. }
                | Kind::Email
                | Kind::Phone
                | Kind::Url
                | Kind::Picklist { .. }
        )
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Kind::Int | Kind::Number { .. } | Kind::Currency | Kind::Percent)
    }
}

impl Field {
    pub(crate) fn is_custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// Must be given on create: not nillable, and nothing fills it in.
    pub(crate) fn is_required_on_create(&self) -> bool {
        self.required && self.createable && self.default.is_none()
    }

    pub(crate) fn required(mut self) -> Field {
        self.required = true;
        self
    }

    pub(crate) fn read_only(mut self) -> Field {
        self.createable = false;
        self.updateable = false;
        self
    }

    pub(crate) fn create_only(mut self) -> Field {
        self.updateable = false;
        self
    }

    /// Indexed as another system's key; several records may carry the same value.
    pub(crate) fn external_id(mut self) -> Field {
        self.external_id = true;
        self.id_lookup = true;
        self
    }

    pub(crate) fn unique(mut self) -> Field {
        self.unique = true;
        self
    }

    pub(crate) fn id_lookup(mut self) -> Field {
        self.id_lookup = true;
        self
    }

    pub(crate) fn name_field(mut self) -> Field {
        self.name_field = true;
        self
    }

    pub(crate) fn default(mut self, default: Default) -> Field {
        self.default = Some(default);
        self
    }

    pub(crate) fn at(mut self, slot: Slot) -> Field {
        self.slot = slot;
        self
    }

    /// Names the children as seen from the parent.
    pub(crate) fn children(mut self, name: &'static str) -> Field {
        if let Kind::Reference { children, .. } = &mut self.kind {
            *children = Some(name);
        }
        self
    }

    /// Deleted with its parent.
    pub(crate) fn cascading(mut self) -> Field {
        if let Kind::Reference { cascade, .. } = &mut self.kind {
            *cascade = true;
        }
        self
    }

    fn new(name: &'static str, label: &'static str, kind: Kind) -> Field {
        Field {
            name,
            label,
            kind,
            slot: Slot::Unassigned,
            required: false,
            createable: true,
            updateable: true,
            external_id: false,
            unique: false,
            id_lookup: false,
            name_field: false,
            default: None,
        }
    }
}

pub(crate) fn id() -> Field {
    Field::new("Id", "Record ID", Kind::Id).required().read_only().id_lookup().at(Slot::Id)
}

pub(crate) fn text(name: &'static str, label: &'static str, length: u32) -> Field {
    Field::new(name, label, Kind::Text { length })
}

pub(crate) fn long_text(name: &'static str, label: &'static str, length: u32) -> Field {
    Field::new(name, label, Kind::LongText { length })
}

pub(crate) fn email(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Email)
}

pub(crate) fn phone(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Phone)
}

pub(crate) fn url(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Url)
}

pub(crate) fn picklist(name: &'static str, label: &'static str, values: &'static [&'static str]) -> Field {
    Field::new(name, label, Kind::Picklist { values, restricted: false })
}

pub(crate) fn restricted_picklist(
    name: &'static str,
    label: &'static str,
    values: &'static [&'static str],
) -> Field {
    Field::new(name, label, Kind::Picklist { values, restricted: true })
}

pub(crate) fn boolean(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Boolean).required().default(Default::False)
}

pub(crate) fn int(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Int)
}

pub(crate) fn number(name: &'static str, label: &'static str, precision: u8, scale: u8) -> Field {
    Field::new(name, label, Kind::Number { precision, scale })
}

pub(crate) fn currency(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Currency)
}

pub(crate) fn percent(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Percent)
}

pub(crate) fn date(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::Date)
}

pub(crate) fn datetime(name: &'static str, label: &'static str) -> Field {
    Field::new(name, label, Kind::DateTime)
}

pub(crate) fn reference(
    name: &'static str,
    label: &'static str,
    to: &'static [Object],
    relationship: &'static str,
) -> Field {
    Field::new(name, label, Kind::Reference { to, relationship, children: None, cascade: false })
}

pub(crate) fn owner() -> Field {
    reference("OwnerId", "Owner ID", &[Object::User], "Owner").required().default(Default::Creator)
}

/// The five parts of an address and the compound of them; `names` in the order Address, Street,
/// City, State, PostalCode, Country.
pub(crate) fn address(names: [(&'static str, &'static str); 6]) -> Vec<Field> {
    let [compound, street, city, state, postal_code, country] = names;
    vec![
        Field::new(street.0, street.1, Kind::LongText { length: 255 }),
        text(city.0, city.1, 40),
        text(state.0, state.1, 80),
        text(postal_code.0, postal_code.1, 20),
        text(country.0, country.1, 80),
        Field::new(compound.0, compound.1, Kind::Address).read_only(),
    ]
}

//! Why a record is not edited.

use domain::fields::Field;
use domain::sources::SourceSystem;

use crate::error::Refusal;

/// Why a record is not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum EditRefusal {
    /// Nothing to do.
    #[error("name at least one field to edit")]
    NothingToEdit,
    /// One field, two values.
    #[error("`{0}` is named twice; give each field one value")]
    FieldNamedTwice(Field),
    /// Its value is an id, or follows from something else.
    #[error(
        "`{0}` is not edited by hand; it leads to another record or follows from what happens to this one"
    )]
    FieldNotEditable(Field),
    /// The policy never lets the field be empty.
    #[error("`{0}` is never empty by the precedence policy; give it a value")]
    FieldNeverEmpty(Field),
    /// Every source has deleted it.
    #[error("the record was deleted in all its sources; it can only be read")]
    RecordArchived,
    /// Nothing of the person is kept any more, nor taken in again.
    #[error(
        "the person of this record was erased, so `{0}` stays empty; enter somebody else as a new record"
    )]
    PersonErased(Field),
    /// The CRM made an opportunity of it.
    #[error("the lead is converted; edit its account, contact or opportunity")]
    LeadConverted,
    /// Another system decides, and the policy does not write to it.
    #[error("{system} is master of `{field}` and is not written to; change it there")]
    FieldMasteredElsewhere {
        /// The field.
        field: Field,
        /// The system that decides.
        system: SourceSystem,
    },
    /// Somebody was faster.
    #[error(
        "the record has changed since you read it: it is at version {current} now; read it again and repeat"
    )]
    VersionConflict {
        /// The version it has now.
        current: i32,
    },
}

impl Refusal for EditRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

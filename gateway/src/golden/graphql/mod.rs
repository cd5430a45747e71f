//! Golden records in the API, as far as all kinds share it.
//!
//! Here: why fields have their values, and asking as of another time. Not here: the kinds themselves (`leads`, `accounts`, `contacts`, `opportunities`).

mod as_of;
mod provenance;

pub use as_of::{AsOfInput, AsOfRefusal, refuse_past};
pub use provenance::{
    FieldProvenance, LosingValue, NoSuchField, SourceRecordRef, provenance, source_records,
};

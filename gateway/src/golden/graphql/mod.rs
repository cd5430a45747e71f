//! Golden records in the API, as far as all kinds share it.
//!
//! Here: why fields have their values. Not here: the kinds themselves (`leads`, `accounts`, `contacts`, `opportunities`).

mod provenance;

pub use provenance::{
    FieldProvenance, LosingValue, NoSuchField, SourceRecordRef, provenance, source_records,
};

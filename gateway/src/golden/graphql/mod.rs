//! Golden records in the API, as far as all kinds share it.
//!
//! Here: why fields have their values, how they changed, fixing them, joining records, and asking as of another time. Not
//! here: the kinds themselves (`leads`, `accounts`, `contacts`, `opportunities`).

mod answers;
mod as_of;
mod held;
mod merges;
mod pins;
mod provenance;
mod supplied;
mod timeline;

pub use answers::{MatchDecisionMutations, MatchDecisionQueries};
pub use as_of::{AsOfInput, AsOfRefusal, refuse_past};
pub use held::PinQueries;
pub use merges::{MergeMutations, MergeQueries, SourceRecordInput};
pub use pins::{FieldLock, FieldPayload, Pin, PinMutations};
pub(in crate::golden) use provenance::SYSTEM;
pub use provenance::{
    FieldProvenance, LosingValue, NoSuchField, SourceRecordRef, field_name, field_named, provenance, shown,
    source, source_records,
};
pub use timeline::{FieldChange, HistoryQueries};

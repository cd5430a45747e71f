//! CRMs as streams of source records.
//!
//! Here: the trait every CRM implements, what it answers and how it fails, field mappings as data, and one
//! folder per CRM. A new CRM is a folder, a mapping file, one line in `registry` and a pass of the contract tests.
//! Not here: the database, what is believed of a record (`mastering`), when to read (the gateway's sync).

pub mod connector;
pub mod error;
mod recovery;
pub mod registry;

pub mod mapping;

pub mod csv;
pub mod http;
pub mod salesforce;

pub use connector::{
    ApiBudget, BulkPage, BulkPlace, Circuit, Connector, Deletions, FieldDescription, Health, IdPage, IdStamp,
    Keyset, ObjectDescription, Page, Position, Priority, RecordChange, RecordError, RecordWrite, Remedy,
    SchemaChange, SchemaDescription, SchemaDrift, SchemaEffect, SchemaReading, Span, Tally, WriteRefusal,
    WriteTarget, Writing, Written,
};
pub use error::ConnectorError;
pub use mapping::{Mapping, MappingError};
pub use recovery::Recovery;
pub use registry::{SourceConfig, connect};

//! Partners, their users, contracts and territories as spreadsheets: where they live before there is a gateway, and where
//! people like to look at them afterwards.
//!
//! Here: which columns a sheet has, and how a row becomes a use case of its feature and back. Not here: where cells end and
//! which characters they hold (`connectors::csv`), what is allowed (the features), what other systems say (`sync`).

mod cells;
mod columns;
mod contracts;
mod export;
mod formulas;
mod import;
mod partners;
mod territories;
mod users;

pub use export::export;
pub use import::{ImportError, Outcome, Report, RowReport, import, rehearse};

/// What the rows of a sheet are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum SheetKind {
    /// Partners.
    Partner,
    /// Their people.
    PartnerUser,
    /// Contracts with them.
    Contract,
    /// Their territories.
    Territory,
}

//! KPIs in the API.

mod queries;
mod receipt;
mod types;

pub use queries::KpiQueries;

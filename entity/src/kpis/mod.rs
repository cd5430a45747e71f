//! What KPIs are answered from.

pub mod kpi_snapshot;
pub mod usage_count;
pub mod user_usage_count;

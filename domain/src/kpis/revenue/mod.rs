//! KPIs of revenue: what partners brought, what they helped with, and how it compares.

pub mod attainment;
pub mod deals;
pub mod shares;

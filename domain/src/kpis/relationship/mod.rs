//! KPIs of the relationship: joint work, satisfaction, who stays, and whom to take on.

pub mod csat;
pub mod funds;
pub mod initiatives;
pub mod retention;
pub mod selection;

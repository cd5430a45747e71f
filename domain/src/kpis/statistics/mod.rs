//! Statistics used by KPIs, each with its sample size; none of them knows a cause.

pub mod long_tail;
pub mod wilson;

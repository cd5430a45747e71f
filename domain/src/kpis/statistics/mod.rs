//! Statistics used by KPIs, each with its sample size; none of them knows a cause.

pub mod comparison;
pub mod lift;
pub mod long_tail;
pub mod pairs;
pub mod rank;
pub mod standing;
pub mod wilson;
pub mod wording;

//! What partners use of our support, counted by day and month so that a year answers at once.
//!
//! Here: counting days anew when events have come (`count`), reading the counts of a period (`read`). Not here: the events
//! (`engagement`), what counts as what (`domain::kpis::rollup`).

pub(super) mod count;
pub(super) mod read;

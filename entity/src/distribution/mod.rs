//! Lead distribution: offers with the rankings they rest on, and what is to be done about leads.

pub mod lead_arrival;
pub mod lead_offer;
pub mod lead_recall;
pub mod offer_ranking;

//! Partners and their users.

pub mod partner;
pub mod partner_manager;
pub mod partner_status;
pub mod partner_user;
pub mod prospect_rating;

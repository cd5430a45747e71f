//! What partners are given to sell with: assets in versions, packages, and who was given which.

pub mod asset_term;
pub mod asset_version;
pub mod enablement_asset;
pub mod support_assignment;
pub mod support_package;
pub mod support_package_item;

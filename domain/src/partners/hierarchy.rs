//! Distributors and the partners below them.

use std::collections::BTreeSet;

use super::PartnerType;
use crate::ids::PartnerId;

/// Why a partner cannot be placed below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidParent {
    /// Only distributors have partners below them.
    #[error("the partner above must be a DISTRIBUTOR; choose one, or add that type to it first")]
    ParentNotDistributor,
    /// The partner above is below.
    #[error("the partner above is already below this one; a hierarchy has no circles")]
    ParentBelow,
}

/// Checks a partner's new parent. `above` is the parent with all that are above it, nearest first.
pub fn check_parent(
    partner: PartnerId,
    above: &[PartnerId],
    parent_types: &BTreeSet<PartnerType>,
) -> Result<(), InvalidParent> {
    match () {
        () if above.contains(&partner) => Err(InvalidParent::ParentBelow),
        () if !parent_types.contains(&PartnerType::Distributor) => Err(InvalidParent::ParentNotDistributor),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const CHILD: PartnerId = PartnerId(Uuid::from_u128(1));
    const PARENT: PartnerId = PartnerId(Uuid::from_u128(2));

    fn check(above: &[PartnerId], parent_type: PartnerType) -> Result<(), InvalidParent> {
        check_parent(CHILD, above, &[parent_type].into())
    }

    #[test]
    fn partners_stand_below_distributors() {
        assert_eq!(check(&[PARENT], PartnerType::Distributor), Ok(()));
        assert_eq!(check(&[PARENT], PartnerType::Reseller), Err(InvalidParent::ParentNotDistributor));
    }

    #[test]
    fn a_hierarchy_has_no_circles() {
        assert_eq!(check(&[CHILD], PartnerType::Distributor), Err(InvalidParent::ParentBelow));
        assert_eq!(check(&[PARENT, CHILD], PartnerType::Distributor), Err(InvalidParent::ParentBelow));
    }
}

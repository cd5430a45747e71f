//! Whether two claims meet: same account, a product in common, a time in common, and both still open.

use super::{Claim, ClaimStanding, ClaimedAccount, Ground};

/// How surely two claims are about one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountMatch {
    /// They may be one: a person has to look.
    Possible,
    /// Two companies of one family, where the policy counts that.
    Family,
    /// One golden account.
    Same,
}

/// How two different claims overlap, if they do. Symmetric.
///
/// An incumbent only meets claims that continue its business: a new deal takes nothing away.
pub fn overlap(one: &Claim, other: &Claim, has_family_scope: bool) -> Option<AccountMatch> {
    let are_open = [one, other].iter().all(|it| it.standing == ClaimStanding::Open);
    let is_contested = one.key() != other.key() && are_open && may_meet(one, other) && may_meet(other, one);
    let do_meet = one.products.intersects(&other.products) && one.window.intersects(&other.window);
    match is_contested && do_meet {
        true => same_account(&one.account, &other.account, has_family_scope),
        false => None,
    }
}

fn may_meet(claim: &Claim, other: &Claim) -> bool {
    !matches!(claim.ground, Ground::Incumbent { .. }) || other.continues_business()
}

pub(super) fn same_account(
    one: &ClaimedAccount,
    other: &ClaimedAccount,
    has_family_scope: bool,
) -> Option<AccountMatch> {
    let head = |it: &ClaimedAccount| it.family.unwrap_or(it.golden);
    if one.golden == other.golden {
        return Some(AccountMatch::Same);
    }
    if has_family_scope && head(one) == head(other) {
        return Some(AccountMatch::Family);
    }
    let is_possible = one.possible.contains(&other.golden) || other.possible.contains(&one.golden);
    is_possible.then_some(AccountMatch::Possible)
}

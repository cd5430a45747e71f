//! Which account a lead belongs to.

use std::cmp::Reverse;

use super::evidence::{Comparison, Level};
use super::features::Features;
use super::hubs::Hubs;
use super::organisations;
use super::verdict::Verdict;
use crate::policy::MatchingPolicy;

/// The account a lead was found to belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLink<K> {
    /// The account.
    pub account: K,
    /// Why.
    pub verdict: Verdict,
}

/// The one account that fits a lead's company best.
///
/// REVIEW strength suffices: a link moves no values and merges nothing, it only says where the lead belongs. If two
/// accounts fit equally well there is no link; an equal corporate number settles that.
pub fn link_account<'a, K: Copy + Ord>(
    policy: &MatchingPolicy,
    lead: &Features,
    candidates: impl IntoIterator<Item = (K, &'a Features)>,
) -> Option<AccountLink<K>> {
    let mut fitting: Vec<AccountLink<K>> = candidates
        .into_iter()
        .map(|(account, it)| AccountLink {
            account,
            verdict: organisations::compare(policy, &Hubs::default(), &lead.organisation, &it.organisation),
        })
        .filter(|it| it.verdict.veto.is_none() && it.verdict.score >= policy.link_at)
        .collect();
    fitting.sort_by_key(|it| (Reverse(strength(&it.verdict)), it.account));
    fitting.dedup_by_key(|it| it.account);
    let mut best = fitting.into_iter();
    let (first, second) = (best.next()?, best.next());
    let is_unique = second.is_none_or(|it| strength(&it.verdict) < strength(&first.verdict));
    is_unique.then_some(first)
}

fn strength(verdict: &Verdict) -> (bool, u8) {
    (verdict.has(Comparison::CorporateNumber, Level::Equal), verdict.score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fields::{Field, RecordKind, account, lead};
    use domain::sources::Values;

    fn features(kind: RecordKind, said: &[(Field, &str)]) -> Features {
        let values: Values =
            said.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect();
        Features::of(kind, &values, None)
    }

    fn check(said: &[(Field, &str)], accounts: &[&[(Field, &str)]], expected: Option<usize>) {
        let accounts: Vec<_> = accounts.iter().map(|it| features(RecordKind::Account, it)).collect();
        let link = link_account(
            &MatchingPolicy::default(),
            &features(RecordKind::Lead, said),
            accounts.iter().enumerate(),
        );
        assert_eq!(link.map(|it| it.account), expected);
    }

    const LEAD: &[(Field, &str)] = &[(lead::company, "㈱極洋"), (lead::email, "taro@kyokuyo.co.jp")];
    const NAME: (Field, &str) = (account::name, "株式会社極洋");
    const SITE: (Field, &str) = (account::website, "www.kyokuyo.co.jp");

    #[test]
    fn name_and_domain_link_and_a_name_alone_does_not() {
        check(LEAD, &[&[NAME, SITE]], Some(0));
        check(LEAD, &[&[NAME]], None);
    }

    #[test]
    fn of_two_that_fit_equally_none_is_chosen() {
        check(LEAD, &[&[NAME, SITE], &[NAME, SITE]], None);
        check(LEAD, &[&[SITE], &[NAME, SITE]], Some(1));
    }

    #[test]
    fn the_corporate_number_settles_it() {
        let number = [(lead::corporate_number, "7000012050002"), LEAD[0], LEAD[1]];
        let registered = [(account::corporate_number, "7000012050002")];
        let other = [NAME, SITE, (account::phone, "03-5545-0701")];
        check(&number, &[&other, &registered], Some(1));
    }
}

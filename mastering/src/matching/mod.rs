//! Which records are one: from records to a verdict on each pair, and from verdicts to groups.
//!
//! Here: what a record offers for comparing (`features`), which pairs are worth it (`blocking`), what a pair's evidence is
//! worth (`compare`), which account a lead belongs to (`linking`), and groups (`clusters`, `batch`).
//! Not here: keys of texts (`normalise`), points and thresholds (`policies/matching.toml`), moving links.

pub mod features;

pub mod evidence;
pub mod hubs;
pub mod verdict;

mod organisations;
mod persons;

pub mod blocking;
mod pairs;

pub mod batch;
pub mod clusters;
pub mod linking;
pub mod train;

use crate::policy::MatchingPolicy;
use evidence::{Comparison, Level, Reservation};
use features::Features;
use hubs::Hubs;
use persons::Somebody;
use verdict::{Band, Verdict};

pub use linking::link_account;

/// Compares two records of one kind.
///
/// Leads and contacts are people; two leads that point to nobody are compared as organisations. A record that points to
/// somebody never matches one that does not.
pub fn compare(policy: &MatchingPolicy, hubs: &Hubs, a: &Features, b: &Features) -> Verdict {
    match (Somebody::of(a), Somebody::of(b)) {
        (Some(one), Some(other)) => persons::compare(policy, hubs, one, other),
        (None, None) => organisations::compare(policy, hubs, &a.organisation, &b.organisation),
        _ => Verdict::nothing(),
    }
}

/// [`compare`], or `None` where the names alone forbid a match. Most pairs behind one telephone or company end there, at
/// little cost.
fn compare_in_question(policy: &MatchingPolicy, hubs: &Hubs, a: &Features, b: &Features) -> Option<Verdict> {
    match (Somebody::of(a), Somebody::of(b)) {
        (Some(one), Some(other)) => persons::compare_in_question(policy, hubs, one, other),
        _ => Some(compare(policy, hubs, a, b)),
    }
}

/// Compares two live records of one system.
///
/// Whoever keeps that system had both before their eyes, so they join only on identity: e-mail and name for people, the
/// corporate number for organisations. Anything less goes to review.
pub fn compare_within_system(policy: &MatchingPolicy, hubs: &Hubs, a: &Features, b: &Features) -> Verdict {
    within_system(policy, compare(policy, hubs, a, b))
}

/// What a verdict means where both records are of one system.
fn within_system(policy: &MatchingPolicy, mut verdict: Verdict) -> Verdict {
    let has = |it| verdict.has(it, Level::Equal);
    let is_identity = has(Comparison::CorporateNumber)
        || (has(Comparison::Email) && has(Comparison::FamilyName) && has(Comparison::GivenName));
    if policy.is_careful_within_system && verdict.band == Band::Auto && !is_identity {
        verdict.band = Band::Review;
        verdict.reservation = Some(Reservation::SameSystem);
    }
    verdict
}

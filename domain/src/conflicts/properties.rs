//! What holds for every case: order does not matter, replay gives the same bytes, one claim wins at most, and a
//! partner learns nothing about the others.

use proptest::prelude::*;

use super::given::{P1, P2, P3, at, direct, facts, judged, registration, with_bid};
use super::*;
use crate::ids::PartnerId;
use crate::registrations::ClaimFinding;
use crate::territories::Coverage;

fn claims() -> impl Strategy<Value = Vec<Claim>> {
    let coverage = proptest::sample::select(Coverage::ALL);
    let products = proptest::sample::select(vec!["", "X", "Y", "X Y"]);
    let partner = proptest::sample::select(vec![P1, P2, P3]);
    let claim = (partner, 1..28_u32, 0..60_u32, coverage, products, proptest::bool::ANY);
    let direct_activity = proptest::option::of(1..28_u32);
    (proptest::collection::vec(claim, 1..6), direct_activity).prop_map(|(drawn, activity)| {
        let mut claims = Vec::new();
        for (at, (partner, day, minute, coverage, products, has_distributor)) in drawn.into_iter().enumerate()
        {
            let claim = registration(partner, &format!("04-{day:02} 10:{minute:02}"));
            let mut claim = with_bid(claim, |bid| {
                bid.coverage = coverage;
                bid.distributor = (has_distributor && partner != P3).then_some(P3);
                bid.priority.submission_seq = at as u64;
            });
            claim.id = uuid::Uuid::from_u128(at as u128);
            claim.products = products.split_whitespace().collect();
            claims.push(claim);
        }
        claims.extend(activity.map(|day| direct("03-01", &[&format!("04-{day:02} 09:00")])));
        claims
    })
}

fn case() -> impl Strategy<Value = Facts> {
    let reserved = proptest::option::of(proptest::sample::select(vec![
        Party::Direct,
        Party::Partner(P1),
        Party::Partner(P2),
    ]));
    let choice = proptest::option::of(proptest::sample::select(vec![P1, P2]));
    (claims(), reserved, choice).prop_map(|(claims, reserved, choice)| Facts {
        reserved_to: reserved.map(|value| Observed { value, observed_at: at("04-01") }),
        customer_choice: choice.map(|value| Observed { value, observed_at: at("04-01") }),
        ..facts(&claims)
    })
}

/// The same case with every other partner replaced by one of another name.
fn with_other_rivals(given: Facts, own: PartnerId) -> Facts {
    let renamed = |it: PartnerId| {
        if it == own { it } else { PartnerId(uuid::Uuid::from_u128(it.0.as_u128() + 0x9000)) }
    };
    let claims = given.claims.into_iter().map(|claim| match claim.bid() {
        Some(_) => with_bid(claim, |bid| {
            bid.partner = renamed(bid.partner);
            bid.distributor = bid.distributor.map(renamed);
        }),
        None => claim,
    });
    let party = |it| match it {
        Party::Partner(partner) => Party::Partner(renamed(partner)),
        Party::Direct => Party::Direct,
    };
    Facts {
        claims: claims.collect(),
        reserved_to: given.reserved_to.map(|it| Observed { value: party(it.value), ..it }),
        customer_choice: given.customer_choice.map(|it| Observed { value: renamed(it.value), ..it }),
        ..given
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_order_of_gathering_changes_no_byte((given, shuffled) in case().prop_flat_map(|given| {
        let shuffled = Just(given.claims.clone()).prop_shuffle();
        (Just(given), shuffled)
    })) {
        let reordered = Facts { claims: shuffled, ..given.clone() };
        prop_assert_eq!(judged(given).canonical_json(), judged(reordered).canonical_json());
    }

    #[test]
    fn a_verdict_replays_to_the_same_bytes(given in case()) {
        let stored = judged(given).canonical_json();
        let again = replay(&stored, &ConflictPolicy::default()).unwrap();
        prop_assert_eq!(again.canonical_json(), stored);
    }

    /// Whoever asks, and whatever the tie window: of two overlapping claims of different sides, one at most may go
    /// ahead.
    #[test]
    fn of_two_overlapping_claims_one_at_most_goes_first(given in case(), tie_minutes in 0..60_u32) {
        let tie = format!("tie_window_minutes = {tie_minutes}");
        let text = include_str!("../../policies/conflict.toml").replace("tie_window_minutes = 0", &tie);
        let policy = ConflictPolicy::parse(&text).unwrap();
        let ahead: Vec<&Claim> = given.claims.iter().filter(|claim| {
            let asked = Facts { subject: claim.key(), ..given.clone() };
            let finding = judge(&policy, asked.try_into().unwrap()).finding(claim.key());
            matches!(finding, Some(ClaimFinding::Clear | ClaimFinding::Upheld))
        }).collect();
        for (one, other) in ahead.iter().flat_map(|one| ahead.iter().map(move |other| (*one, *other))) {
            let partners = |it: &Claim| [Some(it.party()), it.distributor().map(Party::Partner)];
            let is_one_side = partners(one).iter().flatten().any(|it| partners(other).contains(&Some(*it)));
            prop_assert!(is_one_side || overlap(one, other, false).is_none());
        }
    }

    #[test]
    fn every_claim_that_does_not_win_was_removed_once(given in case()) {
        let verdict = judged(given);
        if let Outcome::Upheld { winner } = verdict.outcome {
            prop_assert_eq!(verdict.finding(winner), Some(ClaimFinding::Upheld));
            let removals = verdict.trace.iter().map(|it| it.removed.len()).sum::<usize>();
            let lost = verdict.contested.iter().filter(|it| verdict.finding(**it) == Some(ClaimFinding::Lost));
            prop_assert_eq!(lost.count(), removals);
        }
    }

    /// Who sees a claim sees the same whoever the rivals are: rivals of other names change no byte of the view.
    #[test]
    fn a_view_does_not_depend_on_who_the_rivals_are(given in case()) {
        let subject = given.subject;
        let Some(Party::Partner(own)) = given.claims.iter().find(|it| it.key() == subject).map(Claim::party) else {
            panic!("the subject is a registration");
        };
        let before = partner_view(&judged(given.clone()), own, subject);
        let after = partner_view(&judged(with_other_rivals(given, own)), own, subject);
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_view_names_no_rival(given in case()) {
        let verdict = judged(given);
        for claim in verdict.contested.clone() {
            let Some(Party::Partner(own)) = verdict.case.claim(claim).map(Claim::party) else { continue };
            let view = serde_json::to_string(&partner_view(&verdict, own, claim)).unwrap();
            for other in &verdict.case.facts().claims {
                if other.key() != claim {
                    prop_assert!(!view.contains(&other.id.to_string()));
                }
            }
            for rival in [P1, P2, P3].into_iter().filter(|it| *it != own) {
                prop_assert!(!view.contains(&rival.to_string()));
                prop_assert!(partner_view(&verdict, rival, claim).is_none());
            }
        }
    }
}

#[test]
fn a_verdict_of_another_policy_is_not_replayed() {
    let stored = judged(facts(&[registration(P1, "04-06")])).canonical_json();
    let other = ConflictPolicy::default().named("2026-05");
    assert!(matches!(replay(&stored, &other), Err(ReplayRefusal::VerdictOfOtherPolicy { .. })));
    let doubled = stored.replace("\"policy\"", "\"oracle\"");
    let unreadable = replay(&doubled, &ConflictPolicy::default());
    assert!(matches!(unreadable, Err(ReplayRefusal::VerdictUnreadable(_))));
}

#[test]
fn the_winner_over_direct_sales_is_not_told_that_there_was_one() {
    let partner = registration(P1, "05-01");
    let verdict = judged(facts(&[partner.clone(), direct("03-01", &["03-20"])]));
    let view = partner_view(&verdict, P1, partner.key()).unwrap();
    assert_eq!((view.finding, view.code, view.rule), (ClaimFinding::Upheld, None, None));
}

#[test]
fn a_check_has_one_shape_and_says_less_when_told_to() {
    let (first, second) = (registration(P1, "04-06 10:00"), registration(P2, "04-06 15:30"));
    let policy = ConflictPolicy::default();
    let blocked = judged(facts(&[second.clone(), first.clone()]));
    assert_eq!(check_answer(&policy, &blocked), CheckAnswer::Blocked);
    assert_eq!(check_answer(&policy, &judged(facts(std::slice::from_ref(&first)))), CheckAnswer::Clear);

    let text = include_str!("../../policies/conflict.toml").replace("\"FULL\"", "\"MINIMAL\"");
    let minimal = ConflictPolicy::parse(&text).unwrap();
    let mut customer = first.clone();
    customer.ground = Ground::Incumbent { partner: P1, is_active: true };
    customer.products = ["Z"].into_iter().collect();
    let verdict = judged(facts(&[second, customer]));
    assert_eq!(check_answer(&minimal, &verdict), CheckAnswer::NeedsReview);
    assert_eq!(check_answer(&policy, &verdict), CheckAnswer::Clear);
}

#[test]
fn a_claim_that_does_not_meet_the_winner_is_free_again() {
    let with_products =
        |claim: Claim, codes: &str| Claim { products: codes.split_whitespace().collect(), ..claim };
    let first = with_products(registration(P1, "04-06 10:00"), "X");
    let second = with_products(registration(P2, "04-06 11:00"), "X Y");
    let third = with_products(registration(P3, "04-06 12:00"), "Y");
    let claims = [third.clone(), second.clone(), first.clone()];
    let verdict = judged(facts(&claims));
    assert_eq!(verdict.contested.len(), 3);
    assert_eq!(verdict.finding(third.key()), Some(ClaimFinding::Clear));
    assert_eq!(verdict.finding(second.key()), Some(ClaimFinding::Lost));
}

#[test]
fn a_partner_does_not_lose_to_itself() {
    let own = registration(P1, "04-06 10:00");
    let mut again = registration(P1, "04-06 10:30");
    again.id = uuid::Uuid::from_u128(0x999);
    let rival = registration(P2, "04-06 11:00");
    let verdict = judged(facts(&[again.clone(), own, rival.clone()]));
    assert_eq!(verdict.finding(again.key()), Some(ClaimFinding::Upheld));
    assert_eq!(verdict.finding(rival.key()), Some(ClaimFinding::Lost));
}

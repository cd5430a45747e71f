//! The worked examples of the domain model, section 6, with its numbers.

use chrono::TimeDelta;

use super::given::*;
use super::*;
use crate::registrations::{ClaimFinding, RejectCode};
use crate::territories::Coverage;

fn check_upheld(verdict: &Verdict, rule: Rule, winner: &Claim) {
    assert_eq!(verdict.outcome, Outcome::Upheld { winner: winner.key() }, "{:#?}", verdict.trace);
    assert_eq!(verdict.decided_by(), Some(rule));
}

#[test]
fn example_1_the_first_registration_goes_first() {
    let (first, second) = (registration(P1, "04-06 10:00"), registration(P2, "04-06 15:30"));
    for claims in [[first.clone(), second.clone()], [second.clone(), first.clone()]] {
        let verdict = judged(facts(&claims));
        check_upheld(&verdict, Rule::FirstRegistered, &first);
        assert_eq!(verdict.removal(second.key()).unwrap().1.code, RejectCode::AlreadyRegistered);
        assert_eq!(verdict.types, [ConflictType::DuplicateRegistration].into());
    }
}

#[test]
fn example_2_a_late_resubmission_loses_its_place() {
    let rival = registration(P2, "04-06 15:30");
    let kept = registration(P1, "04-06 10:00");
    check_upheld(&judged(facts(&[kept.clone(), rival.clone()])), Rule::FirstRegistered, &kept);
    let reset = registration(P1, "04-15 09:00");
    check_upheld(&judged(facts(&[reset, rival.clone()])), Rule::FirstRegistered, &rival);
}

#[test]
fn example_3_an_exclusive_holder_goes_first_where_its_territory_is() {
    let covering = |claim, coverage| with_bid(claim, |bid| bid.coverage = coverage);
    let in_osaka = [
        covering(registration(P1, "04-10"), Coverage::Uncovered),
        covering(registration(P3, "04-12"), Coverage::Exclusive),
    ];
    let verdict = judged(facts(&in_osaka));
    check_upheld(&verdict, Rule::Territory, &in_osaka[1]);
    assert!(verdict.types.contains(&ConflictType::Territory));
    let at_head_office =
        [registration(P1, "04-10"), covering(registration(P3, "04-12"), Coverage::Uncovered)];
    check_upheld(&judged(facts(&at_head_office)), Rule::Territory, &at_head_office[0]);
}

#[test]
fn example_4_a_renewal_stays_with_the_incumbent() {
    let holder = incumbent(P2, "10-01");
    let verdict = judged(facts(&[renewal(registration(P1, "04-06")), holder.clone()]));
    check_upheld(&verdict, Rule::Incumbent, &holder);
    assert_eq!(verdict.removal(verdict.case.facts().subject).unwrap().1.code, RejectCode::ExistingCustomer);
    assert_eq!(verdict.types, [ConflictType::Incumbent].into());

    let mut other_product = registration(P1, "04-06");
    other_product.products = ["Y"].into_iter().collect();
    let verdict = judged(facts(&[other_product, holder]));
    assert_eq!(verdict.outcome, Outcome::Clear);
    assert!(verdict.types.is_empty());
}

#[test]
fn example_5_direct_sales_goes_first_unless_it_was_idle() {
    let partner = registration(P1, "05-01");
    let idle = direct("03-01", &["03-20"]);
    check_upheld(&judged(facts(&[partner.clone(), idle])), Rule::DirectEngagement, &partner);
    let engaged = direct("03-01", &["03-20", "04-15"]);
    let verdict = judged(facts(&[partner.clone(), engaged.clone()]));
    check_upheld(&verdict, Rule::DirectEngagement, &engaged);
    assert_eq!(verdict.removal(partner.key()).unwrap().1.code, RejectCode::DirectEngaged);
    assert_eq!(verdict.types, [ConflictType::PartnerVsDirect].into());
    let later_than_the_partner = direct("05-01 00:01", &["04-15"]);
    check_upheld(
        &judged(facts(&[partner.clone(), later_than_the_partner])),
        Rule::DirectEngagement,
        &partner,
    );
}

#[test]
fn example_6_the_tie_window_is_anchored_at_the_earliest() {
    let claims =
        [registration(P2, "04-06 10:00"), registration(P1, "04-06 10:08"), registration(P3, "04-06 10:20")];
    let text = include_str!("../../policies/conflict.toml")
        .replace("tie_window_minutes = 0", "tie_window_minutes = 15");
    let policy = ConflictPolicy::parse(&text).unwrap();
    let verdict = judge(&policy, facts(&claims).try_into().unwrap());
    check_upheld(&verdict, Rule::TierPriority, &claims[1]);
    assert_eq!(verdict.removal(claims[2].key()).unwrap().0.rule, Rule::FirstRegistered);
    assert_eq!(verdict.removal(claims[0].key()).unwrap().0.rule, Rule::TierPriority);
    check_upheld(&judged(facts(&claims)), Rule::FirstRegistered, &claims[0]);
}

#[test]
fn example_7_a_distributor_and_its_reseller_share_one_protection() {
    let reseller =
        |partner, submitted| with_bid(registration(partner, submitted), |bid| bid.distributor = Some(P3));
    let family = [registration(P3, "04-06"), reseller(P1, "04-07")];
    let verdict = judged(facts(&family));
    assert_eq!(verdict.outcome, Outcome::Coexist);
    assert_eq!(verdict.types, [ConflictType::MultiTier].into());
    assert_eq!(verdict.finding(family[1].key()), Some(ClaimFinding::Shared));

    let two_resellers = [registration(P3, "04-06"), reseller(P1, "04-07"), reseller(P2, "04-08")];
    assert_eq!(judged(facts(&two_resellers)).outcome, Outcome::Manual);
    let without_the_distributor = [reseller(P1, "04-07"), reseller(P2, "04-08")];
    let verdict = judged(facts(&without_the_distributor));
    check_upheld(&verdict, Rule::FirstRegistered, &without_the_distributor[0]);
}

#[test]
fn example_8_a_name_alone_is_for_a_person_not_a_rejection() {
    let mut doubtful = registration(P2, "04-06 15:30");
    doubtful.account = ClaimedAccount { golden: A3, family: None, possible: [A1].into() };
    let known = registration(P1, "04-06 10:00");
    for claims in [vec![doubtful.clone(), known.clone()], vec![known, doubtful.clone()], vec![doubtful]] {
        let verdict = judged(facts(&claims));
        assert_eq!(verdict.outcome, Outcome::Manual);
        assert_eq!(verdict.types, [ConflictType::PossibleSameAccount].into());
        assert!(verdict.trace.iter().all(|it| it.removed.is_empty()));
    }
}

#[test]
fn example_9_a_direct_opportunity_found_later_reopens_and_revokes_nothing() {
    let partner = registration(P1, "05-01");
    let earlier = judged(facts(std::slice::from_ref(&partner)));
    assert_eq!(earlier.outcome, Outcome::Clear);
    let later = judged(facts(&[partner, direct("04-01", &["04-21"])]));
    let settled = ConflictState { status: ConflictStatus::AutoResolved, ..ConflictState::detected() };
    let (state, diff) = settled.reconsider(&earlier, &later);
    assert_eq!(state.status, ConflictStatus::Reopened);
    assert_eq!(diff.outcome, Some((earlier.outcome, later.outcome)));
    assert_eq!(diff.claims_added.len(), 1);
    assert_eq!(state.review().map(|it| it.status), Ok(ConflictStatus::UnderReview));
}

#[test]
fn example_10_a_merge_raises_a_conflict_and_its_undoing_dismisses_it() {
    let first = registration(P1, "04-06 10:00");
    let mut apart = registration(P2, "04-03 09:00");
    let merged = judged(facts(&[first.clone(), apart.clone()]));
    check_upheld(&merged, Rule::FirstRegistered, &apart);
    let raised = ConflictState::detected().settle(merged.outcome, at("06-01")).unwrap();

    apart.account.golden = A3;
    let unmerged = judged(facts(&[first, apart]));
    assert_eq!(unmerged.outcome, Outcome::Clear);
    let (state, _) = raised.reconsider(&merged, &unmerged);
    assert_eq!(state.status, ConflictStatus::Dismissed);
}

#[test]
fn the_customers_choice_goes_before_everything_but_a_house_account() {
    let claims = [registration(P1, "04-06 10:00"), registration(P2, "04-06 15:30")];
    let chosen = Facts { customer_choice: observed(P2), ..facts(&claims) };
    check_upheld(&judged(chosen.clone()), Rule::CustomerChoice, &claims[1]);
    let house = Facts { reserved_to: observed(Party::Direct), ..chosen };
    let verdict = judged(house);
    assert_eq!((verdict.outcome, verdict.decided_by()), (Outcome::Manual, Some(Rule::ReservedAccount)));
    assert!(verdict.types.contains(&ConflictType::NamedAccount));
}

#[test]
fn a_reserved_account_goes_to_its_holder_or_to_a_person() {
    let claims = [registration(P1, "04-06 10:00"), registration(P2, "04-06 15:30")];
    let named = Facts { reserved_to: observed(Party::Partner(P2)), ..facts(&claims) };
    check_upheld(&judged(named), Rule::ReservedAccount, &claims[1]);
    let alone = Facts { reserved_to: observed(Party::Partner(P2)), ..facts(&claims[..1]) };
    assert_eq!(judged(alone).outcome, Outcome::Manual);
}

#[test]
fn a_single_claim_is_clear_unless_it_lies_outside_the_territory() {
    let single = registration(P1, "04-06");
    assert_eq!(judged(facts(std::slice::from_ref(&single))).outcome, Outcome::Clear);
    let outside = with_bid(single, |bid| bid.coverage = Coverage::Uncovered);
    let verdict = judged(facts(&[outside]));
    assert_eq!((verdict.outcome, verdict.types), (Outcome::Manual, [ConflictType::Territory].into()));
}

#[test]
fn equal_claims_are_for_a_person() {
    let text = include_str!("../../policies/conflict.toml").replace("    \"FIRST_REGISTERED\",\n", "");
    let policy = ConflictPolicy::parse(&text).unwrap();
    let claims = [registration(P2, "04-06 10:00"), registration(P3, "04-06 10:08")];
    let verdict = judge(&policy, facts(&claims).try_into().unwrap());
    assert_eq!((verdict.outcome, verdict.decided_by()), (Outcome::Manual, Some(Rule::Manual)));
}

#[test]
fn stale_data_makes_everything_provisional() {
    let mut stale = facts(&[registration(P1, "04-06")]);
    stale.sources[0].watermark -= TimeDelta::minutes(16);
    assert_eq!(judged(stale.clone()).outcome, Outcome::Provisional);
    stale.sources[0].looked_up_at = Some(stale.evaluated_at);
    assert_eq!(judged(stale).outcome, Outcome::Clear);
}

#[test]
fn one_lead_accepted_twice_and_one_deal_won_twice_are_conflicts_of_their_own() {
    let lead = |partner, submitted| {
        let mut claim = registration(partner, submitted);
        let bid = *claim.bid().unwrap();
        claim.ground = Ground::AcceptedLead { lead: A3, bid };
        claim
    };
    let verdict = judged(facts(&[lead(P1, "04-06"), lead(P2, "04-07")]));
    assert_eq!(verdict.types, [ConflictType::LeadDoubleAssignment].into());

    let won =
        |partner| Claim { standing: ClaimStanding::Won, deal: Some(A1), ..registration(partner, "04-06") };
    let verdict = judged(facts(&[won(P1), won(P2)]));
    assert_eq!(verdict.types, [ConflictType::Attribution].into());
}

#[test]
fn a_won_deal_that_is_ascribed_to_two_is_for_a_person() {
    let won = |partner, submitted| {
        let claim = registration(partner, submitted);
        Claim { standing: ClaimStanding::Won, deal: Some(A3), ..claim }
    };
    let claims = [won(P1, "04-06 10:00"), won(P2, "04-06 15:30")];
    let verdict = judged(facts(&claims));
    assert_eq!(verdict.outcome, Outcome::Manual);
    assert_eq!(verdict.types, [ConflictType::Attribution].into());
    assert_eq!(verdict.contested, claims.iter().map(Claim::key).collect());
    let alone = judged(facts(&claims[..1]));
    assert_eq!((alone.outcome, alone.types.is_empty()), (Outcome::Clear, true));
}

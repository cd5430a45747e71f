//! What people decide about conflicts, and what partners hear of it.

use chrono::TimeDelta;
use domain::access::Role;
use serde_json::{Value, json};

use super::{sample, sample_with};
use crate::harness::{GivenPartner, TestGateway, on_every_store};

/// Two rivals that the rules cannot tell apart: the account is reserved to somebody else. Gives them with their claims.
async fn given_open_case(gateway: &TestGateway) -> [(GivenPartner, String); 2] {
    let customer = gateway.given_sample().await;
    let holder = gateway.given_seller("丁").await;
    let reserve = json!({ "accountId": customer, "holder": "PARTNER", "partnerId": holder.id });
    gateway.as_admin().change("reserveAccount", reserve, "accountId").await.data();
    let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
    let first = gateway.given_registration(&p1, sample()).await;
    let second = gateway.given_registration(&p2, sample()).await;
    [(p1, first), (p2, second)]
}

/// The claims of a conflict as an input names them.
fn claims(conflict: &Value, shares: &[u32]) -> Value {
    let parties = conflict["parties"].as_array().unwrap().iter().zip(shares);
    parties
        .map(|(it, share)| json!({ "kind": it["kind"], "claimId": it["claimId"], "share": share }))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_splits_a_deal_that_the_rules_leave_open() {
    on_every_store(async |gateway| {
        let [(p1, first), (p2, second)] = given_open_case(gateway).await;
        let conflict = gateway.conflict_of(&second).await;
        assert_eq!(conflict["status"], "UNDER_REVIEW");
        let wrong = json!({ "resolution": "SPLIT", "claims": claims(&conflict, &[6_000, 4_001]) });
        gateway.rules("kato", &conflict, wrong).await.assert_refused("RESOLUTION_SHARES");
        let half = json!({ "resolution": "SPLIT", "claims": claims(&conflict, &[6_000, 4_000]) });
        let settled = gateway.rules("kato", &conflict, half).await;
        assert_eq!(settled.at("/resolveConflict/channelConflict/outcome"), "SPLIT");
        gateway.assert_standing(&p1, &first, ["SHARED", "", "MANUAL"]).await;
        gateway.assert_standing(&p2, &second, ["SHARED", "", "MANUAL"]).await;
        gateway.step(&gateway.as_admin(), "approveRegistration", &second).await.data();
        gateway.let_job_run(super::CHECKS).await;
        gateway.assert_standing(&p1, &first, ["SHARED", "", "MANUAL"]).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loser_appeals_once_and_somebody_else_answers() {
    on_every_store(async |gateway| {
        let [(p1, first), (p2, second)] = given_open_case(gateway).await;
        let conflict = gateway.conflict_of(&second).await;
        let of = |id: &str| {
            let parties = conflict["parties"].as_array().unwrap();
            let partner = if id == first { &p1.id } else { &p2.id };
            let party = parties.iter().find(|it| it["partner"]["id"] == *partner).unwrap();
            json!({ "resolution": "UPHELD", "claims": [{ "kind": party["kind"], "claimId": party["claimId"] }] })
        };
        gateway.rules("kato", &conflict, of(&first)).await.data();
        gateway.assert_standing(&p2, &second, ["LOST", "ALREADY_REGISTERED", "MANUAL"]).await;
        let appeal = |id: &str| json!({ "registrationId": id, "reason": "先に提案していました" });
        let selection = "dealRegistration { standing { conflictStatus appealUntil } }";
        gateway.as_rep_of(&p1).change("appealConflict", appeal(&first), selection).await.assert_refused("APPEAL_NOT_LOSER");
        let appealed = gateway.as_rep_of(&p2).change("appealConflict", appeal(&second), selection).await;
        assert_eq!(appealed.at("/appealConflict/dealRegistration/standing/conflictStatus"), "APPEALED");
        gateway.rules("kato", &conflict, of(&second)).await.assert_refused("APPEAL_SAME_REVIEWER");
        gateway.rules("mori", &conflict, of(&second)).await.data();
        gateway.assert_standing(&p2, &second, ["UPHELD", "", "MANUAL"]).await;
        gateway.as_rep_of(&p1).change("appealConflict", appeal(&first), selection).await.assert_refused("APPEAL_TWICE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_comes_in_time_or_not_at_all() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        gateway.given_registration(&p1, sample()).await;
        let lost = gateway.given_registration(&p2, sample()).await;
        let question = format!("{{ dealRegistration(id: \"{lost}\") {{ standing {{ appealUntil }} }} }}");
        let standing = gateway.as_rep_of(&p2).ask(&question).await;
        assert_eq!(standing.at("/dealRegistration/standing/appealUntil"), "2026-06-15T09:00:00+00:00");
        gateway.let_pass_until("2026-06-15T09:00:01Z");
        let appeal = json!({ "registrationId": lost, "reason": "先に提案していました" });
        let late = gateway.as_rep_of(&p2).change("appealConflict", appeal, "dealRegistration { id }").await;
        late.assert_refused("APPEAL_TOO_LATE");
        gateway.let_job_run(super::CHECKS).await;
        assert_eq!(gateway.conflict_of(&lost).await["status"], "CLOSED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_rival_clears_the_way() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let first = gateway.given_registration(&p1, sample()).await;
        let second = gateway.given_registration(&p2, sample()).await;
        gateway.step(&gateway.as_rep_of(&p1), "withdrawRegistration", &first).await.data();
        gateway.let_job_run(super::CHECKS).await;
        gateway.assert_standing(&p2, &second, ["CLEAR", "", ""]).await;
        assert_eq!(gateway.conflict_of(&second).await["status"], "DISMISSED");
        gateway.step(&gateway.as_admin(), "approveRegistration", &second).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_hear_of_their_own_registrations_alone() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let p3 = gateway.given_seller("丙").await;
        let stranger =
            gateway.given_registration(&p3, sample_with("corporateNumber", json!("4011001098993"))).await;
        let raised =
            "subscription { conflictRaised { step dealRegistration { companyName partner { id } } } }";
        let decided = "subscription { registrationDecided { step dealRegistration { id } } }";
        let mut loser = gateway.as_rep_of(&p2).listen(raised).await;
        let mut third = gateway.as_rep_of(&p3).listen(decided).await;
        let first = gateway.given_registration(&p1, sample()).await;
        gateway.given_registration(&p2, sample()).await;
        let heard = loser.next().await.data()["conflictRaised"].clone();
        assert_eq!(
            (&heard["step"], &heard["dealRegistration"]["partner"]["id"]),
            (&json!("CONTESTED"), &json!(p2.id))
        );
        for id in [&first, &stranger] {
            gateway.step_because(&gateway.as_admin(), "approveRegistration", id).await.data();
        }
        let heard = third.next().await.data()["registrationDecided"].clone();
        assert_eq!(heard, json!({ "step": "APPROVED", "dealRegistration": { "id": stranger } }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_learns_nothing_of_its_rival_and_managers_see_their_own_set() {
    on_every_store(async |gateway| {
        gateway.given_sample().await;
        let [p1, p2] = [gateway.given_seller("秘密の甲").await, gateway.given_seller("乙").await];
        let first = gateway.given_registration(&p1, sample()).await;
        gateway.let_pass(TimeDelta::minutes(7));
        let second = gateway.given_registration(&p2, sample()).await;
        let conflict = gateway.conflict_of(&second).await;
        let question = format!(
            "{{ dealRegistration(id: \"{second}\") {{ standing {{ finding code rule ruleName reason }} conflict {{ id }}
                verdict {{ canonicalJson }} submissionSeq history {{ step note subject }} }}
              node(id: {}) {{ id }} channelConflict(id: {}) {{ id }} }}",
            conflict["id"], conflict["id"]
        );
        let seen = gateway.as_admin_of(&p2).ask(&question).await;
        for hidden in ["conflict", "verdict", "submissionSeq"] {
            assert_eq!(seen.at(&format!("/dealRegistration/{hidden}")), &Value::Null);
        }
        assert_eq!(seen.at("/node"), &Value::Null);
        assert_eq!(seen.at("/dealRegistration/standing/reason"), "登録済み");
        for secret in ["秘密の甲", p1.id.as_str(), &first, "2026-06-01T00:00:00"] {
            assert!(!seen.text.contains(secret), "{secret}: {}", seen.text);
        }
        gateway.as_admin_of(&p2).ask("{ channelConflicts { totalCount } }").await.assert_refused("FORBIDDEN");
        let count = async |subject: &str| {
            let answer = gateway.as_channel_manager(subject).ask("{ channelConflicts { totalCount } }").await;
            answer.at("/channelConflicts/totalCount").clone()
        };
        assert_eq!(count("tanaka").await, 0);
        let version = gateway.as_admin().ask(&format!("{{ partner(id: \"{}\") {{ version }} }}", p2.id)).await;
        let managed = json!({ "id": p2.id, "version": version.at("/partner/version"), "managers": ["tanaka"] });
        gateway.as_admin().change("updatePartner", managed, "partner { id }").await.data();
        assert_eq!(count("tanaka").await, 1);
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        let input = json!({ "conflictId": conflict["id"], "reason": "確認した" });
        steward.change("dismissConflict", input, "channelConflict { id }").await.assert_refused("FORBIDDEN");
    })
    .await;
}

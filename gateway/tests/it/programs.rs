//! Programs and tiers: what the gateway measures, who is promoted and demoted, and who is a promising prospect.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Role;
use domain::fields::opportunity;
use gateway::programs::tiers::held_at;
use serde_json::{Value, json};

use crate::harness::{Answer, GivenPartner, Said, TestGateway, instant, on_every_store};

/// Three tiers of the fiscal year in which every test begins.
pub const PROGRAM: &str = r#"
name = "パートナープログラム"
fiscal_year = 2026

[[tiers]]
code = "GOLD"
rank = 1
criteria = ["partnerSourcedRevenue >= 5000000", "certifiedUsers >= 3"]
benefits = ["DEDICATED_DESK"]

[[tiers]]
code = "SILVER"
rank = 2
criteria = ["partnerSourcedRevenue >= 1000000"]

[[tiers]]
code = "BRONZE"
rank = 3
"#;

async fn draft(gateway: &TestGateway, document: &str) -> Answer {
    let input = json!({ "document": document });
    gateway.as_admin().change("draftProgram", input, "program { id state number }").await
}

/// A deal that the partner brought, won on a date.
async fn given_deal(gateway: &TestGateway, partner: &GivenPartner, won_on: &str, amount: &str) {
    let id = format!("006{won_on}{}", partner.key);
    let said = Said::opportunity(&id, &id).with(opportunity::sourcing_partner, &partner.key.to_string());
    let said = said.with(opportunity::amount, amount).with(opportunity::is_won, "true");
    gateway.hears([said.with(opportunity::close_date, won_on)]).await;
}

/// Lets time pass until an instant, and evaluates what is due then, twice at once.
async fn evaluate_at(gateway: &TestGateway, at: &str) {
    gateway.let_pass(instant(at) - gateway.services.clock.now());
    let job = || gateway.services.run_job("programs.evaluate");
    let (one, two) = futures::join!(job(), job());
    one.and(two).unwrap();
}

async fn evaluations(gateway: &TestGateway) -> Vec<Value> {
    let question =
        "{ tierEvaluations(orderBy: CREATED_ASC) { nodes { quarter earned tier change quartersBelow } } }";
    gateway.as_admin().ask(question).await.at("/tierEvaluations/nodes").as_array().unwrap().clone()
}

fn outcome(quarter: i32, earned: &str, tier: &str, change: &str, below: i32) -> Value {
    json!({ "quarter": quarter, "earned": earned, "tier": tier, "change": change, "quartersBelow": below })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_drafted_and_put_in_force() {
    on_every_store(async |gateway| {
        let first = draft(gateway, PROGRAM).await;
        let expected = json!({ "id": first.at("/draftProgram/program/id"), "state": "DRAFT", "number": 1 });
        assert_eq!(first.at("/draftProgram/program"), &expected);
        let second = draft(gateway, &PROGRAM.replace("5000000", "6000000")).await;
        let admin = gateway.as_admin();
        for answer in [&first, &second] {
            let input = json!({ "id": answer.at("/draftProgram/program/id") });
            admin.change("activateProgram", input, "program { id }").await.data();
        }
        let question =
            "{ programs(fiscalYear: 2026) { number state tiers { code criteria benefits } document } }";
        let read = admin.ask(question).await;
        assert_eq!(read.at("/programs/0/state"), "ACTIVE");
        assert_eq!(read.at("/programs/1/state"), "RETIRED");
        let gold = json!({
            "code": "GOLD", "benefits": ["DEDICATED_DESK"],
            "criteria": ["partnerSourcedRevenue >= 6000000", "certifiedUsers >= 3"],
        });
        assert_eq!(read.at("/programs/0/tiers/0"), &gold);
        let back = json!({ "id": first.at("/draftProgram/program/id") });
        admin.change("activateProgram", back, "program { id }").await.assert_refused("PROGRAM_NOT_DRAFT");
        let partner = gateway.given_partner("極洋").await;
        draft(gateway, PROGRAM).await.data();
        let seen = gateway.as_rep_of(&partner).ask("{ programs { state document } }").await;
        let expected =
            json!([{ "state": "ACTIVE", "document": null }, { "state": "RETIRED", "document": null }]);
        assert_eq!(seen.at("/programs"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_leaves_questions_is_refused() {
    on_every_store(async |gateway| {
        for (from, to, code) in [
            ("certifiedUsers >= 3", "goodLooks >= 3", "CRITERION_METRIC_UNKNOWN"),
            ("certifiedUsers >= 3", "syncLag >= 3", "CRITERION_METRIC_NOT_OF_PARTNER"),
            ("certifiedUsers >= 3", "certifiedUsers", "CRITERION_UNREADABLE"),
            ("rank = 3", "rank = 4", "PROGRAM_RANKS"),
            ("rank = 3\n", "rank = 3\ncriteria = [\"certifiedUsers >= 1\"]\n", "PROGRAM_LOWEST_TIER"),
            ("name", "nane", "PROGRAM_UNREADABLE"),
        ] {
            draft(gateway, &PROGRAM.replacen(from, to, 1)).await.assert_refused(code);
        }
        assert_eq!(gateway.as_admin().ask("{ programs { id } }").await.at("/programs"), &json!([]));
        let manager = gateway.as_channel_manager("aoki");
        let input = json!({ "document": PROGRAM });
        manager.change("draftProgram", input, "program { id }").await.assert_refused("FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_counts_at_once_and_a_demotion_after_a_grace_quarter() {
    on_every_store(async |gateway| {
        gateway.given_program(PROGRAM).await;
        let partner = gateway.given_partner("極洋").await;
        given_deal(gateway, &partner, "2026-06-30", "1200000").await;
        // In Japan it is still the evening of the tenth business day of July.
        evaluate_at(gateway, "2026-07-14T14:59:59Z").await;
        assert!(evaluations(gateway).await.is_empty());
        evaluate_at(gateway, "2026-07-14T15:00:00Z").await;
        evaluate_at(gateway, "2026-10-16T00:00:00Z").await;
        evaluate_at(gateway, "2027-01-20T00:00:00Z").await;
        let expected = [
            outcome(1, "SILVER", "SILVER", "PROMOTED", 0),
            outcome(2, "BRONZE", "SILVER", "GRACE", 1),
            outcome(3, "BRONZE", "BRONZE", "DEMOTED", 0),
        ];
        assert_eq!(evaluations(gateway).await, expected);
        let tier = async |at: &str| {
            let at: DateTime<Utc> = instant(at);
            let held = held_at(gateway.services.database.read(), &[partner.key], at).await.unwrap();
            held.get(&partner.key).map(|it| (it.code.clone(), it.rank))
        };
        assert_eq!(tier("2026-07-14T14:59:59Z").await, None);
        assert_eq!(tier("2027-01-19T23:59:59Z").await, Some(("SILVER".to_owned(), 2)));
        assert_eq!(tier("2027-01-20T00:00:00Z").await, Some(("BRONZE".to_owned(), 3)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluation_tells_its_evidence_and_what_is_missing_for_the_next_tier() {
    on_every_store(async |gateway| {
        gateway.given_program(PROGRAM).await;
        let partner = gateway.given_partner("極洋").await;
        given_deal(gateway, &partner, "2026-04-01", "4000000").await;
        given_deal(gateway, &partner, "2026-07-01", "9000000").await;
        let measured = |metric: &str, value: &str| {
            let (quarter, value) = (json!(1), json!(value));
            let partner = &partner.id;
            json!({ "partnerId": partner, "fiscalYear": 2026, "quarter": quarter, "metric": metric, "value": value })
        };
        let admin = gateway.as_admin();
        for (input, code) in [
            (measured("partnerSourcedRevenue", "1"), "METRIC_MEASURED_HERE"),
            (measured("goodLooks", "1"), "CRITERION_METRIC_UNKNOWN"),
        ] {
            admin.change("recordTierMeasurement", input, "partner { id }").await.assert_refused(code);
        }
        // What is entered and synced after the quarter's end still counts for a while.
        for (at, value) in [("2026-06-30T00:00:00Z", "1"), ("2026-07-14T00:00:00Z", "2")] {
            evaluate_at(gateway, at).await;
            let input = measured("certifiedUsers", value);
            admin.change("recordTierMeasurement", input, "partner { id }").await.data();
        }
        given_deal(gateway, &partner, "2026-06-30", "2000000").await;
        evaluate_at(gateway, "2026-07-15T00:00:00Z").await;
        let late = admin.change("recordTierMeasurement", measured("certifiedUsers", "3"), "partner { id }").await;
        late.assert_refused("QUARTER_EVALUATED");
        let question = "{ partners { nodes { tier { code rank benefits } tierEvaluations {
            earned change program { number } missingForNext { criterion measured isMet }
            evidence { tier criteria { criterion measured isMet } } } } } }";
        let own = gateway.as_rep_of(&partner).ask(question).await;
        let revenue = |number: &str| {
            json!({ "criterion": format!("partnerSourcedRevenue >= {number}"), "measured": "6000000", "isMet": true })
        };
        let users = json!({ "criterion": "certifiedUsers >= 3", "measured": "2", "isMet": false });
        let expected = json!({
            "tier": { "code": "SILVER", "rank": 2, "benefits": [] },
            "tierEvaluations": [{
                "earned": "SILVER", "change": "PROMOTED", "program": { "number": 1 },
                "missingForNext": [users],
                "evidence": [
                    { "tier": "GOLD", "criteria": [revenue("5000000"), users] },
                    { "tier": "SILVER", "criteria": [revenue("1000000")] },
                    { "tier": "BRONZE", "criteria": [] },
                ],
            }],
        });
        assert_eq!(own.at("/partners/nodes/0"), &expected);
        let rival = gateway.given_partner("別会社").await;
        let seen = gateway.as_admin_of(&rival).ask("{ tierEvaluations { totalCount } }").await;
        assert_eq!(seen.at("/tierEvaluations/totalCount"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tier_is_given_by_hand_with_a_reason() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let give = |tier: &str| json!({ "partnerId": partner.id, "tier": tier, "reason": "移行前のランク" });
        let tier = "partner { tier { code since reason benefits } }";
        let admin = gateway.as_admin();
        admin.change("assignTier", give("GOLD"), tier).await.assert_refused("PROGRAM_MISSING");
        gateway.given_program(PROGRAM).await;
        admin.change("assignTier", give("PLATINUM"), tier).await.assert_refused("TIER_UNKNOWN");
        let given = admin.change("assignTier", give("GOLD"), tier).await;
        let expected = json!({
            "code": "GOLD", "since": "2026-06-01T00:00:00+00:00", "reason": "移行前のランク",
            "benefits": ["DEDICATED_DESK"],
        });
        assert_eq!(given.at("/assignTier/partner/tier"), &expected);
        evaluate_at(gateway, "2026-07-15T00:00:00Z").await;
        let grace = |quarter: i32| outcome(quarter, "BRONZE", "GOLD", "GRACE", 1);
        assert_eq!(evaluations(gateway).await, [grace(1)]);
        gateway.let_pass(TimeDelta::days(1));
        admin.change("assignTier", give("GOLD"), tier).await.data();
        evaluate_at(gateway, "2026-10-16T00:00:00Z").await;
        assert_eq!(evaluations(gateway).await, [grace(1), grace(2)], "given again, it has its grace again");
        evaluate_at(gateway, "2027-01-20T00:00:00Z").await;
        let last = outcome(3, "BRONZE", "BRONZE", "DEMOTED", 0);
        assert_eq!(evaluations(gateway).await, [grace(1), grace(2), last]);
        let rep = gateway.as_admin_of(&partner).change("assignTier", give("GOLD"), tier).await;
        rep.assert_refused("FORBIDDEN");
        let other = gateway.as_channel_manager("baba").change("assignTier", give("GOLD"), tier).await;
        other.assert_refused("NOT_YOUR_PARTNER");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prospects_are_ordered_by_their_score_with_its_reasons() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let mut ids = Vec::new();
        for name in ["甲", "乙", "丙"] {
            let answer = admin.change("createPartner", json!({ "legalName": name }), "partner { id }").await;
            ids.push(answer.at("/createPartner/partner/id").clone());
        }
        let rate = async |id: &Value, criterion: &str, rating: i32| {
            let input = json!({ "partnerId": id, "ratings": [{ "criterion": criterion, "rating": rating }] });
            admin.change("rateProspect", input, "prospect { score }").await
        };
        assert_eq!(rate(&ids[1], "SALES_RESOURCE", 3).await.at("/rateProspect/prospect/score"), "60");
        assert_eq!(rate(&ids[1], "SALES_RESOURCE", 4).await.at("/rateProspect/prospect/score"), "80");
        assert_eq!(rate(&ids[2], "REPUTATION", 5).await.at("/rateProspect/prospect/score"), "100");
        rate(&ids[0], "REPUTATION", 6).await.assert_refused("INVALID_RATING");
        let question = "{ prospects { partner { legalName } score reasons { criterion points } unrated } }";
        let ranked = admin.ask(question).await;
        let order: Vec<&Value> =
            (0..3).map(|it| ranked.at(&format!("/prospects/{it}/partner/legalName"))).collect();
        assert_eq!(order, ["丙", "乙", "甲"]);
        let reasons = json!([{ "criterion": "SALES_RESOURCE", "points": "80" }]);
        assert_eq!(ranked.at("/prospects/1/reasons"), &reasons);
        assert_eq!(ranked.at("/prospects/1/unrated").as_array().unwrap().len(), 6);
        assert_eq!(ranked.at("/prospects/2/score"), &Value::Null);
        let partner = gateway.given_partner("丁").await;
        for client in [gateway.as_admin_of(&partner), gateway.as_staff(Role::IntegrationJob, "job")] {
            client.ask(question).await.assert_refused("FORBIDDEN");
        }
    })
    .await;
}

//! What people do with contracts: draft, send, sign, amend, end.

use entity::conflicts::conflict_check;
use sea_orm::EntityTrait as _;

use super::*;
use crate::harness::deal;

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_goes_from_draft_to_force() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let draft = gateway.given_draft(&partner, json!({})).await;
        let to = async |version: i32, to: &str| {
            let input = json!({ "id": draft["id"], "version": version, "to": to });
            change(gateway, "moveContract", input).await
        };
        to(1, "SENT").await.assert_refused("IMPOSSIBLE_CONTRACT_STEP");
        to(1, "SIGNED").await.assert_refused("CONTRACT_STEP_ELSEWHERE");
        to(1, "LEGAL_REVIEW").await.data();
        to(2, "DRAFT").await.data();
        to(3, "LEGAL_REVIEW").await.data();
        to(3, "SENT").await.assert_refused("VERSION_CONFLICT");
        to(4, "SENT").await.data();
        let ahead = json!({ "id": draft["id"], "version": 5, "signedOn": "2026-06-02" });
        change(gateway, "signContract", ahead).await.assert_refused("CONTRACT_DATE_AHEAD");
        let signed = json!({ "id": draft["id"], "version": 5, "signedOn": "2026-03-20" });
        let answer = change(gateway, "signContract", signed).await;
        assert_eq!(answer.at("/signContract/contract/status"), "IN_FORCE", "its first date has come");
        to(7, "DRAFT").await.assert_refused("IMPOSSIBLE_CONTRACT_STEP");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_contract_is_refused_with_what_is_wrong() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let wrong = [
            (json!({ "startDate": "2027-04-01", "endDate": "2027-03-31" }), "CONTRACT_ENDS_FIRST"),
            (json!({ "startDate": "1899-12-31" }), "CONTRACT_YEAR_IMPOSSIBLE"),
            (json!({ "number": " " }), "NAME_BLANK"),
            (json!({ "terms": { "noticeDays": 4000 } }), "NOTICE_TOO_LONG"),
            (json!({ "terms": { "noticeDays": -1 } }), "NOTICE_TOO_LONG"),
            (json!({ "terms": { "autoRenew": true, "renewalTermMonths": 0 } }), "RENEWAL_TERM_MISSING"),
            (json!({ "terms": { "prefectures": ["13"] } }), "PREFECTURE_UNKNOWN"),
            (json!({ "terms": { "products": [""] } }), "INVALID_PRODUCT"),
            (json!({ "terms": { "clauses": { "nda": "" } } }), "PASSAGE_INVALID"),
        ];
        for (changes, code) in wrong {
            let mut input = json!({
                "partnerId": partner.id, "contractType": "AGENCY", "number": "C-1",
                "startDate": "2026-04-01", "endDate": "2027-03-31", "terms": {},
            });
            input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            change(gateway, "createContract", input).await.assert_refused(code);
        }
        assert_eq!(count(&gateway.as_admin(), "").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_contract_per_number_and_a_retry_gives_the_first() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let first = gateway.given_draft(&partner, json!({ "number": "C-1", "idempotencyKey": "k" })).await;
        let again = gateway.given_draft(&partner, json!({ "number": "C-1", "idempotencyKey": "k" })).await;
        assert_eq!(first, again);
        let input = json!({
            "partnerId": partner.id, "contractType": "NDA", "number": "C-1",
            "startDate": "2026-04-01", "endDate": "2027-03-31", "terms": {},
        });
        change(gateway, "createContract", input).await.assert_refused("CONTRACT_EXISTS");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_rewritten_and_nothing_else_is() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let terms = json!({ "products": ["X"], "noticeDays": 30 });
        let draft = gateway.given_draft(&partner, json!({ "terms": terms })).await;
        let dates = json!({ "id": draft["id"], "version": 1, "endDate": "2026-09-30" });
        let answer = change(gateway, "updateContract", dates).await;
        assert_eq!(answer.at("/updateContract/contract/noticeDeadline"), "2026-08-31");
        let backwards = json!({ "id": draft["id"], "version": 2, "startDate": "2026-10-01" });
        change(gateway, "updateContract", backwards).await.assert_refused("CONTRACT_ENDS_FIRST");
        let terms = json!({ "id": draft["id"], "version": 2, "terms": { "products": ["Y"] } });
        change(gateway, "updateContract", terms).await.data();
        let question = "{ contracts { nodes { endDate versions { number products noticeDays } } } }";
        let read = gateway.as_admin().ask(question).await;
        let versions = json!([{ "number": 1, "products": ["Y"], "noticeDays": 90 }]);
        assert_eq!(read.at("/contracts/nodes/0"), &json!({ "endDate": "2026-09-30", "versions": versions }));
        let signed = gateway.given_contract(&partner, json!({})).await;
        let late = json!({ "id": signed, "version": 5, "endDate": "2026-09-30" });
        change(gateway, "updateContract", late).await.assert_refused("CONTRACT_NOT_DRAFT");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_holds_from_its_own_date() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let id = gateway.given_contract(&partner, json!({ "terms": { "products": ["X"] } })).await;
        let amend = |version: i32, on: &str, products: &[&str]| {
            let terms = json!({ "products": products, "noticeDays": 60 });
            json!({ "id": id, "version": version, "effectiveOn": on, "summary": "製品追加", "terms": terms })
        };
        change(gateway, "amendContract", amend(5, "2026-10-01", &["X", "Y"])).await.data();
        change(gateway, "amendContract", amend(6, "2026-07-01", &["X", "Z"])).await.data();
        let outside = change(gateway, "amendContract", amend(7, "2027-04-01", &["X"])).await;
        outside.assert_refused("AMENDMENT_OUTSIDE_TERM");
        assert_eq!(binding(gateway, partner.key, "2026-03-31").await, []);
        assert_eq!(binding(gateway, partner.key, "2026-06-30").await, [(1, "X".to_owned())]);
        assert_eq!(binding(gateway, partner.key, "2026-07-01").await, [(3, "X,Z".to_owned())]);
        assert_eq!(binding(gateway, partner.key, "2026-10-01").await, [(2, "X,Y".to_owned())]);
        let question = "{ contracts { nodes { noticeDeadline now: terms { number }
            later: terms(on: \"2026-12-01\") { number summary products } } } }";
        let read = gateway.as_admin().ask(question).await;
        let later = json!({ "number": 2, "summary": "製品追加", "products": ["X", "Y"] });
        let expected = json!({ "noticeDeadline": "2027-01-30", "now": { "number": 1 }, "later": later });
        assert_eq!(read.at("/contracts/nodes/0"), &expected);
        let draft = gateway.given_draft(&partner, json!({})).await;
        let early = json!({ "id": draft["id"], "version": 1, "effectiveOn": "2026-10-01", "terms": {} });
        change(gateway, "amendContract", early).await.assert_refused("CONTRACT_NOT_SIGNED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_is_ended_early_binds_until_then() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let id = gateway.given_contract(&partner, json!({})).await;
        let end = |on: &str| json!({ "id": id, "version": 5, "on": on, "reason": "合意解約" });
        for date in ["2026-05-31", "2027-04-01"] {
            change(gateway, "terminateContract", end(date)).await.assert_refused("TERMINATION_IMPOSSIBLE");
        }
        let mut reasonless = end("2026-07-01");
        reasonless["reason"] = json!(" ");
        change(gateway, "terminateContract", reasonless).await.assert_refused("REASON_BLANK");
        let ahead = change(gateway, "terminateContract", end("2026-07-01")).await;
        assert_eq!(ahead.at("/terminateContract/contract/status"), "IN_FORCE");
        assert_eq!(binding(gateway, partner.key, "2026-06-30").await.len(), 1);
        assert_eq!(binding(gateway, partner.key, "2026-07-01").await, []);
        until(gateway, "2026-07-01");
        follow_dates(gateway).await;
        assert_eq!(standing(gateway).await[0]["status"], "TERMINATED");
        assert_eq!(binding(gateway, partner.key, "2026-06-30").await.len(), 1, "the past stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_non_disclosure_agreement_sells_nothing() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        gateway.given_contract(&partner, json!({ "contractType": "NDA" })).await;
        assert_eq!(binding(gateway, partner.key, "2026-06-01").await, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_are_judged_again_when_terms_change_and_not_when_papers_come() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let id = gateway.given_contract(&partner, json!({})).await;
        gateway.given_territory(&partner, json!({})).await;
        gateway.given_registration(&partner, deal("株式会社サンプル商事")).await;
        let waiting = async || {
            let all = conflict_check::Entity::find().all(gateway.services.database.read()).await.unwrap();
            gateway.let_job_run("conflicts.checks").await;
            all.len()
        };
        waiting().await;
        let paper = json!({ "contractId": id, "title": "基本契約書", "reference": "文書番号 2026-17" });
        change(gateway, "addContractDocument", paper).await.data();
        let entry = json!({ "contractId": id, "occurredOn": "2026-03-10", "note": "仕切率について" });
        change(gateway, "addNegotiationEntry", entry).await.data();
        assert_eq!(waiting().await, 0);
        let amended = json!({ "id": id, "version": 5, "effectiveOn": "2026-06-01", "terms": {} });
        change(gateway, "amendContract", amended).await.data();
        assert_eq!(waiting().await, 1);
        let end = json!({ "id": id, "version": 6, "on": "2026-06-02", "reason": "合意解約" });
        change(gateway, "terminateContract", end).await.data();
        assert_eq!(waiting().await, 0);
        until(gateway, "2026-06-02");
        follow_dates(gateway).await;
        assert_eq!(waiting().await, 1);
    })
    .await;
}

//! What the calendar makes of contracts: they begin, end, expire or are renewed, and somebody is reminded.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_contract_begins_on_its_first_date() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        gateway.given_contract(&partner, json!({ "startDate": "2026-06-03" })).await;
        gateway.let_pass(TimeDelta::hours(38));
        follow_dates(gateway).await;
        assert_eq!(standing(gateway).await[0]["status"], "SIGNED", "it is eleven in the evening in Japan");
        gateway.let_pass(TimeDelta::hours(1));
        assert_eq!(binding(gateway, partner.key, "2026-06-03").await.len(), 1, "before anybody noted it");
        follow_dates(gateway).await;
        assert_eq!(standing(gateway).await[0]["status"], "IN_FORCE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_renews_by_itself_once_whoever_looks() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let terms = json!({ "products": ["X"], "autoRenew": true, "priceTerms": "仕切率 60%" });
        gateway.given_contract(&partner, json!({ "number": "C-1", "terms": terms })).await;
        until(gateway, "2027-03-31");
        follow_dates(gateway).await;
        assert_eq!(standing(gateway).await.len(), 1);
        until(gateway, "2027-04-01");
        assert_eq!(binding(gateway, partner.key, "2027-04-01").await.len(), 1, "before anybody noted it");
        let job = || gateway.services.run_job("contracts.follow_dates");
        let (one, two) = futures::join!(job(), job());
        one.and(two).unwrap();
        let renewed = json!({
            "status": "RENEWED", "renewal": 0, "startDate": "2026-04-01", "endDate": "2027-03-31",
        });
        let successor = json!({
            "status": "IN_FORCE", "renewal": 1, "startDate": "2027-04-01", "endDate": "2028-03-31",
        });
        assert_eq!(standing(gateway).await, [renewed, successor]);
        let question = "{ contracts { nodes { number noticeDeadline predecessor { renewal } successor { id }
            terms { number products priceTerms effectiveOn } } } }";
        let read = gateway.as_admin().ask(question).await;
        let expected = json!({
            "number": "C-1", "noticeDeadline": "2028-01-01", "predecessor": { "renewal": 0 }, "successor": null,
            "terms": {
                "number": 1, "products": ["X"], "priceTerms": "仕切率 60%", "effectiveOn": "2027-04-01",
            },
        });
        assert_eq!(read.at("/contracts/nodes/0"), &expected);
        assert_eq!(binding(gateway, partner.key, "2027-03-31").await, [(1, "X".to_owned())]);
        assert_eq!(binding(gateway, partner.key, "2027-04-01").await, [(1, "X".to_owned())]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn terms_that_nobody_looked_at_for_years_are_renewed_one_after_another() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        gateway.given_contract(&partner, json!({ "terms": { "autoRenew": true } })).await;
        until(gateway, "2029-05-01");
        follow_dates(gateway).await;
        let statuses: Vec<Value> =
            standing(gateway).await.iter().map(|it| json!([it["status"], it["endDate"]])).collect();
        let expected = [
            json!(["RENEWED", "2027-03-31"]),
            json!(["RENEWED", "2028-03-31"]),
            json!(["RENEWED", "2029-03-31"]),
            json!(["IN_FORCE", "2030-03-31"]),
        ];
        assert_eq!(statuses, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_in_time_lets_a_contract_expire_and_a_late_one_does_not() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let terms = json!({ "autoRenew": true });
        let in_time = gateway.given_contract(&one, json!({ "terms": terms })).await;
        let late = gateway.given_contract(&two, json!({ "terms": terms })).await;
        let renews = async |id: &str| {
            let question = format!("{{ contract(id: \"{id}\") {{ willRenew }} }}");
            gateway.as_admin().ask(&question).await.at("/contract/willRenew").clone()
        };
        assert_eq!(renews(&in_time).await, true);
        until(gateway, "2026-12-31");
        let notice = |id: &str, version: i32| json!({ "id": id, "version": version });
        change(gateway, "giveContractNotice", notice(&in_time, 5)).await.data();
        change(gateway, "giveContractNotice", notice(&in_time, 6)).await.assert_refused("NOTICE_GIVEN");
        gateway.let_pass(TimeDelta::days(1));
        change(gateway, "giveContractNotice", notice(&late, 5)).await.data();
        assert_eq!((renews(&in_time).await, renews(&late).await), (json!(false), json!(true)));
        until(gateway, "2027-04-01");
        follow_dates(gateway).await;
        let statuses: Vec<Value> = standing(gateway).await.iter().map(|it| it["status"].clone()).collect();
        assert_eq!(statuses, ["EXPIRED", "RENEWED", "IN_FORCE"]);
        assert_eq!(binding(gateway, one.key, "2027-04-01").await, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_are_raised_once_on_business_days() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let id = gateway.given_contract(&partner, json!({})).await;
        let remind = async || {
            let job = || gateway.services.run_job("contracts.remind");
            let (one, two) = futures::join!(job(), job());
            one.and(two).unwrap();
            let question = "{ contracts { nodes { reminders { dueOn } } } }";
            let read = gateway.as_admin().ask(question).await;
            let due = read.at("/contracts/nodes/0/reminders").as_array().unwrap().clone();
            due.iter().map(|it| it["dueOn"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        // The end is 2027-03-31; 91 days before lies in the company's rest.
        for (date, due) in [
            ("2026-11-30", vec![]),
            ("2026-12-01", vec!["2026-12-01"]),
            ("2026-12-20", vec!["2026-12-01"]),
            ("2026-12-21", vec!["2026-12-01", "2026-12-21"]),
            ("2026-12-28", vec!["2026-12-01", "2026-12-21", "2026-12-28"]),
            ("2027-02-01", vec!["2026-12-01", "2026-12-21", "2026-12-28"]),
        ] {
            until(gateway, date);
            assert_eq!(remind().await, due, "{date}");
        }
        let admin = gateway.as_admin();
        assert_eq!(count(&admin, "hasOpenReminder: true").await, 1);
        for due in ["2026-12-01", "2026-12-21", "2026-12-28"] {
            let input = json!({ "contractId": id, "dueOn": due });
            change(gateway, "acknowledgeContractReminder", input).await.data();
        }
        assert_eq!(count(&admin, "hasOpenReminder: true").await, 0);
        let unknown = json!({ "contractId": id, "dueOn": "2026-12-02" });
        change(gateway, "acknowledgeContractReminder", unknown).await.assert_refused("NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_expires_soon_when_its_deadline_is_near() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        gateway.given_contract(&partner, json!({})).await;
        let question = "{ contracts { nodes { isExpiring noticeDeadline } } }";
        // The deadline is 2026-12-31, 60 days ahead on 2026-11-01.
        for (date, is_expiring) in
            [("2026-10-31", false), ("2026-11-01", true), ("2026-12-31", true), ("2027-01-01", false)]
        {
            until(gateway, date);
            let admin = gateway.as_admin();
            assert_eq!(count(&admin, "isExpiring: true").await, i32::from(is_expiring), "{date}");
            assert_eq!(count(&admin, "isExpiring: false").await, i32::from(!is_expiring), "{date}");
            let expected = json!({ "isExpiring": is_expiring, "noticeDeadline": "2026-12-31" });
            assert_eq!(admin.ask(question).await.at("/contracts/nodes/0"), &expected, "{date}");
        }
    })
    .await;
}

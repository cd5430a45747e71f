//! Records as fresh as somebody wants them.

use chrono::TimeDelta;
use domain::fields::RecordKind;
use gateway::platform::config::Freshness;
use gateway::sync::read_through::Refresher;
use serde_json::{Value, json};

use super::stage::{Stage, on_every_store};
use crate::harness::{TestGateway, deal};

const LEADS: usize = 200;

/// A lead that was read an hour ago and has changed since: its global id.
async fn given_a_stale_lead(stage: &Stage, gateway: &TestGateway) -> (String, String) {
    let lead = stage.new_lead().await;
    stage.sync().await.unwrap();
    stage.let_pass(TimeDelta::hours(1));
    stage.crm.update("Lead", &lead, json!({ "Title": "新任部長" })).await;
    (gateway.id_of(RecordKind::Lead, &lead).await, lead)
}

async fn served(gateway: &TestGateway, question: &str) -> (Value, Value) {
    let answer = gateway.as_admin().ask(question).await;
    let whole: Value = serde_json::from_str(&answer.text).unwrap();
    (answer.data().clone(), whole["extensions"]["warnings"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_too_old_is_fetched_first_and_only_then() {
    on_every_store(LEADS, async |stage| {
        let gateway = stage.gateway_with_source().await;
        let (id, _) = given_a_stale_lead(stage, &gateway).await;
        let asked = stage.crm.asked_pages();
        let plain = served(&gateway, &format!("{{ lead(id: \"{id}\") {{ title }} }}")).await;
        assert_eq!(plain, (json!({ "lead": { "title": "係長" } }), Value::Null));
        let patient = format!("{{ lead(id: \"{id}\", maxAge: \"PT2H\") {{ title }} }}");
        assert_eq!(served(&gateway, &patient).await.0["lead"]["title"], "係長");
        assert_eq!(stage.crm.asked_pages(), asked, "nobody was asked");
        let twice = format!(
            "{{ a: lead(id: \"{id}\", maxAge: \"PT5M\") {{ title }} b: lead(id: \"{id}\", maxAge: \"PT10M\") {{ title }} }}"
        );
        let fresh = served(&gateway, &twice).await;
        let title = json!({ "title": "新任部長" });
        assert_eq!(fresh, (json!({ "a": title, "b": title }), Value::Null));
        assert_eq!(stage.crm.asked_pages(), asked + 1, "once for both");
        served(&gateway, &twice).await;
        assert_eq!(stage.crm.asked_pages(), asked + 1, "it is fresh now");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_is_away_costs_freshness_and_nothing_else() {
    on_every_store(LEADS, async |stage| {
        let gateway = stage.gateway_with_source().await;
        let (id, _) = given_a_stale_lead(stage, &gateway).await;
        stage.crm.suffer(sandbox::Fault::new(sandbox::FaultKind::Unavailable).when(sandbox::When::Always));
        let question = format!("{{ lead(id: \"{id}\", maxAge: \"PT5M\") {{ title }} }}");
        let (data, warnings) = served(&gateway, &question).await;
        assert_eq!(data["lead"]["title"], "係長");
        assert_eq!((&warnings[0]["code"], &warnings[0]["detail"]["id"]), (&json!("STALE"), &json!(id)));
        assert_eq!(warnings[0]["detail"]["ageSeconds"], 3_600);
        let wrong = format!("{{ lead(id: \"{id}\", maxAge: \"5 minutes\") {{ title }} }}");
        assert_eq!(gateway.as_admin().ask(&wrong).await.codes(), ["INVALID_DOCUMENT"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_and_could_not_be_taken_in_is_no_fresher_than_before() {
    on_every_store(LEADS, async |stage| {
        let gateway = stage.gateway_with_source().await;
        stage.sync().await.unwrap();
        stage.let_pass(TimeDelta::hours(1));
        let deal = stage.crm.any("Opportunity").await;
        stage.crm.update("Opportunity", &deal, json!({ "Amount": 1000.5, "CurrencyIsoCode": "JPY" })).await;
        let id = gateway.id_of(RecordKind::Opportunity, &deal).await;
        let question = format!("{{ opportunity(id: \"{id}\", maxAge: \"PT5M\") {{ id }} }}");
        for _ in 0..2 {
            assert_eq!(served(&gateway, &question).await.1[0]["code"], "STALE");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_wait_a_minute_and_have_a_share() {
    on_every_store(LEADS, async |stage| {
        let mut gateway = stage.gateway_with_source().await;
        let (id, _) = given_a_stale_lead(stage, &gateway).await;
        let partner = gateway.given_partner("極洋商事").await;
        gateway.given_assignment(&id, &partner).await;
        let limits = Freshness { partner_fetches_per_hour: 2, ..Freshness::default() };
        gateway.renew(|it| it.refresher = Refresher::within(limits.clone())).await;
        let question = format!("{{ lead(id: \"{id}\", maxAge: \"PT0S\") {{ title }} }}");
        let ask = async || {
            let answer = gateway.as_admin_of(&partner).ask(&question).await;
            let whole: Value = serde_json::from_str(&answer.text).unwrap();
            whole["extensions"]["warnings"].clone()
        };
        let asked = stage.crm.asked_pages();
        for _ in 0..3 {
            assert_eq!(ask().await, Value::Null);
        }
        assert_eq!(stage.crm.asked_pages(), asked + 1, "once a minute is enough");
        stage.let_pass(TimeDelta::minutes(2));
        assert_eq!(ask().await, Value::Null);
        stage.let_pass(TimeDelta::minutes(2));
        assert_eq!(ask().await[0]["code"], "STALE", "two in an hour");
        assert_eq!(stage.crm.asked_pages(), asked + 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_of_a_known_customer_asks_the_crm_when_it_is_handed_in() {
    on_every_store(LEADS, async |stage| {
        let gateway = stage.gateway_with_source().await;
        stage.sync().await.unwrap();
        stage.let_pass(TimeDelta::hours(1));
        let partner = gateway.given_seller("販売店").await;
        let known = stage.crm.any("Account").await;
        let question = format!(
            "{{ account(id: \"{}\") {{ name phone corporateNumber }} }}",
            gateway.id_of(RecordKind::Account, &known).await
        );
        let account = gateway.as_admin().ask(&question).await.at("/account").clone();
        let mut says = deal(account["name"].as_str().unwrap());
        (says["phone"], says["corporateNumber"]) =
            (account["phone"].clone(), account["corporateNumber"].clone());
        let id = gateway.given_registration(&partner, says).await;
        let standing = gateway.of_registration(&id, "account { id } standing { finding }").await;
        assert!(standing["account"]["id"].is_string(), "{standing}");
        assert_ne!(standing["standing"]["finding"], "PROVISIONAL", "the CRM was asked");
    })
    .await;
}

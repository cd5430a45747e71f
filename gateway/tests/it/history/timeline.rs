//! Every change of a served value: when, to what, and why.

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::lead;
use serde_json::{Value, json};

use crate::harness::{Client, Said, TestGateway, on_every_store};

const TIMELINE: &str = "query Then($id: ID!, $fields: [String!], $first: Int, $after: String) {
    fieldTimeline(id: $id, fields: $fields, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { field label recordedAt effectiveAt value source sourceRecord { externalId } rule policyVersion
            cause causeLabel } } }";

fn sato(id: &str) -> Said {
    Said::lead(id).with(lead::email, "sato@kyokuyo.example")
}

/// Days after the test began, oldest last, with what the phone was and why.
async fn phones(client: &Client<'_>, id: &str) -> Value {
    let answer = client.ask_with(TIMELINE, json!({ "id": id, "fields": ["phone"] })).await;
    let nodes = answer.at("/fieldTimeline/nodes").as_array().unwrap();
    let line = |it: &Value| {
        let day = &it["recordedAt"].as_str().unwrap()[..10];
        json!([day, it["value"], it["source"], it["cause"]])
    };
    nodes.iter().map(line).collect()
}

fn now(gateway: &TestGateway, days: i64) -> chrono::DateTime<chrono::Utc> {
    gateway.let_pass(TimeDelta::days(days));
    gateway.services.clock.now()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_says_what_made_it() {
    on_every_store(async |gateway| {
        let crm = |phone: &str| sato("00Q1").with(lead::phone, phone);
        let id = gateway.given(crm("03-1111-1111")).await;
        let at = now(gateway, 1);
        gateway.hears([crm("03-2222-2222").modified(at)]).await;
        let at = now(gateway, 1);
        gateway.hears([crm("0322222222").with(lead::title, "部長").modified(at)]).await;
        let at = now(gateway, 1);
        let ma = sato("M1").with(lead::phone, "03-3333-3333").by("MA").modified(at);
        gateway.hears([ma.clone()]).await;
        let at = now(gateway, 1);
        gateway.hears([ma.deleted().modified(at)]).await;
        let other =
            Said::lead("00Q2").with(lead::email, "s2@other.example").with(lead::phone, "03-4444-4444");
        let at = now(gateway, 1);
        gateway.hears([other.clone().modified(at)]).await;
        let at = now(gateway, 1);
        gateway.hears([other.with(lead::email, "sato@kyokuyo.example").modified(at)]).await;
        let expected = json!([
            ["2026-06-07", "03-4444-4444", "CRM", "MERGE"],
            ["2026-06-05", "0322222222", "CRM", "DELETION"],
            ["2026-06-04", "03-3333-3333", "MA", "OBSERVATION"],
            ["2026-06-03", "0322222222", "CRM", "OBSERVATION"],
            ["2026-06-02", "03-2222-2222", "CRM", "OBSERVATION"],
            ["2026-06-01", "03-1111-1111", "CRM", "FIRST_SEEN"],
        ]);
        assert_eq!(phones(&gateway.as_admin(), &id).await, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_fixed_is_put_down_to_that_and_its_end_too() {
    on_every_store(async |gateway| {
        let crm = |phone: &str| sato("00Q1").with(lead::phone, phone);
        let id = gateway.given(crm("03-1111-1111")).await;
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        let field = json!({ "recordId": id, "field": "phone", "reason": "本人に確認" });
        now(gateway, 1);
        let mut pin = field.clone();
        pin["value"] = json!("03-9999-9999");
        steward.change("pinField", pin, "recordId").await.data();
        let at = now(gateway, 1);
        gateway.hears([crm("03-2222-2222").modified(at)]).await;
        let pinned = gateway.services.clock.now();
        now(gateway, 1);
        steward.change("unpinField", field, "recordId").await.data();
        let expected = json!([
            ["2026-06-04", "03-2222-2222", "CRM", "RELEASE"],
            ["2026-06-02", "03-9999-9999", "OWN", "PIN"],
            ["2026-06-01", "03-1111-1111", "CRM", "FIRST_SEEN"],
        ]);
        assert_eq!(phones(&gateway.as_admin(), &id).await, expected);
        let then = "query Then($id: ID!, $asOf: AsOfInput) { lead(id: $id, asOf: $asOf) {
            phone provenance(fields: [\"phone\"]) { rule pin { value } withoutHold { value } } } }";
        let variables = json!({ "id": id, "asOf": { "recordedAt": pinned } });
        let answer = gateway.as_admin().ask_with(then, variables).await;
        let why = json!([{ "rule": "PIN", "pin": { "value": "03-9999-9999" }, "withoutHold": { "value": "03-2222-2222" } }]);
        assert_eq!(answer.at("/lead"), &json!({ "phone": "03-9999-9999", "provenance": why }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_change_of_each_field_is_what_is_served() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato("00Q1").with(lead::phone, "03-1111-1111")).await;
        let partner = gateway.given_partner("極洋商事").await;
        now(gateway, 1);
        gateway.given_assignment(&id, &partner).await;
        let admin = gateway.as_admin();
        let why = "query Why($id: ID!) { lead(id: $id) { provenance {
            field value source rule effectiveAt policyVersion } } }";
        let provenance = admin.ask_with(why, json!({ "id": id })).await;
        let timeline = admin.ask_with(TIMELINE, json!({ "id": id })).await;
        for served in provenance.at("/lead/provenance").as_array().unwrap() {
            let nodes = timeline.at("/fieldTimeline/nodes").as_array().unwrap();
            let Some(newest) = nodes.iter().find(|it| it["field"] == served["field"]) else {
                assert_eq!(served["value"], Value::Null, "{served}");
                continue;
            };
            for part in ["value", "source", "rule", "effectiveAt", "policyVersion"] {
                assert_eq!(newest[part], served[part], "{part} of {served}");
            }
        }
        let assigned = timeline.at("/fieldTimeline/nodes/0");
        assert_eq!(
            (&assigned["cause"], &assigned["causeLabel"]),
            (&json!("OBSERVATION"), &json!("ソースの変更"))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_changes_come_page_by_page() {
    on_every_store(async |gateway| {
        let said = |it: i64| sato("00Q1").with(lead::phone, &format!("03-0000-{it:04}"));
        let id = gateway.given(said(0)).await;
        for it in 1..5 {
            let at = now(gateway, 1);
            gateway.hears([said(it).modified(at)]).await;
        }
        let admin = gateway.as_admin();
        let (mut after, mut pages) = (Value::Null, Vec::new());
        loop {
            let variables = json!({ "id": id, "fields": ["phone"], "first": 2, "after": after });
            let answer = admin.ask_with(TIMELINE, variables).await;
            assert_eq!(answer.at("/fieldTimeline/totalCount"), 5);
            pages.push(answer.at("/fieldTimeline/nodes").as_array().unwrap().len());
            after = answer.at("/fieldTimeline/pageInfo/endCursor").clone();
            if answer.at("/fieldTimeline/pageInfo/hasNextPage") == false {
                break;
            }
        }
        assert_eq!(pages, [2, 2, 1]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_staff_read_timelines_and_only_of_what_they_see() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let id = gateway.given(sato("00Q1")).await;
        gateway.given_assignment(&id, &own).await;
        for client in [
            gateway.as_admin_of(&own),
            gateway.as_rep_of(&own),
            gateway.as_rep_of(&rival),
            gateway.as_staff(Role::IntegrationJob, "job"),
        ] {
            client.ask_with(TIMELINE, json!({ "id": id })).await.assert_refused("FORBIDDEN");
        }
        let stranger = gateway.as_channel_manager("manager");
        let answer = stranger.ask_with(TIMELINE, json!({ "id": id })).await;
        assert_eq!(answer.at("/fieldTimeline"), &Value::Null);
        let admin = gateway.as_admin();
        let unknown = admin.ask_with(TIMELINE, json!({ "id": id, "fields": ["nose"] })).await;
        unknown.assert_refused("NO_SUCH_FIELD");
        admin.ask_with(TIMELINE, json!({ "id": own.id })).await.assert_refused("NOT_FOUND");
    })
    .await;
}

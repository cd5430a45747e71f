//! What the CRM did with a lead is followed: it was converted, or merged into another.

use chrono::TimeDelta;
use domain::fields::RecordKind;
use serde_json::{Value, json};

use super::stage::{Stage, on_every_store};
use crate::harness::TestGateway;

const LEADS: usize = 200;
const HOUR: TimeDelta = TimeDelta::hours(1);

async fn lead(gateway: &TestGateway, id: &str) -> Value {
    let question = format!("{{ lead(id: \"{id}\") {{ id stage redirectedFrom opportunity {{ id }} }} }}");
    gateway.as_admin().ask(&question).await.at("/lead").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_converted_lead_leads_to_its_opportunity() {
    on_every_store(LEADS, async |stage: &Stage| {
        let converted = stage.new_lead().await;
        stage.sync().await.unwrap();
        let gateway = stage.gateway().await;
        let id = gateway.id_of(RecordKind::Lead, &converted).await;
        assert_eq!(lead(&gateway, &id).await["opportunity"], Value::Null);
        stage.let_pass(HOUR);
        let [_, _, deal] = stage.crm.admin().convert_lead(&converted, None).unwrap();
        stage.sync().await.unwrap();
        let now = lead(&gateway, &id).await;
        let deal = gateway.id_of(RecordKind::Opportunity, &deal).await;
        assert_eq!((&now["stage"], &now["opportunity"]["id"]), (&json!("CONVERTED"), &json!(deal)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_was_merged_away_leads_to_the_one_that_is_left() {
    on_every_store(LEADS, async |stage: &Stage| {
        let left = stage.new_lead().await;
        let other = json!({ "LastName": "三好", "Company": "見落商店", "Email": "m@miotoshi.example.jp" });
        let away = stage.crm.create("Lead", other).await;
        stage.sync().await.unwrap();
        let gateway = stage.gateway().await;
        let (left_id, away_id) =
            (gateway.id_of(RecordKind::Lead, &left).await, gateway.id_of(RecordKind::Lead, &away).await);
        stage.let_pass(HOUR);
        stage.crm.admin().merge(&left, &[&away]).unwrap();
        stage.sync().await.unwrap();
        let steward = gateway.as_staff(domain::access::Role::DataSteward, "steward");
        let asked = "{ reviewTasks(filter: { kind: [SOURCE_MERGE] }) { nodes { id } } }";
        let task = steward.ask(asked).await.text_at("/reviewTasks/nodes/0/id").to_owned();
        steward.change("claimReviewTask", json!({ "taskId": task }), "task { id }").await.data();
        let answer = json!({ "taskId": task, "decision": "FOLLOW", "reason": "the CRM merged them" });
        steward.change("decideReviewTask", answer, "task { state }").await.data();
        let now = lead(&gateway, &away_id).await;
        assert_eq!((&now["id"], &now["redirectedFrom"]), (&json!(left_id), &json!(away_id)));
    })
    .await;
}

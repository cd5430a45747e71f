//! Joining and parting golden records whose records are on their way into the CRM.

use domain::fields::RecordKind;
use gateway::sync::outbound::sender::Sent;
use sandbox::{Fault, FaultKind};
use serde_json::json;

use super::Scene;
use super::making::{stranger, where_leads_are_made};

impl Scene<'_> {
    async fn merge(&self, one: &str, other: &str) {
        let input = json!({ "ids": [one, other], "reason": "本人に確認した" });
        self.gateway.as_admin().change("mergeRecords", input, "survivorId").await.data();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_one_before_it_was_sent_is_made_once() {
    where_leads_are_made(async |it| {
        it.gateway.hears([stranger("MA-1"), stranger("MA-2")]).await;
        let (one, other) =
            (it.id_of(RecordKind::Lead, "MA-1").await, it.id_of(RecordKind::Lead, "MA-2").await);
        it.later().await;
        it.merge(&one, &other).await;
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        let made = it.strangers("MA-1").await.len() + it.strangers("MA-2").await.len();
        assert_eq!(made, 1);
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_one_while_it_was_on_its_way_is_made_once() {
    where_leads_are_made(async |it| {
        it.gateway.hears([stranger("MA-1"), stranger("MA-2")]).await;
        let (one, other) =
            (it.id_of(RecordKind::Lead, "MA-1").await, it.id_of(RecordKind::Lead, "MA-2").await);
        // Both are on their way, and nobody knows yet that neither has arrived.
        let path = "/services/data/*/composite/sobjects/Lead/External_Id__c";
        it.crm.suffer(Fault::new(FaultKind::ConnectionReset).on(path));
        assert_eq!(it.push().await, Sent { deferred: 2, ..Sent::default() });
        it.merge(&one, &other).await;
        let sent = it.push().await;
        let made = it.strangers("MA-1").await.len() + it.strangers("MA-2").await.len();
        assert_eq!(made, 1, "{sent:?}");
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_a_record_of_the_crm_is_not_made() {
    where_leads_are_made(async |it| {
        it.gateway.hears([stranger("MA-1")]).await;
        let fields = json!({
            "LastName": "御手洗", "FirstName": "凪", "Company": super::making::company("MA-1"),
            "Email": "ma-1@ma-1.example",
        });
        let there = it.crm.create("Lead", fields).await;
        it.later().await;
        it.read().await;
        assert_eq!(it.the_stranger("MA-1").await, there, "it was recognised before it was sent");
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_join_is_certain_and_a_person_may_take_it_back() {
    where_leads_are_made(async |it| {
        it.gateway.hears([stranger("MA-1")]).await;
        it.push().await;
        let there = it.the_stranger("MA-1").await;
        // It says something else by now, so that nothing but the decision holds the two together.
        it.later().await;
        let other = json!({
            "LastName": "改姓", "FirstName": "改名", "Company": "別会社", "Email": "other@other.example",
        });
        it.crm.update("Lead", &there, other).await;
        it.later().await;
        it.read().await;
        it.push().await;
        let golden = it.gateway.golden_of(RecordKind::Lead, &there).await;
        assert_eq!(golden, it.gateway.golden_of(RecordKind::Lead, "MA-1").await);
        let id = it.id_of(RecordKind::Lead, "MA-1").await;
        let question = "query Said($id: ID!) { matchDecisions(id: $id) { nodes { answer by } } }";
        let said = it.gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        assert_eq!(said.at("/matchDecisions/nodes"), &json!([{ "answer": "SAME", "by": "gateway" }]));
        let records = json!([{ "system": "CRM", "object": "Lead", "externalId": there }]);
        let input = json!({ "id": id, "sourceRecords": records, "reason": "別人だった" });
        let admin = it.gateway.as_staff(domain::access::Role::DataSteward, "steward");
        let asked = admin.change("proposeUnmerge", input, "task { id }").await;
        let task = asked.at("/proposeUnmerge/task/id").clone();
        let admin = it.gateway.as_admin();
        admin.change("claimReviewTask", json!({ "taskId": task }), "task { id }").await.data();
        let approval = json!({ "taskId": task, "decision": "APPROVE", "reason": "確認した" });
        admin.change("decideReviewTask", approval, "task { state }").await.data();
        let golden = it.gateway.golden_of(RecordKind::Lead, &there).await;
        assert_ne!(golden, it.gateway.golden_of(RecordKind::Lead, "MA-1").await);
        assert_eq!(it.push().await, Sent::default(), "what was made once is not made again");
    })
    .await;
}

//! What is edited here reaches the CRM, and comes back as no news.

use domain::fields::RecordKind;
use gateway::sync::outbound::sender::Sent;
use serde_json::json;

use super::after_a_reading;

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_served_at_once_and_reaches_the_crm() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.edit(&id, "title", "統括本部長").await.data();
        assert_eq!(it.lead(&id, "title").await, json!({ "title": "統括本部長" }));
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        assert_eq!(it.crm.read("Lead", &crm, "Title").await, json!("統括本部長"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_is_no_news() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.edit(&id, "title", "統括本部長").await.data();
        it.later().await;
        it.push().await;
        let shown = "version provenance(fields: [\"title\"]) { value source effectiveAt rule }";
        let before = it.lead(&id, shown).await;
        it.later().await;
        assert_eq!(it.read().await, 0, "the echo changes nothing");
        assert_eq!(it.lead(&id, shown).await, before);
        assert_eq!(it.push().await, Sent::default());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_does_not_become_younger_by_being_written() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.edit(&id, "title", "統括本部長").await.data();
        let effective = "provenance(fields: [\"title\"]) { effectiveAt }";
        let before = it.lead(&id, effective).await;
        it.later().await;
        it.push().await;
        assert_eq!(it.lead(&id, effective).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_crm_is_master_an_edit_is_served_once_the_crm_has_it() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Opportunity").await;
        let id = it.id_of(RecordKind::Opportunity, &crm).await;
        let before = it.opportunity(&id, "name").await;
        let answer = it.edit(&id, "name", "基幹刷新 第二期").await;
        assert_eq!(answer.at("/editRecord/pendingFields"), &json!(["name"]));
        assert_eq!(it.opportunity(&id, "name").await, before, "nothing is served before the CRM has it");
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        let shown = it.opportunity(&id, "name provenance(fields: [\"name\"]) { source rule }").await;
        assert_eq!(shown["name"], "基幹刷新 第二期");
        assert_eq!(shown["provenance"], json!([{ "source": "CRM", "rule": "ONLY_SOURCE" }]));
        it.later().await;
        assert_eq!(it.read().await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_cannot_be_is_refused_and_changes_nothing() {
    after_a_reading(async |it| {
        let lead = it.id_of(RecordKind::Lead, &it.crm.any("Lead").await).await;
        let deal = it.id_of(RecordKind::Opportunity, &it.crm.any("Opportunity").await).await;
        it.edit(&lead, "nose", "x").await.assert_refused("NO_SUCH_FIELD");
        it.edit(&lead, "assignedPartner", "x").await.assert_refused("FIELD_NOT_EDITABLE");
        it.edit(&lead, "origin", "EVENT").await.assert_refused("FIELD_NOT_EDITABLE");
        it.edit(&lead, "stage", "CONVERTED").await.assert_refused("FIELD_NOT_EDITABLE");
        it.edit(&deal, "isWon", "true").await.assert_refused("FIELD_NOT_EDITABLE");
        let stale =
            json!({ "recordId": lead, "version": 77, "values": [{ "field": "title", "value": "x" }] });
        let admin = it.gateway.as_admin();
        admin.change("editRecord", stale, "pendingFields").await.assert_refused("VERSION_CONFLICT");
        let moved = json!({ "field": "title", "value": "x", "version": "77" });
        let stale = json!({ "recordId": lead, "values": [moved] });
        admin.change("editRecord", stale, "pendingFields").await.assert_refused("VERSION_CONFLICT");
        let nothing = json!({ "recordId": lead, "values": [] });
        admin.change("editRecord", nothing, "pendingFields").await.assert_refused("NOTHING_TO_EDIT");
        assert!(it.changes("PENDING").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_edits_its_own_leads_and_no_others() {
    after_a_reading(async |it| {
        let id = it.id_of(RecordKind::Lead, &it.crm.any("Lead").await).await;
        let partner = it.gateway.given_partner("株式会社北斗").await;
        let rival = it.gateway.given_partner("南斗株式会社").await;
        it.gateway.given_assignment(&id, &partner).await;
        let input = json!({ "recordId": id, "values": [{ "field": "title", "value": "課長" }] });
        let edit = async |client: crate::harness::Client<'_>| {
            client.change("editRecord", input.clone(), "record { id }").await
        };
        edit(it.gateway.as_admin_of(&rival)).await.assert_refused("NOT_FOUND");
        edit(it.gateway.as_admin_of(&partner)).await.data();
        assert_eq!(it.lead(&id, "title").await["title"], "課長");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_undone_before_it_was_sent_is_not_sent() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        let title = it.crm.read("Lead", &crm, "Title").await;
        it.edit(&id, "title", "統括本部長").await.data();
        it.later().await;
        it.edit(&id, "title", title.as_str().unwrap()).await.data();
        assert_eq!(it.push().await, Sent::default());
        assert_eq!(it.changes("SUPERSEDED").await.len(), 1);
    })
    .await;
}

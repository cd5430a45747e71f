//! What goes wrong on the way to the CRM: nothing is overwritten, lost, or written for ever.

use chrono::TimeDelta;
use domain::fields::RecordKind;
use gateway::sync::outbound::sender::Sent;
use sandbox::{Fault, FaultKind};
use serde_json::json;

use super::{after_a_reading, after_reading};

const LEADS: &str = "/services/data/*/sobjects/Lead";

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changes_in_the_crm_meanwhile_is_not_overwritten() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.edit(&id, "title", "統括本部長").await.data();
        it.later().await;
        it.crm.update("Lead", &crm, json!({ "Title": "会長" })).await;
        it.later().await;
        assert_eq!(it.push().await, Sent { deferred: 1, ..Sent::default() });
        assert_eq!(it.push().await, Sent::default(), "the newer value is the CRM's");
        assert_eq!(it.crm.read("Lead", &crm, "Title").await, json!("会長"));
        assert_eq!(it.lead(&id, "title").await["title"], "会長");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_field_that_was_changed_meanwhile_survives_and_ours_arrives() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.edit(&id, "title", "統括本部長").await.data();
        it.later().await;
        it.crm.update("Lead", &crm, json!({ "City": "函館市" })).await;
        it.later().await;
        assert_eq!(
            it.push().await,
            Sent { accepted: 1, refused: 0, deferred: 1 },
            "read again, then written"
        );
        assert_eq!(it.crm.read("Lead", &crm, "Title").await, json!("統括本部長"));
        assert_eq!(it.crm.read("Lead", &crm, "City").await, json!("函館市"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_which_something_unknown_to_us_was_changed_is_written_all_the_same() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.crm.update("Lead", &crm, json!({ "Fax": "03-9999-0001" })).await;
        it.later().await;
        assert_eq!(it.read().await, 0, "no field of ours");
        it.edit(&id, "title", "統括本部長").await.data();
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() }, "the version is known");
        assert_eq!(it.crm.read("Lead", &crm, "Title").await, json!("統括本部長"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_of_the_master_does_not_overwrite_what_it_says_since() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Opportunity").await;
        let id = it.id_of(RecordKind::Opportunity, &crm).await;
        it.edit(&id, "name", "基幹刷新 第二期").await.data();
        it.later().await;
        it.crm.update("Opportunity", &crm, json!({ "Name": "基幹刷新 改" })).await;
        it.later().await;
        it.read().await;
        assert_eq!(it.push().await, Sent { refused: 1, ..Sent::default() });
        assert_eq!(it.crm.read("Opportunity", &crm, "Name").await, json!("基幹刷新 改"));
        assert_eq!(it.changes("REFUSED").await[0]["code"], "FIELD_MOVED");
        assert_eq!(it.tasks("WRITE_BACK_FAILED").await.len(), 1);
        let again = json!({ "ids": [it.changes("REFUSED").await[0]["id"]], "idempotencyKey": "once" });
        let admin = it.gateway.as_admin();
        for _ in 0..2 {
            let answer = admin.change("sendChangesAgain", again.clone(), "count changes { id }").await;
            assert_eq!(answer.at("/sendChangesAgain/count"), 1);
        }
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() }, "a person has seen both");
        assert_eq!(it.crm.read("Opportunity", &crm, "Name").await, json!("基幹刷新 第二期"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_thinks_that_a_field_arrived_which_the_mapping_does_not_write() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        it.is_to_tell(&[("title", "統括本部長"), ("stage", "DISQUALIFIED")], std::slice::from_ref(&crm))
            .await;
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        let accepted = it.changes("ACCEPTED").await;
        let values = accepted.iter().find(|it| it["externalId"] == crm.as_str()).unwrap()["values"].clone();
        assert_eq!(values.as_array().unwrap().len(), 1, "{values}");
        let id = it.id_of(RecordKind::Lead, &crm).await;
        assert_ne!(it.lead(&id, "stage").await["stage"], "DISQUALIFIED");
        it.is_to_tell(&[("stage", "DISQUALIFIED")], std::slice::from_ref(&crm)).await;
        assert_eq!(it.push().await, Sent::default());
        assert_eq!(it.changes("REFUSED").await[0]["code"], "READ_ONLY_FIELD");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_about_and_not_written_twice() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.edit(&id, "title", "統括本部長").await.data();
        it.crm.suffer(Fault::new(FaultKind::ConnectionReset).on(LEADS));
        it.sender().send_all(&|_| {}).await.unwrap_err();
        assert_eq!(it.changes("SENDING").await.len(), 1);
        it.later().await;
        let sent = it.push().await;
        assert_eq!(sent.accepted, 1, "{sent:?}");
        assert_eq!(it.crm.read("Lead", &crm, "Title").await, json!("統括本部長"));
        assert_eq!(it.lead(&id, "title").await["title"], "統括本部長");
        assert!(it.changes("SENDING, PENDING, REFUSED").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_before_the_answer_tells_that_it_arrived() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.edit(&id, "title", "統括本部長").await.data();
        let effective = "provenance(fields: [\"title\"]) { value effectiveAt }";
        let before = it.lead(&id, effective).await;
        it.crm.suffer(Fault::new(FaultKind::ConnectionReset).on(LEADS));
        it.sender().send_all(&|_| {}).await.unwrap_err();
        it.later().await;
        // As if the change had arrived all the same, and its sender had died.
        it.crm.update("Lead", &crm, json!({ "Title": "統括本部長" })).await;
        it.later().await;
        it.read().await;
        assert!(it.changes("SENDING, PENDING").await.is_empty());
        assert_eq!(it.lead(&id, effective).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_asks_a_person_in_the_crms_own_words() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Opportunity").await;
        let id = it.id_of(RecordKind::Opportunity, &crm).await;
        let before = it.opportunity(&id, "name").await;
        it.edit(&id, "name", &"長".repeat(130)).await.data();
        assert_eq!(it.push().await, Sent { refused: 1, ..Sent::default() });
        assert_eq!(it.opportunity(&id, "name").await, before);
        let refused = it.changes("REFUSED").await;
        assert_eq!(refused[0]["code"], "STRING_TOO_LONG");
        let tasks = it.tasks("WRITE_BACK_FAILED").await;
        let details = tasks[0]["details"].to_string();
        assert!(details.contains("STRING_TOO_LONG"), "{details}");
        assert_eq!(it.push().await, Sent::default(), "what was refused is not sent again unchanged");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_have_it_sent_again() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.edit(&id, "title", "統括本部長").await.data();
        let code = "STRING_TOO_LONG".to_owned();
        it.crm.suffer(Fault::new(FaultKind::Refusal { code }).on(LEADS));
        assert_eq!(it.push().await, Sent { refused: 1, ..Sent::default() });
        let task = it.tasks("WRITE_BACK_FAILED").await[0]["id"].clone();
        let admin = it.gateway.as_admin();
        admin.change("claimReviewTask", json!({ "taskId": task }), "task { state }").await.data();
        let decision = json!({ "taskId": task, "decision": "SEND_AGAIN", "reason": "規則を直した" });
        admin.change("decideReviewTask", decision, "task { state }").await.data();
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        assert_eq!(it.crm.read("Lead", &crm, "Title").await, json!("統括本部長"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_locked_is_tried_again_later() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Lead").await;
        let id = it.id_of(RecordKind::Lead, &crm).await;
        it.edit(&id, "title", "統括本部長").await.data();
        it.crm.suffer(Fault::new(FaultKind::Refusal { code: "UNABLE_TO_LOCK_ROW".to_owned() }).on(LEADS));
        assert_eq!(it.push().await, Sent { deferred: 1, ..Sent::default() });
        assert_eq!(it.push().await, Sent::default(), "not at once");
        it.later().await;
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_overwriting_us_is_let_be_until_a_person_has_looked() {
    after_a_reading(async |it| {
        let crm = it.crm.any("Account").await;
        let id = it.id_of(RecordKind::Account, &crm).await;
        it.edit(&id, "corporateNumber", "7000012050002").await.data();
        for _ in 0..3 {
            assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
            it.later().await;
            it.crm.update("Account", &crm, json!({ "Corporate_Number__c": null })).await;
            it.later().await;
            it.read().await;
        }
        assert_eq!(it.push().await, Sent::default());
        assert_eq!(it.changes("HELD").await.len(), 1);
        assert_eq!(it.tasks("LOOP").await.len(), 1);
        it.passes(TimeDelta::hours(1));
        assert_eq!(it.push().await, Sent::default(), "time alone lets nothing go on");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_changes_take_ten_requests() {
    after_reading(1_000, async |it| {
        let ids = it.crm.ids("SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 1000").await;
        it.is_to_tell(&[("title", "統括本部長")], &ids).await;
        let before: u64 = it.crm.admin().requests().iter().map(|it| it.1).sum();
        assert_eq!(it.push().await, Sent { accepted: ids.len() as u64, ..Sent::default() });
        let after: u64 = it.crm.admin().requests().iter().map(|it| it.1).sum();
        assert!(ids.len() > 900, "{}", ids.len());
        assert!(after - before <= 10, "{} requests", after - before);
        assert_eq!(it.crm.read("Lead", &ids[700], "Title").await, json!("統括本部長"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_senders_at_once_write_once() {
    after_a_reading(async |it| {
        let ids = it.crm.ids("SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 8").await;
        for crm in &ids {
            let id = it.id_of(RecordKind::Lead, crm).await;
            it.edit(&id, "title", "統括本部長").await.data();
        }
        let due = it.changes("PENDING").await.len() as u64;
        let (one, two) = (it.sender(), it.sender());
        let (one, two) = tokio::join!(one.send_all(&|_| {}), two.send_all(&|_| {}));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert!(due >= ids.len() as u64);
        assert_eq!(one.accepted + two.accepted, due, "{one:?} {two:?}");
        assert!(it.changes("PENDING, SENDING, REFUSED").await.is_empty());
    })
    .await;
}

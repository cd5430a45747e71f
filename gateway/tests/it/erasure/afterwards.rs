//! Nothing comes back: not from sources, not by hand, not by taking things apart.

use std::collections::BTreeSet;

use super::traces::tables_with;
use super::*;
use crate::harness::on_every_store;
use crate::policies::dump::dump;

#[tokio::test(flavor = "multi_thread")]
async fn what_sources_still_say_of_the_person_is_not_taken_in() {
    on_every_store(async |gateway| {
        let (lead, _) = given_minai(gateway).await;
        gateway.erases(&lead).await.data();
        let moved = minai().with(lead::phone, "03-9999-0000").with(lead::company, "極洋ホールディングス");
        gateway.hears_now(minai().with(lead::phone, "03-9999-0000")).await;
        gateway.hears_now(moved.clone()).await;
        gateway.hears_now(moved.with(lead::mobile_phone, "080-5555-1212")).await;
        let known = [&PERSON[..], &["080-5555-1212"]].concat();
        assert_eq!(tables_with(gateway, &known).await, BTreeSet::new());
        let expected = json!({ "company": "極洋ホールディングス", "lastName": null });
        assert_eq!(gateway.lead(&lead, "company lastName").await, expected, "the rest is taken in");
        for id in ["00Q1", "00Q2", "M1"] {
            assert_eq!(gateway.id_of(RecordKind::Lead, id).await, lead, "{id} stays where it was");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_that_the_fields_are_empty() {
    on_every_store(async |gateway| {
        let (lead, _) = given_minai(gateway).await;
        gateway.erases(&lead).await.data();
        gateway.hears_now(minai().with(lead::phone, "03-9999-0000").with(lead::source_channel, "Web")).await;
        let question = "{ outboundChanges(first: 50) { state values { field value } } }";
        let answer = gateway.as_admin().ask(question).await;
        let changes = answer.at("/outboundChanges").as_array().unwrap();
        assert!(!changes.is_empty());
        let personal = ["last_name", "first_name", "title", "email", "phone", "mobile_phone"];
        for change in changes {
            let fields = change["values"].as_array().unwrap();
            assert!(fields.iter().all(|it| !personal.contains(&it["field"].as_str().unwrap())), "{change}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_enters_the_person_again() {
    on_every_store(async |gateway| {
        let (lead, _) = given_minai(gateway).await;
        gateway.erases(&lead).await.data();
        gateway.edits(&lead, "phone", "03-1111-2222").await.assert_refused("PERSON_ERASED");
        gateway.pins_because(&lead, "phone", "03-1111-2222", "x").await.assert_refused("PERSON_ERASED");
        gateway.edits(&lead, "website", "https://kyokuyo.example").await.data();
        assert_eq!(tables_with(gateway, &PERSON).await, BTreeSet::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taking_a_merge_back_brings_no_value_back() {
    on_every_store(async |gateway| {
        let (lead, _) = given_minai(gateway).await;
        gateway.erases(&lead).await.data();
        let record = json!({ "system": "CRM", "object": "Lead", "externalId": "00Q2" });
        let question =
            "query Preview($input: PreviewUnmergeInput!) { previewUnmerge(input: $input) { keptId } }";
        let input = json!({ "input": { "id": lead, "sourceRecords": [record] } });
        gateway.steward().ask_with(question, input).await.assert_refused("NOT_MERGED");
        assert_eq!(tables_with(gateway, &PERSON).await, BTreeSet::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_twice_changes_nothing() {
    on_every_store(async |gateway| {
        let (lead, other) = given_minai(gateway).await;
        let first = gateway.erases(&lead).await.data()["eraseRecord"].clone();
        let stored = dump(&gateway.services.database, &[]).await;
        for id in [&lead, &other] {
            let mut again = gateway.erases(id).await.data()["eraseRecord"].clone();
            assert_eq!(again["changed"], false);
            again["changed"] = json!(true);
            assert_eq!(again, first);
        }
        assert_eq!(dump(&gateway.services.database, &[]).await, stored);
    })
    .await;
}

//! Every column of every table is searched for what was ever known of the person.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::contact;
use domain::policies::DryRunChange;
use domain::sync::{SyncDirection, SyncErrorCategory, SyncErrorState};
use entity::golden::source_record;
use entity::policies::dry_run_example;
use entity::sync::sync_error;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder};

use super::*;
use crate::harness::on_every_store;
use crate::policies::dump::dump;

/// The tables that hold one of these texts, in any column.
pub(super) async fn tables_with(gateway: &TestGateway, texts: &[&str]) -> BTreeSet<String> {
    let tables = dump(&gateway.services.database, &[]).await;
    let holds = |rows: &[String]| rows.iter().any(|row| texts.iter().any(|text| row.contains(text)));
    tables.into_iter().filter(|(_, rows)| holds(rows)).map(|(table, _)| table).collect()
}

async fn counts(gateway: &TestGateway) -> BTreeMap<String, usize> {
    let tables = dump(&gateway.services.database, &[]).await;
    tables.into_iter().map(|(table, rows)| (table, rows.len())).collect()
}

async fn hashes(gateway: &TestGateway) -> Vec<(String, String)> {
    let rows = source_record::Entity::find().order_by_asc(source_record::Column::Id);
    let rows = rows.all(gateway.services.database.read()).await.unwrap();
    rows.into_iter().map(|it| (it.external_id, it.content_hash)).collect()
}

/// A failure to write her back, in the CRM's own words, and what a draft would change of her.
async fn given_failure_and_example(gateway: &TestGateway) {
    let services = &gateway.services;
    let (db, now) = (services.database.read(), services.clock.now());
    let golden = gateway.golden_of(RecordKind::Lead, "00Q1").await;
    let said = "duplicate value found: minai@kyokuyo.example".to_owned();
    let error = sync_error::Model {
        id: services.clock.new_id(),
        run_id: services.clock.new_id(),
        direction: SyncDirection::Outbound,
        system: "CRM".parse().unwrap(),
        object: "Lead".to_owned(),
        external_id: "00Q1".to_owned(),
        golden_id: None,
        category: SyncErrorCategory::DuplicateRule,
        code: None,
        message: said.clone(),
        source_message: Some(said),
        payload: Some(r#"{"LastName":"薬袋"}"#.to_owned()),
        is_retryable: false,
        attempts: 1,
        first_seen_at: now,
        last_seen_at: now,
        state: SyncErrorState::Open,
        next_attempt_at: None,
        reason: None,
        decided_by: None,
        decided_at: None,
    };
    error.into_active_model().insert(db).await.unwrap();
    let example = dry_run_example::Model {
        id: services.clock.new_id(),
        dry_run_id: services.clock.new_id(),
        change: DryRunChange::Value,
        kind: RecordKind::Lead,
        golden_id: Some(golden),
        other_id: None,
        field: Some("phone".to_owned()),
        value_before: Some("03-1111-2222".to_owned()),
        value_after: Some("03-3333-4444".to_owned()),
        source_before: None,
        source_after: None,
        rule_before: None,
        rule_after: None,
    };
    example.into_active_model().insert(db).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_person_is_left_in_any_column_of_any_table() {
    on_every_store(async |gateway| {
        let (lead, other) = given_minai(gateway).await;
        given_failure_and_example(gateway).await;
        let known = tables_with(gateway, &PERSON).await;
        for table in [
            "source_records",
            "observations",
            "settlements",
            "golden_leads",
            "holds",
            "match_decisions",
            "review_tasks",
            "outbound_changes",
            "sync_errors",
            "policy_dry_run_examples",
        ] {
            assert!(known.contains(table), "{table} tells nothing of her to begin with: {known:?}");
        }
        let (rows, content) = (counts(gateway).await, hashes(gateway).await);

        let answer = gateway.erases(&lead).await;
        assert_eq!(answer.at("/eraseRecord/recordId"), &json!(lead));
        assert_eq!(answer.at("/eraseRecord/changed"), true);
        assert_eq!(answer.at("/eraseRecord/erasedRecords"), content.len() - 1, "all but the account");
        let still = |id: &str, system: &str| json!({ "system": system, "externalId": id });
        let expected = json!([still("00Q1", "CRM"), still("00Q2", "CRM"), still("M1", "MA")]);
        assert_eq!(answer.at("/eraseRecord/stillIn"), &expected);
        assert_eq!(answer.at("/eraseRecord/leftAlone"), &json!([]));

        assert_eq!(tables_with(gateway, &PERSON).await, BTreeSet::new());
        assert_eq!(hashes(gateway).await, content, "hashes and ids stay");
        let after = counts(gateway).await;
        for table in [
            "source_records",
            "observations",
            "record_links",
            "golden_leads",
            "holds",
            "merge_operations",
            "review_tasks",
        ] {
            assert_eq!(after[table], rows[table], "{table}");
        }
        for id in [&lead, &other] {
            assert_eq!(gateway.lead(id, "id").await["id"], json!(lead), "every id resolves");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_by_which_the_person_was_found_vanish() {
    on_every_store(async |gateway| {
        let (lead, _) = given_minai(gateway).await;
        gateway.erases(&lead).await.data();
        let rows = counts(gateway).await;
        let of_leads = |table: &str| rows.get(table).copied().unwrap_or_default();
        assert_eq!(of_leads("match_candidates"), 0);
        let answer = gateway.as_admin().ask("{ leads { totalCount } }").await;
        assert_eq!(answer.at("/leads/totalCount"), 1, "what was one stays one");
        // Somebody who is told by the same mailbox is somebody else now.
        let again = gateway.given(minai().renamed("00Q9")).await;
        assert_ne!(again, lead);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_every_source_has_deleted_is_erased_as_well() {
    on_every_store(async |gateway| {
        let lead = gateway.given(minai()).await;
        gateway.hears([minai().renamed("M1").by("MA")]).await;
        for said in [minai(), minai().renamed("M1").by("MA")] {
            gateway.hears_now(said.deleted()).await;
        }
        let before = told(gateway, &lead, lead::phone, "").await;
        assert_eq!(before["value"], "03-1111-2222", "it is served as it was last");
        let answer = gateway.erases(&lead).await;
        assert_eq!(answer.at("/eraseRecord/stillIn"), &json!([]), "nobody has her any more");
        assert_eq!(tables_with(gateway, &PERSON).await, BTreeSet::new());
        assert_eq!(told(gateway, &lead, lead::phone, "").await, erased());
        assert_eq!(gateway.lead(&lead, "company").await["company"], "株式会社極洋");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_keeps_its_account() {
    on_every_store(async |gateway| {
        gateway.hears([Said::account("0010", "株式会社極洋")]).await;
        let said = Said::contact("0031", "薬袋").with(contact::account, "0010");
        let id = gateway
            .given(said.with(contact::phone, "03-1111-2222").with(contact::department, "営業二課"))
            .await;
        gateway.erases(&id).await.data();
        assert_eq!(tables_with(gateway, &["薬袋", "03-1111-2222", "営業二課"]).await, BTreeSet::new());
        let question = "query One($id: ID!) { contact(id: $id) { lastName department account { name }
            provenance(fields: [\"lastName\"]) { rule } } }";
        let contact = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        let expected = json!({
            "lastName": null, "department": null, "account": { "name": "株式会社極洋" },
            "provenance": [{ "rule": "ERASED" }],
        });
        assert_eq!(contact.at("/contact"), &expected);
    })
    .await;
}

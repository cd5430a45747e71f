//! What becomes of pins and locks when records join and part.

use std::collections::BTreeMap;

use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::sources::SourceKey;
use entity::golden::hold;
use gateway::golden::pins::holds_at;
use gateway::golden::service::{Unmerge, Unmerged, unmerge};
use gateway::platform::auth::Caller;
use gateway::platform::context::RequestContext;
use gateway::platform::graphql::node_id::{NodeId, NodeType};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::*;
use crate::harness::on_every_store;

/// Two leads that are not one yet: an older and a younger one.
async fn given_two(gateway: &TestGateway) -> (String, String) {
    let other = Said::lead("00Q2").with(lead::email, "s2@other.example").with(lead::phone, "03-2222-2222");
    let older = gateway.given(sato()).await;
    gateway.let_pass(TimeDelta::days(1));
    (older, gateway.given(other).await)
}

/// The CRM learns that both are one person.
async fn they_become_one(gateway: &TestGateway) {
    let same = Said::lead("00Q2").with(lead::email, "sato@kyokuyo.example").with(lead::phone, "03-2222-2222");
    gateway.crm_says(same).await;
}

fn key(id: &str) -> GoldenId {
    NodeId::decode(&id.to_owned().into(), NodeType::Lead).unwrap()
}

/// A steward takes the record of the younger one out again.
async fn they_part(gateway: &TestGateway, golden: &str) -> Unmerged {
    gateway.let_pass(TimeDelta::seconds(1));
    let services = &gateway.services;
    let (database, clock) = (services.database.clone(), services.clock.clone());
    let ctx = RequestContext::new(database, clock, services.shared(), Caller::operator(), "test".to_owned());
    let (system, object) = ("CRM".parse().unwrap(), "Lead".to_owned());
    let take_out = vec![SourceKey { system, object, external_id: "00Q2".to_owned() }];
    let wanted =
        Unmerge { kind: RecordKind::Lead, golden: key(golden), take_out, reason: "別人".parse().unwrap() };
    let txn = ctx.begin().await.unwrap();
    let unmerged = unmerge(&txn, &ctx, &wanted).await.unwrap();
    txn.commit().await.unwrap();
    unmerged
}

/// What holds now: by record and field, the sort and the pinned value.
async fn holding(gateway: &TestGateway) -> BTreeMap<(GoldenId, String), Vec<(String, Option<String>)>> {
    let open = hold::Entity::find().filter(hold::Column::EndedAt.is_null());
    let mut holding: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in open.all(gateway.services.database.read()).await.unwrap() {
        let kept: Value = serde_json::from_str(&row.kept).unwrap();
        let value = kept[&row.field]["value"].as_str().map(str::to_owned);
        holding.entry((row.golden_id, row.field)).or_default().push((row.hold.to_string(), value));
    }
    holding.values_mut().for_each(|it| it.sort());
    holding
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_follows_its_record_into_the_survivor() {
    on_every_store(async |gateway| {
        let (older, younger) = given_two(gateway).await;
        gateway.pins(&younger, "phone", "03-0000-1111").await.data();
        gateway.locks(&older, "title", None).await.data();
        they_become_one(gateway).await;
        assert_eq!(gateway.served(&older, lead::phone).await, "03-0000-1111");
        assert_eq!(gateway.phone(&younger).await["provenance"][0]["pin"]["by"], "steward");
        gateway.unpins(&older, "phone").await.data();
        assert_eq!(gateway.served(&older, lead::phone).await, "03-2222-2222");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_pins_the_newer_one_goes_on_and_a_person_is_asked() {
    on_every_store(async |gateway| {
        let (older, younger) = given_two(gateway).await;
        gateway.pins(&younger, "phone", "03-0000-2222").await.data();
        gateway.let_pass(TimeDelta::hours(1));
        gateway.pins(&older, "phone", "03-0000-1111").await.data();
        gateway.pins(&older, "title", "部長").await.data();
        gateway.let_pass(TimeDelta::hours(1));
        gateway.pins(&younger, "title", "課長").await.data();
        they_become_one(gateway).await;
        assert_eq!(gateway.served(&older, lead::phone).await, "03-0000-1111");
        assert_eq!(gateway.served(&older, lead::title).await, "課長");
        let conflicts: Vec<_> =
            gateway.tasks().await.into_iter().filter(|it| it.starts_with("FIELD_CONFLICT")).collect();
        assert_eq!(conflicts, ["FIELD_CONFLICT OPEN", "FIELD_CONFLICT OPEN"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_pins_that_agree_are_no_conflict() {
    on_every_store(async |gateway| {
        let (older, younger) = given_two(gateway).await;
        gateway.pins(&older, "phone", "03-0000-1111").await.data();
        gateway.pins(&younger, "phone", "0300001111").await.data();
        they_become_one(gateway).await;
        assert!(gateway.tasks().await.iter().all(|it| !it.starts_with("FIELD_CONFLICT")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parting_gives_back_what_the_merge_brought_and_ended() {
    on_every_store(async |gateway| {
        let (older, younger) = given_two(gateway).await;
        gateway.pins(&younger, "phone", "03-0000-2222").await.data();
        gateway.pins(&younger, "industry", "水産").await.data();
        gateway.let_pass(TimeDelta::hours(1));
        gateway.pins(&older, "phone", "03-0000-1111").await.data();
        gateway.pins(&older, "title", "部長").await.data();
        gateway.let_pass(TimeDelta::hours(1));
        gateway.pins(&younger, "title", "課長").await.data();
        let before = holding(gateway).await;
        let then = gateway.services.clock.now();
        they_become_one(gateway).await;
        assert_eq!(holding(gateway).await.len(), 3);
        let unmerged = they_part(gateway, &older).await;
        assert_eq!((unmerged.parted, unmerged.ambiguous), (vec![key(&younger)], vec![]));
        assert_eq!(holding(gateway).await, before);
        // The past is as it was, whatever became of it since.
        let db = gateway.services.database.read();
        let past = holds_at(db, &[key(&older), key(&younger)], then).await.unwrap();
        let held = |id: &str| past[&key(id)].iter().map(|it| it.field).collect::<Vec<_>>();
        assert_eq!(held(&older).len() + held(&younger).len(), 5);
        assert!(held(&younger).contains(&lead::industry));
    })
    .await;
}

/// The CRM learns that they are two.
async fn they_are_two(gateway: &TestGateway) {
    let other = Said::lead("00Q2").with(lead::email, "s2@other.example").with(lead::phone, "03-2222-2222");
    gateway.crm_says(other).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_joins_and_parts_again_and_again_has_each_pin_once() {
    on_every_store(async |gateway| {
        let (older, younger) = given_two(gateway).await;
        gateway.pins(&younger, "phone", "03-0000-2222").await.data();
        gateway.pins(&younger, "title", "部長").await.data();
        gateway.let_pass(TimeDelta::hours(1));
        gateway.pins(&older, "phone", "03-0000-1111").await.data();
        gateway.pins(&older, "title", "課長").await.data();
        let before = holding(gateway).await;
        for cycle in 0..3 {
            they_become_one(gateway).await;
            assert_eq!(holding(gateway).await.len(), 2, "cycle {cycle}");
            they_are_two(gateway).await;
            assert_eq!(holding(gateway).await, before, "cycle {cycle}");
        }
        // What a person takes off between two merges stays off.
        gateway.unpins(&younger, "phone").await.data();
        let before = holding(gateway).await;
        they_become_one(gateway).await;
        they_are_two(gateway).await;
        assert_eq!(holding(gateway).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pinned_since_follows_its_evidence_or_stays_and_is_told() {
    on_every_store(async |gateway| {
        let (older, younger) = given_two(gateway).await;
        they_become_one(gateway).await;
        gateway.crm_says(sato().with(lead::website, "https://kyokuyo.example")).await;
        let with_title =
            Said::lead("00Q2").with(lead::email, "sato@kyokuyo.example").with(lead::title, "部長");
        gateway.crm_says(with_title).await;
        gateway.let_pass(TimeDelta::hours(1));
        gateway.pins(&older, "title", "課長").await.data();
        gateway.pins(&older, "website", "https://example.jp").await.data();
        gateway.pins(&older, "phone", "03-0000-1111").await.data();
        gateway.pins(&older, "industry", "水産").await.data();
        let unmerged = they_part(gateway, &older).await;
        let unclear: Vec<&str> = unmerged.ambiguous.iter().map(|it| it.field.name()).collect();
        assert_eq!(unclear, ["phone", "industry"], "both sides, and neither, have evidence");
        let of = |id: &str, field: &str| (key(id), field.to_owned());
        let places: Vec<_> = holding(gateway).await.into_keys().collect();
        let mut expected =
            [of(&younger, "title"), of(&older, "website"), of(&older, "phone"), of(&older, "industry")];
        expected.sort();
        assert_eq!(places, expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_was_taken_off_since_does_not_come_back() {
    on_every_store(async |gateway| {
        let (older, younger) = given_two(gateway).await;
        gateway.pins(&younger, "phone", "03-0000-2222").await.data();
        they_become_one(gateway).await;
        gateway.unpins(&older, "phone").await.data();
        they_part(gateway, &older).await;
        assert!(holding(gateway).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_counts_at_once_at_a_record_that_never_was_before() {
    on_every_store(async |gateway| {
        let older = gateway.given(sato()).await;
        gateway.let_pass(TimeDelta::days(1));
        let twin = Said::lead("00Q2").with(lead::email, "sato@kyokuyo.example").with(lead::title, "部長");
        gateway.hears([twin]).await;
        gateway.pins(&older, "title", "課長").await.data();
        let unmerged = they_part(gateway, &older).await;
        assert_eq!(unmerged.created.len(), 1);
        let younger = gateway.id_of(RecordKind::Lead, "00Q2").await;
        assert_eq!(gateway.served(&younger, lead::title).await, "課長");
        assert_eq!(gateway.served(&older, lead::title).await, Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_asked_about_two_pins_chooses_the_value() {
    on_every_store(async |gateway| {
        let (older, younger) = given_two(gateway).await;
        gateway.pins(&younger, "phone", "03-0000-2222").await.data();
        gateway.let_pass(TimeDelta::hours(1));
        gateway.pins(&older, "phone", "03-0000-1111").await.data();
        they_become_one(gateway).await;
        let question = "{ reviewTasks(filter: { kind: [FIELD_CONFLICT] }) { nodes { id decisions { decision }
                consequences { changesRecords fields { field before after } } } } }";
        let task = gateway.as_admin().ask(question).await;
        let decisions = json!([{ "decision": "KEEP_SERVED" }, { "decision": "TAKE_OTHER" }]);
        assert_eq!(task.at("/reviewTasks/nodes/0/decisions"), &decisions);
        let told = json!([
            { "changesRecords": false, "fields": [] },
            { "changesRecords": true,
                "fields": [{ "field": "phone", "before": "03-0000-1111", "after": "03-0000-2222" }] },
        ]);
        assert_eq!(task.at("/reviewTasks/nodes/0/consequences"), &told);
        let id = task.at("/reviewTasks/nodes/0/id");
        let answer = json!({ "taskId": id, "decision": "TAKE_OTHER", "reason": "本人に確認" });
        let decided = gateway.as_steward().change("decideReviewTask", answer, "task { state }").await;
        assert_eq!(decided.at("/decideReviewTask/task/state"), "APPLIED", "{}", decided.text);
        let phone = gateway.phone(&older).await;
        assert_eq!(
            (&phone["phone"], &phone["provenance"][0]["pin"]["reason"]),
            (&json!("03-0000-2222"), &json!("本人に確認"))
        );
    })
    .await;
}

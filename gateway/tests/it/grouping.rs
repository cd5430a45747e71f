//! Which records are one: the same answer online and in a batch, whatever came first.

use std::collections::{BTreeMap, BTreeSet};
use std::env;

use chrono::TimeDelta;
use domain::fields::{Field, RecordKind, lead};
use domain::ids::{GoldenId, SourceRecordId};
use entity::golden::{closed_key, record_link, source_record};
use entity::review::review_task;
use gateway::golden::service;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use crate::harness::{Chance, Said, TestGateway, on_every_store};

const FAMILIES: &[&str] = &["佐藤", "鈴木", "Mitchell", "山田"];
const GIVEN: &[&str] = &["花子", "一郎", "Robert", "太郎"];
const COMPANIES: &[&str] = &["株式会社極洋", "㈱極洋", "カネコ種苗", "Acme Inc"];
const SYSTEMS: &[&str] = &["CRM", "MA", "CSV"];

/// Says how many towns are heard of, each in two orders.
const ROUNDS: &str = "GATEWAY_TEST_TOWNS";
const USUAL_ROUNDS: usize = 6;

/// Somebody out of a small town: most have their own mailbox and telephone, some use a neighbour's, some give half a name.
pub fn somebody(chance: &mut Chance, id: usize) -> Said {
    let who = chance.below(14);
    let said = Said::lead(&format!("{id:04}")).by(chance.one_of(SYSTEMS));
    let said = said.with(lead::last_name, FAMILIES[who % 4]).with(lead::company, chance.one_of(COMPANIES));
    let given = if chance.once_in(6) { "" } else { GIVEN[who / 4] };
    let mailbox = if chance.once_in(5) { chance.below(14) } else { who };
    let mobile = if chance.once_in(5) { chance.below(14) } else { who };
    let mut said = said.with(lead::first_name, given);
    let details: [(Field, String); 3] = [
        (lead::email, format!("m{mailbox}@kyokuyo.example")),
        (lead::mobile_phone, format!("090-1111-22{mobile:02}")),
        (lead::phone, format!("03-1111-22{:02}", chance.below(3))),
    ];
    for (field, value) in details {
        if !chance.once_in(3) {
            said = said.with(field, &value);
        }
    }
    said
}

/// The records of each golden lead, by their ids outside.
async fn groups(gateway: &TestGateway) -> BTreeSet<BTreeSet<String>> {
    let db = gateway.services.database.read();
    let live = source_record::Entity::find().filter(source_record::Column::Kind.eq(RecordKind::Lead));
    let names: BTreeMap<SourceRecordId, String> =
        live.all(db).await.unwrap().into_iter().map(|it| (it.id, it.external_id)).collect();
    let links = record_link::Entity::find().filter(record_link::Column::EndedAt.is_null());
    let mut groups: BTreeMap<GoldenId, BTreeSet<String>> = BTreeMap::new();
    for link in links.all(db).await.unwrap() {
        groups.entry(link.golden_id).or_default().insert(names[&link.source_record_id].clone());
    }
    groups.into_values().collect()
}

/// A batch over everything finds what stands already, and the open questions are those it would ask.
async fn assert_batch_agrees(gateway: &TestGateway, context: &str) {
    let db = gateway.services.database.read();
    let engine = gateway.services.mastering().engine(db).await.unwrap();
    let found =
        service::regrouped(db, &engine, RecordKind::Lead, &service::AccountsAhead::default()).await.unwrap();
    assert_eq!((&found.merges, &found.splits), (&vec![], &vec![]), "{context}");
    let open = review_task::Entity::find()
        .filter(review_task::Column::State.eq(domain::review::ReviewState::Open))
        .count(db)
        .await
        .unwrap();
    assert_eq!(found.doubtful.len() as u64, open, "{context}");
}

async fn hears_in_pages(gateway: &TestGateway, chance: &mut Chance, said: Vec<Said>) {
    let mut rest = said.into_iter().peekable();
    while rest.peek().is_some() {
        let size = 1 + chance.below(9);
        gateway.let_pass(TimeDelta::minutes(1));
        gateway.hears_at_once(rest.by_ref().take(size).collect::<Vec<_>>()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_in_any_order_is_what_a_batch_finds() {
    let mut chance = Chance::seeded(1);
    let rounds = env::var(ROUNDS).map_or(USUAL_ROUNDS, |it| it.parse().expect("a number of towns"));
    for round in 0..rounds {
        let people: Vec<Said> = (0..70).map(|id| somebody(&mut chance, id)).collect();
        let expected = tokio::sync::OnceCell::new();
        for _ in 0..2 {
            let people = chance.shuffled(people.clone());
            let pages = chance.below(1_000) as u64;
            on_every_store(async |gateway| {
                hears_in_pages(gateway, &mut Chance::seeded(pages), people.clone()).await;
                assert_batch_agrees(gateway, &format!("round {round}")).await;
                let found = groups(gateway).await;
                let first = expected.get_or_init(async || found.clone()).await;
                assert_eq!(&found, first, "round {round}");
                assert!(found.iter().any(|it| it.len() > 1), "nobody was joined");
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_and_disappears_leaves_what_a_batch_finds() {
    on_every_store(async |gateway| {
        let mut chance = Chance::seeded(7);
        for step in 0..60 {
            gateway.let_pass(TimeDelta::minutes(1));
            let now = gateway.services.clock.now();
            let id = chance.below(40);
            let said = somebody(&mut Chance::seeded(chance.below(1_000) as u64), id).by(SYSTEMS[id % 3]);
            let said = said.modified(now);
            gateway.hears([if chance.once_in(6) { said.deleted() } else { said }]).await;
            if step % 4 == 3 {
                assert_batch_agrees(gateway, &format!("step {step}")).await;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_many_names_share_parts_whom_it_had_joined() {
    on_every_store(async |gateway| {
        let shared = |id: &str, last: &str| {
            let said = Said::lead(id).with(lead::last_name, last).with(lead::first_name, "誠");
            said.with(lead::email, "desk@partner.example").with(lead::company, &format!("{id}株式会社"))
        };
        gateway.hears([shared("a1", "佐藤"), shared("a2", "佐藤").by("MA")]).await;
        assert_eq!(groups(gateway).await.len(), 1, "one mailbox and one name are one person");
        for (at, last) in ["高橋", "田中", "伊藤", "渡辺", "中村", "小林", "加藤"].iter().enumerate()
        {
            gateway.hears([shared(&format!("b{at}"), last)]).await;
        }
        assert_batch_agrees(gateway, "after the mailbox became everybody's").await;
        let apart = groups(gateway).await;
        assert!(apart.iter().all(|it| it.len() == 1), "{apart:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_one_junk_name_neither_explodes_nor_merges() {
    on_every_store(async |gateway| {
        let junk = |id: usize| {
            let said =
                Said::lead(&format!("{id:05}")).with(lead::last_name, "山田").with(lead::first_name, "太郎");
            said.with(lead::company, "サンプル商事").with(lead::email, "sample@kyokuyo.example")
        };
        for page in 0..5 {
            gateway.hears_at_once((page * 500..(page + 1) * 500).map(junk)).await;
        }
        let closed = closed_key::Entity::find().count(gateway.services.database.read()).await.unwrap();
        assert!(closed > 0);
        assert_eq!(groups(gateway).await.len(), 2_500);
        assert_batch_agrees(gateway, "junk").await;
    })
    .await;
}

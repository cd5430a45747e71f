//! Which account a lead belongs to: a function of what all sources say now, whatever came first.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::Arc;

use chrono::TimeDelta;
use domain::fields::{Field, RecordKind, account, lead};
use domain::ids::GoldenId;
use entity::golden::{record_link, source_record};
use entity::leads::golden_lead;
use gateway::golden::service::{self, AccountsAhead, Engine};
use mastering::policy::MatchingPolicy;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::harness::{Chance, Said, TestGateway, instant, on_every_store};

const NAMES: &[&[&str]] = &[
    &["株式会社極洋", "㈱極洋", "極洋"],
    &["カネコ種苗株式会社", "カネコ種苗", "（株）カネコ種苗"],
    &["Acme Inc", "Acme", "ACME Inc."],
    &["日本水産株式会社", "日本水産(株)", "ニッスイ"],
];
const NUMBERS: &[&str] = &["7000012050002", "5010401089998", "6000012050003", "4011001098993"];
const SYSTEMS: &[&str] = &["CRM", "MA", "CSV"];

/// Says how many stores are filled, each in three orders.
const ROUNDS: &str = "GATEWAY_TEST_COMPANIES";
const USUAL_ROUNDS: usize = 8;

/// One of four companies, told well or badly: now and then with a fact of another one.
fn company(chance: &mut Chance, who: usize, fields: [Field; 4], said: Said) -> Said {
    let wrong = |chance: &mut Chance| if chance.once_in(8) { chance.below(NAMES.len()) } else { who };
    let name = chance.one_of(NAMES[who]).to_owned();
    let facts = [
        name,
        NUMBERS[wrong(chance)].to_owned(),
        format!("https://company{}.example", wrong(chance)),
        format!("03-3333-000{}", wrong(chance)),
    ];
    let rare = [5, 2, 2, 2];
    fields.into_iter().zip(facts).zip(rare).fold(said, |said, ((field, fact), left_out)| {
        if chance.once_in(left_out) { said } else { said.with(field, &fact) }
    })
}

fn some_account(chance: &mut Chance, id: usize) -> Said {
    let who = chance.below(NAMES.len());
    let said = Said::account(&format!("A{id:02}"), NAMES[who][0]).by(SYSTEMS[id % SYSTEMS.len()]);
    let fields = [account::name, account::corporate_number, account::website, account::phone];
    company(chance, who, fields, said).modified(instant("2026-05-01T00:00:00Z"))
}

fn some_lead(chance: &mut Chance, id: usize) -> Said {
    let who = chance.below(NAMES.len());
    let said = Said::lead(&format!("L{id:02}")).with(lead::last_name, &format!("佐藤{id}"));
    let said = said.without(lead::company).with(lead::email, &format!("p{id}@company{who}.example"));
    let fields = [lead::company, lead::corporate_number, lead::website, lead::phone];
    company(chance, who, fields, said).modified(instant("2026-05-01T00:00:00Z"))
}

/// Takes in what is said in this order, in pages of one kind each.
async fn hears_in_pages(gateway: &TestGateway, chance: &mut Chance, said: Vec<(RecordKind, Said)>) {
    let mut rest = said.into_iter().peekable();
    while let Some((kind, first)) = rest.next() {
        let mut page = vec![first];
        let size = 1 + chance.below(6);
        while page.len() < size && rest.peek().is_some_and(|it| it.0 == kind) {
            page.extend(rest.next().map(|it| it.1));
        }
        gateway.let_pass(TimeDelta::minutes(1));
        gateway.hears_at_once(page).await;
    }
}

/// The account of each lead, as the ids outside of the records that it is made of.
async fn accounts(gateway: &TestGateway) -> BTreeMap<String, BTreeSet<String>> {
    let db = gateway.services.database.read();
    let names = source_record::Entity::find().all(db).await.unwrap();
    let names: BTreeMap<_, _> = names.into_iter().map(|it| (it.id, it.external_id)).collect();
    let links = record_link::Entity::find().filter(record_link::Column::EndedAt.is_null());
    let mut members: BTreeMap<GoldenId, BTreeSet<String>> = BTreeMap::new();
    for it in links.all(db).await.unwrap() {
        members.entry(it.golden_id).or_default().insert(names[&it.source_record_id].clone());
    }
    let leads = golden_lead::Entity::find().filter(golden_lead::Column::RedirectTo.is_null());
    let leads = leads.all(db).await.unwrap().into_iter().filter(|it| members.contains_key(&it.id));
    let account = |it: golden_lead::Model| {
        let name = members[&it.id].first().cloned().unwrap();
        (name, it.account_id.map(|it| members[&it].clone()).unwrap_or_default())
    };
    leads.map(account).collect()
}

/// Looking for the account of every lead anew finds what stands.
async fn assert_nothing_to_relink(gateway: &TestGateway, context: &str) {
    let db = gateway.services.database.read();
    let engine = gateway.services.mastering().engine(db).await.unwrap();
    let document = include_str!("../../../mastering/policies/matching.toml");
    // Another policy in name: no two names are that close to the bound.
    let document = document.replacen("name_similarity = 0.92", "name_similarity = 0.9200000001", 1);
    let mut policies = (*engine.policies).clone();
    policies.matching = Arc::new(MatchingPolicy::parse(&document).unwrap());
    let other = Engine { policies: Arc::new(policies), ..engine.clone() };
    let now = AccountsAhead::default();
    let accounts = service::regrouped(db, &other, RecordKind::Account, &now).await.unwrap();
    let ahead = service::accounts_ahead(db, [&engine, &other], &accounts).await.unwrap();
    let leads = service::regrouped(db, &other, RecordKind::Lead, &ahead).await.unwrap();
    let moved = service::relinked_beside(db, &other, &leads, &BTreeSet::new(), &ahead).await.unwrap();
    assert_eq!(moved, 0, "{context}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_finds_its_account_whatever_arrives_first() {
    let mut chance = Chance::seeded(3);
    let (mut found, mut lost) = (0, 0);
    let rounds = env::var(ROUNDS).map_or(USUAL_ROUNDS, |it| it.parse().expect("a number of towns"));
    for round in 0..rounds {
        let companies = (0..10).map(|id| (RecordKind::Account, some_account(&mut chance, id)));
        let mut said: Vec<(RecordKind, Said)> = companies.collect();
        said.extend((0..24).map(|id| (RecordKind::Lead, some_lead(&mut chance, id))));
        let expected = tokio::sync::OnceCell::new();
        for _ in 0..3 {
            let said = chance.shuffled(said.clone());
            let pages = chance.below(1_000) as u64;
            on_every_store(async |gateway| {
                hears_in_pages(gateway, &mut Chance::seeded(pages), said.clone()).await;
                let accounts = accounts(gateway).await;
                let first = expected.get_or_init(async || accounts.clone()).await;
                assert_eq!(&accounts, first, "round {round}");
                assert_nothing_to_relink(gateway, &format!("round {round}")).await;
            })
            .await;
        }
        let nowhere = expected.get().unwrap().values().filter(|it| it.is_empty()).count();
        (found, lost) = (found + expected.get().unwrap().len() - nowhere, lost + nowhere);
    }
    assert!(found > 20 && lost > 20, "{found} leads have an account, {lost} have none");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_change_and_disappear_are_followed_by_their_leads() {
    on_every_store(async |gateway| {
        let mut chance = Chance::seeded(11);
        gateway.hears_at_once((0..30).map(|id| some_lead(&mut Chance::seeded(id as u64), id))).await;
        for step in 0..60 {
            gateway.let_pass(TimeDelta::minutes(1));
            let (now, id) = (gateway.services.clock.now(), chance.below(12));
            let said = match chance.once_in(4) {
                true => some_lead(&mut chance, id),
                false => some_account(&mut chance, id),
            };
            let said = said.modified(now);
            gateway.hears([if chance.once_in(6) { said.deleted() } else { said }]).await;
            if step % 3 == 2 {
                assert_nothing_to_relink(gateway, &format!("step {step}")).await;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_better_account_takes_a_lead_over_and_an_equal_one_makes_it_nobodys() {
    on_every_store(async |gateway| {
        let said = Said::lead("L").with(lead::email, "taro@kyokuyo.example");
        let lead = gateway.given(said.with(lead::corporate_number, "7000012050002")).await;
        let site =
            |id: &str| Said::account(id, "株式会社極洋").with(account::website, "https://kyokuyo.example");
        gateway.hears([site("A1")]).await;
        assert_eq!(accounts(gateway).await["L"], ["A1".to_owned()].into());
        gateway.hears([site("A2")]).await;
        assert!(accounts(gateway).await["L"].is_empty(), "two fit equally well");
        // It shares nothing but the number with the lead.
        let registered = Said::account("A3", "KYOKUYO").with(account::corporate_number, "7000012050002");
        gateway.hears([registered.clone()]).await;
        assert_eq!(accounts(gateway).await["L"], ["A3".to_owned()].into());
        let version = gateway.as_admin().ask_with(VERSION, serde_json::json!({ "id": lead })).await;
        gateway.let_pass(TimeDelta::minutes(1));
        let now = gateway.services.clock.now();
        gateway.hears([registered.with(account::industry, "水産").modified(now)]).await;
        let same = gateway.as_admin().ask_with(VERSION, serde_json::json!({ "id": lead })).await;
        assert_eq!(version.at("/lead/version"), same.at("/lead/version"), "nothing of the lead has changed");
        gateway.hears([Said::account("A3", "KYOKUYO").modified(now).deleted()]).await;
        gateway.hears([site("A2").modified(now).deleted()]).await;
        assert_eq!(accounts(gateway).await["L"], ["A1".to_owned()].into());
    })
    .await;
}

const VERSION: &str = "query Lead($id: ID!) { lead(id: $id) { version } }";

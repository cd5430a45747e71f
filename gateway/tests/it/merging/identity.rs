//! Joining and taking apart again is the identity on everything that can be asked, over random stores.

use std::env;

use domain::fields::account;
use domain::sources::SourceKey;
use gateway::golden::loader::RecordRef;
use gateway::golden::service::{Unmerge, unmerge as take_apart};
use gateway::platform::auth::Caller;
use gateway::platform::context::RequestContext;

use super::*;
use crate::harness::GivenPartner;

/// How many merges are taken back on SQLite, unless told otherwise; a tenth of it on PostgreSQL.
const CASES: usize = 200;
/// Says how many: thousands before a release.
const CASES_VARIABLE: &str = "GATEWAY_TEST_MERGE_CASES";
/// After so many a new store is begun.
const CASES_OF_A_STORE: usize = 10;

const ALL: &str = "{
    leads(first: 40, orderBy: CREATED_ASC) { totalCount nodes { id lastName firstName company email phone title website
        createdAt stage account { id } assignedPartner { id } assignedUser { id }
        sourceRecords { system externalId } provenance { field value source sourceRecord { externalId } rule effectiveAt
            pin { field value reason by until } lock { field reason by } losers { value source lostAt } } } }
    accounts(first: 10) { totalCount nodes { id name phone website
        sourceRecords { system externalId } provenance { field value source rule effectiveAt
            pin { value } lock { field } losers { value source lostAt } } } }
    contacts(first: 10) { nodes { id lastName account { id } } }
    opportunities(first: 10) { nodes { id name account { id } } }
    heldFields(first: 100, filter: { inForce: true }) { nodes { id hold recordId field value by at until } } }";
const WAITING: &str = "{ reviewTasks(first: 100, filter: { state: [OPEN, CLAIMED] }) { nodes {
    id kind records { externalId } goldenIds } } }";

/// Everything that can be asked. Questions whether a record of one side is one with a record of the other are left out: the
/// unmerge has answered them.
async fn observed(gateway: &TestGateway, sides: &[BTreeSet<String>; 2]) -> Value {
    let mut all = gateway.as_admin().ask(ALL).await.data().clone();
    let waiting = gateway.as_admin().ask(WAITING).await;
    let mut waiting = waiting.at("/reviewTasks/nodes").as_array().unwrap().clone();
    waiting.retain(|it| {
        let names = it["records"].as_array().unwrap().iter().filter_map(|it| it["externalId"].as_str());
        let names: Vec<&str> = names.collect();
        !(sides.iter().all(|side| names.iter().any(|it| side.contains(*it))))
    });
    all["waiting"] = json!(waiting);
    all["exported"] = json!(dump(gateway).await);
    all
}

/// A store that came to be by chance.
async fn given_store(gateway: &TestGateway, chance: &mut Chance) -> Vec<GivenPartner> {
    use domain::fields::{contact, opportunity};
    let mut partners = Vec::new();
    for name in ["甲商事", "乙商事"] {
        partners.push(gateway.given_partner(name).await);
    }
    for at in 0..4 {
        let said = Said::account(&format!("001{at}"), &format!("会社{at}"));
        let said = said.with(account::website, &format!("a{}.example", chance.below(6)));
        gateway.hears([said]).await;
        let at_account = format!("001{}", chance.below(at + 1));
        let person = Said::contact(&format!("003{at}"), &format!("担当{at}"));
        gateway.hears([person.with(contact::account, &at_account)]).await;
        let deal = Said::opportunity(&format!("006{at}"), &format!("商談{at}"));
        gateway.hears([deal.with(opportunity::account, &at_account)]).await;
    }
    for _ in 0..14 {
        given_lead(gateway, chance).await;
        gateway.let_pass(TimeDelta::minutes(7));
    }
    partners
}

async fn given_lead(gateway: &TestGateway, chance: &mut Chance) {
    let at = chance.below(16);
    let id = format!("{}{at:02}", chance.one_of(&["00Q", "M"]));
    let mailbox = chance.one_of(&["sato", "hanako", "jiro", "suzuki", "tanaka", "ito", "abe", "mori"]);
    let mut said = person(&id, mailbox).by(if id.starts_with('M') { "MA" } else { "CRM" });
    if chance.once_in(2) {
        said = said.with(lead::phone, &format!("03-1234-00{:02}", chance.below(6)));
    }
    if chance.once_in(3) {
        said = said.with(lead::company, &format!("会社{}", chance.below(4)));
        said = said.with(lead::website, &format!("a{}.example", chance.below(6)));
    }
    if chance.once_in(4) {
        said = said.with(lead::email, "");
    }
    if chance.once_in(9) {
        said = said.deleted();
    }
    gateway.hears([said.modified(gateway.services.clock.now())]).await;
}

/// Something happens that anybody may do.
async fn something_happens(gateway: &TestGateway, chance: &mut Chance, partners: &[GivenPartner]) {
    gateway.let_pass(TimeDelta::minutes(11));
    let leads = listed(gateway, "leads").await;
    let id = chance.one_of(&leads).0;
    match chance.below(6) {
        0 | 1 => given_lead(gateway, chance).await,
        2 => {
            let partner = &partners[chance.below(partners.len())];
            let input = json!({ "leadId": id, "partnerId": partner.id, "partnerUserId": partner.rep.id });
            gateway.as_admin().change("assignLead", input, "lead { id }").await;
        }
        3 => {
            let value = format!("03-9999-00{:02}", chance.below(9));
            let input = json!({ "recordId": id, "field": "phone", "value": value, "reason": "確認済" });
            steward(gateway).change("pinField", input, "recordId").await;
        }
        4 => {
            let input = json!({ "recordId": id, "field": "title", "reason": "凍結" });
            steward(gateway).change("lockField", input, "recordId").await;
        }
        _ => {
            let other = chance.one_of(&leads).0;
            steward(gateway).change("mergeRecords", merge(&[&id, &other]), CHANGES).await;
        }
    }
}

/// Golden records with what sources call their records.
async fn listed(gateway: &TestGateway, list: &str) -> Vec<(String, BTreeSet<String>)> {
    let question = format!("{{ {list}(first: 200) {{ nodes {{ id sourceRecords {{ externalId }} }} }} }}");
    let answer = gateway.as_admin().ask(&question).await;
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let nodes = answer.at(&format!("/{list}/nodes")).as_array().unwrap().iter();
    let of = |it: &Value| {
        it["sourceRecords"].as_array().unwrap().iter().map(|it| text(&it["externalId"])).collect()
    };
    nodes.map(|it| (text(&it["id"]), of(it))).collect()
}

/// Joins two records and takes one side out again; whether they could be joined.
async fn there_and_back(gateway: &TestGateway, chance: &mut Chance) -> bool {
    let (list, object) = chance.one_of(&[("leads", "Lead"), ("leads", "Lead"), ("accounts", "Account")]);
    let records = chance.shuffled(listed(gateway, list).await);
    let [one, other] = [records[0].clone(), records[1].clone()];
    let sides = [one.1.clone(), other.1.clone()];
    let before = observed(gateway, &sides).await;
    gateway.let_pass(TimeDelta::minutes(13));
    let merged = steward(gateway).change("mergeRecords", merge(&[&one.0, &other.0]), CHANGES).await;
    if !merged.codes().is_empty() {
        assert_eq!(observed(gateway, &sides).await, before, "a refusal changes nothing");
        return false;
    }
    gateway.let_pass(TimeDelta::minutes(13));
    let survivor = merged.text_at("/mergeRecords/survivorId").to_owned();
    apart(gateway, &survivor, object, &sides[chance.below(2)]).await.unwrap();
    let after = observed(gateway, &sides).await;
    for (part, then) in before.as_object().unwrap() {
        assert_same(then, &after[part], &format!("{part} after joining {one:?} and {other:?}"));
    }
    true
}

/// The same, in whatever order: what goes on after an unmerge may be listed as new. Only what differs is shown.
#[track_caller]
fn assert_same(before: &Value, after: &Value, what: &str) {
    let lines = |it: &Value| -> BTreeSet<String> {
        match (it["nodes"].as_array().or_else(|| it.as_array()), it.as_str()) {
            (Some(nodes), _) => nodes.iter().map(ToString::to_string).collect(),
            (None, Some(text)) => text.lines().map(str::to_owned).collect(),
            (None, None) => BTreeSet::from([it.to_string()]),
        }
    };
    let (before, after) = (lines(before), lines(after));
    let gone: Vec<&String> = before.difference(&after).collect();
    let new: Vec<&String> = after.difference(&before).collect();
    assert!(gone.is_empty() && new.is_empty(), "{what}\nwas: {gone:#?}\nis: {new:#?}");
}

/// Takes records out of a golden record, as an approval does.
pub(super) async fn apart(
    gateway: &TestGateway,
    id: &str,
    object: &str,
    side: &BTreeSet<String>,
) -> Result<(), gateway::error::Error> {
    let services = &gateway.services;
    let (database, clock) = (services.database.clone(), services.clock.clone());
    let ctx = RequestContext::new(database, clock, services.shared(), Caller::operator(), "test".to_owned());
    let RecordRef { kind, id: golden } = RecordRef::parse(&id.to_owned().into()).unwrap();
    let is_note = |it: &str| uuid::Uuid::try_parse(it).is_ok();
    let key = |it: &String| SourceKey {
        system: if it.starts_with('M') { "MA" } else { "CRM" }.parse().unwrap(),
        object: object.to_owned(),
        external_id: it.clone(),
    };
    let take_out = side.iter().filter(|it| !is_note(it)).map(key).collect();
    let wanted = Unmerge { kind, golden, take_out, reason: "別人".parse().unwrap() };
    let txn = ctx.begin().await.unwrap();
    take_apart(&txn, &ctx, &wanted).await?;
    txn.commit().await.unwrap();
    Ok(())
}

/// Takes merges back in a store that came to be by chance of this number, until there were enough of them.
async fn goes_there_and_back(gateway: &TestGateway, store: usize) {
    let mut chance = Chance::seeded(store as u64);
    let partners = given_store(gateway, &mut chance).await;
    let (mut done, mut tries) = (0, 0);
    while done < CASES_OF_A_STORE {
        something_happens(gateway, &mut chance, &partners).await;
        done += usize::from(there_and_back(gateway, &mut chance).await);
        tries += 1;
        assert!(tries < 10 * CASES_OF_A_STORE, "store {store} leaves too little to join");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_and_taking_apart_again_changes_nothing_that_can_be_asked() {
    let cases = env::var(CASES_VARIABLE).map_or(CASES, |it| it.parse().expect("a number of cases"));
    for store in 0..cases.div_ceil(CASES_OF_A_STORE) {
        if store % 10 == 0 {
            on_every_store(async |gateway| goes_there_and_back(gateway, store).await).await;
        } else {
            goes_there_and_back(&TestGateway::start("sqlite::memory:").await, store).await;
        }
    }
}

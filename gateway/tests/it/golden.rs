//! Golden records: duplicates joined, values settled, ids that resolve for ever.

use chrono::TimeDelta;
use domain::fields::{RecordKind, lead};
use gateway::golden::export::export;
use serde_json::{Value, json};

use crate::harness::{Said, TestGateway, on_every_store};

const PHONE: &str = "{ leads { nodes { phone provenance(fields: [\"phone\"]) {
    source rule losers { value source lostAt } } } } }";

/// One person, as two systems know her: they are joined by mail address and name.
fn sato(system: &str) -> Said {
    Said::lead(&format!("{system}-1")).with(lead::email, "sato@kyokuyo.example").by(system)
}

async fn settled(gateway: &TestGateway, said: impl IntoIterator<Item = Said>) -> Value {
    gateway.let_pass(TimeDelta::days(30));
    gateway.hears(said).await;
    let answer = gateway.as_admin().ask(PHONE).await;
    assert_eq!(answer.at("/leads/nodes").as_array().unwrap().len(), 1, "{}", answer.text);
    answer.at("/leads/nodes/0").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_crm_leads_of_one_person_are_one_lead() {
    on_every_store(async |gateway| {
        let one = |id: &str| Said::lead(id).with(lead::email, "sato@kyokuyo.example");
        gateway.hears_at_once([one("00Q1"), one("00Q2").with(lead::title, "部長")]).await;
        let question = "{ leads { totalCount nodes { title sourceRecords { system externalId } } } }";
        let answer = gateway.as_admin().ask(question).await;
        assert_eq!(answer.at("/leads/totalCount"), 1);
        let records = json!([
            { "system": "CRM", "externalId": "00Q1" }, { "system": "CRM", "externalId": "00Q2" },
        ]);
        assert_eq!(answer.at("/leads/nodes/0"), &json!({ "title": "部長", "sourceRecords": records }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_stay_apart() {
    on_every_store(async |gateway| {
        let colleague = |id: &str, last: &str, mailbox: &str| {
            let email = format!("{mailbox}@kyokuyo.example");
            let said = Said::lead(id).with(lead::last_name, last).with(lead::email, &email);
            said.with(lead::phone, "03-1234-5678").with(lead::website, "https://kyokuyo.example")
        };
        gateway.hears([colleague("00Q1", "佐藤", "sato"), colleague("00Q2", "田中", "tanaka")]).await;
        let answer = gateway.as_admin().ask("{ leads { totalCount } reviewTasks { totalCount } }").await;
        assert_eq!(
            answer.data(),
            &json!({ "leads": { "totalCount": 2 }, "reviewTasks": { "totalCount": 0 } })
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_pair_is_asked_about_once() {
    on_every_store(async |gateway| {
        let said = |id: &str| {
            let said = Said::lead(id).with(lead::first_name, "一郎").with(lead::phone, "090-1234-5678");
            said.with(lead::company, &format!("{id}株式会社"))
        };
        gateway.hears([said("00Q1"), said("00Q2")]).await;
        let question = "{ leads { totalCount } reviewTasks { totalCount
            nodes { kind state recordKind score records { externalId } evidence { comparison points } } } }";
        let first = gateway.as_admin().ask(question).await;
        let task = json!({
            "kind": "MATCH", "state": "OPEN", "recordKind": "LEAD", "score": 100,
            "records": [{ "externalId": "00Q1" }, { "externalId": "00Q2" }],
            "evidence": [
                { "comparison": "FAMILY_NAME", "points": 16 },
                { "comparison": "GIVEN_NAME", "points": 21 },
                { "comparison": "PHONE", "points": 56 },
                { "comparison": "COMPANY", "points": -18 },
            ],
        });
        let expected =
            json!({ "leads": { "totalCount": 2 }, "reviewTasks": { "totalCount": 1, "nodes": [task] } });
        assert_eq!(first.data(), &expected);
        gateway.let_pass(TimeDelta::days(1));
        let again = said("00Q2").with(lead::title, "部長").modified(gateway.services.clock.now());
        gateway.hears([again]).await;
        assert_eq!(gateway.as_admin().ask(question).await.data(), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_a_merged_lead_gives_its_survivor() {
    on_every_store(async |gateway| {
        let said = |id: &str, email: &str| Said::lead(id).with(lead::email, email);
        let older = gateway.given(said("00Q1", "sato@kyokuyo.example")).await;
        let younger = gateway.given(said("00Q2", "s2@other.example").with(lead::phone, "03-1111-2222")).await;
        assert_ne!(older, younger);
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        gateway.hears([said("00Q2", "sato@kyokuyo.example").modified(now)]).await;
        let question = "query One($id: ID!) {
            lead(id: $id) { id phone } node(id: $id) { id } leads { totalCount } }";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": younger })).await;
        let expected = json!({
            "lead": { "id": older, "phone": "03-1111-2222" },
            "node": { "id": older },
            "leads": { "totalCount": 1 },
        });
        assert_eq!(answer.data(), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_later_change_wins_however_it_is_written() {
    on_every_store(async |gateway| {
        let crm = sato("CRM").with(lead::phone, "03-1234-5678").at("2026-06-01T01:00:00Z");
        let own = sato("OWN").with(lead::phone, "0312345678").at("2026-06-02T00:00:00Z");
        let lead = settled(gateway, [crm, own]).await;
        assert_eq!(lead["phone"], "0312345678");
        assert_eq!(lead["provenance"][0]["source"], "OWN");
        assert_eq!(lead["provenance"][0]["rule"], "RECENCY");
        let loser = json!({ "value": "03-1234-5678", "source": "CRM", "lostAt": "RECENCY" });
        assert_eq!(lead["provenance"][0]["losers"], json!([loser]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn within_the_same_second_the_better_source_wins() {
    on_every_store(async |gateway| {
        let crm = sato("CRM").with(lead::phone, "03-1111-1111").at("2026-06-05T03:00:00Z");
        let own = sato("OWN").with(lead::phone, "03-2222-2222").at("2026-06-05T03:00:00.700Z");
        let lead = settled(gateway, [own, crm]).await;
        let loser = json!({ "value": "03-2222-2222", "source": "OWN", "lostAt": "SOURCE_RANK" });
        let why = json!([{ "source": "CRM", "rule": "SOURCE_RANK", "losers": [loser] }]);
        assert_eq!(lead, json!({ "phone": "03-1111-1111", "provenance": why }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_phone_does_not_win() {
    on_every_store(async |gateway| {
        let crm = |phone: &str, at: &str| sato("CRM").with(lead::phone, phone).at(at);
        let own = sato("OWN").with(lead::phone, "0312345678").at("2026-06-02T00:00:00Z");
        let said = [crm("03-1234-5678", "2026-06-03T00:00:00Z"), own, crm("", "2026-06-06T00:00:00Z")];
        let lead = settled(gateway, said).await;
        assert_eq!(lead["phone"], "0312345678");
        let loser = json!({ "value": null, "source": "CRM", "lostAt": "NULL_IGNORED" });
        assert_eq!(lead["provenance"][0]["losers"], json!([loser]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn touching_another_field_does_not_make_a_value_newer() {
    on_every_store(async |gateway| {
        let crm = sato("CRM").with(lead::phone, "03-1111-1111");
        let own = sato("OWN").with(lead::phone, "03-2222-2222").at("2026-06-02T00:00:00Z");
        let touched = crm.clone().with(lead::title, "部長").at("2026-06-10T00:00:00Z");
        let lead = settled(gateway, [crm.at("2026-06-01T00:00:00Z"), own, touched]).await;
        assert_eq!(lead["phone"], "03-2222-2222");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_winner_is_deleted_the_next_one_is_served() {
    on_every_store(async |gateway| {
        let crm = sato("CRM").with(lead::phone, "03-1111-1111").at("2026-06-05T00:00:00Z");
        let own = sato("OWN").with(lead::phone, "03-2222-2222").at("2026-06-02T00:00:00Z");
        let deleted = crm.clone().deleted().at("2026-06-06T00:00:00Z");
        let lead = settled(gateway, [crm, own, deleted]).await;
        let why = json!([{ "source": "OWN", "rule": "ONLY_SOURCE", "losers": [] }]);
        assert_eq!(lead, json!({ "phone": "03-2222-2222", "provenance": why }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_every_source_deleted_leaves_the_lists_but_still_resolves() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato("CRM")).await;
        gateway.let_pass(TimeDelta::days(1));
        gateway.hears([sato("CRM").deleted().modified(gateway.services.clock.now())]).await;
        let question =
            "query One($id: ID!) { lead(id: $id) { id lastName } leads { totalCount nodes { id } } }";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        assert_eq!(answer.at("/lead"), &json!({ "id": id, "lastName": "佐藤" }));
        assert_eq!(answer.at("/leads"), &json!({ "totalCount": 0, "nodes": [] }));
        gateway.let_pass(TimeDelta::days(1));
        gateway.hears([sato("CRM").modified(gateway.services.clock.now())]).await;
        let revived = gateway.as_admin().ask("{ leads { nodes { id } } }").await;
        assert_eq!(revived.at("/leads/nodes"), &json!([{ "id": id }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_joined_as_leads_are() {
    on_every_store(async |gateway| {
        use domain::fields::contact;
        let said = |id: &str| Said::contact(id, "佐藤").with(contact::email, "sato@kyokuyo.example");
        let one = gateway.given(said("0031")).await;
        assert_eq!(gateway.given(said("0032")).await, one);
        assert_eq!(gateway.id_of(RecordKind::Contact, "0031").await, one);
    })
    .await;
}

async fn exported(gateway: &TestGateway) -> String {
    let mut out = Vec::new();
    export(&gateway.services.database, &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

/// Shows only the records that differ.
#[track_caller]
fn assert_same(left: &str, right: &str) {
    let only = |one: &str, other: &str| {
        one.lines().filter(|it| !other.lines().any(|line| line == *it)).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(left == right, "left: {:#?}\nright: {:#?}", only(left, right), only(right, left));
}

mod any_order {
    //! The order in which records arrive, and how they are spread over pages, changes nothing.

    use domain::fields::{account, opportunity};

    use super::*;

    /// Without stages: of those only the master's rank and the order of observation decide.
    fn records() -> Vec<Said> {
        let at = |said: Said, day: u32| said.without(lead::stage).at(&format!("2026-05-{day:02}T00:00:00Z"));
        let person = |id: &str, last: &str, mailbox: &str| {
            let email = format!("{mailbox}@kyokuyo.example");
            Said::lead(id)
                .with(lead::last_name, last)
                .with(lead::email, &email)
                .with(lead::phone, "03-1234-5678")
        };
        vec![
            at(person("00Q1", "佐藤", "sato"), 1),
            at(person("00Q2", "佐藤", "sato").with(lead::title, "部長"), 2),
            at(person("M1", "佐藤", "sato").with(lead::phone, "090-1111-2222").by("MA"), 3),
            at(person("00Q3", "田中", "tanaka"), 4),
            at(person("M3", "田中", "tanaka").with(lead::score, "80").by("MA"), 5),
            at(person("00Q4", "鈴木", "suzuki").with(lead::converted_account, "0011"), 6),
            at(Said::account("0011", "株式会社極洋").with(account::phone, "03-1234-5678"), 7),
            at(Said::account("0012", "極洋食品").with(account::parent, "0011"), 8),
            at(Said::opportunity("0061", "冷凍庫").with(opportunity::account, "0012"), 9),
        ]
    }

    /// A shuffle that the seed alone decides.
    fn shuffled(mut records: Vec<Said>, seed: u64) -> Vec<Said> {
        let mut state = seed;
        for last in (1..records.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            records.swap(last, (state >> 33) as usize % (last + 1));
        }
        records
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn records_may_arrive_in_any_order() {
        let expected = std::sync::OnceLock::new();
        for seed in 0..8 {
            on_every_store(async |gateway| {
                gateway.let_pass(TimeDelta::days(1));
                gateway.hears(shuffled(records(), seed)).await;
                let export = exported(gateway).await;
                assert_eq!(export.lines().count(), 6, "{export}");
                assert_same(&export, expected.get_or_init(|| export.clone()));
            })
            .await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn pages_may_be_cut_anywhere() {
        on_every_store(async |gateway| {
            let leads: Vec<Said> = records().into_iter().take(6).collect();
            gateway.hears(leads.clone()).await;
            let other = TestGateway::start("sqlite::memory:").await;
            other.hears_at_once(leads).await;
            assert_same(&exported(gateway).await, &exported(&other).await);
        })
        .await;
    }
}

//! One record as of another time.

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Role;
use domain::fields::{RecordKind, account, lead};
use serde_json::{Value, json};

use crate::harness::{Client, Said, TestGateway, on_every_store};

const LEAD: &str = "query Then($id: ID!, $asOf: AsOfInput) { lead(id: $id, asOf: $asOf) {
    id redirectedFrom phone title sourceRecords { externalId } account { id name phone }
    provenance(fields: [\"phone\"]) { value source effectiveAt losers { value } } } }";

/// Now, after some time has passed.
fn later(gateway: &TestGateway, days: i64) -> DateTime<Utc> {
    gateway.let_pass(TimeDelta::days(days));
    gateway.services.clock.now()
}

async fn then(client: &Client<'_>, id: &str, as_of: Value) -> Value {
    client.ask_with(LEAD, json!({ "id": id, "asOf": as_of })).await.at("/lead").clone()
}

fn sato(id: &str, email: &str) -> Said {
    Said::lead(id).with(lead::email, email)
}

/// Two leads that become one a month after they were seen: the older one, the younger one, before and after the merge.
async fn given_merge(gateway: &TestGateway) -> (String, String, DateTime<Utc>, DateTime<Utc>) {
    let older = gateway.given(sato("00Q1", "sato@kyokuyo.example").with(lead::title, "部長")).await;
    later(gateway, 1);
    let said = sato("00Q2", "s2@other.example").with(lead::phone, "03-1111-2222");
    let younger = gateway.given(said.clone().modified(gateway.services.clock.now())).await;
    let before = later(gateway, 1);
    let merged = later(gateway, 30);
    gateway.hears([said.with(lead::email, "sato@kyokuyo.example").modified(merged)]).await;
    assert_eq!(gateway.id_of(RecordKind::Lead, "00Q2").await, older);
    (older, younger, before, merged)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_records_merged_in_march_are_two_in_february() {
    on_every_store(async |gateway| {
        let (older, younger, before, merged) = given_merge(gateway).await;
        let admin = gateway.as_admin();
        let of_then = |at: DateTime<Utc>| json!({ "recordedAt": at });
        let first = then(&admin, &older, of_then(before)).await;
        assert_eq!(
            (&first["id"], &first["title"], &first["phone"]),
            (&json!(older), &json!("部長"), &Value::Null)
        );
        assert_eq!(first["sourceRecords"], json!([{ "externalId": "00Q1" }]));
        let second = then(&admin, &younger, of_then(before)).await;
        assert_eq!(
            (&second["id"], &second["title"], &second["phone"]),
            (&json!(younger), &Value::Null, &json!("03-1111-2222")),
        );
        for id in [&older, &younger] {
            let since = then(&admin, id, of_then(merged)).await;
            assert_eq!(since["id"], json!(older));
            assert_eq!(since["redirectedFrom"], if *id == older { Value::Null } else { json!(id) });
            assert_eq!(since["sourceRecords"], json!([{ "externalId": "00Q1" }, { "externalId": "00Q2" }]));
            assert_eq!((&since["title"], &since["phone"]), (&json!("部長"), &json!("03-1111-2222")));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_it_was_seen_there_was_no_record() {
    on_every_store(async |gateway| {
        let before = gateway.services.clock.now();
        later(gateway, 1);
        let id = gateway.given(sato("00Q1", "sato@kyokuyo.example")).await;
        let admin = gateway.as_admin();
        assert_eq!(then(&admin, &id, json!({ "recordedAt": before })).await, Value::Null);
        // The source says that it was modified when the test began, so it was so already, only we did not know.
        assert_eq!(then(&admin, &id, json!({ "effectiveAt": before })).await["id"], json!(id));
        let earlier = before - TimeDelta::seconds(1);
        assert_eq!(then(&admin, &id, json!({ "effectiveAt": earlier })).await, Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_and_what_was_so_are_two_questions() {
    on_every_store(async |gateway| {
        let said = |phone: &str| sato("00Q1", "sato@kyokuyo.example").with(lead::phone, phone);
        let id = gateway.given(said("03-1111-1111")).await;
        let changed = later(gateway, 10);
        let read = later(gateway, 5);
        gateway.hears([said("03-2222-2222").modified(changed)]).await;
        later(gateway, 5);
        let admin = gateway.as_admin();
        let phone = async |as_of: Value| then(&admin, &id, as_of).await["phone"].clone();
        let day = TimeDelta::days(1);
        assert_eq!(phone(json!({})).await, "03-2222-2222");
        assert_eq!(phone(json!({ "recordedAt": read - day })).await, "03-1111-1111");
        assert_eq!(phone(json!({ "recordedAt": read })).await, "03-2222-2222");
        assert_eq!(phone(json!({ "effectiveAt": changed - day })).await, "03-1111-1111");
        assert_eq!(phone(json!({ "effectiveAt": changed })).await, "03-2222-2222");
        assert_eq!(phone(json!({ "recordedAt": read - day, "effectiveAt": changed })).await, "03-1111-1111");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_shows_its_account_of_the_same_time() {
    on_every_store(async |gateway| {
        let company = |phone: &str| Said::account("0011", "株式会社極洋").with(account::phone, phone);
        gateway.hears([company("03-1111-1111")]).await;
        let said = sato("00Q1", "sato@kyokuyo.example");
        let id = gateway.given(said.clone().with(lead::converted_account, "0011")).await;
        let before = later(gateway, 1);
        let now = later(gateway, 9);
        gateway.hears([company("03-2222-2222").modified(now)]).await;
        gateway.hears([Said::account("0012", "アシスト").modified(now)]).await;
        gateway.hears([said.with(lead::converted_account, "0012").modified(now)]).await;
        let admin = gateway.as_admin();
        assert_eq!(then(&admin, &id, json!({})).await["account"]["name"], "アシスト");
        let account = &then(&admin, &id, json!({ "recordedAt": before })).await["account"];
        assert_eq!((&account["name"], &account["phone"]), (&json!("株式会社極洋"), &json!("03-1111-1111")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_without_an_account_before_that_account_was_known() {
    on_every_store(async |gateway| {
        let website = "https://kyokuyo.example";
        let id = gateway.given(sato("00Q1", "sato@kyokuyo.example").with(lead::website, website)).await;
        let before = later(gateway, 1);
        later(gateway, 1);
        gateway.hears([Said::account("0011", "株式会社極洋").with(account::website, website)]).await;
        let admin = gateway.as_admin();
        assert_eq!(then(&admin, &id, json!({})).await["account"]["name"], "株式会社極洋");
        assert_eq!(then(&admin, &id, json!({ "recordedAt": before })).await["account"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn provenance_is_of_the_same_time() {
    on_every_store(async |gateway| {
        let said = |phone: &str| sato("00Q1", "sato@kyokuyo.example").with(lead::phone, phone);
        let id = gateway.given(said("03-1111-1111")).await;
        let before = later(gateway, 1);
        let now = later(gateway, 1);
        let other = sato("M1", "sato@kyokuyo.example").with(lead::phone, "03-3333-3333").by("MA");
        gateway.hears([other.modified(now)]).await;
        let why = |lead: &Value| lead["provenance"][0].clone();
        let admin = gateway.as_admin();
        let today = why(&then(&admin, &id, json!({})).await);
        assert_eq!(
            (&today["source"], &today["losers"]),
            (&json!("MA"), &json!([{ "value": "03-1111-1111" }]))
        );
        let february = why(&then(&admin, &id, json!({ "recordedAt": before })).await);
        assert_eq!((&february["source"], &february["losers"]), (&json!("CRM"), &json!([])));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_lead_shows_what_it_last_said_and_before_that_what_it_said_then() {
    on_every_store(async |gateway| {
        let said = sato("00Q1", "sato@kyokuyo.example").with(lead::phone, "03-1111-1111");
        let id = gateway.given(said.clone()).await;
        let alive = later(gateway, 1);
        let deleted = later(gateway, 1);
        gateway.hears([said.deleted().modified(deleted)]).await;
        let admin = gateway.as_admin();
        let list = "query Then($asOf: AsOfInput) { leads(asOf: $asOf) { nodes { phone } } }";
        for (at, listed) in [(alive, json!([{ "phone": "03-1111-1111" }])), (deleted, json!([]))] {
            let as_of = json!({ "recordedAt": at });
            assert_eq!(then(&admin, &id, as_of.clone()).await["phone"], "03-1111-1111");
            let answer = admin.ask_with(list, json!({ "asOf": as_of })).await;
            assert_eq!(answer.at("/leads/nodes"), &listed);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_and_jobs_do_not_look_back() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let id = gateway.given(sato("00Q1", "sato@kyokuyo.example")).await;
        gateway.given_assignment(&id, &own).await;
        for client in [
            gateway.as_admin_of(&own),
            gateway.as_rep_of(&own),
            gateway.as_admin_of(&rival),
            gateway.as_staff(Role::IntegrationJob, "job"),
        ] {
            let variables = json!({ "id": id, "asOf": {} });
            client.ask_with(LEAD, variables.clone()).await.assert_refused("FORBIDDEN");
            for list in ["leads", "accounts", "contacts", "opportunities"] {
                let question = format!("{{ {list}(asOf: {{}}) {{ nodes {{ id }} }} }}");
                client.ask(&question).await.assert_refused("FORBIDDEN");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_manager_sees_the_past_of_what_it_sees_today() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato("00Q1", "sato@kyokuyo.example")).await;
        let before = later(gateway, 1);
        let manager = gateway.as_channel_manager("manager");
        assert_eq!(then(&manager, &id, json!({ "recordedAt": before })).await["id"], json!(id));
        let partner = gateway.given_partner("甲").await;
        gateway.given_assignment(&id, &partner).await;
        assert_eq!(then(&manager, &id, json!({ "recordedAt": before })).await, Value::Null);
        let list = "query Then($asOf: AsOfInput) { leads(asOf: $asOf) { nodes { id } } }";
        let answer = manager.ask_with(list, json!({ "asOf": { "recordedAt": before } })).await;
        assert_eq!(answer.at("/leads/nodes"), &json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shown_of_the_past_is_refused() {
    on_every_store(async |gateway| {
        let id = gateway.given(Said::account("0011", "株式会社極洋")).await;
        let admin = gateway.as_admin();
        let tomorrow = gateway.services.clock.now() + TimeDelta::days(1);
        for future in ["recordedAt", "effectiveAt"] {
            let question = format!(
                "{{ leads(asOf: {{ {future}: \"{}\" }}) {{ nodes {{ id }} }} }}",
                tomorrow.to_rfc3339()
            );
            admin.ask(&question).await.assert_refused("AS_OF_IN_FUTURE");
        }
        let ordered = "{ accounts(asOf: {}, orderBy: NAME_ASC) { nodes { id } } }";
        admin.ask(ordered).await.assert_refused("AS_OF_ORDER");
        admin.ask("{ accounts(asOf: {}) { totalCount } }").await.assert_refused("AS_OF_NOT_COUNTED");
        for edge in ["leads", "opportunities", "contacts"] {
            let question = format!("{{ account(id: \"{id}\", asOf: {{}}) {{ {edge} {{ id }} }} }}");
            admin.ask(&question).await.assert_refused("AS_OF_EDGE");
        }
    })
    .await;
}

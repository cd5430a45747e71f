//! Erasing a person: nothing of them is left anywhere, nothing comes back, and everything else stays.

mod afterwards;
mod command_line;
mod deals;
mod history;
mod left;
mod refusals;
mod traces;

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::{Field, RecordKind, account, lead};
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Said, TestGateway};

/// All that any source or person ever said of her.
const PERSON: [&str; 13] = [
    "薬袋",
    "花乃子",
    "ミナイ",
    "minai@kyokuyo.example",
    "hanoko@home.example",
    "03-1111-2222",
    "03-3333-4444",
    "03-5555-6666",
    "03-7777-8888",
    "03-9999-0000",
    "090-1234-9876",
    "090-4321-6789",
    "統括部長代理",
];
const PAYLOAD: &str = "recordId erasedRecords changed stillIn { system externalId } leftAlone { externalId }";

/// A person, as the CRM knows her.
fn minai() -> Said {
    let said = Said::lead("00Q1").with(lead::last_name, "薬袋").with(lead::first_name, "花乃子");
    let said = said.with(lead::last_name_kana, "ミナイ").with(lead::email, "minai@kyokuyo.example");
    said.with(lead::phone, "03-1111-2222").with(lead::mobile_phone, "090-1234-9876").with(lead::title, "主任")
}

/// The same person, as the CRM has her a second time: only a steward knows.
fn minai_at_home() -> Said {
    let said = Said::lead("00Q2").with(lead::last_name, "薬袋").with(lead::company, "自宅商店");
    said.with(lead::email, "hanoko@home.example").at("2026-05-01T00:00:00Z")
}

impl TestGateway {
    fn steward(&self) -> Client<'_> {
        self.as_staff(Role::DataSteward, "steward")
    }

    /// A source says something now.
    async fn hears_now(&self, said: Said) {
        self.let_pass(TimeDelta::hours(1));
        self.hears([said.modified(self.services.clock.now())]).await;
    }

    async fn merges(&self, ids: &[&str], reason: &str) {
        self.let_pass(TimeDelta::hours(1));
        let input = json!({ "ids": ids, "reason": reason });
        self.steward().change("mergeRecords", input, "survivorId").await.data();
        self.let_pass(TimeDelta::hours(1));
    }

    async fn erases(&self, id: &str) -> Answer {
        self.let_pass(TimeDelta::hours(1));
        let input = json!({ "recordId": id, "reason": "薬袋花乃子さんの請求 2026-17" });
        self.as_admin().change("eraseRecord", input, PAYLOAD).await
    }

    async fn edits(&self, id: &str, field: &str, value: &str) -> Answer {
        let input = json!({ "recordId": id, "values": [{ "field": field, "value": value }] });
        self.as_admin().change("editRecord", input, "record { id }").await
    }

    async fn pins_because(&self, id: &str, field: &str, value: &str, reason: &str) -> Answer {
        let input = json!({ "recordId": id, "field": field, "value": value, "reason": reason });
        self.steward().change("pinField", input, "recordId").await
    }

    /// What is asked of a lead.
    async fn lead(&self, id: &str, selection: &str) -> Value {
        let question = format!("query One($id: ID!) {{ lead(id: $id) {{ {selection} }} }}");
        self.as_admin().ask_with(&question, json!({ "id": id })).await.at("/lead").clone()
    }
}

/// A lead of whom much is known: two systems, a second record that a steward joined, three telephones, a pin that is stale, an edit
/// that waits to be written back. Gives her id, and the one that lost the merge.
async fn given_minai(gateway: &TestGateway) -> (String, String) {
    let company = Said::account("0010", "株式会社極洋").with(account::website, "https://kyokuyo.example");
    gateway.hears([company]).await;
    let lead = gateway.given(minai()).await;
    gateway.hears([minai().renamed("M1").by("MA").with(lead::score, "80")]).await;
    assert_eq!(gateway.id_of(RecordKind::Lead, "M1").await, lead, "one person in two systems");
    let other = gateway.given(minai_at_home()).await;
    gateway.merges(&[&lead, &other], "薬袋さん本人に確認").await;
    gateway.hears_now(minai().with(lead::phone, "03-3333-4444")).await;
    gateway.hears_now(minai().with(lead::phone, "03-5555-6666")).await;
    gateway.pins_because(&lead, "phone", "03-7777-8888", "花乃子さんに電話で確認").await.data();
    gateway.hears_now(minai().with(lead::phone, "03-9999-0000")).await;
    gateway.edits(&lead, "mobilePhone", "090-4321-6789").await.data();
    gateway.edits(&lead, "title", "統括部長代理").await.data();
    (lead, other)
}

/// The field as a lead's provenance names it, with the value and the rule.
async fn told(gateway: &TestGateway, id: &str, field: Field, as_of: &str) -> Value {
    let name = gateway::golden::graphql::field_name(field);
    let question = format!(
        "query One($id: ID!) {{ lead(id: $id {as_of}) {{ value: {name}
            provenance(fields: [\"{name}\"]) {{ value rule losers {{ value }} pin {{ value }} }} }} }}"
    );
    gateway.as_admin().ask_with(&question, json!({ "id": id })).await.at("/lead").clone()
}

/// Nothing but that there was something.
fn erased() -> Value {
    let provenance = json!({ "value": null, "rule": "ERASED", "losers": [], "pin": null });
    json!({ "value": null, "provenance": [provenance] })
}

//! Records that the CRM lacks are made there once, and belong to their golden records for certain.

use std::fs;

use connectors::Mapping;
use connectors::csv::{Config, Encoding, Headers};
use connectors::registry::{self, SourceConfig};
use domain::fields::{RecordKind, account, contact, lead};
use gateway::sync::outbound::sender::Sent;
use sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use super::{Scene, after_reading_with};
use crate::harness::Said;

const MAPPING: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../connectors/mappings/salesforce.toml"));

/// The built-in mapping, which treats some kinds of records in that way.
pub(super) fn mapping(writing: &str, kinds: &[&str]) -> Mapping {
    let text = kinds.iter().fold(MAPPING.to_owned(), |text, kind| {
        text.replacen(&format!("[{kind}]\n"), &format!("[{kind}]\nwriting = \"{writing}\"\n"), 1)
    });
    Mapping::parse(&text).unwrap()
}

/// Plays a scene where the CRM makes leads that it lacks, under our key.
pub(super) async fn where_leads_are_made(scene: impl AsyncFn(&Scene<'_>)) {
    after_reading_with(20, mapping("upsert", &["lead"]), scene).await;
}

/// Another system, of somebody whom nobody knows yet.
pub(super) fn stranger(id: &str) -> Said {
    let said = Said::lead(id).by("MA").with(lead::last_name, "御手洗").with(lead::first_name, "凪");
    said.with(lead::company, &company(id))
        .with(lead::email, &format!("{}@{}.example", id.to_lowercase(), id.to_lowercase()))
}

pub(super) fn company(id: &str) -> String {
    format!("{id}創作株式会社")
}

impl Scene<'_> {
    /// The leads of the CRM at the company of a stranger.
    pub(super) async fn strangers(&self, id: &str) -> Vec<String> {
        self.crm.ids(&format!("SELECT Id FROM Lead WHERE Company = '{}'", company(id))).await
    }

    /// The only lead of the CRM at the company of a stranger, which is one with what the other system says.
    pub(super) async fn the_stranger(&self, id: &str) -> String {
        let mut found = self.strangers(id).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let there = found.remove(0);
        let golden = self.gateway.golden_of(RecordKind::Lead, &there).await;
        assert_eq!(golden, self.gateway.golden_of(RecordKind::Lead, id).await);
        there
    }

    /// Nothing is left to be told, and nothing comes back.
    pub(super) async fn is_at_rest(&self) {
        assert_eq!(self.push().await, Sent::default());
        self.later().await;
        assert_eq!(self.read().await, 0, "what we wrote is no news");
        assert_eq!(self.push().await, Sent::default());
        assert!(self.changes("PENDING, SENDING, REFUSED, HELD").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_of_another_system_appears_in_the_crm_once() {
    where_leads_are_made(async |it| {
        it.gateway.hears([stranger("MA-1")]).await;
        let waiting = it.changes("PENDING").await;
        assert_eq!((&waiting[0]["operation"], &waiting[0]["externalId"]), (&json!("CREATE"), &Value::Null));
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        let there = it.the_stranger("MA-1").await;
        assert_eq!(it.crm.read("Lead", &there, "Email").await, json!("ma-1@ma-1.example"));
        let accepted = it.changes("ACCEPTED").await;
        let made: Vec<_> = accepted.iter().filter(|it| it["operation"] == "CREATE").collect();
        assert_eq!(made.len(), 1);
        assert_eq!(made[0]["externalId"], json!(there));
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_file_appear_in_the_crm() {
    where_leads_are_made(async |it| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leads.csv");
        let rows = format!(
            "id,last_name,company\nMA-1,御手洗,{}\nMA-2,東海林,{}\n",
            company("MA-1"),
            company("MA-2")
        );
        fs::write(&path, rows).unwrap();
        let headers = Headers::by_name(RecordKind::Lead);
        let config = Config { system: "MA".parse().unwrap(), path, encoding: Encoding::Utf8, headers };
        let file = registry::connect(SourceConfig::Csv(Box::new(config))).unwrap();
        assert_eq!(it.read_by(&file).await, 2);
        assert_eq!(it.push().await, Sent { accepted: 2, ..Sent::default() });
        it.the_stranger("MA-1").await;
        it.the_stranger("MA-2").await;
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_as_old_there_as_they_are_here() {
    where_leads_are_made(async |it| {
        it.gateway.hears([stranger("MA-1")]).await;
        let id = it.id_of(RecordKind::Lead, "MA-1").await;
        let shown = "email provenance(fields: [\"email\"]) { value effectiveAt }";
        let before = it.lead(&id, shown).await;
        it.push().await;
        assert_eq!(it.lead(&id, shown).await, before);
        it.later().await;
        it.read().await;
        assert_eq!(it.lead(&id, shown).await, before);
        // Said before it was made there, and heard of only afterwards.
        it.gateway.hears([stranger("MA-1").with(lead::title, "部長").at("2026-06-02T00:00:00Z")]).await;
        it.gateway
            .hears([stranger("MA-1").with(lead::email, "n@new.example").at("2026-06-03T00:00:00Z")])
            .await;
        assert_eq!(it.lead(&id, "email").await["email"], "n@new.example");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_afterwards_is_an_update() {
    where_leads_are_made(async |it| {
        it.gateway.hears([stranger("MA-1")]).await;
        it.push().await;
        let there = it.the_stranger("MA-1").await;
        let id = it.id_of(RecordKind::Lead, "MA-1").await;
        it.edit(&id, "title", "統括本部長").await.data();
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        assert_eq!(it.crm.read("Lead", &there, "Title").await, json!("統括本部長"));
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_records_are_only_made_those_that_are_there_are_left_alone() {
    after_reading_with(20, mapping("create-only", &["lead"]), async |it| {
        it.gateway.hears([stranger("MA-1")]).await;
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        let there = it.the_stranger("MA-1").await;
        let id = it.id_of(RecordKind::Lead, "MA-1").await;
        it.edit(&id, "title", "統括本部長").await.data();
        assert_eq!(it.push().await, Sent::default());
        assert_eq!(it.crm.read("Lead", &there, "Title").await, Value::Null);
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_made_unless_the_mapping_says_so() {
    after_reading_with(20, Mapping::salesforce(), async |it| {
        it.gateway.hears([stranger("MA-1")]).await;
        assert!(it.changes("PENDING").await.is_empty());
        assert_eq!(it.push().await, Sent::default());
        assert!(it.strangers("MA-1").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_crm_has_deleted_is_not_made_again() {
    where_leads_are_made(async |it| {
        it.gateway.hears([stranger("MA-1")]).await;
        it.push().await;
        let there = it.the_stranger("MA-1").await;
        it.later().await;
        it.crm.delete("Lead", &there).await;
        it.later().await;
        it.read().await;
        it.gateway.hears([stranger("MA-1").with(lead::title, "部長").at("2026-06-02T00:00:00Z")]).await;
        assert_eq!(it.push().await, Sent::default());
        assert!(it.strangers("MA-1").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_refers_to_its_account_as_the_crm_knows_it() {
    after_reading_with(20, mapping("upsert", &["account", "contact"]), async |it| {
        let employee = Said::contact("C-1", "御手洗").by("MA").with(contact::account, "A-1");
        it.gateway.hears([Said::account("A-1", "創作工房株式会社").by("MA"), employee]).await;
        assert_eq!(it.push().await, Sent { accepted: 2, ..Sent::default() });
        let account = it.crm.ids("SELECT Id FROM Account WHERE Name = '創作工房株式会社'").await.remove(0);
        let contact = it.crm.ids("SELECT Id FROM Contact WHERE LastName = '御手洗'").await.remove(0);
        assert_eq!(it.crm.read("Contact", &contact, "AccountId").await, json!(account));
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_waits_for_its_account() {
    after_reading_with(20, mapping("upsert", &["account", "contact"]), async |it| {
        let employee = Said::contact("C-1", "御手洗").by("MA").with(contact::account, "A-1");
        let employer = Said::account("A-1", &"長".repeat(300)).by("MA");
        it.gateway.hears([employer, employee]).await;
        assert_eq!(it.push().await, Sent { refused: 1, ..Sent::default() });
        assert_eq!(it.changes("PENDING").await[0]["code"], "WAITS_FOR_REFERENCE");
        it.later().await;
        assert_eq!(it.push().await, Sent::default(), "it goes on waiting");
        let renamed = Said::account("A-1", "創作工房株式会社").by("MA").with(account::phone, "03-1234-5678");
        it.gateway.hears([renamed.at("2026-06-02T00:00:00Z")]).await;
        assert_eq!(it.push().await, Sent { accepted: 2, ..Sent::default() });
        let contact = it.crm.ids("SELECT Id FROM Contact WHERE LastName = '御手洗'").await.remove(0);
        assert_ne!(it.crm.read("Contact", &contact, "AccountId").await, Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_records_take_ten_requests() {
    where_leads_are_made(async |it| {
        it.gateway.hears_at_once((0..1_000).map(|n| stranger(&format!("MA-{n}")))).await;
        let before: u64 = it.crm.admin().requests().iter().map(|it| it.1).sum();
        assert_eq!(it.push().await, Sent { accepted: 1_000, ..Sent::default() });
        let after: u64 = it.crm.admin().requests().iter().map(|it| it.1).sum();
        assert!(after - before <= 10, "{} requests", after - before);
        it.the_stranger("MA-700").await;
        it.is_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_crm_makes_something_else_of_is_its_own_word() {
    where_leads_are_made(async |it| {
        it.crm.suffer(Fault::new(FaultKind::ReformattedWrites).on("/services/data/*/composite/sobjects/**"));
        it.gateway.hears([stranger("MA-1").with(lead::phone, "03-1234-5678")]).await;
        assert_eq!(it.push().await, Sent { accepted: 1, ..Sent::default() });
        it.is_at_rest().await;
    })
    .await;
}

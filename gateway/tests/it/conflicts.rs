//! Channel conflicts: who goes first, and what every party is told.

mod again;
mod decided;
mod examples;
mod installed;
mod known;
mod later;
mod rules;

use domain::access::Role;
use domain::conflicts::DEFAULT_CONFLICT;
use domain::fields::account;
use entity::sync::watermark;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};

use crate::harness::{Answer, GivenPartner, Said, TestGateway, deal};

const CHECKS: &str = "conflicts.checks";
const STANDING: &str = "standing { finding code rule conflictStatus }";
/// Corporate number of the customer that everybody wants.
const NUMBER: &str = "7000012050002";

/// A deal with the customer that everybody wants.
fn sample() -> Value {
    let mut says = deal("株式会社サンプル商事");
    says["corporateNumber"] = json!(NUMBER);
    says
}

/// The same with one thing different.
fn sample_with(field: &str, value: Value) -> Value {
    let mut says = sample();
    says[field] = value;
    says
}

impl TestGateway {
    /// The customer that everybody wants: in Tokyo, a manufacturer.
    async fn given_sample(&self) -> String {
        let said = Said::account("A1", "株式会社サンプル商事").with(account::corporate_number, NUMBER);
        self.given(said.with(account::region, "東京都").with(account::industry, "E")).await
    }

    /// What is decided about a claim, as its partner sees it.
    async fn standing(&self, partner: &GivenPartner, id: &str) -> Value {
        let question = format!("{{ dealRegistration(id: \"{id}\") {{ {STANDING} }} }}");
        self.as_rep_of(partner).ask(&question).await.at("/dealRegistration/standing").clone()
    }

    /// Checks what is decided about a claim: finding, code and rule.
    async fn assert_standing(&self, partner: &GivenPartner, id: &str, expected: [&str; 3]) {
        let standing = self.standing(partner, id).await;
        let found =
            ["finding", "code", "rule"].map(|it| standing[it].as_str().unwrap_or_default().to_owned());
        assert_eq!(
            found,
            expected,
            "{standing} {}",
            self.of_registration(id, "verdict { canonicalJson }").await
        );
    }

    /// The conflict that a claim is part of.
    async fn conflict_of(&self, id: &str) -> Value {
        let field = "conflict { id types status outcome diff parties { kind claimId partner { id } share } }";
        self.of_registration(id, field).await["conflict"].clone()
    }

    /// Puts a policy of the channel into force: a manager drafts it, somebody approves it.
    async fn given_channel_policy(&self, kind: &str, document: &str) -> Answer {
        let input = json!({ "kind": kind, "document": document });
        let manager = self.as_channel_manager("tanaka");
        let drafted = manager.change("draftPolicy", input, "policyVersion { id }").await;
        let version = json!({ "policyVersionId": drafted.at("/draftPolicy/policyVersion/id") });
        manager.change("submitPolicy", version.clone(), "policyVersion { id }").await.data();
        self.as_admin().change("approvePolicy", version.clone(), "policyVersion { id }").await.data();
        let effect =
            "policyVersion { state } effect { verdicts { judged changed shifts { before after count } } }";
        self.as_admin().change("activatePolicy", version, effect).await
    }

    /// Somebody decides about a conflict.
    async fn rules(&self, subject: &str, conflict: &Value, ruling: Value) -> Answer {
        let mut input = json!({ "conflictId": conflict["id"], "reason": "関係者と確認した" });
        input.as_object_mut().unwrap().extend(ruling.as_object().unwrap().clone());
        let admin = self.as_staff(Role::Admin, subject);
        admin.change("resolveConflict", input, "channelConflict { status outcome reviewer }").await
    }

    /// The CRM has been read completely up to now.
    async fn given_fresh_crm(&self, checked_at: chrono::DateTime<chrono::Utc>) {
        let row = watermark::Model {
            system: "CRM".parse().unwrap(),
            object: "Account".to_owned(),
            version: 1,
            complete_to: Some(checked_at),
            resume_stamp: None,
            resume_id: None,
            reading_since: None,
            deletions_to: None,
            updated_at: checked_at,
            bulk_place: None,
            newest_stamp: None,
            checked_at: Some(checked_at),
        };
        let db = self.services.database.read();
        match watermark_of(db).await {
            Some(_) => drop(row.into_active_model().reset_all().update(db).await.unwrap()),
            None => drop(row.into_active_model().insert(db).await.unwrap()),
        }
    }
}

async fn watermark_of(db: &sea_orm::DatabaseConnection) -> Option<watermark::Model> {
    use sea_orm::EntityTrait as _;
    watermark::Entity::find().one(db).await.unwrap()
}

/// The built-in conflict policy with one text replaced.
fn conflict_policy(old: &str, new: &str) -> String {
    assert!(DEFAULT_CONFLICT.contains(old), "{old}");
    DEFAULT_CONFLICT.replacen(old, new, 1)
}

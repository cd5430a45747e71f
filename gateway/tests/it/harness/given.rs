//! What a test begins with: partners entered through the API, records as sources would say them.

use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind, account, contact, lead, opportunity};
use domain::ids::{GoldenId, PartnerId, PartnerUserId};
use domain::sources::{SourceKey, SourceRecord, Values};
use entity::golden::{record_link, source_record};
use gateway::golden::service;
use gateway::platform::graphql::node_id::{NodeId, NodeType};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::{TestGateway, instant};

/// An active partner with a representative.
pub struct GivenPartner {
    /// Global id.
    pub id: String,
    /// Its id among partners.
    pub key: PartnerId,
    /// Its representative.
    pub rep: GivenUser,
}

/// A person at a partner.
pub struct GivenUser {
    /// Global id.
    pub id: String,
    /// The id among partner users.
    pub key: PartnerUserId,
    /// Where the person works.
    pub partner: PartnerId,
}

/// A record as a source says it.
#[derive(Clone)]
pub struct Said(SourceRecord);

impl TestGateway {
    /// An active partner of that name, with a representative.
    pub async fn given_partner(&self, name: &str) -> GivenPartner {
        let input = json!({ "legalName": name, "status": "ACTIVE", "types": ["RESELLER"] });
        let answer = self.as_admin().change("createPartner", input, "partner { id }").await;
        self.given_employer(answer.at("/createPartner/partner/id")).await
    }

    /// A partner that is there already, with a representative.
    pub async fn given_employer(&self, partner: &Value) -> GivenPartner {
        let id = partner.as_str().expect("ids are texts").to_owned();
        let rep = self.given_user(&id, "rep").await;
        GivenPartner { key: rep.partner, id, rep }
    }

    /// A representative at a partner.
    pub async fn given_user(&self, partner: &str, mailbox: &str) -> GivenUser {
        let key = self.services.clock.new_id::<PartnerId>();
        let input = json!({
            "partnerId": partner, "familyName": "担当", "givenName": "者", "status": "ENABLED",
            "email": format!("{mailbox}-{key}@partner.example"),
        });
        let answer = self.as_admin().change("createPartnerUser", input, "partnerUser { id }").await;
        let id = answer.text_at("/createPartnerUser/partnerUser/id").to_owned();
        GivenUser { key: decode(&id, NodeType::PartnerUser), partner: decode(partner, NodeType::Partner), id }
    }

    /// Takes in what sources say, one after another.
    pub async fn hears(&self, said: impl IntoIterator<Item = Said>) {
        for Said(record) in said {
            self.takes_in(vec![record]).await;
        }
    }

    /// Takes in records of one kind at once, as a page of a synchronisation does.
    pub async fn hears_at_once(&self, said: impl IntoIterator<Item = Said>) {
        self.takes_in(said.into_iter().map(|it| it.0).collect()).await;
    }

    async fn takes_in(&self, records: Vec<SourceRecord>) {
        let Some(kind) = records.first().map(|it| it.kind) else { return };
        let txn = self.services.database.begin_write().await.expect("a transaction");
        let now = self.services.clock.now();
        let engine = self.services.mastering().engine(&txn).await.expect("the rules in force");
        service::absorb(&txn, &engine, kind, records, now).await.expect("records are taken in");
        txn.commit().await.expect("the transaction holds");
    }

    /// Hears of one record, and gives the global id of what became of it.
    pub async fn given(&self, said: Said) -> String {
        let (kind, external_id) = (said.0.kind, said.0.key.external_id.clone());
        self.hears([said]).await;
        self.id_of(kind, &external_id).await
    }

    /// The global id of the golden record that a source record belongs to now.
    pub async fn id_of(&self, kind: RecordKind, external_id: &str) -> String {
        global_id(kind, self.golden_of(kind, external_id).await)
    }

    /// The golden record that a source record belongs to now.
    pub async fn golden_of(&self, kind: RecordKind, external_id: &str) -> GoldenId {
        let db = self.services.database.read();
        let source = source_record::Entity::find()
            .filter(source_record::Column::Kind.eq(kind))
            .filter(source_record::Column::ExternalId.eq(external_id));
        let source = source.one(db).await.expect("the store answers").expect("the record was heard of");
        let link = record_link::Entity::find()
            .filter(record_link::Column::SourceRecordId.eq(source.id))
            .filter(record_link::Column::EndedAt.is_null());
        let link = link.one(db).await.expect("the store answers").expect("every record is linked");
        link.golden_id
    }

    /// Gives a lead to a partner's representative.
    pub async fn given_assignment(&self, lead: &str, partner: &GivenPartner) {
        let input = json!({ "leadId": lead, "partnerId": partner.id, "partnerUserId": partner.rep.id });
        self.as_admin().change("assignLead", input, "lead { id }").await.data();
    }
}

impl Said {
    /// The CRM, of a lead: somebody at a company.
    pub fn lead(external_id: &str) -> Self {
        let said = Self::record("Lead", RecordKind::Lead, external_id);
        let said = said.with(lead::last_name, "佐藤").with(lead::first_name, "花子");
        said.with(lead::company, "株式会社極洋").with(lead::stage, "NEW")
    }

    /// The CRM, of an account.
    pub fn account(external_id: &str, name: &str) -> Self {
        Self::record("Account", RecordKind::Account, external_id).with(account::name, name)
    }

    /// The CRM, of a contact.
    pub fn contact(external_id: &str, last_name: &str) -> Self {
        let said = Self::record("Contact", RecordKind::Contact, external_id);
        said.with(contact::last_name, last_name).with(contact::first_name, "花子")
    }

    /// The CRM, of an opportunity.
    pub fn opportunity(external_id: &str, name: &str) -> Self {
        Self::record("Opportunity", RecordKind::Opportunity, external_id).with(opportunity::name, name)
    }

    fn record(object: &str, kind: RecordKind, external_id: &str) -> Self {
        let (object, external_id) = (object.to_owned(), external_id.to_owned());
        let at = instant(super::START);
        Self(SourceRecord {
            key: SourceKey { system: "CRM".parse().expect("a system"), object, external_id },
            kind,
            stamp: at,
            modified_at: at,
            created_at: at,
            is_deleted: false,
            merged_into: None,
            our_key: None,
            values: Values::new(),
        })
    }

    /// Of another record of the same content.
    pub fn renamed(mut self, external_id: &str) -> Self {
        self.0.key.external_id = external_id.to_owned();
        self
    }

    /// Another system than the CRM says it.
    pub fn by(mut self, system: &str) -> Self {
        self.0.key.system = system.parse().expect("a system");
        self
    }

    /// With a value; a blank one is explicitly empty.
    pub fn with(mut self, field: Field, value: &str) -> Self {
        self.0.values.set(field, value).expect("a value of the field");
        self
    }

    /// Says nothing of a field.
    pub fn without(mut self, field: Field) -> Self {
        let others = self.0.values.iter().filter(|(it, _)| *it != field);
        self.0.values = others.map(|(it, value)| (it, value.map(str::to_owned))).collect();
        self
    }

    /// Modified at this instant.
    pub fn at(self, modified: &str) -> Self {
        self.modified(instant(modified))
    }

    /// Modified at this instant.
    pub fn modified(mut self, at: DateTime<Utc>) -> Self {
        (self.0.modified_at, self.0.stamp) = (at, at);
        self
    }

    /// Merged by its source into another record.
    pub fn into_other(mut self, external_id: &str) -> Self {
        self.0.merged_into = Some(external_id.to_owned());
        self
    }

    /// Deleted by its source, which merged it into another record.
    pub fn merged_into(mut self, external_id: &str) -> Self {
        self.0.merged_into = Some(external_id.to_owned());
        self.deleted()
    }

    /// Deleted by its source.
    pub fn deleted(mut self) -> Self {
        self.0.is_deleted = true;
        self
    }
}

fn global_id(kind: RecordKind, id: GoldenId) -> String {
    let node_type = match kind {
        RecordKind::Account => NodeType::Account,
        RecordKind::Contact => NodeType::Contact,
        RecordKind::Lead => NodeType::Lead,
        RecordKind::Opportunity => NodeType::Opportunity,
    };
    NodeId::encode(node_type, id).0
}

fn decode<Id: From<uuid::Uuid>>(id: &str, node_type: NodeType) -> Id {
    NodeId::decode(&id.to_owned().into(), node_type).expect("the API gave this id")
}

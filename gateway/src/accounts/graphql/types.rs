//! What the API shows of an account.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use entity::accounts::golden_account;
use mastering::history::AsOf;

use super::at_edge;
use crate::conflicts;
use crate::conflicts::graphql::InstalledProduct;
use crate::contacts;
use crate::contacts::graphql::Contact;
use crate::error::Result;
use crate::golden::graphql::{FieldProvenance, SourceRecordRef, provenance, refuse_past, source_records};
use crate::golden::history::past::{Past, Then};
use crate::golden::loader::RecordRef;
use crate::leads;
use crate::leads::graphql::Lead;
use crate::opportunities;
use crate::opportunities::graphql::Opportunity;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// An account: a customer organisation. One record, however many systems and duplicates it came from.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Account {
    /// Global id; resolves for ever.
    pub id: ID,
    /// The id that was asked for, where it lost a merge: this record is its survivor.
    redirected_from: Option<ID>,
    /// Counts changes of served values.
    version: i32,
    /// Registered name, legal form included.
    name: Option<String>,
    /// Reading of the name.
    name_kana: Option<String>,
    /// English name.
    name_en: Option<String>,
    /// 法人番号.
    corporate_number: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// Web site.
    website: Option<String>,
    /// Industry.
    industry: Option<String>,
    /// 町名・番地.
    street: Option<String>,
    /// 市区郡.
    city: Option<String>,
    /// 都道府県.
    region: Option<String>,
    /// 郵便番号.
    postal_code: Option<String>,
    /// Country.
    country: Option<String>,
    /// When the account was first seen here.
    created_at: DateTime<Utc>,
    /// When a served value last changed.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    key: GoldenId,
    #[graphql(skip)]
    parent_id: Option<GoldenId>,
    #[graphql(skip)]
    then: Option<Then>,
}

impl From<golden_account::Model> for Account {
    fn from(row: golden_account::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::Account, row.id),
            redirected_from: None,
            version: row.version,
            name: row.name,
            name_kana: row.name_kana,
            name_en: row.name_en,
            corporate_number: row.corporate_number,
            phone: row.phone,
            website: row.website,
            industry: row.industry,
            street: row.street,
            city: row.city,
            region: row.region,
            postal_code: row.postal_code,
            country: row.country,
            created_at: row.created_at,
            updated_at: row.updated_at,
            key: row.id,
            parent_id: row.parent_id,
            then: None,
        }
    }
}

impl Account {
    /// The same, asked for by this id.
    pub fn asked_for_by(self, id: GoldenId) -> Self {
        let redirected_from = (self.key != id).then(|| NodeId::encode(NodeType::Account, id));
        Self { redirected_from, ..self }
    }

    /// The account as it was.
    pub fn past(past: Past<golden_account::Model>) -> Self {
        Self { then: Some(past.then), ..past.row.into() }
    }

    fn as_of(&self) -> Option<AsOf> {
        self.then.as_ref().map(|it| it.as_of)
    }

    fn record(&self) -> RecordRef {
        RecordRef { kind: RecordKind::Account, id: self.key }
    }
}

#[ComplexObject]
impl Account {
    /// The company it belongs to.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Account>> {
        at_edge(ctx.data_unchecked(), self.parent_id, self.as_of()).await.transpose()
    }

    /// Its newest leads, at most 50.
    #[graphql(complexity = "first.clamp(1, 50) as usize * child_complexity")]
    async fn leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many, at most 50.")] first: i32,
    ) -> Result<Vec<Lead>> {
        refuse_past(self.as_of())?;
        leads::graphql::newest_of_account(ctx.data_unchecked(), self.key, first).await
    }

    /// Its newest opportunities, at most 50.
    #[graphql(complexity = "first.clamp(1, 50) as usize * child_complexity")]
    async fn opportunities(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many, at most 50.")] first: i32,
    ) -> Result<Vec<Opportunity>> {
        refuse_past(self.as_of())?;
        opportunities::graphql::newest_of_account(ctx.data_unchecked(), self.key, first).await
    }

    /// Its newest contacts, at most 50; shown to staff.
    #[graphql(complexity = "first.clamp(1, 50) as usize * child_complexity")]
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many, at most 50.")] first: i32,
    ) -> Result<Vec<Contact>> {
        refuse_past(self.as_of())?;
        contacts::graphql::newest_of_account(ctx.data_unchecked(), self.key, first).await
    }

    /// The products that it runs, and through whom they were bought; shown to staff who see conflicts.
    #[graphql(complexity = "10 * child_complexity")]
    async fn installed_products(&self, ctx: &Context<'_>) -> Result<Vec<InstalledProduct>> {
        conflicts::graphql::installed_on(ctx.data_unchecked(), self.key).await
    }

    /// Why each field has its value. Partners see "SYSTEM" instead of sources, and no losers.
    #[graphql(complexity = "10 * child_complexity")]
    async fn provenance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these fields, by the names of this type; all when left out.")] fields: Option<
            Vec<String>,
        >,
    ) -> Result<Vec<FieldProvenance>> {
        provenance(ctx.data_unchecked(), self.record(), self.then.as_ref(), fields).await
    }

    /// The records it was made of, duplicates included; shown to staff.
    async fn source_records(&self, ctx: &Context<'_>) -> Option<Result<Vec<SourceRecordRef>>> {
        source_records(ctx.data_unchecked(), self.record(), self.then.as_ref()).await
    }
}

//! What the API shows of an account.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use entity::accounts::golden_account;

use crate::accounts::loader::AccountById;
use crate::contacts;
use crate::contacts::graphql::Contact;
use crate::error::Result;
use crate::golden::graphql::{FieldProvenance, SourceRecordRef, provenance, source_records};
use crate::golden::loader::RecordRef;
use crate::leads;
use crate::leads::graphql::Lead;
use crate::opportunities;
use crate::opportunities::graphql::Opportunity;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// An account: a customer organisation. One record, however many systems and duplicates it came from.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Account {
    /// Global id; resolves for ever.
    pub id: ID,
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
    row: golden_account::Model,
}

impl From<golden_account::Model> for Account {
    fn from(row: golden_account::Model) -> Self {
        let shown = row.clone();
        Self {
            id: NodeId::encode(NodeType::Account, row.id),
            version: shown.version,
            name: shown.name,
            name_kana: shown.name_kana,
            name_en: shown.name_en,
            corporate_number: shown.corporate_number,
            phone: shown.phone,
            website: shown.website,
            industry: shown.industry,
            street: shown.street,
            city: shown.city,
            region: shown.region,
            postal_code: shown.postal_code,
            country: shown.country,
            created_at: shown.created_at,
            updated_at: shown.updated_at,
            row,
        }
    }
}

impl Account {
    fn record(&self) -> RecordRef {
        RecordRef { kind: RecordKind::Account, id: self.row.id }
    }
}

#[ComplexObject]
impl Account {
    /// The company it belongs to.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Result<Account>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<AccountById>().get(ctx, self.row.parent_id?).await;
        found.map(|it| it.map(Account::from)).transpose()
    }

    /// Its newest leads, at most 50.
    #[graphql(complexity = "first.clamp(1, 50) as usize * child_complexity")]
    async fn leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many, at most 50.")] first: i32,
    ) -> Result<Vec<Lead>> {
        leads::graphql::newest_of_account(ctx.data_unchecked(), self.row.id, first).await
    }

    /// Its newest opportunities, at most 50.
    #[graphql(complexity = "first.clamp(1, 50) as usize * child_complexity")]
    async fn opportunities(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many, at most 50.")] first: i32,
    ) -> Result<Vec<Opportunity>> {
        opportunities::graphql::newest_of_account(ctx.data_unchecked(), self.row.id, first).await
    }

    /// Its newest contacts, at most 50; shown to staff.
    #[graphql(complexity = "first.clamp(1, 50) as usize * child_complexity")]
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many, at most 50.")] first: i32,
    ) -> Result<Vec<Contact>> {
        contacts::graphql::newest_of_account(ctx.data_unchecked(), self.row.id, first).await
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
        provenance(ctx.data_unchecked(), self.record(), fields).await
    }

    /// The records it was made of, duplicates included; shown to staff.
    async fn source_records(&self, ctx: &Context<'_>) -> Option<Result<Vec<SourceRecordRef>>> {
        source_records(ctx.data_unchecked(), self.record()).await
    }
}

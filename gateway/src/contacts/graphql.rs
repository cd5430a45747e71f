//! Contacts in the API.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use entity::contacts::golden_contact;

use super::loader::ContactsOfAccount;
use super::store;
use crate::accounts::graphql::Account;
use crate::accounts::loader::AccountById;
use crate::error::Result;
use crate::golden::graphql::{FieldProvenance, SourceRecordRef, provenance, source_records};
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::children::MAX_CHILDREN;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// A contact: a person at a customer.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Contact {
    /// Global id; resolves for ever.
    pub id: ID,
    /// Counts changes of served values.
    version: i32,
    /// 姓.
    last_name: Option<String>,
    /// 名.
    first_name: Option<String>,
    /// セイ.
    last_name_kana: Option<String>,
    /// メイ.
    first_name_kana: Option<String>,
    /// Position in the company.
    title: Option<String>,
    /// 部署.
    department: Option<String>,
    /// Mail address.
    email: Option<String>,
    /// Telephone.
    phone: Option<String>,
    /// Mobile phone.
    mobile_phone: Option<String>,
    /// When the contact was first seen here.
    created_at: DateTime<Utc>,
    /// When a served value last changed.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    record: GoldenId,
    #[graphql(skip)]
    account_id: Option<GoldenId>,
}

impl From<golden_contact::Model> for Contact {
    fn from(row: golden_contact::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::Contact, row.id),
            version: row.version,
            last_name: row.last_name,
            first_name: row.first_name,
            last_name_kana: row.last_name_kana,
            first_name_kana: row.first_name_kana,
            title: row.title,
            department: row.department,
            email: row.email,
            phone: row.phone,
            mobile_phone: row.mobile_phone,
            created_at: row.created_at,
            updated_at: row.updated_at,
            record: row.id,
            account_id: row.account_id,
        }
    }
}

#[ComplexObject]
impl Contact {
    /// Where the person works.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<AccountById>().get(ctx, self.account_id?).await;
        found.map(|it| it.map(Account::from)).transpose()
    }

    /// Why each field has its value.
    #[graphql(complexity = "10 * child_complexity")]
    async fn provenance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only these fields, by the names of this type; all when left out.")] fields: Option<
            Vec<String>,
        >,
    ) -> Result<Vec<FieldProvenance>> {
        let record = RecordRef { kind: RecordKind::Contact, id: self.record };
        provenance(ctx.data_unchecked(), record, fields).await
    }

    /// The records it was made of, duplicates included.
    async fn source_records(&self, ctx: &Context<'_>) -> Option<Result<Vec<SourceRecordRef>>> {
        let record = RecordRef { kind: RecordKind::Contact, id: self.record };
        source_records(ctx.data_unchecked(), record).await
    }
}

/// Reading contacts.
#[derive(Default)]
pub struct ContactQueries;

#[Object]
impl ContactQueries {
    /// One contact. An id that lost a merge gives the survivor.
    async fn contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<Contact>> {
        one(ctx.data_unchecked(), &id).await.transpose()
    }
}

/// The contact, if the caller sees it.
pub async fn by_id(ctx: &RequestContext, id: GoldenId) -> Result<Option<Contact>> {
    ctx.caller.require(Permission::ReadCustomers)?;
    Ok(store::find(ctx.read(), &ctx.caller, id).await?.map(Contact::from))
}

async fn one(ctx: &RequestContext, id: &ID) -> Result<Option<Contact>> {
    by_id(ctx, NodeId::decode(id, NodeType::Contact)?).await
}

/// The newest contacts of an account.
pub async fn newest_of_account(ctx: &RequestContext, id: GoldenId, first: i32) -> Result<Vec<Contact>> {
    let limit = usize::try_from(first.clamp(0, MAX_CHILDREN)).expect("clamped to a positive number");
    let rows = ctx.batch::<ContactsOfAccount>().get(ctx, id).await?.unwrap_or_default();
    Ok(rows.into_iter().take(limit).map(Contact::from).collect())
}

//! What the API shows of a contact.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use entity::contacts::golden_contact;
use mastering::history::AsOf;

use crate::accounts;
use crate::accounts::graphql::Account;
use crate::error::Result;
use crate::golden::graphql::{FieldProvenance, SourceRecordRef, provenance, source_records};
use crate::golden::history::past::{Past, Then};
use crate::golden::loader::RecordRef;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// A contact: a person at a customer.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Contact {
    /// Global id; resolves for ever.
    pub id: ID,
    /// The id that was asked for, where it lost a merge: this record is its survivor.
    redirected_from: Option<ID>,
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
    key: GoldenId,
    #[graphql(skip)]
    account_id: Option<GoldenId>,
    #[graphql(skip)]
    then: Option<Then>,
}

impl From<golden_contact::Model> for Contact {
    fn from(row: golden_contact::Model) -> Self {
        Self {
            id: NodeId::encode(NodeType::Contact, row.id),
            redirected_from: None,
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
            key: row.id,
            account_id: row.account_id,
            then: None,
        }
    }
}

impl Contact {
    /// The same, asked for by this id.
    pub fn asked_for_by(self, id: GoldenId) -> Self {
        let redirected_from = (self.key != id).then(|| NodeId::encode(NodeType::Contact, id));
        Self { redirected_from, ..self }
    }

    /// The contact as it was.
    pub fn past(past: Past<golden_contact::Model>) -> Self {
        Self { then: Some(past.then), ..past.row.into() }
    }

    fn as_of(&self) -> Option<AsOf> {
        self.then.as_ref().map(|it| it.as_of)
    }

    fn record(&self) -> RecordRef {
        RecordRef { kind: RecordKind::Contact, id: self.key }
    }
}

#[ComplexObject]
impl Contact {
    /// Where the person works.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account>> {
        accounts::graphql::at_edge(ctx.data_unchecked(), self.account_id, self.as_of()).await.transpose()
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
        provenance(ctx.data_unchecked(), self.record(), self.then.as_ref(), fields).await
    }

    /// The records it was made of, duplicates included.
    async fn source_records(&self, ctx: &Context<'_>) -> Option<Result<Vec<SourceRecordRef>>> {
        source_records(ctx.data_unchecked(), self.record(), self.then.as_ref()).await
    }
}

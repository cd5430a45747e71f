//! What the API shows of an opportunity.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::fields::{RecordKind, opportunity};
use domain::ids::{GoldenId, PartnerId};
use entity::opportunities::golden_opportunity;
use mastering::history::AsOf;
use rust_decimal::Decimal;

use crate::accounts;
use crate::accounts::graphql::Account;
use crate::error::Result;
use crate::golden::graphql::{FieldProvenance, SourceRecordRef, provenance, refuse_past, source_records};
use crate::golden::history::past::{Past, Then};
use crate::golden::loader::RecordRef;
use crate::leads;
use crate::leads::graphql::Lead;
use crate::partners::graphql::Partner;
use crate::partners::loader::PartnerById;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// An amount of money: exact, never a floating number.
#[derive(SimpleObject)]
pub struct Money {
    /// In major units, as a decimal text: "1200000" for ¥1,200,000.
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
}

impl From<domain::money::Money> for Money {
    fn from(money: domain::money::Money) -> Self {
        Self { amount: money.amount(), currency: money.currency }
    }
}

/// An opportunity: a qualified possible sale.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Opportunity {
    /// Global id; resolves for ever.
    pub id: ID,
    /// The id that was asked for, where it lost a merge: this record is its survivor.
    redirected_from: Option<ID>,
    /// Counts changes of served values.
    version: i32,
    /// Name.
    name: Option<String>,
    /// Phase, as the CRM calls it.
    stage: Option<String>,
    /// Amount.
    amount: Option<Money>,
    /// When it is expected to close, or closed.
    close_date: Option<NaiveDate>,
    /// Whether it is closed, won or lost.
    is_closed: Option<bool>,
    /// Whether it is won.
    is_won: Option<bool>,
    /// Why it was lost.
    loss_reason: Option<String>,
    /// New business, expansion or renewal.
    deal_type: Option<String>,
    /// Who owns it in direct sales; shown to staff.
    owner: Option<String>,
    /// When the opportunity was first seen here.
    created_at: DateTime<Utc>,
    /// When a served value last changed.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    key: GoldenId,
    #[graphql(skip)]
    account_id: Option<GoldenId>,
    #[graphql(skip)]
    sourcing_partner_id: Option<PartnerId>,
    #[graphql(skip)]
    then: Option<Then>,
}

impl Opportunity {
    /// The opportunity as the caller may see it.
    pub fn new(ctx: &RequestContext, row: golden_opportunity::Model) -> Self {
        let currency = row.currency.unwrap_or_default();
        let amount = row.amount_minor.map(|minor| domain::money::Money { minor, currency }.into());
        Self {
            id: NodeId::encode(NodeType::Opportunity, row.id),
            redirected_from: None,
            version: row.version,
            name: row.name,
            stage: row.stage,
            amount,
            close_date: row.close_date,
            is_closed: row.is_closed,
            is_won: row.is_won,
            loss_reason: row.loss_reason,
            deal_type: row.deal_type,
            owner: row.owner.filter(|_| ctx.caller.is_staff()),
            created_at: row.created_at,
            updated_at: row.updated_at,
            key: row.id,
            account_id: row.account_id,
            sourcing_partner_id: row.sourcing_partner_id,
            then: None,
        }
    }

    /// The same, asked for by this id.
    pub fn asked_for_by(self, id: GoldenId) -> Self {
        let redirected_from = (self.key != id).then(|| NodeId::encode(NodeType::Opportunity, id));
        Self { redirected_from, ..self }
    }

    /// The opportunity as it was.
    pub fn past(ctx: &RequestContext, past: Past<golden_opportunity::Model>) -> Self {
        Self { then: Some(past.then), ..Self::new(ctx, past.row) }
    }

    fn as_of(&self) -> Option<AsOf> {
        self.then.as_ref().map(|it| it.as_of)
    }

    fn record(&self) -> RecordRef {
        RecordRef { kind: RecordKind::Opportunity, id: self.key }
    }
}

#[ComplexObject]
impl Opportunity {
    /// Who may buy.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account>> {
        accounts::graphql::at_edge(ctx.data_unchecked(), self.account_id, self.as_of()).await.transpose()
    }

    /// The partner it originated from.
    async fn sourcing_partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<PartnerById>().get(ctx, self.sourcing_partner_id?).await;
        found.map(|it| it.map(Partner::from)).transpose()
    }

    /// The newest leads that became it, at most 50.
    #[graphql(complexity = "first.clamp(1, 50) as usize * child_complexity")]
    async fn leads(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 10, desc = "How many, at most 50.")] first: i32,
    ) -> Result<Vec<Lead>> {
        refuse_past(self.as_of())?;
        leads::graphql::newest_of_opportunity(ctx.data_unchecked(), self.key, first).await
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
        let ctx = ctx.data_unchecked::<RequestContext>();
        let mut provenance = provenance(ctx, self.record(), self.then.as_ref(), fields).await?;
        provenance.retain(|it| ctx.caller.is_staff() || it.of() != opportunity::owner);
        Ok(provenance)
    }

    /// The records it was made of; shown to staff.
    async fn source_records(&self, ctx: &Context<'_>) -> Option<Result<Vec<SourceRecordRef>>> {
        source_records(ctx.data_unchecked(), self.record(), self.then.as_ref()).await
    }
}

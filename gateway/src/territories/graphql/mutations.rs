//! Changing territories.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::NaiveDate;
use domain::products::ProductScope;
use domain::territories;

use super::regions::parse;
use super::types::TerritoryAssignment;
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};
use crate::territories::service;

/// A new territory. Each empty list means no restriction.
#[derive(Debug, InputObject)]
pub struct AssignTerritoryInput {
    /// The partner.
    pub partner_id: ID,
    /// Where: codes such as `JP-13`.
    #[graphql(default)]
    pub prefectures: Vec<String>,
    /// For which industries: letters `A` to `T`.
    #[graphql(default)]
    pub industries: Vec<String>,
    /// For which products.
    #[graphql(default)]
    pub products: Vec<String>,
    /// For which accounts alone.
    #[graphql(default)]
    pub named_account_ids: Vec<ID>,
    /// Whether nobody else may hold the same.
    #[graphql(default)]
    pub is_exclusive: bool,
    /// The first date, in Japan.
    pub valid_from: NaiveDate,
    /// The first date after it; without an end when left out.
    pub valid_until: Option<NaiveDate>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// The end of a territory.
#[derive(Debug, InputObject)]
pub struct EndTerritoryInput {
    /// The territory.
    pub id: ID,
    /// The version that the change is based on.
    pub version: i32,
    /// The first date on which it does not hold any more, in Japan: today at the earliest.
    pub on: NaiveDate,
    /// Why.
    pub reason: Option<String>,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What a change of a territory gives back.
#[derive(SimpleObject)]
pub struct TerritoryPayload {
    /// The territory as it is now.
    territory: TerritoryAssignment,
}

impl AssignTerritoryInput {
    fn wanted(&self) -> Result<territories::TerritoryAssignment> {
        let accounts = self.named_account_ids.iter().map(|it| NodeId::decode(it, NodeType::Account));
        Ok(territories::TerritoryAssignment {
            partner: NodeId::decode(&self.partner_id, NodeType::Partner).of_field("partnerId")?,
            prefectures: parse(&self.prefectures).of_field("prefectures")?,
            industries: parse(&self.industries).of_field("industries")?,
            products: ProductScope::checked(self.products.iter().map(String::as_str)).of_field("products")?,
            named_accounts: accounts.collect::<Result<_, _>>()?,
            is_exclusive: self.is_exclusive,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        })
    }
}

/// Changing territories.
#[derive(Default)]
pub struct TerritoryMutations;

#[Object]
impl TerritoryMutations {
    /// Gives a partner a territory; an exclusive one must not overlap another's.
    async fn assign_territory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: AssignTerritoryInput,
    ) -> Result<Payload<TerritoryPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let row = service::assign(ctx, input.idempotency_key.as_deref(), input.wanted()?).await?;
            Ok(TerritoryPayload { territory: row.into() })
        })
        .await
    }

    /// Gives a territory its end. Another territory is assigned anew.
    async fn end_territory(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and when.")] input: EndTerritoryInput,
    ) -> Result<Payload<TerritoryPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let seen =
                (NodeId::decode(&input.id, NodeType::TerritoryAssignment).of_field("id")?, input.version);
            let reason = input.reason.map(|it| it.parse()).transpose().of_field("reason")?;
            let row = service::end(ctx, input.idempotency_key.as_deref(), seen, input.on, reason).await?;
            Ok(TerritoryPayload { territory: row.into() })
        })
        .await
    }
}

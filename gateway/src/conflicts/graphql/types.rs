//! A conflict as staff see it.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use chrono::{DateTime, Utc};
use domain::conflicts::{ClaimKind, ConflictStatus, ConflictType, OutcomeKind};
use domain::ids::{GoldenId, RegistrationId};
use entity::conflicts::{channel_conflict, conflict_party};

use super::standing::appeal_until;
use super::verdict::ConflictVerdict;
use crate::accounts;
use crate::accounts::graphql::Account;
use crate::conflicts::loader::{PartiesOfConflict, VerdictById};
use crate::error::Result;
use crate::opportunities;
use crate::opportunities::graphql::Opportunity;
use crate::partners::graphql::Partner;
use crate::partners::loader::PartnerById;
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::registrations;
use crate::registrations::graphql::DealRegistration;

/// A channel conflict: several parties claim one deal, or one claims it without being entitled to. For staff.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ChannelConflict {
    /// Global id.
    pub id: ID,
    /// Counts changes.
    version: i32,
    /// What kinds of conflict it is.
    types: Vec<ConflictType>,
    /// Where it stands.
    status: ConflictStatus,
    /// What came out, of the rules or of a person.
    outcome: OutcomeKind,
    /// When it was settled.
    settled_at: Option<DateTime<Utc>>,
    /// Who settled it, when a person did.
    reviewer: Option<String>,
    /// What a person decided, as JSON.
    resolution: Option<String>,
    /// Why a person decided so.
    reason: Option<String>,
    /// When the loser appealed.
    appealed_at: Option<DateTime<Utc>>,
    /// Who had settled it then: somebody else answers.
    appeal_against: Option<String>,
    /// Why the loser appealed.
    appeal_reason: Option<String>,
    /// What was new when it was last opened again, as JSON.
    diff: Option<String>,
    /// When it was raised.
    raised_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    row: channel_conflict::Model,
}

impl From<channel_conflict::Model> for ChannelConflict {
    fn from(row: channel_conflict::Model) -> Self {
        let shown = row.clone();
        Self {
            id: NodeId::encode(NodeType::ChannelConflict, row.id),
            version: shown.version,
            types: shown.types.split(',').filter_map(|it| it.parse().ok()).collect(),
            status: shown.status,
            outcome: shown.outcome,
            settled_at: shown.settled_at,
            reviewer: shown.reviewer,
            resolution: shown.resolution,
            reason: shown.reason,
            appealed_at: shown.appealed_at,
            appeal_against: shown.appeal_against,
            appeal_reason: shown.appeal_reason,
            diff: shown.diff,
            raised_at: shown.raised_at,
            updated_at: shown.updated_at,
            row,
        }
    }
}

#[ComplexObject]
impl ChannelConflict {
    /// The registration whose verdict it is about.
    async fn registration(&self, ctx: &Context<'_>) -> Option<Result<DealRegistration>> {
        registrations::graphql::at_edge(ctx.data_unchecked(), self.row.registration_id).await.transpose()
    }

    /// The customer, where it is an account of ours.
    async fn account(&self, ctx: &Context<'_>) -> Option<Result<Account>> {
        accounts::graphql::at_edge(ctx.data_unchecked(), Some(self.row.claimed_id), None).await.transpose()
    }

    /// The verdict it rests on.
    async fn verdict(&self, ctx: &Context<'_>) -> Option<Result<ConflictVerdict>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<VerdictById>().get(ctx, self.row.verdict_id).await;
        found.and_then(|it| it.map(ConflictVerdict::try_from).transpose()).transpose()
    }

    /// Who is part of it.
    #[graphql(complexity = "5 * child_complexity")]
    async fn parties(&self, ctx: &Context<'_>) -> Result<Vec<ConflictParty>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let parties = ctx.batch::<PartiesOfConflict>().get(ctx, self.row.id).await?.unwrap_or_default();
        Ok(parties.into_iter().map(ConflictParty::from).collect())
    }

    /// Until when the loser may appeal; null when it may not.
    async fn appeal_until(&self, ctx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        appeal_until(ctx.data_unchecked(), &self.row).await
    }
}

/// A claim that is part of a conflict.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ConflictParty {
    /// On what kind of record it rests.
    kind: ClaimKind,
    /// Id of the record: registration, lead, installed product or opportunity.
    claim_id: ID,
    /// Basis points of the deal, where a person split it.
    share: Option<i32>,
    #[graphql(skip)]
    row: conflict_party::Model,
}

impl From<conflict_party::Model> for ConflictParty {
    fn from(row: conflict_party::Model) -> Self {
        Self { kind: row.kind, claim_id: ID(row.claim_id.to_string()), share: row.share, row }
    }
}

#[ComplexObject]
impl ConflictParty {
    /// Whose it is; null for direct sales.
    async fn partner(&self, ctx: &Context<'_>) -> Option<Result<Partner>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let found = ctx.batch::<PartnerById>().get(ctx, self.row.partner_id?).await;
        found.map(|it| it.map(Partner::from)).transpose()
    }

    /// The registration it rests on.
    async fn registration(&self, ctx: &Context<'_>) -> Option<Result<DealRegistration>> {
        let id = (self.row.kind == ClaimKind::Registration).then_some(RegistrationId(self.row.claim_id))?;
        registrations::graphql::at_edge(ctx.data_unchecked(), id).await.transpose()
    }

    /// The opportunity of direct sales it rests on.
    async fn opportunity(&self, ctx: &Context<'_>) -> Option<Result<Opportunity>> {
        let id = (self.row.kind == ClaimKind::Direct).then_some(GoldenId(self.row.claim_id));
        opportunities::graphql::at_edge(ctx.data_unchecked(), id, None).await.transpose()
    }
}

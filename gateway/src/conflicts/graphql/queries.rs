//! Reading conflicts, and asking before one registers.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::access::Permission;
use domain::conflicts::{CheckAnswer, ConflictStatus, ConflictType};
use domain::ids::{ConflictId, PartnerId, VerdictId};
use entity::conflicts::channel_conflict::{Column, Model};
use entity::conflicts::conflict_party;
use sea_orm::sea_query::{Condition, IntoCondition, Query};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::inputs::CheckDealRegistrationInput;
use super::types::ChannelConflict;
use super::verdict::ConflictVerdict;
use crate::conflicts::{access, service};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::filter::all_of;
use crate::platform::graphql::node_id::{NodeId, NodeType};

/// Which conflicts; all conditions that are given must hold.
#[derive(Debug, Default, InputObject)]
pub struct ChannelConflictFilter {
    /// One of these.
    status: Option<Vec<ConflictStatus>>,
    /// Of this kind.
    conflict_type: Option<ConflictType>,
    /// This partner is part of it.
    partner_id: Option<ID>,
}

impl ChannelConflictFilter {
    fn condition(&self) -> Result<Condition> {
        let partner = self.partner_id.as_ref().map(|it| NodeId::decode::<PartnerId>(it, NodeType::Partner));
        let with = |partner: PartnerId| {
            let with = Query::select()
                .column(conflict_party::Column::ConflictId)
                .from(conflict_party::Entity)
                .and_where(conflict_party::Column::PartnerId.eq(partner))
                .take();
            Column::Id.in_subquery(with).into_condition()
        };
        // No code is part of another one, so looking into the text is exact.
        let of_type = self.conflict_type.map(|it| Column::Types.contains(it.code()).into_condition());
        Ok(all_of([
            self.status.as_ref().map(|it| Column::Status.is_in(it.iter().copied()).into_condition()),
            of_type,
            partner.transpose()?.map(with),
        ]))
    }
}

/// The answer to a check before a registration: one shape, whatever lies behind it.
#[derive(SimpleObject)]
pub struct DealRegistrationCheck {
    /// Whether the registration would go through.
    answer: CheckAnswer,
    /// The answer in the caller's language.
    message: &'static str,
}

/// A verdict that was judged again.
#[derive(SimpleObject)]
pub struct VerdictReplay {
    /// Whether both are the same, byte for byte.
    is_identical: bool,
    /// The verdict as it was stored.
    stored: String,
    /// What the same version of the policy says of the same facts now.
    replayed: String,
}

/// Reading conflicts.
#[derive(Default)]
pub struct ConflictQueries;

#[Object]
impl ConflictQueries {
    /// May I? Asked while the form is being filled in; it reserves nothing, and is admitted thirty times an hour for each user.
    #[graphql(complexity = 200)]
    async fn check_deal_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What would be registered.")] input: CheckDealRegistrationInput,
    ) -> Result<DealRegistrationCheck> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let (partner, details) = input.details()?;
        let answer = service::check(ctx, partner, &details).await?;
        Ok(DealRegistrationCheck { answer, message: answer.label(ctx.caller.language) })
    }

    /// One channel conflict; for staff.
    async fn channel_conflict(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its global id.")] id: ID,
    ) -> Option<Result<ChannelConflict>> {
        one(ctx.data_unchecked(), &id).await.transpose()
    }

    /// Channel conflicts, page by page; for staff. Channel managers see those of the partners they manage.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn channel_conflicts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which conflicts; all when left out.")] filter: Option<ChannelConflictFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<ChannelConflict>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        ctx.caller.require(Permission::ReadConflicts)?;
        let query = access::visible_to(&ctx.caller).filter(filter.unwrap_or_default().condition()?);
        let order = order_by.of("channelConflicts", Column::Id, |row: &Model| row.id.into());
        let node = |row: Model| (row.id.into(), ChannelConflict::from(row));
        page(ctx, query, Column::Id, order, &PageInput { first, after, last, before }, node).await
    }

    /// A verdict on a registration; for staff.
    async fn conflict_verdict(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<ConflictVerdict>> {
        let found = service::find_verdict(ctx.data_unchecked(), verdict_id(&id)?).await;
        found.and_then(|it| it.map(ConflictVerdict::try_from).transpose()).transpose()
    }

    /// Judges the facts of a verdict again, by the version of the policy that decided; for staff. Both are the same, byte for
    /// byte, however old the verdict is.
    async fn replay_verdict(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the verdict.")] id: ID,
    ) -> Option<Result<VerdictReplay>> {
        let found = service::replay(ctx.data_unchecked(), verdict_id(&id)?).await;
        let replay = |it: service::Replay| VerdictReplay {
            is_identical: it.stored == it.replayed,
            stored: it.stored,
            replayed: it.replayed,
        };
        found.map(|it| it.map(replay)).transpose()
    }
}

/// What is no id is no verdict either.
fn verdict_id(id: &ID) -> Option<VerdictId> {
    Uuid::try_parse(id).ok().map(VerdictId)
}

/// The conflict, if the caller sees it. Partners see none, and are not told that there is one.
pub async fn by_id(ctx: &RequestContext, id: ConflictId) -> Result<Option<ChannelConflict>> {
    if !ctx.caller.is_staff() {
        return Ok(None);
    }
    Ok(service::find(ctx, id).await?.map(ChannelConflict::from))
}

async fn one(ctx: &RequestContext, id: &ID) -> Result<Option<ChannelConflict>> {
    by_id(ctx, NodeId::decode(id, NodeType::ChannelConflict)?).await
}

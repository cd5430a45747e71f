//! What happens to registrations without anyone asking: they end with their protection or with their opportunity, their
//! partners are warned before, and decisions that are late are escalated.
//!
//! Each registration is a transaction of its own, which looks again under a lock: two replicas do a thing once.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::GoldenId;
use domain::lifecycle::RegistrationWindows;
use domain::partners::PartnerStatus;
use domain::registrations::{RegistrationState, RegistrationStatus, RegistrationStep};
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity;
use entity::partners::partner;
use entity::registrations::deal_registration::{Column, Model};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, IntoCondition, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use super::news::announce;
use super::service::{Note, save};
use super::submission::windows;
use super::{state, store, turn};
use crate::conflicts;
use crate::error::Result;
use crate::golden::served::{self, NOW, Served, leads_to};
use crate::platform::context::RequestContext;
use crate::policies::lifecycle;

/// Name of the job.
pub const JOB: &str = "registrations.due";

/// Registrations read at once.
const BATCH: u64 = 200;

/// Does all that is due now.
pub async fn do_due(ctx: &RequestContext) -> Result<()> {
    let windows = windows(ctx.read(), ctx).await?;
    let tail = lifecycle(ctx.read(), ctx).await?.partners.tail_days;
    let orphaned = Due::Orphaned { since: ctx.now - TimeDelta::days(tail.into()) };
    for due in [Due::Ended, Due::Expired, Due::Warning, Due::Overdue, Due::Converted, orphaned] {
        loop {
            let found = store::due(ctx.read(), due.statuses(), due.condition(ctx), BATCH).await?;
            let mut done = 0;
            for row in &found {
                done += u64::from(once(ctx, due, row, &windows).await.unwrap_or_else(|error| {
                    // It stays due, and the others do not wait for it.
                    tracing::error!(registration = %row.id, ?due, %error, "what is due cannot be done");
                    false
                }));
            }
            // What could not be done now is not tried again and again.
            if (found.len() as u64) < BATCH || done == 0 {
                break;
            }
        }
    }
    Ok(())
}

/// What can be due.
#[derive(Debug, Clone, Copy)]
enum Due {
    /// The opportunity is closed.
    Ended,
    /// The protection has run out.
    Expired,
    /// The partner is to be warned of the end.
    Warning,
    /// A decision is late.
    Overdue,
    /// The lead has become an opportunity.
    Converted,
    /// Somebody ended the agreement with the partner, so long ago that its registrations end too.
    Orphaned {
        /// Before this instant.
        since: DateTime<Utc>,
    },
}

impl Due {
    fn statuses(self) -> &'static [RegistrationStatus] {
        use RegistrationStatus::{Approved, Draft, Returned, Submitted, UnderReview};
        match self {
            Self::Overdue => &[UnderReview],
            Self::Orphaned { .. } => &[Draft, Submitted, UnderReview, Returned, Approved],
            _ => &[Approved],
        }
    }

    fn condition(self, ctx: &RequestContext) -> Condition {
        match self {
            Self::Ended => {
                use golden_opportunity::Column as Of;
                let closed = Condition::all().add(Expr::col((NOW, Of::IsClosed)).eq(true));
                let closed = closed.add(Expr::col((NOW, Of::IsWon)).is_not_null());
                leads_to::<golden_opportunity::Entity>(Column::OpportunityId, closed).into_condition()
            }
            Self::Expired => Column::ExpiresAt.lte(ctx.now).into_condition(),
            Self::Warning => Column::WarnAt.lte(ctx.now).into_condition(),
            Self::Overdue => {
                Condition::all().add(Column::DecideBy.lt(ctx.now)).add(Column::EscalatedAt.is_null())
            }
            Self::Orphaned { since } => {
                use partner::{Column as Of, Entity};
                let ended = Query::select()
                    .column(Of::Id)
                    .from(Entity)
                    .and_where(Of::Status.eq(PartnerStatus::Terminated))
                    .and_where(Of::TerminatedAt.lte(since))
                    .take();
                Column::PartnerId.in_subquery(ended).into_condition()
            }
            Self::Converted => {
                let converted = Expr::col((NOW, golden_lead::Column::OpportunityId)).is_not_null();
                let converted = leads_to::<golden_lead::Entity>(Column::LeadId, converted.into_condition());
                Condition::all().add(Column::OpportunityId.is_null()).add(converted)
            }
        }
    }
}

/// Does what is due of one registration, if it still is when it has its turn; false when not.
async fn once(ctx: &RequestContext, due: Due, seen: &Model, windows: &RegistrationWindows) -> Result<bool> {
    let txn = ctx.begin().await?;
    turn::of_claim(&txn, ctx, seen).await?;
    let Some(row) = store::lock_due(&txn, seen.id, due.statuses(), due.condition(ctx)).await? else {
        return Ok(false);
    };
    let Some((row, step, action)) = after(&txn, ctx, due, row, windows).await? else { return Ok(false) };
    let note = Note { text: None, instant: row.expires_at };
    let row = save(&txn, ctx, row, (step, note), action).await?;
    if row.status.is_terminal() {
        conflicts::service::note_claim(&txn, ctx, &row).await?;
    }
    txn.commit().await?;
    announce(ctx).await;
    Ok(true)
}

/// The registration as it is afterwards, and what that is called; `None` when nothing is due.
async fn after(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    due: Due,
    row: Model,
    windows: &RegistrationWindows,
) -> Result<Option<(Model, RegistrationStep, &'static str)>> {
    let put = |row: Model, state: RegistrationState| state::put(row, state, windows, ctx.now);
    let seen = Model { version: row.version + 1, updated_at: ctx.now, ..row.clone() };
    Ok(match due {
        Due::Expired => {
            let expired = state::of(&row)?.expire(ctx.now)?;
            Some((put(row, expired)?, RegistrationStep::Expired, "registrations.expire"))
        }
        Due::Ended => {
            match today::<golden_opportunity::Entity>(txn, row.opportunity_id).await?.and_then(|it| it.is_won)
            {
                Some(true) => {
                    let won = state::of(&row)?.win()?;
                    Some((put(row, won)?, RegistrationStep::Won, "registrations.win"))
                }
                Some(false) => {
                    let lost = state::of(&row)?.lose()?;
                    Some((put(row, lost)?, RegistrationStep::Lost, "registrations.lose"))
                }
                None => None,
            }
        }
        Due::Orphaned { .. } => {
            let revoked = state::of(&row)?.revoke("the agreement with the partner was ended")?;
            Some((put(row, revoked)?, RegistrationStep::Revoked, "registrations.revoke"))
        }
        Due::Warning => {
            let RegistrationState::Approved { protection, .. } = state::of(&row)? else { return Ok(None) };
            let warn_at = protection.warnings(windows).into_iter().find(|it| *it > ctx.now);
            Some((Model { warn_at, ..seen }, RegistrationStep::Warned, "registrations.warn"))
        }
        Due::Overdue => {
            let escalated = Model { escalated_at: Some(ctx.now), ..seen };
            Some((escalated, RegistrationStep::Escalated, "registrations.escalate"))
        }
        Due::Converted => {
            let lead = today::<golden_lead::Entity>(txn, row.lead_id).await?;
            lead.and_then(|it| it.opportunity_id).map(|it| {
                let linked = Model { opportunity_id: Some(it), ..seen };
                (linked, RegistrationStep::Linked, "registrations.link")
            })
        }
    })
}

/// The record that an id leads to today.
async fn today<E: Served>(db: &impl ConnectionTrait, id: Option<GoldenId>) -> Result<Option<E::Model>> {
    let Some(id) = id else { return Ok(None) };
    Ok(served::find(db, E::find().filter(E::REDIRECT_TO.is_null()), id).await?)
}

//! Use cases of leads.

use domain::access::{Permission, Role};
use domain::fields::{RecordKind, lead};
use domain::ids::{GoldenId, PartnerId, PartnerUserId};
use domain::leads::LeadStage;
use domain::partners::{PartnerStatus, PartnerUserStatus};
use domain::sources::Values;
use entity::leads::golden_lead;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;
use serde_json::json;

use super::access;
use crate::error::{NotFound, Refusal, Result};
use crate::golden;
use crate::golden::loader::RecordRef;
use crate::golden::served;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::idempotency::Once;
use crate::{distribution, partners};

/// Why a lead cannot be assigned.
#[derive(Debug, Clone, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AssignmentRefusal {
    /// Only a partner whose agreement is in force works leads.
    #[error("the partner is {status}; only an active partner can be given leads")]
    PartnerNotActive {
        /// Where the partner stands.
        status: PartnerStatus,
    },
    /// The person is somebody else's.
    #[error("this person does not belong to the partner; choose one of its users")]
    UserOfAnotherPartner,
    /// Every source has deleted it.
    #[error("the lead was deleted in its source; it can only be read")]
    LeadArchived,
    /// The person may not log in.
    #[error("this person's access is disabled; choose another one")]
    UserDisabled,
    /// It waits for somebody's answer.
    #[error("the lead is offered to a partner; wait for the answer, or close the offer first")]
    LeadOffered,
    /// Somebody works it.
    #[error("a partner works the lead already; recall it first")]
    LeadAssigned,
    /// The lead went to somebody meanwhile.
    #[error(
        "the lead has changed since you read it: it is at version {current} now; read it again and repeat"
    )]
    LeadVersionConflict {
        /// The version it has now.
        current: i32,
    },
}

impl Refusal for AssignmentRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Who is to work a lead; nobody, when there is no partner.
#[derive(Debug, Clone, Serialize)]
pub struct Assignment {
    /// The lead.
    pub lead: GoldenId,
    /// The version that the caller saw; unchecked when left out.
    pub version: Option<i32>,
    /// The partner.
    pub partner: Option<PartnerId>,
    /// The person at the partner.
    pub user: Option<PartnerUserId>,
}

/// The lead, if the caller sees it.
pub async fn find(ctx: &RequestContext, id: GoldenId) -> Result<Option<golden_lead::Model>> {
    find_in(ctx.read(), ctx, id).await
}

/// Gives a lead to a partner, to one of its people, or to nobody.
///
/// Our store is the master of the assignment: it is noted as what our own system says of the lead, and the golden
/// record is settled anew, so that its provenance tells who is responsible and since when.
pub async fn assign(
    ctx: &RequestContext,
    key: Option<&str>,
    assignment: Assignment,
) -> Result<golden_lead::Model> {
    ctx.caller.require(Permission::AssignLeads)?;
    let once = Once::new(key, "assignLead", &assignment)?;
    let txn = ctx.begin().await?;
    golden::service::wait_for_turn(&txn).await?;
    let before = find_in(&txn, ctx, assignment.lead).await?.ok_or(NotFound("lead"))?;
    if once.earlier::<GoldenId>(&txn, ctx).await?.is_some() {
        return Ok(before);
    }
    check(&txn, ctx, &before, &assignment).await?;
    let values: Values = [
        (lead::assigned_partner, assignment.partner.map(|it| it.to_string())),
        (lead::assigned_user, assignment.user.map(|it| it.to_string())),
    ]
    .into_iter()
    .collect();
    let record = RecordRef { kind: RecordKind::Lead, id: before.id };
    golden::service::note_own(&txn, ctx, record, values).await?;
    let detail = json!({ "partner": assignment.partner, "user": assignment.user });
    let target_id = before.id.into();
    let event = AuditEvent { action: "leads.assign", target_kind: "Lead", target_id, detail };
    audit::record(&txn, ctx, event).await?;
    once.remember(&txn, ctx, before.id).await?;
    txn.commit().await?;
    Ok(find(ctx, before.id).await?.ok_or(NotFound("lead"))?)
}

/// The same as a transaction sees it.
pub async fn find_in(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    id: GoldenId,
) -> Result<Option<golden_lead::Model>> {
    Ok(served::find(db, access::visible_to(&ctx.caller), id).await?)
}

async fn check(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    before: &golden_lead::Model,
    wanted: &Assignment,
) -> Result<()> {
    if let Some(seen) = wanted.version
        && seen != before.version
    {
        return Err(AssignmentRefusal::LeadVersionConflict { current: before.version }.into());
    }
    if before.archived_at.is_some() {
        return Err(AssignmentRefusal::LeadArchived.into());
    }
    if let Some(stage) = before.stage.as_deref().and_then(|it| it.parse::<LeadStage>().ok()) {
        stage.check_assignable()?;
        if stage == LeadStage::Offered && distribution::service::is_offered(txn, before.id).await? {
            return Err(AssignmentRefusal::LeadOffered.into());
        }
    }
    let is_partner_admin = !ctx.caller.is_staff() && ctx.caller.roles.contains(&Role::PartnerAdmin);
    if is_partner_admin && wanted.partner != ctx.caller.partner {
        // A partner distributes its own leads among its people; it neither gives them away nor back.
        return Err(NotFound("partner").into());
    }
    let Some(partner) = wanted.partner else {
        return if wanted.user.is_some() {
            Err(AssignmentRefusal::UserOfAnotherPartner.into())
        } else {
            Ok(())
        };
    };
    partners::guards::require_own_set(txn, ctx, partner).await?;
    check_worker(txn, ctx, partner, wanted.user).await
}

/// Checks that a partner, and a person there if one is named, may work leads.
pub async fn check_worker(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    partner: PartnerId,
    user: Option<PartnerUserId>,
) -> Result<()> {
    let found = partners::service::find_in(txn, ctx, partner).await?.ok_or(NotFound("partner"))?;
    if found.status != PartnerStatus::Active {
        return Err(AssignmentRefusal::PartnerNotActive { status: found.status }.into());
    }
    let Some(user) = user else { return Ok(()) };
    let user = partners::users::find_in(txn, ctx, user).await?.ok_or(NotFound("partner user"))?;
    match user.status {
        _ if user.partner_id != partner => Err(AssignmentRefusal::UserOfAnotherPartner.into()),
        PartnerUserStatus::Disabled => Err(AssignmentRefusal::UserDisabled.into()),
        PartnerUserStatus::Enabled | PartnerUserStatus::Invited => Ok(()),
    }
}

//! What a change of a partner is checked against, and why one is refused.

use domain::access::{Permission, Role};
use domain::calendar::date_in_tokyo;
use domain::ids::PartnerId;
use domain::partners::{PartnerFacts, PartnerStatus};
use entity::partners::partner;
use sea_orm::ConnectionTrait;

use super::service::PartnerDetails;
use super::store;
use crate::contracts;
use crate::error::{NotFound, Refusal, Result};
use crate::platform::auth::AccessRefused;
use crate::platform::context::RequestContext;

/// Distributors above distributors.
const MOST_LEVELS: usize = 10;

/// Why a change of a partner is refused.
#[derive(Debug, Clone, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PartnerRefusal {
    /// One record per legal entity.
    #[error("there is a partner with this corporate number already; update that one")]
    PartnerExists,
    /// One person per mail address.
    #[error("another person of this partner has this mail address; use another address")]
    EmailTaken,
    /// Nobody gets in at a partner that is none any more.
    #[error("the partner is TERMINATED, and its people have no access; leave the user DISABLED")]
    PartnerTerminated,
    /// Somebody else was faster.
    #[error(
        "the record has changed since you read it: it is at version {current} now; read it again and repeat your change"
    )]
    VersionConflict {
        /// The version it has now.
        current: i32,
    },
    /// A life does not begin at its end.
    #[error("a new partner cannot be {status}")]
    NotAStart {
        /// What was asked for.
        status: PartnerStatus,
    },
    /// Outside the caller's own set.
    #[error("you do not manage this partner; ask an administrator to add you to its managers")]
    NotYourPartner,
    /// A partner above itself.
    #[error("a partner cannot be above itself, not even through others; choose another parent")]
    OwnParent,
    /// A chain that no channel has.
    #[error("there can be at most {MOST_LEVELS} levels of partners; choose another parent")]
    TooManyLevels,
}

impl Refusal for PartnerRefusal {
    fn code(&self) -> &'static str {
        self.into()
    }
}

/// Checks that the caller may change this partner: administrators any, channel managers those they manage, partner
/// administrators their own.
pub async fn require_own_set(txn: &impl ConnectionTrait, ctx: &RequestContext, id: PartnerId) -> Result<()> {
    let has = |role| ctx.caller.roles.contains(&role);
    if has(Role::Admin) || (has(Role::PartnerAdmin) && ctx.caller.partner == Some(id)) {
        return Ok(());
    }
    if has(Role::ChannelManager) && store::is_managed_by(txn, id, &ctx.caller.subject).await? {
        return Ok(());
    }
    match has(Role::ChannelManager) {
        true => Err(PartnerRefusal::NotYourPartner.into()),
        false => Err(AccessRefused { permission: Permission::UpdatePartners }.into()),
    }
}

/// Checks what a change of status takes beyond being possible.
pub(super) async fn check_guards(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    before: &partner::Model,
    to: PartnerStatus,
) -> Result<()> {
    if before.status == to {
        return Ok(());
    }
    let in_force = contracts::in_force::in_force_on(txn, &[before.id], date_in_tokyo(ctx.now)).await?;
    let facts = PartnerFacts {
        has_signed_agreement: contracts::in_force::has_signed(txn, before.id).await?,
        has_contract_in_force: !in_force.is_empty(),
        enabled_users: store::enabled_users(txn, before.id).await?,
    };
    Ok(before.status.check_guards(to, &facts)?)
}

/// Checks what makes a partner one of its kind: its numbers, and who is above it.
pub(super) async fn check(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    id: PartnerId,
    details: &PartnerDetails,
) -> Result<()> {
    if let (Some(invoice), Some(number)) = (&details.invoice_registration_no, &details.corporate_number) {
        invoice.check_belongs_to(number)?;
    }
    if let Some(number) = &details.corporate_number
        && store::with_corporate_number(txn, number.as_str()).await?.is_some_and(|it| it.id != id)
    {
        return Err(PartnerRefusal::PartnerExists.into());
    }
    check_parents(txn, ctx, id, details.parent).await
}

/// Checks that nobody is above itself, not even through others.
async fn check_parents(
    txn: &impl ConnectionTrait,
    ctx: &RequestContext,
    id: PartnerId,
    parent: Option<PartnerId>,
) -> Result<()> {
    let mut above = parent;
    for _ in 0..MOST_LEVELS {
        match above {
            None => return Ok(()),
            Some(it) if it == id => return Err(PartnerRefusal::OwnParent.into()),
            Some(it) => {
                above = store::find(txn, &ctx.caller, it)
                    .await?
                    .ok_or(NotFound("parent partner"))?
                    .parent_partner_id;
            }
        }
    }
    Err(PartnerRefusal::TooManyLevels.into())
}

/// Checks that nobody changed the record since it was read.
pub fn check_version(current: i32, seen: i32) -> Result<()> {
    if current == seen { Ok(()) } else { Err(PartnerRefusal::VersionConflict { current }.into()) }
}

//! Deciding about conflicts, and what decides them.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::products::product_code;
use entity::conflicts::channel_conflict;
use uuid::Uuid;

use super::inputs::{
    AccountHolder, AppealConflictInput, DismissConflictInput, EndInstalledProductInput,
    RecordInstalledProductInput, ReserveAccountInput, ResolveConflictInput, RulingRefusal, conflict,
};
use super::installed::InstalledProduct;
use super::types::ChannelConflict;
use crate::conflicts::service::{self, Installed, Reservation};
use crate::error::{NotFound, OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};
use crate::registrations::graphql::DealRegistration;

/// What a decision about a conflict gives back.
#[derive(SimpleObject)]
pub struct ChannelConflictPayload {
    /// The conflict as it is now.
    channel_conflict: ChannelConflict,
}

impl From<channel_conflict::Model> for ChannelConflictPayload {
    fn from(row: channel_conflict::Model) -> Self {
        Self { channel_conflict: row.into() }
    }
}

/// What an appeal gives back.
#[derive(SimpleObject)]
pub struct AppealConflictPayload {
    /// The registration.
    deal_registration: DealRegistration,
}

/// What reserving an account gives back.
#[derive(SimpleObject)]
pub struct ReserveAccountPayload {
    /// Global id of the account.
    account_id: ID,
}

/// What noting an installed product gives back.
#[derive(SimpleObject)]
pub struct InstalledProductPayload {
    /// The product as it is noted now.
    installed_product: InstalledProduct,
}

/// Deciding about conflicts.
#[derive(Default)]
pub struct ConflictMutations;

#[Object]
impl ConflictMutations {
    /// Settles a conflict. An appeal is answered by somebody else than whom it is against.
    async fn resolve_conflict(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How.")] input: ResolveConflictInput,
    ) -> Result<Payload<ChannelConflictPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, ruling) = (input.idempotency_key.as_deref(), input.ruling()?);
            Ok(service::resolve(ctx, key, ruling).await?.into())
        })
        .await
    }

    /// Declares a conflict a false alarm.
    async fn dismiss_conflict(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: DismissConflictInput,
    ) -> Result<Payload<ChannelConflictPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let wanted = (
                conflict(&input.conflict_id).of_field("conflictId")?,
                input.reason.parse().of_field("reason")?,
            );
            let key = input.idempotency_key.as_deref();
            Ok(service::dismiss(ctx, key, wanted).await?.into())
        })
        .await
    }

    /// Disagrees with a decision, once and within ten business days; for the partner whose claim does not go first.
    async fn appeal_conflict(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "About which registration, and why.")] input: AppealConflictInput,
    ) -> Result<Payload<AppealConflictPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = NodeId::decode(&input.registration_id, NodeType::DealRegistration)
                .of_field("registrationId")?;
            let key = input.idempotency_key.as_deref();
            let row = service::appeal(ctx, key, (id, input.reason.parse().of_field("reason")?)).await?;
            Ok(AppealConflictPayload { deal_registration: row.into() })
        })
        .await
    }

    /// Reserves an account to a partner or to direct sales, or gives it free. Claims on it are judged again.
    async fn reserve_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, to whom.")] input: ReserveAccountInput,
    ) -> Result<Payload<ReserveAccountPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let account = NodeId::decode(&input.account_id, NodeType::Account).of_field("accountId")?;
            let partner = input
                .partner_id
                .as_ref()
                .map(|it| NodeId::decode(it, NodeType::Partner))
                .transpose()
                .of_field("partnerId")?;
            let reservation = match input.holder {
                AccountHolder::Partner => {
                    Reservation::Partner(partner.ok_or(RulingRefusal::HolderUnknown).of_field("partnerId")?)
                }
                AccountHolder::Direct => Reservation::Direct,
                AccountHolder::Nobody => Reservation::Nobody,
            };
            let key = input.idempotency_key.as_deref();
            let id = service::reserve(ctx, key, (account, reservation)).await?;
            Ok(ReserveAccountPayload { account_id: NodeId::encode(NodeType::Account, id) })
        })
        .await
    }

    /// Notes a product that an account runs and through whom it was bought. Claims on it are judged again.
    async fn record_installed_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, where, through whom.")] input: RecordInstalledProductInput,
    ) -> Result<Payload<InstalledProductPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let installed = Installed {
                account: NodeId::decode(&input.account_id, NodeType::Account).of_field("accountId")?,
                partner: NodeId::decode(&input.partner_id, NodeType::Partner).of_field("partnerId")?,
                product: product_code(&input.product).of_field("product")?,
                from: input.valid_from,
                until: input.valid_until,
            };
            let key = input.idempotency_key.as_deref();
            let row = service::record_installed(ctx, key, installed).await?;
            Ok(InstalledProductPayload { installed_product: row.into() })
        })
        .await
    }

    /// Notes when the contract of a product ends that an account runs. Claims on the account are judged again.
    async fn end_installed_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and when.")] input: EndInstalledProductInput,
    ) -> Result<Payload<InstalledProductPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = input.installed_product_id.parse::<Uuid>();
            let id = id.map_err(|_| NotFound("installed product")).of_field("installedProductId")?;
            let key = input.idempotency_key.as_deref();
            let row = service::end_installed(ctx, key, (id.into(), input.valid_until)).await?;
            Ok(InstalledProductPayload { installed_product: row.into() })
        })
        .await
    }
}

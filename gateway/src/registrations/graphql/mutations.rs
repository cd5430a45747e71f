//! Changing registrations.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::ids::GoldenId;
use domain::text::Name;
use entity::registrations::deal_registration;

use super::inputs::{
    ApproveRegistrationInput, ConfirmCustomerChoiceInput, CreateRegistrationInput, ExtendRegistrationInput,
    LinkRegistrationInput, RecordRegistrationActivityInput, RejectRegistrationInput, ReturnRegistrationInput,
    RevokeRegistrationInput, SubmitRegistrationInput, UpdateRegistrationInput, WithdrawRegistrationInput,
    registration,
};
use super::types::DealRegistration;
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};
use crate::registrations::service::{self, Activity, Decision, Links};

/// What a change of a registration gives back.
#[derive(SimpleObject)]
pub struct DealRegistrationPayload {
    /// The registration as it is now.
    deal_registration: DealRegistration,
}

impl From<deal_registration::Model> for DealRegistrationPayload {
    fn from(row: deal_registration::Model) -> Self {
        Self { deal_registration: row.into() }
    }
}

/// Changing registrations.
#[derive(Default)]
pub struct RegistrationMutations;

#[Object]
impl RegistrationMutations {
    /// Begins a registration. A draft gives no rights.
    async fn create_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to say.")] input: CreateRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let partner = input
                .partner_id
                .as_ref()
                .map(|it| NodeId::decode(it, NodeType::Partner))
                .transpose()
                .of_field("partnerId")?;
            let (key, details) = (input.idempotency_key.as_deref(), input.details()?);
            Ok(service::create(ctx, key, partner, details).await?.into())
        })
        .await
    }

    /// Changes a draft, or a registration that was returned.
    async fn update_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to say.")] input: UpdateRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let seen = (registration(&input.id).of_field("id")?, input.version);
            let (key, change) = (input.idempotency_key.as_deref(), |before| input.details(before));
            Ok(service::update(ctx, key, seen, change, &input).await?.into())
        })
        .await
    }

    /// Hands a registration in, or again after it was returned. Its priority time is now, unless a returned one comes back
    /// in time.
    async fn submit_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: SubmitRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, id) = (
                input.idempotency_key.as_deref(),
                registration(&input.registration_id).of_field("registrationId")?,
            );
            Ok(service::submit(ctx, key, id).await?.into())
        })
        .await
    }

    /// Takes a registration back.
    async fn withdraw_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: WithdrawRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let wanted = (input.decision()?.id, input.reason.as_deref());
            let key = input.idempotency_key.as_deref();
            Ok(service::withdraw(ctx, key, wanted).await?.into())
        })
        .await
    }

    /// Asks the partner for more. The priority time is kept if the answer comes in time.
    async fn return_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and what is missing.")] input: ReturnRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, decision) = (input.idempotency_key.as_deref(), input.decision()?);
            Ok(service::return_for_information(ctx, key, decision).await?.into())
        })
        .await
    }

    /// Approves a registration. Nobody approves what they submitted; against the verdict a reason is needed.
    async fn approve_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ApproveRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, decision) = (input.idempotency_key.as_deref(), input.decision()?);
            Ok(service::approve(ctx, key, decision).await?.into())
        })
        .await
    }

    /// Rejects a registration.
    async fn reject_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: RejectRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let id = registration(&input.registration_id).of_field("registrationId")?;
            let decision = Decision { id, reason: input.reason.clone(), detail: input.code };
            let key = input.idempotency_key.as_deref();
            Ok(service::reject(ctx, key, decision).await?.into())
        })
        .await
    }

    /// Prolongs the protection of a deal about which something was done lately.
    async fn extend_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ExtendRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, decision) = (input.idempotency_key.as_deref(), input.decision()?);
            Ok(service::extend(ctx, key, decision).await?.into())
        })
        .await
    }

    /// Takes a registration away from its partner.
    async fn revoke_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: RevokeRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, decision) = (input.idempotency_key.as_deref(), input.decision()?);
            Ok(service::revoke(ctx, key, decision).await?.into())
        })
        .await
    }

    /// Notes something that was done about a deal: an extension rests on it.
    async fn record_registration_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was done.")] input: RecordRegistrationActivityInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let note = String::from(input.note.parse::<Name>().of_field("note")?);
            let activity = Activity {
                id: registration(&input.registration_id).of_field("registrationId")?,
                at: input.occurred_at,
                note,
            };
            let key = input.idempotency_key.as_deref();
            Ok(service::record_activity(ctx, key, activity).await?.into())
        })
        .await
    }

    /// Connects a registration with the account that a person knows to be meant, with its lead or its opportunity.
    async fn link_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With what.")] input: LinkRegistrationInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let decoded = |id: &Option<ID>, kind| -> Result<Option<GoldenId>> {
                Ok(id.as_ref().map(|it| NodeId::decode(it, kind)).transpose()?)
            };
            let links = Links {
                id: registration(&input.registration_id).of_field("registrationId")?,
                account: decoded(&input.account_id, NodeType::Account).of_field("accountId")?,
                lead: decoded(&input.lead_id, NodeType::Lead).of_field("leadId")?,
                opportunity: decoded(&input.opportunity_id, NodeType::Opportunity)
                    .of_field("opportunityId")?,
            };
            let key = input.idempotency_key.as_deref();
            Ok(service::link(ctx, key, links).await?.into())
        })
        .await
    }

    /// Confirms that the customer signed the document that a registration names.
    async fn confirm_customer_choice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which registration.")] input: ConfirmCustomerChoiceInput,
    ) -> Result<Payload<DealRegistrationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, id) = (
                input.idempotency_key.as_deref(),
                registration(&input.registration_id).of_field("registrationId")?,
            );
            Ok(service::confirm_choice(ctx, key, id).await?.into())
        })
        .await
    }
}

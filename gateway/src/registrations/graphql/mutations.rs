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
use crate::error::Result;
use crate::platform::graphql::node_id::{NodeId, NodeType};
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
    ) -> Result<DealRegistrationPayload> {
        let partner =
            input.partner_id.as_ref().map(|it| NodeId::decode(it, NodeType::Partner)).transpose()?;
        let (key, details) = (input.idempotency_key.as_deref(), input.details()?);
        Ok(service::create(ctx.data_unchecked(), key, partner, details).await?.into())
    }

    /// Changes a draft, or a registration that was returned.
    async fn update_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to say.")] input: UpdateRegistrationInput,
    ) -> Result<DealRegistrationPayload> {
        let seen = (registration(&input.id)?, input.version);
        let (key, change) = (input.idempotency_key.as_deref(), |before| input.details(before));
        Ok(service::update(ctx.data_unchecked(), key, seen, change, &input).await?.into())
    }

    /// Hands a registration in, or again after it was returned. Its priority time is now, unless a returned one comes back
    /// in time.
    async fn submit_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: SubmitRegistrationInput,
    ) -> Result<DealRegistrationPayload> {
        let (key, id) = (input.idempotency_key.as_deref(), registration(&input.registration_id)?);
        Ok(service::submit(ctx.data_unchecked(), key, id).await?.into())
    }

    /// Takes a registration back.
    async fn withdraw_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: WithdrawRegistrationInput,
    ) -> Result<DealRegistrationPayload> {
        let wanted = (input.decision()?.id, input.reason.as_deref());
        let key = input.idempotency_key.as_deref();
        Ok(service::withdraw(ctx.data_unchecked(), key, wanted).await?.into())
    }

    /// Asks the partner for more. The priority time is kept if the answer comes in time.
    async fn return_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and what is missing.")] input: ReturnRegistrationInput,
    ) -> Result<DealRegistrationPayload> {
        let (key, decision) = (input.idempotency_key.as_deref(), input.decision()?);
        Ok(service::return_for_information(ctx.data_unchecked(), key, decision).await?.into())
    }

    /// Approves a registration. Nobody approves what they submitted; against the verdict a reason is needed.
    async fn approve_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ApproveRegistrationInput,
    ) -> Result<DealRegistrationPayload> {
        let (key, decision) = (input.idempotency_key.as_deref(), input.decision()?);
        Ok(service::approve(ctx.data_unchecked(), key, decision).await?.into())
    }

    /// Rejects a registration.
    async fn reject_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: RejectRegistrationInput,
    ) -> Result<DealRegistrationPayload> {
        let id = registration(&input.registration_id)?;
        let decision = Decision { id, reason: input.reason.clone(), detail: input.code };
        let key = input.idempotency_key.as_deref();
        Ok(service::reject(ctx.data_unchecked(), key, decision).await?.into())
    }

    /// Prolongs the protection of a deal about which something was done lately.
    async fn extend_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ExtendRegistrationInput,
    ) -> Result<DealRegistrationPayload> {
        let (key, decision) = (input.idempotency_key.as_deref(), input.decision()?);
        Ok(service::extend(ctx.data_unchecked(), key, decision).await?.into())
    }

    /// Takes a registration away from its partner.
    async fn revoke_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: RevokeRegistrationInput,
    ) -> Result<DealRegistrationPayload> {
        let (key, decision) = (input.idempotency_key.as_deref(), input.decision()?);
        Ok(service::revoke(ctx.data_unchecked(), key, decision).await?.into())
    }

    /// Notes something that was done about a deal: an extension rests on it.
    async fn record_registration_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was done.")] input: RecordRegistrationActivityInput,
    ) -> Result<DealRegistrationPayload> {
        let note = String::from(input.note.parse::<Name>()?);
        let activity = Activity { id: registration(&input.registration_id)?, at: input.occurred_at, note };
        let key = input.idempotency_key.as_deref();
        Ok(service::record_activity(ctx.data_unchecked(), key, activity).await?.into())
    }

    /// Connects a registration with the account that a person knows to be meant, with its lead or its opportunity.
    async fn link_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With what.")] input: LinkRegistrationInput,
    ) -> Result<DealRegistrationPayload> {
        let decoded = |id: &Option<ID>, kind| -> Result<Option<GoldenId>> {
            Ok(id.as_ref().map(|it| NodeId::decode(it, kind)).transpose()?)
        };
        let links = Links {
            id: registration(&input.registration_id)?,
            account: decoded(&input.account_id, NodeType::Account)?,
            lead: decoded(&input.lead_id, NodeType::Lead)?,
            opportunity: decoded(&input.opportunity_id, NodeType::Opportunity)?,
        };
        let key = input.idempotency_key.as_deref();
        Ok(service::link(ctx.data_unchecked(), key, links).await?.into())
    }

    /// Confirms that the customer signed the document that a registration names.
    async fn confirm_customer_choice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which registration.")] input: ConfirmCustomerChoiceInput,
    ) -> Result<DealRegistrationPayload> {
        let (key, id) = (input.idempotency_key.as_deref(), registration(&input.registration_id)?);
        Ok(service::confirm_choice(ctx.data_unchecked(), key, id).await?.into())
    }
}

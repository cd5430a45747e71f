//! Changing contracts: from the first draft to the end.

use async_graphql::{Context, ID, Object, SimpleObject};
use entity::contracts::contract;

use super::inputs::{
    AmendContractInput, CreateContractInput, GiveContractNoticeInput, MoveContractInput, SignContractInput,
    TerminateContractInput, UpdateContractInput, passage,
};
use super::types::Contract;
use crate::contracts::service::{self, Seen};
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};

/// What a change of a contract gives back.
#[derive(SimpleObject)]
pub struct ContractPayload {
    /// The contract as it is now.
    contract: Contract,
}

impl From<contract::Model> for ContractPayload {
    fn from(row: contract::Model) -> Self {
        Self { contract: row.into() }
    }
}

/// Changing contracts.
#[derive(Default)]
pub struct ContractMutations;

#[Object]
impl ContractMutations {
    /// Enters a contract as a draft.
    async fn create_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: CreateContractInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let key = input.idempotency_key.as_deref();
            Ok(service::create(ctx, key, input.details()?).await?.into())
        })
        .await
    }

    /// Rewrites a draft.
    async fn update_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be.")] input: UpdateContractInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, seen) = (input.idempotency_key.as_deref(), seen(&input.id, input.version)?);
            let rewrite = |before: &_, agreement| input.details(before, agreement);
            Ok(service::update(ctx, key, seen, rewrite, &input).await?.into())
        })
        .await
    }

    /// Moves a contract on to legal review or to the partner, or back to its draft.
    async fn move_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and where to.")] input: MoveContractInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, seen) = (input.idempotency_key.as_deref(), seen(&input.id, input.version)?);
            Ok(service::move_to(ctx, key, seen, input.to).await?.into())
        })
        .await
    }

    /// Notes that both sides have signed. From its first date on, the contract is in force.
    async fn sign_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and when.")] input: SignContractInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, seen) = (input.idempotency_key.as_deref(), seen(&input.id, input.version)?);
            Ok(service::sign(ctx, key, seen, input.signed_on).await?.into())
        })
        .await
    }

    /// Adds a version with its own effective date to a contract that is signed.
    async fn amend_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it says, and from when.")] input: AmendContractInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, seen) = (input.idempotency_key.as_deref(), seen(&input.id, input.version)?);
            let when_and_what = (input.effective_on, passage(input.summary.as_deref()).of_field("summary")?);
            Ok(service::amend(ctx, key, seen, when_and_what, input.terms.agreement().of_field("terms")?)
                .await?
                .into())
        })
        .await
    }

    /// Notes that one side has given notice. After the deadline it does not keep the contract from renewing this time.
    async fn give_contract_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which one, and when.")] input: GiveContractNoticeInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, seen) = (input.idempotency_key.as_deref(), seen(&input.id, input.version)?);
            Ok(service::give_notice(ctx, key, seen, input.given_on).await?.into())
        })
        .await
    }

    /// Ends a contract early.
    async fn terminate_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, when, and why.")] input: TerminateContractInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let (key, seen) = (input.idempotency_key.as_deref(), seen(&input.id, input.version)?);
            Ok(service::terminate(ctx, key, seen, (input.on, input.reason.parse().of_field("reason")?))
                .await?
                .into())
        })
        .await
    }
}

fn seen(id: &ID, version: i32) -> Result<Seen> {
    Ok((NodeId::decode(id, NodeType::Contract).of_field("id")?, version))
}

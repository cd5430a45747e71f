//! Changing the folder of a contract: documents, negotiations, reminders.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::NaiveDate;

use super::mutations::ContractPayload;
use crate::contracts::papers;
use crate::error::{OfField as _, Result};
use crate::platform::context::RequestContext;
use crate::platform::graphql::node_id::{NodeId, NodeType};
use crate::platform::graphql::payload::{Payload, answer};

/// A document of a contract.
#[derive(Debug, InputObject)]
pub struct AddContractDocumentInput {
    /// The contract.
    pub contract_id: ID,
    /// What the document is called.
    pub title: String,
    /// Where it is kept: an address, or the number of a file.
    pub reference: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// Something that was said about a contract.
#[derive(Debug, InputObject)]
pub struct AddNegotiationEntryInput {
    /// The contract.
    pub contract_id: ID,
    /// When it was said.
    pub occurred_on: NaiveDate,
    /// What.
    pub note: String,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// A reminder that somebody takes care of.
#[derive(Debug, InputObject)]
pub struct AcknowledgeContractReminderInput {
    /// The contract.
    pub contract_id: ID,
    /// The reminder's date.
    pub due_on: NaiveDate,
}

/// Changing what lies in the folder of a contract.
#[derive(Default)]
pub struct ContractPaperMutations;

#[Object]
impl ContractPaperMutations {
    /// Notes where a document of a contract is kept.
    async fn add_contract_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which document.")] input: AddContractDocumentInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let contract = NodeId::decode(&input.contract_id, NodeType::Contract).of_field("contractId")?;
            let document =
                (input.title.parse().of_field("title")?, input.reference.parse().of_field("reference")?);
            Ok(papers::add_document(ctx, input.idempotency_key.as_deref(), contract, document).await?.into())
        })
        .await
    }

    /// Notes what was said about a contract; shown to staff.
    async fn add_negotiation_entry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "When and what.")] input: AddNegotiationEntryInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let contract = NodeId::decode(&input.contract_id, NodeType::Contract).of_field("contractId")?;
            let entry = (input.occurred_on, input.note.parse().of_field("note")?);
            let key = input.idempotency_key.as_deref();
            Ok(papers::add_negotiation_entry(ctx, key, contract, entry).await?.into())
        })
        .await
    }

    /// Notes that somebody takes care of what a reminder is about.
    async fn acknowledge_contract_reminder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which reminder.")] input: AcknowledgeContractReminderInput,
    ) -> Result<Payload<ContractPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let contract = NodeId::decode(&input.contract_id, NodeType::Contract).of_field("contractId")?;
            Ok(papers::acknowledge_reminder(ctx, contract, input.due_on).await?.into())
        })
        .await
    }
}

//! Erasure in the API.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use serde::Serialize;

use super::service::{self, Erase, Erased};
use crate::error::{OfField as _, Result};
use crate::golden::graphql::SourceRecordRef;
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};
use crate::platform::idempotency::Once;

/// A person to be erased.
#[derive(Debug, InputObject, Serialize)]
pub struct EraseRecordInput {
    /// The lead or contact; an id that lost a merge means its survivor.
    record_id: ID,
    /// Why, such as the number of the request; kept in the audit log, without anything that names the person.
    reason: String,
    /// The same key gives the same answer: make one for each new request.
    idempotency_key: Option<String>,
}

/// What an erasure came to.
#[derive(SimpleObject)]
pub struct EraseRecordPayload {
    /// The record. It stays, with its company and its partner.
    record_id: ID,
    /// How many source records of it hold nothing of the person any more, those of merged records included.
    erased_records: usize,
    /// Records of other systems in which the person still stands: somebody has to erase them there. What they say of the person
    /// is not taken in again.
    still_in: Vec<SourceRecordRef>,
    /// Source records that once belonged to the record and that somebody declared another person's: they were left alone.
    left_alone: Vec<SourceRecordRef>,
    /// Whether there was anything to erase.
    changed: bool,
}

impl EraseRecordPayload {
    fn of(record: RecordRef, erased: &Erased) -> Self {
        Self {
            record_id: RecordRef { id: erased.id, ..record }.global_id(),
            erased_records: erased.records,
            still_in: erased.elsewhere.iter().map(SourceRecordRef::from).collect(),
            left_alone: erased.others.iter().map(SourceRecordRef::from).collect(),
            changed: erased.is_changed,
        }
    }
}

/// Erasing persons.
#[derive(Default)]
pub struct ErasureMutations;

#[Object]
impl ErasureMutations {
    /// Erases the person of a lead or contact from everything that is kept here: values, their history, pins, questions, what
    /// waits to be written back. It cannot be taken back. Administrators only.
    async fn erase_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to be erased.")] input: EraseRecordInput,
    ) -> Result<Payload<EraseRecordPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let record = RecordRef::parse(&input.record_id).of_field("recordId")?;
            let once = Once::new(input.idempotency_key.as_deref(), "eraseRecord", &input)?;
            let wanted =
                Erase { record, reason: input.reason.parse().of_field("reason")?, is_dry_run: false };
            Ok(EraseRecordPayload::of(record, &service::erase(ctx, once, &wanted).await?))
        })
        .await
    }
}

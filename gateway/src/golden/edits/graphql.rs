//! Editing in the API.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::service::{self, Edit, FieldEdit};
use crate::error::{OfField as _, Result};
use crate::golden::graphql::{field_name, field_named};
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::payload::{Payload, answer};
use crate::schema::Node;
use crate::sync::outbound;

/// A field and the value it is to have.
#[derive(Debug, InputObject)]
pub struct FieldValueInput {
    /// The field, as its type names it, such as `lastName`.
    field: String,
    /// The value, as text; null or blank is empty.
    value: Option<String>,
    /// The version of the field that the edit is based on, as its provenance tells staff; refused when the field has moved,
    /// with what it is now. Unchecked when left out.
    version: Option<String>,
}

/// Fields of a record to be edited.
#[derive(Debug, InputObject)]
pub struct EditRecordInput {
    /// The lead, account, contact or opportunity.
    record_id: ID,
    /// The fields with their values.
    values: Vec<FieldValueInput>,
    /// The version of the record that the edit is based on; refused when anything of it has changed. Unchecked when left
    /// out.
    version: Option<i32>,
    /// The same key gives the same answer: make one for each new request.
    idempotency_key: Option<String>,
}

/// What an edit gives back.
#[derive(SimpleObject)]
pub struct EditRecordPayload {
    /// The record as it is now.
    record: Option<Node>,
    /// Fields of it whose master is another system, which has been asked for the new value. They are served once it says so;
    /// should it refuse, they stay as they are, and a review task tells why.
    pending_fields: Vec<String>,
}

/// Editing fields of golden records.
#[derive(Default)]
pub struct EditMutations;

#[Object]
impl EditMutations {
    /// Edits fields of a lead, account, contact or opportunity: all of them, or none.
    async fn edit_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be edited.")] input: EditRecordInput,
    ) -> Result<Payload<EditRecordPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let record = RecordRef::parse(&input.record_id).of_field("recordId")?;
            let value = |it: FieldValueInput| {
                // A version that we never gave is no version that a field has.
                let version = it.version.map(|it| it.parse().unwrap_or(-1));
                let field = field_named(record.kind, &it.field).of_field("field")?.name().to_owned();
                Ok(FieldEdit { field, value: it.value, version })
            };
            let values = input.values.into_iter().map(value).collect::<Result<_>>().of_field("values")?;
            let edit = Edit { record: record.id, kind: record.kind, version: input.version, values };
            let record = service::edit(ctx, input.idempotency_key.as_deref(), edit).await?;
            let pending = outbound::service::requested(ctx.read(), record).await?;
            Ok(EditRecordPayload {
                record: crate::schema::node(ctx, &record.global_id()).await?,
                pending_fields: pending.into_iter().map(field_name).collect(),
            })
        })
        .await
    }
}

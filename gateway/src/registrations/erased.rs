//! Registrations without a person that was erased: those that grew from the person's lead.
//!
//! Here: what was written about the deal. Not here: by which words a person is found (`golden`), what else is scrubbed
//! (`erasure`).

use domain::ids::RegistrationId;
use entity::registrations::deal_registration::{Column, Entity, Model};
use entity::registrations::registration_event;
use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
};

use super::{company, store, turn};
use crate::error::Result;
use crate::golden::service::{Person, Words};
use crate::platform::context::RequestContext;
use crate::platform::database::lists;

/// Scrubs a person out of the registrations that grew from the person's lead. Gives which those are.
pub async fn erase_person(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    person: &Person,
) -> Result<Vec<RegistrationId>> {
    let mut ids = Vec::new();
    for list in lists(txn, &person.goldens) {
        let of_lead = Entity::find().filter(list.holds(Column::LeadId));
        // First the turn, then the rows, as whoever judges these claims does.
        let claimed = of_lead.clone().all(txn).await?.into_iter().filter_map(|it| it.claimed_id);
        turn::of_customers(txn, ctx, claimed).await?;
        for row in of_lead.lock_exclusive().all(txn).await? {
            ids.push(row.id);
            scrub(txn, &person.words, row).await?;
        }
    }
    scrub_notes(txn, &person.words, &ids).await?;
    Ok(ids)
}

/// What the partner wrote of the customer. The company stays; what leads to the person alone goes, and is no key any more.
async fn scrub(txn: &DatabaseTransaction, words: &Words, before: Model) -> Result<()> {
    let without = |text: &Option<String>| text.clone().filter(|it| words.scrub(it) == *it);
    let after = Model {
        company_phone: without(&before.company_phone),
        company_postal_code: without(&before.company_postal_code),
        customer_choice_document: before.customer_choice_document.as_deref().map(|it| words.scrub(it)),
        ..before.clone()
    };
    if after == before {
        return Ok(());
    }
    if after.claimed_id.is_some() {
        store::put_under(txn, after.id, &company::keys(&after)).await?;
    }
    store::replace(txn, after).await?;
    Ok(())
}

/// What was said at each step.
async fn scrub_notes(txn: &DatabaseTransaction, words: &Words, ids: &[RegistrationId]) -> Result<()> {
    for event in store::events(txn, ids).await? {
        let note = event.note.as_deref().map(|it| words.scrub(it));
        if note != event.note {
            let mut changed: registration_event::ActiveModel = event.into_active_model();
            changed.note = Set(note);
            changed.update(txn).await?;
        }
    }
    Ok(())
}

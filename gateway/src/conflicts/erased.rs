//! Conflicts without a person that was erased: why people settled or appealed them.

use std::collections::BTreeSet;

use domain::ids::{ConflictId, RegistrationId};
use entity::conflicts::{channel_conflict, conflict_party};
use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set,
};
use uuid::Uuid;

use super::store;
use crate::error::Result;
use crate::golden::service::Person;
use crate::platform::database::lists;

/// Scrubs a person out of the conflicts about the person's lead and these registrations, whose turn the caller has.
pub async fn erase_person(
    txn: &DatabaseTransaction,
    person: &Person,
    registrations: &[RegistrationId],
) -> Result<()> {
    for id in about(txn, person, registrations).await? {
        let Some(row) = store::lock_conflict(txn, id).await? else { continue };
        let scrub = |text: &Option<String>| text.as_deref().map(|it| person.words.scrub(it));
        let (reason, appeal_reason) = (scrub(&row.reason), scrub(&row.appeal_reason));
        let mut changed: channel_conflict::ActiveModel = row.into_active_model();
        (changed.reason, changed.appeal_reason) = (Set(reason), Set(appeal_reason));
        changed.update(txn).await?;
    }
    Ok(())
}

/// The conflicts that they are part of, or were when they were raised.
async fn about(
    txn: &DatabaseTransaction,
    person: &Person,
    registrations: &[RegistrationId],
) -> Result<BTreeSet<ConflictId>> {
    let mut found = BTreeSet::new();
    let leads = person.goldens.iter().map(|it| it.0);
    let claims: Vec<Uuid> = leads.chain(registrations.iter().map(|it| it.0)).collect();
    for list in lists(txn, &claims) {
        use conflict_party::{Column, Entity};
        let parties = Entity::find().select_only().column(Column::ConflictId);
        found.extend(parties.filter(list.holds(Column::ClaimId)).into_tuple::<ConflictId>().all(txn).await?);
    }
    for list in lists(txn, registrations) {
        use channel_conflict::{Column, Entity};
        let raised = Entity::find().select_only().column(Column::Id);
        found.extend(
            raised.filter(list.holds(Column::RegistrationId)).into_tuple::<ConflictId>().all(txn).await?,
        );
    }
    Ok(found)
}

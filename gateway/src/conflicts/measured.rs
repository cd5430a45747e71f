//! Conflicts as KPIs count them.

use std::collections::BTreeSet;

use domain::conflicts::{ClaimKind, ConflictStatus};
use domain::ids::{ConflictId, RegistrationId};
use entity::conflicts::{channel_conflict, conflict_party};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Result;
use crate::platform::database::lists;

/// Those of these registrations that are part of a conflict that stands: neither only suspected nor dismissed.
pub async fn confirmed(
    db: &impl ConnectionTrait,
    registrations: &[RegistrationId],
) -> Result<BTreeSet<RegistrationId>> {
    use conflict_party::{Column, Entity};
    let mut contested: Vec<(ConflictId, Uuid)> = Vec::new();
    let claims: Vec<Uuid> = registrations.iter().map(|it| it.0).collect();
    for list in lists(db, &claims) {
        let parties = Entity::find().select_only().columns([Column::ConflictId, Column::ClaimId]);
        let parties = parties.filter(list.holds(Column::ClaimId));
        let parties = parties.filter(Column::Kind.eq(ClaimKind::Registration));
        contested.extend(parties.into_tuple::<(ConflictId, Uuid)>().all(db).await?);
    }
    let conflicts: Vec<ConflictId> = contested.iter().map(|(conflict, _)| *conflict).collect();
    let standing = standing(db, &conflicts).await?;
    let contested = contested.into_iter().filter(|(conflict, _)| standing.contains(conflict));
    Ok(contested.map(|(_, claim)| claim.into()).collect())
}

async fn standing(db: &impl ConnectionTrait, conflicts: &[ConflictId]) -> Result<BTreeSet<ConflictId>> {
    use channel_conflict::{Column, Entity};
    let mut standing = BTreeSet::new();
    for list in lists(db, conflicts) {
        let rows = Entity::find().select_only().column(Column::Id).filter(list.holds(Column::Id));
        let rows =
            rows.filter(Column::Status.is_not_in([ConflictStatus::Detected, ConflictStatus::Dismissed]));
        standing.extend(rows.into_tuple::<ConflictId>().all(db).await?);
    }
    Ok(standing)
}

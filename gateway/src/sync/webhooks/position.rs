//! Where the events of a source stand: the last one that was worked on, and when something came last.
//!
//! Real CRMs give their events opaque numbers with holes, so that a number that is missing means nothing; they say
//! themselves that they lost events. Only a sender that promises to count is held to it.

use chrono::{DateTime, Utc};
use domain::sources::SourceSystem;
use entity::sync::webhook_position::{Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::error::Result;

/// What is known of a source's events.
pub(super) async fn of(db: &impl ConnectionTrait, system: &SourceSystem) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(system.clone()).one(db).await?)
}

/// Notes that something came.
pub(super) async fn came(db: &impl ConnectionTrait, system: &SourceSystem, now: DateTime<Utc>) -> Result<()> {
    let row = Model { system: system.clone(), last_replay_id: None, received_at: now };
    let again = OnConflict::column(Column::System).update_column(Column::ReceivedAt).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(db).await?;
    Ok(())
}

/// Moves behind events that were worked on.
pub(super) async fn advance(
    db: &impl ConnectionTrait,
    system: &SourceSystem,
    to: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = Model { system: system.clone(), last_replay_id: Some(to), received_at: now };
    let again = OnConflict::column(Column::System).update_column(Column::LastReplayId).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(db).await?;
    Ok(())
}

/// Whether a place is missing behind the last one known, or between these.
pub(super) fn has_gap(known: Option<i64>, mut spans: Vec<(i64, i64)>) -> bool {
    spans.sort_unstable();
    let mut last = known;
    for (from, to) in spans {
        if last.is_some_and(|it| from > it + 1) {
            return true;
        }
        last = Some(last.map_or(to, |it| std::cmp::max(it, to)));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_gap;

    #[test]
    fn a_number_that_is_missing_is_a_gap() {
        assert!(!has_gap(None, vec![(7, 9)]), "where nothing is known nothing is missing");
        assert!(!has_gap(Some(6), vec![(8, 9), (7, 7)]), "in whatever order they came");
        assert!(!has_gap(Some(9), vec![(7, 8)]), "what comes again is no news");
        assert!(has_gap(Some(6), vec![(8, 9)]));
        assert!(has_gap(Some(6), vec![(7, 7), (9, 9)]));
    }
}

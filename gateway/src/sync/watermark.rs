//! How far an object has been read, and from where to go on.

use chrono::{DateTime, TimeDelta, Utc};
use connectors::{BulkPlace, Keyset, Position};
use domain::sources::SourceSystem;
use entity::sync::watermark;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::run::SyncFailure;
use crate::error::Result;

/// The watermark of one object.
#[derive(Clone)]
pub(super) struct Watermark {
    row: watermark::Model,
    is_stored: bool,
}

/// Where a page left off.
pub(super) enum Progress<'a> {
    /// More pages follow, and a record behind which a new reading may go on.
    Behind(&'a Keyset),
    /// More pages follow, but nothing in this one is safe to go on behind.
    Underway,
    /// That was the last page.
    Complete,
}

impl Watermark {
    pub(super) async fn load(
        db: &impl ConnectionTrait,
        system: &SourceSystem,
        object: &str,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let stored = watermark::Entity::find_by_id((system.clone(), object.to_owned())).one(db).await?;
        let is_stored = stored.is_some();
        let fresh = || watermark::Model {
            system: system.clone(),
            object: object.to_owned(),
            version: 0,
            complete_to: None,
            resume_stamp: None,
            resume_id: None,
            reading_since: None,
            deletions_to: None,
            updated_at: now,
            bulk_place: None,
            newest_stamp: None,
            checked_at: None,
        };
        Ok(Self { row: stored.unwrap_or_else(fresh), is_stored })
    }

    /// Where to read from: behind the last stored record of an unfinished reading; else from the watermark, less the
    /// overlap in which records may still appear that were committed late.
    pub(super) fn position(&self, overlap: TimeDelta) -> Position {
        match (&self.row.resume_stamp, &self.row.resume_id, self.row.complete_to) {
            (Some(stamp), Some(id), _) => Position::After(Keyset { stamp: *stamp, external_id: id.clone() }),
            (_, _, Some(complete_to)) => Position::Since(complete_to - overlap),
            _ => Position::Start,
        }
    }

    /// Forgets what was read: the next position is the start.
    pub(super) fn forget(&mut self) {
        self.row.resume_stamp = None;
        self.row.resume_id = None;
        self.row.reading_since = None;
        self.row.complete_to = None;
        self.row.bulk_place = None;
    }

    /// Where a bulk reading of everything stands, if one is under way.
    pub(super) fn bulk_place(&self) -> Option<BulkPlace> {
        serde_json::from_str(self.row.bulk_place.as_deref()?).ok()
    }

    /// The next page of a bulk reading is here.
    pub(super) fn go_on_with(&mut self, place: &BulkPlace) {
        self.row.bulk_place = Some(serde_json::to_string(place).expect("a place is JSON"));
    }

    /// The bulk reading is lost.
    pub(super) fn forget_bulk(&mut self) {
        self.row.bulk_place = None;
    }

    /// The bulk reading brought everything. What was being written when it was opened may be missing in it.
    pub(super) fn complete_bulk(&mut self, opened_at: DateTime<Utc>, overlap: TimeDelta) {
        self.row.bulk_place = None;
        self.row.resume_stamp = None;
        self.row.resume_id = None;
        self.row.reading_since = None;
        self.row.complete_to = self.row.complete_to.max(Some(opened_at - overlap));
        self.row.deletions_to.get_or_insert(opened_at);
    }

    /// A record with this stamp was read.
    pub(super) fn saw(&mut self, stamp: Option<DateTime<Utc>>) {
        self.row.newest_stamp = self.row.newest_stamp.max(stamp);
    }

    /// Everything is stored that the source had when a reading began, by our clock.
    pub(super) fn checked(&mut self, began: DateTime<Utc>) {
        self.row.checked_at = self.row.checked_at.max(Some(began));
    }

    /// Reads again from where a reading began.
    pub(super) fn go_back_to(&mut self, began: &Self) {
        self.row.complete_to = began.row.complete_to;
        self.row.resume_stamp = began.row.resume_stamp;
        self.row.resume_id.clone_from(&began.row.resume_id);
        self.row.reading_since = began.row.reading_since;
    }

    /// Up to when deletions have been seen.
    pub(super) fn deletions_to(&self) -> Option<DateTime<Utc>> {
        self.row.deletions_to
    }

    /// Moves with a page. A complete reading is complete up to the newest stamp it saw, but never closer to its own
    /// beginning than the overlap: a record that was being written then may carry an older stamp than we have seen.
    pub(super) fn advance(
        &mut self,
        progress: Progress<'_>,
        last: Option<&Keyset>,
        server_time: DateTime<Utc>,
        overlap: TimeDelta,
    ) {
        let began = *self.row.reading_since.get_or_insert(server_time);
        match progress {
            Progress::Behind(keyset) => {
                self.row.resume_stamp = Some(keyset.stamp);
                self.row.resume_id = Some(keyset.external_id.clone());
            }
            Progress::Underway => {}
            Progress::Complete => {
                let newest = last.map(|it| it.stamp).or(self.row.resume_stamp);
                let reached = newest.map(|it| it.min(began - overlap));
                self.row.complete_to = self.row.complete_to.max(reached);
                self.row.deletions_to.get_or_insert(began);
                self.row.resume_stamp = None;
                self.row.resume_id = None;
                self.row.reading_since = None;
            }
        }
    }

    /// Notes up to when deletions have been seen.
    pub(super) fn advance_deletions(&mut self, to: DateTime<Utc>) {
        self.row.deletions_to = self.row.deletions_to.max(Some(to));
    }

    /// Writes the watermark, provided that no other run has moved it meanwhile.
    pub(super) async fn save(
        &mut self,
        db: &impl ConnectionTrait,
        now: DateTime<Utc>,
    ) -> std::result::Result<(), SyncFailure> {
        use watermark::Column;
        let seen = self.row.version;
        self.row.version += 1;
        self.row.updated_at = now;
        if !self.is_stored {
            self.row.clone().into_active_model().insert(db).await.map_err(crate::error::Error::from)?;
            self.is_stored = true;
            return Ok(());
        }
        let row = &self.row;
        let moved = watermark::Entity::update_many()
            .col_expr(Column::Version, Expr::value(row.version))
            .col_expr(Column::CompleteTo, Expr::value(row.complete_to))
            .col_expr(Column::ResumeStamp, Expr::value(row.resume_stamp))
            .col_expr(Column::ResumeId, Expr::value(row.resume_id.clone()))
            .col_expr(Column::ReadingSince, Expr::value(row.reading_since))
            .col_expr(Column::DeletionsTo, Expr::value(row.deletions_to))
            .col_expr(Column::UpdatedAt, Expr::value(row.updated_at))
            .col_expr(Column::BulkPlace, Expr::value(row.bulk_place.clone()))
            .col_expr(Column::NewestStamp, Expr::value(row.newest_stamp))
            .col_expr(Column::CheckedAt, Expr::value(row.checked_at))
            .filter(Column::System.eq(row.system.clone()))
            .filter(Column::Object.eq(row.object.as_str()))
            .filter(Column::Version.eq(seen))
            .exec(db)
            .await
            .map_err(crate::error::Error::from)?;
        if moved.rows_affected == 1 { Ok(()) } else { Err(SyncFailure::TakenOver) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn keyset(stamp: &str) -> Keyset {
        Keyset { stamp: at(stamp), external_id: "00Q000000000001AAA".to_owned() }
    }

    fn fresh() -> Watermark {
        let row = watermark::Model {
            system: "CRM".parse().unwrap(),
            object: "Lead".to_owned(),
            version: 0,
            complete_to: None,
            resume_stamp: None,
            resume_id: None,
            reading_since: None,
            deletions_to: None,
            updated_at: at("2026-06-01T00:00:00Z"),
            bulk_place: None,
            newest_stamp: None,
            checked_at: None,
        };
        Watermark { row, is_stored: false }
    }

    const OVERLAP: TimeDelta = TimeDelta::minutes(10);

    #[test]
    fn an_interrupted_reading_goes_on_behind_its_last_record() {
        let mut mark = fresh();
        let last = keyset("2026-05-01T00:00:00Z");
        mark.advance(Progress::Behind(&last), Some(&last), at("2026-06-01T00:00:00Z"), OVERLAP);
        assert_eq!(mark.position(OVERLAP), Position::After(last));
    }

    #[test]
    fn a_complete_reading_goes_on_with_an_overlap() {
        let mut mark = fresh();
        let last = keyset("2026-05-01T00:00:00Z");
        mark.advance(Progress::Complete, Some(&last), at("2026-06-01T00:00:00Z"), OVERLAP);
        assert_eq!(mark.position(OVERLAP), Position::Since(at("2026-04-30T23:50:00Z")));
    }

    #[test]
    fn a_watermark_never_passes_the_sources_time_less_the_overlap() {
        let mut mark = fresh();
        let first = keyset("2026-05-31T23:00:00Z");
        mark.advance(Progress::Behind(&first), Some(&first), at("2026-06-01T00:00:00Z"), OVERLAP);
        // Resumed a day later: what was being written when the reading began may be older than what it read.
        let last = keyset("2026-06-02T00:00:00Z");
        mark.advance(Progress::Complete, Some(&last), at("2026-06-02T00:00:01Z"), OVERLAP);
        assert_eq!(mark.row.complete_to, Some(at("2026-05-31T23:50:00Z")));
    }

    #[test]
    fn an_idle_object_does_not_creep_forward() {
        let mut mark = fresh();
        mark.advance(
            Progress::Complete,
            Some(&keyset("2026-05-01T00:00:00Z")),
            at("2026-06-01T00:00:00Z"),
            OVERLAP,
        );
        mark.advance(Progress::Complete, None, at("2026-06-05T00:00:00Z"), OVERLAP);
        assert_eq!(mark.row.complete_to, Some(at("2026-05-01T00:00:00Z")));
    }
}

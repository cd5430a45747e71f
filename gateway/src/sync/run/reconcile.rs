//! Comparing everything: the ids and stamps of the source with those we hold, and mending what differs.
//!
//! What the source has and we lack, or hold in an older version, is fetched and compared by content. What we hold and the
//! source did not name is asked for once more by name before it counts as gone.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use connectors::{IdPage, IdStamp, Page};
use domain::sync::{LinkState, ReadMethod};
use entity::golden::source_record::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::completeness::Completeness;
use super::deletions::pages_of;
use super::reading::Reading;
use super::{Observer, SyncFailure};
use crate::error::{Error, Result};
use crate::platform::database::lists;

/// Records that are asked for by name at once, and rows of ours that are looked at at once.
const AT_ONCE: usize = 2_000;

/// What we hold of a record.
struct Held {
    stamp: DateTime<Utc>,
    is_deleted: bool,
}

impl Reading<'_> {
    /// Compares all ids and mends what differs.
    pub(super) async fn reconcile(
        &mut self,
        observer: &dyn Observer,
    ) -> std::result::Result<(), SyncFailure> {
        self.by(ReadMethod::Ids);
        let mut named = Completeness::default();
        let mut next: Option<String> = None;
        let mut began = None;
        loop {
            let page = self.job.connector.ids(self.kind, next.as_deref()).await?;
            let began = *began.get_or_insert(page.server_time);
            self.compare(&page, &mut named, observer).await?;
            next = page.next;
            if next.is_none() {
                self.report.expect(named.expected(), named.received());
                self.report.at_source = Some(named.received());
                // An incomplete list proves nothing of what it does not name.
                named.check(&self.place.object)?;
                self.remove_surplus(&named, page.server_time, observer).await?;
                if !self.is_dry() {
                    self.watermark.advance_deletions(began);
                    let now = self.job.mastering.clock.now();
                    self.watermark.save(self.job.database.read(), now).await?;
                }
                return Ok(());
            }
        }
    }

    /// Fetches what of a page of ids we lack or hold in an older version.
    async fn compare(
        &mut self,
        page: &IdPage,
        named: &mut Completeness,
        observer: &dyn Observer,
    ) -> std::result::Result<(), SyncFailure> {
        named.expect(page.total);
        page.ids.iter().for_each(|it| named.add_id(&it.external_id));
        let held = self.held(&page.ids).await?;
        let mut differing = Vec::new();
        for theirs in &page.ids {
            match held.get(&theirs.external_id) {
                // A record that was deleted before we ever saw it says nothing.
                None if theirs.is_deleted => {}
                None => {
                    self.report.missing += 1;
                    differing.push(theirs);
                }
                Some(ours) if ours.stamp < theirs.stamp || ours.is_deleted != theirs.is_deleted => {
                    self.report.stale += 1;
                    differing.push(theirs);
                }
                Some(_) => {}
            }
        }
        for theirs in &differing {
            let oldest = self.report.oldest_unseen.get_or_insert(theirs.stamp);
            *oldest = theirs.stamp.min(*oldest);
        }
        if self.is_dry() {
            return Ok(());
        }
        for chunk in differing.chunks(AT_ONCE) {
            let ids: Vec<String> = chunk.iter().map(|it| it.external_id.clone()).collect();
            let before = self.counts();
            self.fetch(&ids).await?;
            self.report.repaired += self.counts().changed - before.changed;
            observer.page(self.kind, self.counts_since(before), None);
        }
        Ok(())
    }

    async fn held(&self, theirs: &[IdStamp]) -> Result<HashMap<String, Held>> {
        let mut held = HashMap::new();
        let ids: Vec<&str> = theirs.iter().map(|it| it.external_id.as_str()).collect();
        for list in lists(self.job.database.read(), &ids) {
            let rows: Vec<(String, DateTime<Utc>, LinkState)> = Entity::find()
                .select_only()
                .columns([Column::ExternalId, Column::Stamp, Column::State])
                .filter(self.of_object())
                .filter(list.holds(Column::ExternalId))
                .into_tuple()
                .all(self.job.database.read())
                .await?;
            held.extend(
                rows.into_iter()
                    .map(|(id, stamp, state)| (id, Held { stamp, is_deleted: state == LinkState::Deleted })),
            );
        }
        Ok(held)
    }

    /// Asks for what we hold and the source did not name, and takes in as deleted what it does not know.
    async fn remove_surplus(
        &mut self,
        named: &Completeness,
        server_time: DateTime<Utc>,
        observer: &dyn Observer,
    ) -> std::result::Result<(), SyncFailure> {
        let mut behind = String::new();
        loop {
            let ours: Vec<String> = Entity::find()
                .select_only()
                .column(Column::ExternalId)
                .filter(self.of_object())
                .filter(Column::State.eq(LinkState::Live))
                .filter(Column::ExternalId.gt(behind.as_str()))
                .order_by_asc(Column::ExternalId)
                .limit(AT_ONCE as u64)
                .into_tuple()
                .all(self.job.database.read())
                .await
                .map_err(Error::from)?;
            let Some(last) = ours.last().cloned() else { return Ok(()) };
            let surplus: Vec<String> = ours.into_iter().filter(|it| !named.has(it)).collect();
            self.report.surplus += surplus.len() as u64;
            if !surplus.is_empty() && !self.is_dry() {
                let before = self.counts();
                let unknown = self.fetch(&surplus).await?;
                let records = self.living(unknown, server_time).await?;
                for page in pages_of(records, server_time) {
                    self.take_in(page).await?;
                }
                self.report.repaired += self.counts().changed - before.changed;
                observer.page(self.kind, self.counts_since(before), None);
            }
            behind = last;
        }
    }

    async fn take_in(&mut self, page: Page) -> std::result::Result<(), SyncFailure> {
        if page.records.is_empty() { Ok(()) } else { self.commit(page).await.map(drop) }
    }

    fn of_object(&self) -> sea_orm::Condition {
        sea_orm::Condition::all()
            .add(Column::System.eq(self.place.system.clone()))
            .add(Column::Object.eq(self.place.object.as_str()))
    }
}

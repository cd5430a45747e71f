//! Reading page after page in the order of (stamp, id).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use connectors::{ConnectorError, Keyset, Page, Position, Recovery};
use domain::sync::ReadMethod;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::completeness::Completeness;
use super::reading::Reading;
use super::{Observer, SyncFailure};
use crate::sync::watermark::Progress;

/// How often a reading in which something is missing is begun again.
const AGAIN: usize = 1;

impl Reading<'_> {
    /// Reads from a position to the end. A reading in which something is missing is begun again once; then the run fails,
    /// and the watermark is where the reading began. Returns the source's time.
    pub(super) async fn read_pages(
        &mut self,
        from: Position,
        observer: &dyn Observer,
    ) -> Result<DateTime<Utc>, SyncFailure> {
        self.by(ReadMethod::Pages);
        let began = self.watermark.clone();
        let mut left = AGAIN;
        loop {
            match self.read_to_the_end(from.clone(), observer).await {
                Err(SyncFailure::Incomplete { .. }) if left > 0 => {
                    tracing::warn!(object = self.place.object, "a reading was incomplete; it begins again");
                    left -= 1;
                    self.watermark.go_back_to(&began);
                }
                Err(incomplete @ SyncFailure::Incomplete { .. }) => {
                    self.watermark.go_back_to(&began);
                    self.commit_place().await?;
                    return Err(incomplete);
                }
                outcome => return outcome,
            }
        }
    }

    /// Reads page after page, the next one while the present one is stored.
    async fn read_to_the_end(
        &mut self,
        from: Position,
        observer: &dyn Observer,
    ) -> Result<DateTime<Utc>, SyncFailure> {
        let mut ahead = self.read_ahead(from);
        let mut behind: Option<Keyset> = None;
        let mut completeness = Completeness::default();
        loop {
            let page = match ahead.await? {
                Ok(page) => page,
                Err(error) => match (error.recovery(), &behind) {
                    (Recovery::ResumeByKeyset, Some(last)) => {
                        // Another query: it announces what is left.
                        completeness = Completeness::default();
                        ahead = self.read_ahead(Position::After(last.clone()));
                        continue;
                    }
                    _ => return Err(error.into()),
                },
            };
            completeness.add(&page, &self.place.object)?;
            let (next, server_time) = (page.next.clone(), page.server_time);
            // The size of a part says nothing of the whole.
            let total = page.total.filter(|_| page.part == 0);
            behind = page.last.clone().or(behind);
            let progress = match (&next, &behind) {
                (Some(_), Some(last)) => Progress::Behind(last),
                (Some(_), None) => Progress::Underway,
                (None, _) => {
                    self.report.expect(completeness.expected(), completeness.received());
                    completeness.check(&self.place.object)?;
                    Progress::Complete
                }
            };
            let overlap = self.job.options.overlap;
            self.watermark.advance(progress, behind.as_ref(), server_time, overlap);
            if next.is_none() {
                self.watermark.checked(self.report.started_at());
            }
            let following = next.map(|token| self.read_ahead(Position::Next(token)));
            let committed = self.commit(page).await;
            observer.page(self.kind, committed?, total);
            match following {
                Some(following) => ahead = following,
                None => return Ok(server_time),
            }
        }
    }

    fn read_ahead(&self, position: Position) -> JoinHandle<Result<Page, ConnectorError>> {
        let (connector, kind) = (Arc::clone(&self.job.connector), self.kind);
        tokio::spawn(async move { connector.read_page(kind, &position).await }.in_current_span())
    }

    /// Stores the watermark alone.
    async fn commit_place(&mut self) -> Result<(), SyncFailure> {
        if self.is_dry() {
            return Ok(());
        }
        let now = self.job.mastering.clock.now();
        self.watermark.save(self.job.database.read(), now).await
    }
}

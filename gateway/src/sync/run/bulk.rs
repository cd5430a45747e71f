//! Reading everything there is by a bulk job of the source: the first load, and whatever is read from the beginning.

use std::sync::Arc;

use connectors::{BulkPage, BulkPlace, ConnectorError, Position, Recovery, Span};
use domain::sync::ReadMethod;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::reading::Reading;
use super::{Observer, SyncFailure};

/// How often a bulk job that was lost is opened again.
const AGAIN: usize = 2;

impl Reading<'_> {
    /// Whether to read by a bulk job: one is under way, or there is everything to read and that is much.
    pub(super) async fn reads_in_bulk(&mut self) -> Result<bool, SyncFailure> {
        // A dry run leaves the job of a real one to that one: its pages are read once, and its end deletes it.
        if self.is_dry() {
            return Ok(false);
        }
        if self.watermark.bulk_place().is_some() {
            return Ok(true);
        }
        if self.watermark.position(self.job.options.overlap) != Position::Start {
            return Ok(false);
        }
        match self.job.connector.count(self.kind, &Span::default()).await {
            Ok(tally) => Ok(tally.records >= self.job.options.bulk_from),
            // What takes too long to count is much.
            Err(ConnectorError::QueryTimeout { .. }) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads everything. Where the source has no bulk jobs for us, nothing is read, and pages are the way.
    pub(super) async fn read_bulk(&mut self, observer: &dyn Observer) -> Result<(), SyncFailure> {
        self.by(ReadMethod::Bulk);
        let mut left = AGAIN;
        loop {
            let opened = match self.watermark.bulk_place() {
                Some(place) => Ok(place),
                None => self.job.connector.open_bulk(self.kind, None).await,
            };
            let read = match opened {
                Ok(place) => self.read_job(place, observer).await,
                Err(error) => Err(error.into()),
            };
            match read {
                Err(SyncFailure::Source(error)) if error.recovery() == Recovery::ReadByPages => {
                    tracing::info!(%error, object = self.place.object, "read by pages instead");
                    return Ok(());
                }
                Err(SyncFailure::Source(error))
                    if error.recovery() == Recovery::OpenBulkAgain && left > 0 =>
                {
                    tracing::warn!(%error, object = self.place.object, "the bulk reading begins again");
                    left -= 1;
                    self.watermark.forget_bulk();
                }
                outcome => return outcome,
            }
        }
    }

    /// Reads one job to its end, the next page while the present one is stored.
    async fn read_job(&mut self, place: BulkPlace, observer: &dyn Observer) -> Result<(), SyncFailure> {
        let mut at = place;
        let mut ahead = self.bulk_ahead(at.clone());
        loop {
            let BulkPage { page, next, received } = ahead.await??;
            let total = page.total;
            if next.is_none() {
                self.report.expect(total, received);
            }
            let following = next.clone().map(|it| self.bulk_ahead(it));
            match (&next, total) {
                (None, Some(expected)) if received != expected => {
                    self.watermark.forget_bulk();
                    self.watermark.save(self.job.database.read(), self.job.mastering.clock.now()).await?;
                    let object = self.place.object.clone();
                    return Err(SyncFailure::Incomplete { object, received, expected });
                }
                (None, _) => {
                    self.watermark.complete_bulk(at.opened_at, self.job.options.overlap);
                }
                (Some(next), _) => self.watermark.go_on_with(next),
            }
            let committed = self.commit(page).await;
            observer.page(self.kind, committed?, total);
            match (following, next) {
                (Some(following), Some(next)) => (ahead, at) = (following, next),
                _ => {
                    if let Err(error) = self.job.connector.close_bulk(&at).await {
                        tracing::debug!(%error, "the source forgets the bulk job by itself");
                    }
                    return Ok(());
                }
            }
        }
    }

    fn bulk_ahead(&self, place: BulkPlace) -> JoinHandle<Result<BulkPage, ConnectorError>> {
        let (connector, kind) = (Arc::clone(&self.job.connector), self.kind);
        tokio::spawn(async move { connector.read_bulk(kind, &place).await }.in_current_span())
    }
}

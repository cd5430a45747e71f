//! Comparing what everything says: for the case that a stamp is right and what stands behind it is not.
//!
//! Ids and stamps are compared before (`reconcile`); here every record is read and compared by its content.

use connectors::{Page, Position};

use super::completeness::Completeness;
use super::reading::Reading;
use super::{Observer, SyncFailure};

impl Reading<'_> {
    /// Reads everything and mends what differs. The watermark stays where it is.
    pub(super) async fn compare_contents(&mut self, observer: &dyn Observer) -> Result<(), SyncFailure> {
        let mut at = Position::Start;
        let mut completeness = Completeness::default();
        loop {
            let page = self.job.connector.read_page(self.kind, &at).await?;
            completeness.add(&page, &self.place.object)?;
            let (next, total) = (page.next.clone(), page.total.filter(|_| page.part == 0));
            let before = self.counts();
            let committed = self.commit(Page { next: None, last: None, ..page }).await?;
            self.report.repaired += self.counts().changed - before.changed;
            observer.page(self.kind, committed, total);
            match next {
                Some(token) => at = Position::Next(token),
                None => return completeness.check(&self.place.object),
            }
        }
    }
}

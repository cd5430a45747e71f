//! Reading fields whose changes move no stamp: formulas, and what stands in other records.

use connectors::Page;
use domain::fields::Field;

use super::completeness::Completeness;
use super::reading::Reading;
use super::{Observer, SyncFailure};

/// How often a reading in which something is missing is begun again: records may be deleted while it goes on.
const AGAIN: usize = 1;

impl Reading<'_> {
    /// Reads just those fields of every live record. The others stay as they are.
    pub(super) async fn read_computed(&mut self, observer: &dyn Observer) -> Result<(), SyncFailure> {
        let fields = self.job.connector.computed_fields(self.kind).await?;
        if fields.is_empty() {
            return Ok(());
        }
        let mut left = AGAIN;
        loop {
            match self.read_fields(&fields, observer).await {
                Err(SyncFailure::Incomplete { .. }) if left > 0 => left -= 1,
                outcome => return outcome,
            }
        }
    }

    async fn read_fields(&mut self, fields: &[Field], observer: &dyn Observer) -> Result<(), SyncFailure> {
        let mut after: Option<String> = None;
        let mut completeness = Completeness::default();
        loop {
            let page = self.job.connector.read_fields(self.kind, fields, after.as_deref()).await?;
            completeness.add(&page, &self.place.object)?;
            let (next, total) = (page.next.clone(), page.total);
            // These pages are no part of the reading by stamps.
            let committed = self.commit(Page { next: None, last: None, ..page }).await?;
            observer.page(self.kind, committed, total);
            if next.is_none() {
                self.report.expect(completeness.expected(), completeness.received());
                return completeness.check(&self.place.object);
            }
            after = next;
        }
    }
}

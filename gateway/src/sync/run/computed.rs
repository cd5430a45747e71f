//! Reading fields whose changes move no stamp: formulas, and what stands in other records.

use connectors::Page;

use super::reading::Reading;
use super::{Observer, SyncFailure};

impl Reading<'_> {
    /// Reads just those fields of every live record. The others stay as they are.
    pub(super) async fn read_computed(&mut self, observer: &dyn Observer) -> Result<(), SyncFailure> {
        let fields = self.job.connector.computed_fields(self.kind).await?;
        if fields.is_empty() {
            return Ok(());
        }
        let mut after: Option<String> = None;
        loop {
            let page = self.job.connector.read_fields(self.kind, &fields, after.as_deref()).await?;
            let (next, total) = (page.next.clone(), page.total);
            // These pages are no part of the reading by stamps.
            let committed = self.commit(Page { next: None, last: None, ..page }).await?;
            observer.page(self.kind, committed, total);
            match next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

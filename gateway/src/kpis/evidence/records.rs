//! What is known of the data itself: decisions that wait, and how far behind its sources it is. As it is now, whatever the period.

use domain::calendar::{Calendar, date_in_tokyo};
use domain::kpis::data_quality::{review_backlog, sync_lag};

use super::Gathering;
use crate::error::Result;
use crate::{review, sync};

impl Gathering<'_> {
    pub(super) async fn backlog(&mut self) -> Result<()> {
        let waiting = review::measured::waiting(self.ctx.read()).await?;
        let calendar = self.ctx.shared::<Calendar>();
        let figure = review_backlog(&waiting, &calendar, date_in_tokyo(self.ctx.now))?;
        self.of(None).figure = Some(figure);
        Ok(())
    }

    /// Of the object that was read completely longest ago.
    pub(super) async fn sync_lag(&mut self) -> Result<()> {
        let watermarks = sync::service::watermarks(&self.ctx.database).await?;
        let oldest = watermarks.iter().filter_map(|it| it.complete_to).min();
        self.of(None).figure = oldest.map(|it| sync_lag(self.ctx.now, it));
        Ok(())
    }
}

//! Telling listeners which alerts are raised.

use chrono::{DateTime, Utc};
use domain::ids::AlertId;
use entity::alerts::alert::{Column, Model};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, QueryFilter, QueryOrder, QuerySelect};

use super::store;
use crate::platform::auth::Caller;
use crate::platform::listening::{Feed, MOST_AT_ONCE};

/// Alerts as they are raised.
pub(super) struct Raised;

impl Feed for Raised {
    type News = Model;
    type Id = AlertId;
    const CHANNEL: &'static str = "alerts";

    async fn read(
        &self,
        db: &DatabaseConnection,
        caller: &Caller,
        since: DateTime<Utc>,
    ) -> Result<Vec<Model>, DbErr> {
        let raised = store::visible_to(caller).filter(Column::OpenedAt.gte(since));
        raised.order_by_asc(Column::Id).limit(MOST_AT_ONCE).all(db).await
    }

    fn stamp(alert: &Model) -> (AlertId, DateTime<Utc>) {
        (alert.id, alert.opened_at)
    }
}

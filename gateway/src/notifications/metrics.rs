//! Figures of messages: how many wait to be sent, and how many nobody took.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::notifications::NotificationState;
use entity::notifications::notification::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::error::Result;
use crate::platform::database::Database;
use crate::platform::metrics::{Figure, Figures};

/// The messages that have not been sent.
pub struct Waiting(Database);

impl Waiting {
    /// Those of this store.
    pub fn new(database: Database) -> Self {
        Self(database)
    }
}

#[async_trait]
impl Figures for Waiting {
    async fn gather(&self) -> Result<Vec<Figure>> {
        let waiting = Entity::find()
            .select_only()
            .column(Column::State)
            .column_as(Column::Id.count(), "messages")
            .filter(Column::State.ne(NotificationState::Sent))
            .group_by(Column::State);
        let waiting = waiting.into_tuple::<(NotificationState, i64)>().all(self.0.read()).await?;
        let counts: HashMap<NotificationState, i64> = waiting.into_iter().collect();
        let unsent = NotificationState::ALL.iter().filter(|it| **it != NotificationState::Sent);
        let figure = |state: &NotificationState| Figure {
            name: "notifications",
            help: "Messages to people that have not been sent; DEAD ones will not be tried again",
            of: vec![("state", state.code().to_owned())],
            value: counts.get(state).copied().unwrap_or_default() as f64,
        };
        Ok(unsent.map(figure).collect())
    }
}

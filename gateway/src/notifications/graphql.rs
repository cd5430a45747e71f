//! Messages in the API; for those who run the gateway.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::notifications::{NotificationChannel, NotificationState, NotificationTopic};
use entity::notifications::notification::{Column, Model};
use uuid::Uuid;

use super::service;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::graphql::connection::{Page, PageInput, page, page_cost};
use crate::platform::graphql::creation_order::CreationOrder;
use crate::platform::graphql::payload::{Payload, answer};

/// One message to somebody by one channel.
#[derive(SimpleObject)]
pub struct Notification {
    /// Its id.
    id: Uuid,
    /// What it is about.
    topic: NotificationTopic,
    /// By which channel.
    channel: NotificationChannel,
    /// To whom: a mail address, or the name of a room.
    recipient: String,
    /// Where it stands.
    state: NotificationState,
    /// How often it was tried.
    attempts: i32,
    /// When it is tried next, if it waits. Nothing is sent in quiet hours.
    next_attempt_at: DateTime<Utc>,
    /// What the channel said when it did not take it.
    error: Option<String>,
    /// When it came up.
    created_at: DateTime<Utc>,
    /// When the channel took it.
    sent_at: Option<DateTime<Utc>>,
}

impl From<Model> for Notification {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.into(),
            topic: row.topic,
            channel: row.channel,
            recipient: row.recipient,
            state: row.state,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at,
            error: row.error,
            created_at: row.created_at,
            sent_at: row.sent_at,
        }
    }
}

/// Which messages.
#[derive(Debug, Default, InputObject)]
pub struct NotificationFilter {
    /// In one of these states.
    state: Option<Vec<NotificationState>>,
}

/// A message to be tried again.
#[derive(Debug, InputObject)]
pub struct SendNotificationAgainInput {
    /// The message.
    pub id: Uuid,
    /// The same key gives the same answer: make one for each new request.
    pub idempotency_key: Option<String>,
}

/// What a change of a message gives back.
#[derive(SimpleObject)]
pub struct NotificationPayload {
    /// The message as it is now.
    notification: Notification,
}

/// Reading messages.
#[derive(Default)]
pub struct NotificationQueries;

#[Object]
impl NotificationQueries {
    /// Messages to people, page by page.
    #[graphql(complexity = "page_cost(first, last) * child_complexity")]
    #[allow(clippy::too_many_arguments, reason = "Relay names them")]
    async fn notifications(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first rows, at most 200; 50 when neither `first` nor `last` is given.")] first: Option<i32>,
        #[graphql(desc = "After the row with this cursor.")] after: Option<String>,
        #[graphql(desc = "The last rows, at most 200.")] last: Option<i32>,
        #[graphql(desc = "Before the row with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which messages; all when left out.")] filter: Option<NotificationFilter>,
        #[graphql(default, desc = "In which order.")] order_by: CreationOrder,
    ) -> Result<Page<Notification>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        let states = filter.unwrap_or_default().state.unwrap_or_default();
        let query = service::in_states(ctx, &states)?;
        let order = order_by.of("notifications", Column::Id, |row: &Model| row.id.into());
        let input = PageInput { first, after, last, before };
        page(ctx, query, Column::Id, order, &input, |row| (row.id.into(), row.into())).await
    }
}

/// Changing messages.
#[derive(Default)]
pub struct NotificationMutations;

#[Object]
impl NotificationMutations {
    /// Tries a message again that was given up.
    async fn send_notification_again(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: SendNotificationAgainInput,
    ) -> Result<Payload<NotificationPayload>> {
        let ctx = ctx.data_unchecked::<RequestContext>();
        answer(ctx, async {
            let row = service::send_again(ctx, input.idempotency_key.as_deref(), input.id.into()).await?;
            Ok(NotificationPayload { notification: row.into() })
        })
        .await
    }
}

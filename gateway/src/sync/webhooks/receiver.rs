//! Keeping what is pushed, before it is acknowledged.

use std::collections::BTreeMap;

use async_trait::async_trait;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::ids::WebhookDeliveryId;
use domain::sources::SourceSystem;
use domain::sync::DeliveryState;
use entity::sync::webhook_delivery::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::message::{Message, is_soap};
use super::position;
use super::signature::{self, Proof, WebhookKeys};
use super::soap;
use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::database::Database;
use crate::platform::http::{Pushed, Receiver, Reply};

/// Takes pushes for the sources that have a secret.
pub struct Webhooks {
    database: Database,
    clock: Clock,
    sources: BTreeMap<String, (SourceSystem, WebhookKeys)>,
}

/// What became of a push.
enum Taken {
    /// It is new.
    Kept,
    /// It was taken before.
    Known,
    /// Another one had the same name.
    Contradicted,
}

impl Webhooks {
    /// Takes pushes for these sources, by the names of their sections.
    pub fn new(
        database: Database,
        clock: Clock,
        sources: BTreeMap<String, (SourceSystem, WebhookKeys)>,
    ) -> Self {
        Self { database, clock, sources }
    }

    async fn keep(&self, system: &SourceSystem, message: &Message, pushed: &Pushed) -> Result<Taken> {
        let hash = blake3::hash(&pushed.body).to_hex().to_string();
        let now = self.clock.now();
        let row = row(&self.clock, (system, name_of(message, pushed, &hash), hash), message, now);
        let (id, delivery_id, hash) = (row.id, row.delivery_id.clone(), row.body_hash.clone());
        let once = OnConflict::columns([Column::System, Column::DeliveryId]).do_nothing().to_owned();
        let insert = Entity::insert(row.into_active_model()).on_conflict(once);
        insert.exec_without_returning(self.database.read()).await?;
        position::came(self.database.read(), system, now).await?;
        let kept = Entity::find()
            .filter(Column::System.eq(system.clone()))
            .filter(Column::DeliveryId.eq(delivery_id))
            .one(self.database.read())
            .await?;
        match kept {
            Some(kept) if kept.id == id => Ok(Taken::Kept),
            Some(kept) if kept.body_hash == hash && is_nameless(message, pushed) => {
                self.work_again(kept.id, now).await.map(|()| Taken::Kept)
            }
            Some(kept) if kept.body_hash == hash => Ok(Taken::Known),
            _ => Ok(Taken::Contradicted),
        }
    }

    /// What has no name of its own may be the same request, or the next one that says the same: it is worked on again.
    async fn work_again(&self, id: WebhookDeliveryId, now: DateTime<Utc>) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(DeliveryState::Waiting))
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(Column::ReceivedAt, Expr::value(now))
            .col_expr(Column::NextAttemptAt, Expr::value(Some(now)))
            .filter(Column::Id.eq(id))
            .exec(self.database.read())
            .await?;
        Ok(())
    }
}

/// By which a push is known when it comes again: the name that its sender gave it; else its bytes, and when they were
/// signed, for the same change of the same record may be told again an hour later.
fn name_of(message: &Message, pushed: &Pushed, hash: &str) -> String {
    let header = |name| signature::text(&pushed.headers, name).map(str::to_owned);
    let named = header(signature::DELIVERY).or_else(|| message.id.clone());
    named.unwrap_or_else(|| match header(signature::TIMESTAMP) {
        Some(timestamp) => format!("{hash}@{timestamp}"),
        None => hash.to_owned(),
    })
}

/// Whether nothing in a push tells it from the next one that says the same: no name, no place among the events, no time
/// of a signature.
fn is_nameless(message: &Message, pushed: &Pushed) -> bool {
    let has = |name| signature::text(&pushed.headers, name).is_some();
    let is_named = has(signature::DELIVERY) || message.id.is_some() || has(signature::TIMESTAMP);
    !is_named && message.replay_ids.is_none()
}

fn row(
    clock: &Clock,
    (system, delivery_id, body_hash): (&SourceSystem, String, String),
    message: &Message,
    now: DateTime<Utc>,
) -> Model {
    Model {
        id: clock.new_id(),
        system: system.clone(),
        delivery_id,
        body_hash,
        message: serde_json::to_string(message).expect("names are JSON"),
        first_replay_id: message.replay_ids.map(|it| it.0),
        last_replay_id: message.replay_ids.map(|it| it.1),
        state: DeliveryState::Waiting,
        attempts: 0,
        received_at: now,
        next_attempt_at: Some(now),
        worked_at: None,
        failure: None,
    }
}

#[async_trait]
impl Receiver for Webhooks {
    async fn receive(&self, pushed: Pushed) -> Reply {
        let Some((system, keys)) = self.sources.get(&pushed.name) else {
            return Reply::text(StatusCode::NOT_FOUND, "there is no such source, or it takes no pushes");
        };
        let proof = Proof { headers: &pushed.headers, query: &pushed.query, body: &pushed.body };
        if let Err(why) = keys.check(&proof, self.clock.now()) {
            tracing::info!(%system, ?why, "refused a push");
            return Reply::text(StatusCode::UNAUTHORIZED, why);
        }
        let message = match Message::read(&pushed.body) {
            Ok(message) => message,
            Err(why) => return Reply::text(StatusCode::BAD_REQUEST, why),
        };
        match self.keep(system, &message, &pushed).await {
            Ok(Taken::Kept | Taken::Known) => acknowledged(&pushed),
            Ok(Taken::Contradicted) => {
                let text = "another push with this id was taken before; give each push an id of its own";
                Reply::text(StatusCode::CONFLICT, text)
            }
            Err(error) => {
                let cause = error.cause().map_or_else(|| error.to_string(), |it| format!("{it:#}"));
                tracing::error!(%system, cause, "a push could not be kept");
                Reply::text(StatusCode::SERVICE_UNAVAILABLE, "try again in a few seconds")
            }
        }
    }
}

fn acknowledged(pushed: &Pushed) -> Reply {
    match is_soap(&pushed.body) {
        true => Reply {
            status: StatusCode::OK,
            content_type: "text/xml; charset=utf-8",
            text: soap::ACKNOWLEDGED.to_owned(),
        },
        false => Reply::text(StatusCode::OK, "kept"),
    }
}

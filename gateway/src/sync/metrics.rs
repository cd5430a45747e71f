//! Figures of synchronisation: a cursor that stands still, a queue that grows, a source that does not answer.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use connectors::Circuit;
use domain::sources::SourceSystem;
use domain::sync::{OutboundState, SyncErrorCategory, SyncErrorState, SyncRunState};
use entity::sync::{outbound_change, sync_error, sync_run, watermark};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::sources::{ConfiguredSource, Sources};
use crate::error::Result;
use crate::platform::database::Database;
use crate::platform::metrics::{Figure, Figures};

/// The figures of the configured sources.
pub struct SyncFigures {
    database: Database,
    sources: Arc<Sources>,
}

impl SyncFigures {
    /// Of these sources, by what is stored of them.
    pub fn new(database: Database, sources: Arc<Sources>) -> Self {
        Self { database, sources }
    }

    async fn of_objects(&self) -> Result<Vec<Figure>> {
        let mut figures = Vec::new();
        for row in watermark::Entity::find().all(self.database.read()).await? {
            let of = || vec![("source", row.system.to_string()), ("object", row.object.clone())];
            let at = |name, help, at: Option<DateTime<Utc>>| {
                at.map(|at| Figure { name, help, of: of(), value: seconds(at) })
            };
            figures.extend(at(
                "sync_checked_timestamp_seconds",
                "When the last complete reading of an object began: what its source had then is stored",
                row.checked_at,
            ));
            figures.extend(at(
                "sync_newest_stored_timestamp_seconds",
                "The newest stamp of an object that is stored",
                row.newest_stamp,
            ));
            figures.extend(at(
                "sync_complete_to_timestamp_seconds",
                "Up to which stamp an object has been read completely",
                row.complete_to,
            ));
        }
        Ok(figures)
    }

    async fn of_runs(&self) -> Result<Vec<Figure>> {
        use sync_run::Column;
        let ended = sync_run::Entity::find()
            .select_only()
            .column(Column::System)
            .column_as(Column::EndedAt.max(), "ended")
            .filter(Column::State.eq(SyncRunState::Succeeded))
            .group_by(Column::System);
        let ended = ended.into_tuple::<(SourceSystem, Option<DateTime<Utc>>)>();
        let figure = |(system, at): (SourceSystem, Option<DateTime<Utc>>)| Figure {
            name: "sync_succeeded_timestamp_seconds",
            help: "When the last run of a source ended well",
            of: vec![("source", system.to_string())],
            value: at.map_or(f64::NAN, seconds),
        };
        Ok(ended.all(self.database.read()).await?.into_iter().map(figure).collect())
    }

    async fn of_errors(&self) -> Result<Vec<Figure>> {
        use sync_error::Column;
        let open = sync_error::Entity::find()
            .select_only()
            .columns([Column::System, Column::Category])
            .column_as(Column::Id.count(), "errors")
            .filter(Column::State.is_in(SyncErrorState::UNSETTLED))
            .group_by(Column::System)
            .group_by(Column::Category);
        let open = open.into_tuple::<(SourceSystem, SyncErrorCategory, i64)>();
        let figure = |(system, category, count): (SourceSystem, SyncErrorCategory, i64)| Figure {
            name: "sync_errors",
            help: "Failures in the error log that nobody has settled",
            of: vec![("source", system.to_string()), ("category", category.code().to_owned())],
            value: count as f64,
        };
        Ok(open.all(self.database.read()).await?.into_iter().map(figure).collect())
    }

    async fn of_changes(&self) -> Result<Vec<Figure>> {
        use outbound_change::Column;
        let ended = [OutboundState::Accepted, OutboundState::Superseded];
        let open = outbound_change::Entity::find()
            .select_only()
            .columns([Column::System, Column::State])
            .column_as(Column::Id.count(), "changes")
            .filter(Column::State.is_not_in(ended))
            .group_by(Column::System)
            .group_by(Column::State);
        let open = open.into_tuple::<(SourceSystem, OutboundState, i64)>();
        let figure = |(system, state, count): (SourceSystem, OutboundState, i64)| Figure {
            name: "outbound_changes",
            help: "Changes that a source has not been told of yet, or has refused",
            of: vec![("source", system.to_string()), ("state", state.code().to_owned())],
            value: count as f64,
        };
        Ok(open.all(self.database.read()).await?.into_iter().map(figure).collect())
    }
}

#[async_trait]
impl Figures for SyncFigures {
    async fn gather(&self) -> Result<Vec<Figure>> {
        let mut figures = self.of_objects().await?;
        figures.extend(self.of_runs().await?);
        figures.extend(self.of_errors().await?);
        figures.extend(self.of_changes().await?);
        figures.extend(self.sources.iter().flat_map(of_connection));
        Ok(figures)
    }
}

/// How this replica speaks with a source.
fn of_connection(source: &ConfiguredSource) -> Vec<Figure> {
    let connector = &source.job.connector;
    let of = || vec![("source", connector.system().to_string())];
    let is_open = !matches!(connector.health().circuit, Circuit::Closed { .. });
    let mut figures = vec![Figure {
        name: "source_circuit_open",
        help: "1 while this replica asks a source nothing because it failed again and again",
        of: of(),
        value: f64::from(u8::from(is_open)),
    }];
    if let Some(budget) = connector.budget() {
        let figure = |name, help, value: u64| Figure { name, help, of: of(), value: value as f64 };
        figures.push(figure("source_requests_used", "Requests that a source has counted today", budget.used));
        figures.push(figure("source_requests_limit", "Requests that a source allows in a day", budget.limit));
    }
    figures
}

fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}

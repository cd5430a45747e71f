//! Which entries of the error log somebody means.

use domain::ids::{GoldenId, SyncErrorId, SyncRunId};
use domain::sources::SourceSystem;
use domain::sync::{SyncDirection, SyncErrorCategory, SyncErrorState};
use entity::golden::{record_link, source_record};
use entity::sync::sync_error::{Column, Entity};
use sea_orm::ColumnTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, IntoCondition, Query, SelectStatement};
use serde::Serialize;

use crate::platform::graphql::filter::all_of;

/// A Salesforce id as people copy it from an address: without the three characters that make it safe to fold.
const SHORT_ID: usize = 15;

/// Entries of the error log; all conditions that are given must hold, an empty list is none.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Which {
    /// One of these.
    pub ids: Vec<SyncErrorId>,
    /// Of one of these systems.
    pub systems: Vec<SourceSystem>,
    /// Of one of these objects, by the systems' own names.
    pub objects: Vec<String>,
    /// Going that way.
    pub direction: Option<SyncDirection>,
    /// Of one of these kinds.
    pub categories: Vec<SyncErrorCategory>,
    /// In one of these states; what is still to be done, when there is none and no id is given.
    pub states: Vec<SyncErrorState>,
    /// One of these records, by the system's own ids.
    pub external_ids: Vec<String>,
    /// About this golden record.
    pub golden: Option<GoldenId>,
    /// Last seen by this run.
    pub run: Option<SyncRunId>,
}

impl Which {
    /// As a condition on the log.
    pub fn condition(&self) -> Condition {
        let states = match (self.states.is_empty(), self.ids.is_empty()) {
            (true, true) => SyncErrorState::UNSETTLED.to_vec(),
            _ => self.states.clone(),
        };
        all_of([
            some_of(Column::Id, &self.ids),
            some_of(Column::System, &self.systems),
            some_of(Column::Object, &self.objects),
            some_of(Column::Category, &self.categories),
            some_of(Column::State, &states),
            self.direction.map(|it| Column::Direction.eq(it).into_condition()),
            self.run.map(|it| Column::RunId.eq(it).into_condition()),
            Some(&self.external_ids).filter(|it| !it.is_empty()).map(|it| named(it)),
            self.golden.map(about),
        ])
    }
}

fn some_of<V: Clone + Into<sea_orm::Value>>(column: Column, values: &[V]) -> Option<Condition> {
    let given = Some(values).filter(|it| !it.is_empty());
    given.map(|it| column.is_in(it.iter().cloned()).into_condition())
}

fn named(ids: &[String]) -> Condition {
    let short =
        || Func::cust("substr").arg(Expr::col((Entity, Column::ExternalId))).arg(1).arg(SHORT_ID as i32);
    ids.iter().fold(Condition::any(), |any, id| match id.len() == SHORT_ID {
        true => any.add(Expr::from(short()).eq(id.as_str())),
        false => any.add(Column::ExternalId.eq(id.as_str())),
    })
}

/// Entries about a golden record: noted with it, or about one of its source records.
fn about(golden: GoldenId) -> Condition {
    let members = Expr::exists(member(golden));
    Condition::any().add(Column::GoldenId.eq(golden)).add(members)
}

fn member(golden: GoldenId) -> SelectStatement {
    use source_record::Column as Record;
    let of_record =
        |ours: Record, theirs: Column| Expr::col((source_record::Entity, ours)).equals((Entity, theirs));
    Query::select()
        .expr(Expr::val(1))
        .from(source_record::Entity)
        .inner_join(
            record_link::Entity,
            Expr::col((record_link::Entity, record_link::Column::SourceRecordId))
                .equals((source_record::Entity, Record::Id)),
        )
        .and_where(of_record(Record::System, Column::System))
        .and_where(of_record(Record::Object, Column::Object))
        .and_where(of_record(Record::ExternalId, Column::ExternalId))
        .and_where(record_link::Column::EndedAt.is_null())
        .and_where(record_link::Column::GoldenId.eq(golden))
        .take()
}

//! What hangs on a task: records and open deals of its golden records.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::review::{ReviewState, Stakes};
use entity::accounts::golden_account;
use entity::contacts::golden_contact;
use entity::golden::record_link;
use entity::leads::golden_lead;
use entity::opportunities::golden_opportunity as deal;
use entity::review::review_task::{Column, Entity, Model};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};

use crate::error::Result;
use crate::platform::database::{List, lists};
use crate::review::store;
use crate::review::subject::goldens;

/// Weighs the tasks that were asked at that instant, by what is stored now: when a question is asked, its golden records
/// may not have been written yet.
pub async fn weigh(db: &impl ConnectionTrait, asked_at: DateTime<Utc>) -> Result<()> {
    let tasks = Entity::find()
        .filter(Column::UpdatedAt.eq(asked_at))
        .filter(Column::State.is_in(ReviewState::WAITING));
    let mut by_kind: BTreeMap<RecordKind, Vec<Model>> = BTreeMap::new();
    for task in tasks.all(db).await? {
        by_kind.entry(task.record_kind).or_default().push(task);
    }
    for (kind, tasks) in by_kind {
        weigh_kind(db, kind, tasks).await?;
    }
    Ok(())
}

async fn weigh_kind(db: &impl ConnectionTrait, kind: RecordKind, tasks: Vec<Model>) -> Result<()> {
    let named: BTreeSet<GoldenId> = tasks.iter().flat_map(goldens).collect();
    let named: Vec<GoldenId> = named.into_iter().collect();
    let mut records = HashMap::new();
    let mut dealing = HashSet::new();
    for list in lists(db, &named) {
        records.extend(records_of(db, list).await?);
        dealing.extend(with_open_deal(db, kind, list).await?);
    }
    let weighed = tasks.into_iter().map(|task| {
        let stakes = Stakes {
            has_open_deal: goldens(&task).any(|it| dealing.contains(&it)),
            records: goldens(&task).filter_map(|it| records.get(&it)).sum(),
            score: task.score.unwrap_or_default(),
        };
        Model { weight: Some(stakes.weight()), ..task }
    });
    Ok(store::replace(db, weighed.collect()).await?)
}

async fn records_of(db: &impl ConnectionTrait, ids: List<'_, GoldenId>) -> Result<Vec<(GoldenId, i32)>> {
    let counts = record_link::Entity::find()
        .select_only()
        .column(record_link::Column::GoldenId)
        .column_as(record_link::Column::Id.count(), "records")
        .filter(record_link::Column::EndedAt.is_null())
        .filter(ids.holds(record_link::Column::GoldenId))
        .group_by(record_link::Column::GoldenId);
    let counts: Vec<(GoldenId, i64)> = counts.into_tuple().all(db).await?;
    Ok(counts.into_iter().map(|(id, count)| (id, i32::try_from(count).unwrap_or(i32::MAX))).collect())
}

/// Those that take part in an open deal: leads through what they became and their account, contacts through their
/// account.
async fn with_open_deal(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    ids: List<'_, GoldenId>,
) -> Result<Vec<GoldenId>> {
    use golden_account::Column as Account;
    use golden_contact::Column as Contact;
    use golden_lead::Column as Lead;
    match kind {
        RecordKind::Account => {
            let rows =
                golden_account::Entity::find().filter(deal_where(deal::Column::AccountId, Account::Id));
            of(db, rows, Account::Id, ids).await
        }
        RecordKind::Contact => {
            let deals = deal_where(deal::Column::AccountId, Contact::AccountId);
            of(db, golden_contact::Entity::find().filter(deals), Contact::Id, ids).await
        }
        RecordKind::Lead => {
            let deals = Condition::any()
                .add(deal_where(deal::Column::Id, Lead::OpportunityId))
                .add(deal_where(deal::Column::AccountId, Lead::AccountId));
            of(db, golden_lead::Entity::find().filter(deals), Lead::Id, ids).await
        }
        RecordKind::Opportunity => {
            of(db, deal::Entity::find().filter(is_open()), deal::Column::Id, ids).await
        }
    }
}

async fn of<E: EntityTrait>(
    db: &impl ConnectionTrait,
    rows: Select<E>,
    id: E::Column,
    ids: List<'_, GoldenId>,
) -> Result<Vec<GoldenId>> {
    let wanted = rows.select_only().column(id).filter(ids.holds(id));
    Ok(wanted.into_tuple().all(db).await?)
}

/// There is an open deal whose column equals that of the row.
fn deal_where(column: deal::Column, row: impl ColumnTrait) -> Expr {
    let deals: SelectStatement = Query::select()
        .expr(Expr::value(1))
        .from(deal::Entity)
        .and_where(Expr::col(column.as_column_ref()).equals(row.as_column_ref()))
        .cond_where(is_open())
        .take();
    Expr::exists(deals)
}

fn is_open() -> Condition {
    let closed = Expr::col(deal::Column::IsClosed.as_column_ref()).if_null(false);
    Condition::all()
        .add(closed.eq(false))
        .add(deal::Column::ArchivedAt.is_null())
        .add(deal::Column::RedirectTo.is_null())
}

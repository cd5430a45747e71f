//! What sources say, in SQL: the record as it stands, and every observation of it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, PartnerId, SourceRecordId};
use domain::sources::{SourceKey, SourceRecord, SourceSystem};
use domain::sync::LinkState;
use entity::golden::{observation, record_link, source_record};
use entity::sync::counter;
use mastering::history::Replay;
use mastering::survivorship::field_states::FieldStates;
use mastering::survivorship::{Sighting, SourceFacts, observe};
use rayon::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, Iterable, JoinType,
    QueryFilter, QueryResult, QuerySelect, Select, SelectGetableTuple, Selector,
};

use uuid::Uuid;

use super::content::{content_hash, impersonal};
use crate::error::{Error, Result};
use crate::platform::clock::Clock;
use crate::platform::database::{insert_rows, lists};

/// Flag of an observation by which the source's clock was ahead.
const CLOCK_SKEW: &str = "CLOCK_SKEW";
/// Flag of an observation by which a source said what we had written to it.
pub(super) const ECHO: &str = "ECHO";
/// Flag of an observation by which the source had deleted the record.
pub(super) const DELETED: &str = "DELETED";
/// Flag of an observation of which what was said of a person was scrubbed.
pub(super) const ERASED: &str = "ERASED";
/// Flag of an observation that takes back all that was said after another one, whose number follows.
const BACK_TO: &str = "BACK_TO:";

/// A source record with what it says.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) row: source_record::Model,
    pub(super) key: Arc<SourceKey>,
    pub(super) states: Arc<FieldStates>,
    /// The golden record it belongs to, once it is linked.
    pub(super) golden: Option<GoldenId>,
}

/// A source record that says something new.
#[derive(Debug, Clone)]
pub(super) struct News {
    pub(super) fact: Fact,
    pub(super) is_first: bool,
    observation: observation::Model,
}

impl News {
    /// As entered by a partner's people.
    pub(super) fn supplied_by(mut self, partner: Option<PartnerId>) -> Self {
        self.observation.supplied_by = partner;
        self
    }

    /// As what we wrote there ourselves.
    pub(super) fn echoed(mut self) -> Self {
        self.observation.flags = ECHO.to_owned();
        self
    }

    /// Of a record whose person was erased before it was known.
    pub(super) fn of_erased(mut self, at: DateTime<Utc>) -> Self {
        self.fact.row.erased_at.get_or_insert(at);
        self
    }

    /// The record has that version from then on; else it stays at the one it had.
    pub(super) fn of_version(
        mut self,
        before: Option<&Fact>,
        version: Option<(DateTime<Utc>, DateTime<Utc>)>,
    ) -> Self {
        let known = before.map(|it| (it.row.stamp, it.row.modified_at));
        let now = version.or(known).unwrap_or((self.fact.row.stamp, self.fact.row.modified_at));
        let (stamp, modified_at) = known.unwrap_or(now);
        self.fact.row.stamp = Ord::max(now.0, stamp);
        self.fact.row.modified_at = Ord::max(now.1, modified_at);
        self
    }
}

impl Fact {
    pub(super) fn read(row: source_record::Model, golden: Option<GoldenId>) -> Result<Self> {
        let states = FieldStates::from_json(row.kind, &row.facts).map_err(Error::internal)?;
        let key = SourceKey {
            system: row.system.clone(),
            object: row.object.clone(),
            external_id: row.external_id.clone(),
        };
        Ok(Self { row, key: Arc::new(key), states: Arc::new(states), golden })
    }

    pub(super) fn is_live(&self) -> bool {
        self.row.state == LinkState::Live
    }

    /// A note of ours about a golden record. It says itself to which one it belongs: by its id.
    pub(super) fn is_note(&self) -> bool {
        self.row.system == SourceSystem::own() && Uuid::try_parse(&self.row.external_id).is_ok()
    }

    /// Whether its person was erased: it takes in no values of a person any more.
    pub(super) fn is_erased(&self) -> bool {
        self.row.erased_at.is_some()
    }

    /// Whether it is compared with others, and so decides where it belongs. One whose person was erased has nothing left to be
    /// compared by, and stays where it is.
    pub(super) fn is_matchable(&self) -> bool {
        self.is_live() && !self.is_note() && !self.is_erased()
    }

    /// The row of a record whose version moved while it says the same.
    pub(super) fn touched_by(&self, record: &SourceRecord) -> Option<source_record::Model> {
        (record.stamp > self.row.stamp).then(|| source_record::Model {
            stamp: record.stamp,
            modified_at: Ord::max(record.modified_at, self.row.modified_at),
            ..self.row.clone()
        })
    }

    pub(super) fn facts(&self) -> SourceFacts<'_> {
        SourceFacts { key: &self.key, states: &self.states, is_live: self.is_live() }
    }
}

/// The stored records of the same identity as these, by identity.
pub(super) async fn known(
    db: &impl ConnectionTrait,
    records: &[SourceRecord],
) -> Result<HashMap<SourceKey, Fact>> {
    let keys: Vec<&SourceKey> = records.iter().map(|it| &it.key).collect();
    let facts = by_keys(db, &keys).await?;
    Ok(facts.into_iter().map(|it| ((*it.key).clone(), it)).collect())
}

/// Stored records by id.
pub(super) async fn by_ids(db: &impl ConnectionTrait, ids: &[SourceRecordId]) -> Result<Vec<Fact>> {
    let mut facts = Vec::with_capacity(ids.len());
    for list in lists(db, ids) {
        facts.extend(read(db, stored().filter(list.holds(source_record::Column::Id))).await?);
    }
    Ok(facts)
}

/// The rows of the members of golden records, not yet understood.
pub(super) async fn rows_of(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
) -> Result<Vec<(GoldenId, source_record::Model)>> {
    let golden_of: HashMap<SourceRecordId, GoldenId> =
        members(db, goldens).await?.into_iter().map(|(golden, record)| (record, golden)).collect();
    let ids: Vec<SourceRecordId> = golden_of.keys().copied().collect();
    let mut rows = Vec::with_capacity(ids.len());
    for list in lists(db, &ids) {
        let query = source_record::Entity::find().filter(list.holds(source_record::Column::Id));
        rows.extend(query.all(db).await?.into_iter().map(|it| (golden_of[&it.id], it)));
    }
    Ok(rows)
}

/// The stored records of these identities.
pub(super) async fn by_keys(db: &impl ConnectionTrait, keys: &[&SourceKey]) -> Result<Vec<Fact>> {
    let mut facts = Vec::with_capacity(keys.len());
    for group in keys.chunk_by(|a, b| (&a.system, &a.object) == (&b.system, &b.object)) {
        let ids: Vec<&str> = group.iter().map(|it| it.external_id.as_str()).collect();
        for list in lists(db, &ids) {
            let some = stored()
                .filter(source_record::Column::System.eq(group[0].system.clone()))
                .filter(source_record::Column::Object.eq(group[0].object.as_str()))
                .filter(list.holds(source_record::Column::ExternalId));
            facts.extend(read(db, some).await?);
        }
    }
    Ok(facts)
}

/// The stored record of that identity.
pub(super) async fn by_key(db: &impl ConnectionTrait, key: &SourceKey) -> Result<Option<Fact>> {
    Ok(by_keys(db, &[key]).await?.pop())
}

/// Stored records, each with the golden record it belongs to.
pub(super) fn stored() -> Select<source_record::Entity> {
    let in_force = |link| Expr::col((link, record_link::Column::EndedAt)).is_null().into_condition();
    let links = source_record::Entity::belongs_to(record_link::Entity)
        .from(source_record::Column::Id)
        .to(record_link::Column::SourceRecordId)
        .on_condition(move |_, link| in_force(link));
    source_record::Entity::find()
        .column_as(record_link::Column::GoldenId, GOLDEN)
        .join(JoinType::LeftJoin, links.into())
}

/// What some of the [`stored`] records say.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    some: Select<source_record::Entity>,
) -> Result<Vec<Fact>> {
    let rows = some.into_model::<Linked>().all(db).await?;
    let read = |it: Linked| Fact::read(it.row, it.golden);
    tokio::task::block_in_place(|| rows.into_par_iter().map(read).collect())
}

/// What the golden record of a stored record is called in an answer.
const GOLDEN: &str = "golden_id";

/// A row of [`stored`].
struct Linked {
    row: source_record::Model,
    golden: Option<GoldenId>,
}

impl FromQueryResult for Linked {
    fn from_query_result(answer: &QueryResult, prefix: &str) -> std::result::Result<Self, DbErr> {
        let row = source_record::Model::from_query_result(answer, prefix)?;
        Ok(Self { row, golden: answer.try_get(prefix, GOLDEN)? })
    }
}

/// Takes numbers for observations, one order over all of them. The row stays locked until the transaction ends, so
/// the order of the numbers is the order of the commits.
pub(super) async fn take_sequence(db: &impl ConnectionTrait, count: usize) -> Result<i64> {
    let count = i64::try_from(count).map_err(Error::internal)?;
    let row = counter::Model { name: "observations".to_owned(), value: count };
    let add = OnConflict::column(counter::Column::Name)
        .value(counter::Column::Value, Expr::col((counter::Entity, counter::Column::Value)).add(count))
        .to_owned();
    let counter =
        counter::Entity::insert(row.into_active_model()).on_conflict(add).exec_with_returning(db).await?;
    Ok(counter.value - count + 1)
}

/// What a record brings beyond what is known of it; `None` when it says the same as before, or is older.
pub(super) fn news(
    clock: &Clock,
    record: &SourceRecord,
    known: Option<&Fact>,
    (sequence, now): (i64, DateTime<Utc>),
) -> Option<News> {
    let previous = known.map(|it| &*it.states);
    let sighting = Sighting { modified_at: record.modified_at, observed_at: now, sequence };
    let values = match known.is_some_and(Fact::is_erased) {
        true => Cow::Owned(impersonal(&record.values)),
        false => Cow::Borrowed(&record.values),
    };
    let seen = observe(previous, &values, sighting);
    let state = if record.is_deleted { LinkState::Deleted } else { LinkState::Live };
    let stands = known.is_some_and(|it| it.row.state == state && it.row.merged_into == record.merged_into);
    if seen.is_unchanged() && stands {
        return None;
    }
    let row = source_record::Model {
        id: known.map_or_else(|| clock.new_id(), |it| it.row.id),
        system: record.key.system.clone(),
        object: record.key.object.clone(),
        external_id: record.key.external_id.clone(),
        kind: record.kind,
        stamp: record.stamp,
        modified_at: record.modified_at,
        created_at: record.created_at,
        observed_at: now,
        sequence,
        content_hash: content_hash(record),
        state,
        merged_into: record.merged_into.clone(),
        facts: seen.states.to_json(),
        erased_at: known.and_then(|it| it.row.erased_at),
    };
    let flags = [(seen.clock_skew, CLOCK_SKEW), (record.is_deleted, DELETED)];
    let observation = observation::Model {
        sequence,
        source_record_id: row.id,
        observed_at: now,
        modified_at: record.modified_at,
        flags: flags
            .iter()
            .filter(|(is_set, _)| *is_set)
            .map(|(_, flag)| *flag)
            .collect::<Vec<_>>()
            .join(","),
        changed: seen.noted().to_json().to_string(),
        supplied_by: None,
    };
    let golden = known.and_then(|it| it.golden);
    let fact = Fact { row, key: Arc::new(record.key.clone()), states: Arc::new(seen.states), golden };
    Some(News { fact, is_first: known.is_none(), observation })
}

/// A record of ours that says again what it said up to an earlier observation, since when it says so as well.
pub(super) fn taken_back(
    known: &Fact,
    then: Replay,
    last: Sighting,
    (sequence, now): (i64, DateTime<Utc>),
) -> News {
    let row = source_record::Model {
        modified_at: last.modified_at,
        observed_at: now,
        sequence,
        // Whatever it is told next is compared field by field.
        content_hash: String::new(),
        facts: then.states().to_json(),
        ..known.row.clone()
    };
    let observation = observation::Model {
        sequence,
        source_record_id: row.id,
        observed_at: now,
        modified_at: last.modified_at,
        flags: format!("{BACK_TO}{}", last.sequence),
        changed: "{}".to_owned(),
        supplied_by: None,
    };
    let fact = Fact { row, states: Arc::new(then.states().clone()), ..known.clone() };
    News { fact, is_first: false, observation }
}

/// The observation up to which this one takes everything back, by its flags.
pub(super) fn back_to(flags: &str) -> Option<i64> {
    flags.split(',').find_map(|it| it.strip_prefix(BACK_TO)?.parse().ok())
}

/// Whether reading the record could bring anything: not when it is older than what we have, or the same. What we say
/// ourselves is never old: it is said in the order of our transactions, whatever the clocks of replicas show.
pub(super) fn may_be_news(record: &SourceRecord, known: Option<&Fact>) -> bool {
    let is_own = record.key.system == SourceSystem::own();
    known.is_none_or(|it| {
        (is_own || record.stamp >= it.row.stamp) && content_hash(record) != it.row.content_hash
    })
}

/// Writes down what is new.
pub(super) async fn store(db: &impl ConnectionTrait, news: &[News]) -> Result<()> {
    use source_record::Column;
    let replaced = Column::iter().filter(|it| !matches!(it, Column::Id));
    let replace = OnConflict::column(Column::Id).update_columns(replaced).to_owned();
    let records = news.iter().map(|it| it.fact.row.clone().into_active_model()).collect();
    let observations = news.iter().map(|it| it.observation.clone().into_active_model()).collect();
    tokio::try_join!(
        insert_rows::<source_record::Entity, _>(db, records, Some(replace)),
        insert_rows::<observation::Entity, _>(db, observations, None),
    )?;
    Ok(())
}

/// Remembers the versions of records that say what they said. Whoever writes to one of them has to name its version.
pub(super) async fn touch(db: &impl ConnectionTrait, rows: Vec<source_record::Model>) -> Result<()> {
    use source_record::Column;
    let versions =
        OnConflict::column(Column::Id).update_columns([Column::Stamp, Column::ModifiedAt]).to_owned();
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
    Ok(insert_rows::<source_record::Entity, _>(db, rows, Some(versions)).await?)
}

/// The members of golden records of a kind, by golden record.
pub(super) async fn members(
    db: &impl ConnectionTrait,
    goldens: &[GoldenId],
) -> Result<Vec<(GoldenId, SourceRecordId)>> {
    let mut members = Vec::new();
    for list in lists(db, goldens) {
        let of_goldens = list.holds(record_link::Column::GoldenId);
        members.extend(links(of_goldens).all(db).await?.into_iter().map(|(record, golden)| (golden, record)));
    }
    Ok(members)
}

/// The links in force, without their evidence, which is most of a row.
fn links(condition: Expr) -> Selector<SelectGetableTuple<(SourceRecordId, GoldenId)>> {
    record_link::Entity::find()
        .select_only()
        .columns([record_link::Column::SourceRecordId, record_link::Column::GoldenId])
        .filter(record_link::Column::EndedAt.is_null())
        .filter(condition)
        .into_tuple()
}

/// The kinds whose records may be duplicates of each other.
pub(super) fn is_matched(kind: RecordKind) -> bool {
    kind != RecordKind::Opportunity
}

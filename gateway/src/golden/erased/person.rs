//! The person behind a golden record: the source records that tell of them, and where those ever belonged.

use std::collections::BTreeSet;

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::review::MatchAnswer;
use domain::sources::{SourceKey, SourceSystem, Values};
use entity::golden::{observation, record_link};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Map, Value};

use super::words::Words;
use crate::error::{Error, NotFound, Result};
use crate::golden::facts::{self, Fact};
use crate::golden::loader::RecordRef;
use crate::golden::{decisions, pins, redirects, served, stays};
use crate::platform::database::lists;

/// A person, by all that is known of them.
#[derive(Debug)]
pub struct Person {
    /// The golden record that stands for the person now.
    pub record: RecordRef,
    /// It, those that lost a merge to it, and those that the person's records have come to.
    pub goldens: Vec<GoldenId>,
    /// Every value that was ever said of the person.
    pub words: Words,
    /// Golden records that somebody else stands behind now, and that records of the person once belonged to.
    pub(in crate::golden) former: Vec<GoldenId>,
    /// The source records that ever belonged to it.
    pub(in crate::golden) records: Vec<Fact>,
    /// Source records that once belonged to it, until somebody declared them another person's.
    apart: Vec<Fact>,
}

impl Person {
    /// The source records.
    pub fn ids(&self) -> Vec<SourceRecordId> {
        self.records.iter().map(|it| it.row.id).collect()
    }

    /// What their sources call them.
    pub fn keys(&self) -> impl Iterator<Item = &SourceKey> {
        self.records.iter().map(|it| &*it.key)
    }

    /// Records of other systems that have not been deleted there: the person still stands in them.
    pub fn elsewhere(&self) -> Vec<SourceKey> {
        let own = SourceSystem::own();
        let elsewhere = self.records.iter().filter(|it| it.is_live() && it.row.system != own);
        sorted(elsewhere)
    }

    /// Source records that once belonged to it and that somebody declared another person's: they are left alone.
    pub fn others(&self) -> Vec<SourceKey> {
        sorted(self.apart.iter().filter(|it| !it.is_note()))
    }

    /// Whether something is known of the person that was not erased.
    pub fn is_known(&self) -> bool {
        self.records.iter().any(|it| !it.is_erased())
    }

    /// Whether a source record is the person's.
    pub(in crate::golden) fn has(&self, key: &SourceKey) -> bool {
        self.keys().any(|it| it == key)
    }

    /// Every golden record that the person's records ever belonged to.
    pub(in crate::golden) fn ever_in(&self) -> Vec<GoldenId> {
        self.goldens.iter().chain(&self.former).copied().collect()
    }
}

fn sorted<'a>(facts: impl Iterator<Item = &'a Fact>) -> Vec<SourceKey> {
    let mut keys: Vec<SourceKey> = facts.map(|it| (*it.key).clone()).collect();
    keys.sort_unstable();
    keys
}

/// Whether the person of a golden record was erased.
pub(in crate::golden) async fn is_erased(db: &impl ConnectionTrait, golden: GoldenId) -> Result<bool> {
    let members: Vec<_> = facts::members(db, &[golden]).await?.into_iter().map(|it| it.1).collect();
    Ok(facts::by_ids(db, &members).await?.iter().any(Fact::is_erased))
}

/// The person behind a golden record, or behind the one that it lost a merge to. Whoever decides by it has waited for their
/// turn.
pub async fn find_person(db: &impl ConnectionTrait, kind: RecordKind, golden: GoldenId) -> Result<Person> {
    let id = served::current_kind(db, kind, golden).await?.ok_or(NotFound("record"))?;
    let mut goldens: BTreeSet<GoldenId> = redirects::losers_of(db, id).await?.into_iter().collect();
    goldens.insert(id);
    let ever = ever_members(db, &goldens).await?;
    let parted = parted_from(db, id, &ever).await?;
    let facts = facts::by_ids(db, &ever.into_iter().collect::<Vec<_>>()).await?;
    let (apart, records): (Vec<Fact>, Vec<Fact>) =
        facts.into_iter().partition(|it| it.golden.is_some_and(|it| parted.contains(&it)));
    goldens.extend(records.iter().filter_map(|it| it.golden));
    let ids: Vec<SourceRecordId> = records.iter().map(|it| it.row.id).collect();
    let stays = stays::of(db, &ids).await?;
    let former: BTreeSet<GoldenId> = stays.values().flatten().map(|it| it.0).collect();
    let former = former.difference(&goldens).copied().collect();
    let goldens: Vec<GoldenId> = goldens.into_iter().collect();
    let mut values = said_of_persons(db, kind, &records).await?;
    values.extend(pins::personal_values(db, &goldens).await?);
    let record = RecordRef { kind, id };
    Ok(Person { record, goldens, words: Words::of(values), former, records, apart })
}

/// The source records that ever belonged to one of these golden records.
async fn ever_members(
    db: &impl ConnectionTrait,
    goldens: &BTreeSet<GoldenId>,
) -> Result<BTreeSet<SourceRecordId>> {
    let goldens: Vec<GoldenId> = goldens.iter().copied().collect();
    let mut records = BTreeSet::new();
    for list in lists(db, &goldens) {
        let links = record_link::Entity::find()
            .select_only()
            .column(record_link::Column::SourceRecordId)
            .filter(list.holds(record_link::Column::GoldenId));
        records.extend(links.into_tuple::<SourceRecordId>().all(db).await?);
    }
    Ok(records)
}

/// The golden records of those that were taken out because somebody declared them different from a member. That is another
/// person, whose data nobody asked to erase.
async fn parted_from(
    db: &impl ConnectionTrait,
    golden: GoldenId,
    ever: &BTreeSet<SourceRecordId>,
) -> Result<BTreeSet<GoldenId>> {
    let members: BTreeSet<SourceRecordId> =
        facts::members(db, &[golden]).await?.into_iter().map(|it| it.1).collect();
    let outside: Vec<SourceRecordId> = ever.difference(&members).copied().collect();
    let said = decisions::of_records(db, &outside).await?;
    let across = said.iter().filter(|it| it.answer == MatchAnswer::Different).filter_map(|it| {
        let (left, right) = (it.left_record_id, it.right_record_id);
        match (members.contains(&left), members.contains(&right)) {
            (true, false) => Some(right),
            (false, true) => Some(left),
            _ => None,
        }
    });
    let different: Vec<SourceRecordId> = across.collect();
    let facts = facts::by_ids(db, &different).await?;
    Ok(facts.iter().filter_map(|it| it.golden).filter(|it| *it != golden).collect())
}

/// Every value of a person that these records say, or ever said.
async fn said_of_persons(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    records: &[Fact],
) -> Result<Vec<String>> {
    let now = records.iter().flat_map(|it| personal(&it.states.values()));
    let mut values: Vec<String> = now.collect();
    let ids: Vec<SourceRecordId> = records.iter().map(|it| it.row.id).collect();
    for list in lists(db, &ids) {
        let told =
            observation::Entity::find().filter(list.holds(observation::Column::SourceRecordId)).all(db);
        for row in told.await? {
            let changed: Map<String, Value> = serde_json::from_str(&row.changed).map_err(Error::internal)?;
            values.extend(personal(&Values::from_json(kind, &changed).map_err(Error::internal)?));
        }
    }
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

fn personal(values: &Values) -> Vec<String> {
    let personal = values.iter().filter(|(field, _)| field.is_personal());
    personal.filter_map(|(_, value)| value.map(str::to_owned)).collect()
}

//! The index by which records find each other: who is under which blocking key, and which keys are closed because
//! they gather too many.
//!
//! What a key is good for depends on everybody under it. So when a key is closed or opened, all records under it are
//! looked at again: that way the pairs that are found are the same in whatever order the records came.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::fields::RecordKind;
use domain::ids::SourceRecordId;
use entity::golden::{closed_key, match_key};
use mastering::matching::blocking::{self, Block, BlockUse, BlockingKey};
use mastering::matching::features::Features;
use mastering::matching::hubs::Hubs;
use mastering::policy::MatchingPolicy;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::matching::{Pair, pair};
use crate::error::Result;
use crate::platform::database::{insert_rows, lists};

/// A record under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: BlockingKey,
    record: SourceRecordId,
    name: i64,
}

/// The keys of one record, as they are from now on; none when it takes no part.
#[derive(Debug, Clone)]
pub(super) struct Keyed {
    pub(super) record: SourceRecordId,
    /// Whether the index may know it already.
    pub(super) is_known: bool,
    pub(super) keys: Vec<BlockingKey>,
    pub(super) name: i64,
}

/// The index of one kind of record, around the records of one transaction.
pub(super) struct Index<'a, C> {
    pub(super) db: &'a C,
    pub(super) policy: &'a MatchingPolicy,
    pub(super) kind: RecordKind,
}

/// What renewing the keys of some records brought.
#[derive(Debug, Default)]
pub(super) struct Renewal {
    /// Records whose pairs may be others than before: the renewed ones, and all under a key that was closed or opened.
    pub(super) records: BTreeSet<SourceRecordId>,
    /// Pairs of such a record and another that share an open key, by ids in order.
    pub(super) pairs: BTreeSet<Pair>,
    /// The keys of the renewed records, then and now, without those that were closed and stay so.
    pub(super) keys: BTreeSet<BlockingKey>,
}

impl Keyed {
    pub(super) fn of(record: SourceRecordId, is_known: bool, features: Option<&Features>) -> Self {
        let keys = features.map(blocking::keys).unwrap_or_default();
        Self { record, is_known, keys, name: features.map_or(0, blocking::name_key) }
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.keys.iter().map(|&key| Entry { key, record: self.record, name: self.name })
    }
}

impl<C: ConnectionTrait> Index<'_, C> {
    /// Puts records under their keys of now, and finds who has to be compared again.
    pub(super) async fn renew(&self, keyed: &[Keyed]) -> Result<Renewal> {
        let known: Vec<_> = keyed.iter().filter(|it| it.is_known).map(|it| it.record).collect();
        let old: BTreeSet<Entry> = self.entries_of(&known).await?.into_iter().collect();
        let new: BTreeSet<Entry> = keyed.iter().flat_map(Keyed::entries).collect();
        let gone: Vec<Entry> = old.difference(&new).copied().collect();
        let come: Vec<Entry> = new.difference(&old).copied().collect();
        let keys: BTreeSet<BlockingKey> = old.union(&new).map(|it| it.key).collect();
        let closed = self.closed_among(keys.iter().copied()).await?;
        let open = keys.difference(&closed).copied().collect();
        let mut blocks = self.blocks(open).await?;
        for entry in &gone {
            blocks.entry(entry.key).or_default().remove(entry);
        }
        for entry in &come {
            if !closed.contains(&entry.key) {
                blocks.entry(entry.key).or_default().insert(*entry);
            }
        }
        self.write(&gone, &come).await?;
        let mut shaken = self.close(&mut blocks).await?;
        let (opened, under_opened) = self.open_again(&gone, &closed, &mut blocks).await?;
        shaken.extend(under_opened);
        let renewed: BTreeSet<SourceRecordId> = keyed.iter().map(|it| it.record).collect();
        shaken.retain(|it| !renewed.contains(it));
        let around = self.blocks_around(&shaken, &blocks).await?;
        blocks.extend(around);
        let records: BTreeSet<SourceRecordId> = renewed.union(&shaken).copied().collect();
        let keys = keys.into_iter().filter(|it| !closed.contains(it) || opened.contains(it)).collect();
        Ok(Renewal { pairs: pairs(&blocks, &records), records, keys })
    }

    /// The personal values of these records that belong to nobody.
    pub(super) async fn hubs<'f>(&self, features: impl Iterator<Item = &'f Features>) -> Result<Hubs> {
        let keys = features.flat_map(blocking::keys).filter(|it| it.is_personal());
        Ok(self.closed_among(keys).await?.into_iter().collect())
    }

    /// The open blocks of these keys; closed are those that are stored so, unless others are given.
    pub(super) async fn open_blocks(
        &self,
        keys: impl IntoIterator<Item = BlockingKey>,
        closed: Option<&BTreeSet<BlockingKey>>,
    ) -> Result<HashMap<BlockingKey, Vec<SourceRecordId>>> {
        let keys: BTreeSet<BlockingKey> = keys.into_iter().collect();
        let closed = match closed {
            Some(closed) => keys.intersection(closed).copied().collect(),
            None => self.closed_among(keys.iter().copied()).await?,
        };
        let blocks = self.blocks(keys.difference(&closed).copied().collect()).await?;
        let records = |block: Members| block.into_iter().map(|it| it.record).collect();
        Ok(blocks.into_iter().map(|(key, block)| (key, records(block))).collect())
    }

    /// Closes the keys that gather too many by these rules, and opens all others.
    pub(super) async fn close_all(&self) -> Result<()> {
        let crowded = self.crowded().await?;
        closed_key::Entity::delete_many()
            .filter(closed_key::Column::Kind.eq(self.kind))
            .exec(self.db)
            .await?;
        self.write_closed(&crowded).await
    }

    /// The keys that gather too many by these rules.
    pub(super) async fn crowded(&self) -> Result<BTreeSet<BlockingKey>> {
        self.crowded_among(Condition::all()).await
    }

    /// Those of some keys that gather too many by these rules. They are counted where they are: a crowd is never read.
    async fn crowded_among(&self, some: Condition) -> Result<BTreeSet<BlockingKey>> {
        let nameless = Expr::case(Expr::col(match_key::Column::NameKey).eq(0), 1).finally(0);
        let records = || Expr::col(match_key::Column::SourceRecordId).count();
        let least = i64::try_from(self.policy.largest_block.min(self.policy.hub_names)).unwrap_or(i64::MAX);
        let crowded = match_key::Entity::find()
            .select_only()
            .column(match_key::Column::Key)
            .expr_as(records(), "records")
            .expr_as(Func::count_distinct(Expr::col(match_key::Column::NameKey)), "names")
            .expr_as(Func::max(nameless), "nameless")
            .filter(match_key::Column::Kind.eq(self.kind))
            .filter(some)
            .group_by(match_key::Column::Key)
            .having(records().gt(least))
            .into_tuple::<(i64, i64, i64, i32)>()
            .all(self.db)
            .await?;
        let is_over = |&(key, records, names, nameless): &(i64, i64, i64, i32)| {
            let count = |it: i64| usize::try_from(it).unwrap_or_default();
            let block = Block { records: count(records), names: count(names - i64::from(nameless)) };
            self.policy.use_of(BlockingKey(key), block) != BlockUse::Pairs
        };
        Ok(crowded.iter().filter(|it| is_over(it)).map(|it| BlockingKey(it.0)).collect())
    }

    async fn write_closed(&self, keys: &BTreeSet<BlockingKey>) -> Result<()> {
        let rows = keys.iter().map(|key| closed_key::Model { kind: self.kind, key: key.0 });
        let rows = rows.map(IntoActiveModel::into_active_model).collect();
        Ok(insert_rows::<closed_key::Entity, _>(self.db, rows, None).await?)
    }

    /// Closes the keys that gather too many now; gives everybody under them.
    async fn close(&self, blocks: &mut Blocks) -> Result<BTreeSet<SourceRecordId>> {
        let is_over = |(key, block): &(&BlockingKey, &Members)| {
            self.policy.use_of(**key, size(block)) != BlockUse::Pairs
        };
        let over: BTreeSet<BlockingKey> = blocks.iter().filter(is_over).map(|(key, _)| *key).collect();
        self.write_closed(&over).await?;
        let closed = over.iter().filter_map(|key| blocks.remove(key));
        Ok(closed.flatten().map(|it| it.record).collect())
    }

    /// Opens closed keys that records have left, if few enough remain; gives them, and everybody under them.
    async fn open_again(
        &self,
        gone: &[Entry],
        closed: &BTreeSet<BlockingKey>,
        blocks: &mut Blocks,
    ) -> Result<(BTreeSet<BlockingKey>, BTreeSet<SourceRecordId>)> {
        let mut left: BTreeSet<BlockingKey> =
            gone.iter().map(|it| it.key).filter(|it| closed.contains(it)).collect();
        for list in lists(self.db, &left.clone().into_iter().map(|it| it.0).collect::<Vec<_>>()) {
            let these = list.holds(match_key::Column::Key);
            let crowded = self.crowded_among(these.into()).await?;
            left.retain(|it| !crowded.contains(it));
        }
        for list in lists(self.db, &left.iter().map(|it| it.0).collect::<Vec<_>>()) {
            closed_key::Entity::delete_many()
                .filter(closed_key::Column::Kind.eq(self.kind))
                .filter(list.holds(closed_key::Column::Key))
                .exec(self.db)
                .await?;
        }
        let opened = self.blocks(left.clone()).await?;
        let records = opened.values().flatten().map(|it| it.record).collect();
        blocks.extend(opened);
        Ok((left, records))
    }

    /// The open blocks that these records are in, but for those at hand.
    async fn blocks_around(&self, records: &BTreeSet<SourceRecordId>, at_hand: &Blocks) -> Result<Blocks> {
        let records: Vec<_> = records.iter().copied().collect();
        let keys: BTreeSet<BlockingKey> = self.entries_of(&records).await?.iter().map(|it| it.key).collect();
        let closed = self.closed_among(keys.iter().copied()).await?;
        let missing = keys.into_iter().filter(|it| !closed.contains(it) && !at_hand.contains_key(it));
        self.blocks(missing.collect()).await
    }

    async fn entries_of(&self, records: &[SourceRecordId]) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for list in lists(self.db, records) {
            let of_records = list.holds(match_key::Column::SourceRecordId);
            let rows = match_key::Entity::find().filter(of_records).all(self.db).await?;
            entries.extend(rows.into_iter().map(Entry::from));
        }
        Ok(entries)
    }

    async fn closed_among(&self, keys: impl Iterator<Item = BlockingKey>) -> Result<BTreeSet<BlockingKey>> {
        let keys: BTreeSet<i64> = keys.map(|it| it.0).collect();
        let keys: Vec<i64> = keys.into_iter().collect();
        let mut closed = BTreeSet::new();
        for list in lists(self.db, &keys) {
            let rows = closed_key::Entity::find()
                .filter(closed_key::Column::Kind.eq(self.kind))
                .filter(list.holds(closed_key::Column::Key));
            closed.extend(rows.all(self.db).await?.into_iter().map(|it| BlockingKey(it.key)));
        }
        Ok(closed)
    }

    async fn blocks(&self, keys: BTreeSet<BlockingKey>) -> Result<Blocks> {
        let keys: Vec<i64> = keys.into_iter().map(|it| it.0).collect();
        let mut blocks = Blocks::new();
        for list in lists(self.db, &keys) {
            let rows = match_key::Entity::find()
                .filter(list.holds(match_key::Column::Key))
                .filter(match_key::Column::Kind.eq(self.kind));
            for entry in rows.all(self.db).await?.into_iter().map(Entry::from) {
                blocks.entry(entry.key).or_default().insert(entry);
            }
        }
        Ok(blocks)
    }

    async fn write(&self, gone: &[Entry], come: &[Entry]) -> Result<()> {
        // SQLite walks down one level per alternative, and allows a thousand.
        for chunk in gone.chunks(300) {
            let each = chunk.iter().map(|it| {
                Condition::all()
                    .add(match_key::Column::Key.eq(it.key.0))
                    .add(match_key::Column::SourceRecordId.eq(it.record))
            });
            let any = each.fold(Condition::any(), Condition::add);
            match_key::Entity::delete_many().filter(any).exec(self.db).await?;
        }
        // In the order of the index: neighbours are written together.
        let row = |it: &Entry| match_key::Model {
            key: it.key.0,
            source_record_id: it.record,
            kind: self.kind,
            name_key: it.name,
        };
        let rows = come.iter().map(row).map(IntoActiveModel::into_active_model).collect();
        Ok(insert_rows::<match_key::Entity, _>(self.db, rows, None).await?)
    }
}

type Members = BTreeSet<Entry>;
type Blocks = BTreeMap<BlockingKey, Members>;

impl From<match_key::Model> for Entry {
    fn from(row: match_key::Model) -> Self {
        Self { key: BlockingKey(row.key), record: row.source_record_id, name: row.name_key }
    }
}

fn size(block: &Members) -> Block {
    let names: BTreeSet<i64> = block.iter().map(|it| it.name).filter(|it| *it != 0).collect();
    Block { records: block.len(), names: names.len() }
}

fn pairs(blocks: &Blocks, records: &BTreeSet<SourceRecordId>) -> BTreeSet<(SourceRecordId, SourceRecordId)> {
    let mut pairs = BTreeSet::new();
    for block in blocks.values().filter(|it| it.len() > 1) {
        for one in block.iter().map(|it| it.record).filter(|it| records.contains(it)) {
            let others = block.iter().map(|it| it.record).filter(|it| *it != one);
            pairs.extend(others.map(|other| pair(one, other)));
        }
    }
    pairs
}

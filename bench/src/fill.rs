//! Filling a PostgreSQL store in bulk: rows as the product would have written them, copied table by table.
//!
//! Not here: observations and reasons of links, which nothing reads when a record is compared with those that are stored.

use std::fmt::Write as _;

use anyhow::Result;
use chrono::{DateTime, Utc};
use domain::fields::{Field, RecordKind};
use domain::sources::Values;
use gateway::golden::service::Engine;
use mastering::matching::blocking::{self, Block, BlockUse, BlockingKey};
use mastering::matching::features::Features;
use mastering::policy::MatchingPolicy;
use mastering::survivorship::{Sighting, observe};
use rayon::prelude::*;
use sea_orm::sqlx::{self, Connection as _, PgConnection};
use uuid::Uuid;

/// Rows that are copied at once.
const LOT: usize = 20_000;

/// Records that a store is to hold, each a golden record of its own.
pub struct Masters<'a> {
    /// What they describe.
    pub kind: RecordKind,
    /// What the CRM calls them.
    pub object: &'static str,
    /// The table of the golden records.
    pub table: &'static str,
    /// Which values are served.
    pub fields: &'a [Field],
    /// What is said of each.
    pub values: &'a [Values],
}

/// Fills an empty store.
pub async fn fill(url: &str, engine: &Engine, masters: &Masters<'_>) -> Result<()> {
    let (now, kind, values) = (engine.clock.now(), masters.kind.code(), masters.values);
    let mut store = PgConnection::connect(url).await?;
    copy(&mut store, "source_records", values.len(), |place| source_row(masters, place, now)).await?;
    copy(&mut store, "record_links", values.len(), |place| link_row(kind, place, now)).await?;
    let served = masters.fields.iter().map(|it| it.name()).collect::<Vec<_>>().join(", ");
    let golden = format!("{} (id, version, created_at, updated_at, {served})", masters.table);
    copy(&mut store, &golden, values.len(), |place| golden_row(masters, place, now)).await?;
    let keys = keys(masters.kind, values);
    let key = |place: usize| {
        let (key, master, name) = keys[place];
        format!("{}\t{}\t{kind}\t{name}\n", key.0, source_id(master))
    };
    copy(&mut store, "match_keys", keys.len(), key).await?;
    let closed = closed(&engine.policies.matching, &keys);
    copy(&mut store, "closed_keys", closed.len(), |place| format!("{kind}\t{}\n", closed[place].0)).await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut store).await?;
    Ok(store.close().await?)
}

/// Copies rows, each as `COPY` reads it, into a table.
pub async fn copy(
    store: &mut PgConnection,
    table: &str,
    rows: usize,
    row: impl Fn(usize) -> String + Sync,
) -> Result<()> {
    let mut input = store.copy_in_raw(&format!("COPY {table} FROM STDIN")).await?;
    for start in (0..rows).step_by(LOT) {
        let lot: Vec<String> = (start..rows.min(start + LOT)).into_par_iter().map(&row).collect();
        input.send(lot.concat().into_bytes()).await?;
    }
    input.finish().await?;
    Ok(())
}

fn source_row(masters: &Masters<'_>, place: usize, now: DateTime<Utc>) -> String {
    let sequence = i64::try_from(place).unwrap_or(i64::MAX);
    let sighting = Sighting { modified_at: now, observed_at: now, sequence };
    let facts = escaped(&observe(None, &masters.values[place], sighting).states.to_json());
    let id = source_id(place);
    let (kind, object) = (masters.kind.code(), masters.object);
    format!(
        "{id}\tCRM\t{object}\tstored {place}\t{kind}\t{now}\t{now}\t{now}\t{now}\t{sequence}\t\tLIVE\t\\N\t{facts}\t\\N\n"
    )
}

fn link_row(kind: &str, place: usize, now: DateTime<Utc>) -> String {
    let (link, source, golden) = (id(3, place), source_id(place), golden_id(place));
    format!("{link}\t{source}\t{golden}\t{kind}\tLIVE\t{now}\t\\N\t{{}}\n")
}

fn golden_row(masters: &Masters<'_>, place: usize, now: DateTime<Utc>) -> String {
    let mut row = format!("{}\t1\t{now}\t{now}", golden_id(place));
    for field in masters.fields {
        let value = masters.values[place].text(*field).map_or_else(|| "\\N".to_owned(), escaped);
        write!(row, "\t{value}").expect("writing into memory does not fail");
    }
    row + "\n"
}

/// Every key with the place of its record and the name it bears, in the order of the index.
fn keys(kind: RecordKind, masters: &[Values]) -> Vec<(BlockingKey, usize, i64)> {
    let of_one = |(place, values): (usize, &Values)| {
        let features = Features::of(kind, values, None);
        let name = blocking::name_key(&features);
        blocking::keys(&features).into_iter().map(move |key| (key, place, name))
    };
    let mut keys: Vec<_> = masters.par_iter().enumerate().flat_map_iter(of_one).collect();
    keys.par_sort_unstable();
    keys
}

/// The keys that gather too many.
fn closed(policy: &MatchingPolicy, keys: &[(BlockingKey, usize, i64)]) -> Vec<BlockingKey> {
    let is_closed = |block: &&[(BlockingKey, usize, i64)]| {
        let mut names: Vec<i64> = block.iter().map(|it| it.2).filter(|it| *it != 0).collect();
        names.sort_unstable();
        names.dedup();
        let size = Block { records: block.len(), names: names.len() };
        policy.use_of(block[0].0, size) != BlockUse::Pairs
    };
    keys.chunk_by(|a, b| a.0 == b.0).filter(is_closed).map(|it| it[0].0).collect()
}

fn source_id(place: usize) -> Uuid {
    id(1, place)
}

/// The golden record of the master at a place.
pub fn golden_id(place: usize) -> Uuid {
    id(2, place)
}

/// Ids in the order of the places, as the clock would have made them (UUID version 7, at the beginning of its time).
pub fn id(kind: u128, place: usize) -> Uuid {
    Uuid::from_u128((place as u128) << 80 | 7 << 76 | 2 << 62 | kind)
}

/// Text as `COPY` reads it.
pub fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

//! Filling a PostgreSQL store in bulk: rows as the product would have written them, copied table by table.
//!
//! Not here: observations and reasons of links, which nothing reads when a lead comes in.

use std::fmt::Write as _;

use anyhow::Result;
use chrono::{DateTime, Utc};
use domain::fields::{RecordKind, lead};
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

/// Fills an empty store with these leads, each a golden record of its own.
pub async fn fill(url: &str, engine: &Engine, leads: &[Values]) -> Result<()> {
    let now = engine.clock.now();
    let mut store = PgConnection::connect(url).await?;
    let source = |place: usize| source_row(place, &leads[place], now);
    copy(&mut store, "source_records", leads.len(), source).await?;
    copy(&mut store, "record_links", leads.len(), |place| link_row(place, now)).await?;
    copy(&mut store, GOLDEN, leads.len(), |place| golden_row(place, &leads[place], now)).await?;
    let keys = keys(leads);
    let key = |place: usize| {
        let (key, lead, name) = keys[place];
        format!("{}\t{}\tLEAD\t{name}\n", key.0, source_id(lead))
    };
    copy(&mut store, "match_keys", keys.len(), key).await?;
    let closed = closed(&engine.policies.matching, &keys);
    copy(&mut store, "closed_keys", closed.len(), |place| format!("LEAD\t{}\n", closed[place].0)).await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(&mut store).await?;
    Ok(store.close().await?)
}

const GOLDEN: &str =
    "golden_leads (id, version, created_at, updated_at, last_name, first_name, company, email, phone)";

async fn copy(
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

fn source_row(place: usize, values: &Values, now: DateTime<Utc>) -> String {
    let sequence = i64::try_from(place).unwrap_or(i64::MAX);
    let sighting = Sighting { modified_at: now, observed_at: now, sequence };
    let facts = escaped(&observe(None, values, sighting).states.to_json());
    let id = source_id(place);
    format!(
        "{id}\tCRM\tLead\tstored {place}\tLEAD\t{now}\t{now}\t{now}\t{now}\t{sequence}\t\tLIVE\t\\N\t{facts}\n"
    )
}

fn link_row(place: usize, now: DateTime<Utc>) -> String {
    let (link, source, golden) = (id(3, place), source_id(place), golden_id(place));
    format!("{link}\t{source}\t{golden}\tLEAD\tLIVE\t{now}\t\\N\t{{}}\n")
}

fn golden_row(place: usize, values: &Values, now: DateTime<Utc>) -> String {
    let mut row = format!("{}\t1\t{now}\t{now}", golden_id(place));
    for field in [lead::last_name, lead::first_name, lead::company, lead::email, lead::phone] {
        let value = values.text(field).map_or_else(|| "\\N".to_owned(), escaped);
        write!(row, "\t{value}").expect("writing into memory does not fail");
    }
    row + "\n"
}

/// Every key with the place of its lead and the name it bears, in the order of the index.
fn keys(leads: &[Values]) -> Vec<(BlockingKey, usize, i64)> {
    let of_lead = |(place, values): (usize, &Values)| {
        let features = Features::of(RecordKind::Lead, values, None);
        let name = blocking::name_key(&features);
        blocking::keys(&features).into_iter().map(move |key| (key, place, name))
    };
    let mut keys: Vec<_> = leads.par_iter().enumerate().flat_map_iter(of_lead).collect();
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

fn golden_id(place: usize) -> Uuid {
    id(2, place)
}

/// Ids in the order of the places, as the clock would have made them (UUID version 7, at the beginning of its time).
fn id(kind: u128, place: usize) -> Uuid {
    Uuid::from_u128((place as u128) << 80 | 7 << 76 | 2 << 62 | kind)
}

/// Text as `COPY` reads it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

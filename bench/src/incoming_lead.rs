//! How long one incoming lead takes against a store of a million: found among the masters, grouped, settled, served and
//! committed by the same function that a sync uses for a page.
//!
//! The store is filled in bulk, because syncing a million leads would take longer than everything that is measured: one
//! source record and one golden record for each lead, under the keys that the product gives them. The last leads of the
//! file stay outside and come in one by one.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use bench::fill::{Masters, fill};
use bench::{say, say_spread, store};
use chrono::{DateTime, Utc};
use clap::Parser;
use domain::fields::{RecordKind, lead};
use domain::sources::{SourceKey, SourceRecord, Values};
use gateway::golden::service::{self, Mastering};
use gateway::platform::clock::Clock;
use gateway::platform::database::Database;
use gateway::policies::Policies;

/// The allocator that the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Arguments {
    /// Leads as `gateway match` reads them
    file: PathBuf,

    /// An empty PostgreSQL database
    #[arg(long)]
    database: String,

    /// Leads that come in one by one: the last ones of the file
    #[arg(long, default_value_t = 2_000)]
    incoming: usize,

    /// The store is filled already, by a run before this one
    #[arg(long)]
    is_filled: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    // As requests are: in a task of the runtime, not beside it, where each answer of the database would wake another thread.
    tokio::spawn(run()).await?
}

async fn run() -> Result<()> {
    let arguments = Arguments::parse();
    let mut masters = read(&arguments.file)?;
    ensure!(masters.len() > arguments.incoming, "the file has no leads left for the store");
    let incoming = masters.split_off(masters.len() - arguments.incoming);
    let database = store(&arguments.database).await?;
    let policies = Arc::new(Policies::default());
    let mastering = Mastering { policies, clock: Clock::default(), creations: Arc::default() };
    if !arguments.is_filled {
        let (started, count) = (Instant::now(), masters.len());
        let masters = Masters {
            kind: RecordKind::Lead,
            object: "Lead",
            table: "golden_leads",
            fields: &[lead::last_name, lead::first_name, lead::company, lead::email, lead::phone],
            values: &masters,
        };
        fill(&arguments.database, &mastering.engine(database.read()).await?, &masters).await?;
        say(&format!("{count} masters in {:.0} s", started.elapsed().as_secs_f64()));
    }
    measure(&database, &mastering, incoming).await
}

/// The leads of the file, in its order.
fn read(file: &PathBuf) -> Result<Vec<Values>> {
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("cannot read {}", file.display()))?;
    let columns: Vec<_> = reader.headers()?.iter().map(|it| RecordKind::Lead.field(it).ok()).collect();
    let lead = |row: csv::StringRecord| {
        let mut values = Values::new();
        for (field, text) in columns.iter().zip(&row).filter_map(|(field, text)| Some(((*field)?, text))) {
            values.set(field, text)?;
        }
        Ok(values)
    };
    reader.records().map(|it| lead(it?)).collect()
}

async fn measure(database: &Database, mastering: &Mastering, incoming: Vec<Values>) -> Result<()> {
    let (mut took, before) = (Vec::with_capacity(incoming.len()), database.statements());
    for (place, values) in incoming.into_iter().enumerate() {
        let record = record(place, values, mastering.clock.now())?;
        let started = Instant::now();
        take_in(database, mastering, record).await?;
        took.push(started.elapsed());
    }
    say_spread(took, database.statements() - before);
    Ok(())
}

fn record(place: usize, values: Values, now: DateTime<Utc>) -> Result<SourceRecord> {
    let key = SourceKey {
        system: "MA".parse()?,
        object: "Lead".to_owned(),
        external_id: format!("incoming {place}"),
    };
    Ok(SourceRecord {
        key,
        kind: RecordKind::Lead,
        stamp: now,
        modified_at: now,
        created_at: now,
        is_deleted: false,
        merged_into: None,
        our_key: None,
        values,
    })
}

/// As a sync takes in a page.
async fn take_in(database: &Database, mastering: &Mastering, record: SourceRecord) -> Result<()> {
    let txn = database.begin_write().await?;
    service::wait_for_turn(&txn).await?;
    let engine = mastering.engine(&txn).await?;
    service::absorb(&txn, &engine, RecordKind::Lead, vec![record], mastering.clock.now()).await?;
    Ok(txn.commit().await?)
}

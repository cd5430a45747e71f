//! How many records a second a sync takes in, how much memory it needs, and how fast `leads(first: 50)` answers then.
//!
//! What is timed is one whole run into an empty SQLite file: logging in, reading, matching, settling, writing. Memory is
//! the peak of the syncing process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::{Crm, Kinds, peak_memory, say, serve, store};
use clap::Parser;
use gateway::golden::service::Mastering;
use gateway::platform::auth::Caller;
use gateway::platform::cache::Cache;
use gateway::platform::clock::Clock;
use gateway::platform::context::{RequestContext, Shared};
use gateway::platform::database::Database;
use gateway::platform::jobs::Stop;
use gateway::policies::Policies;
use gateway::schema;
use gateway::sync::lease::Holder;
use gateway::sync::run::{self, Counts, ReadOptions, SyncJob, SyncScope};

/// The allocator that the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Fifty leads with their account, partner and provenance.
const QUERY: &str = "{ leads(first: 50) { nodes { id lastName company stage account { name } \
    assignedPartner { displayName } provenance { field value rule losers { value } } } } }";
/// How often the query is asked.
const QUERIES: usize = 200;

#[derive(Debug, Parser)]
struct Arguments {
    /// Leads in the CRM; their accounts, contacts and opportunities come on top
    #[arg(long, default_value_t = 100_000)]
    leads: usize,

    /// Where to sync to; a fresh SQLite file unless given
    #[arg(long)]
    database: Option<String>,

    /// Be the CRM instead of measuring
    #[arg(long, hide = true)]
    serve: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.serve { serve(arguments.leads).await } else { measure(&arguments).await }
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let crm = Crm::start(arguments.leads)?;
    let folder = tempfile::tempdir()?;
    let fresh = || format!("sqlite://{}", folder.path().join("gateway.db").display());
    let policies = Arc::new(Policies::default());
    let job = SyncJob {
        cache: Cache::in_process(),
        database: store(&arguments.database.clone().unwrap_or_else(fresh)).await?,
        mastering: Mastering {
            policies: Arc::clone(&policies),
            clock: Clock::default(),
            creations: Arc::default(),
        },
        connector: crm.connector()?,
        options: ReadOptions::default(),
        holder: Holder::default(),
        stop: Stop::default(),
    };
    read(&job, "first run").await?;
    say(&format!("peak memory {} MB, {} statements", peak_memory()?, job.database.statements()));
    let again = read(&job, "nothing new").await?;
    ensure!(again.changed == 0, "a second run changed {} records", again.changed);
    ask(&job.database, policies).await?;
    crm.stop()
}

async fn read(job: &SyncJob, what: &str) -> Result<Counts> {
    let started = Instant::now();
    let (_, counts) = run::run(job, &SyncScope::default(), &Kinds).await?;
    let seconds = started.elapsed().as_secs_f64();
    let rate = counts.read as f64 / seconds;
    say(&format!("{what}: {} records in {seconds:.1} s = {rate:.0} records/s", counts.read));
    Ok(counts)
}

async fn ask(database: &Database, policies: Arc<Policies>) -> Result<()> {
    let schema = schema::builder().finish();
    let mut took: Vec<Duration> = Vec::with_capacity(QUERIES);
    for place in 0..QUERIES {
        let shared = Shared::default().with(Arc::clone(&policies));
        let caller = Caller::operator();
        let context =
            RequestContext::new(database.clone(), Clock::default(), shared, caller, place.to_string());
        let started = Instant::now();
        let answer = schema.execute(async_graphql::Request::new(QUERY).data(context)).await;
        took.push(started.elapsed());
        ensure!(answer.errors.is_empty(), "{:?}", answer.errors);
    }
    took.sort_unstable();
    let (median, slow) = (took[QUERIES / 2], took[QUERIES * 99 / 100]);
    say(&format!("leads(first: 50): median {median:.1?}, 99th percentile {slow:.1?}, {QUERIES} times"));
    Ok(())
}

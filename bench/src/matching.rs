//! How long grouping a file's leads takes: what `gateway match` does between reading and writing.

use std::time::Instant;

use anyhow::Result;
use bench::{Crm, peak_memory, say, serve};
use clap::Parser;
use connectors::Position;
use domain::fields::RecordKind;
use domain::sources::Values;
use mastering::matching::batch::cluster_all;
use mastering::matching::clusters::BatchRecord;
use mastering::matching::features::Features;
use mastering::matching::verdict::Band;
use mastering::policy::MatchingPolicy;
use rayon::prelude::*;

/// The allocator that the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Arguments {
    /// Leads to group
    #[arg(long, default_value_t = 100_000)]
    leads: usize,

    /// Be the CRM instead of measuring
    #[arg(long, hide = true)]
    serve: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.serve {
        return serve(arguments.leads).await;
    }
    let crm = Crm::start(arguments.leads)?;
    let leads = read(&crm).await?;
    let started = Instant::now();
    let groups = tokio::task::block_in_place(|| group(&leads));
    let seconds = started.elapsed().as_secs_f64();
    let rate = leads.len() as f64 / seconds;
    say(&format!("{} leads into {groups} groups in {seconds:.1} s = {rate:.0} leads/s", leads.len()));
    say(&format!("peak memory {} MB", peak_memory()?));
    crm.stop()
}

/// All leads of the CRM.
async fn read(crm: &Crm) -> Result<Vec<Values>> {
    let connector = crm.connector()?;
    let mut leads = Vec::new();
    let mut next = Some(Position::Start);
    while let Some(position) = next {
        let page = connector.read_page(RecordKind::Lead, &position).await?;
        leads.extend(page.records.into_iter().filter_map(Result::ok).map(|it| it.values));
        next = page.next.map(Position::Next);
    }
    Ok(leads)
}

fn group(leads: &[Values]) -> usize {
    let record = |(key, values): (usize, &Values)| {
        let features = Box::new(Features::of(RecordKind::Lead, values, None));
        BatchRecord { key, system: None, features }
    };
    let records: Vec<BatchRecord<usize>> = leads.par_iter().enumerate().map(record).collect();
    cluster_all(&MatchingPolicy::default(), &records, Band::Review).groups.groups.len()
}

//! What the gateway costs over HTTP, beside two servers that answer the same from the same tables: a handler written by hand without
//! GraphQL, and async-graphql with data loaders as its manual shows them.
//!
//! Each server is a process of its own; what is compared is their processor time. Rounds take turns, so that whatever else the
//! machine does strikes all of them.

mod by_hand;
mod load;
mod plain;
mod questions;
mod servers;
mod tables;

use std::collections::BTreeMap;

use anyhow::Result;
use bench::say;
use clap::Parser;

use load::Round;
use questions::Question;
use servers::{Kind, Server};

/// The allocator that the gateway runs with; the others get the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Arguments {
    /// A PostgreSQL database; an empty one is filled with 100,000 leads, 30,000 accounts, 50,000 opportunities and 5,000 partners
    #[arg(long)]
    database: String,

    /// Requests of a round
    #[arg(long, default_value_t = 1_000)]
    requests: usize,

    /// Rounds of each server and question
    #[arg(long, default_value_t = 7)]
    rounds: usize,

    /// Requests at the same time
    #[arg(long, default_value_t = 8)]
    clients: usize,

    /// Only serve, for a profiler or a load generator of your own
    #[arg(long, value_enum)]
    serve: Option<Kind>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(kind) = arguments.serve {
        return servers::serve(kind, &arguments.database).await;
    }
    tables::fill(&arguments.database).await?;
    let servers = Kind::ALL.map(|kind| Server::start(kind, &arguments.database));
    let servers = servers.into_iter().collect::<Result<Vec<_>>>()?;
    for question in Question::ALL {
        let ids = question.ids(&arguments.database).await?;
        let mut rounds: BTreeMap<Kind, Vec<Round>> = BTreeMap::new();
        // The first round warms up: connections, prepared statements, caches of the database.
        for number in 0..=arguments.rounds {
            for server in &servers {
                let round =
                    load::round(server, question, &ids, arguments.requests, arguments.clients).await?;
                if number > 0 {
                    rounds.entry(server.kind).or_default().push(round);
                }
            }
        }
        report(question, &rounds);
    }
    Ok(())
}

fn report(question: Question, rounds: &BTreeMap<Kind, Vec<Round>>) {
    say(&format!("{question:?}"));
    let cost = |kind: &Kind| median(rounds[kind].iter().map(|it| it.processor_seconds_per_thousand));
    let base = cost(&Kind::ByHand);
    for (kind, rounds) in rounds {
        let of = |figure: fn(&Round) -> f64| median(rounds.iter().map(figure));
        let (cost, median, p99) = (cost(kind), of(|it| it.median_ms), of(|it| it.p99_ms));
        let ratio = cost / base;
        say(&format!(
            "  {kind:<10} {cost:>7.3} s of processor time for 1,000 requests = {ratio:>5.2} times by hand; median {median:.2} ms, p99 {p99:.2} ms"
        ));
    }
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = figures.collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

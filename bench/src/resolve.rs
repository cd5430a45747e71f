//! How long settling one golden record takes: a lead of five source records, without and with a pin and a lock.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;
use bench::say;
use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::{Field, FieldKind, RecordKind, lead};
use domain::holds::HoldKind;
use domain::ids::HoldId;
use domain::sources::{SourceKey, Values};
use mastering::policy::PrecedencePolicy;
use mastering::survivorship::field_states::FieldStates;
use mastering::survivorship::holds::{Hold, Holds, Kept};
use mastering::survivorship::{Sighting, SourceFacts, observe, resolve};

/// The allocator that the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each measurement is taken.
const ROUNDS: usize = 20_000;

fn main() -> Result<()> {
    let policy = PrecedencePolicy::default();
    let sources: Vec<(SourceKey, FieldStates)> =
        ["CRM", "CRM", "OWN", "MA", "CSV"].into_iter().zip(1..).map(|(it, n)| source(it, n)).collect();
    let facts: Vec<SourceFacts<'_>> =
        sources.iter().map(|(key, states)| SourceFacts { key, states, is_live: true }).collect();
    let settled = |holds: &Holds| resolve(&policy, RecordKind::Lead, &facts, holds);
    let none = Holds::default();
    let free = settled(&none);
    let hold = |kind, field, id| Hold {
        id: HoldId(uuid::Uuid::from_u128(id)),
        kind,
        field,
        at: instant(9),
        kept: Kept::of(&free, policy.unit(field)).with(field, Some("fixed".to_owned()), instant(9), 9),
    };
    let held = Holds::new(vec![hold(HoldKind::Pin, lead::phone, 1), hold(HoldKind::Lock, lead::city, 2)]);
    say(&format!("{} fields settled among {} sources", free.settlements().count(), facts.len()));
    measure("free", || drop(black_box(settled(&none))));
    measure("with a pin and a lock", || drop(black_box(settled(&held))));
    measure("free, and its trace", || drop(black_box(settled(&none).to_trace())));
    Ok(())
}

/// A source record that has something to say on every field.
fn source(system: &str, number: i64) -> (SourceKey, FieldStates) {
    let key = SourceKey {
        system: system.parse().expect("a short code"),
        object: "Lead".to_owned(),
        external_id: format!("00Q{number:015}"),
    };
    let values: Values = RecordKind::Lead.fields().map(|it| (it, Some(value(it, number)))).collect();
    let sighting =
        Sighting { modified_at: instant(number % 3), observed_at: instant(number), sequence: number };
    (key, observe(None, &values, sighting).states)
}

fn value(field: Field, number: i64) -> String {
    match field.kind() {
        FieldKind::Boolean => (number % 2 == 0).to_string(),
        FieldKind::Number => number.to_string(),
        _ => format!("{field} of source {number}"),
    }
}

fn instant(days: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + days)
}

fn measure(what: &str, once: impl Fn()) {
    (0..ROUNDS / 10).for_each(|_| once());
    let mut taken: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            once();
            started.elapsed()
        })
        .collect();
    taken.sort_unstable();
    let at = |share: usize| taken[(taken.len() - 1) * share / 100].as_secs_f64() * 1e6;
    say(&format!("{what}: median {:.1} µs, p99 {:.1} µs", at(50), at(99)));
}

//! How long a dry run of a precedence policy takes over a large store, and how much memory.
//!
//! The store is filled with what a sync leaves behind: source records, observations, links and traces of people whom
//! two systems know and disagree about. Rows that are only served are left out: a dry run does not read them.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use bench::{peak_memory, say, store};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use domain::fields::{RecordKind, lead};
use domain::ids::{GoldenId, SourceRecordId};
use domain::policies::PolicyKind;
use domain::sources::{SourceKey, Values};
use domain::sync::LinkState;
use entity::golden::{observation, record_link, settlement, source_record};
use gateway::golden::service::Mastering;
use gateway::platform::auth::Caller;
use gateway::platform::clock::Clock;
use gateway::platform::context::{RequestContext, Shared};
use gateway::platform::database::{Database, insert_rows};
use gateway::policies::Policies;
use gateway::policies::dry_run;
use gateway::policies::dry_run::runner::Runner;
use gateway::policies::service::{self, Draft};
use mastering::policy::{DEFAULT_PRECEDENCE, PrecedencePolicy};
use mastering::survivorship::field_states::FieldStates;
use mastering::survivorship::holds::Holds;
use mastering::survivorship::{Sighting, SourceFacts, observe, resolve};
use sea_orm::IntoActiveModel;

/// The allocator that the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// People written at once.
const PAGE: usize = 2_500;
const SYSTEMS: [&str; 2] = ["CRM", "MA"];

#[derive(Debug, Parser)]
struct Arguments {
    /// Observations in the store: one of each source record, two source records of each person
    #[arg(long, default_value_t = 1_000_000)]
    observations: usize,

    /// Where the store is; a fresh SQLite file unless given
    #[arg(long)]
    database: Option<String>,
}

/// Rows of some people.
#[derive(Default)]
struct Rows {
    sources: Vec<source_record::Model>,
    observations: Vec<observation::Model>,
    links: Vec<record_link::Model>,
    settlements: Vec<settlement::Model>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let fresh = || format!("sqlite://{}", folder.path().join("gateway.db").display());
    let database = store(&arguments.database.clone().unwrap_or_else(fresh)).await?;
    let (clock, policies) = (Clock::default(), Arc::new(Policies::default()));
    service::seed(&database, &clock, &policies).await?;
    fill(&database, &clock, arguments.observations / SYSTEMS.len()).await?;
    say(&format!("filled; peak memory so far {} MB", peak_memory()?));

    let shared = Shared::default().with(Arc::clone(&policies));
    let operator = Caller::operator();
    let ctx = RequestContext::new(database.clone(), clock.clone(), shared, operator, "bench".to_owned());
    let document = DEFAULT_PRECEDENCE.replacen("MA = 3", "MA = 0", 1);
    let document = document.replacen("CRM = 1", "CRM = 3", 1).replacen("MA = 0", "MA = 1", 1);
    let draft = Draft { kind: PolicyKind::Precedence, document, note: None };
    let version = service::draft(&ctx, None, draft).await?;
    let run = dry_run::start(&ctx, None, version.id).await?;
    let runner = Runner::new(database, Mastering { policies, clock, creations: Arc::default() });
    let started = Instant::now();
    ensure!(runner.run(run.id, &|_, _| ()).await?, "the dry run is this process's own");
    let seconds = started.elapsed().as_secs_f64();
    let run = dry_run::find(&ctx, run.id).await?;
    let findings = run.as_ref().map(dry_run::findings).transpose()?.flatten();
    let findings = findings.ok_or_else(|| anyhow::anyhow!("the dry run did not succeed: {run:?}"))?;
    say(&format!(
        "{} observations, {} golden records: {seconds:.1} s, {} records change, peak memory {} MB",
        arguments.observations,
        findings.records,
        findings.records_changed,
        peak_memory()?
    ));
    Ok(())
}

async fn fill(database: &Database, clock: &Clock, people: usize) -> Result<()> {
    let policy = PrecedencePolicy::default();
    let now = clock.now();
    for first in (0..people).step_by(PAGE) {
        let mut rows = Rows::default();
        for person in first..(first + PAGE).min(people) {
            rows.add(&policy, clock, now, person);
        }
        rows.write(database).await?;
    }
    Ok(())
}

impl Rows {
    fn add(&mut self, policy: &PrecedencePolicy, clock: &Clock, now: DateTime<Utc>, person: usize) {
        let golden: GoldenId = clock.new_id();
        let said: Vec<_> = SYSTEMS
            .iter()
            .enumerate()
            .map(|(at, it)| self.say(clock, now, golden, (it, at), person))
            .collect();
        let facts = |(key, states)| SourceFacts { key, states, is_live: true };
        let sources: Vec<SourceFacts<'_>> = said.iter().map(|(key, states)| facts((key, states))).collect();
        let record = resolve(policy, RecordKind::Lead, &sources, &Holds::default());
        self.settlements.push(settlement::Model {
            golden_id: golden,
            kind: RecordKind::Lead,
            policy_version: record.policy().to_owned(),
            trace: record.to_trace(),
        });
    }

    /// What one system says of a person: both speak in the same second, of the same company, and differ on the phone.
    fn say(
        &mut self,
        clock: &Clock,
        now: DateTime<Utc>,
        golden: GoldenId,
        (system, at): (&str, usize),
        person: usize,
    ) -> (SourceKey, FieldStates) {
        let external_id = format!("{system}{person:015}");
        let key = SourceKey {
            system: system.parse().expect("a system"),
            object: "Lead".to_owned(),
            external_id: external_id.clone(),
        };
        let modified_at = now - TimeDelta::days(i64::try_from(person % 300).expect("small"));
        let sequence = i64::try_from(person * SYSTEMS.len() + at).expect("fits");
        let values = values(person, at);
        let seen = observe(None, &values, Sighting { modified_at, observed_at: now, sequence });
        let id: SourceRecordId = clock.new_id();
        self.sources.push(source_record::Model {
            id,
            system: key.system.clone(),
            object: key.object.clone(),
            external_id,
            kind: RecordKind::Lead,
            stamp: modified_at,
            modified_at,
            created_at: modified_at,
            observed_at: now,
            sequence,
            content_hash: format!("{person:032x}"),
            state: LinkState::Live,
            merged_into: None,
            facts: seen.states.to_json(),
            erased_at: None,
        });
        self.observations.push(observation::Model {
            sequence,
            source_record_id: id,
            observed_at: now,
            modified_at,
            flags: String::new(),
            changed: values.to_json().to_string(),
            supplied_by: None,
        });
        self.links.push(record_link::Model {
            id: clock.new_id(),
            source_record_id: id,
            golden_id: golden,
            kind: RecordKind::Lead,
            state: LinkState::Live,
            linked_at: now,
            ended_at: None,
            evidence: r#"{"rule":"FIRST"}"#.to_owned(),
        });
        (key, seen.states)
    }

    async fn write(self, database: &Database) -> Result<()> {
        let txn = database.begin_write().await?;
        let sources = self.sources.into_iter().map(IntoActiveModel::into_active_model).collect();
        insert_rows::<source_record::Entity, _>(&txn, sources, None).await?;
        let observations = self.observations.into_iter().map(IntoActiveModel::into_active_model).collect();
        insert_rows::<observation::Entity, _>(&txn, observations, None).await?;
        let links = self.links.into_iter().map(IntoActiveModel::into_active_model).collect();
        insert_rows::<record_link::Entity, _>(&txn, links, None).await?;
        let settlements = self.settlements.into_iter().map(IntoActiveModel::into_active_model).collect();
        insert_rows::<settlement::Entity, _>(&txn, settlements, None).await?;
        Ok(txn.commit().await?)
    }
}

fn values(person: usize, at: usize) -> Values {
    let said = [
        (lead::last_name, format!("佐藤{}", person % 5_000)),
        (lead::first_name, "花子".to_owned()),
        (lead::last_name_kana, "サトウ".to_owned()),
        (lead::first_name_kana, "ハナコ".to_owned()),
        (lead::company, format!("株式会社見本{}", person % 50_000)),
        (lead::title, "営業部長".to_owned()),
        (lead::email, format!("p{person}@mihon{}.example", person % 50_000)),
        (lead::phone, format!("03-{:04}-{:04}", at * 1_000 + person % 1_000, person % 10_000)),
        (lead::mobile_phone, format!("090-{:04}-{:04}", person / 10_000, person % 10_000)),
        (lead::street, "千代田1-1-1".to_owned()),
        (lead::city, "千代田区".to_owned()),
        (lead::region, "東京都".to_owned()),
        (lead::postal_code, "100-0001".to_owned()),
        (lead::source_channel, "WEB".to_owned()),
        (lead::stage, "NEW".to_owned()),
    ];
    said.into_iter().map(|(field, text)| (field, Some(text))).collect()
}

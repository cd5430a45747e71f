//! How many engagement events a second one upload takes in over HTTP, how much memory that needs, and what the same upload
//! costs a second time.
//!
//! The gateway listens on a port of this process; the events are written while they are sent, so that neither side holds them.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use bench::{peak_memory, say, store};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use domain::access::Role;
use domain::ids::{PartnerId, PartnerUserId};
use domain::partners::{JobFunction, PartnerStatus, PartnerUserRole, PartnerUserStatus};
use entity::partners::{partner, partner_user};
use futures::stream;
use gateway::platform::auth::demo_keys::{AUDIENCE, DemoKeys, ISSUER};
use gateway::platform::auth::signing::Claims;
use gateway::platform::clock::Clock;
use gateway::platform::config::Config;
use gateway::platform::database::{Database, insert_rows};
use gateway::platform::http::Ide;
use gateway::startup::Services;
use sea_orm::IntoActiveModel as _;
use serde_json::Value;

/// The allocator that the gateway runs with.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Events of one piece of the body.
const PIECE: u64 = 500;

#[derive(Debug, Parser)]
struct Arguments {
    /// Events of the upload
    #[arg(long, default_value_t = 1_000_000)]
    events: u64,

    /// Partners that did them, with ten people each
    #[arg(long, default_value_t = 500)]
    partners: usize,

    /// Days over which they are spread
    #[arg(long, default_value_t = 90)]
    days: i64,

    /// An empty database; a fresh SQLite file unless given
    #[arg(long)]
    database: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let keys = DemoKeys::load_or_make(folder.path())?;
    let fresh = || format!("sqlite://{}", folder.path().join("gateway.db").display());
    let mut config = Config { auth: keys.auth(), ..Config::default() };
    config.database.url = arguments.database.clone().unwrap_or_else(fresh).into();
    let people = fill(&store(config.database.url.reveal()).await?, arguments.partners).await?;
    let services = Services::open(&config, Clock::default()).await?;
    services.seed().await?;
    let (router, _) = services.router(&config, Ide::default()).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/ingest/engagement", listener.local_addr()?);
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let now = services.clock.now();
    let token = keys.signer().sign(&claims(now))?;
    for what in ["first upload", "the same again"] {
        let started = Instant::now();
        let body = reqwest::Body::wrap_stream(body(&arguments, people.clone(), now));
        #[expect(clippy::disallowed_methods, reason = "nothing here is a connector")]
        let client = reqwest::Client::new();
        let answer = client.post(&address).bearer_auth(&token).body(body).send().await?;
        let answer: Value = serde_json::from_slice(&answer.bytes().await?)?;
        let seconds = started.elapsed().as_secs_f64();
        let count = |name: &str| answer[name].as_u64().with_context(|| format!("no {name}: {answer}"));
        let (received, accepted, refused) = (count("received")?, count("accepted")?, count("refused")?);
        ensure!(received == arguments.events && refused == 0, "{answer}");
        let rate = received as f64 / seconds;
        say(&format!("{what}: {received} events in {seconds:.1} s = {rate:.0} events/s, {accepted} new"));
        say(&format!("peak memory {} MB", peak_memory()?));
    }
    server.abort();
    Ok(())
}

fn claims(now: DateTime<Utc>) -> Claims {
    Claims {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        subject: "lms".to_owned(),
        tenant: "default".to_owned(),
        roles: vec![Role::IntegrationJob],
        partner: None,
        scopes: vec!["engagement:lms".to_owned()],
        locale: "en".to_owned(),
        issued_at: now,
        expires_at: now + TimeDelta::hours(1),
    }
}

/// The events, oldest first, in pieces.
fn body(
    arguments: &Arguments,
    people: Vec<(PartnerId, PartnerUserId)>,
    until: DateTime<Utc>,
) -> impl stream::Stream<Item = Result<String>> + Send + 'static {
    let (events, span) = (arguments.events, TimeDelta::days(arguments.days));
    let line = move |number: u64| {
        let share = number as f64 / events as f64;
        let age = TimeDelta::seconds((span.num_seconds() as f64 * (1.0 - share)) as i64);
        // Far enough apart that neighbours in time are not neighbours in the channel.
        let (partner, user) = people[(number as usize * 7_919) % people.len()];
        let at = (until - age).to_rfc3339();
        let (kind, payload) = match number % 4 {
            0 => ("portal.login", ""),
            1 => ("faq.searched", r#","payload":{"keyword":"提案書 テンプレート","hits":12}"#),
            2 => ("training.started", r#","payload":{"course":"sales-basics-2026"}"#),
            _ => ("ai_chat.session", r#","payload":{"messages":6}"#),
        };
        format!(
            "{{\"eventId\":\"event-{number:012}\",\"kind\":\"{kind}\",\"partnerId\":\"{partner}\",\"userId\":\"{user}\",\"occurredAt\":\"{at}\"{payload}}}\n"
        )
    };
    let pieces = (0..events.div_ceil(PIECE)).map(move |piece| {
        Ok((piece * PIECE..((piece + 1) * PIECE).min(events)).map(&line).collect::<String>())
    });
    stream::iter(pieces)
}

/// Partners with their people, and who they are.
async fn fill(database: &Database, partners: usize) -> Result<Vec<(PartnerId, PartnerUserId)>> {
    let clock = Clock::default();
    let (mut companies, mut people) = (Vec::new(), Vec::new());
    for number in 0..partners {
        let id: PartnerId = clock.new_id();
        companies.push(company(id, number, clock.now()));
        people.extend((0..10).map(|_| person(clock.new_id(), id, clock.now())));
    }
    let known = people.iter().map(|it| (it.partner_id, it.id)).collect();
    let companies = companies.into_iter().map(|it| it.into_active_model()).collect();
    insert_rows::<partner::Entity, _>(database.read(), companies, None).await?;
    let people = people.into_iter().map(|it| it.into_active_model()).collect();
    insert_rows::<partner_user::Entity, _>(database.read(), people, None).await?;
    Ok(known)
}

fn company(id: PartnerId, number: usize, now: DateTime<Utc>) -> partner::Model {
    partner::Model {
        id,
        version: 1,
        legal_name: format!("株式会社パートナー{number}"),
        legal_name_kana: None,
        display_name_ja: None,
        display_name_en: None,
        corporate_number: None,
        invoice_registration_no: None,
        types: "RESELLER".to_owned(),
        status: PartnerStatus::Active,
        parent_partner_id: None,
        locale: "ja".to_owned(),
        timezone: "Asia/Tokyo".to_owned(),
        crm_account_ref: None,
        terminated_at: None,
        created_at: now,
        created_by: "bench".to_owned(),
        updated_at: now,
    }
}

fn person(id: PartnerUserId, partner_id: PartnerId, now: DateTime<Utc>) -> partner_user::Model {
    let email = format!("{id}@partner.example");
    partner_user::Model {
        id,
        version: 1,
        partner_id,
        family_name: "担当".to_owned(),
        given_name: "者".to_owned(),
        family_name_kana: None,
        given_name_kana: None,
        email_key: email.clone(),
        email,
        job_function: JobFunction::Sales,
        role: PartnerUserRole::PartnerRep,
        locale: "ja".to_owned(),
        status: PartnerUserStatus::Enabled,
        access_granted_at: Some(now),
        created_at: now,
        created_by: "bench".to_owned(),
        updated_at: now,
    }
}

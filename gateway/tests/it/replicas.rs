//! Several replicas over one PostgreSQL and one Redis, as real processes: restarted one after the other under load, cut off from
//! their database for a while, and left without their cache.

mod fleet;
mod load;
mod messages;
mod traces;
mod wire;

use std::time::{Duration, Instant};

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use self::fleet::{Fleet, Redis, Replica};
use self::load::Load;
use self::messages::Messages;
use self::wire::Wire;
use crate::harness::{on_shared_postgres, run};

/// How often a replica is restarted; the long way is for whoever has the time.
const RESTARTS: &str = "GATEWAY_TEST_RESTARTS";
/// Within which errors stop after the database is back.
const RECOVERY: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_under_load_fails_no_request_and_does_what_was_asked_once() {
    on_shared_postgres(async |url| {
        let Some(redis) = Redis::start().await else { return };
        let messages = Messages::expecting(40).await;
        let fleet = messages.told_by(Fleet::over(url, &redis.url).await);
        messages.queue(&sea_orm::Database::connect(url).await.unwrap()).await;
        let mut replicas = [Replica::start(&fleet).await, Replica::start(&fleet).await];
        let load = Load::begin(&fleet, replicas.iter().map(Replica::address));
        let restarts = std::env::var(RESTARTS).map_or(4, |it| it.parse().expect("a number"));
        for turn in 0..restarts {
            load.until_answers(40).await;
            let place = turn % replicas.len();
            replicas[place].stop().await;
            load.forget(&replicas[place].address());
            replicas[place] = Replica::start(&fleet).await;
            load.take_in(replicas[place].address());
        }
        load.until_answers(40).await;
        let done = load.end().await;
        assert_eq!(done.failures, Vec::<String>::new());
        let entered = replicas[0].ask(&fleet, "{ partners { totalCount } }").await;
        assert_eq!(entered["data"]["partners"]["totalCount"], json!(done.created), "none lost, none doubled");
        messages.all_heard().await;
        for mut replica in replicas {
            replica.stop().await;
        }
        assert_eq!(messages.times(), vec![1; 40], "each that was due was sent once");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_a_replica_says_so_and_comes_back_with_it() {
    on_shared_postgres(async |url| {
        let wire = Wire::to(url).await;
        let fleet = Fleet::over(&wire.url, "").await;
        let mut replica = Replica::start(&fleet).await;
        let question = "{ partners(first: 1) { totalCount } }";
        assert_eq!(replica.ask(&fleet, question).await["data"]["partners"]["totalCount"], 0);

        let load = Load::upon(&fleet, replica.address());
        load.until_answers(20).await;
        wire.cut();
        let answer = replica.ask(&fleet, question).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
        assert!(!replica.is_ready().await, "no traffic while it cannot work");
        load.until_answers(20).await;

        wire.mend();
        let mended = Instant::now();
        let mut failures = usize::MAX;
        while failures != load.failures() || !replica.is_ready().await {
            assert!(mended.elapsed() < RECOVERY, "the database is back, and errors go on");
            failures = load.failures();
            load.until_answers(20).await;
        }
        let done = load.end().await;
        assert!(!done.failures.is_empty(), "somebody asked meanwhile");
        for failure in done.failures {
            assert!(failure.contains(r#""code":"UNAVAILABLE""#), "{failure}");
            assert!(!failure.contains("127.0.0.1"), "nothing of our insides: {failure}");
        }
        // What was stored just before the cut may have lost its answer.
        let entered = replica.ask(&fleet, question).await["data"]["partners"]["totalCount"].as_u64();
        assert!(entered >= Some(done.created), "{entered:?} of {}", done.created);
        replica.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_cache_a_replica_answers_all_the_same() {
    on_shared_postgres(async |url| {
        let Some(redis) = Redis::start().await else { return };
        let fleet = Fleet::over(url, &redis.url).await;
        let fleet = fleet
            .with("GATEWAY__SERVER__LIMITS__CALLER_REQUESTS_PER_MINUTE", "100000")
            .with("GATEWAY__SERVER__HEARTBEAT", "200ms");
        let mut replica = Replica::start(&fleet).await;
        let listening = replica.request(&fleet, "subscription { alertRaised { id } }");
        let mut listening = listening.header("accept", "text/event-stream").send().await.unwrap();
        let load = Load::begin(&fleet, [replica.address()]);
        load.until_answers(20).await;
        drop(redis);
        load.until_answers(40).await;
        for _ in 0..5 {
            let sign = listening.chunk().await.unwrap().expect("it goes on");
            assert!(sign.starts_with(b":"), "no news, and no errors: {sign:?}");
        }
        let done = load.end().await;
        assert_eq!(done.failures, Vec::<String>::new());
        let entered: Value = replica.ask(&fleet, "{ partners { totalCount } }").await;
        assert_eq!(entered["data"]["partners"]["totalCount"], json!(done.created));
        replica.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_versions_are_exchanged_the_previous_one_may_start_again() {
    on_shared_postgres(async |url| {
        let fleet = Fleet::over(url, "").await;
        let database = sea_orm::Database::connect(url).await.unwrap();
        let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
        database.execute_unprepared(later).await.unwrap();
        let mut replica = Replica::start(&fleet).await;
        let answer = replica.ask(&fleet, "{ partners { totalCount } }").await;
        assert_eq!(answer["data"]["partners"]["totalCount"], 0, "{answer}");
        replica.stop().await;
        for changing in [&["migrate"] as &[&str], &["serve", "--migrate"], &["migrate", "--status"]] {
            let (code, _, said) = run(url, changing);
            assert_eq!(code, 1, "{said}");
            assert!(said.contains("m29991231_000001_later"), "{said}");
        }
    })
    .await;
}

//! Several replicas over one PostgreSQL and one Redis, as real processes: restarted one after the other under load, cut off from
//! their database for a while, and left without their cache.

mod fleet;
mod load;
mod wire;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use self::fleet::{Fleet, Redis, Replica};
use self::load::Load;
use self::wire::Wire;
use crate::harness::on_shared_postgres;

/// How often a replica is restarted; the long way is for whoever has the time.
const RESTARTS: &str = "GATEWAY_TEST_RESTARTS";
/// Within which errors stop after the database is back.
const RECOVERY: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_under_load_fails_no_request_and_does_what_was_asked_once() {
    on_shared_postgres(async |url| {
        let Some(redis) = Redis::start().await else { return };
        let fleet = Fleet::over(url, &redis.url).await;
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
        for mut replica in replicas {
            replica.stop().await;
        }
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

        wire.cut();
        let answer = replica.ask(&fleet, question).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{answer}");
        assert!(!answer.to_string().contains("127.0.0.1"), "nothing of our insides: {answer}");
        assert!(!replica.is_ready().await, "no traffic while it cannot work");

        wire.mend();
        let mended = Instant::now();
        while !replica.is_ready().await || !replica.ask(&fleet, question).await["errors"].is_null() {
            assert!(mended.elapsed() < RECOVERY, "the database is back, and errors go on");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        replica.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_cache_a_replica_answers_all_the_same() {
    on_shared_postgres(async |url| {
        let Some(redis) = Redis::start().await else { return };
        let fleet = Fleet::over(url, &redis.url).await;
        let mut replica = Replica::start(&fleet).await;
        let load = Load::begin(&fleet, [replica.address()]);
        load.until_answers(20).await;
        drop(redis);
        load.until_answers(40).await;
        let done = load.end().await;
        assert_eq!(done.failures, Vec::<String>::new());
        let entered: Value = replica.ask(&fleet, "{ partners { totalCount } }").await;
        assert_eq!(entered["data"]["partners"]["totalCount"], json!(done.created));
        replica.stop().await;
    })
    .await;
}

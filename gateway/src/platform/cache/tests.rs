//! One suite for both places. Redis takes part when `GATEWAY_TEST_REDIS_URL` names a server.

use std::time::Duration;

use super::*;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(20);

/// Every place there is, with a prefix of its own so that runs do not meet.
fn places(test: &str) -> Vec<Cache> {
    let mut places = vec![Cache::in_process()];
    if let Ok(url) = std::env::var("GATEWAY_TEST_REDIS_URL") {
        let prefix = format!("test-{}-{test}", std::process::id());
        let config = config::Cache { url: Some(url.as_str().into()), prefix, ..config::Cache::default() };
        places.push(Cache::open(&config).unwrap());
    }
    places
}

/// Asks again until the short time is over.
async fn until_gone(cache: &Cache, key: &str) {
    while cache.get(key).await.unwrap().is_some() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_text_is_kept_until_its_time_is_over() {
    for cache in places("text") {
        assert_eq!(cache.get("greeting").await.unwrap(), None);
        cache.set("greeting", "こんにちは", LONG).await.unwrap();
        assert_eq!(cache.get("greeting").await.unwrap().as_deref(), Some("こんにちは"));
        cache.set("greeting", "short", SHORT).await.unwrap();
        until_gone(&cache, "greeting").await;
    }
}

#[tokio::test]
async fn a_deleted_text_is_gone() {
    for cache in places("delete") {
        cache.set("key", "text", LONG).await.unwrap();
        cache.delete("key").await.unwrap();
        cache.delete("key").await.unwrap();
        assert_eq!(cache.get("key").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_lock_has_one_holder() {
    for cache in places("lock") {
        let lease = cache.try_lock("sync", LONG).await.unwrap().unwrap();
        assert!(cache.try_lock("sync", LONG).await.unwrap().is_none());
        assert!(cache.try_lock("other", LONG).await.unwrap().is_some());
        assert!(lease.renew(LONG).await.unwrap());
        assert!(lease.release().await.unwrap());
        assert!(cache.try_lock("sync", LONG).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_gets_the_lock() {
    for cache in places("race") {
        let asking = (0..50).map(|_| cache.try_lock("sync", LONG));
        let leases = futures::future::try_join_all(asking).await.unwrap();
        assert_eq!(leases.into_iter().flatten().count(), 1);
    }
}

#[tokio::test]
async fn who_slept_past_the_time_cannot_renew_or_release_the_next_holders_lock() {
    for cache in places("fencing") {
        let slept = cache.try_lock("sync", SHORT).await.unwrap().unwrap();
        let next = loop {
            if let Some(lease) = cache.try_lock("sync", LONG).await.unwrap() {
                break lease;
            }
            tokio::task::yield_now().await;
        };
        assert!(next.fencing_token() > slept.fencing_token());
        assert!(!slept.renew(LONG).await.unwrap());
        assert!(!slept.release().await.unwrap());
        assert!(next.release().await.unwrap());
    }
}

#[tokio::test]
async fn everybody_who_listens_hears_what_is_said() {
    for cache in places("channel") {
        let mut listeners = [cache.subscribe("news").await, cache.subscribe("news").await];
        let mut elsewhere = cache.subscribe("other").await;
        cache.publish("news", "一").await.unwrap();
        cache.publish("news", "二").await.unwrap();
        cache.publish("other", "三").await.unwrap();
        for listener in &mut listeners {
            assert_eq!(listener.next().await.as_deref(), Some("一"));
            assert_eq!(listener.next().await.as_deref(), Some("二"));
        }
        assert_eq!(elsewhere.next().await.as_deref(), Some("三"));
    }
}

#[tokio::test]
async fn replicas_hear_each_other() {
    let replicas = places("replicas");
    let others = places("replicas");
    // The first place is this process alone: it has no replicas.
    for (one, other) in replicas.iter().zip(&others).skip(1) {
        let mut listener = one.subscribe("news").await;
        other.publish("news", "一").await.unwrap();
        assert_eq!(listener.next().await.as_deref(), Some("一"));
    }
}

#[tokio::test]
async fn a_channel_that_nobody_listens_to_any_more_can_be_opened_again() {
    for cache in places("again") {
        drop(cache.subscribe("news").await);
        let mut listener = cache.subscribe("news").await;
        cache.publish("news", "一").await.unwrap();
        assert_eq!(listener.next().await.as_deref(), Some("一"));
    }
}

#[tokio::test]
async fn listening_to_a_server_that_is_down_is_silence() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://127.0.0.1:{}", nobody.local_addr().unwrap().port());
    drop(nobody);
    let config = config::Cache { url: Some(url.as_str().into()), timeout: SHORT, ..config::Cache::default() };
    let cache = Cache::open(&config).unwrap();
    let mut listener = cache.subscribe("news").await;
    assert!(cache.publish("news", "一").await.is_err());
    assert!(tokio::time::timeout(SHORT, listener.next()).await.is_err());
}

#[tokio::test]
async fn a_server_that_is_down_is_an_error_without_its_password() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let url = format!("redis://user:hunter2@127.0.0.1:{port}");
    let config = config::Cache { url: Some(url.as_str().into()), ..config::Cache::default() };
    let cache = Cache::open(&config).unwrap();
    let error = cache.get("key").await.unwrap_err();
    assert!(matches!(error, CacheError::Unavailable { attempted: "read", .. }));
    assert!(!format!("{error} {error:?} {cache:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://127.0.0.1:{}", silent.local_addr().unwrap().port());
    let timeout = Duration::from_millis(50);
    let config = config::Cache { url: Some(url.as_str().into()), timeout, ..config::Cache::default() };
    let cache = Cache::open(&config).unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(5), cache.get("key")).await;
    assert!(matches!(answer, Ok(Err(CacheError::Unavailable { .. }))));
}

#[test]
fn an_address_that_is_none_is_refused_without_showing_it() {
    let config =
        config::Cache { url: Some("redis://:hunter2@:not-a-port".into()), ..config::Cache::default() };
    let error = Cache::open(&config).unwrap_err();
    assert!(matches!(error, CacheError::InvalidAddress));
    assert!(!error.to_string().contains("hunter2"));
}

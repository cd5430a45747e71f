//! Jobs as their owner sees them: turns come by themselves, one at a time, and survive failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc};

use super::*;
use crate::error::NotFound;

const OFTEN: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves the jobs until `until` has been seen.
async fn serve_until(jobs: Vec<Job>, cache: &Cache, until: impl Future<Output = ()>) {
    tokio::time::timeout(PATIENCE * 2, serve(jobs, cache, PATIENCE, until))
        .await
        .expect("jobs leave when told");
}

#[tokio::test]
async fn turns_come_again_after_a_failure_and_after_a_panic() {
    let (took, mut turns) = mpsc::unbounded_channel();
    let count = Arc::new(AtomicUsize::new(0));
    let job = Job::new("test.fails", OFTEN, move || {
        let turn = count.fetch_add(1, Ordering::Relaxed);
        took.send(turn).unwrap();
        async move {
            match turn {
                0 => Err(NotFound("thing").into()),
                1 => panic!("a job of a test panics"),
                _ => Ok(()),
            }
        }
    });
    serve_until(vec![job], &Cache::in_process(), async { while turns.recv().await != Some(3) {} }).await;
}

#[tokio::test]
async fn replicas_do_not_take_the_same_turn() {
    let (took, mut turns) = mpsc::unbounded_channel();
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let replica = || {
        let (took, running, most) = (took.clone(), Arc::clone(&running), Arc::clone(&most));
        Job::new("test.alone", OFTEN, move || {
            let (took, running, most) = (took.clone(), Arc::clone(&running), Arc::clone(&most));
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                running.fetch_sub(1, Ordering::SeqCst);
                took.send(()).unwrap();
                Ok(())
            }
        })
    };
    serve_until(vec![replica(), replica(), replica()], &Cache::in_process(), async {
        for _ in 0..20 {
            turns.recv().await;
        }
    })
    .await;
    assert_eq!(most.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn leaving_waits_for_a_turn_under_way() {
    let (begun, go, ended) =
        (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (at_work, may_go, done) = (Arc::clone(&begun), Arc::clone(&go), Arc::clone(&ended));
    let job = Job::new("test.slow", OFTEN, move || {
        let (at_work, may_go, done) = (Arc::clone(&at_work), Arc::clone(&may_go), Arc::clone(&done));
        async move {
            at_work.notify_one();
            may_go.notified().await;
            done.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    });
    serve_until(vec![job], &Cache::in_process(), async {
        begun.notified().await;
        go.notify_one();
    })
    .await;
    assert!(ended.load(Ordering::SeqCst) >= 1);
}

#[tokio::test]
async fn a_turn_that_never_ends_does_not_keep_the_process() {
    let begun = Arc::new(Notify::new());
    let at_work = Arc::clone(&begun);
    let job = Job::new("test.stuck", OFTEN, move || {
        at_work.notify_one();
        std::future::pending()
    });
    let cache = Cache::in_process();
    let left = serve(vec![job], &cache, OFTEN, begun.notified());
    tokio::time::timeout(PATIENCE, left).await.expect("its patience ends");
}

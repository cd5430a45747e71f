//! Killed in the middle of a sync, at many points, then started again: nothing is lost and nothing doubled.
//!
//! The gateway is the real program in a process of its own, killed with a signal that it cannot catch.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::json;

use crate::harness::Chance;
use crate::sync::quiescence::assert_quiescent;
use crate::sync::stage::{Stage, environment, on_every_store};
use crate::sync::store::{Store, assert_same};

const LEADS: usize = 900;
/// For one condition to come true.
const PATIENCE: Duration = Duration::from_secs(120);

/// When to kill.
#[derive(Debug, Clone, Copy)]
enum Point {
    /// So many pages are stored: between two transactions, or early in one.
    Stored(u64),
    /// The CRM has been asked for so many pages more: while an earlier one is being stored.
    Asked(u64),
    /// The write-ahead log of SQLite has grown by so many bytes: while they are being written.
    Written(u64),
}

/// `gateway sync run`, killed when it is dropped.
struct Run(Child);

impl Run {
    fn start(stage: &Stage) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_gateway"))
            .args(["--json", "sync", "run", "--take-over"])
            .envs(environment(stage))
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn();
        Self(child.unwrap())
    }

    /// Whether it has ended by itself.
    fn has_ended(&mut self) -> bool {
        match self.0.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success(), "the run failed by itself: {status}");
                true
            }
            None => false,
        }
    }

    /// Waits for its good end.
    async fn finish(mut self) {
        until("the run ends", async || self.has_ended()).await;
    }

    /// Kills it at a point; `false` when it ended before.
    async fn kill_at(mut self, stage: &Stage, point: Point) -> bool {
        let begin = Progress::of(stage).await;
        let mut is_alive = true;
        until("the point is reached", async || {
            is_alive = !self.has_ended();
            !is_alive || begin.has_reached(stage, point).await
        })
        .await;
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        is_alive
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Ended already, unless the test failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where things stood when a run began.
struct Progress {
    asked: u64,
    written: u64,
}

impl Progress {
    async fn of(stage: &Stage) -> Self {
        Self { asked: stage.crm.asked_pages(), written: written(stage) }
    }

    async fn has_reached(&self, stage: &Stage, point: Point) -> bool {
        match point {
            Point::Stored(pages) => stage.store.pages().await >= pages,
            Point::Asked(pages) => stage.crm.asked_pages() >= self.asked + pages,
            Point::Written(bytes) => written(stage) >= self.written + bytes,
        }
    }
}

/// Bytes in the write-ahead log; none on PostgreSQL.
fn written(stage: &Stage) -> u64 {
    let file = stage.store.url.strip_prefix("sqlite://").unwrap_or_default();
    std::fs::metadata(Path::new(&format!("{file}-wal"))).map_or(0, |it| it.len())
}

/// Looks until something is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Kills at one point after the other, each run going on where the one before was killed, until there is no further
/// point or a run ends before it; then lets one end. The next point follows from the kills and the pages so far.
async fn survives(least_kills: usize, next: impl AsyncFn(&Stage, &Store, usize) -> Option<Point>) {
    on_every_store(LEADS, async |stage| {
        let undisturbed = stage.undisturbed().await;
        let mut kills = 0;
        while let Some(point) = next(stage, &undisturbed, kills).await {
            if !Run::start(stage).kill_at(stage, point).await {
                break;
            }
            kills += 1;
            assert!(kills < 100, "it goes round in circles at {point:?}");
        }
        assert!(kills >= least_kills, "killed only {kills} times");
        Run::start(stage).finish().await;
        assert_same(&stage.store, &undisturbed).await;
        assert_quiescent(stage).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_behind_every_page() {
    survives(10, async |stage, undisturbed, _| {
        let (stored, all) = (stage.store.pages().await, undisturbed.pages().await);
        (stored < all).then_some(Point::Stored(stored + 1))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_pages_are_being_stored() {
    // A page is asked for while the one before is being stored. What is complete already costs a run one page each, so
    // the smaller numbers kill it before it gets anywhere, and the larger ones let it store a page or two.
    survives(6, async |_, _, kills| Some(Point::Asked([3, 6, 4, 7, 5, 8][kills % 6]))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_bytes_are_being_written() {
    // Drawn once, small enough to come before the log begins anew.
    const BYTES: [u64; 6] = [180_224, 41_003, 655_360, 288_407, 97_536, 512_001];
    survives(0, async |stage, _, kills| {
        let is_logged = stage.store.url.starts_with("sqlite");
        BYTES.get(kills).filter(|_| is_logged).map(|it| Point::Written(*it))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_twenty_points_that_chance_has_drawn() {
    on_every_store(LEADS, async |stage| {
        let (mut chance, mut kills, mut days) = (Chance::seeded(20), 0, 0);
        while kills < 20 {
            // What is complete already costs a run one page each: a run that has less than that ahead ends before its
            // point, and people in the CRM see to it that there is something to read again.
            let point = Point::Asked(chance.below(7) as u64 + 2);
            match Run::start(stage).kill_at(stage, point).await {
                true => kills += 1,
                false => {
                    days += 1;
                    work_for_a_day(stage, days).await;
                }
            }
            assert!(days < 40, "killed only {kills} times in {days} days");
        }
        Run::start(stage).finish().await;
        assert_quiescent(stage).await;
    })
    .await;
}

/// Half of the leads get another title.
async fn work_for_a_day(stage: &Stage, day: usize) {
    stage.let_pass(TimeDelta::days(1));
    let leads = "SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 450";
    for lead in stage.crm.ids(leads).await {
        stage.crm.update("Lead", &lead, json!({ "Title": format!("主任{day}") })).await;
    }
}

//! Two runs at once: the newer one takes over, the older one stops, and nothing is doubled.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use domain::fields::RecordKind;
use domain::sync::SyncRunState;
use gateway::sync::lease::Claim;
use gateway::sync::run::{self, Counts, Observer, SyncFailure, SyncScope};

use super::stage::on_every_store;
use super::store::{assert_holds, assert_same};

/// Holds a run behind its first page of leads until it is told to go on.
struct Held {
    reached: Mutex<Option<tokio::sync::oneshot::Sender<()>>>,
    go_on: Mutex<Receiver<()>>,
}

impl Held {
    fn new() -> (Self, tokio::sync::oneshot::Receiver<()>, Sender<()>) {
        let (reached, is_reached) = tokio::sync::oneshot::channel();
        let (let_go, go_on) = channel();
        (Self { reached: Mutex::new(Some(reached)), go_on: Mutex::new(go_on) }, is_reached, let_go)
    }
}

impl Observer for Held {
    fn begin(&self, _: RecordKind) {}

    fn page(&self, kind: RecordKind, _: Counts, _: Option<u64>) {
        if kind != RecordKind::Lead {
            return;
        }
        if let Some(reached) = self.reached.lock().unwrap().take() {
            reached.send(()).unwrap();
            tokio::task::block_in_place(|| self.go_on.lock().unwrap().recv().unwrap());
        }
    }

    fn end(&self, _: RecordKind, _: Counts) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_newer_run_takes_over_and_the_older_one_stops() {
    on_every_store(650, async |stage| {
        let (held, is_reached, let_go) = Held::new();
        let job = stage.job(&stage.config());
        let older = tokio::spawn(async move { run::run(&job, &SyncScope::default(), &held).await });
        is_reached.await.unwrap();
        let held = stage.sync().await.unwrap_err();
        assert!(matches!(&held, SyncFailure::Held(it) if it.holder.contains("process")), "{held}");
        let take_over = SyncScope { claim: Claim::TakeOver, ..SyncScope::default() };
        stage.sync_as(&stage.config(), take_over).await.unwrap();
        let newer = stage.store.holds().await;
        let_go.send(()).unwrap();
        let error = older.await.unwrap().unwrap_err();
        assert!(matches!(error, SyncFailure::TakenOver), "{error}");
        assert_holds(&stage.store, &newer).await;
        assert_same(&stage.store, &stage.undisturbed().await).await;
        let runs = stage.store.runs().await;
        let states: Vec<_> = runs.iter().map(|it| it.state).collect();
        assert_eq!(states, [SyncRunState::Succeeded, SyncRunState::Failed]);
        assert!(runs[1].message.as_deref().unwrap().contains("newer run"));
    })
    .await;
}

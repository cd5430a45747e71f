//! Whose a dry run is, and for how long.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use domain::ids::PolicyDryRunId;
use entity::policies::dry_run::{Column, Entity, Model};
use gateway::policies::dry_run::runner::Runner;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use tokio::runtime::Handle;
use tokio::task::{block_in_place, yield_now};

use super::{drafts, moved};
use crate::harness::{Chance, Said, TestGateway, on_every_shared_store};

/// A dry run of a matching policy that waits to be done.
async fn given_run(gateway: &TestGateway) -> PolicyDryRunId {
    gateway.hears([Said::lead("one"), Said::lead("other").by("MA")]).await;
    let document = drafts::matching(&mut Chance::seeded(1), 0);
    let input = serde_json::json!({ "kind": "MATCHING", "document": document });
    let draft = gateway.as_admin().change("draftPolicy", input, "policyVersion { id }").await;
    let version = draft.text_at("/draftPolicy/policyVersion/id");
    let started = gateway.as_admin().change("startPolicyDryRun", moved(version), "policyDryRun { id }").await;
    let id = started.text_at("/startPolicyDryRun/policyDryRun/id");
    id.parse::<uuid::Uuid>().unwrap().into()
}

async fn row(gateway: &TestGateway, id: PolicyDryRunId) -> Model {
    Entity::find_by_id(id).one(gateway.services.database.read()).await.unwrap().unwrap()
}

/// Waits while whoever works does not look up from the work.
fn meanwhile(what: impl Future<Output = ()>) {
    block_in_place(|| Handle::current().block_on(what));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_works_keeps_the_run_however_long_a_step_takes() {
    on_every_shared_store(async |url| {
        let (gateway, other) = (TestGateway::start(url).await, TestGateway::start(url).await);
        let run = given_run(&gateway).await;
        let runner = Runner { renew_every: Duration::from_millis(5), ..gateway.services.dry_runs() };
        let step = async || {
            gateway.let_pass(TimeDelta::minutes(2));
            other.let_pass(TimeDelta::minutes(2));
            let now = gateway.services.clock.now();
            while row(&gateway, run).await.lease_until.is_none_or(|it| it <= now) {
                yield_now().await;
            }
            other.services.run_job("policies.dry_runs").await.unwrap();
        };
        assert!(runner.run(run, &|_, _| meanwhile(step())).await.unwrap());
        let row = row(&gateway, run).await;
        assert_eq!((row.attempts, row.summary.is_some()), (1, true));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_lost_the_run_stops() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let run = given_run(&gateway).await;
        let steps = AtomicU32::new(0);
        let is_taken_over = async || {
            steps.fetch_add(1, Ordering::Relaxed);
            Entity::update_many()
                .col_expr(Column::Holder, Expr::value(uuid::Uuid::nil()))
                .filter(Column::Id.eq(run))
                .exec(gateway.services.database.read())
                .await
                .unwrap();
        };
        let done = gateway.services.dry_runs().run(run, &|_, _| meanwhile(is_taken_over())).await.unwrap();
        assert!(!done && steps.into_inner() == 1);
        let row = row(&gateway, run).await;
        assert_eq!((row.holder, row.summary), (Some(uuid::Uuid::nil()), None));
    })
    .await;
}

//! Every behaviour once per store: SQLite, and PostgreSQL where a server is named.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt as _;
use gateway::sync::outbound::Creations;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

use super::TestGateway;

/// Names a PostgreSQL server whose user may create databases: `postgres://user@host/postgres`.
const POSTGRES_URL: &str = "GATEWAY_TEST_POSTGRES_URL";

/// Runs a behaviour on a fresh store of each kind.
pub async fn on_every_store(behaviour: impl AsyncFn(&TestGateway)) {
    on_every_store_making(&Creations::default(), behaviour).await;
}

/// The same with systems that make records which they lack.
pub async fn on_every_store_making(creations: &Creations, behaviour: impl AsyncFn(&TestGateway)) {
    let start = async |url: &str| TestGateway::start_making(url, creations.clone()).await;
    // On the heap: a whole behaviour, without optimisation, takes up much of a thread's stack.
    Box::pin(behaviour(&start("sqlite::memory:").await)).await;
    if let Ok(server) = std::env::var(POSTGRES_URL) {
        on_postgres(&server, async |url| Box::pin(behaviour(&start(url).await)).await).await;
    }
}

/// Runs a behaviour with the address of an empty store of each kind that other processes may open as well.
pub async fn on_every_shared_store(behaviour: impl AsyncFn(&str)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    behaviour(&format!("sqlite://{}", folder.path().join("gateway.db").display())).await;
    if let Ok(server) = std::env::var(POSTGRES_URL) {
        on_postgres(&server, behaviour).await;
    }
}

/// Runs a behaviour with the address of an empty PostgreSQL database, where a server is named.
pub async fn on_shared_postgres(behaviour: impl AsyncFn(&str)) {
    if let Ok(server) = std::env::var(POSTGRES_URL) {
        on_postgres(&server, behaviour).await;
    }
}

async fn on_postgres(server: &str, behaviour: impl AsyncFn(&str)) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("gateway_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(server).await.expect("the named PostgreSQL server lets us in");
    run(&admin, &format!("CREATE DATABASE {name}")).await;
    let url = with_database(server, &name);
    let outcome = AssertUnwindSafe(behaviour(&url)).catch_unwind().await;
    run(&admin, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    if let Err(panic) = outcome {
        eprintln!("this happened on PostgreSQL");
        resume_unwind(panic);
    }
}

async fn run(admin: &DatabaseConnection, statement: &str) {
    admin.execute_unprepared(statement).await.expect("the user may create and drop databases");
}

/// The address of another database on the same server.
fn with_database(server: &str, name: &str) -> String {
    let (base, options) = server.split_once('?').unwrap_or((server, ""));
    let (host, _) = base.rsplit_once('/').expect("the address names a database");
    format!("{host}/{name}?{options}")
}

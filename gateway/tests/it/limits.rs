//! Requests that would cost much: each is refused for what it is, before anything is asked of the store.

use std::time::{Duration, Instant};

use gateway::error::Error;
use gateway::platform::config::server::Limits;
use gateway::platform::config::{Config, Server};
use gateway::platform::database::{Database, DatabaseOptions};
use gateway::platform::http::Ide;
use gateway::startup::StartupError;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, TransactionTrait as _};
use serde_json::json;

use crate::harness::{Client, Said, TestGateway, on_every_store, on_shared_postgres};

/// Asked for by a caller who may see everything.
async fn check_refused(client: &Client<'_>, document: &str, code: &str) {
    let answer = client.ask(document).await;
    assert_eq!(answer.codes(), [code], "{}: {}", &document[..document.len().min(80)], answer.text);
    assert_eq!(answer.statements, 0, "nothing is asked for it");
    assert!(answer.partial_data().is_null(), "{}", answer.text);
    assert!(answer.text.len() < 1_000, "refusals are short");
}

#[tokio::test(flavor = "multi_thread")]
async fn abuse_is_refused_for_what_it_is() {
    on_every_store(async |gateway| {
        let client = gateway.as_admin();
        let repeated = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
        let aliases = repeated(101, &|i| format!("a{i}: __typename "));
        let many = repeated(1_000, &|i| format!("a{i}: leads {{ totalCount }} "));
        let fields = repeated(60, &|i| format!("f{i}: __typename "));
        let nested =
            format!("{{ leads(filter: {}{}) {{ totalCount }} }}", "[".repeat(10_000), "]".repeat(10_000));
        let deep = format!("{}id{}", "{ node ".repeat(10_000), "}".repeat(10_000));
        let directives = format!("{{ leads {} {{ totalCount }} }}", "@skip(if: false) ".repeat(120));
        let floods = format!("{{ leads {} {{ totalCount }} }}", "@a ".repeat(10_000));
        let items = format!("{{ leads(ids: [{}]) {{ totalCount }} }}", "1 ".repeat(1_001));
        let bomb = repeated(29, &|i| format!("fragment f{i} on Query {{ ...f{n} ...f{n} }} ", n = i + 1));
        for (document, code) in [
            (format!("{{ leads {{ nodes {{ {aliases} }} }} }}"), "DOCUMENT_TOO_LARGE"),
            (format!("{{ {many} }}"), "DOCUMENT_TOO_LARGE"),
            (format!("{{ {fields} }}"), "DOCUMENT_TOO_LARGE"),
            (nested, "DOCUMENT_TOO_LARGE"),
            (deep, "DOCUMENT_TOO_LARGE"),
            (directives, "DOCUMENT_TOO_LARGE"),
            (floods, "DOCUMENT_TOO_LARGE"),
            (items, "DOCUMENT_TOO_LARGE"),
            (format!("{{ ...f0 }} {bomb} fragment f29 on Query {{ __typename }}"), "DOCUMENT_TOO_LARGE"),
            (
                "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(),
                "FRAGMENT_CYCLE",
            ),
            ("{ leads(first: 1000000) { totalCount } }".to_owned(), "PAGE_SIZE"),
            (format!("{{ a{} }}", "\u{feff}".repeat(40_000)), "DOCUMENT_TOO_LARGE"),
        ] {
            check_refused(&client, &document, code).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_are_measured_like_documents() {
    on_every_store(async |gateway| {
        let document = "query($ids: [ID!]!) { leads { totalCount } }";
        let many = json!({ "ids": vec!["1"; 1_001] });
        let mut nested = json!([]);
        for _ in 0..60 {
            nested = json!([nested]);
        }
        for variables in [many, json!({ "ids": nested }), json!({ "ids": "x".repeat(2 << 20) })] {
            let answer = gateway.as_admin().ask_with(document, variables).await;
            assert!(["BAD_REQUEST", "BODY_TOO_LARGE"].contains(&answer.codes()[0]), "{}", answer.text);
            assert_eq!(answer.statements, 0);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_limit_is_a_setting() {
    on_every_store(async |gateway| {
        gateway.hears([Said::lead("00Q1")]).await;
        let strict = |limits| Server { limits, ..Server::default() };
        let default = Limits::default();
        for (limits, passes, refused, code) in [
            (
                Limits { aliases: 1, ..default },
                "{ a: leads { totalCount } }",
                "{ a: leads { n: totalCount } }",
                "DOCUMENT_TOO_LARGE",
            ),
            (
                Limits { root_fields: 1, ..default },
                "{ leads { totalCount } }",
                "{ leads { totalCount } accounts { totalCount } }",
                "DOCUMENT_TOO_LARGE",
            ),
            (
                Limits { directives: 0, ..default },
                "{ leads { totalCount } }",
                "{ leads @skip(if: false) { totalCount } }",
                "DOCUMENT_TOO_LARGE",
            ),
            (
                Limits { page: 50, ..default },
                "{ leads(first: 50) { totalCount } }",
                "{ leads(first: 51) { totalCount } }",
                "PAGE_SIZE",
            ),
            (
                Limits { tokens: 8, ..default },
                "{ leads { totalCount } }",
                "{ leads { totalCount pageInfo { endCursor } } }",
                "DOCUMENT_TOO_LARGE",
            ),
            (
                Limits { depth: 2, ..default },
                "{ leads { totalCount } }",
                "{ leads { nodes { id } } }",
                "INVALID_DOCUMENT",
            ),
            (
                Limits { complexity: 10, ..default },
                "{ leads(first: 1) { totalCount } }",
                "{ leads(first: 50) { nodes { id } } }",
                "INVALID_DOCUMENT",
            ),
            (
                Limits { caller_requests_per_minute: 1, ..default },
                "{ leads { totalCount } }",
                "{ leads { totalCount } }",
                "RATE_LIMITED",
            ),
        ] {
            let replica = gateway.serving(strict(limits)).await;
            replica.as_admin().ask(passes).await.data();
            check_refused(&replica.as_admin(), refused, code).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn types_are_told_unless_switched_off() {
    on_every_store(async |gateway| {
        let question = "{ __typename __schema { queryType { name } } }";
        gateway.as_admin().ask(question).await.data();
        let replica = gateway.serving(Server { introspection: false, ..Server::default() }).await;
        let told = replica.as_admin().ask(question).await;
        assert!(!told.text.contains("queryType"), "{}", told.text);
        replica.as_admin().ask("{ __typename leads { totalCount } }").await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_trusted_documents_are_executed_where_there_is_a_manifest() {
    on_every_store(async |gateway| {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("documents.json");
        let serving = || Server { trusted_documents: Some(manifest.clone()), ..Server::default() };
        std::fs::write(&manifest, "no manifest").unwrap();
        let config = Config { server: serving(), ..Default::default() };
        let refused = gateway.services.router(&config, Ide::default()).await;
        assert!(matches!(refused.err(), Some(StartupError::Manifest { .. })));

        std::fs::write(&manifest, r#"{ "Leads": "{ leads { totalCount } }" }"#).unwrap();
        let replica = gateway.serving(serving()).await;
        replica.as_admin().name("Leads").await.data();
        replica.as_admin().name("Other").await.assert_refused("DOCUMENT_NOT_TRUSTED");
        check_refused(&replica.as_admin(), "{ leads { totalCount } }", "DOCUMENT_NOT_TRUSTED").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_cancelled_by_the_store() {
    on_shared_postgres(async |url| {
        let options = DatabaseOptions {
            url: url.to_owned(),
            max_connections: 2,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_millis(50),
        };
        let database = Database::connect(options).await.unwrap();
        let slow = database.read().execute_unprepared("SELECT pg_sleep(60)").await.unwrap_err();
        assert_eq!(Error::from(slow).code(), "UNAVAILABLE");
        database.migrate().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_ends_in_the_store_too() {
    on_shared_postgres(async |url| {
        let gateway = TestGateway::start(url).await;
        let quick = Server { request_timeout: Duration::from_secs(1), ..Server::default() };
        let replica = gateway.serving(quick).await;
        let other = sea_orm::Database::connect(url).await.unwrap();
        let held = other.begin().await.unwrap();
        held.execute_unprepared("LOCK TABLE partners IN ACCESS EXCLUSIVE MODE").await.unwrap();
        let until_waiting = async |count: usize| {
            let (begun, waiting) = (
                Instant::now(),
                "SELECT 1 FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'",
            );
            let waiting = || other.query_all_raw(Statement::from_string(DbBackend::Postgres, waiting));
            while waiting().await.unwrap().len() != count {
                assert!(begun.elapsed() < Duration::from_secs(20), "the store does not go on as it should");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };

        let admin = replica.as_admin();
        let (answer, ()) = tokio::join!(admin.ask("{ partners { nodes { id } } }"), until_waiting(1));
        answer.assert_refused("TIMEOUT");
        until_waiting(0).await;
        held.rollback().await.unwrap();
        gateway.as_admin().ask("{ partners { nodes { id } } }").await.data();
    })
    .await;
}

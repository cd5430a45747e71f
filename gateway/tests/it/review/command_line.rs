//! The queue on the command line.

use serde_json::{Value, json};

use crate::harness::{TestGateway, on_every_shared_store, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_shown_with_all_that_is_needed_to_decide_it() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let task = gateway.given_pair().await;
        let (status, out, err) = run(url, &["review", "show", &task]);
        assert_eq!(status, 0, "{err}");
        for part in [
            "CRM/Lead/00Q0a",
            "CRM/Lead/00Q0b",
            "03-1234-0000",
            "SAME  changes",
            "DIFFERENT  changes no record",
        ] {
            assert!(out.contains(part), "{part}: {out}");
        }
        let (_, out, _) = run(url, &["--json", "review", "show", &task]);
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&told["id"], &told["consequences"][0]["decision"]), (&json!(task), &json!("SAME")));
        assert!(!told["evidence"].as_array().unwrap().is_empty());
        let (status, _, err) = run(url, &["review", "show", "01977a3e-0000-7000-8000-000000000000"]);
        assert_eq!((status, err.contains("there is no such task")), (1, true), "{err}");
    })
    .await;
}

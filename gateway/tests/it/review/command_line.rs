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

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_claimed_given_back_and_decided_together() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let task = gateway.given_pair().await;
        let (status, out, err) = run(url, &["review", "claim", &task, "--by", "steward-1"]);
        assert_eq!((status, out.contains("held by steward-1")), (0, true), "{out}{err}");
        let (status, _, err) = run(url, &["review", "claim", &task, "--by", "steward-2"]);
        assert_eq!(status, 1, "{err}");
        let all = ["review", "decide-all", "different", "--record-kind", "LEAD", "--by"];
        let (_, out, _) = run(url, &[&all[..], &["steward-2"]].concat());
        assert!(out.contains("no task meets these conditions"), "{out}");
        assert_eq!(run(url, &["review", "release", &task, "--by", "steward-1"]).0, 0);

        let (status, out, err) = run(url, &[&["--json"], &all[..], &["steward-2"]].concat());
        assert_eq!(status, 0, "{err}");
        let shown: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&shown["tasks"][0]["id"], &shown["tasks"][0]["state"]), (&json!(task), &json!("OPEN")));
        let token = shown["token"].as_str().unwrap();
        let decide = ["steward-2", "--token", token, "--reason", "別人"];
        let (status, out, err) = run(url, &[&["--json"], &all[..], &decide].concat());
        assert_eq!(status, 0, "{err}");
        let decided: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&decided[0]["task"]["state"], &decided[0]["refusal"]), (&json!("APPLIED"), &Value::Null));
        let (status, _, err) = run(url, &[&all[..], &decide].concat());
        assert_eq!((status, err.contains("preview them again")), (1, true), "{err}");

        let (_, out, _) = run(url, &["--json", "review", "backlog"]);
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&told["waiting"], &told["decided"][6]["count"]), (&json!(0), &json!(1)), "{told}");
        assert!(run(url, &["review", "backlog"]).1.contains("decided on"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_proposes_a_merge_does_not_decide_it() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let task = gateway.given_pair().await;
        let (_, out, _) = run(url, &["--json", "review", "show", &task]);
        let shown: Value = serde_json::from_str(&out).unwrap();
        let ids = [0, 1].map(|it| shown["goldenIds"][it].as_str().unwrap().to_owned());
        let because = ["--by", "manager-1", "--reason", "名刺が同じ"];
        let (status, out, err) =
            run(url, &[&["--json", "lead", "propose", &ids[0], &ids[1]][..], &because].concat());
        assert_eq!(status, 0, "{err}");
        let told: Value = serde_json::from_str(&out).unwrap();
        let asked = told[0]["taskId"].as_str().unwrap();
        let (status, _, err) = run(url, &[&["review", "decide", asked, "SAME"][..], &because].concat());
        assert_eq!(status, 1, "{err}");
        let by_another = ["--by", "steward-1", "--reason", "確認した"];
        let (status, _, err) = run(url, &[&["review", "decide", asked, "SAME"][..], &by_another].concat());
        assert_eq!(status, 0, "{err}");
        let (status, _, err) = run(url, &[&["lead", "propose", &ids[0], &ids[0]][..], &because].concat());
        assert_eq!(status, 1, "{err}");
    })
    .await;
}

//! `gateway lead why`: the reason of a value, on the command line.

use chrono::TimeDelta;
use domain::fields::{account, lead};
use gateway::platform::graphql::node_id::NodeId;
use serde_json::{Value, json};

use crate::harness::{Said, TestGateway, on_every_shared_store, run};

#[tokio::test(flavor = "multi_thread")]
async fn the_command_tells_who_won_and_what_lost() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let crm =
            Said::lead("00Q1").with(lead::email, "sato@kyokuyo.example").with(lead::phone, "03-1111-1111");
        let id = gateway.given(crm.clone()).await;
        let before = gateway.services.clock.now().to_rfc3339();
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        gateway.hears([crm.with(lead::phone, "03-2222-2222").by("MA").modified(now)]).await;

        let (status, out, err) = run(url, &["lead", "why", &id, "phone", "--language", "ja"]);
        assert_eq!(status, 0, "{err}");
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines[0].starts_with("LEAD ") && lines[0].ends_with("phone (電話番号)"), "{out}");
        assert!(
            lines[3].starts_with("*  03-2222-2222  MA/Lead/00Q1   2026-06-02T00:00:00Z  RECENCY"),
            "{out}"
        );
        assert!(
            lines[4].starts_with("   03-1111-1111  CRM/Lead/00Q1  2026-06-01T00:00:00Z  RECENCY"),
            "{out}"
        );
        assert!(lines[3].ends_with("(更新日時優先)"), "{out}");

        let uuid = id.parse::<NodeId>().unwrap().id.to_string();
        let (_, out, _) = run(url, &["--json", "lead", "why", &uuid, "phone", "--as-of", &before]);
        let why: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&why["value"], &why["rule"]), (&json!("03-1111-1111"), &json!("ONLY_SOURCE")));
        assert_eq!(why["losers"], json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_is_refused_with_what_to_do() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let id = gateway.given(Said::account("0011", "極洋").with(account::phone, "03-1111-1111")).await;
        let (status, out, _) = run(url, &["account", "why", &id, "nameKana"]);
        assert_eq!(status, 0);
        assert!(out.contains("no source says anything of it"), "{out}");
        for (arguments, code, says) in [
            (["account", "why", &id, "nose"], 2, "no field `nose`"),
            (["lead", "why", &id, "phone"], 2, "expected the id of a Lead, got the id of a Account"),
            (["lead", "why", "nonsense", "phone"], 2, "not an id"),
            (["lead", "why", "01977a3e-0000-7000-8000-000000000000", "phone"], 1, "no such Lead"),
        ] {
            let (status, out, err) = run(url, &arguments);
            assert_eq!(status, code, "{arguments:?}: {out}{err}");
            assert!(err.contains(says), "{arguments:?}: {err}");
        }
    })
    .await;
}

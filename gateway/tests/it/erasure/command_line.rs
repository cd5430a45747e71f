//! Erasing on the command line.

use super::*;
use crate::harness::{on_every_shared_store, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_happens_and_does_nothing() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let lead = gateway.given(minai()).await;
        let erase = ["lead", "erase", &lead, "--by", "admin-1", "--reason", "請求 2026-17"];
        let (status, out, err) = run(url, &[&erase[..], &["--dry-run"]].concat());
        assert_eq!(status, 0, "{err}");
        assert!(out.starts_with("would be erased") && out.contains("still in CRM/Lead/00Q1"), "{out}");
        assert_eq!(gateway.lead(&lead, "lastName").await["lastName"], "薬袋");

        let (status, out, err) = run(url, &erase);
        assert_eq!((status, out.starts_with("erased")), (0, true), "{out}{err}");
        assert_eq!(gateway.lead(&lead, "lastName").await["lastName"], Value::Null);
        let (status, out, _) = run(url, &[&["--json"][..], &erase[..]].concat());
        let again: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((status, &again["changed"]), (0, &json!(false)), "{out}");

        let account = gateway.given(Said::account("0010", "株式会社極洋")).await;
        let (status, _, err) = run(url, &["account", "erase", &account, "--by", "admin-1", "--reason", "x"]);
        assert_eq!((status, err.contains("only leads and contacts")), (1, true), "{err}");
    })
    .await;
}

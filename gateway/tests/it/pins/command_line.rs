//! Pins, locks and timelines on the command line.

use super::*;
use crate::harness::{on_every_shared_store, run};

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_fixed_and_let_go_on_the_command_line() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let lead = gateway.given(sato()).await;
        let because = ["--by", "steward-1", "--reason", "本人に確認"];
        let command = |arguments: &[&str]| {
            let (status, out, err) = run(url, &[&["lead"], arguments, &because].concat());
            (status, format!("{out}{err}"))
        };
        let (status, out) = command(&["pin", &lead, "phone", "03-7777-7777"]);
        assert_eq!((status, out.trim()), (0, "phone = 03-7777-7777 (PIN)"));
        assert_eq!(gateway.served(&lead, lead::phone).await, "03-7777-7777");
        let (status, out) = command(&["pin", &lead, "phone", "03-8888-8888"]);
        assert_eq!((status, out.contains("pinned")), (1, true), "{out}");
        assert_eq!(command(&["lock", &lead, "title", "--until", "2999-01-01T00:00:00Z"]).0, 0);
        assert_eq!(command(&["unlock", &lead, "title"]).0, 0);
        assert_eq!(command(&["unpin", &lead, "phone"]).0, 0);
        let (status, out, err) = run(url, &["--json", "lead", "timeline", &lead, "phone"]);
        assert_eq!(status, 0, "{err}");
        let changes: Value = serde_json::from_str(&out).unwrap();
        assert!(changes.as_array().unwrap().iter().any(|it| it["value"] == "03-7777-7777"), "{out}");
        let (status, out, _) = run(url, &["lead", "timeline", &lead]);
        assert!(status == 0 && out.contains("lastName") | out.contains("last_name"), "{out}");
    })
    .await;
}

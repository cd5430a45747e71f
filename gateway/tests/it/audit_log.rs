//! Who changed what, for those who have to answer for it.

use chrono::TimeDelta;
use domain::access::Role;
use serde_json::json;

use crate::harness::on_every_store;

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_who_did_what_to_which_record() {
    on_every_store(async |gateway| {
        gateway.given_partner("株式会社東西").await;
        gateway.let_pass(TimeDelta::hours(1));
        let later = gateway.services.clock.now();
        let revocation = json!({ "subject": "gone", "reason": "退職" });
        gateway.as_admin().change("revokeTokens", revocation, "tokenRevocation { id }").await.data();

        let question = "query($filter: AuditEntryFilter) {
            auditEntries(first: 1, filter: $filter) {
                totalCount nodes { at subject action targetKind targetId detail requestId } } }";
        let all = gateway.as_admin().ask_with(question, json!({})).await;
        assert_eq!(all.text_at("/auditEntries/nodes/0/action"), "credentials.revokeTokens");
        assert_eq!(all.text_at("/auditEntries/nodes/0/subject"), "admin");
        assert!(!all.text.contains("退職"), "{}", all.text);
        let count = all.at("/auditEntries/totalCount").as_u64().unwrap();
        assert!(count > 1, "{}", all.text);

        let target = all.at("/auditEntries/nodes/0/targetId");
        for (filter, expected) in [
            (json!({ "targetId": target }), 1),
            (json!({ "action": "credentials.revokeTokens", "subject": "admin" }), 1),
            (json!({ "from": later }), 1),
            (json!({ "until": later }), count - 1),
            (json!({ "subject": "nobody" }), 0),
            (json!({ "requestId": all.at("/auditEntries/nodes/0/requestId") }), 1),
        ] {
            let found = gateway.as_admin().ask_with(question, json!({ "filter": filter })).await;
            assert_eq!(found.at("/auditEntries/totalCount").as_u64(), Some(expected), "{filter}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_read_the_log() {
    on_every_store(async |gateway| {
        for role in Role::ALL.iter().filter(|it| **it != Role::Admin) {
            let client = gateway.known(&[*role], "somebody", None);
            client.ask("{ auditEntries { totalCount } }").await.assert_refused("FORBIDDEN");
        }
    })
    .await;
}

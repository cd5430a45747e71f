//! Who sees the queue, and who works on it.

use domain::access::Role;
use serde_json::json;

use super::given::{lead_of_pair, pair};
use crate::harness::{TestGateway, on_every_store};

const QUERIES: [&str; 5] = [
    "{ previewReviewDecisions(decision: SAME) { count } }",
    "{ reviewTasks { totalCount nodes { id } } }",
    "{ myClaims { totalCount nodes { id } } }",
    "{ reviewBacklog { waiting } }",
    "{ reviewTask(id: \"01970000-0000-7000-8000-000000000000\") { id } }",
];
const CHANGES: [&str; 3] = ["claimReviewTask", "renewReviewClaim", "releaseReviewTask"];

#[tokio::test(flavor = "multi_thread")]
async fn partners_neither_see_the_queue_nor_work_on_it() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let lead = gateway.id_of(domain::fields::RecordKind::Lead, "00Q0a").await;
        gateway.given_assignment(&lead, &own).await;
        for client in [
            gateway.as_admin_of(&own),
            gateway.as_rep_of(&own),
            gateway.as_admin_of(&rival),
            gateway.as_rep_of(&rival),
            gateway.as_staff(Role::IntegrationJob, "job"),
        ] {
            for query in QUERIES {
                client.ask(query).await.assert_refused("FORBIDDEN");
            }
            for change in CHANGES {
                let answer = client.change(change, json!({ "taskId": task }), "task { id }").await;
                answer.assert_refused("FORBIDDEN");
            }
            let decision = json!({ "taskId": task, "decision": "SAME", "reason": "x" });
            let answer = client.change("decideReviewTask", decision, "task { id }").await;
            answer.assert_refused("FORBIDDEN");
            let decisions = json!({ "filter": {}, "decision": "SAME", "reason": "x", "previewToken": "x" });
            let answer = client.change("decideReviewTasks", decisions, "decided").await;
            answer.assert_refused("FORBIDDEN");
        }
    })
    .await;
}

/// What a channel manager finds.
async fn found(gateway: &TestGateway, manager: &str) -> serde_json::Value {
    let question = "{ reviewTasks { totalCount nodes { records { externalId } comparison { left right } } }
        reviewBacklog { waiting } }";
    gateway.as_channel_manager(manager).ask(question).await.data().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_manager_sees_questions_about_the_own_set_and_decides_none() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let input = json!({ "id": partner.id, "version": 1, "managers": ["mine"] });
        let managed = gateway.as_admin().change("updatePartner", input, "partner { id }").await;
        managed.data();
        gateway.hears_at_once(pair(0)).await;
        let task = gateway.only_task().await;
        assert_eq!(found(gateway, "mine").await["reviewTasks"]["totalCount"], 1);
        let lead = gateway.id_of(domain::fields::RecordKind::Lead, "00Q0b").await;
        gateway.given_assignment(&lead, &partner).await;
        assert_eq!(found(gateway, "mine").await["reviewTasks"]["totalCount"], 1);
        let other = found(gateway, "other").await;
        assert_eq!(other["reviewTasks"], json!({ "totalCount": 0, "nodes": [] }));
        assert_eq!(other["reviewBacklog"]["waiting"], 0);
        let question = format!("{{ reviewTask(id: \"{task}\") {{ id }} }}");
        let other = gateway.as_channel_manager("other").ask(&question).await;
        assert_eq!(other.data(), &json!({ "reviewTask": null }));
        for change in CHANGES {
            let client = gateway.as_channel_manager("mine");
            client.change(change, json!({ "taskId": task }), "task { id }").await.assert_refused("FORBIDDEN");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_does_not_exist_is_not_found() {
    on_every_store(async |gateway| {
        gateway.hears([lead_of_pair(0, "a")]).await;
        let steward = gateway.as_staff(Role::DataSteward, "mori");
        let nobody = json!({ "taskId": "01970000-0000-7000-8000-000000000000" });
        for change in CHANGES {
            steward.change(change, nobody.clone(), "task { id }").await.assert_refused("NOT_FOUND");
        }
        let answer = steward.ask(QUERIES[4]).await;
        assert_eq!(answer.data(), &json!({ "reviewTask": null }));
    })
    .await;
}

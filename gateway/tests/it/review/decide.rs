//! Deciding: what an answer does, who may give it, and what stands in its way.

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::{RecordKind, lead};
use serde_json::{Value, json};

use super::given::{lead_of_pair, pair};
use crate::harness::{Answer, Client, Said, TestGateway, on_every_store};

const STANDING: &str = "task { state claimedBy history { action by decision reason } }";

fn steward<'a>(gateway: &'a TestGateway, name: &str) -> Client<'a> {
    gateway.as_staff(Role::DataSteward, name)
}

/// Somebody decides.
pub async fn decide(client: &Client<'_>, task: &str, decision: &str) -> Answer {
    let input = json!({ "taskId": task, "decision": decision, "reason": "名刺で確かめた" });
    client.change("decideReviewTask", input, STANDING).await
}

async fn leads(gateway: &TestGateway) -> Value {
    gateway.as_admin().ask("{ leads { totalCount } }").await.at("/leads/totalCount").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_are_joined_at_once_as_was_foretold() {
    on_every_store(async |gateway| {
        gateway.hears([lead_of_pair(0, "a"), lead_of_pair(0, "b").with(lead::title, "部長")]).await;
        let task = gateway.only_task().await;
        let question =
            "{ reviewTasks { nodes { consequences { survivorId otherId fields { field after } } } } }";
        let foretold = gateway.as_admin().ask(question).await;
        let foretold = foretold.at("/reviewTasks/nodes/0/consequences/0").clone();
        gateway.let_pass(TimeDelta::minutes(5));
        let answer = decide(&steward(gateway, "mori"), &task, "SAME").await;
        let history = json!([
            { "action": "DECIDED", "by": "mori", "decision": "SAME", "reason": "名刺で確かめた" },
            { "action": "APPLIED", "by": "mori", "decision": null, "reason": null },
        ]);
        let expected = json!({ "state": "APPLIED", "claimedBy": null, "history": history });
        assert_eq!(answer.at("/decideReviewTask/task"), &expected);
        let one = "query One($id: ID!) { lead(id: $id) { id title company } leads { totalCount } }";
        let lead = gateway.as_admin().ask_with(one, json!({ "id": foretold["otherId"] })).await;
        assert_eq!(lead.at("/leads/totalCount"), 1);
        assert_eq!(lead.at("/lead/id"), &foretold["survivorId"]);
        let fields = foretold["fields"].as_array().unwrap();
        for field in ["title", "company"] {
            let after = &fields.iter().find(|it| it["field"] == field).unwrap()["after"];
            assert_eq!(lead.at(&format!("/lead/{field}")), after, "{field}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_different_stay_apart_and_are_not_asked_about_again() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        decide(&steward(gateway, "mori"), &task, "DIFFERENT").await.data();
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        gateway.hears([lead_of_pair(0, "b").with(lead::title, "部長").modified(now)]).await;
        assert_eq!(leads(gateway).await, 2);
        let tasks = gateway.as_admin().ask("{ reviewTasks { nodes { id state } } }").await;
        assert_eq!(tasks.at("/reviewTasks/nodes"), &json!([{ "id": task, "state": "APPLIED" }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_needs_a_reason_an_answer_that_fits_and_a_task_that_waits() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        let (mori, abe) = (steward(gateway, "mori"), steward(gateway, "abe"));
        let blank = json!({ "taskId": task, "decision": "SAME", "reason": " " });
        mori.change("decideReviewTask", blank, STANDING).await.assert_refused("REASON_BLANK");
        decide(&mori, &task, "UNPIN").await.assert_refused("DECISION_OF_ANOTHER_KIND");
        abe.change("claimReviewTask", json!({ "taskId": task }), "task { id }").await.data();
        decide(&mori, &task, "SAME").await.assert_refused("REVIEW_TASK_HELD");
        assert_eq!(leads(gateway).await, 2);
        decide(&abe, &task, "SAME").await.data();
        decide(&mori, &task, "DIFFERENT").await.assert_refused("REVIEW_TASK_CLOSED");
        assert_eq!(leads(gateway).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_decision_is_made_once() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        let mori = steward(gateway, "mori");
        let input = |decision: &str| {
            json!({ "taskId": task, "decision": decision, "reason": "同じ人", "idempotencyKey": "k1" })
        };
        for _ in 0..2 {
            let answer = mori.change("decideReviewTask", input("SAME"), STANDING).await;
            assert_eq!(answer.at("/decideReviewTask/task/state"), "APPLIED");
            assert_eq!(answer.at("/decideReviewTask/task/history").as_array().unwrap().len(), 2);
        }
        let other = mori.change("decideReviewTask", input("DIFFERENT"), STANDING).await;
        other.assert_refused("IDEMPOTENCY_KEY_REUSED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_decide_at_once_one_is_heard() {
    on_every_store(async |gateway| {
        let task = gateway.given_pair().await;
        let (mori, abe) = (steward(gateway, "mori"), steward(gateway, "abe"));
        let (one, other) = tokio::join!(decide(&mori, &task, "SAME"), decide(&abe, &task, "DIFFERENT"));
        let mut codes = [one.codes(), other.codes()];
        codes.sort();
        assert_eq!(codes, [vec![], vec!["REVIEW_TASK_CLOSED"]]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_carried_out_has_failed_and_says_why() {
    on_every_store(async |gateway| {
        gateway.hears([Said::lead("00Q1").deleted().into_other("00Q9")]).await;
        let task = gateway.only_task().await;
        let mori = steward(gateway, "mori");
        let failed = decide(&mori, &task, "FOLLOW").await;
        assert_eq!(failed.at("/decideReviewTask/task/state"), "FAILED");
        let why = failed.text_at("/decideReviewTask/task/history/1/reason");
        assert_eq!(why, "there is no such source record, or you do not see it");
        gateway.hears([Said::lead("00Q9")]).await;
        let applied = decide(&mori, &task, "FOLLOW").await;
        assert_eq!(applied.at("/decideReviewTask/task/state"), "APPLIED", "{}", applied.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_declared_different_is_not_joined_through_a_third_record() {
    on_every_store(async |gateway| {
        gateway.hears_at_once(["a", "b", "c"].map(|it| lead_of_pair(0, it))).await;
        let mori = steward(gateway, "mori");
        for (names, decision, state) in [
            (["00Q0a", "00Q0b"], "DIFFERENT", "APPLIED"),
            (["00Q0a", "00Q0c"], "SAME", "APPLIED"),
            (["00Q0b", "00Q0c"], "SAME", "FAILED"),
        ] {
            let task = task_about(gateway, names).await;
            let decided = decide(&mori, &task, decision).await;
            assert_eq!(decided.at("/decideReviewTask/task/state"), state, "{names:?} {}", decided.text);
        }
        assert_eq!(leads(gateway).await, 2);
    })
    .await;
}

async fn task_about(gateway: &TestGateway, names: [&str; 2]) -> String {
    let answer = gateway.as_admin().ask("{ reviewTasks { nodes { id records { externalId } } } }").await;
    let records = json!(names.map(|it| json!({ "externalId": it })));
    let tasks = answer.at("/reviewTasks/nodes").as_array().unwrap();
    tasks.iter().find(|it| it["records"] == records).unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_an_unmerge_does_not_approve_it() {
    on_every_store(async |gateway| {
        let one = |id: &str| Said::lead(id).with(lead::email, "sato@kyokuyo.example");
        gateway.hears_at_once([one("00Q1"), one("00Q2").with(lead::title, "部長")]).await;
        assert_eq!(leads(gateway).await, 1);
        let task = asked_to_take_out(gateway, "mori", "00Q2").await;
        let mori = steward(gateway, "mori");
        let question = "{ reviewTasks { nodes { consequences { decision changesRecords
            fields { field before other after } } } } }";
        let foretold = mori.ask(question).await;
        let title = json!({ "field": "title", "before": "部長", "other": "部長", "after": null });
        let expected = json!([
            { "decision": "APPROVE", "changesRecords": true, "fields": [title] },
            { "decision": "REJECT", "changesRecords": false, "fields": [] },
        ]);
        assert_eq!(foretold.at("/reviewTasks/nodes/0/consequences"), &expected);
        decide(&mori, &task, "APPROVE").await.assert_refused("FOUR_EYES_REQUIRED");
        assert_eq!(leads(gateway).await, 1);
        let approved = decide(&steward(gateway, "abe"), &task, "APPROVE").await;
        assert_eq!(approved.at("/decideReviewTask/task/state"), "APPLIED", "{}", approved.text);
        assert_eq!(leads(gateway).await, 2);
        gateway.let_pass(TimeDelta::minutes(1));
        let alone = gateway.id_of(RecordKind::Lead, "00Q2").await;
        let record = json!({ "system": "CRM", "object": "Lead", "externalId": "00Q2" });
        let input = json!({ "id": alone, "sourceRecords": [record], "reason": "別の人だった" });
        mori.change("proposeUnmerge", input, "task { id }").await.assert_refused("NOT_MERGED");
    })
    .await;
}

async fn asked_to_take_out(gateway: &TestGateway, who: &str, external_id: &str) -> String {
    let id = gateway.id_of(RecordKind::Lead, external_id).await;
    let record = json!({ "system": "CRM", "object": "Lead", "externalId": external_id });
    let input = json!({ "id": id, "sourceRecords": [record], "reason": "別の人だった" });
    let answer = steward(gateway, who).change("proposeUnmerge", input, "task { id kind }").await;
    assert_eq!(answer.at("/proposeUnmerge/task/kind"), "UNMERGE");
    answer.text_at("/proposeUnmerge/task/id").to_owned()
}

mod many {
    //! Deciding many tasks at once.

    use domain::ids::ReviewTaskId;
    use domain::review::{ReviewAction, ReviewState};
    use entity::review::{review_event, review_task};
    use sea_orm::sea_query::Expr;
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

    use super::*;

    const REPORT: &str = "decided refused results { refusalCode task { state records { externalId } } }";

    async fn preview(client: &Client<'_>, filter: &str, decision: &str) -> Answer {
        let question = format!(
            "{{ previewReviewDecisions(filter: {{ {filter} }}, decision: {decision}, first: 2) {{ count previewToken
                byKind {{ kind count }} tasks {{ consequences {{ decision changesRecords }} }} }} }}"
        );
        client.ask(&question).await
    }

    async fn decide_all(client: &Client<'_>, token: &Value, decision: &str, key: Option<&str>) -> Answer {
        let input = json!({
            "filter": { "recordKind": "LEAD" }, "decision": decision, "reason": "一括で確かめた",
            "previewToken": token, "idempotencyKey": key,
        });
        client.change("decideReviewTasks", input, REPORT).await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_previewed_is_decided() {
        on_every_store(async |gateway| {
            gateway.given_pairs(5).await;
            let mori = steward(gateway, "mori");
            let seen = preview(&mori, "recordKind: LEAD", "SAME").await;
            let seen = seen.at("/previewReviewDecisions");
            assert_eq!(seen["count"], 5);
            assert_eq!(seen["byKind"], json!([{ "kind": "MATCH", "count": 5 }]));
            assert_eq!(seen["tasks"].as_array().unwrap().len(), 2);
            assert_eq!(seen["tasks"][0]["consequences"][0]["changesRecords"], true);
            let report = decide_all(&mori, &seen["previewToken"], "SAME", Some("k1")).await;
            assert_eq!(report.at("/decideReviewTasks/decided"), 5);
            assert_eq!(report.at("/decideReviewTasks/results/4/task/state"), "APPLIED");
            assert_eq!(leads(gateway).await, 5);
            let again = decide_all(&mori, &seen["previewToken"], "SAME", Some("k1")).await;
            assert_eq!(again.data(), report.data(), "a retry tells the same");
            let empty = preview(&mori, "recordKind: LEAD", "SAME").await;
            assert_eq!(empty.at("/previewReviewDecisions/count"), 0);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_retry_goes_on_where_the_first_request_was_interrupted() {
        on_every_store(async |gateway| {
            gateway.given_pairs(4).await;
            let mori = steward(gateway, "mori");
            let seen = preview(&mori, "recordKind: LEAD", "SAME").await;
            let token = &seen.at("/previewReviewDecisions")["previewToken"];
            decide_all(&mori, token, "SAME", Some("k1")).await.data();
            // As if the process had ended after two of them.
            let tasks = gateway.as_admin().ask("{ reviewTasks { nodes { id } } }").await;
            let id = |at: usize| tasks.text_at(&format!("/reviewTasks/nodes/{at}/id"));
            let left = [2, 3].map(|at| ReviewTaskId::from(id(at).parse::<uuid::Uuid>().unwrap()));
            let txn = gateway.services.database.begin_write().await.unwrap();
            review_event::Entity::delete_many()
                .filter(review_event::Column::TaskId.is_in(left))
                .filter(review_event::Column::Action.ne(ReviewAction::Selected))
                .exec(&txn)
                .await
                .unwrap();
            review_task::Entity::update_many()
                .col_expr(review_task::Column::State, Expr::value(ReviewState::Open))
                .filter(review_task::Column::Id.is_in(left))
                .exec(&txn)
                .await
                .unwrap();
            txn.commit().await.unwrap();
            let resumed = decide_all(&mori, token, "SAME", Some("k1")).await;
            assert_eq!(resumed.at("/decideReviewTasks/decided"), 4);
            for at in 0..4 {
                let state = resumed.at(&format!("/decideReviewTasks/results/{at}/task/state"));
                assert_eq!(state, "APPLIED");
            }
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_set_than_the_previewed_one_is_refused() {
        on_every_store(async |gateway| {
            gateway.given_pairs(2).await;
            let mori = steward(gateway, "mori");
            let seen = preview(&mori, "recordKind: LEAD", "SAME").await;
            let token = seen.at("/previewReviewDecisions/previewToken").clone();
            let refused = "REVIEW_SELECTION_CHANGED";
            decide_all(&mori, &token, "DIFFERENT", None).await.assert_refused(refused);
            gateway.let_pass(TimeDelta::days(1));
            gateway.hears_at_once(pair(2)).await;
            decide_all(&mori, &token, "SAME", None).await.assert_refused(refused);
            assert_eq!(leads(gateway).await, 6);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_failure_does_not_undo_the_rest() {
        on_every_store(async |gateway| {
            gateway.hears([Said::lead("00Q3")]).await;
            for (id, into) in [("00Q1", "00Q9"), ("00Q2", "00Q3"), ("00Q4", "00Q3")] {
                gateway.hears([Said::lead(id).deleted().into_other(into)]).await;
            }
            let mori = steward(gateway, "mori");
            let seen = preview(&mori, "recordKind: LEAD", "FOLLOW").await;
            assert_eq!(seen.at("/previewReviewDecisions/count"), 3);
            let token = seen.at("/previewReviewDecisions/previewToken").clone();
            let report = decide_all(&mori, &token, "FOLLOW", None).await;
            let results = report.at("/decideReviewTasks/results").as_array().unwrap();
            let states: Vec<_> = results.iter().map(|it| it["task"]["state"].as_str().unwrap()).collect();
            assert_eq!(states, ["FAILED", "APPLIED", "APPLIED"], "{}", report.text);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn tasks_that_others_hold_are_left_out() {
        on_every_store(async |gateway| {
            gateway.given_pairs(2).await;
            let task = gateway.as_admin().ask("{ reviewTasks(first: 1) { nodes { id } } }").await;
            let input = json!({ "taskId": task.at("/reviewTasks/nodes/0/id") });
            steward(gateway, "abe").change("claimReviewTask", input, "task { id }").await.data();
            let seen = preview(&steward(gateway, "mori"), "", "SAME").await;
            assert_eq!(seen.at("/previewReviewDecisions/count"), 1);
            let seen = preview(&steward(gateway, "abe"), "", "SAME").await;
            assert_eq!(seen.at("/previewReviewDecisions/count"), 2);
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn there_is_a_most_that_is_decided_at_once() {
        on_every_store(async |gateway| {
            gateway.given_pairs(501).await;
            let answer = preview(&steward(gateway, "mori"), "", "SAME").await;
            answer.assert_refused("TOO_MANY_REVIEW_TASKS");
        })
        .await;
    }
}

//! What the queue shows: all that is needed to decide, in the order of what hangs on it.

use chrono::TimeDelta;
use domain::fields::{RecordKind, account, lead, opportunity};
use gateway::review::service;
use serde_json::{Value, json};

use super::given::{lead_of_pair, pair};
use crate::harness::{Said, TestGateway, on_every_store};

const SCREEN: &str = "{ reviewTasks(first: 200, orderBy: CREATED_ASC) { nodes {
    id kindLabel stateLabel score weight goldenIds ageSeconds claimedBy claimedUntil requestedBy deciders
    finding { band bandLabel reservation veto } evidence { comparisonLabel levelLabel points }
    decisions { decision label }
    left { goldenId isLive modifiedAt sourceRecord { externalId } }
    right { goldenId isLive modifiedAt sourceRecord { externalId } }
    comparison { field label left right agreement agreementLabel }
    consequences { decision changesRecords survivorId otherId
        fields { field before other after source rule } }
    history { at actionLabel by decision reason } } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_task_shows_both_records_and_what_each_answer_would_change() {
    on_every_store(async |gateway| {
        let titled = lead_of_pair(0, "b").with(lead::title, "部長").with(lead::phone, "0312340000");
        gateway.hears([lead_of_pair(0, "a"), titled.at("2026-05-31T00:00:00Z")]).await;
        gateway.let_pass(TimeDelta::hours(2));
        let answer = gateway.as_admin().ask(SCREEN).await;
        let task = answer.at("/reviewTasks/nodes/0");
        let [left, right] = ["00Q0a", "00Q0b"].map(|it| gateway.id_of(RecordKind::Lead, it));
        let (left, right) = (left.await, right.await);
        assert_eq!(task["goldenIds"], json!([left, right]));
        assert_eq!(task["ageSeconds"], 7_200);
        assert_eq!(task["finding"]["band"], "REVIEW");
        assert_eq!(task["left"]["sourceRecord"]["externalId"], "00Q0a");
        assert_eq!(task["left"]["goldenId"], json!(left));
        let of = |field: &str| {
            let compared = task["comparison"].as_array().unwrap();
            compared.iter().find(|it| it["field"] == field).unwrap_or(&Value::Null).clone()
        };
        assert_eq!(of("firstName")["agreement"], "EQUAL");
        assert_eq!(of("phone")["agreement"], "EQUIVALENT");
        assert_eq!(of("company")["agreement"], "DIFFERENT");
        assert_eq!(
            of("title"),
            json!({
                "field": "title", "label": "役職", "left": null, "right": "部長",
                "agreement": "ONLY_RIGHT", "agreementLabel": "右のみ",
            })
        );
        assert_eq!(of("email"), Value::Null);
        let [same, different] = [&task["consequences"][0], &task["consequences"][1]];
        assert_eq!(same["decision"], "SAME");
        assert_eq!(same["survivorId"], json!(left));
        assert_eq!(same["otherId"], json!(right));
        let fields = same["fields"].as_array().unwrap();
        let title = fields.iter().find(|it| it["field"] == "title").unwrap();
        assert_eq!(title["after"], "部長");
        assert_eq!(title["before"], Value::Null);
        assert!(fields.iter().all(|it| it["field"] != "firstName"), "what stays is not listed");
        let nothing = json!({ "decision": "DIFFERENT", "changesRecords": false, "survivorId": null,
            "otherId": null, "fields": [] });
        assert_eq!(different, &nothing);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_takes_as_many_statements_as_one_task_and_one_when_little_is_asked() {
    on_every_store(async |gateway| {
        gateway.given_pairs(1).await;
        let one = gateway.as_admin().ask(SCREEN).await.statements;
        gateway.hears_at_once((1..50).flat_map(pair)).await;
        let answer = gateway.as_admin().ask(SCREEN).await;
        assert_eq!(answer.at("/reviewTasks/nodes").as_array().unwrap().len(), 50);
        assert_eq!(answer.statements, one, "for fifty tasks as for one");
        // Tasks, history, both records with their links; these again with the members of their golden records and
        // their links, and what is fixed of them; the rules.
        assert!(one <= 10, "{one} statements");
        let plain =
            gateway.as_admin().ask("{ reviewTasks { nodes { id score evidence { points } } } }").await;
        assert_eq!(plain.statements, 1);
    })
    .await;
}

async fn scored(gateway: &TestGateway, arguments: &str) -> Vec<String> {
    let question = format!("{{ reviewTasks({arguments}) {{ nodes {{ records {{ externalId }} }} }} }}");
    let answer = gateway.as_admin().ask(&question).await;
    let first = |it: &Value| it["records"][0]["externalId"].as_str().unwrap().to_owned();
    answer.at("/reviewTasks/nodes").as_array().unwrap().iter().map(first).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_task_on_which_most_hangs_comes_first() {
    on_every_store(async |gateway| {
        gateway.hears([Said::account("0010", "極洋")]).await;
        let deal = Said::opportunity("0061", "冷凍庫").with(opportunity::account, "0010");
        gateway.hears([deal.with(opportunity::is_closed, "false")]).await;
        let duplicate = |id: &str| lead_of_pair(1, "a").with(lead::email, "sato@a1.example").renamed(id);
        gateway.hears_at_once(pair(0)).await;
        gateway.hears_at_once([duplicate("00Q1a"), duplicate("00Q1x"), lead_of_pair(1, "b")]).await;
        let [left, right] = pair(2);
        gateway.hears_at_once([left.with(lead::converted_account, "0010"), right]).await;
        let order = ["00Q2a", "00Q1a", "00Q0a"];
        assert_eq!(scored(gateway, "orderBy: WEIGHT_DESC, filter: { state: [OPEN] }").await[0], order[0]);
        let all = scored(gateway, "orderBy: WEIGHT_DESC").await;
        let places: Vec<_> = order.map(|it| all.iter().position(|id| id == it)).into();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{all:?}");
        let question = "{ reviewTasks(first: 1, orderBy: WEIGHT_DESC) { pageInfo { endCursor } } }";
        let page = gateway.as_admin().ask(question).await;
        let cursor = page.text_at("/reviewTasks/pageInfo/endCursor");
        let rest = scored(gateway, &format!("orderBy: WEIGHT_DESC, after: \"{cursor}\"")).await;
        assert_eq!(rest, all[1..]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_filtered_by_what_and_when_and_whom() {
    on_every_store(async |gateway| {
        gateway.hears_at_once(pair(0)).await;
        gateway.let_pass(TimeDelta::days(3));
        gateway.hears_at_once(pair(1)).await;
        let accounts = |id: &str| Said::account(id, "株式会社極洋").with(account::website, "kyokuyo.example");
        gateway.hears_at_once([accounts("0010"), accounts("0011")]).await;
        let id = gateway.id_of(RecordKind::Lead, "00Q1b").await;
        let of_accounts = "{ reviewTasks(filter: { recordKind: ACCOUNT }) { nodes { score } } }";
        let score =
            gateway.as_admin().ask(of_accounts).await.at("/reviewTasks/nodes/0/score").as_i64().unwrap();
        for (filter, expected) in [
            ("kind: MATCH, recordKind: LEAD", vec!["00Q0a", "00Q1a"]),
            ("kind: [STALE_PIN, MATCH], recordKind: ACCOUNT", vec!["0010"]),
            ("kind: [STALE_PIN]", vec![]),
            (
                &format!("state: [OPEN], minScore: {score}, maxScore: {score}, recordKind: ACCOUNT"),
                vec!["0010"],
            ),
            (&format!("recordKind: ACCOUNT, minScore: {}", score + 1), vec![]),
            (&format!("recordKind: ACCOUNT, maxScore: {}", score - 1), vec![]),
            ("state: [APPLIED, FAILED]", vec![]),
            ("createdBefore: \"2026-06-02T00:00:00Z\"", vec!["00Q0a"]),
            ("createdSince: \"2026-06-02T00:00:00Z\", recordKind: LEAD", vec!["00Q1a"]),
            (&format!("goldenId: \"{id}\""), vec!["00Q1a"]),
            ("claimedByMe: true", vec![]),
            ("claimedByMe: false", vec!["00Q0a", "00Q1a", "0010"]),
        ] {
            assert_eq!(scored(gateway, &format!("filter: {{ {filter} }}")).await, expected, "{filter}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_learns_what_is_new_about_its_records() {
    on_every_store(async |gateway| {
        gateway.hears(pair(0)).await;
        let question = "{ reviewTasks { nodes { id createdAt updatedAt evidence { comparison } } } }";
        let before = gateway.as_admin().ask(question).await.at("/reviewTasks/nodes").clone();
        gateway.let_pass(TimeDelta::days(1));
        let titled = |side: &str| lead_of_pair(0, side).with(lead::postal_code, "100-0005");
        let now = gateway.services.clock.now();
        gateway.hears_at_once(["a", "b"].map(|it| titled(it).modified(now))).await;
        let after = gateway.as_admin().ask(question).await.at("/reviewTasks/nodes").clone();
        assert_eq!(after.as_array().unwrap().len(), 1);
        for unmoved in ["id", "createdAt"] {
            assert_eq!(after[0][unmoved], before[0][unmoved]);
        }
        assert_eq!(after[0]["updatedAt"], "2026-06-02T00:00:00+00:00");
        let comparisons = |it: &Value| it[0]["evidence"].as_array().unwrap().len();
        assert!(comparisons(&after) > comparisons(&before), "{after}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_became_moot_is_closed_and_asked_again_when_it_comes_up_again() {
    on_every_store(async |gateway| {
        gateway.hears(pair(0)).await;
        let task = gateway.only_task().await;
        gateway.let_pass(TimeDelta::days(1));
        let (db, clock) = (gateway.services.database.read(), &gateway.services.clock);
        let question = gateway.as_admin().ask("{ reviewTasks { nodes { records { externalId } } } }").await;
        question.data();
        let fingerprint = fingerprint(gateway).await;
        service::withdraw(db, clock, clock.now(), &[fingerprint]).await.unwrap();
        let asked = "{ reviewTasks { nodes { id state history { action by } } } }";
        let closed = gateway.as_admin().ask(asked).await;
        let history = json!([{ "action": "SUPERSEDED", "by": null }]);
        let expected = json!([{ "id": task, "state": "SUPERSEDED", "history": history }]);
        assert_eq!(closed.at("/reviewTasks/nodes"), &expected);
        gateway.let_pass(TimeDelta::days(1));
        let again = lead_of_pair(0, "b").with(lead::title, "部長").modified(clock.now());
        gateway.hears([again]).await;
        let open = gateway.as_admin().ask(asked).await;
        assert_eq!(open.at("/reviewTasks/nodes/0/id"), &json!(task));
        assert_eq!(open.at("/reviewTasks/nodes/0/state"), "OPEN");
        assert_eq!(open.at("/reviewTasks/nodes/0/history/1/action"), "REOPENED");
    })
    .await;
}

async fn fingerprint(gateway: &TestGateway) -> String {
    use entity::review::review_task::Entity;
    use sea_orm::EntityTrait as _;
    Entity::find().one(gateway.services.database.read()).await.unwrap().unwrap().fingerprint
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_that_became_one_are_no_question_any_more() {
    on_every_store(async |gateway| {
        gateway.hears(pair(0)).await;
        gateway.let_pass(TimeDelta::days(1));
        let now = gateway.services.clock.now();
        let one = |side: &str| lead_of_pair(0, side).with(lead::email, "sato@kyokuyo.example").modified(now);
        gateway.hears_at_once([one("a"), one("b")]).await;
        let answer = gateway.as_admin().ask("{ leads { totalCount } reviewTasks { nodes { state } } }").await;
        let expected =
            json!({ "leads": { "totalCount": 1 }, "reviewTasks": { "nodes": [{ "state": "SUPERSEDED" }] } });
        assert_eq!(answer.data(), &expected);
    })
    .await;
}

mod figures {
    //! How the queue is doing.

    use super::*;

    const FIGURES: &str = "{ reviewBacklog(days: 3) { waiting oldestAt oldestAgeSeconds
        counts { kind state stateLabel count } ages { fromDays toDays count } decided { day count }
        medianSecondsToDecision } }";

    #[tokio::test(flavor = "multi_thread")]
    async fn the_backlog_tells_what_waits_and_for_how_long() {
        on_every_store(async |gateway| {
            let empty = gateway.as_admin().ask(FIGURES).await;
            assert_eq!(empty.at("/reviewBacklog/waiting"), 0);
            assert_eq!(empty.at("/reviewBacklog/oldestAt"), &Value::Null);
            assert_eq!(empty.at("/reviewBacklog/medianSecondsToDecision"), &Value::Null);
            gateway.given_pairs(2).await;
            gateway.let_pass(TimeDelta::days(5));
            gateway.hears_at_once(pair(2)).await;
            let task = gateway.as_admin().ask("{ reviewTasks(last: 1) { nodes { id } } }").await;
            let input = json!({ "taskId": task.at("/reviewTasks/nodes/0/id") });
            gateway.as_admin().change("claimReviewTask", input, "task { state }").await.data();
            let answer = gateway.as_admin().ask(FIGURES).await;
            let backlog = answer.at("/reviewBacklog");
            assert_eq!(backlog["waiting"], 3);
            assert_eq!(backlog["oldestAgeSeconds"], 5 * 86_400);
            let count = |state: &str, label: &str, count: i64| {
                json!({ "kind": "MATCH", "state": state, "stateLabel": label, "count": count })
            };
            assert_eq!(backlog["counts"], json!([count("OPEN", "未着手", 2), count("CLAIMED", "対応中", 1)]));
            let ages: Vec<_> = backlog["ages"].as_array().unwrap().iter().map(|it| &it["count"]).collect();
            assert_eq!(ages, [1, 0, 2, 0, 0]);
            assert_eq!(backlog["decided"].as_array().unwrap().len(), 3);
            gateway.let_pass(TimeDelta::minutes(30));
            let lapsed = gateway.as_admin().ask(FIGURES).await;
            assert_eq!(lapsed.at("/reviewBacklog/counts"), &json!([count("OPEN", "未着手", 3)]));
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn figures_have_a_longest_period() {
        on_every_store(async |gateway| {
            let answer = gateway.as_admin().ask("{ reviewBacklog(days: 91) { waiting } }").await;
            answer.assert_refused("PERIOD_OUT_OF_RANGE");
        })
        .await;
    }
}

//! Alerts: raised once for each rule and partner, taken back by themselves, and seen by those who can do something.

use domain::access::Role;
use gateway::platform::auth::signing::Claims;
use serde_json::{Value, json};

use crate::harness::{TestGateway, on_every_store};

const JOB: &str = "alerts.watch";

/// The rule, state and partner of every alert, oldest first.
async fn alerts(gateway: &TestGateway) -> Vec<[String; 3]> {
    let question = "{ alerts(orderBy: CREATED_ASC) { nodes { rule status partner { legalName } } } }";
    let answer = gateway.as_admin().ask(question).await;
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let nodes = answer.at("/alerts/nodes").as_array().unwrap().iter();
    let mut all: Vec<_> =
        nodes.map(|it| [text(&it["partner"]["legalName"]), text(&it["rule"]), text(&it["status"])]).collect();
    all.sort();
    all
}

/// Somebody at the partner did something, as a portal reports it.
async fn does(gateway: &TestGateway, (partner, user): (&str, &str), kind: &str, payload: Value) {
    let claims = gateway.claims(&[Role::IntegrationJob], "portal-job", None);
    let client = gateway.with_claims(&Claims { scopes: vec!["engagement:portal".to_owned()], ..claims });
    let at = gateway.services.clock.now();
    let event = json!({
        "eventId": format!("{kind}-{}", at.timestamp()), "kind": kind, "partnerId": partner, "userId": user,
        "occurredAt": at, "payload": payload,
    });
    let reports = "accepted reports { code }";
    let answer = client.change("recordEngagementEvents", json!({ "events": [event] }), reports).await;
    assert_eq!(answer.at("/recordEngagementEvents/accepted"), 1, "{}", answer.at(""));
}

/// Two replicas watch at once.
async fn watch(gateway: &TestGateway) {
    let (one, two) = futures::join!(gateway.services.run_job(JOB), gateway.services.run_job(JOB));
    one.and(two).unwrap();
}

fn expected(rows: &[[&str; 3]]) -> Vec<[String; 3]> {
    rows.iter().map(|it| it.map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_told_once_and_is_over_when_somebody_comes() {
    on_every_store(async |gateway| {
        let [silent, awake] = [gateway.given_seller("丁").await, gateway.given_seller("戊").await];
        let engineer = json!({
            "partnerId": awake.id, "familyName": "技術", "givenName": "者", "status": "ENABLED",
            "email": "engineer@partner.example", "jobFunction": "ENGINEERING",
        });
        let engineer = gateway.as_admin().change("createPartnerUser", engineer, "partnerUser { id }").await;
        let engineer = engineer.text_at("/createPartnerUser/partnerUser/id");
        let seller = (silent.id.as_str(), silent.rep.id.as_str());
        gateway.let_pass_until("2026-06-09T03:00:00Z");
        does(gateway, seller, "portal.login", json!({})).await;
        gateway.let_pass_until("2026-06-19T03:00:00Z");
        does(gateway, (&awake.id, engineer), "training.completed", json!({ "course": "入門" })).await;
        gateway.let_pass_until("2026-06-29T14:59:00Z");
        watch(gateway).await;
        let learned = ["戊", "NOT_REACHING_SALES", "OPEN"];
        assert_eq!(alerts(gateway).await, expected(&[learned]), "twenty days");
        gateway.let_pass_until("2026-06-29T15:00:00Z");
        watch(gateway).await;
        assert_eq!(
            alerts(gateway).await,
            expected(&[["丁", "INACTIVE", "OPEN"], learned]),
            "the day has begun"
        );
        does(gateway, seller, "portal.login", json!({})).await;
        watch(gateway).await;
        assert_eq!(alerts(gateway).await, expected(&[["丁", "INACTIVE", "RESOLVED"], learned]));
        gateway.let_pass_until("2026-07-22T03:00:00Z");
        watch(gateway).await;
        let again = alerts(gateway).await;
        assert!(again.contains(&["丁", "INACTIVE", "OPEN"].map(str::to_owned)), "{again:?}");
        assert!(again.contains(&["丁", "INACTIVE", "RESOLVED"].map(str::to_owned)), "{again:?}");
        assert!(again.contains(&["丁", "NOT_DELIVERED", "OPEN"].map(str::to_owned)), "{again:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_taken_on_by_one_person_and_shown_to_no_partner() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        let input = json!({ "id": partner.id, "version": 1, "managers": ["aoki"] });
        gateway.as_admin().change("updatePartner", input, "partner { id }").await.data();
        gateway.let_pass_until("2026-06-25T00:00:00Z");
        watch(gateway).await;
        let question = "{ alerts { totalCount nodes { id rule figures openedAt partner { id } } } }";
        let manager = gateway.as_channel_manager("aoki");
        let seen = manager.ask(question).await;
        assert_eq!(seen.at("/alerts/totalCount"), 1);
        let shown = seen.at("/alerts/nodes/0");
        assert_eq!(
            (&shown["rule"], &shown["figures"]["daysSinceAccess"]),
            (&json!("INACTIVE"), &json!("24"))
        );
        let id = shown["id"].as_str().unwrap();
        assert_eq!(gateway.as_channel_manager("baba").ask(question).await.at("/alerts/totalCount"), 0);
        for client in [gateway.as_admin_of(&partner), gateway.as_rep_of(&partner)] {
            client.ask(question).await.assert_refused("FORBIDDEN");
            let node = client.ask(&format!("{{ node(id: \"{id}\") {{ id }} }}")).await;
            assert_eq!(node.at("/node"), &Value::Null);
        }
        let take = json!({ "alertId": id });
        let taken = "alert { status acknowledgedBy }";
        for _ in 0..2 {
            let answer = manager.change("acknowledgeAlert", take.clone(), taken).await;
            let expected = json!({ "status": "ACKNOWLEDGED", "acknowledgedBy": "aoki" });
            assert_eq!(answer.at("/acknowledgeAlert/alert"), &expected);
        }
        let second = gateway.as_admin().change("acknowledgeAlert", take.clone(), taken).await;
        second.assert_refused("ALERT_ACKNOWLEDGED");
        watch(gateway).await;
        assert_eq!(alerts(gateway).await, expected(&[["甲", "INACTIVE", "ACKNOWLEDGED"]]));
        does(gateway, (&partner.id, &partner.rep.id), "portal.login", json!({})).await;
        watch(gateway).await;
        let late = gateway.as_admin().change("acknowledgeAlert", take, taken).await;
        late.assert_refused("ALERT_RESOLVED");
    })
    .await;
}

//! What the CRM pushes: who may, what is fetched for it, and what happens to it when it comes twice or too late.

use aws_lc_rs::hmac;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use chrono::TimeDelta;
use entity::sync::webhook_delivery;
use gateway::sync::webhooks::{self, Expectations};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::stage::{Stage, WEBHOOK_SECRET, on_every_store};
use crate::harness::TestGateway;

const LEADS: usize = 200;
const JOB: &str = "sync.webhooks/crm";

/// A gateway that has read the CRM and takes its pushes.
async fn listening(scene: impl AsyncFn(&Stage, &TestGateway)) {
    on_every_store(LEADS, async |stage| {
        stage.sync().await.unwrap();
        stage.let_pass(TimeDelta::hours(1));
        scene(stage, &stage.gateway_with_source().await).await;
    })
    .await;
}

fn event(ids: &[&str], replay: i64) -> Value {
    let header = json!({ "entityName": "Lead", "recordIds": ids, "changeType": "UPDATE" });
    json!({ "payload": { "ChangeEventHeader": header, "Title": "嘘部長" }, "event": { "replayId": replay } })
}

/// Pushes; answers status and text.
async fn push(gateway: &TestGateway, id: &str, secret: &str, body: &str) -> (StatusCode, String) {
    let at = gateway.services.clock.now().timestamp();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes());
    let digits: String = tag.as_ref().iter().map(|it| format!("{it:02x}")).collect();
    let request = Request::post("/webhooks/crm")
        .header("x-webhook-id", id)
        .header("x-webhook-timestamp", at.to_string())
        .header("x-webhook-signature", format!("sha256={digits}"));
    send(gateway, request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn send(gateway: &TestGateway, request: Request<Body>) -> (StatusCode, String) {
    let response = gateway.router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn kept(stage: &Stage) -> u64 {
    webhook_delivery::Entity::find().count(stage.store.database.read()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_here_as_soon_as_it_was_pushed_as_the_crm_has_it() {
    listening(async |stage, gateway| {
        let lead = stage.crm.any("Lead").await;
        stage.crm.update("Lead", &lead, json!({ "Title": "新任部長" })).await;
        let body = event(&[&lead], 1).to_string();
        assert_eq!(push(gateway, "d1", WEBHOOK_SECRET, &body).await.0, StatusCode::OK);
        gateway.services.run_job(JOB).await.unwrap();
        assert_eq!(stage.store.lead(&lead).await.title.as_deref(), Some("新任部長"), "not as the push says");
        // It comes again, as it may: nothing happens twice.
        assert_eq!(push(gateway, "d1", WEBHOOK_SECRET, &body).await.0, StatusCode::OK);
        assert_eq!(kept(stage).await, 1);
        let other = event(&["00Q000000000000AAA"], 2).to_string();
        assert_eq!(push(gateway, "d1", WEBHOOK_SECRET, &other).await.0, StatusCode::CONFLICT);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_prove_who_it_is_is_not_listened_to() {
    listening(async |stage, gateway| {
        let body = event(&["00Q000000000000AAA"], 1).to_string();
        assert_eq!(push(gateway, "d1", "a wrong secret", &body).await.0, StatusCode::UNAUTHORIZED);
        let huge = "x".repeat(10 * 1024 * 1024);
        assert_eq!(push(gateway, "d2", WEBHOOK_SECRET, &huge).await.0, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(push(gateway, "d3", WEBHOOK_SECRET, "hello").await.0, StatusCode::BAD_REQUEST);
        let nobody = Request::post("/webhooks/erp").body(Body::from(body)).unwrap();
        assert_eq!(send(gateway, nobody).await.0, StatusCode::NOT_FOUND);
        assert_eq!(kept(stage).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_were_lost_are_looked_for() {
    listening(async |stage, gateway| {
        let leads = stage.crm.ids("SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 2").await;
        for (place, lead) in leads.iter().enumerate() {
            stage.crm.update("Lead", lead, json!({ "Title": format!("部長{place}") })).await;
        }
        push(gateway, "d1", WEBHOOK_SECRET, &event(&[&leads[0]], 7).to_string()).await;
        gateway.services.run_job(JOB).await.unwrap();
        assert_ne!(stage.store.lead(&leads[1]).await.title.as_deref(), Some("部長1"));
        // The event about the other lead, number 8, never comes.
        push(gateway, "d2", WEBHOOK_SECRET, &event(&[&leads[0]], 9).to_string()).await;
        gateway.services.run_job(JOB).await.unwrap();
        assert_eq!(stage.store.lead(&leads[1]).await.title.as_deref(), Some("部長1"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_name_may_be_said_again() {
    listening(async |stage, gateway| {
        let lead = stage.crm.any("Lead").await;
        let body = json!({ "entityName": "Lead", "recordIds": [lead] }).to_string();
        let push = async |body: &str| {
            let address = format!("/webhooks/crm?secret={WEBHOOK_SECRET}");
            let request = Request::post(address).body(Body::from(body.to_owned())).unwrap();
            assert_eq!(send(gateway, request).await.0, StatusCode::OK);
            gateway.services.run_job(JOB).await.unwrap();
        };
        for title in ["課長", "部長"] {
            stage.crm.update("Lead", &lead, json!({ "Title": title })).await;
            push(&body).await;
            assert_eq!(stage.store.lead(&lead).await.title.as_deref(), Some(title));
            stage.let_pass(TimeDelta::hours(1));
        }
        assert_eq!(kept(stage).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_somebody_overheard_is_not_taken_under_another_name() {
    listening(async |stage, gateway| {
        let body = event(&["00Q000000000000AAA"], 1).to_string();
        let at = gateway.services.clock.now().timestamp();
        let key = hmac::Key::new(hmac::HMAC_SHA256, WEBHOOK_SECRET.as_bytes());
        let tag = hmac::sign(&key, format!("d1.{at}.{body}").as_bytes());
        let digits: String = tag.as_ref().iter().map(|it| format!("{it:02x}")).collect();
        let named = |name: &str| {
            Request::post("/webhooks/crm")
                .header("x-webhook-id", name)
                .header("x-webhook-timestamp", at.to_string())
                .header("x-webhook-signature", format!("sha256={digits}"))
                .body(Body::from(body.clone()))
                .unwrap()
        };
        assert_eq!(send(gateway, named("d1")).await.0, StatusCode::OK);
        assert_eq!(send(gateway, named("d2")).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(kept(stage).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_with_holes_are_no_gap_unless_their_sender_counts() {
    listening(async |stage, gateway| {
        let leads = stage.crm.ids("SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 2").await;
        stage.crm.update("Lead", &leads[1], json!({ "Title": "部長" })).await;
        for (name, replay) in [("d1", 7), ("d2", 9_000)] {
            push(gateway, name, WEBHOOK_SECRET, &event(&[&leads[0]], replay).to_string()).await;
            let job = stage.job(&stage.config());
            webhooks::work(&job, Expectations::default()).await.unwrap();
        }
        assert_ne!(stage.store.lead(&leads[1]).await.title.as_deref(), Some("部長"), "nobody looked");
        stage.let_pass(TimeDelta::hours(2));
        let expected = Expectations { silence: Some(TimeDelta::hours(1)), ..Expectations::default() };
        webhooks::work(&stage.job(&stage.config()), expected).await.unwrap();
        assert_eq!(stage.store.lead(&leads[1]).await.title.as_deref(), Some("部長"), "silence is broken");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbound_message_is_acknowledged_in_its_own_form() {
    listening(async |stage, gateway| {
        let lead = stage.crm.any("Lead").await;
        stage.crm.update("Lead", &lead, json!({ "Title": "新任部長" })).await;
        // With a byte-order mark, as some proxies add it.
        let body = format!(
            "\u{feff}<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xsi=\"x\"><soapenv:Body>
             <notifications xmlns=\"http://soap.sforce.com/2005/09/outbound\"><Notification><Id>04l1</Id>
             <sObject xsi:type=\"sf:Lead\" xmlns:sf=\"y\"><sf:Id>{lead}</sf:Id></sObject></Notification></notifications>
             </soapenv:Body></soapenv:Envelope>"
        );
        let address = format!("/webhooks/crm?secret={WEBHOOK_SECRET}");
        let request = Request::post(address).body(Body::from(body)).unwrap();
        let (status, text) = send(gateway, request).await;
        assert!(status == StatusCode::OK && text.contains("<Ack>true</Ack>"), "{status} {text}");
        gateway.services.run_job(JOB).await.unwrap();
        assert_eq!(stage.store.lead(&lead).await.title.as_deref(), Some("新任部長"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_waits_while_the_crm_is_away() {
    listening(async |stage, gateway| {
        let lead = stage.crm.any("Lead").await;
        stage.crm.update("Lead", &lead, json!({ "Title": "新任部長" })).await;
        stage.crm.suffer(sandbox::Fault::new(sandbox::FaultKind::Unavailable).when(sandbox::When::Always));
        push(gateway, "d1", WEBHOOK_SECRET, &event(&[&lead], 1).to_string()).await;
        gateway.services.run_job(JOB).await.unwrap();
        assert_ne!(stage.store.lead(&lead).await.title.as_deref(), Some("新任部長"));
        stage.crm.recover();
        stage.let_pass(TimeDelta::minutes(2));
        gateway.services.run_job(JOB).await.unwrap();
        assert_eq!(stage.store.lead(&lead).await.title.as_deref(), Some("新任部長"));
    })
    .await;
}

/// A gateway that listens at an address.
async fn at_an_address(gateway: &TestGateway) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = gateway.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_crm_delivers_by_itself_arrives() {
    on_every_store(LEADS, async |stage| {
        stage.sync().await.unwrap();
        let gateway = stage.gateway_with_source().await;
        let address = at_an_address(&gateway).await;
        let signed = sandbox::Webhook::signed(format!("{address}/webhooks/crm"), WEBHOOK_SECRET);
        let message = sandbox::Webhook {
            form: sandbox::PushForm::OutboundMessages,
            ..sandbox::Webhook::signed(format!("{address}/webhooks/crm?secret={WEBHOOK_SECRET}"), "")
        };
        stage.crm.admin().push_to(sandbox::Webhook { repeat_every: 2, ..signed }).unwrap();
        stage.crm.admin().push_to(message).unwrap();
        let leads = stage.crm.ids("SELECT Id FROM Lead WHERE IsConverted = false ORDER BY Id LIMIT 5").await;
        for lead in &leads {
            stage.crm.update("Lead", lead, json!({ "Title": "新任部長" })).await;
        }
        let all_told = async {
            while stage.crm.admin().undelivered() > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), all_told).await.unwrap();
        assert!(kept(stage).await >= 2, "in both forms");
        gateway.services.run_job(JOB).await.unwrap();
        for lead in &leads {
            assert_eq!(stage.store.lead(lead).await.title.as_deref(), Some("新任部長"));
        }
    })
    .await;
}

//! Changes told to an address: signed, in order, at least once.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use sandbox::{PushForm, Webhook};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::Crm;

/// What arrived at an address.
#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<Vec<(HeaderMap, String)>>>);

impl Inbox {
    /// An address that refuses the first deliveries.
    async fn listening(refused: usize, answer: &'static str) -> (Inbox, String) {
        let inbox = Inbox::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let take = move |State(inbox): State<Inbox>, headers: HeaderMap, body: String| async move {
            let mut all = inbox.0.lock().unwrap();
            all.push((headers, body));
            let status =
                if all.len() <= refused { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
            (status, answer)
        };
        let router = Router::new().fallback(take).with_state(inbox.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (inbox, url)
    }

    /// Waits until so many deliveries have come.
    async fn deliveries(&self, count: usize) -> Vec<(HeaderMap, String)> {
        let enough = async {
            while self.0.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), enough).await.unwrap();
        self.0.lock().unwrap().clone()
    }
}

/// Waits until nothing is left to be told.
async fn all_told(crm: &Crm) {
    while crm.admin().undelivered() > 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn events(deliveries: &[(HeaderMap, String)]) -> Vec<Value> {
    let read = |(_, body): &(HeaderMap, String)| serde_json::from_str::<Vec<Value>>(body).unwrap();
    deliveries.iter().flat_map(read).collect()
}

#[tokio::test]
async fn change_events_are_signed_numbered_and_sent_until_they_are_taken() {
    let crm = Crm::empty().await;
    let (inbox, url) = Inbox::listening(2, "").await;
    crm.admin().push_to(Webhook::signed(url, "a secret")).unwrap();
    let id = crm.create("Lead", json!({"LastName": "佐藤", "Company": "極洋"})).await;
    let deliveries = inbox.deliveries(3).await;
    assert!(deliveries.iter().all(|it| it.0["x-webhook-id"] == deliveries[0].0["x-webhook-id"]));
    let (headers, body) = &deliveries[2];
    let header = |name: &str| headers[name].to_str().unwrap();
    let signed = format!("{}.{}.{body}", header("x-webhook-id"), header("x-webhook-timestamp"));
    let digits = headers["x-webhook-signature"].to_str().unwrap().strip_prefix("sha256=").unwrap();
    let tag: Vec<u8> =
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, b"a secret"), signed.as_bytes(), &tag).unwrap();
    let event = events(&deliveries[2..]).remove(0);
    let header = &event["payload"]["ChangeEventHeader"];
    assert_eq!((&header["changeType"], &header["recordIds"]), (&json!("CREATE"), &json!([id])));
    assert_eq!(event["event"]["replayId"], 1);
    crm.patch(&format!("sobjects/Lead/{id}"), json!({"Title": "部長"})).await.assert_status(204);
    crm.delete(&format!("sobjects/Lead/{id}")).await.assert_status(204);
    let mut count = 4;
    let told = loop {
        let told = events(&inbox.deliveries(count).await[3..]);
        if told.len() == 2 {
            break told;
        }
        count += 1;
    };
    assert_eq!(told[0]["payload"]["ChangeEventHeader"]["changedFields"], json!(["Title"]));
    assert_eq!(told[1]["payload"]["ChangeEventHeader"]["changeType"], "DELETE");
    assert_eq!(told[1]["event"]["replayId"], 3);
}

#[tokio::test]
async fn only_the_objects_asked_for_are_told_some_twice_and_some_never() {
    let crm = Crm::empty().await;
    let (inbox, url) = Inbox::listening(0, "").await;
    let objects = vec!["Account".to_owned()];
    let webhook = Webhook { objects, repeat_every: 2, lose_every: 3, ..Webhook::signed(url, "s") };
    crm.admin().push_to(webhook).unwrap();
    let mut expected = 0;
    for (n, times) in [1, 2, 0, 2].into_iter().enumerate() {
        crm.create("Lead", json!({"LastName": "佐藤", "Company": "極洋"})).await;
        crm.create("Account", json!({"Name": format!("会社{n}")})).await;
        expected += times;
        inbox.deliveries(expected).await;
        all_told(&crm).await;
    }
    let ids: Vec<Value> =
        events(&inbox.deliveries(expected).await).iter().map(|it| it["event"]["replayId"].clone()).collect();
    assert_eq!(ids, [1, 2, 2, 4, 4]);
}

#[tokio::test]
async fn outbound_messages_want_an_ack() {
    let crm = Crm::empty().await;
    let (inbox, url) = Inbox::listening(0, "<Envelope><Ack>false</Ack></Envelope>").await;
    let webhook = |url: &str| Webhook { form: PushForm::OutboundMessages, ..Webhook::signed(url, "") };
    crm.admin().push_to(webhook(&url)).unwrap();
    let (acknowledging, url) = Inbox::listening(0, "<x:Envelope><x:Ack> true </x:Ack></x:Envelope>").await;
    crm.admin().push_to(webhook(&url)).unwrap();
    let id = crm.create("Lead", json!({"LastName": "佐藤", "Company": "極洋"})).await;
    let refused = inbox.deliveries(2).await;
    assert!(refused[1].1.contains(&format!("<sf:Id>{id}</sf:Id>")) && refused[1].1.contains("sf:Lead"));
    let again = inbox.deliveries(3).await.len();
    assert!(again >= 3 && acknowledging.deliveries(1).await.len() == 1);
}

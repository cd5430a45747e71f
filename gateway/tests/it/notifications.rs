//! Messages to people, through stand-ins for chat services and a mail server over real connections.

mod channel;
pub mod standins;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use entity::notifications::notification;
use gateway::platform::config::Notifications;
use gateway::platform::config::notifications::{Email, Encryption, Room, RoomService};
use gateway::platform::notify::{Channels, PATIENCE};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use crate::harness::{TestGateway, instant, on_every_shared_store};
use standins::{ChatService, MailServer};

const LIST: &str = "{ notifications(orderBy: CREATED_ASC) { nodes { id topic channel recipient state attempts error nextAttemptAt } } }";

/// A gateway that tells its people by Slack, Teams and mail.
async fn gateway_with(url: &str, chat: &ChatService, mail: &MailServer) -> TestGateway {
    patient_gateway_with(url, chat, mail, PATIENCE).await
}

/// The same with so much time for one message.
async fn patient_gateway_with(
    url: &str,
    chat: &ChatService,
    mail: &MailServer,
    patience: Duration,
) -> TestGateway {
    let room = |service, path: &str| Room { service, url: chat.url(path).into() };
    let rooms = [("sales", RoomService::Slack, "/slack"), ("legal", RoomService::Teams, "/teams")];
    let config = Notifications {
        staff: ["sales", "legal", "desk@example.com"].map(str::to_owned).to_vec(),
        staff_locale: Some("ja".to_owned()),
        email: Some(Email {
            host: "127.0.0.1".to_owned(),
            port: mail.port,
            encryption: Encryption::None,
            username: None,
            password: None,
            from: "Partner Desk <gateway@example.com>".to_owned(),
        }),
        rooms: rooms
            .map(|(name, service, path)| (name.to_owned(), room(service, path)))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
    };
    let channels = Arc::new(Channels::open(&config, patience).unwrap());
    let mut gateway = TestGateway::start(url).await;
    gateway.renew(|it| it.channels = Arc::clone(&channels)).await;
    gateway
}

/// A contract of which somebody is reminded at noon, in Japan, of a working day.
async fn given_reminder(gateway: &TestGateway) {
    let partner = gateway.given_partner("極洋").await;
    gateway.given_contract(&partner, json!({ "number": "C-7", "terms": { "noticeDays": 90 } })).await;
    gateway.let_pass(instant("2026-12-01T03:00:00Z") - gateway.services.clock.now());
    gateway.services.run_job("contracts.follow_dates").await.unwrap();
    gateway.services.run_job("contracts.remind").await.unwrap();
}

async fn send(gateway: &TestGateway) {
    gateway.services.run_job("notifications.send").await.unwrap();
}

async fn standing(gateway: &TestGateway) -> Vec<(String, String)> {
    let answer = gateway.as_admin().ask(LIST).await;
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let nodes = answer.at("/notifications/nodes").as_array().unwrap().clone();
    nodes.iter().map(|it| (text(&it["recipient"]), text(&it["state"]))).collect()
}

fn states(of: [&str; 3]) -> Vec<(String, String)> {
    let names = ["sales", "legal", "desk@example.com"];
    names.iter().zip(of).map(|(name, state)| ((*name).to_owned(), state.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_once_in_words_they_read() {
    on_every_shared_store(async |url| {
        let (chat, mail) = (ChatService::start().await, MailServer::start().await);
        let gateway = gateway_with(url, &chat, &mail).await;
        given_reminder(&gateway).await;
        gateway.services.run_job("contracts.remind").await.unwrap();
        assert_eq!(standing(&gateway).await, states(["QUEUED"; 3]));
        let job = || gateway.services.run_job("notifications.send");
        let (one, two) = futures::join!(job(), job());
        one.and(two).unwrap();
        assert_eq!(standing(&gateway).await, states(["SENT"; 3]));
        let subject = "契約 C-7（極洋）の更新通知期限は 2026-12-31 です";
        let said = chat.heard();
        assert_eq!(said.len(), 2, "{said:?}");
        let of = |path: &str| said.iter().find(|it| it.0 == path).unwrap().1.clone();
        let slack = of("/slack")["text"].as_str().unwrap().to_owned();
        assert!(
            slack.starts_with(&format!("*{subject}*\n極洋 との契約 C-7 は 2027-03-31 に満了します。")),
            "{slack}"
        );
        assert_eq!(of("/teams")["attachments"][0]["content"]["body"][0]["text"], subject);
        let mails = mail.received();
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert!(
            mails[0].contains("To: desk@example.com") && mails[0].contains("Message-ID: <"),
            "{}",
            mails[0]
        );
        send(&gateway).await;
        assert_eq!((chat.heard().len(), mail.received().len()), (2, 1), "nobody is told twice");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_woken_and_nothing_is_lost_when_a_channel_is_away() {
    on_every_shared_store(async |url| {
        let (chat, mail) = (ChatService::start().await, MailServer::start().await);
        let gateway = gateway_with(url, &chat, &mail).await;
        given_reminder(&gateway).await;
        gateway.let_pass(TimeDelta::hours(9));
        send(&gateway).await;
        assert_eq!(standing(&gateway).await, states(["QUEUED"; 3]), "it is nine in the evening");
        gateway.let_pass(TimeDelta::hours(12));
        chat.answer(503);
        send(&gateway).await;
        assert_eq!(standing(&gateway).await, states(["FAILED", "FAILED", "SENT"]));
        chat.answer(200);
        send(&gateway).await;
        assert_eq!(standing(&gateway).await, states(["FAILED", "FAILED", "SENT"]), "a minute's rest");
        gateway.let_pass(TimeDelta::minutes(1));
        send(&gateway).await;
        assert_eq!(standing(&gateway).await, states(["SENT"; 3]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_never_answers_holds_up_nobody() {
    on_every_shared_store(async |url| {
        let (chat, mail) = (ChatService::start().await, MailServer::silent().await);
        let gateway = patient_gateway_with(url, &chat, &mail, Duration::from_secs(2)).await;
        given_reminder(&gateway).await;
        send(&gateway).await;
        assert_eq!(standing(&gateway).await, states(["SENT", "SENT", "FAILED"]));
        let listed = gateway.as_admin().ask(LIST).await;
        assert_eq!(listed.at("/notifications/nodes/2/error"), "the mail server did not answer in time");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_words_is_given_up_and_the_others_are_sent() {
    on_every_shared_store(async |url| {
        use notification::Column;
        let (chat, mail) = (ChatService::start().await, MailServer::start().await);
        let gateway = gateway_with(url, &chat, &mail).await;
        given_reminder(&gateway).await;
        notification::Entity::update_many()
            .col_expr(Column::Details, Expr::value("{}"))
            .filter(Column::Recipient.eq("sales"))
            .exec(gateway.services.database.read())
            .await
            .unwrap();
        send(&gateway).await;
        assert_eq!(standing(&gateway).await, states(["DEAD", "SENT", "SENT"]));
        let listed = gateway.as_admin().ask(LIST).await;
        let error = listed.text_at("/notifications/nodes/0/error");
        assert_eq!(error, "its words need a detail that it does not have");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_sent_again_when_somebody_says_so() {
    on_every_shared_store(async |url| {
        let (chat, mail) = (ChatService::start().await, MailServer::start().await);
        let gateway = gateway_with(url, &chat, &mail).await;
        given_reminder(&gateway).await;
        chat.answer(404);
        send(&gateway).await;
        assert_eq!(standing(&gateway).await, states(["DEAD", "DEAD", "SENT"]));
        let listed = gateway.as_admin().ask(LIST).await;
        let (dead, sent) =
            (listed.at("/notifications/nodes/0").clone(), listed.at("/notifications/nodes/2").clone());
        assert_eq!(dead["error"], "the room answered 404 Not Found");
        assert!(!listed.text.contains(&chat.url("/slack")), "who knows the address may write there");
        chat.answer(200);
        let again = async |id: &Value, key: &str| {
            let input = json!({ "id": id, "idempotencyKey": key });
            gateway.as_admin().change("sendNotificationAgain", input, "notification { state attempts }").await
        };
        let queued = json!({ "notification": { "state": "QUEUED", "attempts": 0 } });
        assert_eq!(again(&dead["id"], "k").await.at("/sendNotificationAgain"), &queued);
        again(&sent["id"], "l").await.assert_refused("NOTIFICATION_NOT_DEAD");
        send(&gateway).await;
        assert_eq!(standing(&gateway).await, states(["SENT", "DEAD", "SENT"]));
        assert_eq!(again(&dead["id"], "k").await.at("/sendNotificationAgain/notification/state"), "SENT");
        let partner = gateway.given_partner("ニッスイ").await;
        gateway.as_admin_of(&partner).ask(LIST).await.assert_refused("FORBIDDEN");
        gateway.as_channel_manager("cm-1").ask(LIST).await.assert_refused("FORBIDDEN");
    })
    .await;
}

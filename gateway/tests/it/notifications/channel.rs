//! What partners and the vendor's people are told of registrations and conflicts.

use chrono::TimeDelta;
use domain::fields::{account, opportunity};
use domain::notifications::NotificationTopic;
use entity::notifications::notification;
use entity::partners::partner_user;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, EntityTrait as _, IntoActiveModel as _, QueryOrder as _,
};
use serde_json::{Value, json};

use super::standins::{ChatService, MailServer};
use super::{gateway_with, send};
use crate::harness::{GivenPartner, Said, TestGateway, deal, on_every_shared_store};

const DUE: &str = "registrations.due";
/// Corporate number of the customer that everybody wants.
const NUMBER: &str = "7000012050002";

/// A message as it waits in the outbox.
struct Told {
    topic: NotificationTopic,
    recipient: String,
    locale: String,
    details: Value,
}

/// All messages, in the order in which they came up.
async fn told(gateway: &TestGateway) -> Vec<Told> {
    let all = notification::Entity::find().order_by_asc(notification::Column::Id);
    let rows = all.all(gateway.services.database.read()).await.unwrap().into_iter();
    let told = rows.map(|it| Told {
        topic: it.topic,
        recipient: it.recipient,
        locale: it.locale,
        details: serde_json::from_str(&it.details).unwrap(),
    });
    told.collect()
}

/// The address of a partner's representative, who reads English from now on.
async fn english_reader(gateway: &TestGateway, partner: &GivenPartner) -> String {
    let db = gateway.services.database.read();
    let user = partner_user::Entity::find_by_id(partner.rep.key).one(db).await.unwrap().unwrap();
    let address = user.email.clone();
    let mut user = user.into_active_model();
    user.locale = Set("en".to_owned());
    user.update(db).await.unwrap();
    address
}

fn wanted(amount: &str) -> Value {
    let mut says = deal("株式会社サンプル商事");
    says["corporateNumber"] = json!(NUMBER);
    says["amount"] = json!({ "amount": amount, "currency": "JPY" });
    says
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_hears_of_decisions_and_of_the_end_that_comes_near() {
    on_every_shared_store(async |url| {
        let (chat, mail) = (ChatService::start().await, MailServer::start().await);
        let gateway = gateway_with(url, &chat, &mail).await;
        let (partner, rival) = (gateway.given_seller("販売店").await, gateway.given_seller("競合").await);
        let address = english_reader(&gateway, &partner).await;
        let id = gateway.given_registration(&partner, deal("株式会社極洋")).await;
        gateway.given_registration(&rival, deal("株式会社ニッスイ")).await;
        gateway.step_because(&gateway.as_admin(), "returnRegistration", &id).await.data();
        gateway.step(&gateway.as_rep_of(&partner), "submitRegistration", &id).await.data();
        gateway.step_because(&gateway.as_admin(), "approveRegistration", &id).await.data();
        // Midnight in Tokyo after ninety days; fourteen days before, and three.
        for day in ["2026-08-16T15:00:00Z", "2026-08-27T15:00:00Z", "2026-08-30T15:00:00Z"] {
            gateway.let_pass_until(day);
            gateway.let_job_run(DUE).await;
            gateway.let_job_run(DUE).await;
        }
        let told = told(&gateway).await;
        let own: Vec<_> = told.iter().filter(|it| it.recipient == address).collect();
        let topics: Vec<_> = own.iter().map(|it| it.topic.code()).collect();
        let (decided, expiring) = ("REGISTRATION_DECIDED", "REGISTRATION_EXPIRING");
        assert_eq!(topics, [decided, decided, expiring, expiring, decided]);
        assert!(own.iter().all(|it| it.locale == "en"));
        let decisions: Vec<_> = [0, 1, 4].map(|it| own[it].details["decision"]["en"].clone()).into();
        assert_eq!(decisions, ["Returned for information", "Approved", "Expired"]);
        assert_eq!(own[0].details["reason"], "顧客に確認済み");
        assert_eq!(own[1].details["expiresOn"], "2026-08-30");
        let late: Vec<_> =
            told.iter().filter(|it| it.topic == NotificationTopic::RegistrationOverdue).collect();
        assert_eq!(late.len(), 3, "the rival's, to every channel of the staff");
        assert_eq!(
            (&late[0].details["partner"], &late[0].details["decideBy"]),
            (&json!("競合"), &json!("2026-06-03"))
        );
        gateway.let_pass(TimeDelta::hours(9));
        send(&gateway).await;
        let received = mail.received();
        let to_partner: Vec<_> =
            received.iter().filter(|it| it.contains(&format!("To: {address}"))).collect();
        assert_eq!(to_partner.len(), 5, "{received:?}");
        assert!(to_partner.iter().any(|it| it.contains("Returned for information")), "{to_partner:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exclusive_territories_whose_named_accounts_merge_are_told_once() {
    on_every_shared_store(async |url| {
        let (chat, mail) = (ChatService::start().await, MailServer::start().await);
        let gateway = gateway_with(url, &chat, &mail).await;
        let mut accounts = Vec::new();
        for (external_id, name, partner) in [("A1", "株式会社極洋", "甲"), ("A2", "極洋水産株式会社", "乙")]
        {
            let account = gateway.given(Said::account(external_id, name)).await;
            let partner = gateway.given_partner(partner).await;
            let named = json!({ "namedAccountIds": [account], "isExclusive": true });
            gateway.given_territory(&partner, named).await;
            accounts.push(account);
        }
        gateway.let_job_run("territories.overlaps").await;
        assert!(told(&gateway).await.is_empty());
        let merge = json!({ "ids": accounts, "reason": "同一と確認した" });
        gateway.as_admin().change("mergeRecords", merge, "survivorId").await.data();
        gateway.let_job_run("territories.overlaps").await;
        gateway.let_job_run("territories.overlaps").await;
        let told = told(&gateway).await;
        assert_eq!(told.len(), 3, "once by every channel");
        assert_eq!((&told[0].details["one"], &told[0].details["other"]), (&json!("甲"), &json!("乙")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_to_a_partner_tells_of_rivals_prices_or_direct_sales() {
    on_every_shared_store(async |url| {
        let (chat, mail) = (ChatService::start().await, MailServer::start().await);
        let gateway = gateway_with(url, &chat, &mail).await;
        let customer = Said::account("A1", "株式会社サンプル商事").with(account::corporate_number, NUMBER);
        gateway.hears([customer]).await;
        let (rival, partner) = (gateway.given_seller("秘密の甲").await, gateway.given_seller("乙").await);
        let first = gateway.given_registration(&rival, wanted("98765432")).await;
        gateway.let_pass(TimeDelta::minutes(7));
        let second = gateway.given_registration(&partner, wanted("1200000")).await;
        gateway.step(&gateway.as_admin(), "approveRegistration", &first).await.data();
        let direct = Said::opportunity("0061", "極秘の直販商談").with(opportunity::account, "A1");
        let direct = direct.with(opportunity::amount, "55500000").with(opportunity::is_closed, "false");
        gateway.hears([direct.at("2026-05-01T00:00:00Z")]).await;
        gateway.let_job_run("conflicts.checks").await;
        let field = "conflict { id parties { kind claimId } }";
        let conflict = gateway.of_registration(&second, field).await["conflict"].clone();
        let winner = conflict["parties"].as_array().unwrap().iter().find(|it| it["kind"] == "REGISTRATION");
        let ruling = json!({
            "conflictId": conflict["id"], "resolution": "UPHELD", "claims": [winner.unwrap()], "reason": "顧客の意向を確認した",
        });
        gateway.as_admin().change("resolveConflict", ruling, "channelConflict { id }").await.data();

        let told = told(&gateway).await;
        let (staff, partners): (Vec<_>, Vec<_>) =
            told.iter().partition(|it| !it.recipient.ends_with("@partner.example"));
        let topics = |of: &[&Told]| of.iter().map(|it| it.topic.code()).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(topics(&staff), ["CONFLICT_DECIDED", "CONFLICT_RAISED"].into());
        assert!(staff.iter().any(|it| it.details["parties"]["ja"] == "乙、秘密の甲"), "staff are told who they are");
        assert!(staff.iter().any(|it| it.details["parties"]["ja"].to_string().contains("直販")));
        assert_eq!(topics(&partners), ["CONFLICT_DECIDED", "REGISTRATION_DECIDED"].into());
        let whose = |own: &GivenPartner| own.rep.key;
        let db = gateway.services.database.read();
        for (own, secrets) in [
            (&partner, ["秘密の甲", "98765432", first.as_str(), rival.id.as_str(), "極秘", "55500000"]),
            (&rival, ["乙", "1200000", second.as_str(), partner.id.as_str(), "極秘", "55500000"]),
        ] {
            let user = partner_user::Entity::find_by_id(whose(own)).one(db).await.unwrap().unwrap();
            let to_own: Vec<_> = partners.iter().filter(|it| it.recipient == user.email).collect();
            assert!(to_own.len() >= 2, "each hears of the verdict and of what a person decided");
            for message in to_own {
                let said = message.details.to_string();
                for secret in secrets.into_iter().chain(["直販商談", "Direct opportunity"]) {
                    assert!(!said.contains(secret), "{secret}: {said}");
                }
            }
        }
    })
    .await;
}

//! What partners and managers wrote of a person while they worked on the person's deal.

use domain::alerts::Urgency;
use domain::ids::NotificationId;
use domain::notifications::{NotificationChannel, NotificationState, NotificationTopic};
use entity::notifications::notification;
use entity::registrations::registration_key;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, PaginatorTrait};

use super::traces::tables_with;
use super::*;
use crate::harness::{deal, on_every_store};

/// A deal about her company.
fn deal_with_kyokuyo() -> Value {
    let mut says = deal("株式会社極洋");
    says["corporateNumber"] = json!("7000012050002");
    says
}

/// A registration that grew from her lead, with a rival who appealed and a manager who answered. Gives its id.
async fn given_contested_deal(gateway: &TestGateway, lead: &str) -> String {
    let [partner, rival] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
    gateway.given_assignment(lead, &partner).await;
    let mut says = deal_with_kyokuyo();
    (says["leadId"], says["phone"]) = (json!(lead), json!("03-9999-0000"));
    says["customerChoiceDocument"] = json!("注文書/薬袋様.pdf");
    let id = gateway.given_registration(&partner, says).await;
    let visit =
        json!({ "registrationId": id, "occurredAt": gateway.services.clock.now(), "note": "薬袋様を訪問" });
    let rep = gateway.as_rep_of(&partner);
    rep.change("recordRegistrationActivity", visit, "dealRegistration { id }").await.data();

    let lost = gateway.given_registration(&rival, deal_with_kyokuyo()).await;
    let appeal = json!({ "registrationId": lost, "reason": "薬袋様には先に提案した" });
    let selection = "dealRegistration { id }";
    gateway.as_rep_of(&rival).change("appealConflict", appeal, selection).await.data();
    let conflict = gateway.of_registration(&lost, "conflict { id }").await["conflict"]["id"].clone();
    let ruling = json!({ "conflictId": conflict, "resolution": "COEXIST", "reason": "薬袋花乃子様に確認" });
    gateway.as_admin().change("resolveConflict", ruling, "channelConflict { id }").await.data();
    id
}

/// A message about a decision, in the words of whoever decided.
async fn given_message(gateway: &TestGateway) {
    let (services, now) = (&gateway.services, gateway.services.clock.now());
    let id: NotificationId = services.clock.new_id();
    let message = notification::Model {
        id,
        fingerprint: id.to_string(),
        topic: NotificationTopic::RegistrationDecided,
        channel: NotificationChannel::Slack,
        recipient: "sales".to_owned(),
        locale: "ja".to_owned(),
        details: json!({ "reference": "DR-1", "reason": "薬袋様が選ばれた" }).to_string(),
        urgency: Urgency::Normal,
        state: NotificationState::Sent,
        attempts: 1,
        next_attempt_at: now,
        leased_until: None,
        error: None,
        created_at: now,
        sent_at: Some(now),
        updated_at: now,
    };
    message.into_active_model().insert(services.database.read()).await.unwrap();
}

async fn keys(gateway: &TestGateway) -> u64 {
    registration_key::Entity::find().count(gateway.services.database.read()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_about_the_deal_tells_nothing_of_the_person() {
    on_every_store(async |gateway| {
        let (lead, _) = given_minai(gateway).await;
        let id = given_contested_deal(gateway, &lead).await;
        given_message(gateway).await;
        let known = tables_with(gateway, &PERSON).await;
        for table in ["deal_registrations", "registration_events", "channel_conflicts", "notifications"] {
            assert!(known.contains(table), "{table} tells nothing of her to begin with: {known:?}");
        }
        let before = keys(gateway).await;

        gateway.erases(&lead).await.data();
        let left = tables_with(gateway, &PERSON).await;
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(keys(gateway).await, before - 1, "nobody is found by her telephone");
        let fields = "status companyName phone customerChoiceDocument history { note }";
        let deal = gateway.of_registration(&id, fields).await;
        assert_eq!((&deal["companyName"], &deal["phone"]), (&json!("株式会社極洋"), &Value::Null));
        assert_eq!(deal["customerChoiceDocument"], "注文書/***様.pdf");
        assert_eq!(deal["status"], "UNDER_REVIEW");
        assert!(deal["history"].to_string().contains("***様を訪問"), "{deal}");
    })
    .await;
}

//! People at partners: entering, changing, granting access.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Client, on_every_store};

const USER: &str = "partnerUser { id version familyName familyNameKana email role status accessGrantedAt }";

fn person(partner: &str, email: &str) -> Value {
    json!({ "partnerId": partner, "familyName": "青木", "givenName": "花子", "email": email })
}

async fn create(client: &Client<'_>, input: Value) -> Value {
    client.change("createPartnerUser", input, USER).await.at("/createPartnerUser/partnerUser").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_address_belongs_to_one_person_of_a_partner() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("一").await, gateway.given_partner("二").await);
        let admin = gateway.as_admin();
        create(&admin, person(&one.id, "aoki@partner.example")).await;
        let taken = admin.change("createPartnerUser", person(&one.id, "AOKI@partner.example"), USER).await;
        taken.assert_refused("EMAIL_TAKEN");
        create(&admin, person(&two.id, "aoki@partner.example")).await;
        let other = create(&admin, person(&one.id, "baba@partner.example")).await;
        let change = json!({ "id": other["id"], "version": 1, "email": "Aoki@Partner.Example" });
        admin.change("updatePartnerUser", change, USER).await.assert_refused("EMAIL_TAKEN");
        let wrong = admin.change("createPartnerUser", person(&two.id, "nobody"), USER).await;
        wrong.assert_refused("EMAIL_INVALID");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_counts_from_the_first_enabling() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let admin = gateway.as_admin();
        let invited = create(&admin, person(&partner.id, "aoki@partner.example")).await;
        assert_eq!((&invited["status"], &invited["accessGrantedAt"]), (&json!("INVITED"), &Value::Null));
        for (version, status) in [(1, "ENABLED"), (2, "DISABLED"), (3, "ENABLED")] {
            gateway.let_pass(TimeDelta::days(1));
            let change = json!({ "id": invited["id"], "version": version, "status": status });
            let changed = admin.change("updatePartnerUser", change, USER).await;
            let user = changed.at("/updatePartnerUser/partnerUser");
            assert_eq!(user["accessGrantedAt"], "2026-06-02T00:00:00+00:00", "{status}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_of_a_change_stays() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let admin = gateway.as_admin();
        let mut input = person(&partner.id, "aoki@partner.example");
        input["familyNameKana"] = json!("アオキ");
        let created = create(&admin, input).await;
        let change =
            json!({ "id": created["id"], "version": 1, "familyNameKana": null, "role": "PARTNER_ADMIN" });
        let changed = admin.change("updatePartnerUser", change.clone(), USER).await;
        let user = changed.at("/updatePartnerUser/partnerUser");
        let seen =
            [&user["familyName"], &user["familyNameKana"], &user["email"], &user["role"], &user["version"]];
        let expected =
            [json!("青木"), Value::Null, json!("aoki@partner.example"), json!("PARTNER_ADMIN"), json!(2)];
        assert_eq!(seen, expected.each_ref());
        admin.change("updatePartnerUser", change, USER).await.assert_refused("VERSION_CONFLICT");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_administrator_manages_the_own_people_only() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("自社").await, gateway.given_partner("他社").await);
        let admin = gateway.as_admin_of(&own);
        create(&admin, person(&own.id, "aoki@partner.example")).await;
        let elsewhere =
            admin.change("createPartnerUser", person(&rival.id, "baba@partner.example"), USER).await;
        elsewhere.assert_refused("NOT_FOUND");
        let change = json!({ "id": rival.rep.id, "version": 1, "status": "DISABLED" });
        admin.change("updatePartnerUser", change, USER).await.assert_refused("NOT_FOUND");
        let rep = gateway.as_rep_of(&own);
        let by_rep = rep.change("createPartnerUser", person(&own.id, "chiba@partner.example"), USER).await;
        by_rep.assert_refused("FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_entry_makes_one_person() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let admin = gateway.as_admin();
        let mut input = person(&partner.id, "aoki@partner.example");
        input["idempotencyKey"] = json!("k-1");
        let first = create(&admin, input.clone()).await;
        assert_eq!(create(&admin, input.clone()).await, first);
        input["email"] = json!("baba@partner.example");
        admin.change("createPartnerUser", input, USER).await.assert_refused("IDEMPOTENCY_KEY_REUSED");
        let users = admin.ask("{ partners { nodes { users { email } } } }").await;
        assert_eq!(users.at("/partners/nodes/0/users").as_array().unwrap().len(), 2);
    })
    .await;
}

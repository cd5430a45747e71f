//! What people say of leads that they work: begun, good, not for us, and open again.

use serde_json::{Value, json};

use super::shareable;
use crate::harness::{Answer, Client, GivenPartner, TestGateway, on_every_store};

const SHOWN: &str = "lead { stage disqualificationReason assignedPartner { id } }";

async fn given_begun(gateway: &TestGateway, partner: &GivenPartner, id: &str) -> String {
    let (lead, offer) = gateway.given_offer(shareable(id)).await;
    gateway.answers(partner, "acceptLeadOffer", &offer).await.data();
    step(&gateway.as_rep_of(partner), "startLead", &lead).await.data();
    lead
}

async fn step(client: &Client<'_>, mutation: &str, lead: &str) -> Answer {
    client.change(mutation, json!({ "leadId": lead }), SHOWN).await
}

async fn disqualify(client: &Client<'_>, lead: &str) -> Answer {
    let input = json!({ "leadId": lead, "reason": "NO_BUDGET", "idempotencyKey": lead });
    client.change("disqualifyLead", input, SHOWN).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_is_worked_is_qualified_once() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        let rep = gateway.as_rep_of(&partner);
        let (lead, offer) = gateway.given_offer(shareable("00Q1")).await;
        step(&rep, "qualifyLead", &lead).await.assert_refused("NOT_FOUND");
        gateway.answers(&partner, "acceptLeadOffer", &offer).await.data();
        step(&rep, "qualifyLead", &lead).await.assert_refused("LEAD_STAGE");
        step(&rep, "startLead", &lead).await.data();
        let qualified = step(&rep, "qualifyLead", &lead).await;
        assert_eq!(qualified.at("/qualifyLead/lead/stage"), "QUALIFIED");
        step(&rep, "qualifyLead", &lead).await.assert_refused("LEAD_STAGE");
        assert_eq!(gateway.stands(&lead).await, ("QUALIFIED".to_owned(), json!(partner.id)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_is_not_for_us_says_why_until_it_is_opened_again() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        let (rep, admin) = (gateway.as_rep_of(&partner), gateway.as_admin());
        let lead = given_begun(gateway, &partner, "00Q1").await;
        for _ in 0..2 {
            let closed = disqualify(&rep, &lead).await;
            let expected = json!({ "stage": "DISQUALIFIED", "disqualificationReason": "NO_BUDGET",
                "assignedPartner": { "id": partner.id } });
            assert_eq!(closed.at("/disqualifyLead/lead"), &expected);
        }
        step(&rep, "startLead", &lead).await.assert_refused("LEAD_STAGE");
        let reopen = |reason: &str| json!({ "leadId": lead, "reason": reason });
        rep.change("reopenLead", reopen("x"), SHOWN).await.assert_refused("FORBIDDEN");
        let opened = admin.change("reopenLead", reopen("予算がついた"), SHOWN).await;
        let expected =
            json!({ "stage": "RECYCLED", "disqualificationReason": null, "assignedPartner": null });
        assert_eq!(opened.at("/reopenLead/lead"), &expected);
        admin.change("reopenLead", reopen("x"), SHOWN).await.assert_refused("LEAD_STAGE");
        let told = rep.ask("{ leadOffers { nodes { recallReason lead { id } } } }").await;
        assert_eq!(told.at("/leadOffers/nodes/0"), &json!({ "recallReason": "予算がついた", "lead": null }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_waits_for_an_answer_is_not_closed_behind_the_partners_back() {
    on_every_store(async |gateway| {
        gateway.given_seller("甲").await;
        let (lead, _) = gateway.given_offer(shareable("00Q1")).await;
        disqualify(&gateway.as_admin(), &lead).await.assert_refused("LEAD_OFFERED");
        assert_eq!(gateway.stands(&lead).await, ("OFFERED".to_owned(), Value::Null));
    })
    .await;
}

//! What happens without anyone asking: offers expire, idle leads come back, stopped partners lose theirs.

use chrono::TimeDelta;
use domain::fields::lead;
use futures::future::join;
use serde_json::{Value, json};

use super::{JOB, OFFER, shareable};
use crate::harness::{GivenPartner, TestGateway, on_every_shared_store, on_every_store};

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_nobody_answers_goes_to_the_next_partner_once() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let [one, two] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let (lead, offer) = gateway.given_offer(shareable("00Q1")).await;
        gateway.let_pass_until("2026-06-03T09:00:00Z");
        gateway.let_job_run(JOB).await;
        assert_eq!(gateway.offers_of(&lead).await, [(one.id.clone(), "OPEN".to_owned())]);
        gateway.let_pass(TimeDelta::seconds(1));
        gateway.answers(&one, "acceptLeadOffer", &offer).await.assert_refused("OFFER_EXPIRED");
        // Two replicas.
        join(gateway.let_job_run(JOB), gateway.let_job_run(JOB)).await;
        let expected = [(one.id.clone(), "EXPIRED"), (two.id.clone(), "OPEN")];
        assert_eq!(gateway.offers_of(&lead).await, expected.map(|(id, it)| (id, it.to_owned())));
        gateway.let_pass(TimeDelta::days(7));
        gateway.let_job_run(JOB).await;
        assert_eq!(gateway.stands(&lead).await.0, "NEW", "nobody is left");
        assert_eq!(gateway.asked("ASSIGNMENT_FAILED").await.len(), 1);
    })
    .await;
}

async fn given_accepted(gateway: &TestGateway, partner: &GivenPartner, id: &str) -> String {
    let (lead, offer) = gateway.given_offer(shareable(id)).await;
    gateway.answers(partner, "acceptLeadOffer", &offer).await.data();
    lead
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_that_nobody_begins_to_work_comes_back() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        let rep = gateway.as_rep_of(&partner);
        let idle = given_accepted(gateway, &partner, "00Q1").await;
        let edited = given_accepted(gateway, &partner, "00Q2").await;
        let started = given_accepted(gateway, &partner, "00Q3").await;
        let edit = json!({ "recordId": edited, "values": [{ "field": "title", "value": "部長" }] });
        rep.change("editRecord", edit, "pendingFields").await.data();
        assert_eq!(gateway.stands(&edited).await.0, "WORKING", "an edit is an action");
        rep.change("startLead", json!({ "leadId": started }), "lead { stage }").await.data();
        assert_eq!(gateway.stands(&started).await.0, "WORKING");
        rep.change("startLead", json!({ "leadId": started }), "lead { stage }")
            .await
            .assert_refused("LEAD_STAGE");

        let alerts = async |gateway: &TestGateway| {
            use entity::platform::audit_event::{Column, Entity};
            use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
            let alerts = Entity::find().filter(Column::Action.eq("distribution.alert"));
            alerts.count(gateway.services.database.read()).await.unwrap()
        };
        gateway.let_pass_until("2026-06-15T09:00:00Z");
        gateway.let_job_run(JOB).await;
        assert_eq!(alerts(gateway).await, 0);
        gateway.let_pass(TimeDelta::seconds(1));
        gateway.let_job_run(JOB).await;
        gateway.let_job_run(JOB).await;
        assert_eq!(alerts(gateway).await, 1, "ten business days, told once");
        gateway.let_pass_until("2026-06-29T09:00:00Z");
        gateway.let_job_run(JOB).await;
        assert_eq!(gateway.stands(&idle).await.0, "ACCEPTED");
        gateway.let_pass(TimeDelta::seconds(1));
        gateway.let_job_run(JOB).await;
        assert_eq!(gateway.stands(&idle).await, ("RECYCLED".to_owned(), Value::Null));
        for lead in [edited, started] {
            assert_eq!(gateway.stands(&lead).await, ("WORKING".to_owned(), json!(partner.id)));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_is_stopped_loses_its_offers_and_leads() {
    on_every_store(async |gateway| {
        let [stopped, other] = [gateway.given_seller("停止").await, gateway.given_seller("継続").await];
        let accepted = given_accepted(gateway, &stopped, "00Q1").await;
        let named = json!({ "partnerId": stopped.id, "reason": "希望" });
        let offered = gateway.given(shareable("00Q2")).await;
        let mut input = named.clone();
        input["leadId"] = json!(offered);
        let offer = gateway.as_admin().change("offerLead", input, OFFER).await;
        let offer = offer.text_at("/offerLead/leadOffer/id").to_owned();
        let version =
            gateway.as_admin().ask(&format!("{{ partner(id: \"{}\") {{ version }} }}", stopped.id)).await;
        let suspend =
            json!({ "id": stopped.id, "version": version.at("/partner/version"), "status": "SUSPENDED" });
        gateway.as_admin().change("updatePartner", suspend, "partner { version }").await.data();
        gateway.answers(&stopped, "acceptLeadOffer", &offer).await.assert_refused("PARTNER_NOT_ACTIVE");
        gateway.let_job_run(JOB).await;
        assert_eq!(gateway.stands(&accepted).await, ("RECYCLED".to_owned(), Value::Null));
        let expected = [(stopped.id.clone(), "CLOSED"), (other.id.clone(), "OPEN")];
        assert_eq!(gateway.offers_of(&offered).await, expected.map(|(id, it)| (id, it.to_owned())));
        let mut again = named;
        again["leadId"] = json!(accepted);
        gateway.as_admin().change("offerLead", again, OFFER).await.assert_refused("PARTNER_NOT_ACTIVE");
        gateway.let_job_run(JOB).await;
        let excluded = gateway.offers(&accepted).await;
        let excluded = excluded.at("/offerLead/leadOffer/ranking/excluded/0/reasons").clone();
        assert_eq!(excluded, json!(["NOT_ACTIVE"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_ends_with_its_lead() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        let said = shareable("00Q1");
        let (lead, offer) = gateway.given_offer(said.clone()).await;
        gateway.let_pass(TimeDelta::hours(1));
        let converted = said.with(lead::converted_account, "0010").at("2026-06-01T00:30:00Z");
        gateway.hears([converted]).await;
        gateway.answers(&partner, "acceptLeadOffer", &offer).await.assert_refused("LEAD_STAGE");
        gateway.let_job_run(JOB).await;
        assert_eq!(gateway.offers_of(&lead).await, [(partner.id.clone(), "CLOSED".to_owned())]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_hears_of_leads_that_are_offered_to_it_alone() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let [one, two] = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let listen = "subscription { leadOffered { company partner { id } lead { id } } }";
        let mut hears = [gateway.as_rep_of(&one).listen(listen).await, gateway.as_rep_of(&two).listen(listen).await];
        gateway.let_pass(TimeDelta::seconds(1));
        for (id, partner) in [("00Q1", &one), ("00Q2", &two)] {
            let lead = gateway.given(shareable(id)).await;
            let input = json!({ "leadId": lead, "partnerId": partner.id, "reason": "希望" });
            gateway.as_admin().change("offerLead", input, OFFER).await.data();
        }
        for (heard, (id, partner)) in hears.iter_mut().zip([("00Q1", &one), ("00Q2", &two)]) {
            let expected =
                json!({ "company": format!("サンプル商事{id}"), "partner": { "id": partner.id }, "lead": null });
            assert_eq!(heard.next().await.data()["leadOffered"], expected);
        }
    })
    .await;
}

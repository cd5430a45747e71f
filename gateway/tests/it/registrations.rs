//! Deal registrations: from the draft to the end, with the windows of the domain model.

mod crowd;

use chrono::TimeDelta;
use domain::access::Role;
use domain::fields::{account, lead, opportunity};
use serde_json::{Value, json};

use crate::harness::{GivenPartner, Said, TestGateway, deal, on_every_store};

const DUE: &str = "registrations.due";

/// A registration that was approved on the first day.
async fn given_approved(gateway: &TestGateway, partner: &GivenPartner) -> String {
    let id = gateway.given_registration(partner, deal("株式会社極洋")).await;
    gateway.step_because(&gateway.as_admin(), "approveRegistration", &id).await.data();
    id
}

async fn status(gateway: &TestGateway, id: &str) -> String {
    gateway.of_registration(id, "status").await["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_goes_from_draft_to_a_known_protection() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let rep = gateway.as_rep_of(&partner);
        let id = gateway.given_registration_draft(&partner, json!({ "companyName": "株式会社極洋" })).await;
        let refused = gateway.step(&rep, "submitRegistration", &id).await;
        refused.assert_refused("REGISTRATION_INCOMPLETE");
        assert!(refused.message().contains("products, dealType, amount, expectedClose"), "{}", refused.text);
        let mut says = deal("株式会社極洋");
        (says["id"], says["version"]) = (json!(id), json!(1));
        let updated = rep.change("updateRegistration", says.clone(), "dealRegistration { version }").await;
        assert_eq!(updated.at("/updateRegistration/dealRegistration/version"), 2);
        rep.change("updateRegistration", says, "dealRegistration { id }")
            .await
            .assert_refused("VERSION_CONFLICT");

        let submitted = gateway.step(&rep, "submitRegistration", &id).await;
        let submitted = submitted.at("/submitRegistration/dealRegistration");
        assert_eq!(submitted["status"], "UNDER_REVIEW");
        assert_eq!(submitted["priorityTime"], "2026-06-01T00:00:00+00:00");
        assert_eq!(submitted["decideBy"], "2026-06-03T09:00:00+00:00", "two business days, 18:00 in Tokyo");
        gateway.step(&rep, "submitRegistration", &id).await.assert_refused("REGISTRATION_STATE");

        gateway.step(&rep, "approveRegistration", &id).await.assert_refused("FORBIDDEN");
        let approved = gateway.step_because(&gateway.as_admin(), "approveRegistration", &id).await;
        let approved = approved.at("/approveRegistration/dealRegistration");
        assert_eq!(approved["status"], "APPROVED");
        assert_eq!(approved["expiresAt"], "2026-08-30T15:00:00+00:00", "midnight in Tokyo after ninety days");
        let question = format!("{{ dealRegistration(id: \"{id}\") {{ history {{ step subject }} }} }}");
        let history = rep.ask(&question).await.at("/dealRegistration/history").clone();
        let steps: Vec<&str> =
            history.as_array().unwrap().iter().map(|it| it["step"].as_str().unwrap()).collect();
        assert_eq!(steps, ["SAVED", "SAVED", "SUBMITTED", "APPROVED"]);
        assert!(history.as_array().unwrap().iter().all(|it| it["subject"].is_null()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let rep = gateway.as_rep_of(&partner);
        let with = |field: &str, value: Value| {
            let mut says = deal("株式会社極洋");
            says[field] = value;
            says
        };
        for (says, code) in [
            (with("amount", json!({ "amount": "1200000.5", "currency": "JPY" })), "MONEY_SCALE"),
            (with("companyName", json!(" ")), "NAME_BLANK"),
            (with("corporateNumber", json!("4011001098983")), "INVALID_CORPORATE_NUMBER"),
            (with("sitePrefecture", json!("JP-48")), "PREFECTURE_UNKNOWN"),
            (with("products", json!(["X,Y"])), "INVALID_PRODUCT"),
        ] {
            rep.change("createRegistration", says, "dealRegistration { id }").await.assert_refused(code);
        }
        let count = gateway.as_admin().ask("{ dealRegistrations { totalCount } }").await;
        assert_eq!(count.at("/dealRegistrations/totalCount"), 0);

        let says = with("partnerId", json!(partner.id));
        let own = gateway.as_admin().change("createRegistration", says, "dealRegistration { id }").await;
        let own = own.text_at("/createRegistration/dealRegistration/id").to_owned();
        gateway.step(&gateway.as_admin(), "submitRegistration", &own).await.data();
        let refused = gateway.step_because(&gateway.as_admin(), "approveRegistration", &own).await;
        refused.assert_refused("APPROVER_IS_SUBMITTER");
        assert_eq!(status(gateway, &own).await, "UNDER_REVIEW");
        let refused = gateway.step(&gateway.as_admin(), "revokeRegistration", &own).await;
        refused.assert_refused("REASON_MISSING");
        assert!(refused.text.contains("この操作には理由が必要です"), "{}", refused.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_registration_keeps_its_place_for_five_business_days() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let (rep, admin) = (gateway.as_rep_of(&partner), gateway.as_admin());
        for (answered, kept) in [("2026-06-08T09:00:00Z", true), ("2026-06-15T09:00:01Z", false)] {
            let id = gateway.given_registration(&partner, deal(answered)).await;
            let before = gateway.of_registration(&id, "priorityTime").await;
            gateway.step(&admin, "returnRegistration", &id).await.assert_refused("REASON_MISSING");
            gateway.step_because(&admin, "returnRegistration", &id).await.data();
            gateway.let_pass_until(answered);
            gateway.step(&rep, "submitRegistration", &id).await.data();
            let after = gateway.of_registration(&id, "priorityTime").await;
            assert_eq!(before == after, kept, "{answered}: {before} {after}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protection_is_extended_while_somebody_works_and_ends_by_itself() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let (rep, admin) = (gateway.as_rep_of(&partner), gateway.as_admin());
        let id = given_approved(gateway, &partner).await;
        gateway.step(&admin, "extendRegistration", &id).await.assert_refused("EXTENSION_WITHOUT_ACTIVITY");
        let activity = |at: &str| json!({ "registrationId": id, "occurredAt": at, "note": "訪問" });
        let selection = "dealRegistration { lastActivityAt }";
        let early =
            rep.change("recordRegistrationActivity", activity("2026-06-02T00:00:00Z"), selection).await;
        early.assert_refused("ACTIVITY_IN_FUTURE");
        rep.change("recordRegistrationActivity", activity("2026-06-01T00:00:00Z"), selection).await.data();
        let extended = gateway.step(&admin, "extendRegistration", &id).await;
        let expires = extended.text_at("/extendRegistration/dealRegistration/expiresAt");
        assert_eq!(expires, "2026-09-29T15:00:00+00:00");

        gateway.let_pass_until("2026-09-15T15:00:00Z");
        gateway.let_job_run(DUE).await;
        gateway.let_job_run(DUE).await;
        gateway.let_pass_until("2026-09-26T15:00:00Z");
        gateway.let_job_run(DUE).await;
        let history = gateway.of_registration(&id, "history { step }").await.to_string();
        assert_eq!(history.matches("WARNED").count(), 2, "fourteen and three days before, once each");

        gateway.let_pass_until("2026-09-29T14:59:59Z");
        gateway.let_job_run(DUE).await;
        assert_eq!(status(gateway, &id).await, "APPROVED");
        gateway.let_pass(TimeDelta::seconds(1));
        gateway.step(&admin, "extendRegistration", &id).await.assert_refused("EXTENSION_AFTER_EXPIRY");
        gateway.let_job_run(DUE).await;
        assert_eq!(status(gateway, &id).await, "EXPIRED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_decision_is_escalated_once_and_never_approves() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let id = gateway.given_registration(&partner, deal("株式会社極洋")).await;
        gateway.let_pass_until("2026-06-03T09:00:01Z");
        gateway.let_job_run(DUE).await;
        gateway.let_job_run(DUE).await;
        assert_eq!(status(gateway, &id).await, "UNDER_REVIEW");
        let history = gateway.of_registration(&id, "history { step }").await.to_string();
        assert_eq!(history.matches("ESCALATED").count(), 1);
        let late =
            gateway.as_admin().ask("{ dealRegistrations(filter: { isOverdue: true }) { totalCount } }").await;
        assert_eq!(late.at("/dealRegistrations/totalCount"), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deals_of_a_partner_that_left_are_revoked_after_thirty_days() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let id = given_approved(gateway, &partner).await;
        let question = format!("{{ partner(id: \"{}\") {{ version }} }}", partner.id);
        let version = gateway.as_admin().ask(&question).await.at("/partner/version").clone();
        let end = json!({ "id": partner.id, "version": version, "status": "TERMINATED" });
        gateway.as_admin().change("updatePartner", end, "partner { id }").await.data();
        for (wait, expected) in [(29, "APPROVED"), (1, "REVOKED")] {
            gateway.let_pass(TimeDelta::days(wait));
            gateway.let_job_run(DUE).await;
            gateway.let_job_run(DUE).await;
            assert_eq!(status(gateway, &id).await, expected);
        }
        let history = gateway.of_registration(&id, "history { step }").await.to_string();
        assert_eq!(history.matches("REVOKED").count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_ends_with_its_opportunity() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        for (external_id, is_won, ended) in [("0061", "true", "WON"), ("0062", "false", "LOST")] {
            let deal = Said::opportunity(external_id, "商談").with(opportunity::is_closed, "false");
            let golden = gateway.given(deal.clone()).await;
            let id = given_approved(gateway, &partner).await;
            let input = json!({ "registrationId": id, "opportunityId": golden });
            gateway.as_admin().change("linkRegistration", input, "dealRegistration { id }").await.data();
            gateway.let_job_run(DUE).await;
            assert_eq!(status(gateway, &id).await, "APPROVED");
            let closed = deal.with(opportunity::is_closed, "true").with(opportunity::is_won, is_won);
            gateway.hears([closed.at("2026-06-01T00:00:01Z")]).await;
            gateway.let_job_run(DUE).await;
            assert_eq!(status(gateway, &id).await, ended);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_follows_its_lead_and_its_opportunity_through_merges() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let mut leads = Vec::new();
        for (external_id, company) in [("00Q1", "株式会社極洋"), ("00Q2", "有限会社つぐみ製作所")]
        {
            leads.push(gateway.given(Said::lead(external_id).with(lead::company, company)).await);
        }
        let id = given_approved(gateway, &partner).await;
        let link = json!({ "registrationId": id, "leadId": leads[1] });
        gateway.as_admin().change("linkRegistration", link, "dealRegistration { id }").await.data();
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        let merge = json!({ "ids": leads, "reason": "同一と確認した" });
        steward.change("mergeRecords", merge, "survivorId").await.data();
        gateway.given(Said::opportunity("0061", "商談").with(opportunity::is_closed, "false")).await;
        let converted = Said::lead("00Q1").with(lead::company, "株式会社極洋");
        gateway.hears([converted.with(lead::converted_opportunity, "0061").at("2026-06-01T00:00:01Z")]).await;
        gateway.let_job_run(DUE).await;
        let linked = gateway.of_registration(&id, "opportunity { name }").await;
        assert_eq!(linked, json!({ "opportunity": { "name": "商談" } }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_registrations_of_a_partner_live_for_thirty_days_after_its_agreement() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let id = given_approved(gateway, &partner).await;
        let change = async |says: Value| {
            let version =
                gateway.as_admin().ask(&format!("{{ partner(id: \"{}\") {{ version }} }}", partner.id)).await;
            let mut input = json!({ "id": partner.id, "version": version.at("/partner/version") });
            input.as_object_mut().unwrap().extend(says.as_object().unwrap().clone());
            gateway.as_admin().change("updatePartner", input, "partner { id }").await.data();
        };
        change(json!({ "status": "TERMINATED" })).await;
        gateway.let_pass(TimeDelta::days(20));
        change(json!({ "displayNameEn": "Former" })).await;
        gateway.let_job_run(DUE).await;
        assert_eq!(status(gateway, &id).await, "APPROVED");
        gateway.let_pass(TimeDelta::days(10));
        gateway.let_job_run(DUE).await;
        assert_eq!(
            status(gateway, &id).await,
            "REVOKED",
            "thirty days after the end, whatever was changed since"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_linked_where_it_is_certain_and_left_open_where_it_is_not() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let known = Said::account("0010", "株式会社極洋").with(account::corporate_number, "7000012050002");
        let golden = gateway.given(known.with(account::phone, "03-5545-0701")).await;
        for (field, value, account) in [
            ("corporateNumber", "7000012050002", json!({ "account": { "id": golden } })),
            ("phone", "03-5545-0701", json!({ "account": null })),
            ("postalCode", "107-0052", json!({ "account": null })),
        ] {
            let mut says = deal("㈱極洋");
            says[field] = json!(value);
            let id = gateway.given_registration(&partner, says).await;
            assert_eq!(gateway.of_registration(&id, "account { id }").await, account, "{field}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rival_neither_sees_nor_touches_a_registration() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_seller("販売店").await, gateway.given_seller("競合").await);
        let id = gateway.given_registration(&own, deal("株式会社極洋")).await;
        for mutation in ["submitRegistration", "withdrawRegistration"] {
            gateway.step(&gateway.as_admin_of(&rival), mutation, &id).await.assert_refused("NOT_FOUND");
        }
        let stranger = gateway.as_channel_manager("tanaka");
        gateway.step_because(&stranger, "approveRegistration", &id).await.assert_refused("NOT_FOUND");
        let managed = json!({ "id": own.id, "version": 1, "managers": ["tanaka"] });
        gateway.as_admin().change("updatePartner", managed, "partner { id }").await.data();
        gateway.step_because(&stranger, "approveRegistration", &id).await.data();
        gateway.step(&gateway.as_admin_of(&own), "withdrawRegistration", &id).await.data();
        assert_eq!(status(gateway, &id).await, "WITHDRAWN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_submits_once() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("販売店").await;
        let id = gateway.given_registration_draft(&partner, deal("株式会社極洋")).await;
        let input = json!({ "registrationId": id, "idempotencyKey": "once" });
        let rep = gateway.as_rep_of(&partner);
        let first = rep.change("submitRegistration", input.clone(), "dealRegistration { version }").await;
        let second = rep.change("submitRegistration", input, "dealRegistration { version }").await;
        assert_eq!(first.data(), second.data());
    })
    .await;
}

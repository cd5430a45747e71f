//! Leads: who works them, and what is shown of them.

use chrono::TimeDelta;
use domain::fields::{RecordKind, lead};
use serde_json::{Value, json};

use crate::harness::{GivenPartner, Said, on_every_store};

const LEAD: &str = "lead { id version assignedPartner { legalName } assignedUser { email } }";

fn assignment(lead: &str, partner: &GivenPartner) -> Value {
    json!({ "leadId": lead, "partnerId": partner.id })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_tells_who_is_responsible_and_why() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋商事").await;
        let lead = gateway.given(Said::lead("00Q1")).await;
        gateway.let_pass(TimeDelta::hours(2));
        let mut input = assignment(&lead, &partner);
        input["partnerUserId"] = json!(partner.rep.id);
        let selection = "lead { version assignedPartner { legalName } assignedUser { id }
            provenance(fields: [\"assignedPartner\"]) { field value source rule effectiveAt losers { value } } }";
        let answer = gateway.as_admin().change("assignLead", input, selection).await;
        let expected = json!({
            "version": 2,
            "assignedPartner": { "legalName": "極洋商事" },
            "assignedUser": { "id": partner.rep.id },
            "provenance": [{
                "field": "assignedPartner", "value": partner.id, "source": "OWN",
                "rule": "ONLY_SOURCE", "effectiveAt": "2026-06-01T02:00:00+00:00", "losers": [],
            }],
        });
        assert_eq!(answer.at("/assignLead/lead"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_moves_on_and_back_to_nobody() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("一").await, gateway.given_partner("二").await);
        let lead = gateway.given(Said::lead("00Q1")).await;
        let admin = gateway.as_admin();
        for (partner, name) in [(Some(&one), json!("一")), (Some(&two), json!("二")), (None, Value::Null)] {
            gateway.let_pass(TimeDelta::hours(1));
            let input = json!({ "leadId": lead, "partnerId": partner.map(|it| &it.id) });
            let answer = admin.change("assignLead", input, LEAD).await;
            let assigned = answer.at("/assignLead/lead/assignedPartner");
            assert_eq!(assigned.get("legalName").unwrap_or(&Value::Null), &name, "{}", answer.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_active_partner_is_given_leads() {
    on_every_store(async |gateway| {
        let input = json!({ "legalName": "候補", "status": "ONBOARDING" });
        let created = gateway.as_admin().change("createPartner", input, "partner { id }").await;
        let lead = gateway.given(Said::lead("00Q1")).await;
        let input = json!({ "leadId": lead, "partnerId": created.at("/createPartner/partner/id") });
        gateway.as_admin().change("assignLead", input, LEAD).await.assert_refused("PARTNER_NOT_ACTIVE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_must_belong_to_the_partner() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("一").await, gateway.given_partner("二").await);
        let lead = gateway.given(Said::lead("00Q1")).await;
        let mut input = assignment(&lead, &one);
        input["partnerUserId"] = json!(two.rep.id);
        let admin = gateway.as_admin();
        admin.change("assignLead", input.clone(), LEAD).await.assert_refused("USER_OF_ANOTHER_PARTNER");
        input["partnerId"] = Value::Null;
        admin.change("assignLead", input, LEAD).await.assert_refused("USER_OF_ANOTHER_PARTNER");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_lead_is_not_given_away() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋商事").await;
        for (id, stage) in [("00Q1", "CONVERTED"), ("00Q2", "DISQUALIFIED")] {
            let said = Said::lead(id).with(lead::last_name, id).with(lead::stage, stage);
            let lead = gateway.given(said).await;
            let refused = gateway.as_admin().change("assignLead", assignment(&lead, &partner), LEAD).await;
            refused.assert_refused("LEAD_CLOSED");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_manager_gives_leads_to_the_own_set_only() {
    on_every_store(async |gateway| {
        let aoki = gateway.as_channel_manager("aoki");
        let input = json!({ "legalName": "青木の担当", "status": "ACTIVE" });
        let managed = aoki.change("createPartner", input, "partner { id }").await;
        let other = gateway.given_partner("他の担当").await;
        let lead = gateway.given(Said::lead("00Q1")).await;
        aoki.change("assignLead", assignment(&lead, &other), LEAD).await.assert_refused("NOT_YOUR_PARTNER");
        let input = json!({ "leadId": lead, "partnerId": managed.at("/createPartner/partner/id") });
        aoki.change("assignLead", input, LEAD).await.data();
        let baba = gateway.as_channel_manager("baba");
        baba.change("assignLead", assignment(&lead, &other), LEAD).await.assert_refused("NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_administrator_distributes_the_own_leads_among_the_own_people() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("自社").await, gateway.given_partner("他社").await);
        let lead = gateway.given(Said::lead("00Q1")).await;
        let free = gateway.given(Said::lead("00Q2").with(lead::last_name, "田中")).await;
        gateway.given_assignment(&lead, &own).await;
        let colleague = gateway.given_user(&own.id, "colleague").await;
        let admin = gateway.as_admin_of(&own);
        let mut input = assignment(&lead, &own);
        input["partnerUserId"] = json!(colleague.id);
        admin.change("assignLead", input, LEAD).await.data();
        admin.change("assignLead", assignment(&lead, &rival), LEAD).await.assert_refused("NOT_FOUND");
        admin.change("assignLead", json!({ "leadId": lead }), LEAD).await.assert_refused("NOT_FOUND");
        admin.change("assignLead", assignment(&free, &own), LEAD).await.assert_refused("NOT_FOUND");
        let rep = gateway.as_rep_of(&own);
        rep.change("assignLead", assignment(&lead, &own), LEAD).await.assert_refused("FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_that_was_decided_on_an_old_version_is_refused() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("一").await, gateway.given_partner("二").await);
        let lead = gateway.given(Said::lead("00Q1")).await;
        let with_version = |partner| {
            let mut input = assignment(&lead, partner);
            input["version"] = json!(1);
            input
        };
        let admin = gateway.as_admin();
        admin.change("assignLead", with_version(&one), LEAD).await.data();
        let late = admin.change("assignLead", with_version(&two), LEAD).await;
        late.assert_refused("LEAD_VERSION_CONFLICT");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_simultaneous_assignments_one_is_refused() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("一").await, gateway.given_partner("二").await);
        let admin = gateway.as_admin();
        for round in 0..5 {
            let name = format!("佐藤{round}");
            let lead = gateway.given(Said::lead(&format!("00Q{round}")).with(lead::last_name, &name)).await;
            let with_version = |partner| {
                let mut input = assignment(&lead, partner);
                input["version"] = json!(1);
                input
            };
            let (first, second) = futures::join!(
                admin.change("assignLead", with_version(&one), LEAD),
                admin.change("assignLead", with_version(&two), LEAD),
            );
            let codes: Vec<&str> = first.codes().into_iter().chain(second.codes()).collect();
            assert_eq!(codes, ["LEAD_VERSION_CONFLICT"], "round {round}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_assignment_has_one_effect() {
    on_every_store(async |gateway| {
        let (one, two) = (gateway.given_partner("一").await, gateway.given_partner("二").await);
        let lead = gateway.given(Said::lead("00Q1")).await;
        let with_key = |partner| {
            let mut input = assignment(&lead, partner);
            input["idempotencyKey"] = json!("k-1");
            input
        };
        let admin = gateway.as_admin();
        let first = admin.change("assignLead", with_key(&one), LEAD).await;
        gateway.let_pass(TimeDelta::hours(1));
        let again = admin.change("assignLead", with_key(&one), LEAD).await;
        assert_eq!(again.data(), first.data());
        admin.change("assignLead", with_key(&two), LEAD).await.assert_refused("IDEMPOTENCY_KEY_REUSED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_close_a_representative_no_longer_sees_contact_details() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋商事").await;
        let open =
            Said::lead("00Q1").with(lead::email, "sato@kyokuyo.example").with(lead::phone, "03-1234-5678");
        let lead = gateway.given(open.clone()).await;
        gateway.given_assignment(&lead, &partner).await;
        let question = "{ leads { nodes { email phone mobilePhone
            provenance(fields: [\"email\", \"lastName\"]) { value losers { value } } } } }";
        let (rep, admin) = (gateway.as_rep_of(&partner), gateway.as_admin_of(&partner));
        assert_eq!(rep.ask(question).await.at("/leads/nodes/0/email"), "sato@kyokuyo.example");

        gateway.let_pass(TimeDelta::days(1));
        let closed = open.with(lead::stage, "DISQUALIFIED").modified(gateway.services.clock.now());
        gateway.hears([closed]).await;
        let masked = json!({
            "email": "***", "phone": "***", "mobilePhone": null,
            "provenance": [{ "value": "佐藤", "losers": [] }, { "value": "***", "losers": [] }],
        });
        assert_eq!(rep.ask(question).await.at("/leads/nodes/0"), &masked);
        assert_eq!(admin.ask(question).await.at("/leads/nodes/0/email"), "sato@kyokuyo.example");

        let search = "{ leads(filter: { email: { startsWith: \"sato@\" } }) { totalCount nodes { id } } }";
        assert_eq!(rep.ask(search).await.at("/leads"), &json!({ "totalCount": 0, "nodes": [] }));
        assert_eq!(admin.ask(search).await.at("/leads/totalCount"), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_are_found_by_what_they_say() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋商事").await;
        gateway
            .hears([
                Said::lead("00Q1").with(lead::region, "東京都").with(lead::email, "Sato@Kyokuyo.example"),
                Said::lead("00Q2").with(lead::last_name, "田中").with(lead::company, "Acme Japan"),
                Said::lead("00Q3")
                    .with(lead::last_name, "鈴木")
                    .with(lead::company, "ＡＣＭＥ")
                    .with(lead::stage, "WORKING"),
            ])
            .await;
        let ids =
            [gateway.id_of(RecordKind::Lead, "00Q1").await, gateway.id_of(RecordKind::Lead, "00Q2").await];
        gateway.given_assignment(&ids[1], &partner).await;
        let found = async |filter: &str| {
            let question = format!(
                "{{ leads(filter: {{ {filter} }}, orderBy: CREATED_ASC) {{ nodes {{ lastName }} }} }}"
            );
            let answer = gateway.as_admin().ask(&question).await;
            let nodes = answer.at("/leads/nodes").as_array().unwrap().clone();
            nodes.iter().map(|it| it["lastName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("company: { eq: \"acme japan\" }").await, ["田中"]);
        assert_eq!(found("company: { contains: \"ＡＣＭＥ\" }").await, ["鈴木"]);
        assert_eq!(found("email: { eq: \"sato@kyokuyo.example\" }").await, ["佐藤"]);
        assert_eq!(found("region: { isNull: true }").await, ["田中", "鈴木"]);
        assert_eq!(found("stage: [WORKING, QUALIFIED]").await, ["鈴木"]);
        assert_eq!(found("isAssigned: true").await, ["田中"]);
        assert_eq!(found(&format!("assignedPartnerId: \"{}\"", partner.id)).await, ["田中"]);
        assert_eq!(found("lastName: { startsWith: \"鈴\" }, isAssigned: false").await, ["鈴木"]);
        assert_eq!(found("updatedSince: \"2026-06-01T00:00:01Z\"").await, Vec::<String>::new());
    })
    .await;
}

//! What a partner is told of where values come from: only of what its own people entered.

use domain::fields::lead;
use serde_json::{Value, json};

use crate::harness::{Client, Said, on_every_store};

const WHY: &str = "query Why($id: ID!) { lead(id: $id) { provenance {
    field value source sourceRecord { externalId } observedAt effectiveAt rule losers { value } } } }";

async fn why(client: &Client<'_>, id: &str, field: &str) -> Value {
    let answer = client.ask_with(WHY, json!({ "id": id })).await;
    let all = answer.at("/lead/provenance").as_array().unwrap();
    all.iter().find(|it| it["field"] == field).cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_sees_the_source_of_what_its_people_entered_and_of_nothing_else() {
    on_every_store(async |gateway| {
        let id = gateway.given(Said::lead("00Q1").with(lead::phone, "03-1111-1111")).await;
        let partner = gateway.given_partner("甲").await;
        gateway.given_assignment(&id, &partner).await;
        let (admin, rep) = (gateway.as_admin_of(&partner), gateway.as_rep_of(&partner));
        let source = async |client: &Client<'_>, field: &str| why(client, &id, field).await["source"].clone();
        assert_eq!(source(&admin, "assignedUser").await, "SYSTEM", "staff entered it");

        let other = gateway.given_user(&partner.id, "other").await;
        let input = json!({ "leadId": id, "partnerId": partner.id, "partnerUserId": other.id });
        admin.change("assignLead", input, "lead { id }").await.data();
        let colleague = gateway.as_user(&other);
        for client in [&admin, &colleague] {
            let entered = why(client, &id, "assignedUser").await;
            assert_eq!((&entered["source"], &entered["value"]), (&json!("OWN"), &json!(other.id)));
            assert!(entered["observedAt"].is_string() && entered["effectiveAt"].is_string());
            assert_eq!((&entered["rule"], &entered["sourceRecord"]), (&Value::Null, &Value::Null));
            for field in ["assignedPartner", "phone", "company"] {
                assert_eq!(source(client, field).await, "SYSTEM", "{field}");
            }
        }
        assert_eq!(rep.ask_with(WHY, json!({ "id": id })).await.at("/lead"), &Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_partner_entered_is_the_systems() {
    on_every_store(async |gateway| {
        let id = gateway.given(Said::lead("00Q1")).await;
        let (one, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        gateway.given_assignment(&id, &one).await;
        let input = json!({ "leadId": id, "partnerId": one.id, "partnerUserId": null });
        gateway.as_admin_of(&one).change("assignLead", input, "lead { id }").await.data();
        let input = json!({ "leadId": id, "partnerId": rival.id });
        gateway.as_admin().change("assignLead", input, "lead { id }").await.data();
        let answer = gateway.as_admin_of(&rival).ask_with(WHY, json!({ "id": id })).await;
        let all = answer.at("/lead/provenance").as_array().unwrap();
        assert!(
            all.iter().all(|it| it["source"] == "SYSTEM" && it["observedAt"].is_null()),
            "{}",
            answer.text
        );
        assert!(!answer.text.contains(&one.id) && !answer.text.contains(&one.key.to_string()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reasons_cost_nothing_unless_they_are_asked_for() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        for number in 0..6 {
            let said = Said::lead(&format!("00Q{number}")).with(lead::last_name, &format!("佐藤{number}"));
            let id = gateway.given(said).await;
            gateway.given_assignment(&id, &partner).await;
        }
        let partner = gateway.as_admin_of(&partner);
        for (client, statements) in [(gateway.as_admin(), 1), (partner, 2)] {
            let plain = client.ask("{ leads { nodes { lastName } } }").await;
            plain.data();
            let explained = client.ask("{ leads { nodes { lastName provenance { value source } } } }").await;
            explained.data();
            assert_eq!(explained.statements - plain.statements, statements);
        }
    })
    .await;
}

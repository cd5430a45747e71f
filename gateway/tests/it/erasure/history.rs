//! What the past shows of a person that was erased: that there was something, and when.

use super::*;
use crate::harness::on_every_store;

#[tokio::test(flavor = "multi_thread")]
async fn the_past_shows_that_something_was_erased() {
    on_every_store(async |gateway| {
        let (lead, other) = given_minai(gateway).await;
        let before = gateway.services.clock.now();
        assert_eq!(told(gateway, &lead, lead::phone, "").await["value"], "03-7777-8888");
        gateway.erases(&lead).await.data();
        let then = format!(", asOf: {{ recordedAt: \"{}\" }}", before.to_rfc3339());
        let first = ", asOf: { recordedAt: \"2026-06-01T00:30:00Z\" }";
        for field in [lead::phone, lead::last_name, lead::email] {
            for as_of in ["", &then, ", asOf: {}"] {
                assert_eq!(told(gateway, &lead, field, as_of).await, erased(), "{field} {as_of}");
            }
        }
        assert_eq!(
            told(gateway, &other, lead::email, first).await,
            erased(),
            "also of whom lost a merge since"
        );
        let company = told(gateway, &other, lead::company, first).await;
        assert_eq!(company["value"], "自宅商店", "the company is no person");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_keeps_when_values_changed_and_no_value() {
    on_every_store(async |gateway| {
        let (lead, _) = given_minai(gateway).await;
        gateway.erases(&lead).await.data();
        let question = "query Changes($id: ID!) { fieldTimeline(id: $id, fields: [\"phone\"]) {
            nodes { recordedAt value rule source } } }";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": lead })).await;
        let changes = answer.at("/fieldTimeline/nodes").as_array().unwrap();
        assert!(changes.len() >= 4, "each telephone was one: {changes:?}");
        assert!(changes.iter().all(|it| it["value"].is_null() && it["rule"] == "ERASED"), "{changes:?}");
        assert!(
            changes.iter().any(|it| it["recordedAt"].as_str().unwrap().starts_with("2026-06-01T00:00:00"))
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_served_is_what_follows_from_the_scrubbed_past() {
    on_every_store(async |gateway| {
        let (lead, _) = given_minai(gateway).await;
        gateway.erases(&lead).await.data();
        let shown = "lastName phone company stage score account { name }
            provenance { field value source observedAt effectiveAt rule losers { value } }";
        let now = gateway.lead(&lead, shown).await;
        let question = format!("query One($id: ID!) {{ lead(id: $id, asOf: {{}}) {{ {shown} }} }}");
        let replayed = gateway.as_admin().ask_with(&question, json!({ "id": lead })).await;
        assert_eq!(replayed.at("/lead"), &now);
    })
    .await;
}

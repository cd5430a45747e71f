//! Which value is served, and what is told of it.

use domain::fields::{account, lead};

use super::*;
use crate::harness::on_every_store;

#[tokio::test(flavor = "multi_thread")]
async fn e_a_pinned_value_stays_and_its_steward_hears_of_what_came_since() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        gateway.comes_to("2026-06-07T00:00:00Z");
        let pinned = gateway.pins(&id, "phone", "03-0000-1111").await;
        assert_eq!(pinned.at("/pinField/provenance"), &json!({ "value": "03-0000-1111", "rule": "PIN" }));
        assert!(gateway.tasks().await.is_empty(), "what was known when it was pinned is no news");
        gateway.comes_to("2026-06-09T00:00:00Z");
        gateway.crm_says(sato().with(lead::phone, "03-9999-2222")).await;
        let phone = gateway.phone(&id).await;
        assert_eq!(phone["phone"], "03-0000-1111");
        let why = &phone["provenance"][0];
        assert_eq!(
            (&why["source"], &why["rule"], &why["lock"]),
            (&json!("OWN"), &json!("PIN"), &Value::Null)
        );
        let pin = json!({
            "field": "phone", "value": "03-0000-1111", "reason": "本人に確認", "by": "steward", "until": null,
        });
        assert_eq!(why["pin"], pin);
        let instead = json!({ "value": "03-9999-2222", "source": "CRM", "rule": "ONLY_SOURCE" });
        assert_eq!(why["withoutHold"], instead);
        let loser = json!({ "value": "03-9999-2222", "source": "CRM", "lostAt": "PIN" });
        assert_eq!(why["losers"], json!([loser]));
        assert_eq!(gateway.tasks().await, ["STALE_PIN OPEN"]);
        let unpinned = gateway.unpins(&id, "phone").await;
        assert_eq!(unpinned.at("/unpinField/provenance/value"), "03-9999-2222");
        assert_eq!(gateway.phone(&id).await["provenance"][0]["pin"], Value::Null);
        assert_eq!(gateway.tasks().await, ["STALE_PIN SUPERSEDED"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_a_pin_goes_away_when_the_source_comes_to_agree() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        gateway.pins(&id, "phone", "03-0000-1111").await.data();
        gateway.crm_says(sato().with(lead::phone, "03-9999-2222")).await;
        gateway.crm_says(sato().with(lead::phone, "0300001111")).await;
        assert_eq!(gateway.tasks().await, ["STALE_PIN SUPERSEDED"]);
        assert_eq!(gateway.served(&id, lead::phone).await, "03-0000-1111");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_keeps_the_pin_or_takes_it_off() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        gateway.pins(&id, "phone", "03-0000-1111").await.data();
        let decide = async |decision: &str| {
            let asked = "{ reviewTasks(filter: { state: [OPEN] }) { nodes { id } } }";
            let task = gateway.as_steward().ask(asked).await.text_at("/reviewTasks/nodes/0/id").to_owned();
            let input = json!({ "taskId": task, "decision": decision, "reason": "電話で確認" });
            let decided = gateway.as_steward().change("decideReviewTask", input, "task { state }").await;
            assert_eq!(decided.at("/decideReviewTask/task/state"), "APPLIED");
        };
        gateway.crm_says(sato().with(lead::phone, "03-9999-2222")).await;
        decide("KEEP_PIN").await;
        gateway.crm_says(sato().with(lead::phone, "03-9999-2222").with(lead::title, "部長")).await;
        assert_eq!(gateway.served(&id, lead::phone).await, "03-0000-1111");
        assert_eq!(gateway.tasks().await, ["STALE_PIN APPLIED"], "that value is not asked about again");
        gateway.crm_says(sato().with(lead::phone, "03-7777-3333")).await;
        decide("UNPIN").await;
        assert_eq!(gateway.served(&id, lead::phone).await, "03-7777-3333");
        assert_eq!(gateway.tasks().await, ["STALE_PIN APPLIED", "STALE_PIN APPLIED"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pinned_then_is_served_as_of_then() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        gateway.comes_to("2026-06-07T00:00:00Z");
        gateway.pins(&id, "phone", "03-0000-1111").await.data();
        gateway.comes_to("2026-06-09T00:00:00Z");
        gateway.unpins(&id, "phone").await.data();
        gateway.comes_to("2026-06-11T00:00:00Z");
        let then = async |at: &str| {
            let question = "query Then($id: ID!, $at: DateTime!) {
                lead(id: $id, asOf: { recordedAt: $at }) { phone provenance(fields: [\"phone\"]) {
                    rule pin { by } } } }";
            let answer = gateway.as_steward().ask_with(question, json!({ "id": id, "at": at })).await;
            answer.at("/lead").clone()
        };
        assert_eq!(then("2026-06-06T00:00:00Z").await["phone"], "03-1234-5678");
        let pinned = json!([{ "rule": "PIN", "pin": { "by": "steward" } }]);
        assert_eq!(
            then("2026-06-08T00:00:00Z").await,
            json!({ "phone": "03-0000-1111", "provenance": pinned })
        );
        assert_eq!(then("2026-06-10T00:00:00Z").await["phone"], "03-1234-5678");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pin_was_meant_to_outvote_is_not_asked_about() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        gateway.pins(&id, "phone", "03-0000-1111").await.data();
        gateway.crm_says(sato().with(lead::title, "部長")).await;
        gateway.crm_says(sato().with(lead::phone, "03-9999-2222")).await;
        gateway.crm_says(sato()).await;
        assert_eq!(gateway.tasks().await, ["STALE_PIN SUPERSEDED"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pinning_one_part_of_an_address_keeps_the_others_as_they_are() {
    on_every_store(async |gateway| {
        let at = |code: &str, city: &str| sato().with(lead::postal_code, code).with(lead::city, city);
        let id = gateway.given(at("107-0062", "港区")).await;
        gateway.pins(&id, "postalCode", "107-0052").await.data();
        gateway.crm_says(at("530-0001", "大阪市北区").with(lead::title, "部長")).await;
        assert_eq!(gateway.served(&id, lead::postal_code).await, "107-0052");
        assert_eq!(gateway.served(&id, lead::city).await, "港区");
        assert_eq!(gateway.served(&id, lead::title).await, "部長");
        let question = "query City($id: ID!) { lead(id: $id) { provenance(fields: [\"city\"]) {
            source rule pin { field value } withoutHold { value } } } }";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        let why = json!([{
            "source": "CRM", "rule": "PIN", "pin": { "field": "postalCode", "value": "107-0052" },
            "withoutHold": { "value": "大阪市北区" },
        }]);
        assert_eq!(answer.at("/lead/provenance"), &why);
        gateway.unpins(&id, "postalCode").await.data();
        assert_eq!(gateway.served(&id, lead::city).await, "大阪市北区");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_of_any_kind_can_be_pinned_also_as_empty() {
    on_every_store(async |gateway| {
        let said = Said::account("0011", "株式会社極洋").with(account::phone, "03-1234-5678");
        let id = gateway.given(said).await;
        gateway.pins(&id, "name", "極洋").await.data();
        gateway.pins(&id, "phone", "").await.data();
        gateway.pins(&id, "industry", "水産").await.data();
        let question = "query One($id: ID!) { account(id: $id) { name phone industry } }";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        let served = json!({ "name": "極洋", "phone": null, "industry": "水産" });
        assert_eq!(answer.at("/account"), &served);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_keeps_what_was_served_and_a_pin_comes_before_it() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        let locked = gateway.locks(&id, "phone", None).await;
        assert_eq!(locked.at("/lockField/provenance"), &json!({ "value": "03-1234-5678", "rule": "LOCK" }));
        gateway.crm_says(sato().with(lead::phone, "03-9999-2222")).await;
        let why = gateway.phone(&id).await["provenance"][0].clone();
        assert_eq!((&why["source"], &why["lock"]["reason"]), (&json!("CRM"), &json!("移行中")));
        assert_eq!(why["withoutHold"]["value"], "03-9999-2222");
        gateway.pins(&id, "phone", "03-0000-1111").await.data();
        assert_eq!(gateway.served(&id, lead::phone).await, "03-0000-1111");
        gateway.unpins(&id, "phone").await.data();
        assert_eq!(gateway.served(&id, lead::phone).await, "03-1234-5678");
        let input = json!({ "recordId": id, "field": "phone", "reason": "移行が済んだ" });
        let unlocked = gateway.as_steward().change("unlockField", input, "provenance { value }").await;
        assert_eq!(unlocked.at("/unlockField/provenance/value"), "03-9999-2222");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_pins_once() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        let input = json!({
            "recordId": id, "field": "phone", "value": "03-0000-1111", "reason": "確認", "idempotencyKey": "k1",
        });
        let pin = async |input: &Value| {
            gateway.as_steward().change("pinField", input.clone(), "recordId provenance { value }").await
        };
        let first = pin(&input).await;
        assert_eq!(first.data(), pin(&input).await.data());
        let mut other = input.clone();
        other["value"] = json!("03-2222-3333");
        pin(&other).await.assert_refused("IDEMPOTENCY_KEY_REUSED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_pinned_leads_takes_one_statement_more() {
    on_every_store(async |gateway| {
        for number in 0..10 {
            let said = Said::lead(&format!("00Q{number}")).with(lead::last_name, &format!("佐藤{number}"));
            let id = gateway.given(said).await;
            gateway.pins(&id, "title", "部長").await.data();
        }
        let ask = async |more: &str| {
            let question = format!("{{ leads {{ nodes {{ title provenance {{ value {more} }} }} }} }}");
            let answer = gateway.as_admin().ask(&question).await;
            assert_eq!(answer.at("/leads/nodes/9/title"), "部長");
            answer.statements
        };
        let without = ask("rule").await;
        assert_eq!(ask("pin { by } lock { by } withoutHold { value }").await, without + 1);
    })
    .await;
}

//! Pins and locks that end by themselves.

use domain::fields::lead;

use super::*;
use crate::harness::on_every_store;

/// Midnight in Tokyo, as people write it.
const MIDNIGHT: &str = "2026-06-20T00:00:00+09:00";

#[tokio::test(flavor = "multi_thread")]
async fn f_a_locked_value_stays_until_midnight_in_tokyo_and_then_the_latest_edit_is_served() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        gateway.comes_to("2026-06-10T00:00:00Z");
        gateway.locks(&id, "phone", Some(MIDNIGHT)).await.data();
        let edit = |phone: &str, at: &str| own().with(lead::phone, phone).at(at);
        gateway.comes_to("2026-06-12T00:00:00Z");
        gateway.hears([edit("03-1212-1212", "2026-06-12T00:00:00Z")]).await;
        gateway.comes_to("2026-06-15T00:00:00Z");
        gateway.hears([edit("03-1515-1515", "2026-06-15T00:00:00Z")]).await;
        gateway.comes_to("2026-06-19T14:59:59Z");
        gateway.expires_holds().await;
        assert_eq!(gateway.served(&id, lead::phone).await, "03-1234-5678");
        gateway.comes_to("2026-06-19T15:00:00Z");
        gateway.expires_holds().await;
        let phone = gateway.phone(&id).await;
        assert_eq!(phone["phone"], "03-1515-1515");
        let why = &phone["provenance"][0];
        assert_eq!((&why["source"], &why["rule"]), (&json!("OWN"), &json!("RECENCY")));
        assert_eq!((&why["lock"], &why["withoutHold"]), (&Value::Null, &Value::Null));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_whose_time_is_over_counts_for_nothing_even_before_the_job() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        let pin = json!({
            "recordId": id, "field": "phone", "value": "03-0000-1111", "reason": "確認", "until": MIDNIGHT,
        });
        let pinned = gateway.as_steward().change("pinField", pin, "provenance { pin { until } }").await;
        assert_eq!(pinned.text_at("/pinField/provenance/pin/until"), "2026-06-19T15:00:00+00:00");
        gateway.comes_to("2026-06-21T00:00:00Z");
        gateway.crm_says(sato().with(lead::title, "部長")).await;
        assert_eq!(gateway.served(&id, lead::phone).await, "03-1234-5678");
        gateway.unpins(&id, "phone").await.assert_refused("NOT_PINNED");
        gateway.pins(&id, "phone", "03-2222-3333").await.data();
        gateway.expires_holds().await;
        assert_eq!(gateway.served(&id, lead::phone).await, "03-2222-3333", "the new pin has no end");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_pin_closes_the_question_about_it() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        let pin =
            json!({ "recordId": id, "field": "phone", "value": "0", "reason": "確認", "until": MIDNIGHT });
        gateway.as_steward().change("pinField", pin, "recordId").await.data();
        gateway.crm_says(sato().with(lead::phone, "03-9999-2222")).await;
        assert_eq!(gateway.tasks().await, ["STALE_PIN OPEN"]);
        gateway.comes_to("2026-06-19T15:00:00Z");
        gateway.expires_holds().await;
        assert_eq!(gateway.tasks().await, ["STALE_PIN SUPERSEDED"]);
        assert_eq!(gateway.served(&id, lead::phone).await, "03-9999-2222");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_ends_at_once_worked_by_two_replicas_are_worked_once() {
    on_every_store(async |gateway| {
        let mut ids = Vec::new();
        for number in 0..5 {
            let said = Said::lead(&format!("00Q{number}")).with(lead::last_name, &format!("佐藤{number}"));
            let id = gateway.given(said.with(lead::phone, "03-1111-1111")).await;
            gateway.locks(&id, "phone", Some(MIDNIGHT)).await.data();
            ids.push(id);
        }
        gateway.comes_to("2026-07-01T00:00:00Z");
        tokio::join!(gateway.expires_holds(), gateway.expires_holds());
        for id in ids {
            let why = gateway.phone(&id).await["provenance"][0].clone();
            assert_eq!(why["rule"], "ONLY_SOURCE");
        }
        gateway.expires_holds().await;
    })
    .await;
}

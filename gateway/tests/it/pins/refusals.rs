//! What cannot be fixed, by whom, and in which words.

use domain::fields::lead;

use super::*;
use crate::harness::on_every_store;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_fixed_is_refused_and_changes_nothing() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato().with(lead::converted_account, "0011")).await;
        let refused = async |change: Value, code: &str| {
            let mut input = json!({ "recordId": id, "field": "phone", "value": "03-1", "reason": "確認" });
            input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let answer = gateway.as_steward().change("pinField", input, "recordId").await;
            answer.assert_refused(code);
        };
        refused(json!({ "until": "2026-05-31T23:59:59Z" }), "END_PASSED").await;
        refused(json!({ "until": "2026-06-01T00:00:00Z" }), "END_PASSED").await;
        refused(json!({ "field": "nose" }), "NO_SUCH_FIELD").await;
        refused(json!({ "field": "stage", "value": null }), "FIELD_NEVER_EMPTY").await;
        refused(json!({ "field": "stage", "value": "LATER" }), "INVALID_CODE").await;
        refused(json!({ "field": "consentToShare", "value": "maybe" }), "INVALID_VALUE").await;
        refused(json!({ "field": "assignedPartner", "value": "x" }), "FIELD_NOT_PINNABLE").await;
        refused(json!({ "field": "convertedAccount", "value": "x" }), "FIELD_NOT_PINNABLE").await;
        refused(json!({ "reason": "  " }), "REASON_BLANK").await;
        refused(json!({ "version": "1000" }), "VERSION_CONFLICT").await;
        refused(json!({ "recordId": "x" }), "INVALID_ID").await;
        let nobody = "TGVhZDowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA";
        refused(json!({ "recordId": nobody }), "NOT_FOUND").await;
        let partner = gateway.given_partner("甲").await.id;
        refused(json!({ "recordId": partner }), "NOT_FOUND").await;
        gateway.unpins(&id, "phone").await.assert_refused("NOT_PINNED");
        assert_eq!(gateway.phone(&id).await["provenance"][0]["rule"], "ONLY_SOURCE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_is_fixed_once_and_who_did_it_is_told() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        gateway.pins(&id, "phone", "03-0000-1111").await.data();
        gateway.locks(&id, "phone", None).await.data();
        let input = json!({ "recordId": id, "field": "phone", "value": "03-1", "reason": "確認" });
        let again = gateway.as_admin().change("pinField", input, "recordId").await;
        again.assert_refused("ALREADY_PINNED");
        assert!(again.message().contains("steward at 2026-06-01"), "{}", again.text);
        gateway.locks(&id, "phone", None).await.assert_refused("ALREADY_LOCKED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_on_a_field_that_has_moved_is_refused_with_what_is_there() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        let version = gateway.phone(&id).await["provenance"][0]["version"].clone();
        gateway.crm_says(sato().with(lead::title, "部長")).await;
        let pin = async |version: &Value| {
            let input = json!({
                "recordId": id, "field": "phone", "value": "03-1", "reason": "確認", "version": version,
            });
            gateway.as_steward().change("pinField", input, "provenance { version }").await
        };
        gateway.crm_says(sato().with(lead::phone, "03-9999-2222")).await;
        let refused = pin(&version).await;
        refused.assert_refused("VERSION_CONFLICT");
        assert!(
            refused.message().contains("it is `03-9999-2222` now, by CRM since 2026-06-01"),
            "{}",
            refused.text
        );
        let version = gateway.phone(&id).await["provenance"][0]["version"].clone();
        let pinned = pin(&version).await;
        assert_ne!(pinned.at("/pinField/provenance/version"), &version);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_only_lives_on_cannot_be_fixed() {
    on_every_store(async |gateway| {
        let archived = gateway.given(sato()).await;
        gateway.crm_says(sato().deleted()).await;
        gateway.pins(&archived, "phone", "03-1").await.assert_refused("RECORD_ARCHIVED");
        let said = |id: &str, mail: &str| Said::lead(id).with(lead::email, mail);
        let survivor = gateway.given(said("00Q2", "a@kyokuyo.example")).await;
        let merged = gateway.given(said("00Q3", "b@other.example")).await;
        gateway.crm_says(said("00Q3", "a@kyokuyo.example")).await;
        let refused = gateway.pins(&merged, "phone", "03-1").await;
        refused.assert_refused("RECORD_MERGED");
        assert!(refused.message().contains(&survivor), "{}", refused.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_and_stewards_fix_fields() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        gateway.given_assignment(&id, &own).await;
        gateway.pins(&id, "title", "部長").await.data();
        gateway.locks(&id, "title", None).await.data();
        let input = json!({ "recordId": id, "field": "phone", "reason": "確認" });
        for client in [
            gateway.as_admin_of(&own),
            gateway.as_rep_of(&own),
            gateway.as_admin_of(&rival),
            gateway.as_channel_manager("manager"),
            gateway.as_staff(Role::IntegrationJob, "job"),
        ] {
            for mutation in ["pinField", "lockField", "unpinField", "unlockField"] {
                client.change(mutation, input.clone(), "recordId").await.assert_refused("FORBIDDEN");
            }
        }
        let question = "query One($id: ID!) { lead(id: $id) { title provenance(fields: [\"title\"]) {
            value source rule version pin { by } lock { by } withoutHold { value } } } }";
        let answer = gateway.as_rep_of(&own).ask_with(question, json!({ "id": id })).await;
        let shown = json!({
            "value": "部長", "source": "SYSTEM", "rule": null, "version": null, "pin": null, "lock": null,
            "withoutHold": null,
        });
        assert_eq!(answer.at("/lead/title"), "部長");
        assert_eq!(answer.at("/lead/provenance"), &json!([shown]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_pin_at_once_one_is_told_of_the_other() {
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        let (one, other) =
            tokio::join!(gateway.pins(&id, "phone", "03-1"), gateway.pins(&id, "phone", "03-2"));
        let mut codes = [one.codes(), other.codes()].concat();
        codes.sort_unstable();
        assert_eq!(codes, ["ALREADY_PINNED"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_fixed_and_let_go_is_in_the_audit_log() {
    use entity::platform::audit_event::{Column, Entity};
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
    on_every_store(async |gateway| {
        let id = gateway.given(sato()).await;
        gateway.pins(&id, "phone", "03-0000-1111").await.data();
        gateway.unpins(&id, "phone").await.data();
        let of_pins = Entity::find().filter(Column::Action.starts_with("golden."));
        let events = of_pins.order_by_asc(Column::Id).all(gateway.services.database.read()).await.unwrap();
        let told: Vec<_> = events.iter().map(|it| (it.subject.as_str(), it.action.as_str())).collect();
        assert_eq!(told, [("steward", "golden.pin"), ("steward", "golden.unpin")]);
        assert!(events.iter().all(|it| !it.detail.contains("03-0000-1111")), "no values of persons");
    })
    .await;
}

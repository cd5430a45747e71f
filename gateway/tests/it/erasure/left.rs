//! What an erasure leaves as it is.

use super::*;
use crate::harness::on_every_store;

#[tokio::test(flavor = "multi_thread")]
async fn the_record_keeps_its_company_its_account_and_its_partner() {
    on_every_store(async |gateway| {
        let (lead, _) = given_minai(gateway).await;
        let partner = gateway.given_partner("極洋販売").await;
        gateway.given_assignment(&lead, &partner).await;
        let shown = "company stage score account { name } assignedPartner { id }";
        let before = gateway.lead(&lead, shown).await;
        assert_eq!(before["account"], json!({ "name": "株式会社極洋" }), "found by her mailbox");
        gateway.erases(&lead).await.data();
        assert_eq!(gateway.lead(&lead, shown).await, before);
        gateway.hears_now(Said::account("0010", "極洋水産株式会社")).await;
        assert_eq!(gateway.lead(&lead, "account { name }").await["account"]["name"], "極洋水産株式会社");
        let seen = gateway.as_rep_of(&partner).ask("{ leads { nodes { id lastName email } } }").await;
        let expected = json!([{ "id": lead, "lastName": null, "email": null }]);
        assert_eq!(seen.at("/leads/nodes"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_declared_somebody_else_is_left_alone() {
    on_every_store(async |gateway| {
        let one = gateway.given(minai()).await;
        let two = gateway.given(minai_at_home()).await;
        gateway.merges(&[&one, &two], "同じ人").await;
        let record = json!({ "system": "CRM", "object": "Lead", "externalId": "00Q2" });
        let input = json!({ "id": one, "sourceRecords": [record], "reason": "母と娘" });
        let asked = gateway.steward().change("proposeUnmerge", input, "task { id }").await;
        let task = json!({ "taskId": asked.at("/proposeUnmerge/task/id") });
        gateway.as_admin().change("claimReviewTask", task.clone(), "task { id }").await.data();
        let mut approval = task;
        (approval["decision"], approval["reason"]) = (json!("APPROVE"), json!("確認した"));
        gateway.as_admin().change("decideReviewTask", approval, "task { state }").await.data();

        let answer = gateway.erases(&one).await;
        assert_eq!(answer.at("/eraseRecord/leftAlone"), &json!([{ "externalId": "00Q2" }]));
        assert_eq!(answer.at("/eraseRecord/erasedRecords"), 1);
        let mother = gateway.lead(&two, "id lastName email").await;
        assert_eq!(mother, json!({ "id": two, "lastName": "薬袋", "email": "hanoko@home.example" }));
        assert_eq!(gateway.lead(&one, "lastName email").await, json!({ "lastName": null, "email": null }));
    })
    .await;
}

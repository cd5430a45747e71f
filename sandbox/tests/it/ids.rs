//! Ids: 18 characters out, 15 or 18 in.

use serde_json::json;

use crate::harness::Crm;

#[tokio::test]
async fn ids_have_eighteen_characters_and_either_form_is_taken() {
    let crm = Crm::empty().await;
    let id = crm.create("Account", json!({"Name": "極洋"})).await;
    assert_eq!(id.len(), 18);
    assert!(id.starts_with("001"));
    for form in [&id[..], &id[..15]] {
        assert_eq!(crm.get(&format!("sobjects/Account/{form}")).await.json["Id"], json!(id));
        let found = crm.column(&format!("SELECT Id FROM Account WHERE Id = '{form}'"), "Id").await;
        assert_eq!(found, [json!(id)]);
        crm.create("Contact", json!({"LastName": "佐藤", "AccountId": form})).await;
    }
    let soql = format!("SELECT AccountId FROM Contact WHERE AccountId IN ('{}')", &id[..15]);
    assert_eq!(crm.column(&soql, "AccountId").await, [json!(id), json!(id)]);
}

#[tokio::test]
async fn malformed_and_foreign_ids() {
    let crm = Crm::empty().await;
    crm.get("sobjects/Lead/00Q5g0000000001EAX").await.assert_refused(404, "NOT_FOUND");
    crm.get("sobjects/Lead/00Q5g0000009999").await.assert_refused(404, "NOT_FOUND");
    crm.get("sobjects/Lead/0015g0000000001").await.assert_refused(404, "NOT_FOUND");
    let wrong = crm.get("sobjects/Lead/nonsense").await;
    wrong.assert_refused(404, "NOT_FOUND");
    assert!(
        wrong.json[0]["message"].as_str().unwrap().starts_with("Provided external ID field does not exist")
    );
    crm.query("SELECT Id FROM Lead WHERE Id = 'x'")
        .await
        .assert_refused(400, "INVALID_QUERY_FILTER_OPERATOR");
    let other_org = crm.query("SELECT Id FROM Lead WHERE Id IN ('00QA0000006Vm9r')").await;
    assert_eq!(other_org.json["totalSize"], 0);
    let body = json!({"LastName": "x", "Company": "y", "OwnerId": "nonsense"});
    crm.post("sobjects/Lead", body).await.assert_refused(400, "MALFORMED_ID");
    let body = json!({"LastName": "x", "Company": "y", "OwnerId": "00Q5g0000000001"});
    crm.post("sobjects/Lead", body).await.assert_refused(400, "MALFORMED_ID");
    let body = json!({"LastName": "x", "Company": "y", "OwnerId": "0055g0000009999"});
    crm.post("sobjects/Lead", body).await.assert_refused(400, "INVALID_CROSS_REFERENCE_KEY");
}

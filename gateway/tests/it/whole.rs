//! The main job from end to end: a CRM's leads and our partners as one graph.

use serde_json::json;

use crate::harness::{given_crm, on_every_store};

const GRAPH: &str = "query Graph($id: ID!) { lead(id: $id) {
    company account { name leads { id } } assignedPartner { legalName leads { id } }
    sourceRecords { system externalId }
    provenance(fields: [\"company\", \"assignedPartner\"]) { field source rule } } }";

#[tokio::test(flavor = "multi_thread")]
async fn one_query_joins_a_lead_of_the_crm_with_the_partner_that_works_it() {
    let crm = given_crm(120).await;
    on_every_store(async |gateway| {
        let counts = gateway.reads(&crm).await;
        assert_eq!((counts.failed, counts.unchanged), (0, 0));
        let admin = gateway.as_admin();
        let leads = admin
            .ask(
                "{ leads(first: 200, filter: { stage: [NEW, WORKING, ACCEPTED] }) { totalCount nodes {
            id account { id } sourceRecords { externalId } } } }",
            )
            .await;
        let all = leads.at("/leads/nodes").as_array().unwrap();
        let has_account = |it: &&serde_json::Value| !it["account"].is_null();
        let id =
            all.iter().find(has_account).expect("some lead belongs to an account")["id"].as_str().unwrap();
        let records: usize = all.iter().map(|it| it["sourceRecords"].as_array().unwrap().len()).sum();
        assert!(records > all.len(), "{records} records became {} leads: no duplicate was joined", all.len());

        let partner = gateway.given_partner("極洋商事").await;
        gateway.given_assignment(id, &partner).await;
        let answer = admin.ask_with(GRAPH, json!({ "id": id })).await;
        assert_eq!(
            answer.at("/lead/assignedPartner"),
            &json!({ "legalName": "極洋商事", "leads": [{ "id": id }] })
        );
        assert!(answer.at("/lead/account/leads").as_array().unwrap().contains(&json!({ "id": id })));
        let assigned = json!({ "field": "assignedPartner", "source": "OWN", "rule": "ONLY_SOURCE" });
        let provenance = answer.at("/lead/provenance").as_array().unwrap();
        assert!(provenance.contains(&assigned), "{}", answer.text);
        assert_eq!(provenance[0]["source"], "CRM");

        assert_eq!(gateway.reads(&crm).await.changed, 0, "reading again finds nothing new");
        assert_eq!(admin.ask_with(GRAPH, json!({ "id": id })).await.data(), answer.data());
    })
    .await;
}

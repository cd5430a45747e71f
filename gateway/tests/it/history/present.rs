//! The past as of now is the present: every served value follows from what is written down.

use chrono::TimeDelta;
use domain::fields::lead;
use serde_json::{Value, json};

use crate::harness::{Said, TestGateway, given_crm, on_every_store};

/// All that each kind serves, less what the past does not have: the version, and when a value last changed.
pub const KINDS: [(&str, &str); 4] = [
    (
        "leads",
        "lastName firstName lastNameKana firstNameKana company title email phone mobilePhone website corporateNumber
        industry street city region postalCode country sourceChannel origin stage score consentToShare
        account { id name } opportunity { id name } assignedPartner { id } assignedUser { id }",
    ),
    (
        "accounts",
        "name nameKana nameEn corporateNumber phone website industry street city region postalCode country
        parent { id name }",
    ),
    (
        "contacts",
        "lastName firstName lastNameKana firstNameKana title department email phone mobilePhone account { id name }",
    ),
    (
        "opportunities",
        "name stage amount { amount currency } closeDate isClosed isWon lossReason dealType owner
        account { id name } sourcingPartner { id }",
    ),
];

const WHY: &str = "id createdAt sourceRecords { system object externalId } provenance { field value source
    sourceRecord { externalId } observedAt effectiveAt clockSkew rule policyVersion
    losers { value source effectiveAt lostAt } }";

/// Everything of a list, page by page.
pub async fn all(gateway: &TestGateway, list: &str, fields: &str, as_of: &str) -> Vec<Value> {
    let (mut nodes, mut after) = (Vec::new(), String::new());
    loop {
        let question = format!(
            "{{ {list}(first: 100, orderBy: CREATED_DESC, {after} {as_of}) {{
                nodes {{ {WHY} {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let answer = gateway.as_admin().ask(&question).await;
        let page = answer.at(&format!("/{list}"));
        nodes.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == json!(false) {
            return nodes;
        }
        after = format!("after: \"{}\",", page["pageInfo"]["endCursor"].as_str().unwrap());
    }
}

/// Compares what is served with what follows from history, for all four kinds.
pub async fn assert_past_is_present(gateway: &TestGateway) {
    for (list, fields) in KINDS {
        let served = all(gateway, list, fields, "").await;
        let replayed = all(gateway, list, fields, "asOf: {}").await;
        assert!(!served.is_empty(), "{list}");
        assert_eq!(served.len(), replayed.len(), "{list}");
        for (served, replayed) in served.iter().zip(&replayed) {
            assert_eq!(served, replayed, "{list}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_of_now_everything_is_as_it_is_served() {
    let crm = given_crm(300).await;
    on_every_store(async |gateway| {
        gateway.reads(&crm).await;
        assert_past_is_present(gateway).await;
        let partner = gateway.given_partner("極洋商事").await;
        let leads =
            gateway.as_admin().ask("{ leads(first: 20, filter: { stage: [NEW] }) { nodes { id } } }").await;
        for lead in leads.at("/leads/nodes").as_array().unwrap().iter().take(5) {
            gateway.let_pass(TimeDelta::hours(1));
            gateway.given_assignment(lead["id"].as_str().unwrap(), &partner).await;
        }
        let now = gateway.services.clock.now();
        let said = Said::lead("00Q0").with(lead::email, "sato@kyokuyo.example").modified(now);
        gateway.hears([said.clone(), said.clone().by("MA").with(lead::score, "80")]).await;
        gateway.let_pass(TimeDelta::hours(1));
        gateway.hears([said.with(lead::title, "部長").deleted()]).await;
        assert_past_is_present(gateway).await;
    })
    .await;
}

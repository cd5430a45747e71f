//! What is told of a failure: a code, what to do, and nothing of how we work inside.

use gateway::platform::graphql::node_id::{NodeId, NodeType};
use serde_json::json;
use uuid::Uuid;

use crate::harness::{Said, on_every_store};

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_fails_is_null_beside_its_siblings_in_the_order_asked_for() {
    on_every_store(async |gateway| {
        let lead = gateway.given(Said::lead("00Q1")).await;
        let question = "query Several($id: ID!) {
            zuletzt: lead(id: $id) { stage lastName company }
            broken: partner(id: $id) { id }
            account: lead(id: $id) { id }
            leads { nodes { id } } }";
        let answer = gateway.as_admin().in_english().ask_with(question, json!({ "id": lead })).await;
        assert_eq!(answer.codes(), ["INVALID_ID"]);
        assert_eq!(answer.message(), "expected the id of a Partner, got the id of a Lead");
        let expected = format!(
            r#""data":{{"zuletzt":{{"stage":"NEW","lastName":"佐藤","company":"株式会社極洋"}},"broken":null,"account":{{"id":"{lead}"}},"leads":{{"nodes":[{{"id":"{lead}"}}]}}}}"#
        );
        assert!(answer.text.contains(&expected), "{}", answer.text);
        assert!(answer.text.contains(r#""path":["broken"]"#), "{}", answer.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_store_is_our_error_and_shows_nothing_of_itself() {
    on_every_store(async |gateway| {
        use sea_orm::ConnectionTrait as _;
        gateway.hears([Said::lead("00Q1")]).await;
        let database = gateway.services.database.read();
        database.execute_unprepared("UPDATE settlements SET trace = 'broken'").await.unwrap();
        let answer = gateway.as_admin().ask("{ leads { nodes { provenance { value } } } }").await;
        answer.assert_refused("INTERNAL");
        assert!(answer.message().contains("requestId"), "{}", answer.text);
        database.execute_unprepared("ALTER TABLE partner_users RENAME TO elsewhere").await.unwrap();
        let question = "query One($id: ID!) { partnerUser(id: $id) { id } }";
        let id = "UGFydG5lclVzZXI6MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        answer.assert_refused("INTERNAL");
        assert!(!answer.text.contains("partner_users"), "{}", answer.text);
        assert_eq!(answer.partial_data(), &json!({ "partnerUser": null }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_document_is_told_with_a_code() {
    on_every_store(async |gateway| {
        let deep = format!(
            "{{ leads {{ nodes {{ {} id {} }} }} }}",
            "account { leads { ".repeat(8),
            "} }".repeat(8)
        );
        let costly =
            "{ partners(first: 200) { nodes { leads(first: 50) { account { leads(first: 50) { id } } } } } }";
        for (document, code) in [
            ("{ leads { nodes { nothing } } }", "INVALID_DOCUMENT"),
            ("{ leads(first: \"x\") { nodes { id } } }", "INVALID_DOCUMENT"),
            ("{ leads {", "MALFORMED_DOCUMENT"),
            ("query($id: ID!) { lead(id: $id) { id } }", "MISSING_VARIABLE"),
            ("{ ...a } fragment a on Query { ...a }", "FRAGMENT_CYCLE"),
            (&deep, "INVALID_DOCUMENT"),
            (costly, "INVALID_DOCUMENT"),
        ] {
            let answer = gateway.as_admin().ask(document).await;
            assert_eq!(answer.codes().first(), Some(&code), "{document}: {}", answer.text);
            assert!(answer.partial_data().is_null(), "{}", answer.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_none_and_fields_that_do_not_exist_are_refused() {
    on_every_store(async |gateway| {
        gateway.hears([Said::lead("00Q1")]).await;
        let admin = gateway.as_admin();
        for question in [
            "{ node(id: \"\") { id } }",
            "{ lead(id: \"001\") { id } }",
            "{ contact(id: \"日本\") { id } }",
            "{ leads(filter: { accountId: \"x\" }) { totalCount } }",
            "{ leads(filter: { assignedPartnerId: \"x\" }) { totalCount } }",
        ] {
            admin.ask(question).await.assert_refused("INVALID_ID");
        }
        let question = "{ leads { nodes { provenance(fields: [\"last_name\"]) { value } } } }";
        let answer = admin.ask(question).await;
        answer.assert_refused("NO_SUCH_FIELD");
        assert!(answer.message().contains("lastName"), "{}", answer.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_names_its_request() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        for question in ["{ node(id: \"x\") { id } }", "{ leads { totalCount } }", "{"] {
            let answer = admin.ask(question).await;
            let body: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
            assert!(body["extensions"]["requestId"].is_string(), "{}", answer.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_changes_nothing() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        assert_eq!(
            admin.follow("query Count { partners { totalCount } }").await.at("/partners/totalCount"),
            0
        );
        for name in ["", "Change"] {
            let document = format!(
                "mutation {name} {{ createPartner(input: {{ legalName: \"x\" }}) {{ partner {{ id }} }} }}"
            );
            admin.follow(&document).await.assert_refused("METHOD_NOT_ALLOWED");
        }
        assert_eq!(admin.ask("{ partners { totalCount } }").await.at("/partners/totalCount"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_was_right_before_is_still_asked_with_the_right_values() {
    on_every_store(async |gateway| {
        let client = gateway.as_admin();
        let document = "query Q($id: ID!, $stage: [LeadStage!], $first: Int) {
            partner(id: $id) { id } leads(first: $first, filter: { stage: $stage }) { nodes { id } } }";
        let nobody = NodeId::encode(NodeType::Partner, Uuid::nil());
        let right = json!({ "id": nobody, "stage": ["NEW"], "first": 5 });
        for _ in 0..2 {
            let first = client.ask_with(document, right.clone()).await;
            assert_eq!(first.data(), &json!({ "partner": null, "leads": { "nodes": [] } }));
            for wrong in [
                json!({ "id": { "a": 1 }, "first": 5 }),
                json!({ "id": nobody, "first": "five" }),
                json!({ "id": nobody, "stage": ["NOWHERE"] }),
            ] {
                let answer = client.ask_with(document, wrong.clone()).await;
                assert_eq!(answer.codes().first(), Some(&"INVALID_DOCUMENT"), "{wrong}");
                assert_eq!(answer.statements, 0, "{wrong}");
            }
            assert_eq!(client.ask_with(document, json!({})).await.codes(), ["MISSING_VARIABLE"]);
        }
        // The argument goes with a variable that has no value; what it would be when it has one was not looked at.
        let unsound = "query Q($first: String) { leads(first: $first) { nodes { id } } }";
        client.ask_with(unsound, json!({})).await.data();
        let answer = client.ask_with(unsound, json!({ "first": "1" })).await;
        assert_eq!(answer.codes().first(), Some(&"INVALID_DOCUMENT"));
    })
    .await;
}

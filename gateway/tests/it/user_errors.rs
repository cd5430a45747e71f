//! Refused changes: what a payload tells of them, in whose language, and that nothing was changed.

use std::collections::BTreeSet;

use async_graphql::Request;
use gateway::platform::graphql::node_id::{NodeId, NodeType};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, deal, on_every_store};

const PARTNER: &str = "partner { id }";
const WRONG_NUMBER: &str = "7000012050003";

async fn partners(client: &Client<'_>) -> Value {
    client.ask("{ partners { totalCount } }").await.at("/partners/totalCount").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_field_and_what_to_do_in_the_callers_language() {
    on_every_store(async |gateway| {
        let input = json!({ "legalName": "極洋", "corporateNumber": WRONG_NUMBER });
        let document = "mutation Enter($input: CreatePartnerInput!) {
            entered: createPartner(input: $input) { __typename why: userErrors { code field message } ...Entered } }
            fragment Entered on PartnerPayload { partner { id } }";
        let (japanese, english) = (gateway.as_admin(), gateway.as_admin().in_english());
        for (client, message) in [
            (&japanese, "法人番号が正しくありません。国税庁の公表する13桁の番号と照合してください。"),
            (
                &english,
                "the check digit of the corporate number is wrong; compare it with the official register",
            ),
        ] {
            let answer = client.ask_with(document, json!({ "input": input })).await;
            let why =
                json!([{ "code": "INVALID_CORPORATE_NUMBER", "field": ["corporateNumber"], "message": message }]);
            let told = json!({ "__typename": "PartnerPayload", "why": why, "partner": null });
            assert_eq!(answer.at("/entered"), &told);
        }
        assert_eq!(partners(&japanese).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_done_has_no_user_errors() {
    on_every_store(async |gateway| {
        let document = "mutation { createPartner(input: { legalName: \"極洋\" }) {
            partner { legalName } userErrors { code field message } } }";
        let expected = json!({ "partner": { "legalName": "極洋" }, "userErrors": [] });
        assert_eq!(gateway.as_admin().ask(document).await.at("/createPartner"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_inside_another_is_named_by_its_whole_path() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("販売店").await;
        let admin = gateway.as_admin();
        let contract = |terms: Value| {
            json!({ "partnerId": partner.id, "contractType": "RESELLER", "number": "C-1", "terms": terms,
                    "startDate": "2026-04-01", "endDate": "2027-03-31" })
        };
        for (terms, code, field) in [
            (json!({ "clauses": { "nda": " " } }), "PASSAGE_INVALID", ["terms", "clauses", "nda"].as_slice()),
            (json!({ "prefectures": ["JP-48"] }), "PREFECTURE_UNKNOWN", &["terms", "prefectures"]),
            (json!({ "noticeDays": -1 }), "NOTICE_TOO_LONG", &["terms", "noticeDays"]),
        ] {
            let answer = admin.change("createContract", contract(terms), "contract { id }").await;
            answer.assert_refused_for(code, field);
        }
        let mut says = deal("株式会社極洋");
        says["amount"] = json!({ "amount": "0.5", "currency": "JPY" });
        let rep = gateway.as_rep_of(&partner);
        let answer = rep.change("createRegistration", says, "dealRegistration { id }").await;
        answer.assert_refused_for("MONEY_SCALE", &["amount"]);
        assert_eq!(admin.ask("{ contracts { totalCount } }").await.at("/contracts/totalCount"), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_of_what_was_refused_is_refused_again_and_keeps_its_key_free() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let input =
            |number: &str| json!({ "legalName": "極洋", "corporateNumber": number, "idempotencyKey": "k" });
        for _ in 0..2 {
            let answer = admin.change("createPartner", input(WRONG_NUMBER), PARTNER).await;
            answer.assert_refused_for("INVALID_CORPORATE_NUMBER", &["corporateNumber"]);
        }
        admin.change("createPartner", input("7000012050002"), PARTNER).await.data();
        let other = json!({ "legalName": "別", "idempotencyKey": "k" });
        let answer = admin.change("createPartner", other, PARTNER).await;
        answer.assert_refused_for("IDEMPOTENCY_KEY_REUSED", &["idempotencyKey"]);
        assert_eq!(partners(&admin).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_do_is_an_error_of_the_request() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("販売店").await;
        let document = "mutation { createPartner(input: { legalName: \"極洋\" }) { userErrors { code } } }";
        let answer = gateway.as_rep_of(&partner).ask(document).await;
        answer.assert_refused("FORBIDDEN");
        assert!(answer.text.contains(r#""path":["createPartner"]"#), "{}", answer.text);
        assert_eq!(partners(&gateway.as_admin()).await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rival_is_told_the_same_of_anothers_record_as_of_none() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_seller("自社").await, gateway.given_seller("他社").await);
        let id = gateway.given_registration(&own, deal("秘密商事")).await;
        let nobodys = NodeId::encode(NodeType::DealRegistration, Uuid::max());
        let rep = gateway.as_rep_of(&rival);
        let mut told = BTreeSet::new();
        for id in [id.as_str(), &nobodys] {
            let update = json!({ "id": id, "version": 1, "corporateNumber": WRONG_NUMBER });
            let update = rep.change("updateRegistration", update, "dealRegistration { id }").await;
            let withdrawal = gateway.step(&rep, "withdrawRegistration", id).await;
            for answer in [update, withdrawal] {
                answer.assert_refused("NOT_FOUND");
                assert!(!answer.text.contains("秘密"), "{}", answer.text);
                told.insert(answer.message().to_owned());
            }
        }
        assert_eq!(told.len(), 1, "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn every_payload_has_user_errors_and_nothing_else_that_cannot_be_null() {
    let question = "{ __schema { mutationType { fields { name type { kind ofType { name
        fields { name type { kind } } } } } } } }";
    let schema = gateway::schema::builder().finish();
    let answer = schema.execute(Request::new(question)).await.data.into_json().unwrap();
    for mutation in answer["__schema"]["mutationType"]["fields"].as_array().unwrap() {
        let fields = mutation["type"]["ofType"]["fields"].as_array().unwrap().iter();
        let required = fields.filter(|it| it["type"]["kind"] == "NON_NULL").map(|it| &it["name"]);
        assert_eq!(required.collect::<Vec<_>>(), ["userErrors"], "{mutation}");
    }
}

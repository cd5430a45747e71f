//! Who is let in, and as whom.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::access::Role;
use gateway::platform::auth::demo_keys::DemoKeys;
use gateway::platform::auth::signing::Claims;
use serde_json::json;

use crate::harness::{Client, Said, TestGateway, on_every_store};

const QUESTION: &str = "{ leads { totalCount } }";

async fn assert_turned_away(client: &Client<'_>, code: &str) {
    let answer = client.ask(QUESTION).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    answer.assert_refused(code);
    assert_eq!(answer.statements, 0, "nothing is asked for a stranger");
    assert!(answer.partial_data().is_null(), "{}", answer.text);
}

fn admin(gateway: &TestGateway) -> Claims {
    gateway.claims(&[Role::Admin], "admin", None)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nobody_is_let_in() {
    on_every_store(async |gateway| {
        for header in [None, Some("Basic YTpi".to_owned()), Some("Bearer".to_owned()), Some(String::new())] {
            assert_turned_away(&gateway.with_authorization(header), "UNAUTHENTICATED").await;
        }
        let garbage = Some("Bearer a.b.c".to_owned());
        assert_turned_away(&gateway.with_authorization(garbage), "UNAUTHENTICATED").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_counts_until_it_expires() {
    on_every_store(async |gateway| {
        let client = gateway.with_claims(&admin(gateway));
        gateway.let_pass(TimeDelta::minutes(59));
        client.ask(QUESTION).await.data();
        gateway.let_pass(TimeDelta::minutes(2));
        assert_turned_away(&client, "TOKEN_EXPIRED").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_key_is_forged() {
    on_every_store(async |gateway| {
        let folder = tempfile::tempdir().unwrap();
        let forger = DemoKeys::load_or_make(folder.path()).unwrap();
        let token = forger.signer().sign(&admin(gateway)).unwrap();
        let client = gateway.with_authorization(Some(format!("Bearer {token}")));
        assert_turned_away(&client, "UNAUTHENTICATED").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_token_is_forged() {
    on_every_store(async |gateway| {
        let rep = gateway.claims(&[Role::PartnerRep], "nobody", None);
        let [rep, admin] = [rep, admin(gateway)].map(|it| gateway.keys.signer().sign(&it).unwrap());
        let parts: Vec<&str> = rep.split('.').collect();
        let claims = admin.split('.').nth(1).unwrap();
        let client = gateway.with_authorization(Some(format!("Bearer {}.{claims}.{}", parts[0], parts[2])));
        assert_turned_away(&client, "UNAUTHENTICATED").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_others_does_not_count_here() {
    on_every_store(async |gateway| {
        let wrong = [
            Claims { audience: "another-service".to_owned(), ..admin(gateway) },
            Claims { issuer: "another-issuer".to_owned(), ..admin(gateway) },
            Claims { tenant: "another-tenant".to_owned(), ..admin(gateway) },
            Claims { expires_at: admin(gateway).issued_at + TimeDelta::days(365), ..admin(gateway) },
        ];
        for claims in wrong {
            assert_turned_away(&gateway.with_claims(&claims), "UNAUTHENTICATED").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_reads_what_it_may() {
    on_every_store(async |gateway| {
        gateway.hears([Said::lead("00Q1"), Said::account("0011", "極洋")]).await;
        let contact = gateway.given(Said::contact("0031", "田中")).await;
        let allowed = async |role: Role, field: &str| {
            let client = gateway.as_staff(role, "somebody");
            let answer = client
                .ask_with(
                    &format!("query($id: ID!) {{ {field} node(id: $id) {{ id }} }}"),
                    json!({ "id": contact }),
                )
                .await;
            answer.codes().is_empty()
        };
        use Role::*;
        for role in [Admin, ChannelManager, DataSteward, IntegrationJob] {
            assert!(allowed(role, "leads { totalCount }").await, "{role}");
            assert!(allowed(role, "partners { totalCount }").await, "{role}");
            assert!(allowed(role, "syncRuns { id }").await, "{role}");
            assert_eq!(allowed(role, "reviewTasks { totalCount }").await, role != IntegrationJob, "{role}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_in_the_callers_language() {
    on_every_store(async |gateway| {
        gateway.hears([Said::lead("00Q1")]).await;
        let question = "{ leads { nodes { provenance(fields: [\"lastName\"]) { label ruleLabel } } } }";
        for (locale, label, rule) in [("ja", "姓", "唯一の値"), ("en-US", "Last name", "Only source")] {
            let claims = Claims { locale: locale.to_owned(), ..admin(gateway) };
            let answer = gateway.with_claims(&claims).ask(question).await;
            let expected = json!([{ "label": label, "ruleLabel": rule }]);
            assert_eq!(answer.at("/leads/nodes/0/provenance"), &expected);
        }
    })
    .await;
}

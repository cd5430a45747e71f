//! Keys of integration jobs, and tokens that do not count any more.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::access::Role;
use gateway::platform::config::Server;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestGateway, on_every_store};

const QUESTION: &str = "{ leads { totalCount } }";
const KEY: &str = "secret apiKey { id name scopes createdBy expiresAt lastUsedAt revokedAt revokedBy }";

fn job(gateway: &TestGateway) -> Value {
    let expires_at = gateway.services.clock.now() + TimeDelta::days(30);
    json!({ "name": "nightly", "scopes": ["source:CRM"], "expiresAt": expires_at, "idempotencyKey": "1" })
}

fn bearing<'a>(gateway: &'a TestGateway, secret: &str) -> Client<'a> {
    gateway.with_authorization(Some(format!("Bearer {secret}")))
}

async fn create(gateway: &TestGateway) -> (String, String) {
    let made = gateway.as_admin().change("createApiKey", job(gateway), KEY).await;
    let at = |name: &str| made.text_at(&format!("/createApiKey/{name}")).to_owned();
    (at("secret"), at("apiKey/id"))
}

fn assert_turned_away(answer: &Answer, code: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    answer.assert_refused(code);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_known_by_its_key_and_may_what_jobs_may() {
    on_every_store(async |gateway| {
        let (secret, _) = create(gateway).await;
        let job = bearing(gateway, &secret);
        job.ask(QUESTION).await.data();
        job.ask("{ apiKeys { id } }").await.assert_refused("FORBIDDEN");
        let answer = bearing(gateway, &format!("{secret}x")).ask(QUESTION).await;
        assert_turned_away(&answer, "UNAUTHENTICATED");

        let listed = gateway.as_admin().ask("{ apiKeys { name scopes lastUsedAt } }").await;
        let now = gateway.services.clock.now();
        assert_eq!(listed.at("/apiKeys/0/name"), "nightly");
        assert_eq!(listed.at("/apiKeys/0/scopes"), &json!(["source:CRM"]));
        let used: chrono::DateTime<chrono::Utc> = listed.text_at("/apiKeys/0/lastUsedAt").parse().unwrap();
        assert_eq!(used, now);
        assert!(!listed.text.contains("pgk_"), "{}", listed.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_shown_once_whoever_asks_again() {
    on_every_store(async |gateway| {
        let admin = gateway.as_admin();
        let first = admin.change("createApiKey", job(gateway), KEY).await;
        assert!(first.text_at("/createApiKey/secret").starts_with("pgk_"));
        let again = admin.change("createApiKey", job(gateway), KEY).await;
        assert!(again.at("/createApiKey/secret").is_null());
        assert_eq!(again.at("/createApiKey/apiKey/id"), first.at("/createApiKey/apiKey/id"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_when_it_was_to_and_when_it_is_revoked() {
    on_every_store(async |gateway| {
        let (secret, id) = create(gateway).await;
        let revocation = json!({ "id": id, "reason": "lost" });
        let revoked =
            gateway.as_admin().change("revokeApiKey", revocation.clone(), "apiKey { revokedBy }").await;
        assert_eq!(revoked.text_at("/revokeApiKey/apiKey/revokedBy"), "admin");
        assert_turned_away(&bearing(gateway, &secret).ask(QUESTION).await, "UNAUTHENTICATED");
        gateway.as_admin().change("revokeApiKey", revocation, "apiKey { id }").await.data();

        let mut other = job(gateway);
        other["idempotencyKey"] = json!("2");
        let made = gateway.as_admin().change("createApiKey", other, KEY).await;
        let client = bearing(gateway, made.text_at("/createApiKey/secret"));
        gateway.let_pass(TimeDelta::days(29));
        client.ask(QUESTION).await.data();
        gateway.let_pass(TimeDelta::days(1));
        assert_turned_away(&client.ask(QUESTION).await, "TOKEN_EXPIRED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_could_not_be_right_is_not_made() {
    on_every_store(async |gateway| {
        let with = |name: &str, value: Value| {
            let mut input = job(gateway);
            input[name] = value;
            input
        };
        let now = gateway.services.clock.now();
        for (input, code, field) in [
            (with("name", json!(" ")), "NAME_BLANK", "name"),
            (with("scopes", json!([])), "KEY_SCOPES", "scopes"),
            (with("scopes", json!(["source:"])), "KEY_SCOPES", "scopes"),
            (with("scopes", json!(["source:CRM", "a b"])), "KEY_SCOPES", "scopes"),
            (with("expiresAt", json!(now)), "KEY_LIFE", "expiresAt"),
            (with("expiresAt", json!(now + TimeDelta::days(367))), "KEY_LIFE", "expiresAt"),
        ] {
            let answer = gateway.as_admin().change("createApiKey", input, "apiKey { id }").await;
            answer.assert_refused_for(code, &[field]);
        }
        for role in Role::ALL.iter().filter(|it| **it != Role::Admin) {
            let client = gateway.known(&[*role], "somebody", None);
            client.change("createApiKey", job(gateway), "apiKey { id }").await.assert_refused("FORBIDDEN");
            client.ask("{ tokenRevocations { id } }").await.assert_refused("FORBIDDEN");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_a_subject_do_not_count_once_they_are_revoked() {
    on_every_store(async |gateway| {
        let claims = gateway.claims(&[Role::DataSteward], "steward", None);
        let (old, other) = (gateway.with_claims(&claims), gateway.as_staff(Role::DataSteward, "another"));
        old.ask(QUESTION).await.data();
        let both = json!({ "subject": "steward", "tokenId": "1", "reason": "lost" });
        gateway
            .as_admin()
            .change("revokeTokens", both, "tokenRevocation { id }")
            .await
            .assert_refused("REVOKE_ONE");
        let revoked = json!({ "subject": "steward", "reason": "端末を紛失" });
        gateway.as_admin().change("revokeTokens", revoked, "tokenRevocation { id }").await.data();
        assert_turned_away(&old.ask(QUESTION).await, "UNAUTHENTICATED");
        other.ask(QUESTION).await.data();
        gateway.let_pass(TimeDelta::seconds(1));
        gateway.as_staff(Role::DataSteward, "steward").ask(QUESTION).await.data();

        let listed = gateway.as_admin().ask("{ tokenRevocations { subject reason revokedBy } }").await;
        let expected = json!([{ "subject": "steward", "reason": "端末を紛失", "revokedBy": "admin" }]);
        assert_eq!(listed.at("/tokenRevocations"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_is_refused_at_once_and_by_a_replica_that_starts_later() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("株式会社東西").await;
        let rep = gateway.as_rep_of(&partner);
        rep.ask(QUESTION).await.data();
        let read = "query($id: ID!) { partnerUser(id: $id) { version } }";
        let read = gateway.as_admin().ask_with(read, json!({ "id": partner.rep.id })).await;
        let change =
            json!({ "id": partner.rep.id, "version": read.at("/partnerUser/version"), "status": "DISABLED" });
        gateway.as_admin().change("updatePartnerUser", change, "partnerUser { id }").await.data();
        assert_turned_away(&rep.ask(QUESTION).await, "UNAUTHENTICATED");
        let replica = gateway.serving(Server::default()).await;
        assert_turned_away(&replica.as_rep_of(&partner).ask(QUESTION).await, "UNAUTHENTICATED");
    })
    .await;
}

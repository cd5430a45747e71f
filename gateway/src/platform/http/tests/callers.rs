//! Who may ask, how much, and from where; what is there for everybody.

use super::*;

#[tokio::test]
async fn other_methods_are_told_which_work() {
    let server = Server::new().await;
    let request = HttpRequest::builder().method(Method::DELETE).uri("/graphql").body(Body::empty());
    let answer = server.send(request.unwrap()).await;
    answer.assert_refused(405, "METHOD_NOT_ALLOWED");
    assert!(answer.headers[header::ALLOW].to_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn who_is_unknown_gets_a_challenge_and_nothing_else() {
    let server = Server::new().await;
    let request = HttpRequest::post("/graphql").body("not even JSON".into());
    let answer = server.send(request.unwrap()).await;
    answer.assert_refused(401, "UNAUTHENTICATED");
    assert_eq!(answer.headers[header::WWW_AUTHENTICATE], r#"Bearer realm="partner-gateway""#);

    let forged = HttpRequest::get("/graphql?query={ping}").header(header::AUTHORIZATION, "Bearer a.b.c");
    let answer = server.send(forged.body(Body::empty()).unwrap()).await;
    answer.assert_refused(401, "UNAUTHENTICATED");
    assert!(answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap().contains("invalid_token"));
    assert!(!answer.text.contains("header"), "why it failed stays here: {}", answer.text);
}

#[tokio::test]
async fn every_answer_carries_the_requests_id() {
    let server = Server::new().await;
    let request =
        server.request(OLD, OLD).header("x-request-id", "trace-42").body(r#"{"query":"{ping}"}"#.into());
    let answer = server.send(request.unwrap()).await;
    assert_eq!(answer.headers["x-request-id"], "trace-42");
    assert_eq!(answer.json()["extensions"]["requestId"], "trace-42");

    let unusable = server.request(OLD, OLD).header("x-request-id", "a b\"c").body("".into());
    let answer = server.send(unusable.unwrap()).await;
    let id = answer.headers["x-request-id"].to_str().unwrap();
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
    assert_eq!(answer.json()["errors"][0]["extensions"]["requestId"], id);
}

#[tokio::test]
async fn the_page_is_open_and_brings_its_policy() {
    let server = Server::new().await;
    for address in ["/", "/graphiql"] {
        let answer = server.send(HttpRequest::get(address).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK);
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    }
    let start = server.send(HttpRequest::get("/graphiql/start").body(Body::empty()).unwrap()).await;
    assert_eq!(start.json(), json!({"examples": [], "tokens": []}));
}

#[tokio::test]
async fn ready_means_that_every_check_succeeds_and_nobody_is_leaving() {
    let server = Server::new().await;
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(server.get("/readyz").await.status, StatusCode::OK);
    server.readiness.leave();
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["reason"], "shutting down");

    let down = Check { name: "the database", probe: Box::new(|| Box::pin(async { false })) };
    let answer = Server::with(vec![down]).await.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["reason"], "the database does not answer");
}

#[tokio::test]
async fn who_asks_too_much_is_told_when_to_go_on() {
    let limits = config::server::Limits { caller_requests_per_minute: 1, ..Default::default() };
    let server = Server::configured(config::Server { limits, ..Default::default() }, vec![]).await;
    assert_eq!(server.post("{ ping }", NEW).await.status, StatusCode::OK);
    let answer = server.post("{ ping }", NEW).await;
    answer.assert_refused(429, "RATE_LIMITED");
    assert_eq!(answer.headers[header::RETRY_AFTER], "20");
}

#[tokio::test]
async fn pages_of_other_sites_may_call_when_they_are_listed() {
    let config =
        config::Server { cors_origins: vec!["https://app.example".to_owned()], ..Default::default() };
    let server = Server::configured(config, vec![]).await;
    for (origin, allowed) in
        [("https://app.example", true), ("https://other.example", false), ("null", false)]
    {
        let preflight = HttpRequest::options("/graphql")
            .header(header::ORIGIN, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization, content-type");
        let answer = server.send(preflight.body(Body::empty()).unwrap()).await;
        let told = answer.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        assert_eq!(told.is_some_and(|it| it == origin), allowed, "{origin}");
        assert!(!answer.headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }
}

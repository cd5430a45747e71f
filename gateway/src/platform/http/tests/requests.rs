//! Forms, statuses and refusals, as GraphQL over HTTP wants them.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::StreamExt as _;

use super::*;

#[tokio::test]
async fn a_query_is_answered_in_the_form_the_client_wishes() {
    let server = Server::new().await;
    for (accept, form) in [(NEW, NEW), (OLD, OLD), ("*/*", OLD)] {
        let answer = server.post("{ ping }", accept).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json()["data"], json!({"ping": "pong"}));
        let content_type = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert_eq!(content_type, format!("{form}; charset=utf-8"));
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
    assert_eq!(server.post("{ ping }", "text/html").await.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn a_wrong_document_is_400_in_the_new_form_and_200_in_the_old() {
    let server = Server::new().await;
    for query in
        ["{ ping", "{ unknown }", "query($t: String!) { echo(text: $t) }", "query A {ping} query B {ping}"]
    {
        let answer = server.post(query, NEW).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json().get("data"), None, "{query}: {}", answer.text);
        let answer = server.post(query, OLD).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert_eq!(answer.json().get("data"), None, "{query}");
    }
}

#[tokio::test]
async fn a_field_that_fails_leaves_the_rest() {
    let server = Server::new().await;
    let answer = server.post("{ ping broken }", NEW).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["data"], json!({"ping": "pong", "broken": null}));
    let answer = server.post("{ ping fatal }", NEW).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json().get("data"), Some(&Value::Null), "executed, and nothing is left");
}

#[tokio::test]
async fn a_get_asks_and_never_changes() {
    let server = Server::new().await;
    let answer = server.get("/graphql?query=%7Bping%7D").await;
    assert_eq!(answer.json()["data"], json!({"ping": "pong"}));
    let address =
        "/graphql?query=query(%24t%3AString!)%7Becho(text%3A%24t)%7D&variables=%7B%22t%22%3A%22x%22%7D";
    assert_eq!(server.get(address).await.json()["data"], json!({"echo": "x"}));

    let answer = server.get("/graphql?query=mutation%7Bchange%7D").await;
    answer.assert_refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.headers[header::ALLOW], "POST");
    let hidden = "/graphql?query=query%20A%7Bping%7D%20mutation%20B%7Bchange%7D&operationName=";
    assert_eq!(server.get(&format!("{hidden}A")).await.json()["data"], json!({"ping": "pong"}));
    server.get(&format!("{hidden}B")).await.assert_refused(405, "METHOD_NOT_ALLOWED");
    server.get("/graphql?query=%7Bping%7D&variables=1").await.assert_refused(400, "BAD_REQUEST");
    server.get("/graphql").await.assert_refused(400, "BAD_REQUEST");
}

#[tokio::test]
async fn only_json_is_executed() {
    let server = Server::new().await;
    let types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""];
    for content_type in types {
        let request = server.request(content_type, OLD).body(r#"{"query":"mutation{change}"}"#.into());
        server.send(request.unwrap()).await.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let zipped = server.request(OLD, OLD).header(header::CONTENT_ENCODING, "gzip").body("x".into());
    server.send(zipped.unwrap()).await.assert_refused(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused_without_quoting_a_library() {
    let server = Server::new().await;
    for body in ["{", "[]", "{}", r#"{"query":1}"#, r#"[{"query":"{ping}"}]"#, ""] {
        let answer = server.post_body(body, OLD).await;
        answer.assert_refused(400, "BAD_REQUEST");
        assert!(!answer.text.contains("column"), "{}", answer.text);
    }
    let large = json!({"query": "{ping}", "variables": {"x": "x".repeat(2 << 20)}}).to_string();
    server.post_body(large, OLD).await.assert_refused(413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn a_body_that_is_too_long_or_too_slow_is_not_read_to_its_end() {
    let server = Server::new().await;
    let read = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&read);
    let chunks = futures::stream::iter(0..50).map(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::convert::Infallible>(vec![b' '; 1 << 20])
    });
    let large = server.post_body(Body::from_stream(chunks), OLD).await;
    large.assert_refused(413, "BODY_TOO_LARGE");
    assert!(read.load(Ordering::Relaxed) < 5, "megabytes that were read of fifty");

    let quick = config::Server { body_timeout: Duration::from_millis(50), ..Default::default() };
    let server = Server::configured(quick, vec![]).await;
    let begun = futures::stream::iter([Ok::<_, std::convert::Infallible>("{")]);
    let slow = Body::from_stream(begun.chain(futures::stream::pending()));
    server.post_body(slow, OLD).await.assert_refused(408, "BODY_INCOMPLETE");
}

#[tokio::test]
async fn a_costly_document_is_refused_by_its_text() {
    let server = Server::new().await;
    let nested = format!("{{ echo(text: {}{}) }}", "[".repeat(3_000), "]".repeat(3_000));
    server.post(&nested, NEW).await.assert_refused(400, "DOCUMENT_TOO_LARGE");
    let many = format!("{{ {} }}", "ping ".repeat(5_000));
    server.post(&many, NEW).await.assert_refused(400, "DOCUMENT_TOO_LARGE");
    server.post("{ ping ", NEW).await.assert_refused(400, "MALFORMED_DOCUMENT");
}

#[tokio::test]
async fn a_panic_and_an_endless_resolver_are_answered() {
    let server = Server::new().await;
    server.post("{ panics }", NEW).await.assert_refused(500, "INTERNAL");
    server.post("{ never }", NEW).await.assert_refused(503, "TIMEOUT");
    assert_eq!(server.post("{ ping }", NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_large_answer_is_compressed_when_the_client_can() {
    let server = Server::new().await;
    let query =
        json!({"query": "query($t: String!) { echo(text: $t) }", "variables": {"t": "あ".repeat(1_000)}});
    let request =
        server.request(OLD, OLD).header(header::ACCEPT_ENCODING, "gzip").body(Body::from(query.to_string()));
    let response = server.router.clone().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
}

#[tokio::test]
async fn a_document_may_be_named_by_its_hash_once_it_was_sent() {
    let server = Server::new().await;
    let named = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "unknown"}}});
    let answer = server.post_body(named.to_string(), NEW).await;
    answer.assert_refused(400, "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(answer.json()["errors"][0]["message"], "PersistedQueryNotFound");
    let answer = server.post_body(named.to_string(), OLD).await;
    answer.assert_refused(200, "PERSISTED_QUERY_NOT_FOUND");

    let hash: String = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"{ ping }")
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let both = json!({"query": "{ ping }", "documentId": format!("sha256:{hash}")});
    assert_eq!(server.post_body(both.to_string(), NEW).await.status, StatusCode::OK);
    let answer = server.get(&format!("/graphql?documentId=sha256:{hash}")).await;
    assert_eq!(answer.json()["data"], json!({"ping": "pong"}));
}

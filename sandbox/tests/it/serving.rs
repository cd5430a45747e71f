//! Starting, stopping, and what every HTTP answer has.

use std::net::SocketAddr;

use reqwest::Method;
use sandbox::{Error, Options, Sandbox};

use crate::harness::Crm;

#[tokio::test]
async fn a_taken_port_is_refused_by_name() {
    let crm = Crm::empty().await;
    let address: SocketAddr = crm.sandbox.base_url()["http://".len()..].parse().unwrap();
    let refused = Sandbox::start(Options { address, ..Options::empty_org() }).await;
    assert!(matches!(refused, Err(Error::Bind { address: it, .. }) if it == address));
}

#[tokio::test]
async fn after_the_shutdown_nobody_answers() {
    let Crm { sandbox, http, .. } = Crm::empty().await;
    let url = format!("{}/services/data", sandbox.base_url());
    assert!(http.get(&url).send().await.is_ok());
    sandbox.shutdown().await;
    assert!(http.get(&url).send().await.is_err());
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_ask() {
    let crm = Crm::empty().await;
    let plain = reqwest::Client::builder().no_proxy().gzip(false).build().unwrap();
    let url = crm.url("/services/data/v62.0/sobjects/Lead/describe");
    let asked =
        plain.get(&url).bearer_auth(&crm.token).header("Accept-Encoding", "gzip").send().await.unwrap();
    assert_eq!(asked.headers()["content-encoding"], "gzip");
    assert!(asked.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
    let unasked = plain.get(&url).bearer_auth(&crm.token).send().await.unwrap();
    assert!(unasked.headers().get("content-encoding").is_none());
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let crm = Crm::empty().await;
    let head = crm.request(Method::HEAD, "limits").send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()["sforce-limit-info"]),
        (200, &"api-usage=1/1000000".parse().unwrap())
    );
    assert_eq!(head.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn what_is_too_long_is_refused() {
    let crm = Crm::empty().await;
    let long = format!("SELECT Id FROM Lead WHERE Name = '{}'", "x".repeat(17_000));
    crm.query(&long).await.assert_status(414);
}

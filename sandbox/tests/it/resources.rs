//! What there is: versions, resources, objects, and what none of them is.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Crm, read};

#[tokio::test]
async fn versions_resources_and_objects() {
    let crm = Crm::empty().await;
    let versions = read(crm.http.get(crm.url("/services/data/"))).await;
    let versions = versions.json.as_array().unwrap().clone();
    assert_eq!(
        (versions[0]["version"].as_str(), versions.last().unwrap()["version"].as_str()),
        (Some("31.0"), Some("67.0"))
    );
    for version in &versions {
        let url = version["url"].as_str().unwrap();
        assert_eq!(crm.get(url).await.json["query"], json!(format!("{url}/query")));
    }
    crm.get("/services/data/v30.0").await.assert_refused(410, "UNSUPPORTED_API_VERSION");
    crm.get("/services/data/v99.0").await.assert_refused(404, "NOT_FOUND");
    crm.get("nonsense").await.assert_refused(404, "NOT_FOUND");
    crm.get("sobjects/Nothing/describe").await.assert_refused(404, "NOT_FOUND");
    let objects = crm.get("sobjects/").await;
    let names: Vec<&str> =
        objects.json["sobjects"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Account", "Campaign", "Contact", "Lead", "Opportunity", "Task", "User"]);
    crm.create("Account", json!({"Name": "極洋"})).await;
    let info = crm.get("sobjects/Account").await;
    assert_eq!(info.json["objectDescribe"]["keyPrefix"], "001");
    assert_eq!(info.json["recentItems"][0]["Name"], "極洋");
    let put = read(crm.request(Method::PUT, "sobjects/Account/0015g0000000001").json(&json!({}))).await;
    put.assert_refused(405, "METHOD_NOT_ALLOWED");
    assert_eq!(
        put.json[0]["message"],
        "HTTP Method 'PUT' not allowed. Allowed are DELETE,GET,HEAD,PATCH,POST"
    );
}

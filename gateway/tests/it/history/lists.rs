//! Lists as of another time: the same pages, whatever has come and gone since.

use chrono::TimeDelta;
use domain::fields::{account, contact, lead, opportunity};
use serde_json::{Value, json};

use crate::harness::{Client, Said, TestGateway, on_every_store};

/// Twelve leads, read one a day; and the instant after the eighth, since when two of the first were merged.
async fn given_leads(gateway: &TestGateway) -> String {
    let said = |it: usize| {
        let said = Said::lead(&format!("00Q{it}")).with(lead::last_name, &format!("佐藤{it}"));
        said.with(lead::email, &format!("sato{it}@kyokuyo.example")).modified(gateway.services.clock.now())
    };
    let mut then = String::new();
    for it in 0..12 {
        gateway.let_pass(TimeDelta::days(1));
        gateway.hears([said(it)]).await;
        if it == 7 {
            then = gateway.services.clock.now().to_rfc3339();
        }
    }
    let same = said(1).with(lead::last_name, "佐藤0").with(lead::email, "sato0@kyokuyo.example");
    gateway.hears([same]).await;
    then
}

async fn names(client: &Client<'_>, arguments: &str) -> (Vec<String>, Value) {
    let question = format!(
        "{{ leads({arguments}) {{ nodes {{ lastName }} stoppedAt
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let answer = client.ask(&question).await;
    let nodes = answer.at("/leads/nodes").as_array().unwrap();
    let names = nodes.iter().map(|it| it["lastName"].as_str().unwrap().to_owned()).collect();
    (names, answer.at("/leads").clone())
}

fn sato(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|it| format!("佐藤{it}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_what_there_was_newest_first() {
    on_every_store(async |gateway| {
        let then = given_leads(gateway).await;
        let admin = gateway.as_admin();
        let as_of = format!("asOf: {{ recordedAt: \"{then}\" }}");
        let (all, page) = names(&admin, &as_of).await;
        assert_eq!(all, sato((0..8).rev()));
        assert_eq!((&page["pageInfo"]["hasNextPage"], &page["stoppedAt"]), (&json!(false), &Value::Null));
        assert_eq!(names(&admin, &format!("{as_of}, orderBy: CREATED_ASC")).await.0, sato(0..8));
        assert_eq!(names(&admin, "asOf: {}").await.0.len(), 11, "two are one now");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_past_follow_each_other_both_ways() {
    on_every_store(async |gateway| {
        let then = given_leads(gateway).await;
        let admin = gateway.as_admin();
        let as_of = format!("asOf: {{ recordedAt: \"{then}\" }}");
        let (first, page) = names(&admin, &format!("first: 3, {as_of}")).await;
        assert_eq!(first, sato([7, 6, 5]));
        assert_eq!(page["pageInfo"]["hasNextPage"], true);
        let end = page["pageInfo"]["endCursor"].as_str().unwrap();
        let (second, page) = names(&admin, &format!("first: 3, after: \"{end}\", {as_of}")).await;
        assert_eq!(second, sato([4, 3, 2]));
        assert_eq!(page["pageInfo"]["hasPreviousPage"], true);
        let start = page["pageInfo"]["startCursor"].as_str().unwrap();
        let (back, page) = names(&admin, &format!("last: 2, before: \"{start}\", {as_of}")).await;
        assert_eq!(back, sato([6, 5]));
        assert_eq!(page["pageInfo"]["hasPreviousPage"], true);
        assert_eq!(names(&admin, &format!("last: 3, {as_of}")).await.0, sato([2, 1, 0]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_asks_for_what_the_values_were() {
    on_every_store(async |gateway| {
        let then = given_leads(gateway).await;
        let admin = gateway.as_admin();
        let filter = "filter: { lastName: { eq: \"佐藤1\" } }";
        assert_eq!(names(&admin, filter).await.0, sato([]));
        let as_of = format!("{filter}, asOf: {{ recordedAt: \"{then}\" }}");
        assert_eq!(names(&admin, &as_of).await.0, sato([1]));
        for (filter, number) in [
            ("email: { contains: \"SATO7\" }", 1),
            ("email: { startsWith: \"sato\" }", 8),
            ("stage: [NEW]", 8),
            ("stage: [WORKING]", 0),
            ("isMerged: true", 0),
            ("isAssigned: false", 8),
            ("region: { isNull: true }", 8),
        ] {
            let arguments = format!("filter: {{ {filter} }}, asOf: {{ recordedAt: \"{then}\" }}");
            assert_eq!(names(&admin, &arguments).await.0.len(), number, "{filter}");
        }
        assert_eq!(names(&admin, "filter: { isMerged: true }, asOf: {}").await.0, sato([0]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pointed_at_an_account_then_is_found_by_its_id() {
    on_every_store(async |gateway| {
        let id = gateway.given(Said::account("0011", "株式会社極洋")).await;
        gateway.hears([Said::account("0012", "アシスト")]).await;
        let now = || gateway.services.clock.now();
        let deal = |account: &str| Said::opportunity("0061", "冷凍庫").with(opportunity::account, account);
        let person = |account: &str| Said::contact("0031", "佐藤").with(contact::account, account);
        gateway.hears([deal("0011"), person("0011")]).await;
        let then = now().to_rfc3339();
        gateway.let_pass(TimeDelta::days(1));
        gateway.hears([deal("0012").modified(now()), person("0012").modified(now())]).await;
        for (list, name) in [("opportunities", "name"), ("contacts", "lastName")] {
            let count = async |as_of: &str| {
                let question = format!(
                    "{{ {list}(filter: {{ accountId: \"{id}\" }}, {as_of}) {{ nodes {{ {name} account {{ name }} }} }} }}"
                );
                gateway.as_admin().ask(&question).await.at(&format!("/{list}/nodes")).clone()
            };
            assert_eq!(count("asOf: {}").await, json!([]));
            let was = count(&format!("asOf: {{ recordedAt: \"{then}\" }}")).await;
            assert_eq!(was[0]["account"]["name"], "株式会社極洋");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_past_takes_as_many_statements_however_many_rows_it_has() {
    on_every_store(async |gateway| {
        let company = |it: usize| Said::account(&format!("001{it}"), &format!("会社{it}"));
        gateway.hears_at_once((0..5).map(|it| company(it).with(account::phone, "03-0000-0000"))).await;
        let said = |it: usize| {
            let said = Said::lead(&format!("00Q{it}")).with(lead::last_name, &format!("佐藤{it}"));
            said.with(lead::converted_account, &format!("001{}", it % 5))
        };
        gateway.hears_at_once((0..200).map(said)).await;
        let mut statements = Vec::new();
        for first in [10, 190] {
            let question = format!(
                "{{ leads(first: {first}, asOf: {{}}) {{ nodes {{ lastName account {{ name phone }}
                    provenance {{ field value source losers {{ value }} }} }} }} }}"
            );
            let answer = gateway.as_admin().ask(&question).await;
            assert_eq!(answer.at("/leads/nodes").as_array().unwrap().len(), first);
            assert_eq!(answer.at(&format!("/leads/nodes/{}/account/phone", first - 1)), "03-0000-0000");
            statements.push(answer.statements);
        }
        assert_eq!(statements[0], statements[1]);
        assert!(statements[0] <= 16, "{} statements", statements[0]);
    })
    .await;
}

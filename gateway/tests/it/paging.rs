//! Lists page by page: nothing twice, nothing left out, no page out of thin air.

use chrono::TimeDelta;
use domain::fields::lead;
use serde_json::{Value, json};

use crate::harness::{Answer, Said, TestGateway, on_every_store};

const PAGE: &str = "query Page($first: Int, $after: String, $last: Int, $before: String, $by: LeadOrder!) {
    leads(first: $first, after: $after, last: $last, before: $before, orderBy: $by) {
        nodes { lastName } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

/// Leads of one letter each; three share a company, and all but the last were made at once.
async fn given_leads(gateway: &TestGateway) {
    for (name, company) in [("A", "甲"), ("B", "乙"), ("C", "乙"), ("D", "乙"), ("E", "丙"), ("F", "丁")]
    {
        gateway.hears([said(name, company)]).await;
    }
    gateway.let_pass(TimeDelta::seconds(1));
    gateway.hears([said("G", "戊")]).await;
}

fn said(name: &str, company: &str) -> Said {
    Said::lead(&format!("00Q{name}")).with(lead::last_name, name).with(lead::company, company)
}

async fn page(gateway: &TestGateway, variables: Value) -> Answer {
    gateway.as_admin().ask_with(PAGE, variables).await
}

fn names(answer: &Answer) -> String {
    let nodes = answer.at("/leads/nodes").as_array().unwrap();
    nodes.iter().map(|it| it["lastName"].as_str().unwrap()).collect()
}

async fn walk(
    gateway: &TestGateway,
    order: &str,
    (size, cursor, more, next): (&str, &str, &str, &str),
) -> Vec<String> {
    let mut variables = json!({ "by": order, size: 3 });
    let mut pages = Vec::new();
    loop {
        let answer = page(gateway, variables.clone()).await;
        pages.push(names(&answer));
        if answer.at(&format!("/leads/pageInfo/{more}")) == &json!(false) {
            return pages;
        }
        variables[cursor] = answer.at(&format!("/leads/pageInfo/{next}")).clone();
    }
}

const FORWARD: (&str, &str, &str, &str) = ("first", "after", "hasNextPage", "endCursor");
const BACKWARD: (&str, &str, &str, &str) = ("last", "before", "hasPreviousPage", "startCursor");

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_in_both_directions() {
    on_every_store(async |gateway| {
        given_leads(gateway).await;
        assert_eq!(walk(gateway, "CREATED_ASC", FORWARD).await, ["ABC", "DEF", "G"]);
        assert_eq!(walk(gateway, "CREATED_ASC", BACKWARD).await, ["EFG", "BCD", "A"]);
        assert_eq!(walk(gateway, "CREATED_DESC", FORWARD).await, ["GFE", "DCB", "A"]);
        assert_eq!(walk(gateway, "UPDATED_DESC", BACKWARD).await, ["CBA", "FED", "G"]);
        for order in ["COMPANY_ASC", "UPDATED_DESC"] {
            let (there, back) = (walk(gateway, order, FORWARD).await, walk(gateway, order, BACKWARD).await);
            let back: Vec<String> = back.into_iter().rev().collect();
            assert_eq!(there.concat(), back.concat(), "{order}");
            assert_eq!(there.concat().len(), 7, "{order}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_does_not_move_when_rows_are_added() {
    on_every_store(async |gateway| {
        given_leads(gateway).await;
        let first = page(gateway, json!({ "by": "CREATED_DESC", "first": 2 })).await;
        assert_eq!(names(&first), "GF");
        gateway.let_pass(TimeDelta::seconds(1));
        gateway.hears([said("H", "己"), said("I", "庚")]).await;
        let cursor = first.at("/leads/pageInfo/endCursor");
        let second = page(gateway, json!({ "by": "CREATED_DESC", "first": 2, "after": cursor })).await;
        assert_eq!(names(&second), "ED");
        let start = first.at("/leads/pageInfo/startCursor");
        let newer = page(gateway, json!({ "by": "CREATED_DESC", "last": 5, "before": start })).await;
        assert_eq!(names(&newer), "IH");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_bounds_and_one_direction() {
    on_every_store(async |gateway| {
        for size in [0, -1, 201] {
            for direction in ["first", "last"] {
                let answer = page(gateway, json!({ "by": "CREATED_ASC", direction: size })).await;
                answer.assert_refused("PAGE_SIZE");
            }
        }
        let both = page(gateway, json!({ "by": "CREATED_ASC", "first": 1, "last": 1 })).await;
        both.assert_refused("BOTH_DIRECTIONS");
        page(gateway, json!({ "by": "CREATED_ASC", "first": 200 })).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_counts_only_where_it_came_from() {
    on_every_store(async |gateway| {
        given_leads(gateway).await;
        let answer = page(gateway, json!({ "by": "COMPANY_ASC", "first": 2 })).await;
        let cursor = answer.at("/leads/pageInfo/endCursor").clone();
        for (order, cursor) in
            [("CREATED_ASC", &cursor), ("COMPANY_ASC", &json!("nonsense")), ("COMPANY_ASC", &json!(""))]
        {
            let answer = page(gateway, json!({ "by": order, "first": 2, "after": cursor })).await;
            answer.assert_refused("INVALID_CURSOR");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_counted_only_when_asked_for() {
    on_every_store(async |gateway| {
        given_leads(gateway).await;
        let plain = gateway.as_admin().ask("{ leads(first: 2) { nodes { id } } }").await;
        let counted = gateway.as_admin().ask("{ leads(first: 2) { totalCount nodes { id } } }").await;
        assert_eq!(counted.at("/leads/totalCount"), 7);
        assert_eq!((plain.statements, counted.statements), (1, 2));
    })
    .await;
}

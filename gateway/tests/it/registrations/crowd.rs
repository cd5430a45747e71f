//! Many who want few customers at once.

use std::collections::{BTreeMap, BTreeSet};

use domain::fields::account;
use futures::StreamExt as _;
use futures::stream;
use serde_json::{Value, json};

use crate::harness::{GivenPartner, Said, TestGateway, deal, on_every_store};

const ACCOUNTS: usize = 10;
const PARTNERS: usize = 4;
/// How many submissions, in all.
const SUBMISSIONS: &str = "GATEWAY_TEST_SUBMISSIONS";
/// Submissions that wait for a free connection at once. Who waits too long is told to try again, and does.
const AT_ONCE: usize = 200;

struct Draft {
    partner: usize,
    account: usize,
    id: String,
}

/// On each customer exactly one is first, nobody shares a place, and nobody is lost.
#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_submissions_on_one_account_exactly_one_is_first() {
    let count = std::env::var(SUBMISSIONS).map_or(80, |it| it.parse().expect("a number"));
    on_every_store(async |gateway| {
        let numbers = corporate_numbers(ACCOUNTS);
        for (index, number) in numbers.iter().enumerate() {
            let said = Said::account(&format!("001{index}"), &format!("株式会社客先{index}"));
            gateway.hears([said.with(account::corporate_number, number)]).await;
        }
        let mut partners = Vec::new();
        for name in ["甲", "乙", "丙", "丁"] {
            partners.push(gateway.given_seller(name).await);
        }
        let drafts = stream::iter(0..count).map(|place| draft(gateway, &partners, &numbers, place));
        let drafts: Vec<Draft> = drafts.buffer_unordered(4).collect().await;
        let submitted = drafts.iter().map(|it| submit(gateway, &partners[it.partner], &it.id));
        let submitted: Vec<Value> = stream::iter(submitted).buffered(AT_ONCE).collect().await;

        let mut places: BTreeMap<usize, BTreeSet<(String, i64)>> = BTreeMap::new();
        for (draft, told) in drafts.iter().zip(&submitted) {
            let wanted = "submissionSeq status priorityTime account { id }";
            let seen = gateway.of_registration(&draft.id, wanted).await;
            assert!(seen["account"]["id"].is_string() && seen["status"] == "UNDER_REVIEW", "{seen}");
            assert_eq!(seen["priorityTime"], told["priorityTime"]);
            let time = seen["priorityTime"].as_str().unwrap().to_owned();
            places.entry(draft.account).or_default().insert((time, seen["submissionSeq"].as_i64().unwrap()));
        }
        for (account, places) in places {
            assert_eq!(places.len(), count / ACCOUNTS, "nobody is lost on {account}");
            let times: BTreeSet<&String> = places.iter().map(|it| &it.0).collect();
            assert_eq!(times.len(), places.len(), "nobody shares a place on {account}");
        }
    })
    .await;
}

async fn draft(gateway: &TestGateway, partners: &[GivenPartner], numbers: &[String], place: usize) -> Draft {
    let (partner, account) = (place % PARTNERS, place % ACCOUNTS);
    let mut says = deal(&format!("株式会社客先{account}"));
    says["corporateNumber"] = json!(numbers[account]);
    Draft { partner, account, id: gateway.given_registration_draft(&partners[partner], says).await }
}

/// Hands a registration in, again for as long as the store is too busy to take it.
async fn submit(gateway: &TestGateway, partner: &GivenPartner, id: &str) -> Value {
    let input = json!({ "registrationId": id, "idempotencyKey": format!("submit {id}") });
    let wanted = "dealRegistration { priorityTime }";
    loop {
        let answer = gateway.as_rep_of(partner).change("submitRegistration", input.clone(), wanted).await;
        if answer.codes() != ["UNAVAILABLE"] {
            return answer.at("/submitRegistration/dealRegistration").clone();
        }
    }
}

/// Valid corporate numbers: the check digit, then twelve digits.
fn corporate_numbers(count: usize) -> Vec<String> {
    let number = |index: usize| {
        let body = format!("{:012}", 11_001_098_000 + index);
        let digits = body.bytes().rev().map(|it| usize::from(it - b'0'));
        let sum: usize = digits.enumerate().map(|(place, it)| it * (1 + place % 2)).sum();
        format!("{}{body}", 9 - sum % 9)
    };
    (0..count).map(number).collect()
}

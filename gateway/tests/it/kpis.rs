//! KPIs: figures with their receipts, who may ask for which, and what is refused.

mod channel;
mod scope;
mod support;
mod usage;

use domain::fields::opportunity;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, GivenPartner, Said, TestGateway};

const JUNE: [&str; 2] = ["2026-06-01", "2026-07-01"];

/// What is wanted of a figure in most tests.
const FIGURE: &str = "figure { value exact absence currency sampleSize flags
    numerator { total subject records { totalCount ids } } denominator { total }
    exclusions { reason subject count } beside { aspect value } bars { key size value } }";

impl Client<'_> {
    /// Asks for a figure.
    async fn figure(&self, code: &str, [from, until]: [&str; 2], more: &str) -> Answer {
        let period = format!("{{ from: \"{from}\", until: \"{until}\" }}");
        let question = format!("{{ kpi(code: {code}, period: {period}{more}) {{ {FIGURE}
            groups {{ key partner {{ id }} figure {{ value exact }} }} groupFlags standing {{ place among }} }} }}");
        self.ask(&question).await
    }

    /// The value of a figure, as it is shown.
    async fn value_of(&self, code: &str, period: [&str; 2]) -> Value {
        self.figure(code, period, "").await.at("/kpi/figure/value").clone()
    }
}

/// A deal that ended in June: brought by a partner or by direct sales, and won where it has an amount.
fn ended(number: usize, partner: Option<&GivenPartner>, amount: Option<&str>) -> Said {
    let id = format!("006{number}");
    let said = Said::opportunity(&id, &id).with(opportunity::close_date, "2026-06-15");
    let said = said.with(opportunity::is_closed, "true");
    let said = said.with(opportunity::is_won, if amount.is_some() { "true" } else { "false" });
    let said = amount.iter().fold(said, |said, amount| said.with(opportunity::amount, amount));
    partner.iter().fold(said, |said, it| said.with(opportunity::sourcing_partner, &it.key.to_string()))
}

/// Five partners under contract, and what was won and lost in June: the worked set of the definitions.
async fn given_june(gateway: &TestGateway) -> Vec<GivenPartner> {
    let mut partners = Vec::new();
    for name in ["甲", "乙", "丙", "丁", "戊"] {
        partners.push(gateway.given_seller(name).await);
    }
    let [one, two, three, ..] = partners.as_slice() else { unreachable!("five partners") };
    gateway
        .hears([
            ended(1, Some(one), Some("3000000")),
            ended(2, Some(two), Some("1200000")),
            ended(3, None, Some("2000000")),
            ended(4, None, Some("1800000")),
            ended(5, Some(three), Some("800000")),
            ended(6, Some(one), None).with(opportunity::loss_reason, "PRICE"),
            ended(7, Some(two), None),
            ended(8, Some(two), None).with(opportunity::loss_reason, "DUPLICATE"),
            ended(9, None, None),
        ])
        .await;
    partners
}

fn kpi_groups(answer: &Answer) -> Value {
    let groups = answer.at("/kpi/groups").as_array().unwrap().iter();
    groups.map(|it| json!([it["key"], it["figure"]["exact"]])).collect()
}

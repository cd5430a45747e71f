//! Opportunities: money, owners, and references that arrive late.

use domain::fields::{RecordKind, lead, opportunity};
use serde_json::json;

use crate::harness::{Said, on_every_store};

#[tokio::test(flavor = "multi_thread")]
async fn money_is_exact_in_each_currency() {
    on_every_store(async |gateway| {
        for (id, amount, currency) in
            [("0061", "9007199254740993", "JPY"), ("0062", "0.10", "USD"), ("0063", "1200000", "JPY")]
        {
            let said = Said::opportunity(id, id).with(opportunity::amount, amount);
            gateway.hears([said.with(opportunity::currency, currency)]).await;
        }
        let question = "{ opportunities(orderBy: AMOUNT_DESC) { nodes { amount { amount currency } } } }";
        let answer = gateway.as_admin().ask(question).await;
        let expected = json!([
            { "amount": { "amount": "9007199254740993", "currency": "JPY" } },
            { "amount": { "amount": "1200000", "currency": "JPY" } },
            { "amount": { "amount": "0.1", "currency": "USD" } },
        ]);
        assert_eq!(answer.at("/opportunities/nodes"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_in_direct_sales_is_hidden_from_partners() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋商事").await;
        let lead = gateway.given(Said::lead("00Q1").with(lead::converted_opportunity, "0061")).await;
        gateway.given_assignment(&lead, &partner).await;
        gateway.hears([Said::opportunity("0061", "冷凍庫").with(opportunity::owner, "直販 太郎")]).await;
        let question = "{ opportunities { nodes { owner provenance { field value } leads { id } } } }";
        let staff = gateway.as_admin().ask(question).await;
        assert_eq!(staff.at("/opportunities/nodes/0/owner"), "直販 太郎");
        assert!(staff.text.contains(r#""field":"owner""#), "{}", staff.text);
        for client in [gateway.as_admin_of(&partner), gateway.as_rep_of(&partner)] {
            let answer = client.ask(question).await;
            assert_eq!(answer.at("/opportunities/nodes/0/owner"), &json!(null));
            assert_eq!(answer.at("/opportunities/nodes/0/leads/0/id"), &json!(lead));
            assert!(!answer.text.contains("直販"), "{}", answer.text);
            assert!(!answer.text.contains(r#""field":"owner""#), "{}", answer.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_arrives_late_is_filled_in() {
    on_every_store(async |gateway| {
        gateway.hears([Said::opportunity("0061", "冷凍庫").with(opportunity::account, "0011")]).await;
        let question = "{ opportunities { nodes { account { name opportunities { name } } } } }";
        let before = gateway.as_admin().ask(question).await;
        assert_eq!(before.at("/opportunities/nodes/0/account"), &json!(null));
        gateway.hears([Said::account("0011", "極洋")]).await;
        let after = gateway.as_admin().ask(question).await;
        let expected = json!({ "name": "極洋", "opportunities": [{ "name": "冷凍庫" }] });
        assert_eq!(after.at("/opportunities/nodes/0/account"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loss_reason_that_the_crm_cleared_is_empty() {
    on_every_store(async |gateway| {
        let lost = Said::opportunity("0061", "冷凍庫").with(opportunity::loss_reason, "価格");
        gateway.hears([lost.clone()]).await;
        gateway.let_pass(chrono::TimeDelta::days(1));
        let cleared = lost.with(opportunity::loss_reason, "").modified(gateway.services.clock.now());
        gateway.hears([cleared]).await;
        let id = gateway.id_of(RecordKind::Opportunity, "0061").await;
        let question = "query One($id: ID!) { opportunity(id: $id) { lossReason
            provenance(fields: [\"lossReason\"]) { value source rule } } }";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        let provenance = json!([{ "value": null, "source": "CRM", "rule": "ONLY_SOURCE" }]);
        assert_eq!(answer.at("/opportunity"), &json!({ "lossReason": null, "provenance": provenance }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opportunities_without_a_date_come_last() {
    on_every_store(async |gateway| {
        gateway
            .hears([
                Said::opportunity("0061", "いつか"),
                Said::opportunity("0062", "来月").with(opportunity::close_date, "2026-07-01"),
                Said::opportunity("0063", "今月").with(opportunity::close_date, "2026-06-15"),
            ])
            .await;
        let question = "{ opportunities(orderBy: CLOSE_DATE_ASC) { nodes { name closeDate } } }";
        let answer = gateway.as_admin().ask(question).await;
        let expected = json!([
            { "name": "今月", "closeDate": "2026-06-15" },
            { "name": "来月", "closeDate": "2026-07-01" },
            { "name": "いつか", "closeDate": null },
        ]);
        assert_eq!(answer.at("/opportunities/nodes"), &expected);
    })
    .await;
}

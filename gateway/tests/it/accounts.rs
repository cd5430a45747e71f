//! Accounts: reading them, and what hangs on them.

use domain::fields::{RecordKind, account, contact, lead, opportunity};
use serde_json::json;

use crate::harness::{Said, on_every_store};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_shows_its_leads_opportunities_and_contacts() {
    on_every_store(async |gateway| {
        let id = gateway.given(Said::account("0011", "株式会社極洋").with(account::industry, "水産")).await;
        let converted = Said::lead("00Q1").with(lead::converted_account, "0011");
        gateway
            .hears([
                Said::account("0012", "極洋食品").with(account::parent, "0011"),
                Said::opportunity("0061", "冷凍庫").with(opportunity::account, "0011"),
                Said::contact("0031", "田中").with(contact::account, "0011"),
                converted,
            ])
            .await;
        let question = "query One($id: ID!) { account(id: $id) { name industry
            leads { lastName account { id } } opportunities { name account { id } }
            contacts { lastName account { id } } } }";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        let expected = json!({
            "name": "株式会社極洋",
            "industry": "水産",
            "leads": [{ "lastName": "佐藤", "account": { "id": id } }],
            "opportunities": [{ "name": "冷凍庫", "account": { "id": id } }],
            "contacts": [{ "lastName": "田中", "account": { "id": id } }],
        });
        assert_eq!(answer.at("/account"), &expected);
        let child = gateway.id_of(RecordKind::Account, "0012").await;
        let question = "query One($id: ID!) { account(id: $id) { parent { id } } }";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": child })).await;
        assert_eq!(answer.at("/account/parent/id"), &json!(id));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_belongs_to_the_account_of_its_company_whichever_arrives_first() {
    on_every_store(async |gateway| {
        let at_company = |id: &str, name: &str| {
            Said::lead(id).with(lead::last_name, name).with(lead::phone, "03-1234-5678")
        };
        gateway.hears([at_company("00Q1", "佐藤")]).await;
        let question = "{ leads(orderBy: CREATED_ASC) { nodes { lastName account { name } } } }";
        let before = gateway.as_admin().ask(question).await;
        assert_eq!(before.at("/leads/nodes/0/account"), &json!(null));
        let account = Said::account("0011", "(株)極洋").with(account::phone, "+81 3 1234 5678");
        gateway.hears([account, at_company("00Q2", "田中")]).await;
        let after = gateway.as_admin().ask(question).await;
        let linked = |name: &str| json!({ "lastName": name, "account": { "name": "(株)極洋" } });
        assert_eq!(after.at("/leads/nodes"), &json!([linked("佐藤"), linked("田中")]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_alone_links_no_lead() {
    on_every_store(async |gateway| {
        gateway.hears([Said::account("0011", "株式会社極洋"), Said::lead("00Q1")]).await;
        let answer = gateway.as_admin().ask("{ leads { nodes { account { name } } } }").await;
        assert_eq!(answer.at("/leads/nodes/0/account"), &json!(null));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_found_by_name_number_and_place() {
    on_every_store(async |gateway| {
        gateway
            .hears([
                Said::account("0011", "株式会社極洋").with(account::corporate_number, "7000012050002"),
                Said::account("0012", "ニッスイ").with(account::region, "東京都"),
            ])
            .await;
        let found = async |filter: &str| {
            let question = format!("{{ accounts(filter: {{ {filter} }}) {{ nodes {{ name }} }} }}");
            gateway.as_admin().ask(&question).await.at("/accounts/nodes").clone()
        };
        assert_eq!(found("name: { contains: \"極洋\" }").await, json!([{ "name": "株式会社極洋" }]));
        assert_eq!(found("corporateNumber: \"7000012050002\"").await, json!([{ "name": "株式会社極洋" }]));
        assert_eq!(found("region: { eq: \"東京都\" }").await, json!([{ "name": "ニッスイ" }]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_corporate_number_wins_over_the_crms() {
    on_every_store(async |gateway| {
        let crm = Said::account("0011", "株式会社極洋").with(account::corporate_number, "7000012050002");
        let own = Said::account("own-1", "極洋").with(account::corporate_number, "7000012050002").by("OWN");
        gateway.hears([crm, own]).await;
        let question = "{ accounts { nodes { name
            provenance(fields: [\"name\", \"corporateNumber\"]) { field source rule } } } }";
        let answer = gateway.as_admin().ask(question).await;
        let expected = json!([{ "name": "株式会社極洋", "provenance": [
            { "field": "name", "source": "CRM", "rule": "MASTER" },
            { "field": "corporateNumber", "source": "OWN", "rule": "MASTER" },
        ] }]);
        assert_eq!(answer.at("/accounts/nodes"), &expected);
    })
    .await;
}

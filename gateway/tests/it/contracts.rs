//! Contracts: from the first draft to the end, and what the calendar makes of them.

use chrono::TimeDelta;
use domain::access::Role;
use domain::ids::PartnerId;
use gateway::contracts::in_force::in_force_on;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, TestGateway, on_every_store};

mod calendar;
mod life;

const CONTRACT: &str = "contract { id version status startDate endDate noticeDeadline }";

/// Changes a contract as an administrator.
async fn change(gateway: &TestGateway, mutation: &str, input: Value) -> Answer {
    gateway.as_admin().change(mutation, input, CONTRACT).await
}

/// Where the contracts of a partner stand, oldest first.
async fn standing(gateway: &TestGateway) -> Vec<Value> {
    let question = "{ contracts(orderBy: CREATED_ASC) { nodes { status renewal startDate endDate } } }";
    gateway.as_admin().ask(question).await.at("/contracts/nodes").as_array().unwrap().clone()
}

async fn count(client: &Client<'_>, filter: &str) -> Value {
    let question = format!("{{ contracts(filter: {{ {filter} }}) {{ totalCount }} }}");
    client.ask(&question).await.at("/contracts/totalCount").clone()
}

/// Which versions of which contracts bind a partner on a date, with their products.
async fn binding(gateway: &TestGateway, partner: PartnerId, date: &str) -> Vec<(usize, String)> {
    let found = in_force_on(gateway.services.database.read(), &[partner], date.parse().unwrap()).await;
    found.unwrap().into_iter().map(|it| (it.version, it.terms.products.to_string())).collect()
}

async fn follow_dates(gateway: &TestGateway) {
    gateway.services.run_job("contracts.follow_dates").await.unwrap();
}

/// Lets time pass until nine in the morning of a date in Japan.
fn until(gateway: &TestGateway, date: &str) {
    let morning = crate::harness::instant(&format!("{date}T00:00:00Z"));
    gateway.let_pass(morning - gateway.services.clock.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn contracts_are_for_those_who_answer_for_them() {
    on_every_store(async |gateway| {
        let (own, rival) = (gateway.given_partner("甲").await, gateway.given_partner("乙").await);
        let terms = json!({ "priceTerms": "仕切率 60%" });
        let id = gateway.given_contract(&own, json!({ "number": "C-1", "terms": terms })).await;
        gateway.given_draft(&own, json!({ "number": "C-2" })).await;
        let partner = gateway.as_admin_of(&own);
        assert_eq!(count(&partner, "").await, 1, "a draft is nobody else's business");
        let question = "query One($id: ID!) { contract(id: $id) {
            terms { priceTerms } negotiationLog { note } reminders { dueOn } } }";
        let seen = partner.ask_with(question, json!({ "id": id })).await;
        let expected =
            json!({ "terms": { "priceTerms": "仕切率 60%" }, "negotiationLog": null, "reminders": null });
        assert_eq!(seen.at("/contract"), &expected);
        assert_eq!(count(&gateway.as_admin_of(&rival), "").await, 0);
        let stranger = gateway.as_admin_of(&rival).ask_with(question, json!({ "id": id })).await;
        assert_eq!(stranger.at("/contract"), &Value::Null);
        for client in [gateway.as_rep_of(&own), gateway.as_staff(Role::DataSteward, "steward")] {
            client.ask("{ contracts { totalCount } }").await.assert_refused("FORBIDDEN");
            let edge = client.ask("{ partners { nodes { contracts { id } } } }").await;
            assert_eq!(edge.at("/partners/nodes/0/contracts"), &Value::Null);
        }
        let manager = gateway.as_channel_manager("aoki");
        assert_eq!(count(&manager, "").await, 0, "not of the own set");
        let notice = json!({ "id": id, "version": 5 });
        manager.change("giveContractNotice", notice.clone(), CONTRACT).await.assert_refused("NOT_FOUND");
        partner.change("giveContractNotice", notice, CONTRACT).await.assert_refused("FORBIDDEN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_of_a_contract_holds_documents_and_what_was_said() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("極洋").await;
        let id = gateway.given_contract(&partner, json!({})).await;
        let document = json!({
            "contractId": id, "title": "基本契約書", "reference": "文書番号 2026-17", "idempotencyKey": "k-1",
        });
        for _ in 0..2 {
            change(gateway, "addContractDocument", document.clone()).await.data();
        }
        let entry = json!({ "contractId": id, "occurredOn": "2026-03-10", "note": "仕切率について" });
        change(gateway, "addNegotiationEntry", entry).await.data();
        let question = "{ contracts { nodes { documents { title reference } negotiationLog { occurredOn note enteredBy } } } }";
        let read = gateway.as_admin().ask(question).await;
        let expected = json!({
            "documents": [{ "title": "基本契約書", "reference": "文書番号 2026-17" }],
            "negotiationLog": [{ "occurredOn": "2026-03-10", "note": "仕切率について", "enteredBy": "admin" }],
        });
        assert_eq!(read.at("/contracts/nodes/0"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contracts_with_everything_take_a_statement_per_level() {
    on_every_store(async |gateway| {
        for name in ["甲", "乙", "丙"] {
            let partner = gateway.given_partner(name).await;
            gateway.given_contract(&partner, json!({})).await;
        }
        let question = "{ contracts { nodes { willRenew isExpiring partner { legalName } terms { noticeDays }
            versions { number } documents { title } negotiationLog { note } reminders { dueOn }
            successor { id } predecessor { id } } } }";
        // The first one reads the policies besides, as after every activation.
        gateway.as_admin().ask(question).await.data();
        let answer = gateway.as_admin().ask(question).await;
        assert_eq!(answer.at("/contracts/nodes").as_array().unwrap().len(), 3);
        // Contracts, partners, versions, documents, negotiations, reminders, successors, the lifecycle policy.
        assert!(answer.statements <= 8, "{} statements", answer.statements);
    })
    .await;
}

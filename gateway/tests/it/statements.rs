//! How many SQL statements a question takes: that depends on the question, never on the rows.

use domain::fields::lead;

use crate::harness::{GivenPartner, Said, TestGateway, on_every_store};

/// Leads of several partners at several accounts.
async fn given_leads(gateway: &TestGateway, count: usize) -> Vec<GivenPartner> {
    let partners = [gateway.given_partner("甲").await, gateway.given_partner("乙").await];
    gateway.hears_at_once((0..5).map(|it| Said::account(&format!("001{it}"), &format!("会社{it}")))).await;
    let said = |it: usize| {
        let said = Said::lead(&format!("00Q{it}")).with(lead::last_name, &format!("佐藤{it}"));
        said.with(lead::converted_account, &format!("001{}", it % 5))
    };
    gateway.hears_at_once((0..count).map(said)).await;
    for number in 0..10 {
        let id = gateway.id_of(domain::fields::RecordKind::Lead, &format!("00Q{number}")).await;
        gateway.given_assignment(&id, &partners[number % 2]).await;
    }
    partners.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_with_account_partner_and_provenance_take_four_statements() {
    on_every_store(async |gateway| {
        given_leads(gateway, 200).await;
        for first in [50, 200] {
            let question = format!(
                "{{ leads(first: {first}, orderBy: CREATED_ASC) {{ nodes {{ lastName company
                    account {{ name }} assignedPartner {{ legalName }}
                    provenance {{ field value source rule losers {{ value source lostAt }} }} }} }} }}"
            );
            let answer = gateway.as_admin().ask(&question).await;
            assert_eq!(answer.at("/leads/nodes").as_array().unwrap().len(), first);
            assert_eq!(answer.at("/leads/nodes/0/account/name"), "会社0");
            assert_eq!(answer.at("/leads/nodes/0/assignedPartner/legalName"), "甲");
            assert_eq!(answer.at("/leads/nodes/0/provenance/0/source"), "CRM");
            assert!(answer.statements <= 4, "{} statements for {first} leads", answer.statements);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edges_there_and_back_take_one_statement_per_level() {
    on_every_store(async |gateway| {
        given_leads(gateway, 20).await;
        let question = "{ partners { nodes { legalName users { email } managers
            leads(first: 5) { lastName assignedUser { email }
                account { name leads(first: 3) { lastName assignedPartner { legalName } } } } } } }";
        let answer = gateway.as_admin().ask(question).await;
        assert_eq!(answer.at("/partners/nodes/0/leads").as_array().unwrap().len(), 5);
        assert_eq!(answer.at("/partners/nodes/1/leads/0/account/leads").as_array().unwrap().len(), 3);
        // Partners, users, managers, leads, people, accounts, their leads, their partners.
        assert!(answer.statements <= 8, "{} statements", answer.statements);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_twice_for_the_same_thing_reads_it_once() {
    on_every_store(async |gateway| {
        given_leads(gateway, 20).await;
        let question = "{ leads(first: 10) { nodes { one: account { name } two: account { phone }
            provenance(fields: [\"lastName\"]) { value } sourceRecords { externalId } } } }";
        let answer = gateway.as_admin().ask(question).await;
        answer.data();
        assert_eq!(answer.statements, 3);
    })
    .await;
}

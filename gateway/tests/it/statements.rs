//! How many SQL statements a question takes: that depends on the question, never on the rows.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::fields::lead;
use gateway::platform::database::{Database, DatabaseOptions};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::harness::{GivenPartner, Said, TestGateway, on_every_shared_store, on_every_store};

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

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// In one thread, or others would log elsewhere.
#[tokio::test]
async fn a_slow_statement_is_logged_with_its_plan_and_without_values() {
    on_every_shared_store(async |url| {
        let log = Log::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
        let _guard = tracing::subscriber::set_default(lines.finish());
        let options = DatabaseOptions {
            url: url.to_owned(),
            max_connections: 2,
            acquire_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(10),
        };
        let database = Database::connect(options).await.unwrap();
        database.migrate().await.unwrap();
        let database = database.telling_slow(Duration::ZERO);
        let question = "SELECT email FROM partner_users WHERE email = $1 LIMIT $2";
        let values = ["ada@example.com".into(), 1_i64.into()];
        let backend = database.read().get_database_backend();
        let statement = Statement::from_sql_and_values(backend, question, values);
        database.read().query_all_raw(statement).await.unwrap();
        let logged = || String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        for _ in 0..1_000 {
            if logged().contains("the plan of a slow statement") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(logged().contains(question), "{}", logged());
        assert!(logged().to_uppercase().contains("SCAN"), "{}", logged());
        assert!(!logged().contains("ada@example.com"), "{}", logged());
    })
    .await;
}

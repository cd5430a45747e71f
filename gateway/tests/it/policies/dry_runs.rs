//! What a version would change, before it does.

use chrono::TimeDelta;
use domain::fields::lead;
use domain::ids::PolicyDryRunId;
use entity::policies::dry_run;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::dump::dump;
use super::{ma_first, moved, with};
use crate::harness::{Said, TestGateway, on_every_shared_store, on_every_store};

/// Tables that a dry run may write to.
const OWN_TABLES: [&str; 2] = ["policy_dry_runs", "policy_dry_run_examples"];

/// A person whom two systems know; they disagree on the phone in the same second.
fn person(number: usize) -> [Said; 2] {
    let said = |system: &str, phone: &str| {
        Said::lead(&format!("{system}-{number}"))
            .with(lead::last_name, &format!("佐藤{number}"))
            .with(lead::email, &format!("sato{number}@kyokuyo.example"))
            .with(lead::phone, phone)
            .by(system)
    };
    [said("CRM", "03-1111-1111"), said("MA", "03-2222-2222")]
}

impl TestGateway {
    /// Drafts a policy and asks what it would change.
    async fn asks_what_changes(&self, document: &str) -> String {
        let draft = self.drafts(document).await;
        let version = draft.text_at("/draftPolicy/policyVersion/id").to_owned();
        self.asks_again(&version).await
    }

    async fn asks_again(&self, version: &str) -> String {
        let input = json!({ "policyVersionId": version });
        let started = self.as_admin().change("startPolicyDryRun", input, "policyDryRun { id state }").await;
        assert_eq!(started.at("/startPolicyDryRun/policyDryRun/state"), "QUEUED");
        started.text_at("/startPolicyDryRun/policyDryRun/id").to_owned()
    }

    async fn dry_run(&self, id: &str) -> Value {
        let question = "query Run($id: ID!) { policyDryRun(id: $id) { state recordsDone recordsTotal message
            effect { records recordsChanged fields { kind field values reasons }
                rules { kind before after count } writeBacks { system kind field count } }
            examples(first: 200) { totalCount nodes { change recordId field valueBefore valueAfter
                sourceBefore sourceAfter ruleBefore ruleAfter } } } }";
        let answer = self.as_admin().ask_with(question, json!({ "id": id })).await;
        answer.at("/policyDryRun").clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_what_would_change_and_changes_nothing() {
    on_every_store(async |gateway| {
        gateway.hears((0..3).flat_map(person)).await;
        gateway.hears([Said::lead("alone").with(lead::last_name, "田中")]).await;
        let run = gateway.asks_what_changes(&ma_first()).await;
        let before = dump(&gateway.services.database, &OWN_TABLES).await;
        gateway.services.run_job("policies.dry_runs").await.unwrap();
        assert_eq!(dump(&gateway.services.database, &OWN_TABLES).await, before);
        let run = gateway.dry_run(&run).await;
        assert_eq!(run["state"], "SUCCEEDED");
        assert_eq!((&run["recordsDone"], &run["recordsTotal"]), (&json!(4), &json!(4)));
        let effect = &run["effect"];
        assert_eq!((&effect["records"], &effect["recordsChanged"]), (&json!(4), &json!(3)));
        let fields = effect["fields"].as_array().unwrap();
        let phone = json!({ "kind": "LEAD", "field": "phone", "values": 3, "reasons": 0 });
        assert!(fields.contains(&phone), "{fields:?}");
        let company = json!({ "kind": "LEAD", "field": "company", "values": 0, "reasons": 3 });
        assert!(fields.contains(&company), "{fields:?}");
        let write = json!([{ "system": "CRM", "kind": "LEAD", "field": "phone", "count": 3 }]);
        assert_eq!(effect["writeBacks"], write);
        let examples = run["examples"]["nodes"].as_array().unwrap();
        let example = examples.iter().find(|it| it["change"] == "VALUE").unwrap();
        assert_eq!(
            (&example["valueBefore"], &example["valueAfter"]),
            (&json!("03-1111-1111"), &json!("03-2222-2222"))
        );
        assert_eq!(
            (&example["ruleBefore"], &example["ruleAfter"]),
            (&json!("SOURCE_RANK"), &json!("SOURCE_RANK"))
        );
        assert!(example["sourceAfter"].as_str().unwrap().starts_with("MA/Lead/MA-"), "{example}");
        let served = gateway.as_admin().ask("{ leads { nodes { phone } } }").await;
        assert!(!served.text.contains("03-2222-2222"), "{}", served.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_activation_does_what_the_dry_run_told() {
    on_every_store(async |gateway| {
        gateway.hears((0..3).flat_map(person)).await;
        let version = gateway.given_approved(&ma_first()).await;
        let run = gateway.asks_again(&version).await;
        gateway.services.run_job("policies.dry_runs").await.unwrap();
        let told = gateway.dry_run(&run).await;
        // An approval is renewed by whoever has seen more since.
        let admin = gateway.as_admin();
        let approved =
            admin.change("approvePolicy", moved(&version), "policyVersion { approvedDryRunId }").await;
        assert_eq!(approved.at("/approvePolicy/policyVersion/approvedDryRunId"), &json!(run));
        let done = gateway.activates(&version).await;
        assert_eq!(done.at("/activatePolicy/effect"), &told["effect"]);
        let question = "query Version($id: ID!) { policyVersion(id: $id) { effect { records recordsChanged
            fields { kind field values reasons } } } }";
        let kept = admin.ask_with(question, json!({ "id": version })).await;
        for part in ["records", "recordsChanged", "fields"] {
            assert_eq!(kept.at("/policyVersion/effect")[part], told["effect"][part], "{part}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_dry_runs_are_compared_field_by_field() {
    on_every_store(async |gateway| {
        gateway.hears((0..3).flat_map(person)).await;
        let first = gateway.asks_what_changes(&ma_first()).await;
        let phone = with("[lead.rules]", "[lead.rules]\nphone = { master = \"MA\", null = \"IGNORE\" }");
        let second = gateway.asks_what_changes(&phone).await;
        let question = format!(
            "{{ policyDryRunComparison(id: \"{second}\") {{ first {{ id }} second {{ id }} fields {{
                field valuesFirst valuesSecond reasonsFirst reasonsSecond writeBacksFirst writeBacksSecond }} }} }}"
        );
        gateway.as_admin().ask(&question).await.assert_refused("NOT_FOUND");
        gateway.services.run_job("policies.dry_runs").await.unwrap();
        let answer = gateway.as_admin().ask(&question).await;
        assert_eq!(answer.at("/policyDryRunComparison/first/id"), &json!(first));
        let fields = answer.at("/policyDryRunComparison/fields").as_array().unwrap();
        let of = |name: &str| fields.iter().find(|it| it["field"] == name).unwrap();
        let phone = of("phone");
        assert_eq!((&phone["valuesFirst"], &phone["valuesSecond"]), (&json!(3), &json!(3)));
        // The second draft names no system to write to.
        assert_eq!((&phone["writeBacksFirst"], &phone["writeBacksSecond"]), (&json!(3), &json!(0)));
        assert_eq!((&of("company")["reasonsFirst"], &of("company")["reasonsSecond"]), (&json!(3), &json!(0)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_whose_process_died_is_done_by_another_one() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        let other = TestGateway::start(url).await;
        gateway.hears((0..3).flat_map(person)).await;
        let run = gateway.asks_what_changes(&ma_first()).await;
        let key: PolicyDryRunId = run.parse::<uuid::Uuid>().unwrap().into();
        let now = gateway.services.clock.now();
        // As a process leaves it that was killed at its work.
        dry_run::Entity::update_many()
            .col_expr(dry_run::Column::State, Expr::value("RUNNING"))
            .col_expr(dry_run::Column::Holder, Expr::value(uuid::Uuid::nil()))
            .col_expr(dry_run::Column::LeaseUntil, Expr::value(now + TimeDelta::seconds(60)))
            .filter(dry_run::Column::Id.eq(key))
            .exec(gateway.services.database.read())
            .await
            .unwrap();
        other.services.run_job("policies.dry_runs").await.unwrap();
        assert_eq!(gateway.dry_run(&run).await["state"], "RUNNING", "its holder may still live");
        other.let_pass(TimeDelta::seconds(61));
        other.services.run_job("policies.dry_runs").await.unwrap();
        let run = gateway.dry_run(&run).await;
        assert_eq!((&run["state"], &run["effect"]["recordsChanged"]), (&json!("SUCCEEDED"), &json!(3)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_sees_the_store_as_it_was_at_one_instant() {
    on_every_shared_store(async |url| {
        let gateway = TestGateway::start(url).await;
        gateway.hears((0..3).flat_map(person)).await;
        let run = gateway.asks_what_changes(&ma_first()).await;
        let key: PolicyDryRunId = run.parse::<uuid::Uuid>().unwrap().into();
        let snapshot = gateway.services.database.begin_snapshot().await.unwrap();
        let count = gateway::golden::service::count(&snapshot).await.unwrap();
        gateway.hears((3..5).flat_map(person)).await;
        assert_eq!(gateway::golden::service::count(&snapshot).await.unwrap(), count);
        snapshot.rollback().await.unwrap();
        assert!(gateway.services.dry_runs().run(key, &|_, _| ()).await.unwrap());
        assert!(!gateway.services.dry_runs().run(key, &|_, _| ()).await.unwrap(), "it is done");
        assert_eq!(gateway.dry_run(&run).await["effect"]["records"], 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_has_ended_is_not_tried() {
    on_every_store(async |gateway| {
        let id = gateway.given_approved(&ma_first()).await;
        gateway.activates(&id).await.data();
        let input = json!({ "policyVersionId": id });
        let answer = gateway.as_admin().change("startPolicyDryRun", input, "policyDryRun { id }").await;
        answer.assert_refused("DRY_RUN_OF_ENDED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_is_kept_and_asked_about_when_another_value_stands_behind_it() {
    on_every_store(async |gateway| {
        gateway.hears(person(1)).await;
        let lead = gateway.as_admin().ask("{ leads { nodes { id } } }").await;
        let lead = lead.text_at("/leads/nodes/0/id");
        let pin =
            json!({ "recordId": lead, "field": "phone", "value": "03-3333-3333", "reason": "本人に確認" });
        gateway.as_admin().change("pinField", pin, "recordId").await.data();
        let version = gateway.given_approved(&ma_first()).await;
        let run = gateway.asks_again(&version).await;
        gateway.services.run_job("policies.dry_runs").await.unwrap();
        let effect = "effect { fields { field values reasons } tasks { task raised closed } }";
        let question = format!("{{ policyDryRun(id: \"{run}\") {{ {effect} }} }}");
        let told = gateway.as_admin().ask(&question).await.at("/policyDryRun/effect").clone();
        assert_eq!(told["tasks"], json!([{ "task": "STALE_PIN", "raised": 1, "closed": 0 }]), "{told}");
        let input = json!({ "policyVersionId": version });
        let done = gateway.as_admin().change("activatePolicy", input, effect).await;
        assert_eq!(done.at("/activatePolicy/effect"), &told);
        let open = "{ leads { nodes { phone } } reviewTasks(filter: { kind: STALE_PIN }) { totalCount } }";
        let open = gateway.as_admin().ask(open).await;
        assert_eq!(open.at("/leads/nodes/0/phone"), "03-3333-3333");
        assert_eq!(open.at("/reviewTasks/totalCount"), 1);
    })
    .await;
}

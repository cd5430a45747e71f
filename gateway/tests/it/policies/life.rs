//! From draft to active, and who may do what.

use domain::access::Role;
use domain::fields::lead;
use serde_json::{Value, json};

use super::{DEFAULT, ma_first, moved, with};
use crate::harness::{Said, TestGateway, on_every_store};

const VERSION: &str = "policyVersion { state author submittedAt decidedBy decisionNote activatedBy }";

#[tokio::test(flavor = "multi_thread")]
async fn a_store_begins_with_the_built_in_policies() {
    on_every_store(async |gateway| {
        let question = "{ activePolicies { kind version state author document activatedAt } }";
        let answer = gateway.as_admin().ask(question).await;
        let policies = answer.at("/activePolicies").as_array().unwrap();
        let kinds: Vec<&Value> = policies.iter().map(|it| &it["kind"]).collect();
        assert_eq!(kinds, ["CONFLICT", "DISTRIBUTION", "LIFECYCLE", "MATCHING", "PRECEDENCE"]);
        assert_eq!(policies[4]["author"], "SYSTEM");
        assert_eq!(policies[4]["document"], DEFAULT);
        gateway.services.seed().await.unwrap();
        let again = gateway.as_admin().ask("{ policyVersions { totalCount } }").await;
        assert_eq!(again.at("/policyVersions/totalCount"), 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_goes_from_draft_to_active_through_two_people() {
    on_every_store(async |gateway| {
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        let draft = gateway.drafts(&ma_first()).await;
        assert_eq!(draft.at("/draftPolicy/policyVersion/state"), "DRAFT");
        let id = draft.text_at("/draftPolicy/policyVersion/id");
        let submitted = steward.change("submitPolicy", moved(id), VERSION).await;
        assert_eq!(submitted.at("/submitPolicy/policyVersion/state"), "SUBMITTED");
        let input = json!({ "policyVersionId": id, "note": "as agreed" });
        let approved = gateway.as_admin().change("approvePolicy", input, VERSION).await;
        assert_eq!(approved.at("/approvePolicy/policyVersion/decidedBy"), "admin");
        assert_eq!(approved.at("/approvePolicy/policyVersion/decisionNote"), "as agreed");
        let active = gateway.activates(id).await;
        assert_eq!(
            active.at("/activatePolicy/policyVersion"),
            &json!({ "state": "ACTIVE", "activatedBy": "admin" })
        );
        let question = "{ policyVersions(filter: { kind: PRECEDENCE }) { nodes { state author } } }";
        let versions = gateway.as_admin().ask(question).await;
        let expected = json!([
            { "state": "ACTIVE", "author": "steward" }, { "state": "RETIRED", "author": "SYSTEM" },
        ]);
        assert_eq!(versions.at("/policyVersions/nodes"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_decides_on_what_they_wrote() {
    on_every_store(async |gateway| {
        let input = json!({ "kind": "PRECEDENCE", "document": ma_first() });
        let admin = gateway.as_admin();
        let draft = admin.change("draftPolicy", input, "policyVersion { id }").await;
        let id = draft.text_at("/draftPolicy/policyVersion/id");
        admin.change("submitPolicy", moved(id), VERSION).await.data();
        for decision in ["approvePolicy", "rejectPolicy"] {
            admin.change(decision, moved(id), VERSION).await.assert_refused("POLICY_AUTHOR_DECIDES");
        }
        let other = gateway.as_staff(Role::Admin, "other");
        let rejected = other.change("rejectPolicy", moved(id), VERSION).await;
        assert_eq!(rejected.at("/rejectPolicy/policyVersion/state"), "REJECTED");
        other.change("approvePolicy", moved(id), VERSION).await.assert_refused("POLICY_STATE");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_approved_comes_into_force() {
    on_every_store(async |gateway| {
        let draft = gateway.drafts(&ma_first()).await;
        let id = draft.text_at("/draftPolicy/policyVersion/id");
        gateway.activates(id).await.assert_refused("POLICY_STATE");
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        steward.change("submitPolicy", moved(id), VERSION).await.data();
        gateway.activates(id).await.assert_refused("POLICY_STATE");
        let id = gateway.services.clock.new_id::<uuid::Uuid>().to_string();
        gateway.activates(&id).await.assert_refused("NOT_FOUND");
        gateway.activates("nonsense").await.assert_refused("NOT_FOUND");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_cannot_decide_everything_is_refused_with_its_place() {
    on_every_store(async |gateway| {
        let refused = async |document: &str, says: &str| {
            let answer = gateway.drafts(document).await;
            answer.assert_refused("INVALID_POLICY");
            assert!(answer.message().contains(says), "{}", answer.message());
        };
        refused(&with("MA = 3", "MA = 2"), "`ranks.OWN` repeats the rank of MA").await;
        refused(&with("score = {", "nose = {"), "`lead.rules.nose` names no field or group").await;
        refused(&with("master = \"MA\"", "master = \"ERP\""), "names the system ERP, which has no rank")
            .await;
        let circle = with(
            "converted_account = { master = \"CRM\", null = \"IGNORE\" }",
            "converted_account = { like = \"converted_contact\" }",
        );
        refused(&circle, "closes a circle").await;
        refused("nonsense", "the policy cannot be read").await;
        let count = gateway.as_admin().ask("{ policyVersions { totalCount } }").await;
        assert_eq!(count.at("/policyVersions/totalCount"), 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_leaves_out_a_system_with_records_is_not_submitted() {
    on_every_store(async |gateway| {
        gateway.hears([Said::lead("1").by("ERP").with(lead::title, "部長")]).await;
        let id = gateway.drafts(&ma_first()).await.text_at("/draftPolicy/policyVersion/id").to_owned();
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        let answer = steward.change("submitPolicy", moved(&id), VERSION).await;
        answer.assert_refused("UNRANKED_SOURCE");
        assert!(answer.message().contains("ERP"), "{}", answer.message());
        let same = gateway.drafts(DEFAULT).await.text_at("/draftPolicy/policyVersion/id").to_owned();
        let answer = steward.change("submitPolicy", moved(&same), VERSION).await;
        answer.assert_refused("POLICY_UNCHANGED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_came_since_keeps_a_version_from_coming_into_force() {
    on_every_store(async |gateway| {
        let id = gateway.given_approved(&ma_first()).await;
        gateway.hears([Said::lead("1").by("ERP").with(lead::title, "部長")]).await;
        let answer = gateway.as_admin().change("activatePolicy", moved(&id), VERSION).await;
        answer.assert_refused("UNRANKED_SOURCE");
        assert!(answer.message().contains("ERP"), "{}", answer.message());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn differences_are_told_place_by_place() {
    on_every_store(async |gateway| {
        let id = gateway.drafts(&ma_first()).await.text_at("/draftPolicy/policyVersion/id").to_owned();
        let question = "query Diff($id: ID!) { policyDiff(id: $id) { place before after } }";
        let answer = gateway.as_admin().ask_with(question, json!({ "id": id })).await;
        let expected = json!([
            { "place": "ranks.CRM", "before": "1", "after": "3" },
            { "place": "ranks.MA", "before": "3", "after": "1" },
        ]);
        assert_eq!(answer.at("/policyDiff"), &expected);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retried_request_has_one_effect() {
    on_every_store(async |gateway| {
        let id = gateway.given_approved(&ma_first()).await;
        let input = json!({ "policyVersionId": id, "idempotencyKey": "once" });
        let admin = gateway.as_admin();
        let wanted = "policyVersion { id state } effect { records }";
        for _ in 0..2 {
            let answer = admin.change("activatePolicy", input.clone(), wanted).await;
            let expected = json!({ "id": id, "state": "ACTIVE" });
            assert_eq!(answer.at("/activatePolicy/policyVersion"), &expected);
            assert_eq!(answer.at("/activatePolicy/effect"), &json!({ "records": 0 }));
        }
        let other = json!({ "policyVersionId": id, "idempotencyKey": "once", "note": "x" });
        let answer = admin.change("activatePolicy", other, "policyVersion { id }").await;
        answer.assert_refused("IDEMPOTENCY_KEY_REUSED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_see_and_change_no_policy() {
    on_every_store(async |gateway| {
        let partner = gateway.given_partner("甲").await;
        let rival = gateway.given_partner("乙").await;
        let id = gateway.given_approved(&ma_first()).await;
        let run = started(gateway, &id).await;
        for client in [gateway.as_admin_of(&partner), gateway.as_rep_of(&partner), gateway.as_rep_of(&rival)]
        {
            for question in [
                "{ policyVersions { totalCount nodes { document } } }".to_owned(),
                "{ activePolicies { document } }".to_owned(),
                format!("{{ policyDiff(id: \"{id}\") {{ place }} }}"),
                format!("{{ policyDryRunComparison(id: \"{run}\") {{ fields {{ field }} }} }}"),
                format!("{{ policyVersion(id: \"{id}\") {{ document }} }}"),
                format!("{{ policyDryRun(id: \"{run}\") {{ state }} }}"),
            ] {
                client.ask(&question).await.assert_refused("FORBIDDEN");
            }
            for mutation in ["submitPolicy", "approvePolicy", "rejectPolicy", "activatePolicy"] {
                client.change(mutation, moved(&id), "policyVersion { id }").await.assert_refused("FORBIDDEN");
            }
            let draft = json!({ "kind": "PRECEDENCE", "document": DEFAULT });
            client.change("draftPolicy", draft, "policyVersion { id }").await.assert_refused("FORBIDDEN");
            let dry_run = client.change("startPolicyDryRun", moved(&id), "policyDryRun { id }").await;
            dry_run.assert_refused("FORBIDDEN");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_do_what_their_role_allows() {
    on_every_store(async |gateway| {
        let id = gateway.given_approved(&ma_first()).await;
        let run = started(gateway, &id).await;
        let manager = gateway.as_channel_manager("manager");
        manager.ask("{ activePolicies { version } }").await.data();
        let draft = json!({ "kind": "PRECEDENCE", "document": DEFAULT });
        manager.change("draftPolicy", draft, "policyVersion { id }").await.assert_refused("FORBIDDEN");
        let examples =
            format!("{{ policyDryRun(id: \"{run}\") {{ state examples {{ nodes {{ field }} }} }} }}");
        assert_eq!(manager.ask(&examples).await.codes(), ["FORBIDDEN"]);
        let steward = gateway.as_staff(Role::DataSteward, "steward");
        steward.ask(&examples).await.data();
        for mutation in ["approvePolicy", "activatePolicy"] {
            steward.change(mutation, moved(&id), "policyVersion { id }").await.assert_refused("FORBIDDEN");
        }
        let job = gateway.as_staff(Role::IntegrationJob, "job");
        job.ask("{ activePolicies { version } }").await.assert_refused("FORBIDDEN");
    })
    .await;
}

async fn started(gateway: &TestGateway, version: &str) -> String {
    let input = json!({ "policyVersionId": version });
    let answer = gateway.as_admin().change("startPolicyDryRun", input, "policyDryRun { id }").await;
    answer.text_at("/startPolicyDryRun/policyDryRun/id").to_owned()
}

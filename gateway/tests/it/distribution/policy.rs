//! The distribution policy as data: drafted, tried out on the offers there were, and put into force.

use domain::distribution::DEFAULT_DISTRIBUTION;
use domain::fields::lead;
use serde_json::{Value, json};

use super::{JOB, shareable};
use crate::harness::{Answer, TestGateway, on_every_store};

impl TestGateway {
    /// Puts a distribution policy into force: a manager drafts it, somebody tries it out and approves it.
    async fn given_distribution_policy(&self, document: &str) -> (Value, Answer) {
        let manager = self.as_channel_manager("tanaka");
        let input = json!({ "kind": "DISTRIBUTION", "document": document });
        let drafted = manager.change("draftPolicy", input, "policyVersion { id }").await;
        let version = json!({ "policyVersionId": drafted.at("/draftPolicy/policyVersion/id") });
        let effect =
            "effect { rankings { ranked changed firstChanged exclusionsChanged examples { diff } } }";
        let run = manager.change("startPolicyDryRun", version.clone(), "policyDryRun { id }").await;
        self.let_job_run("policies.dry_runs").await;
        let id = run.text_at("/startPolicyDryRun/policyDryRun/id");
        let run = self.as_admin().ask(&format!("{{ policyDryRun(id: \"{id}\") {{ {effect} }} }}")).await;
        manager.change("submitPolicy", version.clone(), "policyVersion { id }").await.data();
        self.as_admin().change("approvePolicy", version.clone(), "policyVersion { id }").await.data();
        let active = self.as_admin().change("activatePolicy", version, effect).await;
        (run.at("/policyDryRun/effect/rankings").clone(), active)
    }
}

fn policy(old: &str, new: &str) -> String {
    assert!(DEFAULT_DISTRIBUTION.contains(old), "{old}");
    DEFAULT_DISTRIBUTION.replacen(old, new, 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_tried_out_on_the_offers_that_were_made() {
    on_every_store(async |gateway| {
        let program = "name = \"P\"\nfiscal_year = 2026\n[[tiers]]\ncode = \"GOLD\"\nrank = 1\n";
        gateway.given_program(program).await;
        let [local, gold] = [gateway.given_partner("東京").await, gateway.given_seller("ゴールド").await];
        gateway.given_contract(&local, json!({})).await;
        gateway.given_territory(&local, json!({ "prefectures": ["JP-13"] })).await;
        let tier = json!({ "partnerId": gold.id, "tier": "GOLD", "reason": "実績" });
        gateway.as_admin().change("assignTier", tier, "partner { id }").await.data();
        let lead = gateway.given(shareable("00Q1")).await;
        let offered = gateway.offers(&lead).await;
        assert_eq!(offered.at("/offerLead/leadOffer/partner/id"), &json!(local.id));
        let osaka = gateway.given(shareable("00Q2").with(lead::region, "大阪府")).await;
        gateway.offers(&osaka).await.data();

        let tier_first =
            policy("\"TERRITORY_SPECIFICITY\", \"TIER_RANK\"", "\"TIER_RANK\", \"TERRITORY_SPECIFICITY\"");
        let (told, done) = gateway.given_distribution_policy(&tier_first).await;
        let counts = json!({ "ranked": 2, "changed": 1, "firstChanged": 1, "exclusionsChanged": 0 });
        for (name, count) in counts.as_object().unwrap() {
            assert_eq!(&told[name], count, "{name} {told}");
        }
        assert_eq!(done.at("/activatePolicy/effect/rankings"), &told, "the activation finds the same");
        let diff = told["examples"][0]["diff"].as_str().unwrap();
        assert!(diff.contains(&local.key.to_string()) && diff.contains(&gold.key.to_string()), "{diff}");
        let lead = gateway.given(shareable("00Q3")).await;
        let offered = gateway.offers(&lead).await;
        assert_eq!(
            offered.at("/offerLead/leadOffer/partner/id"),
            &json!(gold.id),
            "who is better goes first now"
        );
        let wrong = json!({ "kind": "DISTRIBUTION", "document": policy(", \"PARTNER_ID\"", "") });
        let wrong = gateway.as_admin().change("draftPolicy", wrong, "policyVersion { id }").await;
        wrong.assert_refused("INVALID_POLICY");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_takes_as_many_open_leads_as_the_policy_says() {
    on_every_store(async |gateway| {
        let partner = gateway.given_seller("甲").await;
        gateway.given_distribution_policy(&policy("capacity = 20", "capacity = 1")).await;
        let (_, offer) = gateway.given_offer(shareable("00Q1")).await;
        let other = gateway.given(shareable("00Q2")).await;
        let refused = gateway.offers(&other).await;
        refused.assert_refused("NOBODY_TO_OFFER");
        assert!(refused.message().contains("AT_CAPACITY: 1"), "{}", refused.text);
        gateway.answers(&partner, "declineLeadOffer", &offer).await.data();
        gateway.offers(&other).await.data();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_leads_are_offered_by_themselves_where_the_policy_says_so() {
    on_every_store(async |gateway| {
        let before = gateway.given(shareable("00Q0")).await;
        gateway.given_distribution_policy(&policy("offer_new_leads = false", "offer_new_leads = true")).await;
        let nobody = gateway.given(shareable("00Q1")).await;
        gateway.let_job_run(JOB).await;
        assert_eq!(gateway.stands(&nobody).await.0, "NEW");
        assert_eq!(gateway.asked("ASSIGNMENT_FAILED").await.len(), 1, "nobody may be offered it");
        let partner = gateway.given_seller("甲").await;
        let ours = gateway.given(shareable("00Q2")).await;
        let theirs = gateway.given(shareable("00Q3").with(lead::origin, "PARTNER")).await;
        let silent = gateway.given(shareable("00Q4").with(lead::consent_to_share, "false")).await;
        gateway.let_job_run(JOB).await;
        gateway.let_job_run(JOB).await;
        assert_eq!(gateway.offers_of(&ours).await, [(partner.id.clone(), "OPEN".to_owned())]);
        for lead in [before, theirs, silent] {
            assert_eq!(gateway.stands(&lead).await.0, "NEW");
        }
    })
    .await;
}

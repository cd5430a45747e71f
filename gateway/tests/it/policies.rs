//! Policies: versions from draft to active, and what they would change before they do.

mod activation;
mod command_line;
mod counted;
mod drafts;
mod dry_runs;
pub mod dump;
mod lease;
mod life;
mod matching_runs;
mod same_effect;
mod town;

use serde_json::{Value, json};

use crate::harness::{Answer, TestGateway};
use domain::access::Role;

/// The built-in precedence policy.
const DEFAULT: &str = mastering::policy::DEFAULT_PRECEDENCE;

/// The built-in precedence policy with one text replaced.
fn with(old: &str, new: &str) -> String {
    assert!(DEFAULT.contains(old), "{old}");
    DEFAULT.replacen(old, new, 1)
}

/// CRM before MA, MA before our own store: as the built-in policy, but for the ranks.
pub fn ma_first() -> String {
    with("CRM = 1\nOWN = 2\nMA = 3", "CRM = 3\nOWN = 2\nMA = 1")
}

impl TestGateway {
    /// A steward drafts a precedence policy.
    async fn drafts(&self, document: &str) -> Answer {
        let input = json!({ "kind": "PRECEDENCE", "document": document, "note": "try" });
        let steward = self.as_staff(Role::DataSteward, "steward");
        steward.change("draftPolicy", input, "policyVersion { id version state author }").await
    }

    /// A version that somebody has approved.
    pub async fn given_approved(&self, document: &str) -> String {
        let id = self.drafts(document).await.text_at("/draftPolicy/policyVersion/id").to_owned();
        let steward = self.as_staff(Role::DataSteward, "steward");
        let state = "policyVersion { state }";
        steward.change("submitPolicy", moved(&id), state).await.data();
        self.as_admin().change("approvePolicy", moved(&id), state).await.data();
        id
    }

    /// An administrator activates a version.
    pub async fn activates(&self, id: &str) -> Answer {
        let effect = "policyVersion { state activatedBy } effect { records recordsChanged
            fields { kind field values reasons } rules { kind before after count }
            writeBacks { system kind field count } }";
        self.as_admin().change("activatePolicy", moved(id), effect).await
    }
}

fn moved(id: &str) -> Value {
    json!({ "policyVersionId": id })
}

//! What an empty store begins with: the configured policies, as versions that nobody had to approve.

use domain::policies::{PolicyKind, PolicyState};
use entity::policies::policy_version;
use mastering::policy::{MatchingPolicy, PrecedencePolicy};

use super::in_force::Policies;
use super::{channel, store};
use crate::error::{Error, Result};
use crate::golden;
use crate::platform::clock::Clock;
use crate::platform::database::Database;

/// Author of what a store begins with.
pub const SYSTEM: &str = "SYSTEM";

/// Gives an empty store the configured policies as its first versions. A configured policy that differs from the
/// active one has no effect: the log says what to do.
pub async fn seed(database: &Database, clock: &Clock, policies: &Policies) -> Result<()> {
    if store::active_ids(database.read()).await?.len() < PolicyKind::ALL.len() {
        let txn = database.begin_write().await?;
        golden::service::wait_for_long_turn(&txn).await?;
        for &kind in PolicyKind::ALL {
            if store::active_of(&txn, kind).await?.is_none() {
                store::insert(&txn, first(policies, clock, kind)?).await?;
            }
        }
        txn.commit().await?;
    }
    for active in store::active(database.read()).await? {
        let configured = configured(policies, active.kind)?;
        if configured.1 != active.version {
            tracing::warn!(
                kind = %active.kind, active = active.version, configured = configured.1,
                "the configured policy is not the active one; put it into force with `gateway policy submit FILE`, \
                 or take it out of the configuration"
            );
        }
    }
    Ok(())
}

fn first(policies: &Policies, clock: &Clock, kind: PolicyKind) -> Result<policy_version::Model> {
    let (document, version) = configured(policies, kind)?;
    let now = clock.now();
    Ok(policy_version::Model {
        id: clock.new_id(),
        kind,
        version,
        document: document.to_owned(),
        state: PolicyState::Active,
        author: SYSTEM.to_owned(),
        note: Some("what the store began with".to_owned()),
        created_at: now,
        submitted_at: None,
        decided_by: None,
        decided_at: None,
        decision_note: None,
        approved_against_id: None,
        activated_by: Some(SYSTEM.to_owned()),
        activated_at: Some(now),
        retired_at: None,
        effect: None,
        approved_dry_run_id: None,
    })
}

/// The configured document of a kind, and its version.
fn configured(policies: &Policies, kind: PolicyKind) -> Result<(&str, String)> {
    let documents = policies.configured();
    Ok(match kind {
        PolicyKind::Precedence => {
            let policy = PrecedencePolicy::parse(&documents.precedence).map_err(Error::internal)?;
            (&documents.precedence, policy.version().to_owned())
        }
        PolicyKind::Matching => {
            let policy = MatchingPolicy::parse(&documents.matching).map_err(Error::internal)?;
            (&documents.matching, policy.version().to_owned())
        }
        PolicyKind::Conflict => {
            let policy = channel::conflict(&documents.conflict).map_err(Error::internal)?;
            (&documents.conflict, policy.version().to_owned())
        }
        PolicyKind::Lifecycle => {
            let policy = channel::lifecycle(&documents.lifecycle).map_err(Error::internal)?;
            (&documents.lifecycle, policy.version.clone())
        }
        PolicyKind::Distribution => {
            let policy = channel::distribution(&documents.distribution).map_err(Error::internal)?;
            (&documents.distribution, policy.version().to_owned())
        }
    })
}

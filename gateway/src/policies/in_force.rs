//! Which versions are in force: asked anew in every transaction that settles, so that every replica goes by an
//! activation from its next transaction on.
//!
//! Documents are read and parsed only when other versions are active than this process saw last.

use std::sync::{Arc, RwLock};

use chrono::{DateTime, Utc};
use domain::conflicts::ConflictPolicy;
use domain::distribution::DistributionPolicy;
use domain::ids::PolicyVersionId;
use domain::lifecycle::LifecyclePolicy;
use domain::policies::PolicyKind;
use entity::policies::policy_version;
use mastering::policy::{MatchingPolicy, PrecedencePolicy};
use sea_orm::ConnectionTrait;

use super::configured::Documents;
use super::{channel, store};
use crate::error::{Error, Result};

/// The rules in force, one version of each kind.
#[derive(Debug, Clone)]
pub struct InForce {
    /// Which value wins.
    pub precedence: Arc<PrecedencePolicy>,
    /// What makes two records one.
    pub matching: Arc<MatchingPolicy>,
    /// Who goes first when several claim one deal.
    pub conflict: Arc<ConflictPolicy>,
    /// Windows and limits of the channel.
    pub lifecycle: Arc<LifecyclePolicy>,
    /// Who may be offered a lead, and in which order.
    pub distribution: Arc<DistributionPolicy>,
    /// The stored versions; `None` where the store has none and the configuration speaks.
    versions: Versions,
}

/// Ids of a version of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Versions {
    precedence: Option<PolicyVersionId>,
    matching: Option<PolicyVersionId>,
    conflict: Option<PolicyVersionId>,
    lifecycle: Option<PolicyVersionId>,
    distribution: Option<PolicyVersionId>,
}

/// Knows the rules in force, as this process last saw them.
#[derive(Debug)]
pub struct Policies {
    configured: Documents,
    seen: RwLock<Arc<InForce>>,
}

impl InForce {
    /// What documents say.
    pub fn of(documents: &Documents) -> Self {
        let precedence = PrecedencePolicy::parse(&documents.precedence);
        let matching = MatchingPolicy::parse(&documents.matching);
        let conflict = channel::conflict(&documents.conflict);
        let lifecycle = channel::lifecycle(&documents.lifecycle);
        let distribution = channel::distribution(&documents.distribution);
        Self {
            precedence: Arc::new(precedence.expect("documents are validated when they are read")),
            matching: Arc::new(matching.expect("documents are validated when they are read")),
            conflict: Arc::new(conflict.expect("documents are validated when they are read")),
            lifecycle: Arc::new(lifecycle.expect("documents are validated when they are read")),
            distribution: Arc::new(distribution.expect("documents are validated when they are read")),
            versions: Versions::default(),
        }
    }

    /// The same rules with this version in the place of its kind.
    pub fn with(&self, version: &policy_version::Model) -> Result<Self> {
        let mut rules = self.clone();
        match version.kind {
            PolicyKind::Precedence => {
                rules.precedence =
                    Arc::new(PrecedencePolicy::parse(&version.document).map_err(Error::internal)?);
                rules.versions.precedence = Some(version.id);
            }
            PolicyKind::Matching => {
                rules.matching = Arc::new(MatchingPolicy::parse(&version.document).map_err(Error::internal)?);
                rules.versions.matching = Some(version.id);
            }
            PolicyKind::Conflict => {
                rules.conflict = Arc::new(channel::conflict(&version.document).map_err(Error::internal)?);
                rules.versions.conflict = Some(version.id);
            }
            PolicyKind::Lifecycle => {
                rules.lifecycle = Arc::new(channel::lifecycle(&version.document).map_err(Error::internal)?);
                rules.versions.lifecycle = Some(version.id);
            }
            PolicyKind::Distribution => {
                let policy = channel::distribution(&version.document).map_err(Error::internal)?;
                rules.distribution = Arc::new(policy);
                rules.versions.distribution = Some(version.id);
            }
        }
        Ok(rules)
    }

    /// The stored version of a kind.
    pub fn version(&self, kind: PolicyKind) -> Option<PolicyVersionId> {
        match kind {
            PolicyKind::Precedence => self.versions.precedence,
            PolicyKind::Matching => self.versions.matching,
            PolicyKind::Conflict => self.versions.conflict,
            PolicyKind::Lifecycle => self.versions.lifecycle,
            PolicyKind::Distribution => self.versions.distribution,
        }
    }
}

impl Default for Policies {
    fn default() -> Self {
        Self::new(Documents::default())
    }
}

impl Policies {
    /// Begins with what the configuration names.
    pub fn new(configured: Documents) -> Self {
        let seen = RwLock::new(Arc::new(InForce::of(&configured)));
        Self { configured, seen }
    }

    /// What an empty store begins with.
    pub(super) fn configured(&self) -> &Documents {
        &self.configured
    }

    /// The rules in force as this transaction sees them. One short statement, unless they have changed.
    pub async fn in_force(&self, db: &impl ConnectionTrait) -> Result<Arc<InForce>> {
        let seen = Arc::clone(&self.seen.read().expect("no holder panics"));
        let active = versions(store::active_ids(db).await?);
        if active == seen.versions {
            return Ok(seen);
        }
        let current = Arc::new(self.read(store::active(db).await?)?);
        // Another transaction may see an older state: it is asked again each time, so any state may stand here.
        *self.seen.write().expect("no holder panics") = Arc::clone(&current);
        Ok(current)
    }

    /// The rules that were in force at an instant. Before the first activation those that were activated first: they
    /// are what the store began with.
    pub async fn in_force_at(&self, db: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Arc<InForce>> {
        let activations = store::activations(db).await?;
        let then: Vec<_> = PolicyKind::ALL.iter().filter_map(|&kind| then(&activations, kind, at)).collect();
        let seen = Arc::clone(&self.seen.read().expect("no holder panics"));
        if versions(then.clone()) == seen.versions {
            return Ok(seen);
        }
        let ids = then.into_iter().map(|(_, id)| id);
        Ok(Arc::new(self.read(store::by_ids(db, ids).await?)?))
    }

    /// The precedence policies in the order in which they came into force; what the configuration says while the store
    /// has none.
    pub(super) async fn precedence_over_time(
        &self,
        db: &impl ConnectionTrait,
    ) -> Result<Vec<(DateTime<Utc>, Arc<PrecedencePolicy>)>> {
        let rows = store::activated(db, PolicyKind::Precedence).await?;
        let begin = (DateTime::UNIX_EPOCH, Arc::clone(&InForce::of(&self.configured).precedence));
        let dated = |row: policy_version::Model| {
            let policy = PrecedencePolicy::parse(&row.document).map_err(Error::internal)?;
            Ok((row.activated_at.unwrap_or(row.created_at), Arc::new(policy)))
        };
        let dated: Vec<_> = rows.into_iter().map(dated).collect::<Result<_>>()?;
        Ok(if dated.is_empty() { vec![begin] } else { dated })
    }

    fn read(&self, rows: Vec<policy_version::Model>) -> Result<InForce> {
        rows.iter().try_fold(InForce::of(&self.configured), |rules, row| rules.with(row))
    }
}

/// The version of a kind that was in force at an instant, of activations in their order.
fn then(
    activations: &[(PolicyKind, PolicyVersionId, DateTime<Utc>)],
    kind: PolicyKind,
    at: DateTime<Utc>,
) -> Option<(PolicyKind, PolicyVersionId)> {
    let of_kind = || activations.iter().filter(|it| it.0 == kind);
    let last = of_kind().rfind(|it| it.2 <= at).or_else(|| of_kind().next());
    last.map(|it| (it.0, it.1))
}

fn versions(active: Vec<(PolicyKind, PolicyVersionId)>) -> Versions {
    let of = |kind| active.iter().find(|it| it.0 == kind).map(|it| it.1);
    Versions {
        precedence: of(PolicyKind::Precedence),
        matching: of(PolicyKind::Matching),
        conflict: of(PolicyKind::Conflict),
        lifecycle: of(PolicyKind::Lifecycle),
        distribution: of(PolicyKind::Distribution),
    }
}

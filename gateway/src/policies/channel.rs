//! The policies of the partner channel: documents of `domain`, under names that tell their text.

use domain::conflicts::ConflictPolicy;
use domain::distribution::DistributionPolicy;
use domain::lifecycle::LifecyclePolicy;
use domain::rule_order::InvalidPolicy;
use mastering::policy::fingerprinted;

/// Who goes first when several claim one deal.
pub(super) fn conflict(document: &str) -> Result<ConflictPolicy, InvalidPolicy> {
    let policy = ConflictPolicy::parse(document)?;
    let version = fingerprinted(policy.version(), document);
    Ok(policy.named(&version))
}

/// Windows and limits of the channel.
pub(super) fn lifecycle(document: &str) -> Result<LifecyclePolicy, InvalidPolicy> {
    let mut policy = LifecyclePolicy::parse(document)?;
    policy.version = fingerprinted(&policy.version, document);
    Ok(policy)
}

/// Who may be offered a lead, and in which order.
pub(super) fn distribution(document: &str) -> Result<DistributionPolicy, InvalidPolicy> {
    let policy = DistributionPolicy::parse(document)?;
    let version = fingerprinted(policy.version(), document);
    Ok(policy.named(&version))
}

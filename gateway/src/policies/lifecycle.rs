//! The windows, grace times and limits of the partner channel that are in force.

use std::sync::LazyLock;

use domain::lifecycle::LifecyclePolicy;

static BUILT_IN: LazyLock<LifecyclePolicy> = LazyLock::new(LifecyclePolicy::default);

/// The policy in force.
pub fn lifecycle() -> &'static LifecyclePolicy {
    &BUILT_IN
}

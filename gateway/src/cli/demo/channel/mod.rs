//! The channel of the demo: partners with all that was agreed with them, the leads they work, the deals they claim, and a year of
//! support: what they were given, what they learned, what they did with it.
//!
//! Everything is done through the use cases, as of days in the months before the demo was begun, and under keys of its own:
//! the next start finds everything in place.

mod beginning;
mod deals;
mod dice;
mod leads;
mod learning;
mod partners;
mod support;
mod usage;

use std::path::Path;

use domain::ids::{PartnerId, PartnerUserId};

use crate::startup::Services;
use beginning::Beginning;
pub(in crate::cli) use partners::agreement;

/// Subject of the demo's channel manager.
pub(super) const CHANNEL_MANAGER: &str = "channel_manager";

/// Whom the demo's tokens speak of.
#[derive(Clone, Copy)]
pub(super) struct Channel {
    /// The first partner.
    pub(super) partner: PartnerId,
    /// Its administrator.
    pub(super) admin: PartnerUserId,
    /// Its representative.
    pub(super) rep: PartnerUserId,
}

/// Enters the channel, as far as that has not been done.
pub(super) async fn prepare(services: &Services, folder: &Path) -> anyhow::Result<Channel> {
    let beginning = Beginning::load_or_make(services, folder).await?;
    let partners = partners::enter(services, &beginning).await?;
    leads::give(&services.context_of("demo"), &partners).await?;
    deals::claim(services, &beginning, &partners).await?;
    let support = support::offer(services, &beginning).await?;
    let lessons = learning::lessons(&beginning, &partners, &support);
    learning::study(services, &beginning, &lessons).await?;
    usage::report(services, &beginning, &partners, (&support, &lessons)).await?;
    let first = partners.first().expect("there are samples");
    Ok(Channel { partner: first.id, admin: first.admin, rep: first.rep })
}

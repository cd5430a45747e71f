//! Who belongs to which group when a figure is split.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::date_in_tokyo;
use domain::ids::PartnerId;
use domain::kpis::catalogue::GroupBy;
use domain::kpis::frame::Frame;

use super::scope::Scope;
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::programs::tiers;
use crate::{partners, territories};

/// The group of those who have none of what is grouped by.
const NONE: &str = "NONE";

/// The group of territories that are not limited to prefectures.
const EVERYWHERE: &str = "EVERYWHERE";

/// The members of each group as it was at the end of the period. A partner may be in several.
pub(super) async fn members(
    ctx: &RequestContext,
    group_by: GroupBy,
    frame: &Frame<'_>,
    scope: &Scope,
) -> Result<BTreeMap<String, BTreeSet<PartnerId>>> {
    let ids: Vec<PartnerId> = frame.partners.iter().map(|it| it.id).collect();
    let (db, at) = (ctx.read(), frame.period.until());
    let mut groups = Groups::default();
    match group_by {
        GroupBy::Partner => ids.iter().for_each(|it| groups.put(it.to_string(), *it)),
        GroupBy::Tier => {
            let held = tiers::held_at(db, &ids, at).await?;
            held.into_iter().for_each(|(partner, tier)| groups.put(tier.code, partner));
        }
        GroupBy::Type => {
            for (partner, types) in partners::measured::types(db, scope.partners()).await? {
                types.iter().for_each(|it| groups.put(it.to_string(), partner));
            }
        }
        GroupBy::Owner => {
            for (subject, partners) in partners::measured::managers(db, scope.partners()).await? {
                partners.into_iter().for_each(|it| groups.put(subject.clone(), it));
            }
        }
        GroupBy::Territory => {
            for held in territories::service::holding_on(db, date_in_tokyo(at)).await? {
                let is_everywhere = held.prefectures.is_empty();
                held.prefectures.iter().for_each(|it| groups.put(it.to_string(), held.partner));
                is_everywhere.then(|| groups.put(EVERYWHERE.to_owned(), held.partner));
            }
        }
        // What is grouped by product are facts, not partners.
        GroupBy::Product => {}
    }
    Ok(groups.complete(&ids))
}

#[derive(Default)]
struct Groups(BTreeMap<String, BTreeSet<PartnerId>>);

impl Groups {
    fn put(&mut self, key: String, partner: PartnerId) {
        self.0.entry(key).or_default().insert(partner);
    }

    /// Without partners that do not count, and with those that are nowhere else.
    fn complete(mut self, partners: &[PartnerId]) -> BTreeMap<String, BTreeSet<PartnerId>> {
        let all: BTreeSet<PartnerId> = partners.iter().copied().collect();
        self.0.values_mut().for_each(|it| it.retain(|it| all.contains(it)));
        self.0.retain(|_, members| !members.is_empty());
        let placed: BTreeSet<PartnerId> = self.0.values().flatten().copied().collect();
        all.difference(&placed).for_each(|it| self.put(NONE.to_owned(), *it));
        self.0
    }
}

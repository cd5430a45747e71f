//! What a draft of the conflict policy would change about the verdicts of all registrations there have been. Writes nothing.

use std::collections::BTreeMap;

use async_graphql::SimpleObject;
use domain::conflicts::{ConflictPolicy, OutcomeKind, Verdict, dry_run};
use domain::ids::RegistrationId;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use super::{store, verdicts};
use crate::error::Result;
use crate::policies::effect::Progress;

/// Registrations judged at once.
const PAGE: u64 = 500;
/// Changed verdicts that are told one by one.
const TOLD: usize = 500;

/// What a policy changes about verdicts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnVerdicts")]
pub struct VerdictFindings {
    /// Registrations whose last verdict was judged again.
    pub judged: i64,
    /// Those whose verdict would be another one.
    pub changed: i64,
    /// How many go from which outcome to which, those that stay included.
    pub shifts: Vec<VerdictShift>,
    /// Which change, in the order of their ids; the first five hundred.
    pub examples: Vec<VerdictChange>,
}

/// How many verdicts go from one outcome to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnOutcome")]
pub struct VerdictShift {
    /// The outcome that was given.
    pub before: OutcomeKind,
    /// The outcome by the version.
    pub after: OutcomeKind,
    /// How many.
    pub count: i64,
}

/// A verdict that would be another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, SimpleObject)]
#[graphql(name = "PolicyEffectOnRegistration")]
pub struct VerdictChange {
    /// The registration, by its global id.
    pub registration_id: String,
    /// The difference, as JSON.
    pub diff: String,
}

/// Judges the facts of the last verdict on each registration by a draft. `watch` hears how many have been judged.
pub async fn foresee(
    db: &impl ConnectionTrait,
    draft: &ConflictPolicy,
    watch: &mut impl Progress,
) -> Result<VerdictFindings> {
    let mut found = VerdictFindings::default();
    let mut shifts: BTreeMap<(OutcomeKind, OutcomeKind), i64> = BTreeMap::new();
    let mut last: Option<RegistrationId> = None;
    loop {
        let rows = store::last_verdicts_after(db, last, PAGE).await?;
        let Some(end) = rows.last() else { break };
        last = Some(end.registration_id);
        let stored: Vec<Verdict> = rows.iter().map(verdicts::read).collect::<Result<_>>()?;
        let page = dry_run(draft, &stored);
        found.judged += i64::try_from(page.judged).unwrap_or(i64::MAX);
        found.changed += i64::try_from(page.changed.len()).unwrap_or(i64::MAX);
        for it in &page.shifts {
            *shifts.entry((it.before, it.after)).or_default() += i64::try_from(it.count).unwrap_or(i64::MAX);
        }
        let room = TOLD.saturating_sub(found.examples.len());
        found.examples.extend(page.changed.iter().take(room).map(|(claim, diff)| VerdictChange {
            registration_id: crate::registrations::service::global_id(RegistrationId(claim.id)),
            diff: serde_json::to_string(diff).expect("codes, ids and instants always serialise"),
        }));
        watch.looked_at(found.judged.unsigned_abs()).await?;
    }
    let shift = |((before, after), count)| VerdictShift { before, after, count };
    found.shifts = shifts.into_iter().map(shift).collect();
    Ok(found)
}

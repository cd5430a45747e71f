//! Golden records as of then: settled again from what was known, and shown as the rows they would have been.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{RowScope, customer_scope};
use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::SourceSystem;
use mastering::golden_record::GoldenRecord;
use mastering::history::{AsOf, Replay};
use mastering::policy::PrecedencePolicy;
use mastering::survivorship::holds::Holds;
use mastering::survivorship::{SourceFacts, resolve};
use rayon::prelude::*;
use sea_orm::{ColumnTrait, ModelTrait, QueryFilter, QuerySelect};

use super::members::{self, Membership};
use super::told::{self, Told};
use crate::error::Result;
use crate::golden::lead_accounts;
use crate::golden::pins;
use crate::golden::references::References;
use crate::golden::served::{Served, Serving};
use crate::platform::context::RequestContext;
use crate::policies::{self, Policies};

/// What `version` is of a record of the past: no change can be based on it.
const NO_VERSION: i32 = 0;

/// A golden record as of then.
#[derive(Debug, Clone)]
pub struct Past<M> {
    /// Its id.
    pub id: GoldenId,
    /// As it would have been served.
    pub row: M,
    /// Its settlements.
    pub then: Then,
    /// How many records of other systems it was made of.
    pub records: usize,
    is_archived: bool,
}

impl<M> Past<M> {
    /// Whether lists showed it: not once every source had deleted it.
    pub fn is_listed(&self) -> bool {
        !self.is_archived
    }
}

/// When a record that is shown stood as it does, and why it did.
#[derive(Debug, Clone)]
pub struct Then {
    /// As of when.
    pub as_of: AsOf,
    /// Its settlements.
    pub golden: Arc<GoldenRecord>,
}

/// A golden record settled as of then.
struct Settled {
    id: GoldenId,
    golden: GoldenRecord,
    records: usize,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
}

/// The golden records of these ids that there were as of then, and whose present the caller sees.
pub(super) async fn past<E: Served>(
    ctx: &RequestContext,
    as_of: AsOf,
    ids: &[GoldenId],
) -> Result<HashMap<GoldenId, Past<E::Model>>> {
    let db = ctx.read();
    let created = shown_today::<E>(ctx, as_of, ids).await?;
    let shown: Vec<GoldenId> = created.keys().copied().collect();
    let memberships = members::begun(db, &shown, as_of.recorded_at).await?;
    let held = memberships.iter().filter(|it| it.holds_at(as_of.recorded_at));
    let records: Vec<SourceRecordId> = held.map(|it| it.source_record_id).collect();
    let told = told::read(db, E::KIND, &records, as_of.recorded_at).await?;
    let policies = policies::service::in_force_at(db, &ctx.shared::<Policies>(), as_of.recorded_at).await?;
    // A hold takes effect when it is made, and ends when it is taken off.
    let held_at = as_of.recorded_at.min(as_of.effective_at);
    let holds = pins::holds_at(db, &shown, held_at).await?;
    let settled = settle(&policies.precedence, E::KIND, as_of, &memberships, (&told, &holds));
    let goldens = || settled.iter().map(|it| &it.golden);
    let references = References::in_force(db, goldens(), members::in_force_at(as_of.recorded_at)).await?;
    let accounts = match E::KIND {
        RecordKind::Lead => lead_accounts::at(db, &shown, as_of.recorded_at).await?,
        _ => HashMap::new(),
    };
    let rows = settled.into_iter().map(|it| {
        let (id, account) = (it.id, accounts.get(&it.id).copied());
        (id, shown_then::<E>(as_of, it, created[&id], &references, account))
    });
    Ok(rows.collect())
}

/// When each of these records was first seen, for those whose present the caller sees: whoever sees a record sees its
/// past. What lost a merge since is seen by whoever sees its survivor.
async fn shown_today<E: Served>(
    ctx: &RequestContext,
    as_of: AsOf,
    ids: &[GoldenId],
) -> Result<BTreeMap<GoldenId, DateTime<Utc>>> {
    let rows: Vec<(GoldenId, DateTime<Utc>, Option<GoldenId>)> = E::find()
        .select_only()
        .columns([E::ID, E::CREATED_AT, E::REDIRECT_TO])
        .filter(E::ID.is_in(ids.iter().copied()))
        .filter(E::CREATED_AT.lte(as_of.recorded_at))
        .into_tuple()
        .all(ctx.read())
        .await?;
    if customer_scope(ctx.caller.identity()) == RowScope::Everything {
        return Ok(rows.into_iter().map(|(id, created_at, _)| (id, created_at)).collect());
    }
    let today = rows.iter().map(|(id, _, survivor)| survivor.unwrap_or(*id));
    let visible: Vec<GoldenId> = E::visible_to(&ctx.caller)
        .filter(E::ID.is_in(today))
        .select_only()
        .column(E::ID)
        .into_tuple()
        .all(ctx.read())
        .await?;
    let seen = rows.into_iter().filter(|(id, _, survivor)| visible.contains(&survivor.unwrap_or(*id)));
    Ok(seen.map(|(id, created_at, _)| (id, created_at)).collect())
}

fn settle(
    policy: &PrecedencePolicy,
    kind: RecordKind,
    as_of: AsOf,
    memberships: &[Membership],
    said: (&HashMap<SourceRecordId, Told>, &HashMap<GoldenId, Holds>),
) -> Vec<Settled> {
    let mut by_golden: BTreeMap<GoldenId, Vec<&Membership>> = BTreeMap::new();
    for membership in memberships {
        by_golden.entry(membership.golden_id).or_default().push(membership);
    }
    tokio::task::block_in_place(|| {
        by_golden
            .into_par_iter()
            .filter_map(|(id, memberships)| settle_one(policy, kind, as_of, id, &memberships, said))
            .collect()
    })
}

/// `None` when no record of it had been seen as of then.
fn settle_one(
    policy: &PrecedencePolicy,
    kind: RecordKind,
    as_of: AsOf,
    id: GoldenId,
    memberships: &[&Membership],
    (told, holds): (&HashMap<SourceRecordId, Told>, &HashMap<GoldenId, Holds>),
) -> Option<Settled> {
    let at = as_of.recorded_at;
    let none = Holds::default();
    let held = memberships.iter().filter(|it| it.holds_at(at));
    let members: Vec<&Told> = held.filter_map(|it| told.get(&it.source_record_id)).collect();
    let (archived_at, replays) = last_lived(&members, as_of)?;
    let facts: Vec<SourceFacts<'_>> = members.iter().zip(&replays).map(facts).collect();
    let told_at = members.iter().filter_map(|it| it.touched_at());
    let touched_at = memberships.iter().map(|it| it.touched_at(at)).chain(told_at);
    Some(Settled {
        id,
        golden: resolve(policy, kind, &facts, holds.get(&id).unwrap_or(&none)),
        records: members.iter().filter(|it| it.key.system != SourceSystem::own()).count(),
        updated_at: touched_at.max()?,
        archived_at,
    })
}

fn facts<'a>((member, replay): (&&'a Told, &'a Replay)) -> SourceFacts<'a> {
    SourceFacts { key: &member.key, states: replay.states(), is_live: replay.is_live() }
}

/// What the members said when at least one of them was last there: as of then while one is, and else just before the
/// last one was deleted, with when that was.
fn last_lived(members: &[&Told], as_of: AsOf) -> Option<(Option<DateTime<Utc>>, Vec<Replay>)> {
    let lives = |as_of: AsOf| {
        let replays: Vec<Replay> = members.iter().map(|it| it.replay(as_of)).collect();
        replays.iter().any(Replay::is_live).then_some(replays)
    };
    if let Some(replays) = lives(as_of) {
        return Some((None, replays));
    }
    let mut instants: Vec<DateTime<Utc>> =
        members.iter().flat_map(|it| &it.observations).map(|it| it.sighting.observed_at).collect();
    instants.sort_unstable();
    instants.dedup();
    instants.into_iter().rev().find_map(|at| {
        let before = AsOf { recorded_at: at - TimeDelta::microseconds(1), ..as_of };
        Some((Some(at), lives(before)?))
    })
}

fn shown_then<E: Served>(
    as_of: AsOf,
    settled: Settled,
    created_at: DateTime<Utc>,
    references: &References,
    account: Option<GoldenId>,
) -> Past<E::Model> {
    let Settled { id, golden, records, updated_at, archived_at } = settled;
    let now = updated_at.max(created_at);
    let mut row = E::row(&Serving { id, golden: &golden, references, account, now });
    row.set(E::VERSION, NO_VERSION.into());
    row.set(E::CREATED_AT, created_at.into());
    row.set(E::ARCHIVED_AT, archived_at.into());
    Past {
        id,
        row,
        then: Then { as_of, golden: Arc::new(golden) },
        records,
        is_archived: archived_at.is_some(),
    }
}

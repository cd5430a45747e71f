//! One look at all records that a request wants fresh.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use async_graphql::ID;
use chrono::{DateTime, TimeDelta, Utc};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::sources::{SourceKey, SourceSystem};
use futures::future::join_all;
use serde_json::json;

use super::age::{self, Seen};
use super::max_age::MaxAge;
use super::refresher::{Fetched, Refresher};
use crate::error::Result;
use crate::golden::loader::RecordRef;
use crate::platform::context::RequestContext;
use crate::platform::graphql::batch::{BatchLoad, Loaded};
use crate::platform::graphql::warnings::Warning;
use crate::sync::sources::Sources;

const NO_ANSWER: &str = "the source gave no readable answer in time; the stored value is served";
const SHARE_IS_USED: &str = "your share of fresh reads is used for this hour; the stored value is served";
/// How long a request waits for sources.
const PATIENCE: Duration = Duration::from_secs(3);

/// What `read` finds for the caller, at most so old: it is read once more when its sources said something newer.
pub async fn fresh<T, Reading>(
    ctx: &RequestContext,
    max_age: Option<MaxAge>,
    read: impl Fn() -> Reading,
    id: impl Fn(&T) -> &ID,
) -> Result<Option<T>>
where
    Reading: Future<Output = Result<Option<T>>>,
{
    let found = read().await?;
    let (Some(max_age), Some(record)) = (max_age, &found) else { return Ok(found) };
    let record = RecordRef::parse(id(record))?;
    let has_changed = ctx.batch::<Freshen>().get(ctx, (record, max_age)).await?.unwrap_or(false);
    if has_changed { read().await } else { Ok(found) }
}

/// Asks the sources about golden records whose mirror is older than that, however often it is asked. Gives the systems that
/// know them, with the instant as of which everything they say of them is known; one that did not answer is left out.
pub async fn look_up(
    ctx: &RequestContext,
    goldens: &[GoldenId],
    age: TimeDelta,
) -> Result<BTreeMap<SourceSystem, DateTime<Utc>>> {
    let seen = age::of_members(ctx, goldens).await?;
    let (too_old, fresh): (Vec<Seen>, Vec<Seen>) = seen.into_iter().partition(|it| ctx.now - it.at > age);
    let fetched = fetch(ctx, &too_old).await;
    let (answered, silent): (Vec<Seen>, Vec<Seen>) =
        too_old.into_iter().partition(|it| fetched.get(&it.key).is_some_and(|it| it.answered));
    let mut as_of: BTreeMap<SourceSystem, DateTime<Utc>> = BTreeMap::new();
    let answered = answered.into_iter().map(|it| (it.key.system, ctx.now));
    for (system, at) in fresh.into_iter().map(|it| (it.key.system, it.at)).chain(answered) {
        as_of.entry(system).and_modify(|it| *it = at.min(*it)).or_insert(at);
    }
    as_of.retain(|system, _| !silent.iter().any(|it| it.key.system == *system));
    Ok(as_of)
}

/// Records and how old they may be; whether they changed.
#[derive(Default)]
struct Freshen;

impl BatchLoad for Freshen {
    type Key = (RecordRef, MaxAge);
    type Value = bool;

    async fn load(ctx: &RequestContext, keys: &[Self::Key]) -> Loaded<Self> {
        let goldens: Vec<GoldenId> = keys.iter().map(|(record, _)| record.id).collect();
        let seen = age::of_members(ctx, &goldens).await?;
        let too_old: Vec<Seen> = seen.into_iter().filter(|it| is_too_old(ctx, it, keys)).collect();
        let (too_old, beyond) = within_share(ctx, too_old);
        let fetched = fetch(ctx, &too_old).await;
        warn(ctx, &too_old, &fetched);
        beyond.iter().for_each(|it| ctx.warnings.add(stale(it, ctx.now, SHARE_IS_USED)));
        let changed: HashSet<GoldenId> = too_old
            .iter()
            .filter(|it| fetched.get(&it.key).is_some_and(|it| it.changed))
            .map(|it| it.golden)
            .collect();
        Ok(keys.iter().map(|key| (*key, changed.contains(&key.0.id))).collect())
    }
}

/// Whether anybody wants the record younger than it is.
fn is_too_old(ctx: &RequestContext, seen: &Seen, keys: &[(RecordRef, MaxAge)]) -> bool {
    let wanted = keys.iter().filter(|(record, _)| record.id == seen.golden).map(|it| it.1).min();
    let least = if ctx.caller.is_staff() { TimeDelta::zero() } else { least_age(ctx) };
    wanted.is_some_and(|it| ctx.now - seen.at > it.length().max(least))
}

/// However fresh a partner wants a record, what was seen so lately is fresh enough.
fn least_age(ctx: &RequestContext) -> TimeDelta {
    let least = ctx.shared::<Refresher>().limits().partner_min_age;
    TimeDelta::from_std(least).unwrap_or(TimeDelta::MAX)
}

/// What the caller may have fetched, and what is beyond its share of the hour.
fn within_share(ctx: &RequestContext, mut too_old: Vec<Seen>) -> (Vec<Seen>, Vec<Seen>) {
    if ctx.caller.is_staff() || too_old.is_empty() {
        return (too_old, Vec::new());
    }
    let partner = ctx.caller.partner.map(|it| it.to_string());
    let who = partner.as_deref().unwrap_or(&ctx.caller.subject);
    let admitted = ctx.shared::<Refresher>().admitted(who, too_old.len(), ctx.now);
    let beyond = too_old.split_off(admitted);
    (too_old, beyond)
}

/// Fetches the records that are too old, each source and kind in one go, as long as a request waits. A record without a
/// configured source is as fresh as it can be.
async fn fetch(ctx: &RequestContext, too_old: &[Seen]) -> HashMap<SourceKey, Fetched> {
    let sources = ctx.shared::<Sources>();
    let mut groups: BTreeMap<(SourceSystem, RecordKind), Vec<SourceKey>> = BTreeMap::new();
    for seen in too_old {
        groups.entry((seen.key.system.clone(), seen.kind)).or_default().push(seen.key.clone());
    }
    let fetches = groups.into_iter().filter_map(|((system, kind), keys)| {
        let source = sources.of_system(&system)?.clone();
        let refresher = ctx.shared::<Refresher>();
        Some(async move {
            let fetch = refresher.fetch(&source.job, kind, keys.clone());
            let late = Fetched { answered: false, changed: false };
            let fetched = tokio::time::timeout(PATIENCE, fetch).await.unwrap_or_default();
            keys.into_iter().map(move |it| (it.clone(), fetched.get(&it).copied().unwrap_or(late)))
        })
    });
    join_all(fetches).await.into_iter().flatten().collect()
}

/// Says which records are older than was wanted, and how old.
fn warn(ctx: &RequestContext, too_old: &[Seen], fetched: &HashMap<SourceKey, Fetched>) {
    for seen in too_old {
        if fetched.get(&seen.key).is_some_and(|it| !it.answered) {
            ctx.warnings.add(stale(seen, ctx.now, NO_ANSWER));
        }
    }
}

fn stale(seen: &Seen, now: DateTime<Utc>, why: &str) -> Warning {
    let id = RecordRef { kind: seen.kind, id: seen.golden }.global_id();
    let age = (now - seen.at).num_seconds();
    Warning {
        code: "STALE",
        message: why.to_owned(),
        detail: json!({ "id": id.as_str(), "asOf": seen.at, "ageSeconds": age }),
    }
}

//! How recent the CRM is that a verdict rests on. When it is too old, the customer is looked up there; when it cannot be
//! asked, the verdict is provisional.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::conflicts::{ConflictPolicy, SourceReading};
use domain::fields::RecordKind;
use domain::ids::GoldenId;
use domain::sources::SourceSystem;
use entity::sync::watermark;
use sea_orm::{ConnectionTrait, EntityTrait};

use super::{accounts, store};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::sync::read_through;
use crate::sync::sources::Sources;

/// What conflicts are judged by.
const KINDS: [RecordKind; 2] = [RecordKind::Account, RecordKind::Opportunity];

/// Systems that answered about a customer, and as of when.
pub type Asked = BTreeMap<SourceSystem, DateTime<Utc>>;

/// Asks those systems about a customer whose mirror is too old. Not to be called while a transaction is open: it takes as long
/// as the systems do.
pub(super) async fn ask(
    ctx: &RequestContext,
    policy: &ConflictPolicy,
    customer: Option<GoldenId>,
) -> Result<Asked> {
    let seen = readings(ctx.read(), ctx, &Asked::new()).await?;
    ask_if_stale(ctx, policy, customer, &seen).await
}

/// The same, for who judges outside of a transaction and has seen how recent each system is: gives how recent it is then.
pub(super) async fn ask_for_readings(
    ctx: &RequestContext,
    policy: &ConflictPolicy,
    customer: Option<GoldenId>,
    seen: Vec<SourceReading>,
) -> Result<Vec<SourceReading>> {
    let asked = ask_if_stale(ctx, policy, customer, &seen).await?;
    match asked.is_empty() {
        true => Ok(seen),
        false => readings(ctx.read(), ctx, &asked).await,
    }
}

async fn ask_if_stale(
    ctx: &RequestContext,
    policy: &ConflictPolicy,
    customer: Option<GoldenId>,
    seen: &[SourceReading],
) -> Result<Asked> {
    let are_fresh = seen.iter().all(|it| it.is_fresh(ctx.now, policy.freshness()));
    let Some(customer) = customer.filter(|_| !are_fresh) else { return Ok(Asked::new()) };
    let near = accounts::around(ctx.read(), &BTreeSet::from([customer]), policy.has_family_scope()).await?;
    let deals = store::direct_opportunities(ctx.read(), &near).await?.into_iter().map(|it| it.id);
    let wanted: Vec<GoldenId> = near.iter().copied().chain(deals).collect();
    read_through::look_up(ctx, &wanted, policy.freshness()).await
}

/// How recent each system is: everything that changed there before its watermark has been read. Our own store is always as
/// recent as can be.
pub(super) async fn readings(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    asked: &Asked,
) -> Result<Vec<SourceReading>> {
    let mut watermarks: BTreeMap<SourceSystem, DateTime<Utc>> = BTreeMap::new();
    let rows = watermark::Entity::find().all(db).await?;
    let sources = ctx.shared::<Sources>();
    let mut configured = sources.iter().peekable();
    if configured.peek().is_none() {
        // A process without sources goes by what others have read.
        for row in rows {
            let at = row.checked_at.unwrap_or(DateTime::UNIX_EPOCH);
            watermarks.entry(row.system).and_modify(|it| *it = at.min(*it)).or_insert(at);
        }
    } else {
        for source in configured {
            let connector = &source.job.connector;
            let objects = KINDS.iter().filter_map(|kind| connector.object(*kind).ok());
            let checked = |object: &str| {
                let of = rows.iter().find(|it| it.system == *connector.system() && it.object == object);
                of.and_then(|it| it.checked_at).unwrap_or(DateTime::UNIX_EPOCH)
            };
            if let Some(oldest) = objects.map(checked).min() {
                watermarks.insert(connector.system().clone(), oldest);
            }
        }
    }
    watermarks.insert(SourceSystem::own(), ctx.now);
    let reading = |(system, watermark): (SourceSystem, DateTime<Utc>)| SourceReading {
        looked_up_at: asked.get(&system).copied(),
        system: system.code().to_owned(),
        watermark,
    };
    Ok(watermarks.into_iter().map(reading).collect())
}

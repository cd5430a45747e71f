//! Giving content to partners, by hand or by rule, and taking it back.
//!
//! A partner is given the version of an asset that is current in its language, and nothing twice: giving the same again changes
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::calendar::date_in_tokyo;
use domain::enablement::{
    Assignment, AssignmentRule, PartnerProfile, Planned, SupportPackage, current_version, plan,
};
use domain::ids::{AssetVersionId, AssignmentId, EnablementAssetId, PartnerId, SupportPackageId};
use domain::partners::PartnerStatus;
use domain::review::Reason;
use domain::territories::Prefecture;
use entity::enablement::support_assignment::Model;
use entity::partners::partner;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::content::version_fact;
use super::service::{EnablementRefusal, MOST_DAYS, MOST_ITEMS};
use super::{access, store};
use crate::error::{NotFound, Result};
use crate::partners;
use crate::platform::audit::{self, AuditEvent};
use crate::platform::context::RequestContext;
use crate::platform::database::split_codes;
use crate::platform::idempotency::Once;
use crate::programs::tiers::held_at;
use crate::territories::service::relevant_on;

/// What is given.
#[derive(Debug, Clone)]
pub enum Content {
    /// All of a package.
    Package(SupportPackageId),
    /// These.
    Assets(Vec<EnablementAssetId>),
}

/// Content for one partner.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// To whom.
    pub partner: PartnerId,
    /// What.
    pub content: Content,
    /// By when it is to be consumed.
    pub due_at: Option<DateTime<Utc>>,
}

/// The better of all tiers: no gate keeps it out.
const ABOVE_ALL: Option<u32> = Some(0);

/// Gives content to one partner. Answers what the partner has of it now.
pub async fn assign(ctx: &RequestContext, wanted: Wanted) -> Result<Vec<Model>> {
    ctx.caller.require(Permission::ManageEnablement)?;
    let txn = ctx.begin().await?;
    let partner = partners::service::find_in(&txn, ctx, wanted.partner).await?.ok_or(NotFound("partner"))?;
    partners::guards::require_own_set(&txn, ctx, partner.id).await?;
    let catalogue = Catalogue::read(&txn, &wanted.content).await?;
    let package = catalogue.package(&partner.locale, ctx.now);
    if package.versions.len() < catalogue.assets.len() {
        return Err(EnablementRefusal::AssetWithoutVersion.into());
    }
    let tiers = held_at(&txn, &[partner.id], ctx.now).await?;
    for version in &package.versions {
        version.gate.check(tiers.get(&partner.id).map(|it| it.rank))?;
    }
    let profiles = profiles(&txn, ctx, std::slice::from_ref(&partner), &catalogue).await?;
    let mut planned = plan(&AssignmentRule::default(), &package, &profiles, ctx.now);
    planned.iter_mut().for_each(|it| it.due_at = wanted.due_at);
    write(&txn, ctx, catalogue.package_id, planned).await?;
    let versions = package.versions.iter().map(|it| it.id).collect();
    let given = store::given(&txn, &[partner.id], &versions).await?;
    txn.commit().await?;
    Ok(given)
}

/// Gives a package to every active partner of the caller's set that a rule means. Answers how many assignments that made.
pub async fn assign_by_rule(
    ctx: &RequestContext,
    package: SupportPackageId,
    rule: &AssignmentRule,
) -> Result<usize> {
    ctx.caller.require(Permission::ManageEnablement)?;
    if rule.due_in_days.is_some_and(|it| it > MOST_DAYS) {
        return Err(EnablementRefusal::SupportDueTooFar.into());
    }
    let txn = ctx.begin().await?;
    let catalogue = Catalogue::read(&txn, &Content::Package(package)).await?;
    let mut partners = partners::service::own_set(&txn, ctx).await?;
    partners.retain(|it| it.status == PartnerStatus::Active);
    let profiles = profiles(&txn, ctx, &partners, &catalogue).await?;
    let mut readers: BTreeMap<&str, Vec<PartnerProfile>> = BTreeMap::new();
    for (partner, profile) in partners.iter().zip(profiles) {
        readers.entry(&partner.locale).or_default().push(profile);
    }
    let mut planned = Vec::new();
    for (locale, profiles) in readers {
        planned.extend(plan(rule, &catalogue.package(locale, ctx.now), &profiles, ctx.now));
    }
    let count = planned.len();
    write(&txn, ctx, Some(package), planned).await?;
    txn.commit().await?;
    Ok(count)
}

/// Takes an assignment back; what was consumed stays.
pub async fn cancel(
    ctx: &RequestContext,
    key: Option<&str>,
    id: AssignmentId,
    reason: Reason,
) -> Result<Model> {
    use entity::enablement::support_assignment::Column;
    use sea_orm::ColumnTrait as _;
    ctx.caller.require(Permission::ManageEnablement)?;
    let once = Once::new(key, "cancelSupportAssignment", &(id, &reason))?;
    let txn = ctx.begin().await?;
    let seen = access::assignments_visible_to(&ctx.caller).filter(Column::Id.eq(id)).one(&txn).await?;
    partners::guards::require_own_set(&txn, ctx, seen.ok_or(NotFound("assignment"))?.partner_id).await?;
    let row = store::lock_assignment(&txn, id).await?.ok_or(NotFound("assignment"))?;
    if once.earlier::<AssignmentId>(&txn, ctx).await?.is_some() {
        return Ok(row);
    }
    let mut assignment = fact(&row);
    assignment.cancel(ctx.now)?;
    let row = Model {
        cancelled_at: assignment.cancelled_at,
        cancelled_by: Some(ctx.caller.subject.clone()),
        cancel_reason: Some(reason.as_str().to_owned()),
        ..row
    };
    let row = store::replace_assignment(&txn, row).await?;
    audited(&txn, ctx, "enablement.cancelAssignment", id, json!({})).await?;
    once.remember(&txn, ctx, id).await?;
    txn.commit().await?;
    Ok(row)
}

/// Assets that are given together, with every version of each.
struct Catalogue {
    package_id: Option<SupportPackageId>,
    assets: Vec<EnablementAssetId>,
    versions: BTreeMap<EnablementAssetId, Vec<domain::enablement::AssetVersion>>,
}

impl Catalogue {
    async fn read(db: &impl ConnectionTrait, content: &Content) -> Result<Self> {
        let (package_id, assets) = match content {
            Content::Assets(assets) => (None, assets.clone()),
            Content::Package(id) => {
                store::package(db, *id).await?.ok_or(NotFound("package"))?;
                let items = store::items(db, &[*id]).await?;
                (Some(*id), items.into_iter().map(|it| it.asset_id).collect())
            }
        };
        if assets.is_empty() || assets.len() > MOST_ITEMS {
            return Err(EnablementRefusal::PackageSize.into());
        }
        let mut versions: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (version, asset) in store::versions_of(db, &assets).await? {
            if asset.retired_at.is_none() {
                versions.entry(asset.id).or_default().push(version_fact(&version, asset.kind));
            }
        }
        Ok(Self { package_id, assets, versions })
    }

    /// The version of each asset that somebody of this language is given.
    fn package(&self, locale: &str, now: DateTime<Utc>) -> SupportPackage {
        let own = locale.split(['-', '_']).next().unwrap_or_default();
        let languages = [own, "ja", "en"];
        let current = |asset: &EnablementAssetId| {
            current_version(self.versions.get(asset)?, &languages, ABOVE_ALL, now).cloned()
        };
        SupportPackage { versions: self.assets.iter().filter_map(current).collect() }
    }
}

/// What rules ask about partners. Nobody has an engagement score here yet: a rule that asks for one means nobody.
async fn profiles(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    partners: &[partner::Model],
    catalogue: &Catalogue,
) -> Result<Vec<PartnerProfile>> {
    let ids: Vec<PartnerId> = partners.iter().map(|it| it.id).collect();
    let tiers = held_at(db, &ids, ctx.now).await?;
    let versions: BTreeSet<AssetVersionId> = catalogue.versions.values().flatten().map(|it| it.id).collect();
    let mut given: BTreeMap<PartnerId, BTreeSet<AssetVersionId>> = BTreeMap::new();
    for row in store::given(db, &ids, &versions).await? {
        given.entry(row.partner_id).or_default().insert(row.asset_version_id);
    }
    let mut prefectures = prefectures(db, ctx, &ids).await?;
    let profile = |it: &partner::Model| {
        Ok(PartnerProfile {
            id: it.id,
            types: split_codes(&it.types)?,
            tier_rank: tiers.get(&it.id).map(|it| it.rank),
            score: None,
            prefectures: prefectures.remove(&it.id).unwrap_or_default(),
            given: given.remove(&it.id).unwrap_or_default(),
        })
    };
    partners.iter().map(profile).collect()
}

/// The prefectures of each partner's territories today; a territory without any is of all.
async fn prefectures(
    db: &impl ConnectionTrait,
    ctx: &RequestContext,
    partners: &[PartnerId],
) -> Result<BTreeMap<PartnerId, BTreeSet<String>>> {
    let mut found: BTreeMap<PartnerId, BTreeSet<String>> = BTreeMap::new();
    for territory in relevant_on(db, partners, date_in_tokyo(ctx.now)).await? {
        let of = found.entry(territory.partner).or_default();
        match territory.prefectures.is_empty() {
            true => of.extend(Prefecture::all().map(|it| it.to_string())),
            false => of.extend(territory.prefectures.iter().map(ToString::to_string)),
        }
    }
    Ok(found)
}

async fn write(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    package: Option<SupportPackageId>,
    planned: Vec<Planned>,
) -> Result<()> {
    let detail = json!({ "package": package, "assignments": planned.len() });
    let new = |it: Planned| row(ctx, (it.partner, it.version), package, it.due_at);
    store::insert_assignments(txn, planned.into_iter().map(new).collect()).await?;
    audited(txn, ctx, "enablement.assign", package.map_or(Uuid::nil(), Into::into), detail).await
}

/// A new assignment.
pub(super) fn row(
    ctx: &RequestContext,
    (partner_id, asset_version_id): (PartnerId, AssetVersionId),
    package_id: Option<SupportPackageId>,
    due_at: Option<DateTime<Utc>>,
) -> Model {
    Model {
        id: ctx.clock.new_id(),
        partner_id,
        asset_version_id,
        package_id,
        assigned_at: ctx.now,
        assigned_by: ctx.caller.subject.clone(),
        due_at,
        delivered_at: None,
        opened_at: None,
        consumed_at: None,
        cancelled_at: None,
        cancelled_by: None,
        cancel_reason: None,
        stale_since: None,
    }
}

/// An assignment as rules see it.
pub(super) fn fact(row: &Model) -> Assignment {
    Assignment {
        id: row.id,
        partner: row.partner_id,
        version: row.asset_version_id,
        assigned_at: row.assigned_at,
        due_at: row.due_at,
        delivered_at: row.delivered_at,
        opened_at: row.opened_at,
        consumed_at: row.consumed_at,
        acted_at: None,
        cancelled_at: row.cancelled_at,
    }
}

/// Writes down who did it.
pub(super) async fn audited(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    action: &'static str,
    target: impl Into<Uuid>,
    detail: Value,
) -> Result<()> {
    let event = AuditEvent { action, target_kind: "Enablement", target_id: target.into(), detail };
    audit::record(txn, ctx, event).await
}

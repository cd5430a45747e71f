//! What the demo's partners are given to sell with: content in packages, and courses.

use std::collections::BTreeMap;

use anyhow::Context as _;
use domain::enablement::{AssetKind, AssignmentRule, OwnerDepartment};
use domain::ids::{AssetVersionId, CourseId, EnablementAssetId};
use domain::training::CourseMode;
use entity::enablement::asset_version;
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Deserialize;

use super::beginning::Beginning;
use crate::enablement::jobs;
use crate::enablement::service::{self as enablement, PackageDetails, VersionDetails};
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::startup::Services;
use crate::training::service::{self as training, CourseDetails};

const SUPPORT: &str = include_str!("support.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    assets: Vec<Asset>,
    packages: Vec<Package>,
    courses: Vec<Course>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asset {
    key: String,
    kind: AssetKind,
    department: OwnerDepartment,
    title: String,
    tags: Vec<String>,
    body: String,
    lowest_tier_rank: Option<u32>,
    published: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    key: String,
    name_ja: String,
    name_en: String,
    assets: Vec<String>,
    assigned: u64,
    due_in_days: u32,
    #[serde(default)]
    tier_ranks: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Course {
    code: String,
    title_ja: String,
    title_en: String,
    mode: CourseMode,
    pass_mark: u32,
    validity_months: u32,
    holders_needed: Option<u32>,
    builds_on: Option<String>,
    lowest_visits: u32,
}

/// What there is to use.
pub(super) struct Support {
    pub(super) published: Vec<Published>,
    pub(super) courses: Vec<Offered>,
}

/// A version of an asset that partners use.
pub(super) struct Published {
    pub(super) kind: AssetKind,
    pub(super) version: AssetVersionId,
    pub(super) is_gated: bool,
    pub(super) days_ago: u64,
}

/// A course, and how often people come who take it.
pub(super) struct Offered {
    pub(super) id: CourseId,
    pub(super) code: String,
    pub(super) pass_mark: u32,
    pub(super) lowest_visits: u32,
}

/// Publishes the content, gives it to partners and offers the courses.
pub(super) async fn offer(services: &Services, beginning: &Beginning) -> anyhow::Result<Support> {
    let plan: Plan = toml::from_str(SUPPORT)?;
    let then = |days_ago| beginning.context(services, (beginning.within(days_ago), 0), Caller::operator());
    let (mut assets, mut published) = (BTreeMap::new(), Vec::new());
    for asset in plan.assets {
        let (kind, days_ago) = (asset.kind, beginning.within(asset.published));
        let (key, is_gated, ctx) = (asset.key.clone(), asset.lowest_tier_rank.is_some(), then(days_ago));
        let id = publish(&ctx, asset).await.with_context(|| format!("asset {key}"))?;
        assets.insert(key, id);
        published.push(Published { kind, version: version_of(&ctx, id).await?, is_gated, days_ago });
    }
    for package in plan.packages {
        give(&then(package.assigned), &assets, package).await?;
    }
    Ok(Support { published, courses: offer_courses(&then(beginning.since), plan.courses).await? })
}

async fn publish(ctx: &RequestContext, asset: Asset) -> anyhow::Result<EnablementAssetId> {
    let details = VersionDetails {
        language: "ja".to_owned(),
        title: asset.title.parse()?,
        tags: asset.tags.iter().map(|it| it.parse()).collect::<Result<_, _>>()?,
        body: Some(asset.body.parse()?),
        location: None,
        lowest_tier_rank: asset.lowest_tier_rank,
        valid_until: None,
    };
    let key = format!("demo/asset/{}", asset.key);
    Ok(enablement::create(ctx, Some(&key), (asset.kind, asset.department), details).await?.id)
}

async fn version_of(ctx: &RequestContext, asset: EnablementAssetId) -> anyhow::Result<AssetVersionId> {
    use asset_version::{Column, Entity};
    let first = Entity::find().filter(Column::AssetId.eq(asset)).filter(Column::Number.eq(1));
    Ok(first.one(ctx.read()).await?.context("an asset begins with a version")?.id)
}

async fn give(
    ctx: &RequestContext,
    assets: &BTreeMap<String, EnablementAssetId>,
    package: Package,
) -> anyhow::Result<()> {
    let details = PackageDetails {
        name_ja: package.name_ja.parse()?,
        name_en: Some(package.name_en.parse()?),
        assets: package.assets.iter().filter_map(|it| assets.get(it)).copied().collect(),
    };
    let key = format!("demo/package/{}", package.key);
    let id = enablement::create_package(ctx, Some(&key), details).await?.id;
    let rule = AssignmentRule {
        tier_ranks: package.tier_ranks.into_iter().collect(),
        due_in_days: Some(package.due_in_days),
        ..AssignmentRule::default()
    };
    enablement::assign_by_rule(ctx, id, &rule).await?;
    Ok(jobs::do_due(ctx).await?)
}

async fn offer_courses(ctx: &RequestContext, courses: Vec<Course>) -> anyhow::Result<Vec<Offered>> {
    let mut offered: Vec<Offered> = Vec::new();
    for course in courses {
        let before = |it: &&Offered| Some(&it.code) == course.builds_on.as_ref();
        let details = CourseDetails {
            code: course.code.parse()?,
            title_ja: course.title_ja.parse()?,
            title_en: Some(course.title_en.parse()?),
            mode: course.mode,
            prerequisites: offered.iter().filter(before).map(|it| it.id).collect(),
            pass_mark: Some(Decimal::from(course.pass_mark)),
            max_attempts: None,
            validity_months: Some(course.validity_months),
            holders_needed: course.holders_needed,
        };
        let id = training::create(ctx, Some(&format!("demo/course/{}", course.code)), details).await?.id;
        let Course { code, pass_mark, lowest_visits, .. } = course;
        offered.push(Offered { id, code, pass_mark, lowest_visits });
    }
    Ok(offered)
}

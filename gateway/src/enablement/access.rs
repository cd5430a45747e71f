//! Which content and which assignments a caller sees, as conditions in SQL.

use domain::access::{RowScope, customer_scope};
use domain::ids::PartnerId;
use entity::enablement::{asset_version, enablement_asset, support_assignment, support_package};
use sea_orm::sea_query::{Condition, Expr, Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::error::Result;
use crate::leads;
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::programs::tiers::held_at;

/// The versions a caller sees: the vendor's people all; a partner's those that are valid now and open to its tier, and those
/// that it was given.
pub(super) async fn versions_visible_to(ctx: &RequestContext) -> Result<Select<asset_version::Entity>> {
    let all = asset_version::Entity::find();
    Ok(match customer_scope(ctx.caller.identity()) {
        RowScope::Everything | RowScope::ManagedBy(_) => all,
        RowScope::OfPartner(partner) | RowScope::OfPartnerUser(partner, _) => {
            let given = asset_version::Column::Id.in_subquery(given_to(partner));
            all.filter(Condition::any().add(given).add(offered_to(ctx, partner).await?))
        }
        RowScope::Nothing => all.filter(Expr::value(false)),
    })
}

/// The assets of which a caller sees a version.
pub(super) async fn assets_visible_to(ctx: &RequestContext) -> Result<Select<enablement_asset::Entity>> {
    let versions = versions_visible_to(ctx).await?.select_only().column(asset_version::Column::AssetId);
    let seen = enablement_asset::Column::Id.in_subquery(versions.into_query());
    Ok(enablement_asset::Entity::find().filter(seen))
}

/// The assignments a caller sees: everybody at a partner the partner's, channel managers those of the partners they manage.
pub(super) fn assignments_visible_to(caller: &Caller) -> Select<support_assignment::Entity> {
    use support_assignment::Column::PartnerId;
    let scope = match customer_scope(caller.identity()) {
        RowScope::Everything => Condition::all(),
        RowScope::ManagedBy(subject) => {
            Condition::all().add(PartnerId.in_subquery(leads::access::managed_by(&subject)))
        }
        RowScope::OfPartner(partner) | RowScope::OfPartnerUser(partner, _) => {
            Condition::all().add(PartnerId.eq(partner))
        }
        RowScope::Nothing => Condition::all().add(Expr::value(false)),
    };
    support_assignment::Entity::find().filter(scope)
}

/// The packages a caller sees: the vendor's people all, a partner's those that it was given something of.
pub(super) fn packages_visible_to(caller: &Caller) -> Select<support_package::Entity> {
    let all = support_package::Entity::find();
    if caller.is_staff() {
        return all;
    }
    let of_own = assignments_visible_to(caller).select_only().column(support_assignment::Column::PackageId);
    let of_own = of_own.filter(support_assignment::Column::PackageId.is_not_null());
    all.filter(support_package::Column::Id.in_subquery(of_own.into_query()))
}

fn given_to(partner: PartnerId) -> SelectStatement {
    use support_assignment::{Column, Entity};
    Query::select()
        .column(Column::AssetVersionId)
        .from(Entity)
        .and_where(Column::PartnerId.eq(partner))
        .and_where(Column::CancelledAt.is_null())
        .take()
}

async fn offered_to(ctx: &RequestContext, partner: PartnerId) -> Result<Condition> {
    use asset_version::Column;
    let tiers = held_at(ctx.read(), &[partner], ctx.now).await?;
    let rank = tiers.get(&partner).map(|it| Column::LowestTierRank.gte(it.rank));
    let is_open = Condition::any().add(Column::LowestTierRank.is_null()).add_option(rank);
    let lasts = Condition::any().add(Column::ValidUntil.is_null()).add(Column::ValidUntil.gt(ctx.now));
    let retired = Query::select()
        .column(enablement_asset::Column::Id)
        .from(enablement_asset::Entity)
        .and_where(enablement_asset::Column::RetiredAt.is_not_null())
        .take();
    let begun = Condition::all().add(Column::ValidFrom.lte(ctx.now));
    Ok(begun.add(is_open).add(lasts).add(Column::AssetId.not_in_subquery(retired)))
}

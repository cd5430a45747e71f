//! Batched reads of conflicts for nested fields.

use std::collections::HashMap;

use domain::ids::{ConflictId, GoldenId, RegistrationId, VerdictId};
use entity::conflicts::{channel_conflict, conflict_party, conflict_verdict, installed_product};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};

use super::accounts::{self, Customers};
use super::store;
use crate::platform::context::RequestContext;
use crate::platform::database::among;
use crate::platform::graphql::batch::{BatchLoad, Loaded, each_by, groups_by};

/// Verdicts by id, of what the caller was shown already.
#[derive(Default)]
pub struct VerdictById;

/// The newest conflict that the claim of a registration, which the caller was shown already, is part of.
#[derive(Default)]
pub struct ConflictOfRegistration;

/// Who is part of a conflict.
#[derive(Default)]
pub struct PartiesOfConflict;

/// The products that an account runs, also under ids that lead to it now.
#[derive(Default)]
pub struct InstalledOnAccount;

impl BatchLoad for VerdictById {
    type Key = VerdictId;
    type Value = conflict_verdict::Model;

    async fn load(ctx: &RequestContext, ids: &[VerdictId]) -> Loaded<Self> {
        use conflict_verdict::{Column, Entity};
        let rows = Entity::find().filter(among(ctx.read(), Column::Id, ids.iter().copied()));
        Ok(each_by(rows.all(ctx.read()).await?, |it| it.id))
    }
}

impl BatchLoad for ConflictOfRegistration {
    type Key = RegistrationId;
    type Value = channel_conflict::Model;

    async fn load(ctx: &RequestContext, ids: &[RegistrationId]) -> Loaded<Self> {
        let claims = among(ctx.read(), conflict_party::Column::ClaimId, ids.iter().map(|it| it.0));
        let parties = conflict_party::Entity::find().filter(claims).all(ctx.read()).await?;
        let conflicts = parties.iter().map(|it| it.conflict_id);
        let rows = channel_conflict::Entity::find()
            .filter(among(ctx.read(), channel_conflict::Column::Id, conflicts))
            .order_by_asc(channel_conflict::Column::Id)
            .all(ctx.read())
            .await?;
        let mut newest = HashMap::new();
        for row in rows {
            for party in parties.iter().filter(|it| it.conflict_id == row.id) {
                newest.insert(RegistrationId(party.claim_id), row.clone());
            }
        }
        Ok(newest)
    }
}

impl BatchLoad for PartiesOfConflict {
    type Key = ConflictId;
    type Value = Vec<conflict_party::Model>;

    async fn load(ctx: &RequestContext, ids: &[ConflictId]) -> Loaded<Self> {
        Ok(groups_by(store::parties(ctx.read(), ids).await?, |it| it.conflict_id))
    }
}

impl BatchLoad for InstalledOnAccount {
    type Key = GoldenId;
    type Value = Vec<installed_product::Model>;

    async fn load(ctx: &RequestContext, ids: &[GoldenId]) -> Loaded<Self> {
        let near = accounts::around(ctx.read(), &ids.iter().copied().collect(), false).await?;
        let customers = Customers::of(ctx.read(), &near).await?;
        let rows = store::installed_on(ctx.read(), &near).await?;
        Ok(groups_by(rows, |it| customers.now(it.account_id)))
    }
}

//! What judging conflicts asks of registrations, and what it notes about them.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{GoldenId, RegistrationId, VerdictId};
use domain::registrations::{ClaimFinding, RegistrationStatus, RejectCode};
use entity::registrations::deal_registration::{Column, Entity, Model};
use entity::registrations::{registration_doubt, registration_key};
use mastering::matching::blocking::BlockingKey;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::submission::take_turn;
use super::{company, store};
use crate::error::Result;
use crate::platform::context::RequestContext;
use crate::platform::database::{among, lists};

/// Where a registration is a claim.
const CLAIMS: [RegistrationStatus; 4] = [
    RegistrationStatus::Submitted,
    RegistrationStatus::UnderReview,
    RegistrationStatus::Returned,
    RegistrationStatus::Approved,
];

/// What is decided about one claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// By which verdict.
    pub verdict: VerdictId,
    /// What it says.
    pub finding: ClaimFinding,
    /// Why the claim does not go first, if so.
    pub code: Option<RejectCode>,
}

/// Whether any registration is a claim: most stores have none, and ask no further.
pub async fn any_claim(db: &impl ConnectionTrait) -> Result<bool> {
    let any = Entity::find().select_only().column(Column::Id).filter(Column::Status.is_in(CLAIMS)).limit(1);
    Ok(any.into_tuple::<RegistrationId>().one(db).await?.is_some())
}

/// The claims on these customers, those that were won included.
pub async fn on(db: &impl ConnectionTrait, customers: &BTreeSet<GoldenId>) -> Result<Vec<Model>> {
    let claims = Entity::find()
        .filter(among(db, Column::ClaimedId, customers.iter().copied()))
        .filter(Column::Status.is_in(CLAIMS.into_iter().chain([RegistrationStatus::Won])));
    Ok(claims.order_by_asc(Column::Id).all(db).await?)
}

/// The open claims that may be about these customers.
pub async fn doubting(db: &impl ConnectionTrait, customers: &BTreeSet<GoldenId>) -> Result<Vec<Model>> {
    use registration_doubt::Column as Of;
    let doubting = Query::select()
        .column(Of::RegistrationId)
        .from(registration_doubt::Entity)
        .and_where(among(db, Of::PossibleId, customers.iter().copied()))
        .take();
    let claims = Entity::find().filter(Column::Id.in_subquery(doubting)).filter(Column::Status.is_in(CLAIMS));
    Ok(claims.order_by_asc(Column::Id).all(db).await?)
}

/// What else the companies of these registrations may be.
pub async fn doubts_of(
    db: &impl ConnectionTrait,
    ids: &[RegistrationId],
) -> Result<BTreeMap<RegistrationId, BTreeSet<GoldenId>>> {
    use registration_doubt::Column as Of;
    let mut doubts: BTreeMap<RegistrationId, BTreeSet<GoldenId>> = BTreeMap::new();
    for list in lists(db, ids) {
        let rows = registration_doubt::Entity::find().filter(list.holds(Of::RegistrationId));
        for row in rows.all(db).await? {
            doubts.entry(row.registration_id).or_default().insert(row.possible_id);
        }
    }
    Ok(doubts)
}

/// Claims whose company has one of these keys.
pub async fn under(
    db: &impl ConnectionTrait,
    keys: &BTreeSet<BlockingKey>,
) -> Result<BTreeSet<RegistrationId>> {
    use registration_key::Column as Of;
    let keys: Vec<i64> = keys.iter().map(|it| it.0).collect();
    let mut found = BTreeSet::new();
    for list in lists(db, &keys) {
        let under = registration_key::Entity::find().select_only().column(Of::RegistrationId).distinct();
        found.extend(under.filter(list.holds(Of::Key)).into_tuple::<RegistrationId>().all(db).await?);
    }
    Ok(found)
}

/// Open claims by a column that names golden records.
pub async fn naming(
    db: &impl ConnectionTrait,
    column: Column,
    ids: &[GoldenId],
) -> Result<BTreeSet<RegistrationId>> {
    let mut found = BTreeSet::new();
    for list in lists(db, ids) {
        let naming = Entity::find().select_only().column(Column::Id).filter(list.holds(column));
        let open = naming.filter(Column::Status.is_in(CLAIMS));
        found.extend(open.into_tuple::<RegistrationId>().all(db).await?);
    }
    Ok(found)
}

/// Open claims about which this was found.
pub async fn found(db: &impl ConnectionTrait, finding: ClaimFinding, limit: u64) -> Result<Vec<Model>> {
    let found = Entity::find().filter(Column::Finding.eq(finding)).filter(Column::Status.is_in(CLAIMS));
    Ok(found.order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// Registrations by id.
pub async fn by_ids(db: &impl ConnectionTrait, ids: &[RegistrationId]) -> Result<Vec<Model>> {
    let mut found = Vec::new();
    for list in lists(db, ids) {
        found.extend(Entity::find().filter(list.holds(Column::Id)).all(db).await?);
    }
    Ok(found)
}

/// A registration in its turn: locked, and connected with the account that its company is now. What was approved keeps its
/// account until its company surely is another one: a protection does not end with a doubt.
pub async fn in_turn(txn: &DatabaseTransaction, ctx: &RequestContext, seen: &Model) -> Result<Model> {
    let (mut row, meant) = take_turn(txn, ctx, seen).await?;
    if row.status == RegistrationStatus::Approved && row.account_id.is_some() && meant.account.is_none() {
        return Ok(row);
    }
    let before = row.clone();
    company::put(&mut row, &meant);
    if row.claimed_id != before.claimed_id || row.account_id != before.account_id {
        row = store::replace(txn, row).await?;
    }
    store::put_doubts(txn, row.id, &meant.possible).await?;
    Ok(row)
}

/// Notes what is decided about a claim.
pub async fn note_finding(txn: &DatabaseTransaction, id: RegistrationId, found: Finding) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::VerdictId, Expr::value(found.verdict))
        .col_expr(Column::Finding, Expr::value(found.finding))
        .col_expr(Column::FindingCode, Expr::value(found.code))
        .filter(Column::Id.eq(id))
        .exec(txn)
        .await?;
    Ok(())
}

/// All open claims, or those of some partners.
pub async fn open_claims(
    db: &impl ConnectionTrait,
    partners: Option<&[domain::ids::PartnerId]>,
) -> Result<BTreeSet<RegistrationId>> {
    let mut open = Entity::find().select_only().column(Column::Id).filter(Column::Status.is_in(CLAIMS));
    if let Some(partners) = partners {
        open = open.filter(among(db, Column::PartnerId, partners.iter().copied()));
    }
    Ok(open.into_tuple::<RegistrationId>().all(db).await?.into_iter().collect())
}

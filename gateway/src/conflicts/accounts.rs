//! What is known of the customers of claims: what they are called now, their families, where they are, and to whom they are
//! reserved.

use std::collections::{BTreeMap, BTreeSet};

use domain::conflicts::{Observed, Party};
use domain::ids::GoldenId;
use domain::territories::{Industry, Prefecture};
use entity::accounts::golden_account::{Column, Entity, Model};
use entity::conflicts::account_reservation;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter};

use crate::error::Result;
use crate::platform::database::{among, lists};
use crate::territories::place;

/// Customers by every id that leads to them.
#[derive(Debug, Default)]
pub(super) struct Customers {
    rows: BTreeMap<GoldenId, Model>,
    redirects: BTreeMap<GoldenId, GoldenId>,
}

impl Customers {
    /// The customers that these ids lead to. An id of a company that only registrations know leads to itself.
    pub(super) async fn of(db: &impl ConnectionTrait, ids: &BTreeSet<GoldenId>) -> Result<Self> {
        let mut customers = Self::default();
        customers.read(db, ids).await?;
        let survivors: BTreeSet<GoldenId> = customers.redirects.values().copied().collect();
        customers.read(db, &survivors).await?;
        Ok(customers)
    }

    async fn read(&mut self, db: &impl ConnectionTrait, ids: &BTreeSet<GoldenId>) -> Result<()> {
        let ids: Vec<GoldenId> = ids.iter().copied().filter(|it| !self.rows.contains_key(it)).collect();
        for list in lists(db, &ids) {
            for row in Entity::find().filter(list.holds(Column::Id)).all(db).await? {
                match row.redirect_to {
                    Some(survivor) => drop(self.redirects.insert(row.id, survivor)),
                    None => drop(self.rows.insert(row.id, row)),
                }
            }
        }
        Ok(())
    }

    /// What an id leads to today.
    pub(super) fn now(&self, id: GoldenId) -> GoldenId {
        self.redirects.get(&id).copied().unwrap_or(id)
    }

    /// The head of a customer's family of companies.
    pub(super) fn family(&self, id: GoldenId) -> Option<GoldenId> {
        self.rows.get(&self.now(id))?.parent_id
    }

    /// Where a customer has its head office.
    pub(super) fn prefecture(&self, id: GoldenId) -> Option<Prefecture> {
        place::prefecture(self.rows.get(&self.now(id))?.region.as_deref()?)
    }

    /// The industry of a customer, where its source names one of the standard.
    pub(super) fn industry(&self, id: GoldenId) -> Option<Industry> {
        place::industry(self.rows.get(&self.now(id))?.industry.as_deref()?)
    }
}

/// These customers, with all ids that lead to them, and with their families where those count.
pub(super) async fn around(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<GoldenId>,
    has_family_scope: bool,
) -> Result<BTreeSet<GoldenId>> {
    let customers = Customers::of(db, ids).await?;
    let mut around: BTreeSet<GoldenId> = ids.iter().map(|it| customers.now(*it)).collect();
    if has_family_scope {
        let heads: BTreeSet<GoldenId> =
            around.iter().map(|it| customers.family(*it).unwrap_or(*it)).collect();
        let members = Entity::find().filter(among(db, Column::ParentId, heads.iter().copied()));
        around.extend(members.all(db).await?.into_iter().map(|it| it.id));
        around.extend(heads);
    }
    let losers = Entity::find().filter(among(db, Column::RedirectTo, around.iter().copied()));
    let losers: Vec<GoldenId> = losers.all(db).await?.into_iter().map(|it| it.id).collect();
    around.extend(losers);
    Ok(around)
}

/// The reservations of these customers.
pub(super) async fn reservations(
    db: &impl ConnectionTrait,
    ids: &BTreeSet<GoldenId>,
) -> Result<Vec<account_reservation::Model>> {
    use account_reservation::Column as Of;
    Ok(account_reservation::Entity::find()
        .filter(among(db, Of::AccountId, ids.iter().copied()))
        .all(db)
        .await?)
}

/// To whom a customer is reserved. A reservation of what was merged into it holds as well; the customer's own goes first.
pub(super) fn reserved_to(
    reservations: Vec<account_reservation::Model>,
    customer: GoldenId,
) -> Option<Observed<Party>> {
    let first = |it: &account_reservation::Model| (it.account_id != customer, it.reserved_at, it.account_id);
    reservations.into_iter().min_by_key(first).map(|it| Observed {
        value: it.partner_id.map_or(Party::Direct, Party::Partner),
        observed_at: it.reserved_at,
    })
}

//! Under which keys each lead's company is found: whoever changes an account finds all leads that it may concern.
//!
//! Here: keeping the keys, finding leads by them. Not here: which account fits (`accounts_of_leads`).

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::GoldenId;
use entity::golden::lead_company_key::{Column, Entity, Model};
use mastering::matching::blocking::BlockingKey;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use super::accounts_of_leads::Employer;
use crate::platform::database::{insert_rows, lists};

/// A lead under a key.
type Entry = (BlockingKey, GoldenId);

/// Makes the keys of these leads those of their companies now; what stays the same is not written again. Some of them may
/// have keys already.
pub(super) async fn note(
    db: &impl ConnectionTrait,
    employers: &BTreeMap<GoldenId, Employer>,
    noted: &[GoldenId],
) -> Result<(), DbErr> {
    let old = entries_of(db, noted).await?;
    let of_lead = |(lead, it): (&GoldenId, &Employer)| {
        let lead = *lead;
        it.company_keys.clone().into_iter().map(move |key| (key, lead))
    };
    let new: BTreeSet<Entry> = employers.iter().flat_map(of_lead).collect();
    let gone: Vec<Entry> = old.difference(&new).copied().collect();
    forget(db, &gone).await?;
    // In the order of the index: neighbours are written together.
    let come = new.difference(&old).map(|it| Model { key: it.0.0, lead_id: it.1 }.into_active_model());
    insert_rows::<Entity, _>(db, come.collect(), None).await
}

/// The leads whose company has one of these keys.
pub(super) async fn under(
    db: &impl ConnectionTrait,
    keys: &BTreeSet<BlockingKey>,
) -> Result<BTreeSet<GoldenId>, DbErr> {
    let keys: Vec<i64> = keys.iter().map(|it| it.0).collect();
    let mut leads = BTreeSet::new();
    for list in lists(db, &keys) {
        let found = Entity::find().select_only().column(Column::LeadId);
        let found = found.filter(list.holds(Column::Key));
        leads.extend(found.into_tuple::<GoldenId>().all(db).await?);
    }
    Ok(leads)
}

/// Forgets the keys of leads that are not served by themselves.
pub(super) async fn forget_leads(db: &impl ConnectionTrait, leads: &[GoldenId]) -> Result<(), DbErr> {
    for list in lists(db, leads) {
        Entity::delete_many().filter(list.holds(Column::LeadId)).exec(db).await?;
    }
    Ok(())
}

async fn entries_of(db: &impl ConnectionTrait, leads: &[GoldenId]) -> Result<BTreeSet<Entry>, DbErr> {
    let mut entries = BTreeSet::new();
    for list in lists(db, leads) {
        let rows = Entity::find().filter(list.holds(Column::LeadId));
        entries.extend(rows.all(db).await?.into_iter().map(|it| (BlockingKey(it.key), it.lead_id)));
    }
    Ok(entries)
}

async fn forget(db: &impl ConnectionTrait, entries: &[Entry]) -> Result<(), DbErr> {
    // SQLite walks down one level per alternative, and allows a thousand.
    for chunk in entries.chunks(300) {
        let each =
            chunk.iter().map(|it| Condition::all().add(Column::Key.eq(it.0.0)).add(Column::LeadId.eq(it.1)));
        let any = each.fold(Condition::any(), Condition::add);
        Entity::delete_many().filter(any).exec(db).await?;
    }
    Ok(())
}

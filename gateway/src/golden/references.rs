//! Where the references of source records lead: from (system, external id) to golden ids.
//!
//! A reference whose target has not arrived yet stays null in the served row and is filled in when it does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::fields::{Field, FieldKind, RecordKind};
use domain::ids::GoldenId;
use domain::sources::SourceSystem;
use entity::golden::{record_link, source_record};
use mastering::golden_record::GoldenRecord;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::platform::database::lists;

/// Known targets.
#[derive(Debug, Default)]
pub struct References(HashMap<(RecordKind, SourceSystem, String), GoldenId>);

impl References {
    /// Reads the targets of all references of these records.
    pub(super) async fn of<'a>(
        db: &impl ConnectionTrait,
        records: impl Iterator<Item = &'a GoldenRecord>,
    ) -> Result<Self, DbErr> {
        Self::in_force(db, records, in_force_now()).await
    }

    /// Reads the targets of all references of these records, as far as the memberships go that this condition selects.
    pub(super) async fn in_force<'a>(
        db: &impl ConnectionTrait,
        records: impl Iterator<Item = &'a GoldenRecord>,
        memberships: Condition,
    ) -> Result<Self, DbErr> {
        let mut wanted: BTreeSet<(RecordKind, SourceSystem, String)> = BTreeSet::new();
        for record in records {
            for (field, settlement) in record.settlements() {
                let said = settlement.value.as_ref().zip(settlement.source());
                if let (FieldKind::Reference(kind), Some((id, source))) = (field.kind(), said) {
                    wanted.insert((kind, source.system.clone(), id.clone()));
                }
            }
        }
        let wanted: Vec<_> = wanted.into_iter().collect();
        let mut found = HashMap::new();
        for group in wanted.chunk_by(|a, b| (a.0, &a.1) == (b.0, &b.1)) {
            let (kind, system, _) = &group[0];
            let ids: Vec<&str> = group.iter().map(|(_, _, id)| id.as_str()).collect();
            for (external_id, golden) in targets_among(db, *kind, system, &ids, &memberships).await? {
                found.insert((*kind, system.clone(), external_id), golden);
            }
        }
        Ok(Self(found))
    }

    /// The golden record behind a reference.
    pub(super) fn find(&self, field: Field, system: &SourceSystem, external_id: &str) -> Option<GoldenId> {
        let FieldKind::Reference(kind) = field.kind() else { return None };
        self.0.get(&(kind, system.clone(), external_id.to_owned())).copied()
    }
}

pub(super) async fn targets(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    system: &SourceSystem,
    ids: &[&str],
) -> Result<HashMap<String, GoldenId>, DbErr> {
    targets_among(db, kind, system, ids, &in_force_now()).await
}

fn in_force_now() -> Condition {
    Condition::all().add(record_link::Column::EndedAt.is_null())
}

async fn targets_among(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    system: &SourceSystem,
    ids: &[&str],
    memberships: &Condition,
) -> Result<HashMap<String, GoldenId>, DbErr> {
    let query = source_record::Entity::find()
        .select_only()
        .column(source_record::Column::ExternalId)
        .column(record_link::Column::GoldenId)
        .join(
            sea_orm::JoinType::InnerJoin,
            source_record::Entity::belongs_to(record_link::Entity)
                .from(source_record::Column::Id)
                .to(record_link::Column::SourceRecordId)
                .into(),
        )
        .filter(memberships.clone())
        .filter(source_record::Column::Kind.eq(kind))
        .filter(source_record::Column::System.eq(system.clone()));
    let mut targets = HashMap::with_capacity(ids.len());
    for list in lists(db, ids) {
        let found = query.clone().filter(list.holds(source_record::Column::ExternalId));
        targets.extend(found.into_tuple::<(String, GoldenId)>().all(db).await?);
    }
    Ok(targets)
}

/// A reference as rows keep it until its record arrives.
pub(super) fn text(system: &SourceSystem, external_id: &str) -> String {
    format!("{system}/{external_id}")
}

/// Fills in references to records that have arrived only now, named as [`text`] names them.
pub(super) async fn fill_in(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    arrived: &[(String, GoldenId)],
) -> Result<(), DbErr> {
    use entity::accounts::golden_account as account;
    use entity::contacts::golden_contact as contact;
    use entity::leads::golden_lead as lead;
    use entity::opportunities::golden_opportunity as opportunity;
    match kind {
        RecordKind::Account => {
            waiting::<account::Entity>(db, (account::Column::ParentRef, account::Column::ParentId), arrived)
                .await?;
            waiting::<contact::Entity>(
                db,
                (contact::Column::AccountRef, contact::Column::AccountId),
                arrived,
            )
            .await?;
            let columns = (opportunity::Column::AccountRef, opportunity::Column::AccountId);
            waiting::<opportunity::Entity>(db, columns, arrived).await?;
            // A lead that was converted belongs where it was converted into, wherever its company led meanwhile.
            let columns = (lead::Column::ConvertedAccountRef, lead::Column::AccountId);
            point::<lead::Entity>(db, columns, Condition::all(), arrived).await
        }
        RecordKind::Opportunity => {
            let columns = (lead::Column::ConvertedOpportunityRef, lead::Column::OpportunityId);
            waiting::<lead::Entity>(db, columns, arrived).await
        }
        RecordKind::Contact | RecordKind::Lead => Ok(()),
    }
}

/// Rows whose text names an arrived record while their reference is still empty.
async fn waiting<E: EntityTrait>(
    db: &impl ConnectionTrait,
    (text, reference): (E::Column, E::Column),
    arrived: &[(String, GoldenId)],
) -> Result<(), DbErr> {
    point::<E>(db, (text, reference), Condition::all().add(reference.is_null()), arrived).await
}

/// Lets rows that fulfil a condition and whose text names an arrived record refer to it.
async fn point<E: EntityTrait>(
    db: &impl ConnectionTrait,
    (text, reference): (E::Column, E::Column),
    condition: Condition,
    arrived: &[(String, GoldenId)],
) -> Result<(), DbErr> {
    let ids: HashMap<&str, GoldenId> = arrived.iter().map(|(id, golden)| (id.as_str(), *golden)).collect();
    let arrived: Vec<&str> = arrived.iter().map(|(id, _)| id.as_str()).collect();
    for list in lists(db, &arrived) {
        let names: Vec<String> = E::find()
            .select_only()
            .column(text)
            .distinct()
            .filter(condition.clone())
            .filter(list.holds(text))
            .into_tuple()
            .all(db)
            .await?;
        for name in names {
            let Some(golden) = ids.get(name.as_str()) else { continue };
            E::update_many()
                .col_expr(reference, Expr::value(*golden))
                .filter(condition.clone())
                .filter(text.eq(name))
                .exec(db)
                .await?;
        }
    }
    Ok(())
}

/// Lets rows that refer to these records, named as [`text`] names them, follow them to their golden record.
pub(super) async fn follow(
    db: &impl ConnectionTrait,
    kind: RecordKind,
    moved: &[(String, GoldenId)],
) -> Result<(), DbErr> {
    use entity::accounts::golden_account as account;
    use entity::contacts::golden_contact as contact;
    use entity::leads::golden_lead as lead;
    use entity::opportunities::golden_opportunity as opportunity;
    match kind {
        RecordKind::Account => {
            repoint::<account::Entity>(db, (account::Column::ParentRef, account::Column::ParentId), moved)
                .await?;
            let columns = (contact::Column::AccountRef, contact::Column::AccountId);
            repoint::<contact::Entity>(db, columns, moved).await?;
            let columns = (opportunity::Column::AccountRef, opportunity::Column::AccountId);
            repoint::<opportunity::Entity>(db, columns, moved).await?;
            let columns = (lead::Column::ConvertedAccountRef, lead::Column::AccountId);
            repoint::<lead::Entity>(db, columns, moved).await
        }
        RecordKind::Opportunity => {
            let columns = (lead::Column::ConvertedOpportunityRef, lead::Column::OpportunityId);
            repoint::<lead::Entity>(db, columns, moved).await
        }
        RecordKind::Contact | RecordKind::Lead => Ok(()),
    }
}

/// The contacts who are said to work at these accounts.
pub(super) async fn contacts_at(
    db: &impl ConnectionTrait,
    accounts: &[String],
) -> Result<Vec<GoldenId>, DbErr> {
    use entity::contacts::golden_contact::{Column, Entity};
    let mut contacts = Vec::new();
    for list in lists(db, accounts) {
        let found = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(list.holds(Column::AccountRef))
            .filter(Column::RedirectTo.is_null());
        contacts.extend(found.into_tuple::<GoldenId>().all(db).await?);
    }
    Ok(contacts)
}

async fn repoint<E: EntityTrait>(
    db: &impl ConnectionTrait,
    (text, reference): (E::Column, E::Column),
    moved: &[(String, GoldenId)],
) -> Result<(), DbErr> {
    let mut by_target: BTreeMap<GoldenId, Vec<&str>> = BTreeMap::new();
    for (name, golden) in moved {
        by_target.entry(*golden).or_default().push(name);
    }
    for (golden, names) in by_target {
        for list in lists(db, &names) {
            E::update_many()
                .col_expr(reference, Expr::value(golden))
                .filter(list.holds(text))
                .exec(db)
                .await?;
        }
    }
    Ok(())
}

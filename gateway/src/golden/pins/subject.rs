//! The golden record whose field a person wants to fix, as it is now.

use chrono::{DateTime, Utc};
use domain::fields::Field;
use domain::holds::HoldKind;
use domain::ids::SourceRecordId;
use domain::sources::SourceSystem;
use entity::golden::{hold, settlement};
use mastering::golden_record::{GoldenRecord, Settlement};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::refusal::HoldRefusal;
use super::store;
use crate::error::{Error, NotFound, Result};
use crate::golden::facts::{self, Fact};
use crate::golden::graphql::SYSTEM;
use crate::golden::loader::RecordRef;
use crate::golden::served;
use crate::platform::auth::Caller;

/// A golden record that is alive, with its holds and members.
pub(in crate::golden) struct Subject {
    pub(super) golden: GoldenRecord,
    holds: Vec<hold::Model>,
    members: Vec<Fact>,
}

impl Subject {
    /// Reads it. Whoever decides by it has waited for their turn.
    pub(in crate::golden) async fn load(db: &impl ConnectionTrait, record: RecordRef) -> Result<Self> {
        check_alive(db, record).await?;
        let row = settlement::Entity::find_by_id(record.id).one(db).await?.ok_or(NotFound("record"))?;
        let golden = GoldenRecord::from_trace(row.kind, &row.trace).map_err(Error::internal)?;
        let holds = store::open(db, &[record.id]).await?;
        let members: Vec<_> = facts::members(db, &[record.id]).await?.into_iter().map(|it| it.1).collect();
        Ok(Self { golden, holds, members: facts::by_ids(db, &members).await? })
    }

    /// The hold of that sort on a field; one whose time is over does not count.
    pub(super) fn hold(&self, hold: HoldKind, field: Field, now: DateTime<Utc>) -> Option<&hold::Model> {
        store::on_field(&self.holds, hold, field.name()).filter(|it| it.until.is_none_or(|end| end > now))
    }

    /// Holds whose time is over, but whose end has not been worked yet.
    pub(super) fn over(&self, now: DateTime<Utc>) -> impl Iterator<Item = &hold::Model> {
        self.holds.iter().filter(move |it| it.until.is_some_and(|end| end <= now))
    }

    /// The source records that have a say on the field.
    pub(super) fn evidence(&self, field: Field) -> Vec<SourceRecordId> {
        let say = |it: &&Fact| it.is_live() && it.states.get(field).is_some();
        self.members.iter().filter(say).map(|it| it.row.id).collect()
    }

    /// Whether the person that it was about was erased.
    pub(super) fn is_erased(&self) -> bool {
        self.members.iter().any(Fact::is_erased)
    }

    /// Checks that the field is still as the person saw it. Who is no staff does not learn which system says otherwise.
    pub(in crate::golden) fn check_version(
        &self,
        field: Field,
        seen: Option<i64>,
        caller: &Caller,
    ) -> Result<()> {
        let settlement = self.golden.settlement(field);
        let current = settlement.map_or(0, |it| it.origin.sequence);
        if seen.is_none_or(|it| it == current) {
            return Ok(());
        }
        let value = settlement.and_then(|it| it.value.as_deref());
        Err(HoldRefusal::VersionConflict {
            field,
            value: value.map_or_else(|| "empty".to_owned(), |it| format!("`{it}`")),
            by: if caller.is_staff() { self.author(settlement) } else { SYSTEM.to_owned() },
            at: settlement.map_or(DateTime::UNIX_EPOCH, |it| it.origin.changed_at),
        }
        .into())
    }

    /// The source of a served value, or the person who pinned it.
    fn author(&self, settlement: Option<&Settlement>) -> String {
        let source = settlement.and_then(Settlement::source).map(|it| it.system.to_string());
        let pinned = settlement.and_then(Settlement::hold);
        let person =
            || self.holds.iter().find(|it| Some(it.first_id()) == pinned).map(|it| it.held_by.clone());
        source.or_else(person).unwrap_or_else(|| SourceSystem::own().to_string())
    }
}

async fn check_alive(db: &impl ConnectionTrait, record: RecordRef) -> Result<()> {
    let standing = served::standing_of(db, record.kind, record.id).await?.ok_or(NotFound("record"))?;
    if let Some(survivor) = standing.redirect_to {
        let survivor = RecordRef { id: survivor, ..record }.global_id().0;
        return Err(HoldRefusal::RecordMerged { survivor }.into());
    }
    match standing.is_archived {
        true => Err(HoldRefusal::RecordArchived.into()),
        false => Ok(()),
    }
}

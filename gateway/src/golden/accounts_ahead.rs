//! Accounts as they will be when a regrouping has been done, for those that hang on them and are looked at before: people who
//! work there, and leads whose company leads there. Nothing ahead is what is stored.

use std::collections::{BTreeSet, HashMap};

use domain::fields::RecordKind;
use domain::ids::{GoldenId, SourceRecordId};
use domain::sources::SourceSystem;
use mastering::matching::blocking::BlockingKey;
use sea_orm::ConnectionTrait;

use super::accounts_of_leads::{self, Concerned};
use super::facts::{self, Fact};
use super::index::Index;
use super::rebuild::Regrouping;
use super::references;
use super::service::Engine;
use crate::error::Result;

/// Where accounts will have gone.
#[derive(Debug, Default)]
pub struct AccountsAhead {
    by_record: HashMap<SourceRecordId, GoldenId>,
    /// By what refers to the records.
    by_reference: HashMap<String, GoldenId>,
    /// The leads whose account may be another one then.
    concerned: Concerned,
    closed: Option<BTreeSet<BlockingKey>>,
}

impl AccountsAhead {
    /// Those of a regrouping of accounts by the rules of the second engine, where those of the first were in force.
    pub(super) async fn of(
        db: &impl ConnectionTrait,
        [before, engine]: [&Engine; 2],
        regrouping: &Regrouping,
    ) -> Result<Self> {
        let moved: Vec<SourceRecordId> = regrouping.moved.keys().copied().collect();
        let moved = facts::by_ids(db, &moved).await?;
        let concerned = match engine.policies.matching.links_leads_like(&before.policies.matching) {
            false => Concerned::All,
            true => Concerned::By {
                keys: accounts_of_leads::keys_of(moved.iter()),
                left: regrouping.moved.values().map(|it| it.0).collect(),
            },
        };
        let mut ahead = Self { concerned, ..Self::default() };
        for fact in moved {
            let (_, to) = regrouping.moved[&fact.row.id];
            ahead.by_record.insert(fact.row.id, to);
            ahead.by_reference.insert(references::text(&fact.row.system, &fact.row.external_id), to);
        }
        let index = Index { db, policy: &engine.policies.matching, kind: RecordKind::Account };
        ahead.closed = Some(index.crowded().await?);
        Ok(ahead)
    }

    /// The golden account behind a reference that leads to `now`.
    pub(super) fn behind(&self, system: &SourceSystem, external_id: &str, now: GoldenId) -> GoldenId {
        if self.by_reference.is_empty() {
            return now;
        }
        self.by_reference.get(&references::text(system, external_id)).copied().unwrap_or(now)
    }

    /// The golden account of a source record.
    pub(super) fn golden_of(&self, account: &Fact) -> Option<GoldenId> {
        self.by_record.get(&account.row.id).copied().or(account.golden)
    }

    /// The leads whose account may be another one then.
    pub(super) fn concerned(&self) -> &Concerned {
        &self.concerned
    }

    /// The keys that gather too many accounts; `None` when that is as it is stored.
    pub(super) fn closed(&self) -> Option<&BTreeSet<BlockingKey>> {
        self.closed.as_ref()
    }
}

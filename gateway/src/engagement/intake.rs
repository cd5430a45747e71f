//! Taking in what one source reports, batch by batch: each event is judged alone and taken once.
//!
//! A batch is one transaction with a handful of statements. What is known of users and partners is asked once per intake.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::access::{Permission, RowScope, customer_scope};
use domain::calendar::date_in_tokyo;
use domain::engagement::{
    AcceptedEvent, Arrival, EventLimits, EventRefusal, Registry, ReportedEvent, Screening,
};
use domain::ids::{AssetVersionId, EngagementEventId, PartnerId, PartnerUserId};
use entity::engagement::{engagement_event, engagement_event_key};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::months::Month;
use super::service::EngagementRefusal;
use super::{kinds, months, store};
use crate::error::{Error, Result};
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::{enablement, partners};

/// Before the name of a source among the scopes of a token.
pub const SCOPE: &str = "engagement:";

/// Users and partners remembered at most. More are asked for anew, so that an upload of any length needs the same memory.
const MOST_KNOWN: usize = 50_000;

/// What became of one event.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is in the log now.
    Accepted,
    /// It was there already.
    Duplicate,
    /// It is not taken.
    Refused(EventRefusal),
}

/// An event as it comes, or why there is none.
pub type Incoming = std::result::Result<ReportedEvent, EventRefusal>;

/// What one source reports.
pub struct Intake<'a> {
    ctx: &'a RequestContext,
    source: String,
    scope: RowScope,
    registry: Registry,
    known: Known,
}

/// What was asked before.
#[derive(Default)]
struct Known {
    employers: BTreeMap<PartnerUserId, Option<PartnerId>>,
    partners: BTreeMap<PartnerId, bool>,
    versions: BTreeMap<AssetVersionId, bool>,
    months: BTreeSet<Month>,
}

impl<'a> Intake<'a> {
    /// Begins to take in what the caller's source reports.
    pub async fn begin(ctx: &'a RequestContext) -> Result<Self> {
        ctx.caller.require(Permission::RecordEngagement)?;
        Ok(Self {
            ctx,
            source: source(&ctx.caller)?,
            scope: customer_scope(ctx.caller.identity()),
            registry: kinds::registry(ctx.read()).await?,
            known: Known::default(),
        })
    }

    /// Takes a batch in; answers for each event, in order, what became of it.
    pub async fn take(&mut self, batch: Vec<Incoming>) -> Result<Vec<Outcome>> {
        let received_at = self.ctx.clock.now();
        let mut outcomes = vec![Outcome::Duplicate; batch.len()];
        self.learn(&batch).await?;
        let Screening { accepted, refused, repeated: _ } = self.screen(batch, received_at);
        for (position, refusal) in refused {
            outcomes[position] = Outcome::Refused(refusal);
        }
        for (position, outcome) in self.write(accepted, received_at).await? {
            outcomes[position] = outcome;
        }
        Ok(outcomes)
    }

    /// Asks for the users, partners and assets of a batch that were not asked for yet.
    async fn learn(&mut self, batch: &[Incoming]) -> Result<()> {
        self.known.forget();
        let (db, known) = (self.ctx.read(), &mut self.known);
        let events = || batch.iter().flatten();
        let users: BTreeSet<PartnerUserId> = events().filter_map(|it| it.user_id).collect();
        let users: Vec<_> = users.into_iter().filter(|it| !known.employers.contains_key(it)).collect();
        let partners: BTreeSet<PartnerId> = events().map(|it| it.partner_id).collect();
        let partners: Vec<_> = partners.into_iter().filter(|it| !known.partners.contains_key(it)).collect();
        if !users.is_empty() {
            let employers = partners::users::employers(db, users.iter().copied()).await?;
            known.employers.extend(users.into_iter().map(|it| (it, employers.get(&it).copied())));
        }
        let versions: BTreeSet<AssetVersionId> = events().filter_map(|it| it.asset_version_id).collect();
        let versions: Vec<_> = versions.into_iter().filter(|it| !known.versions.contains_key(it)).collect();
        if !versions.is_empty() {
            let existing = enablement::service::existing(db, &versions).await?;
            known.versions.extend(versions.into_iter().map(|it| (it, existing.contains(&it))));
        }
        if !partners.is_empty() {
            let names = partners::service::names(db, partners.iter().copied()).await?;
            known.partners.extend(partners.into_iter().map(|it| (it, names.contains_key(&it))));
        }
        Ok(())
    }

    fn screen(&self, batch: Vec<Incoming>, received_at: DateTime<Utc>) -> Screening {
        let arrival = Arrival {
            source: &self.source,
            registry: &self.registry,
            limits: EventLimits::default(),
            received_at,
            reports_of: &|partner| {
                self.reports_of(partner) && self.known.partners.get(&partner) == Some(&true)
            },
            partner_of: &|user| {
                self.known.employers.get(&user).copied().flatten().filter(|_| self.reports_by(user))
            },
            has_asset: &|version| self.known.versions.get(&version) == Some(&true),
        };
        arrival.screen(batch.into_iter().map(|it| self.in_own_name(it)))
    }

    /// A representative's token reports nothing in the partner's name.
    fn in_own_name(&self, event: Incoming) -> Incoming {
        match (&self.scope, event) {
            (RowScope::OfPartnerUser(..), Ok(event)) if event.user_id.is_none() => {
                Err(EventRefusal::EventUserUnknown)
            }
            (_, event) => event,
        }
    }

    /// A partner's token reports of the partner alone.
    fn reports_of(&self, partner: PartnerId) -> bool {
        match self.scope {
            RowScope::Everything => true,
            RowScope::OfPartner(own) | RowScope::OfPartnerUser(own, _) => partner == own,
            RowScope::ManagedBy(_) | RowScope::Nothing => false,
        }
    }

    /// A representative's token reports what the representative did.
    fn reports_by(&self, user: PartnerUserId) -> bool {
        !matches!(self.scope, RowScope::OfPartnerUser(_, own) if user != own)
    }

    /// Writes what is new, in one transaction.
    async fn write(
        &mut self,
        accepted: Vec<(usize, AcceptedEvent)>,
        received_at: DateTime<Utc>,
    ) -> Result<Vec<(usize, Outcome)>> {
        if accepted.is_empty() {
            return Ok(Vec::new());
        }
        self.prepare(&accepted, received_at).await?;
        let claimed: Vec<_> = accepted.iter().map(|(_, it)| claim(self.ctx.clock.new_id(), it)).collect();
        let txn = self.ctx.begin().await?;
        let owners = store::claim(&txn, claimed.clone()).await?;
        let (mut outcomes, mut new) = (Vec::with_capacity(accepted.len()), Vec::new());
        for ((position, event), claim) in accepted.into_iter().zip(claimed) {
            let owner = owners.get(&claim.key).ok_or_else(|| Error::internal(Unclaimed))?;
            outcomes.push((position, outcome(&claim, owner)));
            if owner.event_id == claim.event_id {
                new.push(row(claim.event_id, event, received_at));
            }
        }
        append(&txn, self.ctx, new, received_at).await?;
        txn.commit().await?;
        Ok(outcomes)
    }

    /// Months that the log has no place for yet get one.
    async fn prepare(
        &mut self,
        accepted: &[(usize, AcceptedEvent)],
        received_at: DateTime<Utc>,
    ) -> Result<()> {
        let times = accepted.iter().map(|(_, it)| it.event.occurred_at).chain([received_at]);
        let months: BTreeSet<Month> = times.map(Month::of).collect();
        let months: BTreeSet<Month> = months.difference(&self.known.months).copied().collect();
        if !months.is_empty() {
            months::prepare(&self.ctx.database, &months).await?;
            self.known.months.extend(months);
        }
        Ok(())
    }
}

/// A key that was claimed belongs to somebody.
#[derive(Debug, thiserror::Error)]
#[error("a key of an event was claimed, and is not there")]
struct Unclaimed;

impl Known {
    fn forget(&mut self) {
        if self.employers.len() + self.partners.len() + self.versions.len() > MOST_KNOWN {
            *self = Self { months: std::mem::take(&mut self.months), ..Self::default() };
        }
    }
}

/// The source that a token speaks for, which its issuer has bound it to: figures rest on the log, so nobody writes into it by being
/// logged in alone. A partner's source is its own, whatever it is called: ids of one partner's events say nothing to another.
fn source(caller: &Caller) -> Result<String> {
    let mut named = caller.scopes.iter().filter_map(|it| it.strip_prefix(SCOPE)).filter(|it| !it.is_empty());
    let name = match (named.next(), named.next()) {
        (Some(name), None) => Some(name),
        (None, _) => None,
        (Some(_), Some(_)) => return Err(EngagementRefusal::EngagementSourceMissing.into()),
    };
    match (caller.is_staff(), caller.partner, name) {
        (true, _, Some(name)) => Ok(name.to_owned()),
        (false, Some(partner), Some(name)) => Ok(format!("partner:{partner}/{name}")),
        _ => Err(EngagementRefusal::EngagementSourceMissing.into()),
    }
}

fn claim(event_id: EngagementEventId, event: &AcceptedEvent) -> engagement_event_key::Model {
    // A line break is in neither part.
    let key = format!("{}\n{}", event.key.source(), event.key.event_id());
    engagement_event_key::Model { key: digest(&key), content: digest(&event.canonical), event_id }
}

/// Half of a digest: still more than all events there will ever be could meet in.
fn digest(text: &str) -> Uuid {
    let hash = blake3::hash(text.as_bytes());
    Uuid::from_bytes(*hash.as_bytes().first_chunk().expect("a hash has 32 bytes"))
}

fn outcome(claim: &engagement_event_key::Model, owner: &engagement_event_key::Model) -> Outcome {
    match () {
        () if owner.event_id == claim.event_id => Outcome::Accepted,
        () if owner.content == claim.content => Outcome::Duplicate,
        () => Outcome::Refused(EventRefusal::EventContradicted),
    }
}

fn row(
    id: EngagementEventId,
    accepted: AcceptedEvent,
    received_at: DateTime<Utc>,
) -> engagement_event::Model {
    let AcceptedEvent { key, event, is_access, measure, canonical: _ } = accepted;
    engagement_event::Model {
        id,
        source: key.source().to_owned(),
        event_id: key.event_id().to_owned(),
        kind: event.kind,
        measure,
        partner_id: event.partner_id,
        user_id: event.user_id,
        asset_version_id: event.asset_version_id,
        channel: event.channel,
        occurred_at: event.occurred_at,
        received_at,
        is_access,
        payload: serde_json::Value::Object(event.payload).to_string(),
    }
}

/// Writes new events, and what is to be done because of them.
async fn append(
    txn: &DatabaseTransaction,
    ctx: &RequestContext,
    new: Vec<engagement_event::Model>,
    received_at: DateTime<Utc>,
) -> Result<()> {
    let days = new.iter().map(|it| (it.partner_id, date_in_tokyo(it.occurred_at))).collect();
    let about = |it: &engagement_event::Model| it.asset_version_id.map(|version| (it.partner_id, version));
    let touched = new.iter().filter_map(about).collect();
    store::append(txn, new).await?;
    store::note_days(txn, days, received_at).await?;
    enablement::service::note_events(txn, ctx, &touched).await
}

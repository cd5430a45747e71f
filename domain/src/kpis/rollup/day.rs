//! The counters of one partner on one day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::CountedEvent;
use crate::engagement::Measure;
use crate::ids::PartnerUserId;
use crate::kpis::engagement::usage::UsageFact;
use crate::kpis::sessions::Sessions;
use crate::kpis::settings::KpiSettings;

/// What one partner did on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayCounts {
    counts: BTreeMap<Measure, u32>,
    /// Who did it, where users and not events are counted.
    users: BTreeMap<Measure, BTreeSet<PartnerUserId>>,
    chats: BTreeMap<PartnerUserId, Sessions>,
    last_access_at: Option<DateTime<Utc>>,
}

/// Measures of which users are counted, each once.
const BY_USER: [Measure; 2] = [Measure::Login, Measure::TrainingStart];

impl DayCounts {
    /// Counts one event of the day.
    pub(super) fn add(&mut self, event: &CountedEvent, settings: &KpiSettings) {
        *self.counts.entry(event.measure).or_default() += 1;
        if event.is_access {
            self.last_access_at = self.last_access_at.max(Some(event.at));
        }
        let Some(user) = event.user else { return };
        if BY_USER.contains(&event.measure) {
            self.users.entry(event.measure).or_default().insert(user);
        }
        if event.measure == Measure::Chat {
            let idle = TimeDelta::minutes(settings.chat_idle_minutes);
            self.chats.entry(user).or_insert_with(|| Sessions::new(idle)).add(event.at);
        }
    }

    /// Adds what else the partner did on the day.
    pub(super) fn merge(&mut self, other: &Self) {
        for (measure, count) in &other.counts {
            *self.counts.entry(*measure).or_default() += count;
        }
        for (measure, users) in &other.users {
            self.users.entry(*measure).or_default().extend(users);
        }
        for (user, sessions) in &other.chats {
            self.chats.entry(*user).and_modify(|it| it.merge(sessions)).or_insert_with(|| sessions.clone());
        }
        self.last_access_at = self.last_access_at.max(other.last_access_at);
    }

    /// How many events counted as something.
    pub fn count(&self, measure: Measure) -> u32 {
        self.counts.get(&measure).copied().unwrap_or(0)
    }

    /// Who did something of which users are counted.
    pub fn users(&self, measure: Measure) -> impl Iterator<Item = PartnerUserId> {
        self.users.get(&measure).into_iter().flatten().copied()
    }

    /// Chats of each user.
    pub fn chats(&self) -> impl Iterator<Item = (PartnerUserId, &Sessions)> {
        self.chats.iter().map(|(user, sessions)| (*user, sessions))
    }

    /// The last access of the day.
    pub fn last_access_at(&self) -> Option<DateTime<Utc>> {
        self.last_access_at
    }

    /// Adds the day to what was used in a period; chats are added by their sessions.
    pub(super) fn add_to(&self, fact: &mut UsageFact) {
        fact.document_views += self.count(Measure::DocumentView);
        fact.downloads += self.count(Measure::DocumentDownload);
        fact.proposal_tool_uses += self.count(Measure::ProposalToolUse);
        fact.faq_views += self.count(Measure::FaqView);
        for user in self.users(Measure::Login) {
            *fact.login_days.entry(user).or_default() += 1;
        }
    }
}

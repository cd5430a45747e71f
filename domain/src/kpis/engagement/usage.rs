//! Use of what is offered: proposal tools, documents, FAQ and chat, logins.

use std::collections::{BTreeMap, BTreeSet};

use super::training::{UserFact, enabled_users};
use crate::ids::{PartnerId, PartnerUserId};
use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::frame::{Frame, Roster};
use crate::kpis::value::{Aspect, Exclusion, ExclusionReason, KpiValue, Part, Subject};

/// What one partner used in the period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageFact {
    /// Documents viewed.
    pub document_views: u32,
    /// Documents downloaded.
    pub downloads: u32,
    /// Proposal tools used or downloaded.
    pub proposal_tool_uses: u32,
    /// FAQ articles viewed.
    pub faq_views: u32,
    /// Chats with the assistant; one ends after thirty idle minutes.
    pub chat_sessions: u32,
    /// On how many dates in Tokyo each user logged in.
    pub login_days: BTreeMap<PartnerUserId, u32>,
}

impl UsageFact {
    /// FAQ views and chats.
    pub fn self_help(&self) -> u32 {
        self.faq_views + self.chat_sessions
    }

    /// Adds what was used at another time; the two share no date. So months add up to a year.
    pub fn merge(&mut self, other: &Self) {
        self.document_views += other.document_views;
        self.downloads += other.downloads;
        self.proposal_tool_uses += other.proposal_tool_uses;
        self.faq_views += other.faq_views;
        self.chat_sessions += other.chat_sessions;
        for (user, days) in &other.login_days {
            *self.login_days.entry(*user).or_default() += days;
        }
    }
}

/// Use by partner; a partner that is missing used nothing.
pub type Usage = BTreeMap<PartnerId, UsageFact>;

/// Active partners that used a proposal tool ÷ those entitled to one.
pub fn proposal_tool_utilization_rate(
    frame: &Frame<'_>,
    entitled: &BTreeSet<PartnerId>,
    usage: &Usage,
) -> KpiValue {
    let roster = frame.roster(Kpi::ProposalToolUtilizationRate);
    let (counted, left) = split_entitled(&roster, entitled);
    let used =
        counted.iter().filter(|it| usage.get(*it).is_some_and(|it| it.proposal_tool_uses > 0)).copied();
    let used = Part::count(Subject::Partner, used);
    KpiValue::proportion(Kpi::ProposalToolUtilizationRate, used, Part::count(Subject::Partner, counted))
        .excluding(left)
        .excluding(roster.exclusions)
}

/// Partners active for the whole period and entitled to a document that neither viewed nor downloaded any.
pub fn zero_view_partners(frame: &Frame<'_>, entitled: &BTreeSet<PartnerId>, usage: &Usage) -> KpiValue {
    let roster = frame.roster(Kpi::ZeroViewPartners);
    let (counted, left) = split_entitled(&roster, entitled);
    let saw_nothing = |it: &PartnerId| usage.get(it).is_none_or(|it| it.document_views + it.downloads == 0);
    let hits = Part::count(Subject::Partner, counted.iter().copied().filter(saw_nothing));
    KpiValue::count_among(Kpi::ZeroViewPartners, hits, Part::count(Subject::Partner, counted))
        .excluding(left)
        .excluding(roster.exclusions)
}

/// FAQ views and chats ÷ enabled users, with the counts beside it.
pub fn usage_counts(frame: &Frame<'_>, users: &[UserFact], usage: &Usage) -> KpiValue {
    let roster = frame.roster(Kpi::UsageCounts);
    let of_roster: Vec<_> = usage.iter().filter(|(partner, _)| roster.holds(**partner)).collect();
    let total = |count: fn(&UsageFact) -> u32| {
        Ok(Fraction::from(of_roster.iter().map(|(_, it)| i128::from(count(it))).sum::<i128>()))
    };
    let sessions = of_roster.iter().map(|(partner, it)| (**partner, i128::from(it.self_help())));
    let sessions = Part::sum(Subject::Partner, sessions.filter(|(_, count)| *count > 0));
    let enabled = Part::count(Subject::User, enabled_users(frame, &roster, users));
    KpiValue::quotient(Kpi::UsageCounts, sessions, enabled)
        .with(Aspect::Downloads, total(|it| it.downloads))
        .with(Aspect::FaqViews, total(|it| it.faq_views))
        .with(Aspect::ChatSessions, total(|it| it.chat_sessions))
        .excluding(roster.exclusions)
}

/// Distinct days on which a user logged in ÷ enabled users.
pub fn login_frequency(frame: &Frame<'_>, users: &[UserFact], usage: &Usage) -> KpiValue {
    let roster = frame.roster(Kpi::LoginFrequency);
    let enabled = enabled_users(frame, &roster, users);
    let of_roster = usage.iter().filter(|(partner, _)| roster.holds(**partner));
    let days = of_roster.flat_map(|(_, it)| &it.login_days).filter(|(user, _)| enabled.contains(user));
    let days = days.map(|(user, days)| (*user, i128::from(*days)));
    let days = Part::sum(Subject::User, days);
    KpiValue::quotient(Kpi::LoginFrequency, days, Part::count(Subject::User, enabled))
        .excluding(roster.exclusions)
}

/// Those of a roster entitled to something, and why the others do not count.
fn split_entitled(
    roster: &Roster,
    entitled: &BTreeSet<PartnerId>,
) -> (BTreeSet<PartnerId>, Option<Exclusion>) {
    let (counted, left): (BTreeSet<_>, BTreeSet<_>) =
        roster.admitted.iter().partition(|it| entitled.contains(it));
    (counted, Exclusion::of(ExclusionReason::NotEntitled, Subject::Partner, left))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::training::tests::users;
    use super::*;
    use crate::kpis::worked::{figure, id, over_june, over_june_of, partner_id, shown, user_id};

    /// Document views, proposal tool uses, FAQ views and chats of P1 to P7.
    pub fn worked() -> Usage {
        let rows = [(240, 3, 14), (95, 1, 6), (31, 2, 4), (0, 0, 0), (0, 0, 0), (12, 0, 0), (0, 0, 0)];
        let fact = |(document_views, proposal_tool_uses, self_help): (u32, u32, u32)| UsageFact {
            document_views,
            proposal_tool_uses,
            faq_views: self_help / 2,
            chat_sessions: self_help - self_help / 2,
            ..UsageFact::default()
        };
        (1..).map(partner_id).zip(rows.map(fact)).collect()
    }

    fn everyone() -> BTreeSet<PartnerId> {
        (1..=7).map(partner_id).collect()
    }

    #[test]
    fn three_of_five_used_a_proposal_tool() {
        let value = over_june(|frame| proposal_tool_utilization_rate(frame, &everyone(), &worked()));
        assert_eq!((shown(&value).as_str(), value.sample_size()), ("0.6000", 5));
    }

    #[test]
    fn who_has_no_proposal_tool_is_not_counted_against_it() {
        let entitled = (1..=4).map(partner_id).collect();
        let value = over_june(|frame| proposal_tool_utilization_rate(frame, &entitled, &worked()));
        assert_eq!(shown(&value), "0.7500");
        assert_eq!(value.exclusions[0].reason, ExclusionReason::NotEntitled);
    }

    #[test]
    fn two_partners_saw_nothing_and_two_were_not_there_long_enough() {
        let value = over_june(|frame| zero_view_partners(frame, &everyone(), &worked()));
        assert_eq!(figure(value.value, 0), "2");
        assert_eq!(value.numerator.ids, [id(4), id(5)]);
        assert_eq!(value.exclusions[0].reason, ExclusionReason::PartialExposure);
        assert_eq!(value.exclusions[0].ids, [id(6), id(7)]);
    }

    #[test]
    fn twenty_four_sessions_over_twenty_two_users() {
        let value = over_june(|frame| usage_counts(frame, &users(), &worked()));
        assert_eq!(shown(&value), "1.0909");
        let sessions = [Aspect::FaqViews, Aspect::ChatSessions].map(|it| value.beside(it).unwrap().unwrap());
        assert_eq!(sessions[0] + sessions[1], Fraction::from(24_usize));
    }

    #[test]
    fn forty_days_of_five_users_are_eight_each() {
        let mut usage = worked();
        let login_days =
            [(1, 10), (2, 8), (3, 12), (4, 10)].map(|(user, days)| (user_id(1, user), days)).into();
        usage.get_mut(&partner_id(1)).unwrap().login_days = login_days;
        let value = over_june_of(&[1], |frame| login_frequency(frame, &users(), &usage));
        assert_eq!((shown(&value).as_str(), value.numerator.total), ("8.0000", Fraction::from(40_usize)));
    }
}

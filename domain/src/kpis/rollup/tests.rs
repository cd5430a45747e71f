//! Roll-ups against raw events: whatever arrives in whatever order, the figures are those computed anew.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::kpis::engagement::training::{UserFact, training_participation_rate};
use crate::kpis::engagement::usage::{login_frequency, usage_counts, zero_view_partners};
use crate::kpis::frame::Frame;
use crate::kpis::restatement::History;
use crate::kpis::value::KpiValue;
use crate::kpis::window::Span;
use crate::kpis::worked::{day, june, partner_id, partners, user_id};

const MEASURES: [Measure; 8] = [
    Measure::DocumentView,
    Measure::DocumentDownload,
    Measure::TrainingStart,
    Measure::FaqView,
    Measure::Chat,
    Measure::ProposalToolUse,
    Measure::Login,
    Measure::NewsRead,
];

/// Events from 30 May to 3 July, so that some lie outside June.
fn events() -> impl Strategy<Value = Vec<CountedEvent>> {
    let event = (1_u128..=7, 1_u128..=3, 0_i64..34 * 96, 0..MEASURES.len(), any::<bool>());
    let counted = event.prop_map(|(partner, user, quarter_hour, measure, is_access)| CountedEvent {
        partner: partner_id(partner),
        user: Some(user_id(partner, user)),
        at: day("2026-05-30") + TimeDelta::minutes(15 * quarter_hour),
        measure: MEASURES[measure],
        is_access,
    });
    prop::collection::vec(counted, 0..120)
}

/// What was used in a period, counted from raw events and not from roll-ups.
fn usage_of(events: &[CountedEvent], period: &Window) -> Usage {
    let mut usage = Usage::new();
    let mut chats: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut logins = BTreeSet::new();
    for event in events {
        let user = event.user.unwrap();
        if event.measure == Measure::Chat {
            chats.entry((event.partner, user)).or_default().push(event.at);
        }
        if !period.contains(event.at) {
            continue;
        }
        let fact = usage.entry(event.partner).or_default();
        match event.measure {
            Measure::DocumentView => fact.document_views += 1,
            Measure::DocumentDownload => fact.downloads += 1,
            Measure::ProposalToolUse => fact.proposal_tool_uses += 1,
            Measure::FaqView => fact.faq_views += 1,
            Measure::Login => _ = logins.insert((event.partner, user, date_in_tokyo(event.at))),
            _ => {}
        }
    }
    for (partner, user, _) in logins {
        *usage.entry(partner).or_default().login_days.entry(user).or_default() += 1;
    }
    for ((partner, _), mut instants) in chats {
        instants.sort();
        let mut last = None;
        for at in instants {
            let is_new = last.is_none_or(|last| at - last > TimeDelta::minutes(30));
            if is_new && period.contains(at) {
                usage.entry(partner).or_default().chat_sessions += 1;
            }
            last = Some(at);
        }
    }
    usage
}

fn users() -> Vec<UserFact> {
    let user = |partner, number| UserFact {
        id: user_id(partner, number),
        partner: partner_id(partner),
        enabled: vec![Span::since(day("2025-04-01"))],
    };
    (1..=7).flat_map(|partner| (1..=3).map(move |it| user(partner, it))).collect()
}

/// The KPIs that roll-ups answer.
fn kpis(usage: &Usage, starters: &BTreeSet<PartnerUserId>) -> Vec<KpiValue> {
    let (partners, settings) = (partners(), KpiSettings::default());
    let frame = Frame::at_end(june(), &partners, &settings);
    let everyone = (1..=7).map(partner_id).collect();
    vec![
        zero_view_partners(&frame, &everyone, usage),
        usage_counts(&frame, &users(), usage),
        login_frequency(&frame, &users(), usage),
        training_participation_rate(&frame, &users(), starters),
    ]
}

fn from_raw(events: &[CountedEvent]) -> Vec<KpiValue> {
    let started = events.iter().filter(|it| it.measure == Measure::TrainingStart && june().contains(it.at));
    kpis(&usage_of(events, &june()), &started.filter_map(|it| it.user).collect())
}

fn from_rollup(rollup: &RollUp) -> Vec<KpiValue> {
    kpis(&rollup.usage(&june()), &rollup.training_starters(&june()))
}

proptest! {
    // Each case computes many KPIs; more of them find nothing new.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_rolled_up_kpi_is_that_of_the_raw_events(events in events()) {
        prop_assert_eq!(from_rollup(&RollUp::of(&events, &KpiSettings::default())), from_raw(&events));
    }

    #[test]
    fn however_events_are_split_and_ordered_the_counters_are_the_same(
        events in events(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let settings = KpiSettings::default();
        let mut cuts: Vec<_> = cuts.iter().map(|it| it.index(events.len() + 1)).collect();
        cuts.sort_unstable();
        cuts.push(events.len());
        let mut merged = RollUp::default();
        let mut from = 0;
        let mut batches = Vec::new();
        for cut in cuts {
            batches.push(RollUp::of(&events[from..cut], &settings));
            from = cut;
        }
        batches.iter().rev().for_each(|it| merged.merge(it));
        prop_assert_eq!(merged, RollUp::of(&events, &settings));
    }

    #[test]
    fn late_events_restate_to_what_a_recomputation_gives(events in events(), late in events()) {
        let settings = KpiSettings::default();
        let mut rollup = RollUp::of(&events, &settings);
        let first = from_rollup(&rollup);
        rollup.merge(&RollUp::of(&late, &settings));
        let all: Vec<_> = events.into_iter().chain(late).collect();
        for (before, (after, anew)) in first.into_iter().zip(from_rollup(&rollup).into_iter().zip(from_raw(&all))) {
            let mut history = History::default();
            history.record(before.clone(), day("2026-07-01"));
            history.record(after, day("2026-07-05"));
            prop_assert_eq!(history.as_of(day("2026-07-04")), Some(&before));
            prop_assert_eq!(history.as_of(day("2026-07-05")), Some(&anew));
        }
    }

    #[test]
    fn months_add_up(events in events()) {
        let rollup = RollUp::of(&events, &KpiSettings::default());
        let window = |from, until| Window::new(day(from), day(until)).unwrap();
        let mut sum = Usage::new();
        for month in [window("2026-05-01", "2026-06-01"), june(), window("2026-07-01", "2026-08-01")] {
            for (partner, fact) in rollup.usage(&month) {
                sum.entry(partner).or_default().merge(&fact);
            }
        }
        prop_assert_eq!(sum, rollup.usage(&window("2026-05-01", "2026-08-01")));
    }

    #[test]
    fn the_last_access_is_that_of_the_raw_events(events in events()) {
        let until = june().until();
        let accesses = RollUp::of(&events, &KpiSettings::default()).last_accesses(until);
        for partner in (1..=7).map(partner_id) {
            let raw = events.iter().filter(|it| it.partner == partner && it.is_access && it.at < until);
            let rolled = accesses.get(&partner).and_then(|it| it.last_access_at);
            prop_assert_eq!(rolled, raw.map(|it| it.at).max());
        }
    }
}

#[test]
fn a_chat_that_began_before_midnight_is_not_counted_again() {
    let chat = |minutes| CountedEvent {
        partner: partner_id(1),
        user: Some(user_id(1, 1)),
        at: day("2026-06-01") + TimeDelta::minutes(minutes),
        measure: Measure::Chat,
        is_access: true,
    };
    let rollup = RollUp::of(&[chat(-10), chat(10), chat(41)], &KpiSettings::default());
    assert_eq!(rollup.usage(&june())[&partner_id(1)].chat_sessions, 1);
}

#[test]
fn a_day_counts_once_for_a_user_however_often_they_log_in() {
    let login = |user, minutes| CountedEvent {
        partner: partner_id(1),
        user: Some(user_id(1, user)),
        at: day("2026-06-10") + TimeDelta::minutes(minutes),
        measure: Measure::Login,
        is_access: true,
    };
    let rollup =
        RollUp::of(&[login(1, 0), login(1, 60), login(1, 24 * 60), login(2, 0)], &KpiSettings::default());
    assert_eq!(
        rollup.usage(&june())[&partner_id(1)].login_days,
        [(user_id(1, 1), 2), (user_id(1, 2), 1)].into()
    );
}

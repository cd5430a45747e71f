//! The worked set of the glossary: seven partners in June 2026. Every KPI is tested with its numbers.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::frame::{Frame, PartnerFacts};
use super::settings::KpiSettings;
use super::value::KpiValue;
use super::window::{Span, Window};
use crate::calendar::{Period, start_of_day};
use crate::ids::{PartnerId, PartnerUserId};

/// 00:00 in Japan of a date.
pub fn day(date: &str) -> DateTime<Utc> {
    start_of_day(date.parse().unwrap())
}

/// An id from a number.
pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// P1 to P7.
pub fn partner_id(number: u128) -> PartnerId {
    PartnerId(id(number))
}

/// The n-th user of a partner.
pub fn user_id(partner: u128, number: u128) -> PartnerUserId {
    PartnerUserId(id(partner * 100 + number))
}

/// June 2026.
pub fn june() -> Window {
    let june = Period::inclusive("2026-06-01".parse().unwrap(), "2026-06-30".parse().unwrap());
    Window::try_from(june).unwrap()
}

/// P1 to P5 active, P6 terminated on 20 June, P7 onboarding with access from 25 June.
pub fn partners() -> Vec<PartnerFacts> {
    let since = Span::since(day("2025-04-01"));
    let ended = Span { until: Some(day("2026-06-20")), ..since };
    let partner = |number, held: Vec<Span>, granted: &str| PartnerFacts {
        id: partner_id(number),
        is_test: false,
        active: held.clone(),
        contracts: held,
        access_granted_at: Some(day(granted)),
    };
    let mut all: Vec<_> = (1..=5).map(|it| partner(it, vec![since], "2025-04-01")).collect();
    all.push(partner(6, vec![ended], "2025-04-01"));
    all.push(partner(7, vec![], "2026-06-25"));
    all
}

/// Computes a KPI over the worked set.
pub fn over_june(compute: impl FnOnce(&Frame<'_>) -> KpiValue) -> KpiValue {
    over_june_of(&[1, 2, 3, 4, 5, 6, 7], compute)
}

/// Computes a KPI over some partners of the worked set.
pub fn over_june_of(numbers: &[u128], compute: impl FnOnce(&Frame<'_>) -> KpiValue) -> KpiValue {
    let chosen: Vec<_> = partners().into_iter().filter(|it| numbers.contains(&it.id.0.as_u128())).collect();
    compute(&Frame::at_end(june(), &chosen, &KpiSettings::default()))
}

/// The value as it is shown, or the code of why there is none.
pub fn shown(value: &KpiValue) -> String {
    figure(value.value, 4)
}

/// A figure as it is shown, or the code of why there is none.
pub fn figure(figure: super::value::Figure, decimals: u32) -> String {
    figure.map_or_else(|absence| absence.code().to_owned(), |it| it.rounded(decimals).to_string())
}

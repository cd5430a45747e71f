//! FAQ未解決率: searches after which nobody found an answer, and what was searched for.
//!
//! Facts must reach beyond the period: a session that begins in it is judged by what follows within a day, and one
//! that began before it is not counted again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::ids::{PartnerId, PartnerUserId};
use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::frame::Frame;
use crate::kpis::sessions::Sessions;
use crate::kpis::settings::KpiSettings;
use crate::kpis::value::{Bar, KpiValue, Part, Subject};

/// Keywords listed.
const TOP_KEYWORDS: usize = 20;

/// One search in the FAQ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchFact {
    /// The event.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What was searched for.
    pub keyword: String,
}

/// One article read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArticleFact {
    /// When.
    pub at: DateTime<Utc>,
    /// For how long.
    pub seconds: u32,
    /// Whether the reader said that it did not help.
    pub is_unhelpful: bool,
}

/// What one user looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaqUse {
    /// The user.
    pub user: PartnerUserId,
    /// The user's partner.
    pub partner: PartnerId,
    /// Searches.
    pub searches: Vec<SearchFact>,
    /// Articles read.
    pub articles: Vec<ArticleFact>,
    /// When inquiries were opened.
    pub inquiries: Vec<DateTime<Utc>>,
}

/// One search session; named by its first search.
struct Judged<'a> {
    id: Uuid,
    keywords: BTreeSet<String>,
    is_resolved: bool,
    user: &'a FaqUse,
}

/// Unresolved search sessions ÷ search sessions that began in the period; its bars are the unresolved keywords.
pub fn faq_unresolved_rate(frame: &Frame<'_>, uses: &[FaqUse]) -> KpiValue {
    let roster = frame.roster(Kpi::FaqUnresolvedRate);
    let held = uses.iter().filter(|it| roster.holds(it.partner));
    let sessions: Vec<_> = held.flat_map(|it| judged(frame, it)).collect();
    let unresolved: Vec<_> = sessions.iter().filter(|it| !it.is_resolved).collect();
    let part = |ids: &mut dyn Iterator<Item = Uuid>| Part::count(Subject::SearchSession, ids);
    let hits = part(&mut unresolved.iter().map(|it| it.id));
    let all = part(&mut sessions.iter().map(|it| it.id));
    let bars = top_keywords(&unresolved);
    KpiValue { bars, ..KpiValue::proportion(Kpi::FaqUnresolvedRate, hits, all) }.excluding(roster.exclusions)
}

/// A keyword as it is counted: half-width, lower case, single blanks.
pub fn normalised_keyword(keyword: &str) -> String {
    let folded = keyword.nfkc().collect::<String>().to_lowercase();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn judged<'a>(frame: &Frame<'a>, user: &'a FaqUse) -> Vec<Judged<'a>> {
    let gap = TimeDelta::minutes(frame.settings.search_gap_minutes);
    let sessions = Sessions::of(gap, user.searches.iter().map(|it| it.at));
    let begun = sessions.spans().filter(|(first, _)| frame.period.contains(*first));
    begun.map(|(first, last)| judge(user, first, last, frame.settings)).collect()
}

fn judge<'a>(
    user: &'a FaqUse,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    settings: &KpiSettings,
) -> Judged<'a> {
    let searches: Vec<_> = user.searches.iter().filter(|it| first <= it.at && it.at <= last).collect();
    let begun = searches.iter().min_by_key(|it| (it.at, it.id)).map(|it| it.id);
    Judged {
        id: begun.expect("a session is made of searches"),
        keywords: searches.iter().map(|it| normalised_keyword(&it.keyword)).collect(),
        is_resolved: is_resolved(user, first, last, settings),
        user,
    }
}

/// Resolved: after the last search an article was read and not found unhelpful, and nobody had to be asked.
fn is_resolved(user: &FaqUse, first: DateTime<Utc>, last: DateTime<Utc>, settings: &KpiSettings) -> bool {
    let read_until = last + TimeDelta::minutes(settings.resolved_within_minutes);
    let asked_until = last + TimeDelta::hours(settings.inquiry_within_hours);
    let helped = user.articles.iter().any(|it| {
        last <= it.at && it.at <= read_until && it.seconds >= settings.read_from_seconds && !it.is_unhelpful
    });
    helped && !user.inquiries.iter().any(|it| first <= *it && *it <= asked_until)
}

fn top_keywords(unresolved: &[&Judged<'_>]) -> Vec<Bar> {
    let mut counts: BTreeMap<&str, BTreeSet<(PartnerUserId, Uuid)>> = BTreeMap::new();
    for session in unresolved {
        for keyword in &session.keywords {
            counts.entry(keyword).or_default().insert((session.user.user, session.id));
        }
    }
    let mut counts: Vec<_> =
        counts.into_iter().map(|(keyword, sessions)| (keyword, sessions.len())).collect();
    counts.sort_by_key(|(keyword, count)| (std::cmp::Reverse(*count), *keyword));
    let bar = |(key, size): (&str, usize)| Bar { key: key.to_owned(), size, value: Ok(Fraction::from(size)) };
    counts.into_iter().take(TOP_KEYWORDS).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, id, over_june, partner_id, shown, user_id};

    fn minute(minute: i64) -> DateTime<Utc> {
        day("2026-06-10") + TimeDelta::minutes(minute)
    }

    fn searching(number: u128, minutes: &[i64]) -> FaqUse {
        let search = |(index, at): (usize, &i64)| SearchFact {
            id: id(number * 100 + index as u128),
            at: minute(*at),
            keyword: "ＡＰＩ　連携".to_owned(),
        };
        FaqUse {
            user: user_id(1, number),
            partner: partner_id(1),
            searches: minutes.iter().enumerate().map(search).collect(),
            articles: Vec::new(),
            inquiries: Vec::new(),
        }
    }

    fn read(at: i64) -> ArticleFact {
        ArticleFact { at: minute(at), seconds: 10, is_unhelpful: false }
    }

    fn rate(uses: &[FaqUse]) -> String {
        shown(&over_june(|frame| faq_unresolved_rate(frame, uses)))
    }

    #[test]
    fn twelve_of_fifty_are_unresolved() {
        let user = |number: u128| FaqUse {
            articles: if number < 38 { vec![read(5)] } else { Vec::new() },
            ..searching(number, &[0])
        };
        let uses: Vec<_> = (0..50).map(user).collect();
        let value = over_june(|frame| faq_unresolved_rate(frame, &uses));
        assert_eq!((shown(&value).as_str(), value.numerator.ids.len()), ("0.2400", 12));
        assert_eq!((value.bars[0].key.as_str(), value.bars[0].size), ("api 連携", 12));
    }

    #[test]
    fn without_a_search_there_is_no_rate() {
        assert_eq!(rate(&[]), "NO_DENOMINATOR");
    }

    #[test]
    fn searches_within_ten_minutes_are_one_session() {
        let value = over_june(|frame| faq_unresolved_rate(frame, &[searching(1, &[0, 10, 20, 31])]));
        assert_eq!(value.sample_size(), 2);
    }

    #[test]
    fn an_article_helps_only_if_read_soon_long_enough_and_not_marked_unhelpful() {
        let with = |article| FaqUse { articles: vec![article], ..searching(1, &[0]) };
        assert_eq!(rate(&[with(read(30))]), "0.0000");
        assert_eq!(rate(&[with(read(31))]), "1.0000");
        assert_eq!(rate(&[with(ArticleFact { seconds: 9, ..read(5) })]), "1.0000");
        assert_eq!(rate(&[with(ArticleFact { is_unhelpful: true, ..read(5) })]), "1.0000");
    }

    #[test]
    fn asking_a_person_within_a_day_says_that_it_was_not_resolved() {
        let asking =
            |after| FaqUse { articles: vec![read(5)], inquiries: vec![minute(after)], ..searching(1, &[0]) };
        assert_eq!(rate(&[asking(24 * 60)]), "1.0000");
        assert_eq!(rate(&[asking(24 * 60 + 1)]), "0.0000");
    }
}

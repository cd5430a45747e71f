//! 満足度: the share of content answers in one wave of a survey, among partners or among customers, never both.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::kpis::catalogue::Kpi;
use crate::kpis::value::{Aspect, Exclusion, ExclusionReason, KpiValue, Part, Subject};

/// Votes from which an answer is content.
const CONTENT_FROM: u8 = 4;

crate::codes! {
    /// Who is asked.
    pub enum Audience {
        Partner("パートナー", "Partners"),
        Customer("顧客", "Customers"),
    }
}

/// A vote from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vote(u8);

/// A vote that the scale does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a vote is a whole number from 1 to 5; leave it out when the question does not apply")]
pub struct InvalidVote;

/// One answer; without a vote it was blank or not applicable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The answer.
    pub id: Uuid,
    /// Who gave it.
    pub respondent: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The vote.
    pub vote: Option<Vote>,
}

/// One wave: one audience, asked once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wave {
    /// Who was asked.
    pub audience: Audience,
    /// The invitations sent.
    pub sent: Vec<Uuid>,
    /// What came back.
    pub answers: Vec<Answer>,
}

impl TryFrom<u8> for Vote {
    type Error = InvalidVote;

    fn try_from(vote: u8) -> Result<Self, InvalidVote> {
        if (1..=5).contains(&vote) { Ok(Self(vote)) } else { Err(InvalidVote) }
    }
}

/// Votes of 4 or 5 ÷ valid answers; mean and response rate stand beside it.
///
/// The latest answer of a respondent counts, even when it takes an earlier vote back by being blank.
pub fn csat(wave: &Wave) -> KpiValue {
    let latest = latest_answers(&wave.answers);
    let voted: Vec<_> = latest.values().filter_map(|it| Some((it.id, it.vote?))).collect();
    let blank = latest.values().filter(|it| it.vote.is_none()).map(|it| it.id);
    let repeated = wave.answers.iter().filter(|it| latest[&it.respondent].id != it.id).map(|it| it.id);
    let valid = Part::count(Subject::Response, voted.iter().map(|(id, _)| *id));
    let content = voted.iter().filter(|(_, vote)| vote.0 >= CONTENT_FROM).map(|(id, _)| *id);
    let mean = Part::sum(Subject::Response, voted.iter().map(|(id, vote)| (*id, vote.0.into()))).over(&valid);
    let response = valid.over(&Part::count(Subject::Invitation, wave.sent.iter().copied()));
    KpiValue::proportion(Kpi::Csat, Part::count(Subject::Response, content), valid)
        .with(Aspect::Mean, mean)
        .with(Aspect::ResponseRate, response)
        .excluding(Exclusion::of(ExclusionReason::Blank, Subject::Response, blank))
        .excluding(Exclusion::of(ExclusionReason::Repeated, Subject::Response, repeated))
}

fn latest_answers(answers: &[Answer]) -> BTreeMap<Uuid, &Answer> {
    let mut latest: BTreeMap<Uuid, &Answer> = BTreeMap::new();
    for answer in answers {
        let kept = latest.entry(answer.respondent).or_insert(answer);
        if (answer.at, answer.id) > (kept.at, kept.id) {
            *kept = answer;
        }
    }
    latest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{day, figure, id, shown};

    fn answer(number: u128, vote: Option<u8>) -> Answer {
        let vote = vote.map(|it| it.try_into().unwrap());
        Answer { id: id(number), respondent: id(100 + number), at: day("2026-06-10"), vote }
    }

    fn worked() -> Wave {
        let votes = [(5, 4), (4, 6), (3, 2), (2, 1), (1, 1)];
        let votes = votes.into_iter().flat_map(|(vote, count)| std::iter::repeat_n(Some(vote), count));
        let answers = (1..).zip(votes.chain([None])).map(|(number, vote)| answer(number, vote)).collect();
        Wave { audience: Audience::Partner, sent: (1..=20).map(id).collect(), answers }
    }

    #[test]
    fn ten_of_fourteen_are_content() {
        let value = csat(&worked());
        assert_eq!(shown(&value), "0.7143");
        assert_eq!(figure(value.beside(Aspect::Mean).unwrap(), 4), "3.7857");
        assert_eq!(figure(value.beside(Aspect::ResponseRate).unwrap(), 4), "0.7000");
        assert_eq!(
            (value.exclusions[0].reason, &value.exclusions[0].ids[..]),
            (ExclusionReason::Blank, &[id(15)][..])
        );
    }

    #[test]
    fn the_latest_answer_of_a_respondent_counts_in_whatever_order_they_come() {
        let first = Answer { respondent: id(101), ..answer(50, Some(1)) };
        let second = Answer { at: day("2026-06-11"), ..answer(1, Some(5)) };
        for answers in [vec![first, second], vec![second, first]] {
            let value = csat(&Wave { answers, ..worked() });
            assert_eq!((shown(&value).as_str(), value.sample_size()), ("1.0000", 1));
            assert_eq!(value.exclusions[0].ids, [id(50)]);
        }
    }

    #[test]
    fn there_is_no_vote_of_six() {
        assert_eq!(Vote::try_from(6), Err(InvalidVote));
        assert_eq!(Vote::try_from(0), Err(InvalidVote));
    }
}

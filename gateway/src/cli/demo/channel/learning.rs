//! What the demo's people learned: courses that they took, some of them twice, and some that nobody began.

use chrono::TimeDelta;
use domain::ids::{CourseId, PartnerId, PartnerUserId};
use rust_decimal::Decimal;

use super::beginning::Beginning;
use super::dice::Dice;
use super::partners::{Entered, Learners};
use super::support::{Offered, Support};
use crate::platform::auth::Caller;
use crate::startup::Services;
use crate::training::service::{self as training, Wanted};

/// Days between tries, and from the first course to the next.
const TRY_DAYS: u64 = 4;
const NEXT_COURSE_DAYS: u64 = 30;
/// Days to take a course.
const DUE_DAYS: i64 = 45;

/// Somebody who is to take a course.
pub(super) struct Lesson {
    pub(super) partner: PartnerId,
    pub(super) user: PartnerUserId,
    pub(super) course: CourseId,
    pub(super) code: String,
    pub(super) begun_days_ago: u64,
    /// How the tests went, with the days before the demo was begun; none when the course was never begun.
    pub(super) tries: Vec<Try>,
}

/// A test.
pub(super) struct Try {
    pub(super) days_ago: u64,
    pub(super) score: u32,
    pub(super) is_passed: bool,
}

/// Who learned what.
pub(super) fn lessons(beginning: &Beginning, partners: &[Entered], support: &Support) -> Vec<Lesson> {
    partners.iter().flat_map(|it| of_partner(beginning, it, support)).collect()
}

fn of_partner(beginning: &Beginning, partner: &Entered, support: &Support) -> Vec<Lesson> {
    let mut dice = Dice::of(&format!("{} learns", partner.sample.key));
    let sample = &partner.sample;
    let users = match sample.learners {
        Learners::Nobody if sample.visits > 0 => return neglected(beginning, partner, support),
        Learners::Nobody => Vec::new(),
        Learners::Sales => vec![partner.rep],
        Learners::Admin => vec![partner.admin],
        Learners::Both => vec![partner.rep, partner.admin],
    };
    let mut lessons = Vec::new();
    for user in users {
        let mut begun = sample.last_visit + 60 + dice.throw(120);
        for course in support.courses.iter().filter(|it| it.lowest_visits <= sample.visits) {
            let tries = tries(&mut dice, course, begun);
            lessons.push(lesson((partner.id, user), course, begun, tries));
            begun -= NEXT_COURSE_DAYS.min(begun - sample.last_visit);
        }
    }
    lessons
}

/// A course that somebody was to take, and never began.
fn neglected(beginning: &Beginning, partner: &Entered, support: &Support) -> Vec<Lesson> {
    let first = support.courses.first().into_iter();
    first.map(|it| lesson((partner.id, partner.rep), it, beginning.within(150), Vec::new())).collect()
}

fn lesson(
    (partner, user): (PartnerId, PartnerUserId),
    course: &Offered,
    begun_days_ago: u64,
    tries: Vec<Try>,
) -> Lesson {
    Lesson { partner, user, course: course.id, code: course.code.clone(), begun_days_ago, tries }
}

/// A pass; one in three needs a second try.
fn tries(dice: &mut Dice, course: &Offered, begun: u64) -> Vec<Try> {
    let room = u64::from(100 - course.pass_mark) + 1;
    let score = course.pass_mark + u32::try_from(dice.throw(room)).unwrap_or_default();
    let pass = |days_ago| Try { days_ago, score, is_passed: true };
    match dice.throw(3) {
        0 => {
            let failed = Try { days_ago: begun - TRY_DAYS, score: course.pass_mark - 12, is_passed: false };
            vec![failed, pass(begun - 2 * TRY_DAYS)]
        }
        _ => vec![pass(begun - TRY_DAYS)],
    }
}

/// Enrols people and lets them take their courses.
pub(super) async fn study(
    services: &Services,
    beginning: &Beginning,
    lessons: &[Lesson],
) -> anyhow::Result<()> {
    for lesson in lessons {
        let at = |days_ago, minutes| beginning.context(services, (days_ago, minutes), Caller::operator());
        let wanted = Wanted {
            user: lesson.user,
            course: lesson.course,
            is_mandatory: true,
            due_at: Some(beginning.at(lesson.begun_days_ago, 0) + TimeDelta::days(DUE_DAYS)),
        };
        let key = format!("demo/lesson/{}/{}", lesson.user, lesson.code);
        let enrolment = training::enrol(&at(lesson.begun_days_ago, 0), Some(&key), wanted).await?.id;
        for test in &lesson.tries {
            let key = format!("{key}/{}", test.days_ago);
            let begun = at(test.days_ago, 0);
            training::start(&begun, Some(&format!("{key}/start")), enrolment).await?;
            let (ended, score) = (at(test.days_ago, 90), Some(Decimal::from(test.score)));
            training::finish(&ended, Some(&format!("{key}/end")), (enrolment, score)).await?;
        }
    }
    Ok(())
}

//! What the demo's people did with the support they were given, as their portal reports it: few come often, most hardly ever.
//!
//! The same people do the same on the same days before the demo was begun, whenever that was.

use anyhow::ensure;
use chrono::{Datelike as _, Weekday};
use domain::enablement::AssetKind;
use domain::engagement::ReportedEvent;
use domain::ids::{AssetVersionId, PartnerUserId};
use entity::engagement::engagement_event;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::beginning::Beginning;
use super::dice::Dice;
use super::learning::Lesson;
use super::partners::Entered;
use super::support::{Published, Support};
use crate::engagement::intake::{Intake, Outcome, SCOPE};
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::startup::Services;
use crate::{alerts, enablement};

/// Which system reports.
const SOURCE: &str = "portal";
/// Events of one batch.
const BATCH: usize = 1_000;
/// Seconds of the videos.
const VIDEO: u64 = 300;

/// What partners looked for in the FAQ.
const KEYWORDS: [&str; 5] = ["移行 期間", "セキュリティ 認証", "価格 改定", "API 連携", "解約 手続き"];

/// Days on which a deal was prepared well, in two ways that led to a win: with the proposal, or with cases like the customer's.
const PREPARED: &[(&str, Preparation, &[u64])] = &[
    ("tatoe-tokai", Preparation::Proposal, &[91, 62, 24]),
    ("tatoe-fukuoka", Preparation::Proposal, &[72, 40, 13]),
    ("mohan-ryutsu", Preparation::Cases, &[67, 35, 12]),
    ("mohan-kinyu", Preparation::Cases, &[131, 21, 14]),
];

#[derive(Clone, Copy)]
enum Preparation {
    Proposal,
    Cases,
}

/// Reports everything, as far as that has not been done, and lets follow what follows from it.
pub(super) async fn report(
    services: &Services,
    beginning: &Beginning,
    partners: &[Entered],
    (support, lessons): (&Support, &[Lesson]),
) -> anyhow::Result<()> {
    let mut ctx = services.context_of("demo");
    ctx.caller = Caller { scopes: vec![format!("{SCOPE}{SOURCE}")], ..Caller::operator() };
    let mut events = Vec::new();
    for partner in partners {
        let lessons = lessons.iter().filter(|it| it.partner == partner.id);
        events.extend(Diary { beginning, partner, support, events: Vec::new() }.of_a_year(lessons));
    }
    if !is_reported(&ctx, events.last()).await? {
        send(&ctx, events).await?;
    }
    enablement::jobs::do_due(&ctx).await?;
    Ok(alerts::jobs::watch(&ctx).await?)
}

/// Whether the last event is in the log: they go in by their order.
async fn is_reported(ctx: &RequestContext, last: Option<&ReportedEvent>) -> anyhow::Result<bool> {
    use engagement_event::{Column, Entity};
    let Some(last) = last else { return Ok(true) };
    let same = Entity::find().filter(Column::Source.eq(SOURCE)).filter(Column::EventId.eq(&last.event_id));
    Ok(same.count(ctx.read()).await? > 0)
}

async fn send(ctx: &RequestContext, events: Vec<ReportedEvent>) -> anyhow::Result<()> {
    let mut intake = Intake::begin(ctx).await?;
    for batch in events.chunks(BATCH) {
        let outcomes = intake.take(batch.iter().cloned().map(Ok).collect()).await?;
        let refused = outcomes.iter().find(|it| matches!(it, Outcome::Refused(_)));
        ensure!(refused.is_none(), "an event of the demo is refused: {refused:?}");
    }
    Ok(())
}

/// What one partner did.
struct Diary<'a> {
    beginning: &'a Beginning,
    partner: &'a Entered,
    support: &'a Support,
    events: Vec<ReportedEvent>,
}

/// A moment of a day: how many days ago, at which minute past ten, and who.
#[derive(Clone, Copy)]
struct Moment {
    days_ago: u64,
    minute: i64,
    user: PartnerUserId,
}

impl Moment {
    fn later(&mut self, minutes: u64) {
        self.minute += i64::try_from(minutes).unwrap_or_default();
    }
}

impl<'a> Diary<'a> {
    fn of_a_year(mut self, lessons: impl Iterator<Item = &'a Lesson>) -> Vec<ReportedEvent> {
        let mut dice = Dice::of(&format!("{} comes", self.partner.sample.key));
        for place in 0..self.partner.sample.visits {
            let days_ago = self.day_of(&mut dice, place);
            self.visit(&mut dice, days_ago);
        }
        for lesson in lessons {
            self.learn(lesson);
        }
        for (_, preparation, days) in PREPARED.iter().filter(|it| it.0 == self.partner.sample.key) {
            days.iter().for_each(|days_ago| self.prepare(*preparation, *days_ago));
        }
        self.events
    }

    /// The last visit is on its day; the others on working days before it.
    fn day_of(&self, dice: &mut Dice, place: u32) -> u64 {
        let last = self.partner.sample.last_visit;
        if place == 0 {
            return self.beginning.within(last);
        }
        let mut days_ago = last + dice.throw(365_u64.saturating_sub(last));
        while matches!(self.beginning.days_ago(days_ago).weekday(), Weekday::Sat | Weekday::Sun) {
            days_ago += 1;
        }
        self.beginning.within(days_ago)
    }

    fn visit(&mut self, dice: &mut Dice, days_ago: u64) {
        let user = if dice.throw(4) == 0 { self.partner.admin } else { self.partner.rep };
        let minute = i64::try_from(dice.throw(7 * 60)).unwrap_or_default();
        let mut moment = Moment { days_ago, minute, user };
        self.add(moment, "portal.login", None, json!({}));
        for _ in 0..dice.throw(5) {
            moment.later(1 + dice.throw(6));
            self.act(dice, moment);
        }
    }

    fn act(&mut self, dice: &mut Dice, moment: Moment) {
        use AssetKind::{CaseStudy, Document, Faq, PriceList, TalkScript, Template, Video};
        match dice.throw(12) {
            0..=3 => {
                let seen = self.one_of(dice, moment, &[Document, TalkScript, PriceList, CaseStudy]);
                let payload = json!({ "seconds": 3 + dice.throw(240) });
                self.add_about(moment, "document.viewed", seen, payload);
            }
            4 => {
                let taken = self.one_of(dice, moment, &[Template, Document, CaseStudy]);
                self.add_about(moment, "document.downloaded", taken, json!({}));
            }
            5 | 6 => {
                let (seen, until) = (self.one_of(dice, moment, &[Video]), 60 + dice.throw(VIDEO - 59));
                let payload = json!({ "from_second": 0, "until_second": until, "length_seconds": VIDEO });
                self.add_about(moment, "video.played", seen, payload);
            }
            7 => {
                let keyword = dice.choose(&KEYWORDS);
                self.add(moment, "faq.searched", None, json!({ "keyword": keyword }));
                let (found, seconds) = (self.one_of(dice, moment, &[Faq]), 4 + dice.throw(90));
                self.add_about(moment, "faq.viewed", found, json!({ "seconds": seconds }));
            }
            8 => self.add(moment, "ai_chat.session", None, json!({ "messages": 1 + dice.throw(12) })),
            9 => self.add(moment, "proposal_tool.used", None, json!({ "tool": "見積作成" })),
            10 => self.add(moment, "news.read", None, json!({})),
            _ => self.add(moment, "inquiry.opened", None, json!({ "priority": "NORMAL" })),
        }
    }

    fn learn(&mut self, lesson: &Lesson) {
        for test in &lesson.tries {
            let moment = Moment { days_ago: test.days_ago, minute: 0, user: lesson.user };
            self.add(moment, "training.started", None, json!({ "course": lesson.code }));
            let kind = if test.is_passed { "training.completed" } else { "training.failed" };
            let payload = json!({ "course": lesson.code, "score": test.score });
            self.add(Moment { minute: 90, ..moment }, kind, None, payload);
        }
    }

    fn prepare(&mut self, preparation: Preparation, days_ago: u64) {
        use AssetKind::{CaseStudy, Document, TalkScript, Template};
        let moment =
            Moment { days_ago: self.beginning.within(days_ago), minute: 200, user: self.partner.rep };
        let later = Moment { minute: 215, ..moment };
        match preparation {
            Preparation::Proposal => {
                self.each_of(moment, "document.downloaded", (&[Template], &json!({})));
                self.each_of(moment, "document.viewed", (&[TalkScript], &json!({ "seconds": 95 })));
                self.add(later, "proposal_tool.used", None, json!({ "tool": "見積作成" }));
            }
            Preparation::Cases => {
                let read = json!({ "seconds": 140 });
                self.each_of(moment, "document.viewed", (&[CaseStudy, Document], &read));
                self.add(later, "ai_chat.session", None, json!({ "messages": 6 }));
            }
        }
    }

    /// What the partner could see on a day.
    fn seen_on(&self, days_ago: u64, kinds: &[AssetKind]) -> Vec<&'a Published> {
        let is_low = self.partner.sample.tier == "BRONZE";
        let there = self.support.published.iter().filter(|it| it.days_ago >= days_ago);
        there.filter(|it| kinds.contains(&it.kind) && !(it.is_gated && is_low)).collect()
    }

    fn one_of(&self, dice: &mut Dice, moment: Moment, kinds: &[AssetKind]) -> Option<AssetVersionId> {
        dice.choose(&self.seen_on(moment.days_ago, kinds)).map(|it| it.version)
    }

    fn each_of(&mut self, moment: Moment, kind: &str, (kinds, payload): (&[AssetKind], &Value)) {
        for seen in self.seen_on(moment.days_ago, kinds) {
            self.add(moment, kind, Some(seen.version), payload.clone());
        }
    }

    /// Nothing happens where there is nothing to see yet.
    fn add_about(&mut self, moment: Moment, kind: &str, version: Option<AssetVersionId>, payload: Value) {
        if version.is_some() {
            self.add(moment, kind, version, payload);
        }
    }

    fn add(&mut self, moment: Moment, kind: &str, version: Option<AssetVersionId>, payload: Value) {
        self.events.push(ReportedEvent {
            event_id: format!("demo-{}-{}", self.partner.sample.key, self.events.len()),
            kind: kind.to_owned(),
            partner_id: self.partner.id,
            user_id: Some(moment.user),
            asset_version_id: version,
            channel: domain::engagement::Channel::default(),
            occurred_at: self.beginning.at(moment.days_ago, moment.minute),
            payload: payload.as_object().cloned().unwrap_or_default(),
        });
    }
}

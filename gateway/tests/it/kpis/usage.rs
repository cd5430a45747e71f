//! Figures of how support is used: counted by day and month, and made anew when events come late.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::access::Role;
use domain::calendar::Period;
use domain::engagement::Measure;
use domain::kpis::catalogue::Kpi;
use domain::kpis::engagement::usage::UsageFact;
use domain::kpis::rollup::{CountedEvent, RollUp};
use domain::kpis::settings::KpiSettings;
use domain::kpis::window::Window;
use entity::kpis::{kpi_snapshot, usage_count};
use gateway::platform::auth::signing::Claims;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::{Value, json};

use super::JUNE;
use crate::harness::{Chance, GivenPartner, TestGateway, instant, on_every_store};

const COUNT: &str = "kpis.count";
const RECORD: &str = "kpis.snapshots";

/// What people do in these tests: each kind with its measure and payload.
const DEEDS: [(&str, Measure, &str); 4] = [
    ("portal.login", Measure::Login, "{}"),
    ("ai_chat.session", Measure::Chat, "{}"),
    ("training.started", Measure::TrainingStart, "{\"course\": \"入門\"}"),
    ("proposal_tool.used", Measure::ProposalToolUse, "{}"),
];

/// Something that a partner's representative did.
#[derive(Clone)]
struct Deed<'a> {
    partner: &'a GivenPartner,
    at: DateTime<Utc>,
    deed: (&'static str, Measure, &'static str),
}

impl Deed<'_> {
    fn event(&self, id: usize) -> Value {
        let (kind, _, payload) = self.deed;
        let payload: Value = serde_json::from_str(payload).unwrap();
        json!({
            "eventId": id.to_string(), "kind": kind, "partnerId": self.partner.id, "userId": self.partner.rep.id,
            "occurredAt": self.at, "payload": payload,
        })
    }

    fn counted(&self) -> CountedEvent {
        let user = Some(self.partner.rep.key);
        CountedEvent { partner: self.partner.key, user, at: self.at, measure: self.deed.1, is_access: true }
    }
}

impl TestGateway {
    /// A learning system reports events.
    async fn hears_of(&self, events: Vec<Value>) {
        let claims = self.claims(&[Role::IntegrationJob], "lms-job", None);
        let client = self.with_claims(&Claims { scopes: vec!["engagement:lms".to_owned()], ..claims });
        let count = events.len();
        let input = json!({ "events": events });
        let answer = client.change("recordEngagementEvents", input, "accepted").await;
        assert_eq!(answer.at("/recordEngagementEvents/accepted"), count);
    }

    async fn usage_rows(&self) -> Vec<usage_count::Model> {
        use usage_count::{Column, Entity};
        let rows = Entity::find().order_by_asc(Column::PartnerId).order_by_asc(Column::Grain);
        rows.order_by_asc(Column::Begins).all(self.services.database.read()).await.unwrap()
    }
}

fn deed<'a>(partner: &'a GivenPartner, kind: usize, at: &str) -> Deed<'a> {
    Deed { partner, at: instant(at), deed: DEEDS[kind] }
}

/// Deeds around the end of June, most of them close to the one before, so that chats go on past midnight.
fn random_deeds<'a>(chance: &mut Chance, partners: &'a [GivenPartner]) -> Vec<Deed<'a>> {
    let mut at = instant("2026-06-29T13:00:00Z");
    let mut deeds = Vec::new();
    for _ in 0..120 {
        let pause = if chance.once_in(8) { chance.below(400) } else { chance.below(40) };
        at += TimeDelta::minutes(pause as i64 + 1);
        let partner = &partners[chance.below(partners.len())];
        deeds.push(Deed { partner, at, deed: chance.one_of(&DEEDS) });
    }
    chance.shuffled(deeds)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_is_counted_as_if_it_had_come_in_time() {
    on_every_store(async |gateway| {
        let partners = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        gateway.let_pass_until("2026-08-01T00:00:00Z");
        let mut chance = Chance::seeded(7);
        let deeds = random_deeds(&mut chance, &partners);
        let numbered: Vec<_> = deeds.iter().enumerate().map(|(number, it)| it.event(number)).collect();
        for batch in numbered.chunks(17) {
            gateway.hears_of(batch.to_vec()).await;
            if chance.once_in(2) {
                let (one, two) =
                    futures::join!(gateway.services.run_job(COUNT), gateway.services.run_job(COUNT));
                one.and(two).unwrap();
            }
        }
        let counted: Vec<_> = deeds.iter().map(Deed::counted).collect();
        let rollup = RollUp::of(&counted, &KpiSettings::default());
        for period in
            [JUNE, ["2026-07-01", "2026-08-01"], ["2026-06-30", "2026-07-02"], ["2026-05-15", "2026-08-01"]]
        {
            let [from, until] = period.map(|it| it.parse().unwrap());
            let used = rollup.usage(&Window::try_from(Period { from, until }).unwrap());
            let sum = |part: fn(&UsageFact) -> u32| used.values().map(part).sum::<u32>();
            for (code, expected) in [
                ("USAGE_COUNTS", sum(|it| it.chat_sessions)),
                ("LOGIN_FREQUENCY", sum(|it| it.login_days.values().sum())),
            ] {
                let told = gateway.as_admin().figure(code, period, "").await;
                assert_eq!(
                    told.at("/kpi/figure/numerator/total"),
                    &json!(expected.to_string()),
                    "{code} {period:?}"
                );
                assert_eq!(told.at("/kpi/figure/denominator/total"), "2");
            }
        }
        let restated = gateway.usage_rows().await;
        let db = gateway.services.database.read();
        usage_count::Entity::delete_many().exec(db).await.unwrap();
        for (number, it) in deeds.iter().enumerate() {
            let again = Deed { deed: DEEDS[3], ..it.clone() };
            gateway.hears_of(vec![again.event(1_000 + number)]).await;
        }
        gateway.let_job_run(COUNT).await;
        let anew = gateway.usage_rows().await;
        let without_tools = |rows: Vec<usage_count::Model>| -> Vec<usage_count::Model> {
            rows.into_iter().map(|it| usage_count::Model { proposal_tool_uses: 0, ..it }).collect()
        };
        assert_eq!(without_tools(restated), without_tools(anew), "everything counted anew is the same");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_begins_on_the_twenty_first_day_and_ends_with_an_access() {
    on_every_store(async |gateway| {
        let partners = [gateway.given_seller("丁").await, gateway.given_seller("戊").await];
        gateway.let_pass_until("2026-07-05T00:00:00Z");
        let accesses =
            [deed(&partners[0], 0, "2026-06-10T03:00:00Z"), deed(&partners[1], 0, "2026-06-11T03:00:00Z")];
        gateway.hears_of(vec![accesses[0].event(1), accesses[1].event(2)]).await;
        let admin = gateway.as_admin();
        let silent = admin.figure("SILENT_PARTNERS", JUNE, "").await;
        assert_eq!(silent.at("/kpi/figure/exact"), "1/1");
        assert_eq!(silent.at("/kpi/figure/numerator/records/ids"), &json!([partners[0].id]));
        assert_eq!(silent.at("/kpi/figure/denominator/total"), "2");
        let late = deed(&partners[0], 1, "2026-06-20T03:00:00Z").event(3);
        gateway.hears_of(vec![late]).await;
        assert_eq!(admin.value_of("SILENT_PARTNERS", JUNE).await, "0", "a late event restates the period");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_part_is_counted_by_person() {
    on_every_store(async |gateway| {
        let partners = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        gateway.let_pass_until("2026-07-05T00:00:00Z");
        let started = deed(&partners[0], 2, "2026-06-10T03:00:00Z");
        let again = Deed { at: instant("2026-06-11T03:00:00Z"), ..started.clone() };
        gateway.hears_of(vec![started.event(1), again.event(2)]).await;
        let admin = gateway.as_admin();
        let told = admin.figure("TRAINING_PARTICIPATION_RATE", JUNE, "").await;
        assert_eq!(told.at("/kpi/figure/exact"), "1/2");
        assert_eq!(told.at("/kpi/figure/numerator/records/ids"), &json!([partners[0].rep.id]));
        assert_eq!(
            admin.value_of("TRAINING_PARTICIPATION_RATE", ["2026-07-01", "2026-07-04"]).await,
            "0.0000"
        );
        let scores = admin.figure("ENGAGEMENT_SCORE", JUNE, ", groupBy: PARTNER").await;
        assert_eq!(scores.at("/kpi/figure/absence"), "PER_PARTNER");
        assert_eq!(scores.at("/kpi/groups").as_array().unwrap().len(), 2);
        assert_eq!(admin.value_of("LOW_SCORE_PARTNERS", JUNE).await, "2");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_stays_readable_when_a_figure_is_restated() {
    on_every_store(async |gateway| {
        let partners = [gateway.given_seller("甲").await, gateway.given_seller("乙").await];
        let record = async || {
            let (one, two) =
                futures::join!(gateway.services.run_job(RECORD), gateway.services.run_job(RECORD));
            one.and(two).unwrap();
        };
        gateway.let_pass_until("2026-07-02T00:00:00Z");
        gateway.hears_of(vec![deed(&partners[0], 0, "2026-06-10T03:00:00Z").event(1)]).await;
        record().await;
        gateway.let_pass_until("2026-07-03T00:00:00Z");
        gateway.hears_of(vec![deed(&partners[1], 0, "2026-06-11T03:00:00Z").event(2)]).await;
        record().await;
        record().await;
        let admin = gateway.as_admin();
        for (at, exact) in [("2026-07-02T12:00:00Z", "1/2"), ("2026-07-03T12:00:00Z", "1/1")] {
            let told = admin.figure("LOGIN_FREQUENCY", JUNE, &format!(", asOf: \"{at}\"")).await;
            assert_eq!(told.at("/kpi/figure/exact"), exact);
        }
        let rows = kpi_snapshot::Entity::find().filter(kpi_snapshot::Column::Kpi.eq(Kpi::LoginFrequency));
        let rows = rows.filter(kpi_snapshot::Column::Begins.eq("2026-06-01".parse::<NaiveDate>().unwrap()));
        let count = rows.count(gateway.services.database.read()).await.unwrap();
        assert_eq!(count, 2 + 1, "June twice, and the week that begins with it once: nothing was late there");
        let early = admin.figure("LOGIN_FREQUENCY", JUNE, ", asOf: \"2026-07-01T12:00:00Z\"").await;
        early.assert_refused("KPI_NOT_RECORDED_YET");
        let own = gateway.as_admin_of(&partners[0]);
        let history = own.figure("LOGIN_FREQUENCY", JUNE, ", asOf: \"2026-07-03T12:00:00Z\"").await;
        history.assert_refused("KPI_HISTORY_OF_CHANNEL");
    })
    .await;
}

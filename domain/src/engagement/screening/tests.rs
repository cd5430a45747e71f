//! Which events are taken, and what is said of the others.

use serde_json::json;

use super::*;
use crate::kpis::worked::{day, id, partner_id, user_id};

fn login(event_id: &str) -> ReportedEvent {
    ReportedEvent {
        event_id: event_id.to_owned(),
        kind: "portal.login".to_owned(),
        partner_id: partner_id(1),
        user_id: Some(user_id(1, 1)),
        asset_version_id: None,
        channel: Channel::Portal,
        occurred_at: day("2026-06-10"),
        payload: Map::new(),
    }
}

fn arriving<T>(registry: &Registry, act: impl FnOnce(&Arrival<'_>) -> T) -> T {
    act(&Arrival {
        source: "lms",
        registry,
        limits: EventLimits::default(),
        received_at: day("2026-06-11"),
        reports_of: &|partner| [1, 2].map(partner_id).contains(&partner),
        partner_of: &|user| {
            [1, 2].map(partner_id).into_iter().find(|it| user.0.as_u128() / 100 == it.0.as_u128())
        },
        has_asset: &|version| version == AssetVersionId(id(9)),
    })
}

fn judge(event: ReportedEvent) -> Result<AcceptedEvent, EventRefusal> {
    arriving(&Registry::default(), |it| it.judge(event))
}

fn refused(event: ReportedEvent) -> &'static str {
    judge(event).unwrap_err().into()
}

#[test]
fn a_login_is_taken_and_is_access() {
    let event = judge(login("1")).unwrap();
    assert_eq!((event.key.source(), event.key.event_id(), event.is_access), ("lms", "1", true));
}

#[test]
fn unknown_kinds_and_kinds_switched_off_are_told_apart() {
    assert_eq!(
        refused(ReportedEvent { kind: "portal.logout".to_owned(), ..login("1") }),
        "EVENT_KIND_UNKNOWN"
    );
    let registry = Registry::default().without(["portal.login".to_owned()]);
    let refusal = arriving(&registry, |it| it.judge(login("1"))).unwrap_err();
    assert_eq!(<&str>::from(refusal), "EVENT_KIND_OFF");
}

#[test]
fn neither_the_future_nor_the_distant_past_is_taken() {
    let at = |occurred_at| ReportedEvent { occurred_at, ..login("1") };
    assert_eq!(refused(at(day("2026-06-11") + TimeDelta::seconds(301))), "EVENT_FROM_FUTURE");
    assert!(judge(at(day("2026-06-11") + TimeDelta::seconds(300))).is_ok(), "clocks differ");
    assert_eq!(refused(at(day("2023-06-11"))), "EVENT_TOO_LATE");
    assert!(judge(at(day("2023-06-11") + TimeDelta::seconds(1))).is_ok());
}

#[test]
fn the_user_of_another_partner_and_a_user_that_is_not_are_refused_alike() {
    let by = |user| judge(ReportedEvent { user_id: Some(user), ..login("1") }).unwrap_err();
    assert_eq!(by(user_id(2, 1)), by(user_id(9, 9)));
    assert_eq!(by(user_id(2, 1)), EventRefusal::EventUserUnknown);
    assert_eq!(refused(ReportedEvent { user_id: None, ..login("1") }), "EVENT_USER_MISSING");
}

#[test]
fn a_partner_that_the_source_does_not_report_for_is_refused_before_its_users_are_looked_at() {
    let of_stranger = |user_id| refused(ReportedEvent { partner_id: partner_id(3), user_id, ..login("1") });
    assert_eq!(of_stranger(Some(user_id(3, 1))), "EVENT_PARTNER_UNKNOWN");
    assert_eq!(of_stranger(None), "EVENT_PARTNER_UNKNOWN");
}

#[test]
fn a_payload_that_fails_its_schema_is_refused() {
    let view = |payload: Value| ReportedEvent {
        kind: "document.viewed".to_owned(),
        asset_version_id: Some(AssetVersionId(id(9))),
        payload: payload.as_object().unwrap().clone(),
        ..login("1")
    };
    assert!(judge(view(json!({ "seconds": 12 }))).is_ok());
    assert_eq!(refused(view(json!({ "seconds": -1 }))), "EVENT_PAYLOAD_INVALID");
    assert_eq!(refused(view(json!({}))), "EVENT_PAYLOAD_INVALID");
    let about_nothing =
        ReportedEvent { asset_version_id: Some(AssetVersionId(id(8))), ..view(json!({ "seconds": 12 })) };
    assert_eq!(refused(about_nothing), "EVENT_ASSET_UNKNOWN");
    let aimless = ReportedEvent { asset_version_id: None, ..view(json!({ "seconds": 12 })) };
    assert_eq!(refused(aimless), "EVENT_ASSET_MISSING");
}

#[test]
fn opening_a_mail_and_acts_without_a_user_are_no_access() {
    let read = ReportedEvent { kind: "news.read".to_owned(), channel: Channel::Mail, ..login("1") };
    assert!(!judge(read).unwrap().is_access);
    let payload = json!({ "campaign": "spring" }).as_object().unwrap().clone();
    let campaign =
        ReportedEvent { kind: "campaign.executed".to_owned(), user_id: None, payload, ..login("1") };
    assert!(!judge(campaign).unwrap().is_access);
}

#[test]
fn a_line_of_two_megabytes_is_refused_unread() {
    let limits = EventLimits::default();
    let read = |line: &[u8]| read_line::<ReportedEvent>(line, &limits);
    let refusal = read(&vec![b'x'; 2 << 20]).unwrap_err();
    assert_eq!(refusal, EventRefusal::EventTooLarge { max: 65_536 });
    assert!(matches!(read(b"{}"), Err(EventRefusal::EventMalformed(_))));
    assert!(matches!(read(b"\xff"), Err(EventRefusal::EventMalformed(_))));
}

#[test]
fn one_bad_event_does_not_harm_the_others_and_nothing_counts_twice() {
    let contradiction = ReportedEvent { occurred_at: day("2026-06-09"), ..login("1") };
    let broken = Err(EventRefusal::EventMalformed("broken".to_owned()));
    let batch = [Ok(login("1")), broken, Ok(login("1")), Ok(contradiction), Ok(login("2"))];
    let screening = arriving(&Registry::default(), |it| it.screen(batch));
    let accepted: Vec<_> = screening.accepted.iter().map(|(position, _)| *position).collect();
    let refused: Vec<_> =
        screening.refused.iter().map(|(position, it)| (*position, <&str>::from(it))).collect();
    assert_eq!((accepted, screening.repeated), (vec![0, 4], vec![2]));
    assert_eq!(refused, [(1, "EVENT_MALFORMED"), (3, "EVENT_CONTRADICTED")]);
}

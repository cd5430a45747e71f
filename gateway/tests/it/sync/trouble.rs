//! Whatever a CRM and the way to it do, a run that ends well holds what an undisturbed one holds.

use sandbox::FaultKind::*;
use sandbox::{Fault, When};

use super::stage::{Stage, on_every_store};
use super::store::assert_same;

const LEADS: usize = 450;
/// Pages of a query but the first.
const LATER_PAGES: &str = "/services/data/*/query";

async fn survives(faults: &[Fault]) {
    on_every_store(LEADS, async |stage| {
        faults.iter().for_each(|it| stage.crm.suffer(it.clone()));
        stage.sync().await.unwrap_or_else(|error| panic!("{faults:?}: {error}"));
        stage.crm.recover();
        assert_same(&stage.store, &stage.undisturbed().await).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_twice_doubles_nothing() {
    survives(&[Fault::new(DuplicatedPage).when(When::EveryNth(2))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_may_come_in_any_order() {
    survives(&[Fault::new(ReorderedRows).when(When::Always)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_short_is_asked_for_again() {
    let now_and_then = When::EveryNth(3);
    survives(&[Fault::new(TruncatedBody).on(LATER_PAGES).when(now_and_then)]).await;
    survives(&[Fault::new(CutBody).on(LATER_PAGES).when(now_and_then)]).await;
    survives(&[Fault::new(ConnectionReset).on(LATER_PAGES).when(now_and_then)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_is_busy_is_given_time() {
    survives(&[Fault::new(Unavailable).when(When::EveryNth(4))]).await;
    survives(&[Fault::new(TooManyRequests { retry_after: 0 }).when(When::EveryNth(4))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_is_opened_again() {
    survives(&[Fault::new(ExpiredToken).when(When::EveryNth(5))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_whose_cursor_is_lost_goes_on_behind_its_last_record() {
    let lost = Refusal { code: "INVALID_QUERY_LOCATOR".to_owned() };
    survives(&[Fault::new(lost).on(LATER_PAGES).when(When::EveryNth(2))]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once() {
    let sometimes = |seed| When::Chance { probability: 0.1, seed };
    let kinds = [DuplicatedPage, ReorderedRows, TruncatedBody, CutBody, Unavailable, ExpiredToken];
    let faults: Vec<Fault> =
        kinds.into_iter().zip(1..).map(|(kind, seed)| Fault::new(kind).when(sometimes(seed))).collect();
    survives(&faults).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_on_a_later_page_keeps_what_it_has_and_the_next_one_goes_on() {
    on_every_store(LEADS, async |stage| {
        // Enough for every attempt at the second page of the first object.
        stage.crm.suffer(Fault::new(FailingLaterPage).when(When::Times(4)));
        let error = stage.sync().await.unwrap_err();
        assert!(error.to_string().contains("out of order (HTTP 500)"), "{error}");
        assert_eq!(stage.store.pages().await, 1);
        let counts = stage.sync().await.unwrap();
        assert_eq!(counts.unchanged, 0, "nothing that was stored is read again");
        assert_same(&stage.store, &stage.undisturbed().await).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_another_size_hold_the_same() {
    on_every_store(LEADS, async |stage: &Stage| {
        let mut config = stage.config();
        config.page_size = 2_000;
        stage.sync_as(&config, Default::default()).await.unwrap();
        assert_same(&stage.store, &stage.undisturbed().await).await;
    })
    .await;
}

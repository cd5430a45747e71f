//! Tests of the comparison of persons.

use domain::fields::{Field, RecordKind, lead};
use domain::ids::GoldenId;
use domain::sources::Values;

use super::*;
use crate::matching::features::Features;
use crate::matching::{compare, compare_within_system};

type Said = [(Field, &'static str)];

const NAME: (Field, &str) = (lead::last_name, "山田 太郎");
const KANA: (Field, &str) = (lead::last_name_kana, "ヤマダ タロウ");
const EMAIL: (Field, &str) = (lead::email, "t.yamada@kyokuyo.co.jp");
const PHONE: (Field, &str) = (lead::phone, "03-5545-0701");
const MOBILE: (Field, &str) = (lead::mobile_phone, "090-1111-2222");
const COMPANY: (Field, &str) = (lead::company, "株式会社極洋");
const SITE: (Field, &str) = (lead::website, "kyokuyo.co.jp");

fn features(said: &Said, account: Option<u128>) -> Features {
    let values: Values = said.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect();
    Features::of(RecordKind::Lead, &values, account.map(|it| GoldenId(uuid::Uuid::from_u128(it))))
}

#[track_caller]
fn check(a: &Said, b: &Said, score: u8, band: Band) {
    check_at([None, None], a, b, score, band);
}

#[track_caller]
fn check_at(accounts: [Option<u128>; 2], a: &Said, b: &Said, score: u8, band: Band) {
    let policy = MatchingPolicy::default();
    let (a, b) = (features(a, accounts[0]), features(b, accounts[1]));
    for verdict in [compare(&policy, &Hubs::default(), &a, &b), compare(&policy, &Hubs::default(), &b, &a)] {
        assert_eq!((verdict.score, verdict.band), (score, band), "{verdict:?}");
    }
}

#[test]
fn the_points_of_the_specification() {
    check(&[NAME, EMAIL], &[NAME, EMAIL], 95, Band::Auto);
    check(&[NAME, PHONE], &[NAME, PHONE], 60, Band::Review);
    check(&[NAME, KANA, PHONE], &[NAME, KANA, PHONE], 75, Band::Review);
    check_at([Some(1), Some(1)], &[NAME], &[NAME], 55, Band::Possible);
    check_at([Some(1), Some(2)], &[NAME], &[NAME], 35, Band::None);
    check_at([Some(1), Some(1)], &[NAME, KANA, PHONE], &[NAME, KANA, PHONE], 95, Band::Auto);
}

#[test]
fn companies_stand_in_for_unknown_accounts() {
    check(&[NAME, COMPANY, SITE], &[NAME, (lead::company, "㈱極洋"), SITE], 55, Band::Possible);
    check(&[NAME, COMPANY], &[NAME, COMPANY], 35, Band::None);
}

#[test]
fn colleagues_do_not_match() {
    let other = (lead::last_name, "鈴木 花子");
    check_at(
        [Some(1), Some(1)],
        &[NAME, PHONE, COMPANY, SITE],
        &[other, PHONE, COMPANY, SITE],
        5,
        Band::None,
    );
    check_at([Some(1), Some(1)], &[PHONE, EMAIL], &[PHONE, (lead::email, "h@kyokuyo.co.jp")], 30, Band::None);
    let brother = (lead::last_name, "山田 次郎");
    check_at([Some(1), Some(1)], &[NAME, PHONE, EMAIL], &[brother, PHONE, EMAIL], 65, Band::Review);
}

#[test]
fn the_mailbox_of_a_role_is_nobodys() {
    let role = (lead::email, "info@kyokuyo.co.jp");
    check(&[NAME, role], &[(lead::last_name, "鈴木 花子"), role], 0, Band::None);
    check(&[NAME, role], &[NAME, role], 35, Band::None);
}

#[test]
fn a_mobile_number_is_somebodys_own_and_a_free_call_nobodys() {
    check_at([Some(1), Some(1)], &[MOBILE], &[MOBILE], 45, Band::None);
    let free = (lead::phone, "0120-828-828");
    check(&[NAME, free], &[NAME, free], 35, Band::None);
}

#[test]
fn names_meet_across_order_script_and_spelling() {
    let latin = (lead::last_name, "Taro Yamada");
    check(&[(lead::last_name, "Yamada Taro"), EMAIL], &[latin, EMAIL], 95, Band::Auto);
    check(&[NAME, KANA, EMAIL], &[latin, EMAIL], 75, Band::Review);
    check(&[NAME, EMAIL], &[latin, EMAIL], 60, Band::Review);
    check(&[(lead::last_name, "髙橋太郎"), EMAIL], &[(lead::last_name, "高橋 太郎"), EMAIL], 95, Band::Auto);
    check(
        &[(lead::last_name, "Christina Ramirez"), EMAIL],
        &[(lead::last_name, "Christina Ramires"), EMAIL],
        80,
        Band::Review,
    );
}

#[test]
fn a_family_name_alone_neither_matches_nor_contradicts_a_whole_one() {
    let half = (lead::last_name, "山田");
    check(&[half, EMAIL], &[NAME, EMAIL], 60, Band::Review);
    check(&[half, EMAIL], &[(lead::last_name, "鈴木 花子"), EMAIL], 20, Band::None);
    check(&[half, PHONE], &[half, PHONE], 25, Band::None);
}

#[test]
fn one_reading_of_two_spellings_is_weak() {
    let ken = [(lead::last_name, "佐藤 健一"), (lead::last_name_kana, "サトウ ケンイチ")];
    let slip = [(lead::last_name, "佐藤 賢一"), (lead::last_name_kana, "サトウ ケンイチ")];
    check(&ken, &slip, 35, Band::None);
    check(&[ken[0], ken[1], EMAIL], &[slip[0], slip[1], EMAIL], 95, Band::Auto);
}

#[test]
fn nicknames_and_left_out_parts_are_similar() {
    let similar =
        |a, b| check(&[(lead::last_name, a), EMAIL], &[(lead::last_name, b), EMAIL], 80, Band::Review);
    similar("Bill Harrison", "William Harrison");
    similar("John Michael Harrison", "John Harrison");
    similar("Nina Siad", "Nina Siad-Mitchell");
    similar("J. Harrison", "John Harrison");
    check(&[(lead::last_name, "Jan Lee"), EMAIL], &[(lead::last_name, "Jon Lee"), EMAIL], 20, Band::None);
}

#[test]
fn a_second_mailbox_of_the_same_name_is_worth_asking() {
    let second = (lead::email, "taro.yamada@kyokuyo.co.jp");
    check(&[NAME, COMPANY, EMAIL], &[NAME, COMPANY, second], 65, Band::Review);
    check(&[(lead::last_name, "山田 花子"), COMPANY, EMAIL], &[NAME, COMPANY, second], 0, Band::None);
}

#[test]
fn namesakes_at_one_company_have_unlike_mailboxes() {
    let other = (lead::email, "yamada2@kyokuyo.co.jp");
    check(&[NAME, KANA, PHONE, COMPANY, EMAIL], &[NAME, KANA, PHONE, COMPANY, other], 80, Band::Review);
}

#[test]
fn a_shared_mobile_number_explains_a_second_mailbox() {
    let other = (lead::email, "yamada2@kyokuyo.co.jp");
    check(&[NAME, KANA, MOBILE, COMPANY, EMAIL], &[NAME, KANA, MOBILE, COMPANY, other], 95, Band::Auto);
}

#[test]
fn a_mailbox_bridges_scripts() {
    let spelled = (lead::email, "taro.yamada@kyokuyo.co.jp");
    check(&[NAME, spelled, MOBILE], &[(lead::last_name, "Taro Yamada"), MOBILE], 40, Band::None);
    check(&[NAME, spelled], &[(lead::last_name, "Taro Yamada"), spelled], 75, Band::Review);
}

#[test]
fn father_and_son_are_two() {
    let (father, son) = ((lead::last_name, "John Smith Sr."), (lead::last_name, "John Smith Jr."));
    check(&[father, EMAIL], &[son, EMAIL], 20, Band::None);
}

#[test]
fn within_one_system_only_identity_joins() {
    let policy = MatchingPolicy::default();
    let within = |said: &Said| {
        let features = features(said, Some(1));
        compare_within_system(&policy, &Hubs::default(), &features, &features)
    };
    assert_eq!(within(&[NAME, EMAIL]).band, Band::Auto);
    let verdict = within(&[NAME, KANA, PHONE]);
    assert_eq!((verdict.band, verdict.score), (Band::Review, 95));
}

#[test]
fn leads_that_point_to_nobody_are_compared_as_companies() {
    check(&[COMPANY, SITE, PHONE], &[COMPANY, SITE, PHONE], 100, Band::Auto);
    check(&[COMPANY, SITE], &[COMPANY, SITE], 80, Band::Review);
    check(&[COMPANY, SITE], &[COMPANY, SITE, NAME], 0, Band::None);
}

//! Territories as sentences.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const P1: PartnerId = PartnerId(Uuid::from_u128(1));
const P3: PartnerId = PartnerId(Uuid::from_u128(3));
const ACCOUNT: GoldenId = GoldenId(Uuid::from_u128(0xa1));

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn codes<T: std::str::FromStr<Err = InvalidRegion> + Ord>(text: &str) -> BTreeSet<T> {
    text.split_whitespace().map(|it| it.parse().unwrap()).collect()
}

fn assignment(
    partner: PartnerId,
    prefectures: &str,
    industries: &str,
    products: &str,
) -> TerritoryAssignment {
    TerritoryAssignment {
        partner,
        prefectures: codes(prefectures),
        industries: codes(industries),
        products: products.split_whitespace().collect(),
        named_accounts: BTreeSet::new(),
        is_exclusive: false,
        valid_from: date("2026-04-01"),
        valid_until: None,
    }
}

fn exclusive(assignment: TerritoryAssignment) -> TerritoryAssignment {
    TerritoryAssignment { is_exclusive: true, ..assignment }
}

fn place(prefecture: &str) -> Place {
    let products = ["X"].into_iter().collect();
    Place { prefecture: prefecture.parse().ok(), industry: "E".parse().ok(), products, account: ACCOUNT }
}

#[test]
fn an_exclusive_holder_covers_its_prefecture_alone() {
    let all = [assignment(P1, "JP-13", "", ""), exclusive(assignment(P3, "JP-27", "E", "X"))];
    let coverage = |partner, prefecture| coverage(&all, partner, &place(prefecture), date("2026-04-12"));
    assert_eq!((coverage(P1, "JP-27"), coverage(P3, "JP-27")), (Coverage::Uncovered, Coverage::Exclusive));
    assert_eq!((coverage(P1, "JP-13"), coverage(P3, "JP-13")), (Coverage::Covered, Coverage::Uncovered));
    assert_eq!(coverage(P1, "unknown"), Coverage::Uncovered);
}

#[test]
fn a_shared_territory_gives_no_right_inside_anothers_exclusive_one() {
    let all = [assignment(P1, "", "", ""), exclusive(assignment(P3, "JP-27", "E", "X"))];
    let on = date("2026-04-12");
    assert_eq!(coverage(&all, P1, &place("JP-27"), on), Coverage::Uncovered);
    assert_eq!(closest_fit(&all, P1, &place("JP-27"), on), None);
    assert_eq!(coverage(&all, P1, &place("JP-13"), on), Coverage::Covered);
    let before = TerritoryAssignment { valid_until: Some(on), ..all[1].clone() };
    assert_eq!(coverage(&[all[0].clone(), before], P1, &place("JP-27"), on), Coverage::Covered);
}

#[test]
fn an_assignment_covers_from_its_first_date_to_before_its_end() {
    let ending = TerritoryAssignment { valid_until: Some(date("2026-07-01")), ..assignment(P1, "", "", "") };
    let covers = |text| ending.covers(&place("JP-13"), date(text));
    assert_eq!(
        [covers("2026-03-31"), covers("2026-04-01"), covers("2026-06-30"), covers("2026-07-01")],
        [false, true, true, false]
    );
}

#[test]
fn every_product_of_a_deal_must_be_covered() {
    let mut deal = place("JP-13");
    deal.products = ["X", "Y"].into_iter().collect();
    assert!(!assignment(P1, "", "", "X").covers(&deal, date("2026-04-01")));
    assert!(assignment(P1, "", "", "").covers(&deal, date("2026-04-01")));
}

#[test]
fn overlapping_exclusive_territories_are_refused() {
    let existing = [exclusive(assignment(P3, "JP-27 JP-28", "E", "X"))];
    let check = |new: TerritoryAssignment| new.check(&existing);
    let refusal = Err(InvalidTerritory::TerritoryExclusiveOverlap { holder: P3 });
    assert_eq!(check(exclusive(assignment(P1, "JP-28", "", ""))), refusal);
    assert_eq!(check(assignment(P1, "JP-28", "", "")), Ok(()));
    assert_eq!(check(exclusive(assignment(P1, "JP-13", "", ""))), Ok(()));
    assert_eq!(check(exclusive(assignment(P1, "JP-28", "", "Y"))), Ok(()));
    assert_eq!(check(exclusive(assignment(P3, "JP-28", "", ""))), Ok(()));
    let before = TerritoryAssignment {
        valid_from: date("2025-04-01"),
        valid_until: Some(date("2026-04-01")),
        ..exclusive(assignment(P1, "", "", ""))
    };
    assert_eq!(check(before), Ok(()));
}

#[test]
fn a_territory_that_ends_before_it_begins_is_refused() {
    let backwards =
        TerritoryAssignment { valid_until: Some(date("2026-04-01")), ..assignment(P1, "", "", "") };
    assert!(matches!(backwards.check(&[]), Err(InvalidTerritory::TerritoryEndsFirst { .. })));
}

#[test]
fn the_closest_fit_counts() {
    let named = TerritoryAssignment { named_accounts: [ACCOUNT].into(), ..assignment(P1, "", "", "") };
    let fit = |all: &[TerritoryAssignment]| closest_fit(all, P1, &place("JP-13"), date("2026-04-01"));
    let by_prefecture = assignment(P1, "JP-13", "", "");
    let by_both = assignment(P1, "JP-13", "E", "");
    assert_eq!(fit(&[by_prefecture.clone(), by_both, named]), Some(Specificity::NamedAccount));
    assert_eq!(fit(&[assignment(P1, "", "E", ""), by_prefecture]), Some(Specificity::Prefecture));
    assert_eq!(fit(&[assignment(P1, "", "", "")]), Some(Specificity::Unspecific));
    assert_eq!(fit(&[assignment(P1, "JP-27", "", "")]), None);
}

#[test]
fn the_map_shows_who_covers_what_and_the_holes() {
    let all = [assignment(P1, "", "E G", ""), assignment(P3, "JP-27", "E", "X")];
    let map = coverage_map(&all, "X", date("2026-04-01"));
    assert_eq!(map.len(), 47 * 20);
    assert_eq!(map[&("JP-27".parse().unwrap(), "E".parse().unwrap())], [P1, P3].into());
    assert_eq!(holes(&all, "X", date("2026-04-01")).len(), 47 * 18);
    assert_eq!(holes(&all, "X", date("2026-03-31")).len(), 47 * 20);
}

fn any_assignment() -> impl Strategy<Value = TerritoryAssignment> {
    let prefectures = proptest::sample::select(vec!["", "JP-13", "JP-27", "JP-13 JP-27"]);
    let industries = proptest::sample::select(vec!["", "E", "G"]);
    let products = proptest::sample::select(vec!["", "X", "Y"]);
    (prefectures, industries, products, 1..6_u32, proptest::option::of(6..9_u32)).prop_map(
        |(prefectures, industries, products, from, until)| TerritoryAssignment {
            valid_from: date(&format!("2026-0{from}-01")),
            valid_until: until.map(|it| date(&format!("2026-0{it}-01"))),
            ..exclusive(assignment(P1, prefectures, industries, products))
        },
    )
}

proptest! {
    /// Two assignments overlap exactly when some deal on some date falls under both.
    #[test]
    fn overlap_means_that_a_deal_could_fall_under_both(one in any_assignment(), other in any_assignment()) {
        let months = (1..=9).map(|it| date(&format!("2026-0{it}-01")));
        let is_shared = months.flat_map(|at| {
            ["JP-13", "JP-27", "JP-01"].into_iter().flat_map(move |prefecture| {
                ["E", "G", "A"].into_iter().flat_map(move |industry| {
                    ["X", "Y", "Z"].map(move |product| (at, prefecture, industry, product))
                })
            })
        }).any(|(at, prefecture, industry, product)| {
            let industry = industry.parse().ok();
            let deal = Place { industry, products: [product].into_iter().collect(), ..place(prefecture) };
            one.covers(&deal, at) && other.covers(&deal, at)
        });
        prop_assert_eq!(one.overlaps(&other), is_shared);
        prop_assert_eq!(other.overlaps(&one), is_shared);
    }
}

//! The comparisons between companies.

use super::evidence::{Comparison, Level, Veto};
use super::features::Organisation;
use super::hubs::Hubs;
use super::verdict::{Band, Scale, Verdict};
use crate::normalise::company::CompanyName;
use crate::normalise::similarity::are_alike;
use crate::policy::MatchingPolicy;
use smol_str::SmolStr;

/// Facts that come from different places. A postal code is no identifier: many companies share a building.
const IDENTIFIERS: &[&[Comparison]] =
    &[&[Comparison::Name], &[Comparison::Domain], &[Comparison::Phone], &[Comparison::Email]];

/// Compares two organisations.
pub(super) fn compare(policy: &MatchingPolicy, hubs: &Hubs, a: &Organisation, b: &Organisation) -> Verdict {
    let shared = a.email.as_ref().filter(|it| b.email.as_ref() == Some(it) && !hubs.has_email(it));
    weigh(policy, a, b, shared.map(|_| Level::Equal))
}

fn weigh(policy: &MatchingPolicy, a: &Organisation, b: &Organisation, email: Option<Level>) -> Verdict {
    let numbers = different_or_equal(a.corporate_number.as_ref(), b.corporate_number.as_ref());
    let mut scale = Scale::new(policy.organisations());
    scale.note(Comparison::CorporateNumber, numbers);
    scale.note(Comparison::Email, email);
    let name = name(policy, a, b);
    scale.note(Comparison::Name, name.map(|it| it.level));
    scale.note(Comparison::Domain, domain(a, b));
    scale.note(Comparison::Phone, equal(a.phone.as_ref(), b.phone.as_ref()));
    scale.note(Comparison::PostalCode, equal(a.postal_code.as_ref(), b.postal_code.as_ref()));
    scale.note(Comparison::Prefecture, different_or_equal(a.prefecture, b.prefecture));
    scale.note(Comparison::LegalForm, name.filter(|it| it.form_differs).map(|_| Level::Different));
    let mut verdict = scale.verdict(policy, IDENTIFIERS);
    if numbers == Some(Level::Different) {
        verdict.veto = Some(Veto::CorporateNumbersDiffer);
        verdict.band = Band::None;
    }
    verdict
}

/// One domain, or where only one has a domain, whether it is spelled from the name of the other.
fn domain(a: &Organisation, b: &Organisation) -> Option<Level> {
    let spells =
        |named: &Organisation, domain: &SmolStr| named.names.iter().any(|it| it.is_spelled_by(domain));
    match (a.domains.as_slice(), b.domains.as_slice()) {
        ([], domains) => domains.iter().any(|it| spells(a, it)).then_some(Level::Variant),
        (domains, []) => domains.iter().any(|it| spells(b, it)).then_some(Level::Variant),
        (mine, theirs) => mine.iter().any(|it| theirs.contains(it)).then_some(Level::Equal),
    }
}

/// How far the names of two companies agree; `None` when one has none.
pub(super) fn name_level(policy: &MatchingPolicy, a: &Organisation, b: &Organisation) -> Option<Level> {
    if a.names.is_empty() || b.names.is_empty() {
        return None;
    }
    Some(name(policy, a, b).map_or(Level::Different, |it| it.level))
}

/// How two companies' names compare.
#[derive(Clone, Copy)]
struct NameLevel {
    level: Level,
    form_differs: bool,
}

/// The best of all pairs of names; `None` when nothing agrees.
fn name(policy: &MatchingPolicy, a: &Organisation, b: &Organisation) -> Option<NameLevel> {
    let pairs = || a.names.iter().flat_map(|name| b.names.iter().map(move |other| (name, other)));
    let equal = pairs().filter(|(name, other)| name.key == other.key);
    // Where several names agree, the pair whose legal form agrees too is the one that was meant.
    if let Some(form_differs) = equal.map(|(name, other)| name.form_differs(other)).min() {
        return Some(NameLevel { level: Level::Equal, form_differs });
    }
    let similar = pairs().find(|(name, other)| is_similar(policy, name, other));
    let reads_alike = || a.kana.is_some() && a.kana == b.kana;
    match similar {
        Some((name, other)) => {
            Some(NameLevel { level: Level::Similar, form_differs: name.form_differs(other) })
        }
        None => reads_alike().then_some(NameLevel { level: Level::Similar, form_differs: false }),
    }
}

fn is_similar(policy: &MatchingPolicy, a: &CompanyName, b: &CompanyName) -> bool {
    a.loose == b.loose
        || a.is_acronym_of(b)
        || b.is_acronym_of(a)
        || (digits(&a.key).eq(digits(&b.key))
            && !is_extended(&a.key, &b.key)
            && are_alike(&a.key, &b.key, policy.name_similarity))
}

/// Whether one name is the other with a word added: 極洋 and 極洋販売 are parent and subsidiary, not one company.
fn is_extended(a: &str, b: &str) -> bool {
    let added = a.chars().count().abs_diff(b.chars().count());
    added >= 2 && (a.contains(b) || b.contains(a))
}

/// 第一工業2 and 第一工業3 are two companies, however alike the rest.
fn digits(key: &str) -> impl Iterator<Item = char> {
    key.chars().filter(char::is_ascii_digit)
}

fn equal<T: PartialEq>(a: Option<T>, b: Option<T>) -> Option<Level> {
    different_or_equal(a, b).filter(|it| *it == Level::Equal)
}

fn different_or_equal<T: PartialEq>(a: Option<T>, b: Option<T>) -> Option<Level> {
    let (a, b) = (a?, b?);
    Some(if a == b { Level::Equal } else { Level::Different })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::features::Features;
    use domain::fields::{Field, RecordKind, account};
    use domain::sources::Values;

    fn organisation(entries: &[(Field, &str)]) -> Organisation {
        let values: Values =
            entries.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect();
        Features::of(RecordKind::Account, &values, None).organisation
    }

    #[track_caller]
    fn check(a: &[(Field, &str)], b: &[(Field, &str)], score: u8, band: Band) {
        let policy = MatchingPolicy::default();
        for (a, b) in [(a, b), (b, a)] {
            let verdict = compare(&policy, &Hubs::default(), &organisation(a), &organisation(b));
            assert_eq!((verdict.score, verdict.band), (score, band), "{verdict:?}");
        }
    }

    const NAME: (Field, &str) = (account::name, "株式会社アシスト");
    const SHORT: (Field, &str) = (account::name, "㈱アシスト");
    const SITE: (Field, &str) = (account::website, "https://www.ashisuto.co.jp");
    const PHONE: (Field, &str) = (account::phone, "03-5276-3653");
    const POSTAL: (Field, &str) = (account::postal_code, "102-8109");

    #[test]
    fn the_examples_of_the_specification() {
        check(&[NAME, SITE, PHONE], &[SHORT, SITE, (account::phone, "0352763653")], 100, Band::Auto);
        check(&[NAME, SITE], &[SHORT, SITE], 80, Band::Review);
        check(&[NAME, POSTAL], &[SHORT, POSTAL], 60, Band::Review);
        check(&[NAME], &[SHORT], 50, Band::Possible);
        check(&[NAME, (account::region, "東京都")], &[SHORT, (account::region, "大阪府")], 35, Band::None);
        check(&[NAME], &[(account::name, "アシスト株式会社")], 40, Band::None);
    }

    #[test]
    fn the_corporate_number_decides_alone() {
        let number = (account::corporate_number, "7000012050002");
        check(&[number], &[(account::corporate_number, "T7000012050002")], 100, Band::Auto);
        let other = (account::corporate_number, "4011001098993");
        check(&[NAME, SITE, PHONE, number], &[NAME, SITE, PHONE, other], 100, Band::None);
        let wrong = (account::corporate_number, "4011001098983");
        check(&[NAME, SITE, PHONE, wrong], &[NAME, SITE, PHONE, number], 100, Band::Auto);
    }

    #[test]
    fn a_site_that_many_share_is_no_evidence() {
        let shared = (account::website, "https://www.facebook.com/ashisuto");
        check(&[NAME, shared], &[SHORT, shared], 50, Band::Possible);
    }

    #[test]
    fn a_name_may_agree_in_its_reading_or_in_english() {
        let names = [
            (account::name, "カネコ種苗株式会社"),
            (account::name_kana, "カネコシュビョウカブシキガイシャ"),
            (account::name_en, "KANEKO SEEDS CO., LTD."),
        ];
        check(&names, &[(account::name, "Kaneko Seeds")], 50, Band::Possible);
        check(&names, &[(account::name, "カネコシュビヨウ")], 30, Band::None);
    }

    #[test]
    fn a_domain_that_the_name_spells_says_less_than_the_same_domain() {
        let named = [(account::name, "カネコ種苗株式会社"), (account::name_en, "KANEKO SEEDS CO., LTD.")];
        let located = |site| [(account::name, "㈱カネコ種苗"), (account::website, site)];
        check(&named, &located("www.kaneko-seeds.jp"), 60, Band::Review);
        check(&named, &located("www.ashisuto.co.jp"), 40, Band::None);
    }

    #[test]
    fn an_acronym_is_similar() {
        let site = (account::website, "www.ibm.com");
        let long = (account::name, "International Business Machines");
        check(&[(account::name, "IBM"), site], &[long, site], 60, Band::Review);
        check(&[(account::name, "IBM")], &[long], 30, Band::None);
    }

    #[test]
    fn similar_is_less_than_equal() {
        check(&[(account::name, "キャノン"), SITE], &[(account::name, "キヤノン"), SITE], 60, Band::Review);
        check(
            &[(account::name, "第一物流センター2")],
            &[(account::name, "第一物流センター3")],
            0,
            Band::None,
        );
    }
}

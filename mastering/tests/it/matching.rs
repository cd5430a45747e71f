//! Grouping: neither the order of records nor the number of threads changes who belongs together.

use domain::fields::{Field, RecordKind, lead};
use domain::sources::Values;
use mastering::matching::batch::{Clusters, cluster_all};
use mastering::matching::clusters::{BatchRecord, Decisions, Join, group};
use mastering::matching::evidence::Veto;
use mastering::matching::features::Features;
use mastering::matching::hubs::Hubs;
use mastering::matching::verdict::Band;
use mastering::matching::{compare, link_account};
use mastering::policy::MatchingPolicy;
use proptest::prelude::*;

const NAMES: [&str; 10] = [
    "山田 太郎",
    "Taro Yamada",
    "山田太郎",
    "鈴木 花子",
    "佐藤",
    "Robert Mitchell",
    "Mitchel, Bob",
    "Mitchell Robrt",
    "Mitchell, R.",
    "Yamata Taroh",
];
const EMAILS: [&str; 4] =
    ["taro@kyokuyo.co.jp", "TARO@kyokuyo.co.jp", "hanako@kyokuyo.co.jp", "info@kyokuyo.co.jp"];
const PHONES: [&str; 3] = ["03-5545-0701", "0355450701", "090-1111-2222"];
const COMPANIES: [&str; 4] = ["株式会社極洋", "㈱極洋", "極洋株式会社", "アシスト"];
const SYSTEMS: [&str; 3] = ["CRM", "MA", "CSV"];

prop_compose! {
    fn features()(
        name in 0usize..12, email in 0usize..6, phone in 0usize..5, company in 0usize..5, kana in any::<bool>(),
    ) -> Features {
        let mut values = Values::new();
        let mut say = |field: Field, text: Option<&&str>| if let Some(text) = text { values.set(field, text).unwrap() };
        say(lead::last_name, NAMES.get(name));
        say(lead::email, EMAILS.get(email));
        say(lead::phone, PHONES.get(phone));
        say(lead::company, COMPANIES.get(company));
        say(lead::last_name_kana, kana.then_some(&"ヤマダ タロウ"));
        Features::of(RecordKind::Lead, &values, None)
    }
}

prop_compose! {
    fn batch()(said in prop::collection::vec((features(), 0usize..4), 2..14)) -> Vec<BatchRecord<usize>> {
        let keyed = said.into_iter().enumerate();
        keyed.map(|(key, (features, system))| {
            let system = SYSTEMS.get(system).map(|it| it.parse().unwrap());
            BatchRecord { key, system, features: Box::new(features) }
        }).collect()
    }
}

fn grouped(batch: &[BatchRecord<usize>], join_at: Band, threads: usize) -> Clusters<usize> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| cluster_all(&MatchingPolicy::default(), batch, join_at))
}

fn pairs_of_places() -> impl Strategy<Value = Vec<(usize, usize)>> {
    prop::collection::vec((0usize..14, 0usize..14), 0..3)
}

/// The parts of a graph that hang together.
fn connected(nodes: usize, edges: impl Iterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut part_of: Vec<usize> = (0..nodes).collect();
    for (a, b) in edges {
        let (from, into) = (part_of[a], part_of[b]);
        part_of.iter_mut().filter(|it| **it == from).for_each(|it| *it = into);
    }
    let members = |part| (0..nodes).filter(|it| part_of[*it] == part).collect::<Vec<_>>();
    (0..nodes).map(members).filter(|it| !it.is_empty()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn shuffling_changes_nothing(
        (batch, shuffled) in batch().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
        join_at in prop::sample::select(vec![Band::Auto, Band::Review]),
    ) {
        let alone = grouped(&batch, join_at, 1);
        prop_assert_eq!(&alone, &grouped(&shuffled, join_at, 2));
        prop_assert_eq!(&alone, &grouped(&shuffled, join_at, 4));
    }

    #[test]
    fn the_parts_of_the_graph_give_the_same_groups_as_the_whole(
        batch in batch(),
        decisions in (pairs_of_places(), pairs_of_places()),
    ) {
        let policy = MatchingPolicy::default();
        let keys = |pairs: Vec<(usize, usize)>| -> Vec<(usize, usize)> {
            pairs.into_iter().filter(|(a, b)| a != b && *a.max(b) < batch.len()).collect()
        };
        let (same, different) = (keys(decisions.0), keys(decisions.1));
        let whole = grouped(&batch, Band::Auto, 1);
        let joins: Vec<Join<usize>> = whole.candidates.iter().filter(|it| it.verdict.band == Band::Auto)
            .map(|it| Join { a: it.a, b: it.b, weight: it.verdict.weight }).collect();
        let decisions = Decisions { same: &same, different: &different };
        let grouped = |records: &[BatchRecord<usize>]| {
            group(&policy, records, &joins, decisions, &Hubs::default(), Band::Auto).groups
        };
        let edges = joins.iter().map(|it| (it.a, it.b)).chain(same.iter().copied());
        let mut parts: Vec<Vec<usize>> = Vec::new();
        for part in connected(batch.len(), edges) {
            let records: Vec<_> = batch.iter().filter(|it| part.contains(&it.key)).cloned().collect();
            parts.extend(grouped(&records));
        }
        parts.sort_unstable();
        prop_assert_eq!(parts, grouped(&batch));
    }

    #[test]
    fn every_record_is_in_one_group(batch in batch()) {
        let mut members: Vec<usize> = grouped(&batch, Band::Auto, 1).groups.groups.concat();
        members.sort_unstable();
        prop_assert_eq!(members, (0..batch.len()).collect::<Vec<_>>());
    }

    #[test]
    fn comparing_is_symmetric_and_its_score_recomputes(a in features(), b in features()) {
        let policy = MatchingPolicy::default();
        let verdict = compare(&policy, &Hubs::default(), &a, &b);
        prop_assert_eq!(&verdict, &compare(&policy, &Hubs::default(), &b, &a));
        let prior = if a.person.is_some() && b.person.is_some() { policy.prior() } else { 0 };
        let is_compared = a.person.is_some() == b.person.is_some();
        prop_assert_eq!(verdict.weight, if is_compared { prior + verdict.evidence_weight() } else { 0 });
    }

    #[test]
    fn the_order_of_candidates_does_not_matter(
        lead in features(),
        (candidates, shuffled) in prop::collection::vec(features(), 0..6).prop_flat_map(|it| {
            let keyed: Vec<_> = it.into_iter().enumerate().collect();
            (Just(keyed.clone()), Just(keyed).prop_shuffle())
        }),
    ) {
        let link = |it: &[(usize, Features)]| {
            link_account(&MatchingPolicy::default(), &lead, it.iter().map(|(key, it)| (*key, it)))
        };
        prop_assert_eq!(link(&candidates), link(&shuffled));
    }
}

fn lead(key: usize, said: &[(Field, &str)]) -> BatchRecord<usize> {
    let values: Values = said.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect();
    BatchRecord { key, system: None, features: Box::new(Features::of(RecordKind::Lead, &values, None)) }
}

#[test]
fn ten_thousand_junk_names_neither_explode_nor_merge() {
    let junk = [(lead::last_name, "Smith"), (lead::first_name, "John"), (lead::company, "Acme Inc.")];
    let batch: Vec<_> = (0..10_000).map(|key| lead(key, &junk)).collect();
    let found = grouped(&batch, Band::Review, 2);
    assert_eq!(found.groups.groups.len(), 10_000);
    assert!(found.candidates.is_empty() && found.skipped_pairs >= 10_000 * 9_999 / 2);
}

#[test]
fn a_mailbox_that_many_names_share_belongs_to_nobody() {
    let names = ["山田 太郎", "鈴木 花子", "佐藤 健", "高橋 誠", "田中 恵", "伊藤 学", "渡辺 望"];
    let shared = (lead::email, "taro@kyokuyo.co.jp");
    let mut batch: Vec<_> =
        names.iter().zip(0..).map(|(it, key)| lead(key, &[(lead::last_name, it), shared])).collect();
    batch.extend([lead(7, &[shared]), lead(8, &[shared, (lead::mobile_phone, "090-1111-2222")])]);
    let found = grouped(&batch, Band::Review, 2);
    assert_eq!(found.groups.groups.len(), batch.len());
}

#[test]
fn what_a_person_decided_comes_first() {
    let batch: Vec<_> = ["山田 太郎", "鈴木 花子", "佐藤 健"]
        .iter()
        .zip(0..)
        .map(|(it, key)| lead(key, &[(lead::last_name, it)]))
        .collect();
    let joins = [Join { a: 1, b: 2, weight: 90 }];
    let grouped = |decisions| {
        group(&MatchingPolicy::default(), &batch, &joins, decisions, &Hubs::default(), Band::Auto)
    };
    let same = Decisions { same: &[(0, 1)], ..Decisions::default() };
    assert_eq!(grouped(same).groups, [vec![0, 1], vec![2]]);
    let different = Decisions { same: &[(0, 1)], different: &[(2, 0)] };
    assert_eq!(grouped(different).refused[0].veto, Veto::NeverMatch);
}

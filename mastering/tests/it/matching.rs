//! Grouping: neither the order of records nor the number of threads changes who belongs together.

use domain::fields::{Field, RecordKind, lead};
use domain::sources::Values;
use mastering::matching::batch::{BatchRecord, Clusters, Options, cluster_all};
use mastering::matching::features::Features;
use mastering::matching::verdict::Band;
use mastering::matching::{compare, link_account};
use mastering::policy::MatchingPolicy;
use proptest::prelude::*;

const NAMES: [&str; 5] = ["山田 太郎", "Taro Yamada", "山田太郎", "鈴木 花子", "佐藤"];
const EMAILS: [&str; 4] =
    ["taro@kyokuyo.co.jp", "TARO@kyokuyo.co.jp", "hanako@kyokuyo.co.jp", "info@kyokuyo.co.jp"];
const PHONES: [&str; 3] = ["03-5545-0701", "0355450701", "090-1111-2222"];
const COMPANIES: [&str; 4] = ["株式会社極洋", "㈱極洋", "極洋株式会社", "アシスト"];
const SYSTEMS: [&str; 3] = ["CRM", "MA", "CSV"];

prop_compose! {
    fn features()(
        name in 0usize..7, email in 0usize..6, phone in 0usize..5, company in 0usize..5, kana in any::<bool>(),
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
            BatchRecord { key, system, features }
        }).collect()
    }
}

fn grouped(batch: &[BatchRecord<usize>], join_at: Band, threads: usize) -> Clusters<usize> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let options = Options { join_at, is_careful_within_system: true };
    pool.install(|| cluster_all(&MatchingPolicy::default(), batch, options))
}

proptest! {
    #[test]
    fn shuffling_changes_nothing(
        (batch, shuffled) in batch().prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
        join_at in prop::sample::select(vec![Band::Auto, Band::Review]),
    ) {
        prop_assert_eq!(grouped(&batch, join_at, 1), grouped(&shuffled, join_at, 3));
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
        let verdict = compare(&policy, &a, &b);
        prop_assert_eq!(&verdict, &compare(&policy, &b, &a));
        let sum: i32 = verdict.evidence.iter().map(|it| it.points).sum();
        prop_assert_eq!(i32::from(verdict.score), sum.clamp(0, 100));
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

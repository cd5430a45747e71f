//! Ruling pairs of names out at a glance: most colleagues have nothing in common but the switchboard.
//!
//! Here: what is proof enough. What names are worth when it is not is `names`.

use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;

use super::Somebody;
use crate::normalise::person::Script;

/// The spellings and readings of a name, as a set of bits. Small, so that those of all records stay in a cache, where looking
/// at the records themselves would wait for memory.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::matching) struct NameSign([u64; WORDS]);

const WORDS: usize = 4;

impl NameSign {
    /// The sign of a person both of whose names are written in kanji, and of whom more is known than name and address. Of
    /// all others it is empty, and rules nothing out.
    pub(in crate::matching) fn of(somebody: Option<Somebody<'_>>) -> Self {
        let mut sign = Self::default();
        let Some(somebody) = somebody.filter(|it| !it.is_thin()) else { return sign };
        let Some(name) = &somebody.person.name else { return sign };
        let parts = [&name.family, &name.given];
        if parts.iter().all(|it| it.script == Script::Kanji) {
            sign.add(&name.whole);
            parts.iter().for_each(|it| sign.add(&it.text));
            parts.iter().flat_map(|it| it.readings.iter()).for_each(|it| sign.add(it));
        }
        sign
    }

    fn add(&mut self, text: &str) {
        let hash = FixedState::default().hash_one(text);
        self.0[hash as usize % WORDS] |= 1 << (hash >> 58);
    }

    fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    /// Whether the names are proof of two people: no part of the one is written or may sound like any part of the other.
    pub(in crate::matching) fn rules_out(self, other: Self) -> bool {
        let shares = || self.0.iter().zip(other.0).any(|(mine, theirs)| mine & theirs != 0);
        !self.is_empty() && !other.is_empty() && !shares()
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare_in_question;
    use super::*;
    use crate::matching::features::Features;
    use crate::matching::hubs::Hubs;
    use crate::policy::MatchingPolicy;
    use domain::fields::{RecordKind, lead};
    use domain::sources::Values;

    fn features(last: &str, first: &str) -> Features {
        let said = [(lead::last_name, last), (lead::first_name, first), (lead::phone, "03-5545-0701")];
        let values: Values =
            said.map(|(field, text)| (field, field.canonical(text).unwrap())).into_iter().collect();
        Features::of(RecordKind::Lead, &values, None)
    }

    #[test]
    fn who_is_ruled_out_is_nobody_to_compare() {
        let names = [
            ("山田", "太郎"),
            ("山田", "花子"),
            ("鈴木", "一郎"),
            ("太郎", "山田"),
            ("佐藤", "裕子"),
            ("斎藤", "祐子"),
            ("山", "田太郎"),
            ("ヤマダ", "タロウ"),
            ("Suzuki", "Ichiro"),
            ("山田太郎", ""),
            ("鈴木", ""),
        ];
        let records = names.map(|(last, first)| features(last, first));
        let mut ruled_out = 0;
        for (a, b) in records.iter().flat_map(|a| records.iter().map(move |b| (a, b))) {
            let (one, other) = (Somebody::of(a), Somebody::of(b));
            if NameSign::of(one).rules_out(NameSign::of(other)) {
                let verdict = compare_in_question(
                    &MatchingPolicy::default(),
                    &Hubs::default(),
                    one.unwrap(),
                    other.unwrap(),
                );
                assert_eq!(verdict, None, "{a:?} {b:?}");
                ruled_out += 1;
            }
        }
        assert!(ruled_out >= 20, "{ruled_out}");
    }
}

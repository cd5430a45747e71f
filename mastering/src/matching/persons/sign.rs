//! Ruling pairs of names out at a glance: most colleagues have nothing in common but the switchboard.
//!
//! Here: what is proof enough. What names are worth when it is not is `names`.

use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;

use super::Somebody;
use crate::normalise::person::{NamePart, Script};

/// The spellings and readings of a name. Small, so that those of all records stay in a cache, where looking at the records
/// themselves would wait for memory.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::matching) struct NameSign {
    given: Texts,
    /// Of the given and of the family name.
    any: Texts,
}

impl NameSign {
    /// The sign of a person both of whose names are written in kanji, and of whom more is known than name and address. Of
    /// all others it is empty, and rules nothing out.
    pub(in crate::matching) fn of(somebody: Option<Somebody<'_>>) -> Self {
        let mut sign = Self::default();
        let Some(somebody) = somebody.filter(|it| !it.is_thin()) else { return sign };
        let Some(name) = &somebody.person.name else { return sign };
        if [&name.family, &name.given].into_iter().any(|it| it.script != Script::Kanji) {
            return sign;
        }
        sign.given.add_all(&name.given);
        // One name may be split in two ways.
        sign.given.add(&name.whole);
        sign.any = sign.given;
        sign.any.add_all(&name.family);
        sign
    }

    /// Whether the names are proof of two people, whatever the family names: neither given name is written or may sound like any
    /// part of the other.
    pub(in crate::matching) fn rules_out(self, other: Self) -> bool {
        let is_known = !self.given.is_empty() && !other.given.is_empty();
        is_known && !self.given.may_share(other.any) && !other.given.may_share(self.any)
    }
}

/// Texts as a set of bits. Two sets that share no bit share no text.
#[derive(Debug, Clone, Copy, Default)]
struct Texts([u64; WORDS]);

const WORDS: usize = 4;

impl Texts {
    fn add(&mut self, text: &str) {
        let hash = FixedState::default().hash_one(text);
        self.0[hash as usize % WORDS] |= 1 << (hash >> 58);
    }

    fn add_all(&mut self, part: &NamePart) {
        self.add(&part.text);
        part.readings.iter().for_each(|it| self.add(it));
    }

    fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    fn may_share(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(mine, theirs)| mine & theirs != 0)
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
            ("太", "山田郎"),
            ("花子", "山田"),
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
        assert!(ruled_out >= 40, "{ruled_out}");
    }
}

//! Which pairs are worth comparing: records that share a key.
//!
//! A key is a stable 64-bit hash, so a store can index it and two stores agree. Each key catches pairs that the others
//! miss; a pair that shares none hardly ever reaches REVIEW.

use super::features::{Features, Organisation, Person};
use crate::normalise::contact::is_mobile;
use crate::normalise::person::{PersonName, Script};
use crate::policy::MatchingPolicy;

/// A key under which a record is found. Any 64 bits, so it fits a signed column; the lowest tells whether the key is a
/// personal value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockingKey(pub i64);

impl BlockingKey {
    /// The key of several facts together.
    fn of(prefix: &str, parts: &[&str]) -> Self {
        Self(stable_hash(prefix, parts) & !1)
    }

    /// The key of a value that belongs to one person, unless too many names share it.
    fn personal(prefix: &str, value: &str) -> Self {
        Self(stable_hash(prefix, &[value]) | 1)
    }

    /// The key of a personal mail address.
    pub(super) fn email(address: &str) -> Self {
        Self::personal("email", address)
    }

    /// The key of a mobile telephone.
    pub(super) fn mobile(number: &str) -> Self {
        Self::personal("phone", number)
    }

    /// Whether the key is a value that should belong to one person: an e-mail address, a mobile telephone.
    pub fn is_personal(self) -> bool {
        self.0 & 1 == 1
    }
}

/// `prefix` keeps keys of different meaning apart; 0x1f separates, because no key contains it.
fn stable_hash(prefix: &str, parts: &[&str]) -> i64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(prefix.as_bytes());
    for part in parts {
        hasher.update(b"\x1f");
        hasher.update(part.as_bytes());
    }
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    i64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// The records that share a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// How many there are.
    pub records: usize,
    /// How many different names they bear: distinct name keys other than 0.
    pub names: usize,
}

/// What a block is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockUse {
    /// Its records are compared with each other.
    Pairs,
    /// Too many records to compare. Those that are one meet under a narrower key.
    Crowded,
    /// A personal value that so many names or records share that it belongs to nobody. See [`super::hubs::Hubs`].
    Hub,
}

impl MatchingPolicy {
    /// What the block under a key is good for. It depends on the whole block, never on who came first.
    pub fn use_of(&self, key: BlockingKey, block: Block) -> BlockUse {
        match block {
            _ if key.is_personal() && block.names > self.hub_names => BlockUse::Hub,
            _ if key.is_personal() && block.records > self.largest_block => BlockUse::Hub,
            _ if block.records > self.largest_block => BlockUse::Crowded,
            _ => BlockUse::Pairs,
        }
    }
}

/// The name of a record in any order, as a number; 0 when it names nobody.
pub fn name_key(features: &Features) -> i64 {
    let name = features.person.as_ref().and_then(|it| it.name.as_ref());
    name.map_or(0, |it| stable_hash("whole name", &[&in_any_order(it)]))
}

/// The keys under which a record meets others of its kind, sorted. Compute them alike for storing and for asking.
pub fn keys(features: &Features) -> Vec<BlockingKey> {
    match &features.person {
        Some(person) => unique(person_keys(person, &features.organisation)),
        None => company_keys(features),
    }
}

/// The key of the company's name alone, by which a later account finds the leads that wait for it.
pub fn company_name_key(features: &Features) -> Option<BlockingKey> {
    features.organisation.names.first().map(|it| BlockingKey::of("name", &[&it.loose]))
}

/// The keys under which a lead's company meets accounts, sorted. For an account the same as [`keys`].
pub fn company_keys(features: &Features) -> Vec<BlockingKey> {
    let company = &features.organisation;
    let mut keys = Vec::with_capacity(6);
    keys.extend(company.corporate_number.iter().map(|it| BlockingKey::of("number", &[it.as_str()])));
    keys.extend(company.names.iter().map(|it| BlockingKey::of("name", &[&it.loose])));
    keys.extend(company.kana.iter().map(|it| BlockingKey::of("name", &[it])));
    keys.extend(company.domains.iter().map(|it| BlockingKey::of("domain", &[it])));
    keys.extend(company.phone.iter().map(|it| BlockingKey::of("company phone", &[it])));
    unique(keys)
}

fn person_keys(person: &Person, company: &Organisation) -> Vec<BlockingKey> {
    let mut keys = Vec::with_capacity(6);
    keys.extend(person.email.iter().map(|it| BlockingKey::email(&it.address)));
    keys.extend(person.phones.iter().filter(|it| is_mobile(it)).map(|it| BlockingKey::mobile(it)));
    let Some(name) = &person.name else { return keys };
    // Beside the plain value: one that many share is crowded, and its owner's records still meet here.
    let written = in_any_order(name);
    keys.extend(person.email.iter().map(|it| BlockingKey::of("name at email", &[&written, &it.address])));
    keys.extend(person.phones.iter().flat_map(|it| phone_keys(it, name, &written)));
    // A name alone would gather every 佐藤健; with the company it gathers one person.
    let employer = company.names.first().map(|it| it.loose.as_str());
    let domain = company.domains.first().map(String::as_str);
    keys.extend(employer.map(|it| BlockingKey::of("name at company", &[&written, it])));
    keys.extend(domain.map(|it| BlockingKey::of("name at domain", &[&written, it])));
    let reading = name.reading.as_deref();
    keys.extend(reading.zip(domain.or(employer)).map(|(it, at)| BlockingKey::of("reading at", &[it, at])));
    keys
}

/// A telephone may be a switchboard that hundreds share, and agreeing on it alone makes nobody a match: a record meets
/// those whose names could be one, by all letters, by the reading, or, outside of kanji, where a slip or a nickname is
/// forgiven, by the first letter of either part.
fn phone_keys(phone: &str, name: &PersonName, written: &str) -> Vec<BlockingKey> {
    let mut keys = Vec::with_capacity(3);
    keys.extend(name.reading.as_deref().map(|it| BlockingKey::of("phone of reading", &[phone, it])));
    if name.script == Script::Kanji {
        keys.push(BlockingKey::of("phone of name", &[phone, written]));
    } else {
        let initials = [&name.family, &name.given].into_iter().filter_map(|it| it.chars().next());
        let key = |it: char| BlockingKey::of("phone of initial", &[phone, it.encode_utf8(&mut [0; 4])]);
        keys.extend(initials.map(key));
    }
    keys
}

/// The letters of a name, whichever part comes first and wherever it is split.
fn in_any_order(name: &PersonName) -> String {
    let mut letters: Vec<char> = name.whole.chars().collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

fn unique(mut keys: Vec<BlockingKey>) -> Vec<BlockingKey> {
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fields::{Field, RecordKind, account, lead};
    use domain::sources::Values;

    fn features(kind: RecordKind, said: &[(Field, &str)]) -> Features {
        let values: Values =
            said.iter().map(|&(field, text)| (field, field.canonical(text).unwrap())).collect();
        Features::of(kind, &values, None)
    }

    fn shares(a: &[BlockingKey], b: &[BlockingKey]) -> bool {
        a.iter().any(|it| b.contains(it))
    }

    fn check(a: &[(Field, &str)], b: &[(Field, &str)], expected: bool) {
        let keys = |it| keys(&features(RecordKind::Lead, it));
        assert_eq!(shares(&keys(a), &keys(b)), expected);
    }

    #[test]
    fn what_may_be_one_person_meets() {
        let site = (lead::website, "kyokuyo.co.jp");
        let email = (lead::email, "taro@kyokuyo.co.jp");
        let yamada = (lead::last_name, "山田 太郎");
        check(&[email], &[(lead::email, "TARO@kyokuyo.co.jp"), yamada], true);
        check(&[(lead::mobile_phone, "090-1111-2222")], &[(lead::phone, "09011112222")], true);
        check(&[yamada, site], &[(lead::last_name, "太郎"), (lead::first_name, "山田"), email], true);
        check(&[yamada, (lead::company, "㈱極洋")], &[yamada, (lead::company, "極洋株式会社")], true);
        check(
            &[yamada, (lead::last_name_kana, "ヤマダ タロウ"), site],
            &[(lead::last_name, "Taro Yamada"), email],
            true,
        );
        check(&[yamada, site], &[(lead::last_name, "鈴木 花子"), site], false);
        let switchboard = (lead::phone, "03-1111-2222");
        check(&[yamada, switchboard], &[(lead::last_name, "太郎 山田"), switchboard], true);
        check(&[yamada, switchboard], &[(lead::last_name, "山田 花子"), switchboard], false);
        let mitchell = |given| [(lead::last_name, "Mitchell"), (lead::first_name, given), switchboard];
        check(&mitchell("Robert"), &mitchell("Bob"), true);
        check(&[yamada], &[yamada], false);
    }

    #[test]
    fn a_leads_company_meets_its_account() {
        let company = |said| company_keys(&features(RecordKind::Lead, said));
        let account = [
            (account::name, "カネコ種苗株式会社"),
            (account::name_kana, "カネコシュビョウ"),
            (account::website, "kanekoseeds.jp"),
        ];
        let account = keys(&features(RecordKind::Account, &account));
        assert!(shares(&company(&[(lead::company, "㈱カネコ種苗")]), &account));
        assert!(shares(&company(&[(lead::company, "カネコシュビョウ")]), &account));
        assert!(shares(&company(&[(lead::email, "taro@kanekoseeds.jp")]), &account));
        assert!(!shares(&company(&[(lead::company, "極洋")]), &account));
    }

    #[test]
    fn keys_are_the_same_for_ever() {
        let keys = keys(&features(RecordKind::Lead, &[(lead::email, "taro@kyokuyo.co.jp")]));
        assert_eq!(keys, [BlockingKey(STABLE)]);
    }

    /// Stored in indexes; a change needs them to be built anew.
    const STABLE: i64 = -6310760116241423709;
}

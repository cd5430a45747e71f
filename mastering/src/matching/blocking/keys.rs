//! The keys a record has. Each catches pairs that the others miss; a pair that shares none hardly ever reaches REVIEW.

use super::super::features::{Address, Features, Organisation, Person};
use super::BlockingKey;
use crate::normalise::person::PersonName;
use crate::normalise::sound::sound;

/// Letters of a street's name that a key keeps: slips come later.
const STREET_LETTERS: usize = 5;

/// The keys under which a record meets others of its kind, sorted. Compute them alike for storing and for asking.
pub fn keys(features: &Features) -> Vec<BlockingKey> {
    match &features.person {
        Some(person) => unique(person_keys(person, &features.organisation)),
        None => company_keys(features),
    }
}

/// The key of a company's name alone, under which its namesakes are.
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
    let mut keys = Vec::with_capacity(12);
    keys.extend(person.email.iter().map(|it| BlockingKey::email(&it.address)));
    keys.extend(person.phones.iter().map(|it| BlockingKey::phone(&it.number)));
    let user_name = person.email.as_ref().map(|it| it.local()).filter(|it| it.len() >= 6);
    keys.extend(user_name.map(|it| BlockingKey::of("user name", &[it])));
    let Some(name) = &person.name else { return keys };
    let sounds = Sounds::of(name);
    // Beside the plain value: one that many share is dropped, and its owner's records still meet here.
    let written = in_any_order(name);
    keys.extend(person.email.iter().map(|it| BlockingKey::of("name at email", &[&written, &it.address])));
    for line in &person.phones {
        keys.extend(sounds.family.iter().map(|it| BlockingKey::of("name at phone", &[it, &line.number])));
    }
    // A name alone would gather every 佐藤健; with the company it gathers one person.
    let employers = [company.names.first().map(|it| &it.loose), company.domains.first()];
    for employer in employers.into_iter().flatten() {
        keys.extend(sounds.all().map(|it| BlockingKey::of("name at company", &[it, employer])));
    }
    address_keys(&mut keys, &sounds, &written, &person.address);
    let is_thin = person.email.is_none() && person.phones.is_empty() && company.names.is_empty();
    if is_thin && company.domains.is_empty() {
        thin_keys(&mut keys, &sounds, &person.address);
    }
    keys
}

/// What a name sounds like, part by part. Either part may stand in either place.
struct Sounds {
    family: Vec<String>,
    given: String,
}

impl Sounds {
    fn of(name: &PersonName) -> Self {
        let family = match name.family.readings.is_empty() {
            true => vec![name.family.text.to_string()],
            false => name.family.readings.iter().take(2).map(sound).collect(),
        };
        // A spelling with several readings is met by its letters.
        let mut readings = name.given.readings.iter();
        let given = match (readings.next(), readings.next()) {
            (Some(only), None) => sound(only),
            _ => name.given.text.to_string(),
        };
        Self { family, given }
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        self.family.iter().chain(Some(&self.given).filter(|it| !it.is_empty()))
    }
}

fn address_keys(keys: &mut Vec<BlockingKey>, sounds: &Sounds, written: &str, address: &Address) {
    let code = address.postal_code.iter();
    keys.extend(
        code.flat_map(|code| sounds.family.iter().map(|it| BlockingKey::of("name at code", &[it, code]))),
    );
    if !address.city.is_empty() {
        keys.push(BlockingKey::of("name in city", &[written, &address.city]));
    }
}

/// Keys of those of whom only name and address are known: nothing narrower catches their slips.
fn thin_keys(keys: &mut Vec<BlockingKey>, sounds: &Sounds, address: &Address) {
    let mut name: Vec<&str> = sounds.all().map(String::as_str).collect();
    name.sort_unstable();
    if name.len() >= 2 {
        keys.push(BlockingKey::of("name", &name));
    }
    keys.extend(address.postal_code.iter().map(|it| BlockingKey::of("name at code", &[&sounds.given, it])));
    if !address.city.is_empty() {
        keys.extend(sounds.all().map(|it| BlockingKey::of("name near city", &[it, &sound(&address.city)])));
    }
    let Some(street) = &address.street else { return };
    let start: String = street.name.chars().take(STREET_LETTERS).collect();
    keys.extend(house_key(address));
    keys.extend(sounds.all().map(|it| BlockingKey::of("name in street", &[it, &start])));
    if !street.number.is_empty() {
        keys.extend(sounds.all().map(|it| BlockingKey::of("name at number", &[it, &street.number])));
    }
}

/// The keys of values that are one person's alone: mailbox and mobile telephones.
pub(in crate::matching) fn own_keys(features: &Features) -> Vec<BlockingKey> {
    let Some(person) = &features.person else { return Vec::new() };
    let mobiles = person.phones.iter().filter(|it| it.is_mobile()).map(|it| BlockingKey::phone(&it.number));
    person.email.iter().map(|it| BlockingKey::email(&it.address)).chain(mobiles).collect()
}

/// The key of the street and number alone, under which those of one house meet. Where a company is known it may stand there,
/// and its people are no household.
pub(in crate::matching) fn home_key(features: &Features) -> Option<BlockingKey> {
    let company = &features.organisation;
    let has_company = !company.names.is_empty() || !company.domains.is_empty();
    if has_company { None } else { house_key(&features.person.as_ref()?.address) }
}

fn house_key(address: &Address) -> Option<BlockingKey> {
    let street = address.street.as_ref()?;
    let start: String = street.name.chars().take(STREET_LETTERS).collect();
    Some(BlockingKey::of("street", &[&start, &street.number]))
}

/// The letters of a name, whichever part comes first and wherever it is split.
pub(super) fn in_any_order(name: &PersonName) -> String {
    let mut letters: Vec<char> = Vec::with_capacity(name.whole.len());
    letters.extend(name.whole.chars());
    letters.sort_unstable();
    let mut sorted = String::with_capacity(name.whole.len());
    sorted.extend(letters);
    sorted
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
        let mitchell = |given| [(lead::last_name, "Mitchell"), (lead::first_name, given), switchboard];
        check(&mitchell("Robert"), &mitchell("Bob"), true);
        check(&[yamada], &[yamada], true);
        check(&[yamada, site], &[yamada], false);
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

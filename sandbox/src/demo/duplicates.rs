//! The ways people make duplicates: each habit writes one thing about the same person another way.

use wana_kana::ConvertJapanese;

use super::companies::Company;
use super::companies_text::{romaji, without_legal_form};
use super::dice::Dice;
use super::leads::Lead;
use super::people::{Person, letters};

type Habit = fn(&mut Dice, &mut Lead, &Person, &Company);

/// Each with how often it is met.
const HABITS: &[(Habit, u32)] = &[
    (other_legal_form, 22),
    (other_width, 10),
    (kana_instead_of_kanji, 10),
    (romaji_name, 8),
    (transposed_name, 6),
    (second_mailbox, 12),
    (typo_in_mailbox, 6),
    (kanji_variant, 6),
    (other_phone_format, 14),
    (missing_fields, 12),
    (english_company_name, 5),
    (blanks_and_case, 8),
];

/// Types the lead once more, with one to three habits.
pub(super) fn retype(dice: &mut Dice, lead: &mut Lead, person: &Person, company: &Company) {
    let times = 1 + dice.weighted([5u32, 4, 2].into_iter());
    for _ in 0..times {
        let (habit, _) = HABITS[dice.weighted(HABITS.iter().map(|it| it.1))];
        habit(dice, lead, person, company);
    }
}

fn other_legal_form(dice: &mut Dice, lead: &mut Lead, _: &Person, _: &Company) {
    let (name, form) = without_legal_form(&lead.company);
    let Some((form, in_front)) = form else { return };
    lead.company = match dice.below(6) {
        0 if in_front => format!("㈱{name}"),
        0 => format!("{name}㈱"),
        1 if in_front => format!("(株){name}"),
        1 => format!("{name}(株)"),
        2 => format!("（株）{name}"),
        3 if in_front => format!("{name}{form}"),
        3 => format!("{form}{name}"),
        4 => format!("{form} {name}"),
        _ => name.to_owned(),
    };
}

fn other_width(dice: &mut Dice, lead: &mut Lead, _: &Person, _: &Company) {
    let is_widening = dice.percent(50);
    lead.company = change_width(&lead.company, is_widening);
    lead.street = change_width(&lead.street, is_widening);
    if is_widening {
        lead.phone = change_width(&lead.phone, true);
    }
}

fn kana_instead_of_kanji(dice: &mut Dice, lead: &mut Lead, person: &Person, _: &Company) {
    lead.last_name = person.family.1.to_owned();
    lead.first_name = person.given.1.to_owned();
    if dice.percent(30) {
        lead.last_name = lead.last_name.to_hiragana();
        lead.first_name = lead.first_name.to_hiragana();
    }
    lead.last_kana.clear();
    lead.first_kana.clear();
}

fn romaji_name(dice: &mut Dice, lead: &mut Lead, person: &Person, _: &Company) {
    lead.last_name = romaji(person.family.1);
    lead.first_name = romaji(person.given.1);
    if dice.percent(30) {
        lead.last_name = lead.last_name.to_uppercase();
    }
    lead.last_kana.clear();
    lead.first_kana.clear();
}

fn transposed_name(_: &mut Dice, lead: &mut Lead, _: &Person, _: &Company) {
    std::mem::swap(&mut lead.last_name, &mut lead.first_name);
    std::mem::swap(&mut lead.last_kana, &mut lead.first_kana);
}

/// Another address of the same person: by name at work, or a private one.
fn second_mailbox(dice: &mut Dice, lead: &mut Lead, person: &Person, _: &Company) {
    let (last, first) = (letters(person.family.1), letters(person.given.1));
    let private = format!("{last}.{first}{}@mail.example.com", dice.below(1_000_000));
    let is_private = dice.percent(40);
    lead.email = match lead.email.split_once('@') {
        Some((_, domain)) if !is_private => format!("{first}_{last}@{domain}"),
        _ => private,
    };
    // Whoever gives another address gives at least one number that reaches them.
    lead.mobile.clone_from(&person.mobile);
}

/// Two neighbouring letters change places before the `@`.
fn typo_in_mailbox(dice: &mut Dice, lead: &mut Lead, _: &Person, _: &Company) {
    let at = lead.email.find('@').unwrap_or(0);
    if at < 3 {
        return;
    }
    let place = 1 + dice.index(at - 2);
    let mut bytes = lead.email.clone().into_bytes();
    bytes.swap(place, place + 1);
    let swapped = String::from_utf8(bytes).unwrap_or_else(|_| lead.email.clone());
    let is_plain = |text: &str| !text.contains("..") && !text.contains(".@");
    if is_plain(&swapped) {
        lead.email = swapped;
    }
}

/// 髙 for 高 and the like: the same name for whoever carries it.
fn kanji_variant(_: &mut Dice, lead: &mut Lead, _: &Person, _: &Company) {
    const VARIANTS: &[(&str, &str)] = &[
        ("髙", "高"),
        ("高", "髙"),
        ("渡辺", "渡邊"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("斎藤", "齋藤"),
        ("斉藤", "斎藤"),
        ("齋藤", "斎藤"),
        ("山崎", "山﨑"),
        ("宮崎", "宮﨑"),
        ("岩崎", "岩﨑"),
        ("濱田", "浜田"),
        ("桜井", "櫻井"),
        ("中島", "中嶋"),
        ("小島", "小嶋"),
    ];
    if let Some((from, to)) = VARIANTS.iter().find(|(from, _)| lead.last_name.contains(from)) {
        lead.last_name = lead.last_name.replace(from, to);
    }
}

fn other_phone_format(dice: &mut Dice, lead: &mut Lead, _: &Person, _: &Company) {
    for phone in [&mut lead.phone, &mut lead.mobile] {
        let Some((area, rest)) = phone.split_once('-').map(|(a, b)| (a.to_owned(), b.to_owned())) else {
            continue;
        };
        *phone = match dice.below(4) {
            0 => phone.replace('-', ""),
            1 => format!("({area}){rest}"),
            2 => format!("+81-{}-{rest}", area.trim_start_matches('0')),
            _ => phone.replace('-', " "),
        };
    }
}

/// Only one of mail and phone goes, so that the person can still be reached.
fn missing_fields(dice: &mut Dice, lead: &mut Lead, _: &Person, _: &Company) {
    lead.title.clear();
    lead.website.clear();
    lead.corporate_number.clear();
    for part in [&mut lead.street, &mut lead.city, &mut lead.state, &mut lead.postal_code] {
        part.clear();
    }
    let has_number = !lead.phone.is_empty() || !lead.mobile.is_empty();
    match (dice.below(3), has_number, lead.email.is_empty()) {
        (0, true, _) => lead.email.clear(),
        (1, _, false) => lead.phone.clear(),
        _ => {}
    }
}

fn english_company_name(_: &mut Dice, lead: &mut Lead, _: &Person, company: &Company) {
    if lead.home.is_some() && !company.name_en.is_empty() {
        lead.company.clone_from(&company.name_en);
    }
}

fn blanks_and_case(dice: &mut Dice, lead: &mut Lead, _: &Person, _: &Company) {
    match dice.below(3) {
        0 => lead.email = lead.email.to_uppercase(),
        1 => lead.last_name = format!("{}　{}", lead.last_name, std::mem::take(&mut lead.first_name)),
        _ => lead.company = lead.company.replace(['　', ' '], ""),
    }
}

/// Full-width ASCII for plain, or the other way round.
fn change_width(text: &str, is_widening: bool) -> String {
    let change = |it: char| match it {
        '!'..='~' if is_widening => char::from_u32(it as u32 + 0xFEE0).unwrap_or(it),
        '！'..='～' if !is_widening => char::from_u32(it as u32 - 0xFEE0).unwrap_or(it),
        '　' if !is_widening => ' ',
        _ => it,
    };
    text.chars().map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths() {
        assert_eq!(change_width("ＡＢＣ　１", false), "ABC 1");
        assert_eq!(change_width("AB-1", true), "ＡＢ－１");
    }
}

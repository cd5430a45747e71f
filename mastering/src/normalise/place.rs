//! Cities, regions, and prefectures from whichever part of an address names them.

use std::sync::LazyLock;

use foldhash::HashMap;

use super::kanji_variants::todays;
use super::states::STATES;
use super::text::{folded, without_marks};

/// In the order of JIS X 0401: the place in the list is the prefecture's number less one.
const PREFECTURES: &[(&str, &str)] = &[
    ("北海道", "hokkaido"),
    ("青森", "aomori"),
    ("岩手", "iwate"),
    ("宮城", "miyagi"),
    ("秋田", "akita"),
    ("山形", "yamagata"),
    ("福島", "fukushima"),
    ("茨城", "ibaraki"),
    ("栃木", "tochigi"),
    ("群馬", "gunma"),
    ("埼玉", "saitama"),
    ("千葉", "chiba"),
    ("東京", "tokyo"),
    ("神奈川", "kanagawa"),
    ("新潟", "niigata"),
    ("富山", "toyama"),
    ("石川", "ishikawa"),
    ("福井", "fukui"),
    ("山梨", "yamanashi"),
    ("長野", "nagano"),
    ("岐阜", "gifu"),
    ("静岡", "shizuoka"),
    ("愛知", "aichi"),
    ("三重", "mie"),
    ("滋賀", "shiga"),
    ("京都", "kyoto"),
    ("大阪", "osaka"),
    ("兵庫", "hyogo"),
    ("奈良", "nara"),
    ("和歌山", "wakayama"),
    ("鳥取", "tottori"),
    ("島根", "shimane"),
    ("岡山", "okayama"),
    ("広島", "hiroshima"),
    ("山口", "yamaguchi"),
    ("徳島", "tokushima"),
    ("香川", "kagawa"),
    ("愛媛", "ehime"),
    ("高知", "kochi"),
    ("福岡", "fukuoka"),
    ("佐賀", "saga"),
    ("長崎", "nagasaki"),
    ("熊本", "kumamoto"),
    ("大分", "oita"),
    ("宮崎", "miyazaki"),
    ("鹿児島", "kagoshima"),
    ("沖縄", "okinawa"),
];

/// The number of a prefecture by either of its names.
static NUMBERS: LazyLock<HashMap<&str, u8>> = LazyLock::new(|| {
    PREFECTURES
        .iter()
        .zip(1..)
        .flat_map(|((kanji, latin), number)| [(*kanji, number), (*latin, number)])
        .collect()
});

/// Number of the prefecture (JIS X 0401, 1–47) that a region field names.
pub fn prefecture(region: &str) -> Option<u8> {
    let folded = folded(region);
    let region = folded.strip_prefix("jp-").unwrap_or(&folded);
    if let Ok(number @ 1..=47) = region.parse() {
        return Some(number);
    }
    // Searching for a text costs more than all the rest, and most regions end in a kanji.
    let romaji = match region.ends_with(|it: char| it.is_ascii_lowercase()) {
        true => region.trim_end_matches("-to").trim_end_matches("-fu").trim_end_matches("-ken"),
        false => region,
    };
    let without_kind = region.strip_suffix(['都', '府', '県']).unwrap_or(region);
    let names = [region, without_kind, romaji.strip_suffix(" prefecture").unwrap_or(romaji)];
    names.into_iter().find_map(|it| NUMBERS.get(it)).copied()
}

/// Number of the prefecture with which an address begins. Its kind (県) must be written: 福島 may be a town.
pub fn prefecture_at_start(address: &str) -> Option<u8> {
    if !names_kind(address) {
        return None;
    }
    let address = folded(address);
    number(|(kanji, _)| {
        let rest = address.strip_prefix(kanji);
        rest.is_some_and(|it| *kanji == "北海道" || it.starts_with(['都', '府', '県']))
    })
}

/// Whether a prefecture may stand at the start: its kind is the third or fourth letter. Most addresses name none.
fn names_kind(address: &str) -> bool {
    address.trim_start().chars().take(4).any(|it| matches!(it, '都' | '道' | '府' | '県'))
}

/// The text behind the prefecture with which an address begins.
pub fn without_prefecture(address: &str) -> &str {
    let address = address.trim_start();
    if !names_kind(address) {
        return address;
    }
    let rest = PREFECTURES.iter().find_map(|(kanji, _)| {
        let rest = address.strip_prefix(kanji)?;
        let kind = rest.chars().next().filter(|it| matches!(it, '都' | '府' | '県'));
        match kind {
            Some(kind) => Some(&rest[kind.len_utf8()..]),
            None => (*kanji == "北海道").then_some(rest),
        }
    });
    rest.unwrap_or(address).trim_start()
}

/// A city in folded form, without its prefecture and without marks.
pub fn city(text: &str) -> String {
    let plain = without_marks(todays(folded(without_prefecture(text))));
    plain.strip_prefix("city of ").map(str::to_owned).unwrap_or_else(|| plain.into_owned())
}

/// A region outside of Japan: its code where we know it, else its folded name.
pub fn region(text: &str) -> String {
    let folded = folded(text).replace('.', "");
    let known = STATES.iter().find(|(name, _)| *name == folded);
    known.map_or(folded, |(_, code)| (*code).to_owned())
}

fn number(holds: impl Fn(&(&str, &str)) -> bool) -> Option<u8> {
    let place = PREFECTURES.iter().position(holds)?;
    u8::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefecture_is_known_by_many_names() {
        for region in ["東京都", "東京", "Tokyo", "TOKYO-to", "JP-13", "13"] {
            assert_eq!(prefecture(region), Some(13), "{region}");
        }
        assert_eq!(prefecture("京都府"), Some(26));
        assert_eq!(prefecture("California"), None);
        assert_eq!(prefecture_at_start("東京都港区南青山1-1"), Some(13));
        assert_eq!(prefecture_at_start("福島区福島1-1"), None);
    }

    #[test]
    fn places_have_one_form() {
        assert_eq!(without_prefecture("東京都港区南青山1-1"), "港区南青山1-1");
        assert_eq!(without_prefecture("北海道札幌市"), "札幌市");
        assert_eq!(without_prefecture("福島区福島1-1"), "福島区福島1-1");
        assert_eq!(city("神奈川県横浜市緑区"), "横浜市緑区");
        assert_eq!(city("Zürich"), "zurich");
        assert_eq!(region("New South Wales"), region("nsw"));
    }
}

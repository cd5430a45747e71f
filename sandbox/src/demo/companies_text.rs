//! Company names as people write and shorten them; addresses cut into parts.

use wana_kana::ConvertJapanese;

/// Legal forms, longest first, as they stand before or after a name.
const LEGAL_FORMS: &[&str] = &["株式会社", "有限会社", "合同会社"];
const LEGAL_FORM_READINGS: &[&str] = &["カブシキガイシャ", "カブシキカイシャ", "ガブシキガイシャ"];
const ENGLISH_ENDINGS: &[&str] =
    &["incorporated", "corporation", "company", "limited", "inc", "corp", "co", "ltd", "kk", "plc", "llc"];

const TOKYO_WARDS: &[&str] = &[
    "千代田区",
    "中央区",
    "港区",
    "新宿区",
    "文京区",
    "台東区",
    "墨田区",
    "江東区",
    "品川区",
    "目黒区",
    "大田区",
    "世田谷区",
    "渋谷区",
    "中野区",
    "杉並区",
    "豊島区",
    "北区",
    "荒川区",
    "板橋区",
    "練馬区",
    "足立区",
    "葛飾区",
    "江戸川区",
];

/// Cities whose name occurs once in the country: designated cities and seats of prefectures.
const CITIES: &[(&str, &str)] = &[
    ("札幌市", "北海道"),
    ("仙台市", "宮城県"),
    ("さいたま市", "埼玉県"),
    ("千葉市", "千葉県"),
    ("横浜市", "神奈川県"),
    ("川崎市", "神奈川県"),
    ("相模原市", "神奈川県"),
    ("新潟市", "新潟県"),
    ("静岡市", "静岡県"),
    ("浜松市", "静岡県"),
    ("名古屋市", "愛知県"),
    ("京都市", "京都府"),
    ("大阪市", "大阪府"),
    ("堺市", "大阪府"),
    ("神戸市", "兵庫県"),
    ("岡山市", "岡山県"),
    ("広島市", "広島県"),
    ("北九州市", "福岡県"),
    ("福岡市", "福岡県"),
    ("熊本市", "熊本県"),
    ("青森市", "青森県"),
    ("盛岡市", "岩手県"),
    ("秋田市", "秋田県"),
    ("山形市", "山形県"),
    ("福島市", "福島県"),
    ("水戸市", "茨城県"),
    ("宇都宮市", "栃木県"),
    ("前橋市", "群馬県"),
    ("富山市", "富山県"),
    ("金沢市", "石川県"),
    ("福井市", "福井県"),
    ("甲府市", "山梨県"),
    ("長野市", "長野県"),
    ("岐阜市", "岐阜県"),
    ("津市", "三重県"),
    ("大津市", "滋賀県"),
    ("奈良市", "奈良県"),
    ("和歌山市", "和歌山県"),
    ("鳥取市", "鳥取県"),
    ("松江市", "島根県"),
    ("山口市", "山口県"),
    ("徳島市", "徳島県"),
    ("高松市", "香川県"),
    ("松山市", "愛媛県"),
    ("高知市", "高知県"),
    ("佐賀市", "佐賀県"),
    ("長崎市", "長崎県"),
    ("大分市", "大分県"),
    ("宮崎市", "宮崎県"),
    ("鹿児島市", "鹿児島県"),
    ("那覇市", "沖縄県"),
];

const PREFECTURE_ENDINGS: &[&str] = &["北海道", "東京都", "京都府", "大阪府", "県"];

/// Prefecture where certain, city, and the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) state: Option<String>,
    pub(super) city: String,
    pub(super) street: String,
}

/// Cuts an address; without a prefecture of its own, only well-known cities give one.
pub(super) fn address(text: &str) -> Address {
    let text = text.trim();
    let (state, rest) = own_prefecture(text);
    let (city, street) = rest.split_at(city_length(rest));
    let state = state.map(str::to_owned).or_else(|| {
        let is_ward = TOKYO_WARDS.contains(&city);
        let known = CITIES.iter().find(|(name, _)| city.starts_with(name)).map(|(_, state)| *state);
        if is_ward { Some("東京都") } else { known }.map(str::to_owned)
    });
    Address { state, city: city.to_owned(), street: street.to_owned() }
}

/// The name without its legal form, and whether the form stood in front.
pub(super) fn without_legal_form(name: &str) -> (&str, Option<(&'static str, bool)>) {
    for form in LEGAL_FORMS {
        if let Some(rest) = name.strip_prefix(form) {
            return (rest.trim(), Some((form, true)));
        }
        if let Some(rest) = name.strip_suffix(form) {
            return (rest.trim(), Some((form, false)));
        }
    }
    (name, None)
}

/// Lower-case letters, digits and hyphens for a domain, from the English name or the reading.
pub(super) fn slug(name_en: &str, name_kana: &str) -> String {
    let words = |text: &str| {
        let lowered: String = text.to_ascii_lowercase().replace(['.', '\'', '’'], "");
        let words = lowered.split(|it: char| !it.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
        let words: Vec<String> =
            words.filter(|it| !ENGLISH_ENDINGS.contains(it)).map(str::to_owned).collect();
        words.into_iter().take(3).collect::<Vec<_>>().join("-")
    };
    let english = words(name_en);
    if english.len() >= 3 {
        return english;
    }
    let reading = LEGAL_FORM_READINGS.iter().fold(name_kana.to_owned(), |text, it| text.replace(it, " "));
    let romaji = words(&reading.replace(['・', '　'], " ").to_romaji());
    if romaji.is_empty() { "kaisha".to_owned() } else { romaji }
}

/// Romaji as on business cards: long vowels are not written.
pub(super) fn romaji(katakana: &str) -> String {
    let spelled = katakana.to_romaji().replace("ou", "o").replace("oo", "o").replace("uu", "u");
    let mut letters = spelled.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn own_prefecture(text: &str) -> (Option<&str>, &str) {
    for ending in PREFECTURE_ENDINGS {
        let Some(at) = text.find(ending) else { continue };
        let end = at + ending.len();
        let length = text[..end].chars().count();
        let is_whole = if *ending == "県" { (3..=4).contains(&length) } else { at == 0 };
        if is_whole {
            return (Some(&text[..end]), &text[end..]);
        }
    }
    (None, text)
}

/// Bytes of the city: a ward, a city with its ward, or a district with its town.
fn city_length(text: &str) -> usize {
    if let Some(ward) = TOKYO_WARDS.iter().find(|it| text.starts_with(*it)) {
        return ward.len();
    }
    let after = |from: usize, mark: &str| {
        // The first character never ends a name (市川市), and 四日市市 has two marks.
        let skip = text[from..].chars().next().map_or(0, char::len_utf8);
        let found = text[from + skip..].find(mark)? + from + skip + mark.len();
        Some(if text[found..].starts_with(mark) { found + mark.len() } else { found })
    };
    let city = after(0, "市");
    let town = after(0, "郡").and_then(|it| after(it, "町").into_iter().chain(after(it, "村")).min());
    // 小郡市 is no district: the town must come before any city.
    if let Some(town) = town.filter(|it| city.is_none_or(|city| *it < city)) {
        return town;
    }
    match city {
        Some(city) => {
            let ward = after(city, "区").filter(|it| text[city..*it].chars().count() <= 5);
            let is_designated = CITIES[..20].iter().any(|(name, _)| text.starts_with(name));
            ward.filter(|_| is_designated).unwrap_or(city)
        }
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, state, city, street) in [
            ("千代田区大手町一丁目３番２号", Some("東京都"), "千代田区", "大手町一丁目３番２号"),
            (
                "横浜市港北区新横浜三丁目１７番地６号",
                Some("神奈川県"),
                "横浜市港北区",
                "新横浜三丁目１７番地６号",
            ),
            ("前橋市古市町一丁目５０番地１２", Some("群馬県"), "前橋市", "古市町一丁目５０番地１２"),
            ("上川郡東神楽町１４号北１番地", None, "上川郡東神楽町", "１４号北１番地"),
            ("小郡市干潟８９２番地１", None, "小郡市", "干潟８９２番地１"),
            ("四日市市霞一丁目", None, "四日市市", "霞一丁目"),
            ("東京都港区芝浦１－１", Some("東京都"), "港区", "芝浦１－１"),
            ("市川市八幡", None, "市川市", "八幡"),
        ] {
            let expected =
                Address { state: state.map(str::to_owned), city: city.into(), street: street.into() };
            assert_eq!(address(text), expected, "{text}");
        }
    }

    #[test]
    fn domains_come_from_the_english_name_or_the_reading() {
        assert_eq!(slug("KANEKO SEEDS CO., LTD.", "カネコシュビョウ"), "kaneko-seeds");
        assert_eq!(slug("", "カブシキガイシャアカツキ"), "akatsuki");
        assert_eq!(slug("Movin' Strategic Career CO., LTD.", ""), "movin-strategic-career");
    }

    #[test]
    fn romaji_leaves_long_vowels_out() {
        assert_eq!(romaji("サトウ"), "Sato");
        assert_eq!(romaji("オオツカ"), "Otsuka");
    }
}

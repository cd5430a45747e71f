//! Countries by name or code, as far as telephone numbers need them.

use std::sync::LazyLock;

use foldhash::HashMap;

use super::text::folded;

/// Calling code, then names and ISO codes in folded form.
const COUNTRIES: &[(&str, &[&str])] = &[
    ("81", &["jp", "jpn", "japan", "日本", "日本国"]),
    ("1", &["us", "usa", "u.s.", "u.s.a.", "united states", "united states of america", "アメリカ", "米国"]),
    ("1", &["ca", "can", "canada", "カナダ"]),
    ("44", &["gb", "gbr", "uk", "u.k.", "united kingdom", "great britain", "england", "イギリス", "英国"]),
    ("61", &["au", "aus", "australia", "オーストラリア"]),
    ("64", &["nz", "nzl", "new zealand", "ニュージーランド"]),
    ("49", &["de", "deu", "germany", "deutschland", "ドイツ"]),
    ("33", &["fr", "fra", "france", "フランス"]),
    ("39", &["it", "ita", "italy", "italia", "イタリア"]),
    ("34", &["es", "esp", "spain", "españa", "スペイン"]),
    ("31", &["nl", "nld", "netherlands", "the netherlands", "オランダ"]),
    ("41", &["ch", "che", "switzerland", "スイス"]),
    ("353", &["ie", "irl", "ireland", "アイルランド"]),
    ("65", &["sg", "sgp", "singapore", "シンガポール"]),
    ("852", &["hk", "hkg", "hong kong", "香港"]),
    ("86", &["cn", "chn", "china", "中国"]),
    ("82", &["kr", "kor", "korea", "south korea", "韓国"]),
    ("886", &["tw", "twn", "taiwan", "台湾"]),
    ("91", &["in", "ind", "india", "インド"]),
];

static CODES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    COUNTRIES.iter().flat_map(|(code, names)| names.iter().map(|name| (*name, *code))).collect()
});

/// The calling code of a country, such as `81`.
pub fn calling_code(country: &str) -> Option<&'static str> {
    // Most are written as in the list, and folding costs more than asking.
    CODES.get(country).or_else(|| CODES.get(&*folded(country))).copied()
}

#[cfg(test)]
mod tests {
    use super::calling_code;

    #[test]
    fn a_country_is_known_by_many_names() {
        for country in ["JP", "Japan", "日本", "JAPAN "] {
            assert_eq!(calling_code(country), Some("81"), "{country}");
        }
        assert_eq!(calling_code("United States"), Some("1"));
        assert_eq!(calling_code("Atlantis"), None);
    }
}

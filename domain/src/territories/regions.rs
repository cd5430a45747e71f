//! Prefectures (JIS X 0401) and industries (major groups of the Japan Standard Industrial Classification).

use crate::text::Language;

/// A prefecture, written `JP-13`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefecture(u8);

/// A major group of industries, written `A` to `T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Industry(u8);

/// A code that is in neither standard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum InvalidRegion {
    /// No prefecture.
    #[error("`{0}` is no prefecture; write JP-01 (Hokkaido) to JP-47 (Okinawa)")]
    PrefectureUnknown(String),
    /// No industry.
    #[error(
        "`{0}` is no industry; write a major group of the Japan Standard Industrial Classification, A to T"
    )]
    IndustryUnknown(String),
}

impl Prefecture {
    /// All 47, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..).take(PREFECTURES.len()).map(Self)
    }

    /// The name shown to people.
    pub fn label(self, language: Language) -> &'static str {
        pick(PREFECTURES[usize::from(self.0 - 1)], language)
    }
}

impl Industry {
    /// All 20, in the order of their letters.
    pub fn all() -> impl Iterator<Item = Self> {
        (b'A'..).take(INDUSTRIES.len()).map(Self)
    }

    /// The name shown to people.
    pub fn label(self, language: Language) -> &'static str {
        pick(INDUSTRIES[usize::from(self.0 - b'A')], language)
    }
}

impl std::str::FromStr for Prefecture {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        let found = Self::all().find(|it| it.to_string() == text);
        found.ok_or_else(|| InvalidRegion::PrefectureUnknown(text.to_owned()))
    }
}

impl std::str::FromStr for Industry {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        let found = Self::all().find(|it| it.to_string() == text);
        found.ok_or_else(|| InvalidRegion::IndustryUnknown(text.to_owned()))
    }
}

impl std::fmt::Display for Prefecture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "JP-{:02}", self.0)
    }
}

impl std::fmt::Display for Industry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", char::from(self.0))
    }
}

impl TryFrom<String> for Prefecture {
    type Error = InvalidRegion;

    fn try_from(text: String) -> Result<Self, InvalidRegion> {
        text.parse()
    }
}

impl TryFrom<String> for Industry {
    type Error = InvalidRegion;

    fn try_from(text: String) -> Result<Self, InvalidRegion> {
        text.parse()
    }
}

impl From<Prefecture> for String {
    fn from(prefecture: Prefecture) -> Self {
        prefecture.to_string()
    }
}

impl From<Industry> for String {
    fn from(industry: Industry) -> Self {
        industry.to_string()
    }
}

fn pick((ja, en): (&'static str, &'static str), language: Language) -> &'static str {
    match language {
        Language::Ja => ja,
        Language::En => en,
    }
}

#[rustfmt::skip]
const PREFECTURES: [(&str, &str); 47] = [
    ("北海道", "Hokkaido"), ("青森県", "Aomori"), ("岩手県", "Iwate"), ("宮城県", "Miyagi"), ("秋田県", "Akita"),
    ("山形県", "Yamagata"), ("福島県", "Fukushima"), ("茨城県", "Ibaraki"), ("栃木県", "Tochigi"), ("群馬県", "Gunma"),
    ("埼玉県", "Saitama"), ("千葉県", "Chiba"), ("東京都", "Tokyo"), ("神奈川県", "Kanagawa"), ("新潟県", "Niigata"),
    ("富山県", "Toyama"), ("石川県", "Ishikawa"), ("福井県", "Fukui"), ("山梨県", "Yamanashi"), ("長野県", "Nagano"),
    ("岐阜県", "Gifu"), ("静岡県", "Shizuoka"), ("愛知県", "Aichi"), ("三重県", "Mie"), ("滋賀県", "Shiga"),
    ("京都府", "Kyoto"), ("大阪府", "Osaka"), ("兵庫県", "Hyogo"), ("奈良県", "Nara"), ("和歌山県", "Wakayama"),
    ("鳥取県", "Tottori"), ("島根県", "Shimane"), ("岡山県", "Okayama"), ("広島県", "Hiroshima"), ("山口県", "Yamaguchi"),
    ("徳島県", "Tokushima"), ("香川県", "Kagawa"), ("愛媛県", "Ehime"), ("高知県", "Kochi"), ("福岡県", "Fukuoka"),
    ("佐賀県", "Saga"), ("長崎県", "Nagasaki"), ("熊本県", "Kumamoto"), ("大分県", "Oita"), ("宮崎県", "Miyazaki"),
    ("鹿児島県", "Kagoshima"), ("沖縄県", "Okinawa"),
];

const INDUSTRIES: [(&str, &str); 20] = [
    ("農業、林業", "Agriculture and forestry"),
    ("漁業", "Fisheries"),
    ("鉱業、採石業、砂利採取業", "Mining and quarrying of stone and gravel"),
    ("建設業", "Construction"),
    ("製造業", "Manufacturing"),
    ("電気・ガス・熱供給・水道業", "Electricity, gas, heat supply and water"),
    ("情報通信業", "Information and communications"),
    ("運輸業、郵便業", "Transport and postal services"),
    ("卸売業、小売業", "Wholesale and retail trade"),
    ("金融業、保険業", "Finance and insurance"),
    ("不動産業、物品賃貸業", "Real estate and goods rental and leasing"),
    ("学術研究、専門・技術サービス業", "Scientific research, professional and technical services"),
    ("宿泊業、飲食サービス業", "Accommodations, eating and drinking services"),
    ("生活関連サービス業、娯楽業", "Living-related and personal services and amusement services"),
    ("教育、学習支援業", "Education, learning support"),
    ("医療、福祉", "Medical, health care and welfare"),
    ("複合サービス事業", "Compound services"),
    ("サービス業（他に分類されないもの）", "Services, not elsewhere classified"),
    ("公務（他に分類されるものを除く）", "Government, except elsewhere classified"),
    ("分類不能の産業", "Industries unable to classify"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standards() {
        let label = |code: &str| code.parse::<Prefecture>().map(|it| it.label(Language::Ja));
        assert_eq!((label("JP-13"), label("JP-27")), (Ok("東京都"), Ok("大阪府")));
        assert_eq!(label("JP-47"), Ok("沖縄県"));
        assert_eq!("E".parse::<Industry>().map(|it| it.label(Language::En)), Ok("Manufacturing"));
        assert_eq!("T".parse::<Industry>().map(|it| it.label(Language::Ja)), Ok("分類不能の産業"));
    }

    #[test]
    fn what_is_in_neither_standard_is_refused() {
        for code in ["JP-00", "JP-48", "JP-1", "13", "jp-13", ""] {
            assert!(code.parse::<Prefecture>().is_err(), "{code}");
        }
        for code in ["U", "a", "", "AB"] {
            assert!(code.parse::<Industry>().is_err(), "{code}");
        }
    }

    #[test]
    fn every_code_reads_back() {
        assert!(Prefecture::all().all(|it| it.to_string().parse() == Ok(it)));
        assert!(Industry::all().all(|it| it.to_string().parse() == Ok(it)));
    }
}

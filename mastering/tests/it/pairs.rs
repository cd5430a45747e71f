//! Pairs of leads and the band they must reach: one line a rule, the regression suite of matching.
//!
//! `last|first|company|e-mail|phone|street|city|postal code`; what is missing at the end is empty.

use domain::fields::{Field, RecordKind, lead};
use domain::sources::Values;
use mastering::matching::compare;
use mastering::matching::features::Features;
use mastering::matching::hubs::Hubs;
use mastering::matching::verdict::Band::{self, Auto, None, Possible, Review};
use mastering::policy::MatchingPolicy;

const FIELDS: [Field; 8] = [
    lead::last_name,
    lead::first_name,
    lead::company,
    lead::email,
    lead::phone,
    lead::street,
    lead::city,
    lead::postal_code,
];

fn features(line: &str) -> Features {
    let mut values = Values::new();
    for (field, text) in FIELDS.into_iter().zip(line.split('|')) {
        values.set(field, text).unwrap();
    }
    Features::of(RecordKind::Lead, &values, Option::None)
}

#[track_caller]
fn check(pairs: &[(&str, &str, Band)]) {
    let policy = MatchingPolicy::default();
    let mut wrong = Vec::new();
    for (a, b, expected) in pairs {
        let (one, other) = (features(a), features(b));
        let verdict = compare(&policy, &Hubs::default(), &one, &other);
        assert_eq!(verdict, compare(&policy, &Hubs::default(), &other, &one), "{a} / {b}");
        if verdict.band != *expected {
            wrong.push(format!("{a}  /  {b}: expected {expected:?}, found {verdict:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mailbox_and_name_are_one_person() {
    check(&[
        ("山田|太郎||taro@kyokuyo.co.jp", "山田|太郎||taro@kyokuyo.co.jp", Auto),
        ("山田 太郎|||taro@kyokuyo.co.jp", "山田太郎|||TARO@kyokuyo.co.jp", Auto),
        ("山田|太郎||taro@kyokuyo.co.jp", "太郎|山田||<taro@kyokuyo.co.jp>", Auto),
        ("髙橋|太郎||taro@kyokuyo.co.jp", "高橋|太郎||taro@kyokuyo.co.jp", Auto),
        ("山田|太郎||taro@kyokuyo.co.jp", "Yamada|Taro||taro@kyokuyo.co.jp", Auto),
        ("山田|太郎||taro@kyokuyo.co.jp", "ﾔﾏﾀﾞ|ﾀﾛｳ||taro@kyokuyo.co.jp", Auto),
        ("山田|太郎||taro@kyokuyo.co.jp", "ヤマダタロウ|||taro@kyokuyo.co.jp", Auto),
        ("Harrison|William||bh@acme.com", "Harrison|Bill||bh@acme.com", Auto),
        ("Harrison|John||bh@acme.com", "Harrison|John Michael||bh@acme.com", Auto),
        ("Siad|Nina||nina@acme.com", "Siad-Mitchell|Nina||nina@acme.com", Auto),
        ("Ramirez|Christina||cr@acme.com", "Ramires|Christina||cr@acme.com", Auto),
        ("Müller|Zoë||zm@acme.com", "Muller|Zoe||zm@acme.com", Auto),
        ("Smith, John|||js@acme.com", "Smith|Dr. John||js@acme.com", Auto),
        ("Yamada|Taro||ty@acme.com", "Taro|Yamada||ty@acme.com", Auto),
    ]);
}

#[test]
fn one_identifier_is_asked_about() {
    check(&[
        ("山田|||taro@kyokuyo.co.jp", "山田|太郎||taro@kyokuyo.co.jp", Review),
        ("|||taro@kyokuyo.co.jp", "山田|太郎||taro@kyokuyo.co.jp", Review),
        ("Smith|J.||js@acme.com", "Smith|John||js@acme.com", Review),
        ("Doe|Jane||jane@acme.com", "Miller|Jane||jane@acme.com", Review),
        ("佐藤|健一||sato@kyokuyo.co.jp", "佐藤|賢一||sato@kyokuyo.co.jp", Review),
        ("Schweinberg|Jane|Lumivia Logistics", "Schweinberg|Jane|Lumivia Logistics Inc.", Review),
        ("山田|太郎|極洋|t.yamada@kyokuyo.co.jp", "山田|太郎|極洋|taro.yamada@kyokuyo.co.jp", Review),
    ]);
}

#[test]
fn a_mobile_telephone_is_somebodys_own() {
    check(&[
        ("山田|太郎|||090-1111-2222", "山田|太郎|||+81 90 1111 2222", Auto),
        ("山田|太郎||taro.yamada@a.co.jp|090-1111-2222", "Yamada|Taro|||09011112222", Auto),
        (
            "山田|太郎|極洋|taro@kyokuyo.co.jp|090-1111-2222",
            "山田|太郎|アシスト|t@assist.co.jp|090-1111-2222",
            Auto,
        ),
        ("山田|太郎|極洋||090-1111-2222", "鈴木|花子|極洋||090-1111-2222", None),
    ]);
}

#[test]
fn other_names_are_other_people() {
    check(&[
        ("山田|太郎|極洋|info2@kyokuyo.co.jp|03-5545-0701", "鈴木|花子|極洋||03-5545-0701", None),
        (
            "山田|太郎|極洋|yamada@kyokuyo.co.jp|03-5545-0701",
            "山田|次郎|極洋|yamada@kyokuyo.co.jp|03-5545-0701",
            None,
        ),
        ("Lee|Jan||lee@acme.com", "Lee|Jon||lee@acme.com", None),
        (
            "Smith Sr.|John|Acme|js@acme.com|415-555-2671",
            "Smith Jr.|John|Acme|js@acme.com|415-555-2671",
            None,
        ),
        (
            "Smith|Mary|Acme||415-555-2671|1 Main St|Denver",
            "Smith|Paul|Acme||415-555-2671|1 Main St|Denver",
            None,
        ),
        ("ヤマダ|タロウ|極洋|yamada@kyokuyo.co.jp", "鈴木|花子|極洋|yamada@kyokuyo.co.jp", None),
        ("伊藤|誠||m@kyokuyo.co.jp", "伊東|誠||n@kyokuyo.co.jp", None),
    ]);
}

#[test]
fn namesakes_stay_apart() {
    check(&[
        ("佐藤|誠", "佐藤|誠", None),
        ("Schweinberg|Jane", "Schweinberg|Jane", Possible),
        ("佐藤|誠|極洋", "佐藤|誠|アシスト", None),
        ("Smith|John|Acme|john.smith@acme.com", "Smith|John|Acme|john.smith2@acme.com", None),
        (
            "Smith|John|Acme|john.smith@acme.com|415-555-2671",
            "Smith|John|Acme|john.smith7@acme.com|415-555-2671",
            None,
        ),
        ("山田|太郎|極洋|yamada@kyokuyo.co.jp", "山田|太郎|極洋|soraichi@kyokuyo.co.jp", None),
        ("Smith|John Q.|Acme", "Smith|John R.|Acme", None),
    ]);
}

#[test]
fn what_colleagues_share_makes_nobody_one() {
    check(&[
        (
            "山田||極洋|info@kyokuyo.co.jp|03-5545-0701|1-2-3|港区|107-0052",
            "山田||極洋|info@kyokuyo.co.jp|03-5545-0701|1-2-3|港区|107-0052",
            None,
        ),
        ("山田|太郎|極洋|info@kyokuyo.co.jp", "鈴木|花子|極洋|info@kyokuyo.co.jp", None),
        (
            "山田|太郎||info@kyokuyo.co.jp|0120-828-828",
            "山田|太郎||info@kyokuyo.co.jp|0120-828-828",
            Possible,
        ),
        ("山田|太郎|極洋||03-5545-0701（内線12）", "山田||極洋||03-5545-0701（内線34）", None),
    ]);
}

#[test]
fn where_only_an_address_is_known_it_may_be_a_home() {
    let line = "|||12 Tullaroop Street|St James|4011";
    let pair = |a: &str, b: &str| (format!("{a}{line}"), format!("{b}{line}"));
    let cases = [
        (pair("Waller|Kayla", "Waller|Kayla"), Auto),
        (pair("Waller|Kayla", "Walker|Kayla"), Auto),
        (pair("Waller|", "Waller|Kayla"), Review),
        (pair("Waller|Kayla", "Harrington|Luke"), None),
    ];
    for ((a, b), band) in cases {
        check(&[(&a, &b, band)]);
    }
    check(&[
        (
            "Waller|Kayla||||12 Tullaroop St|St James|4011",
            "Waller|Kayla||||12 tullaroopstreet|Stjames|4011",
            Auto,
        ),
        ("Waller|Kayla||||12 Tullaroop St|St James|4011", "Waller|Kayla||||77 Giblin Rd|Bittern|4814", None),
        (
            "山田|太郎||||丸の内一丁目2番3号|千代田区|100-0005",
            "山田|太郎||||東京都千代田区丸の内1-2-3||100-0005",
            Auto,
        ),
    ]);
}

#[test]
fn leads_that_point_to_nobody_are_compared_as_companies() {
    check(&[
        ("||株式会社極洋||03-5545-0701||港区|107-0052", "||㈱極洋||0355450701||港区|1070052", Review),
        ("||株式会社極洋||03-5545-0701", "||極洋販売株式会社||03-5545-0701", None),
        ("||株式会社極洋||03-5545-0701", "山田|太郎|株式会社極洋||03-5545-0701", None),
    ]);
}

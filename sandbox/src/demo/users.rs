//! The org's users: one for integrations, an administrator, and sales people.

use super::companies_text::romaji;
use super::rows::{Columns, id, stamps, text};
use crate::options::DEMO_USERNAME;
use crate::org::Org;
use crate::org::schema::Object;
use crate::org::value::Value;

/// 2025-01-01T00:00:00Z: the org was set up.
const SET_UP_AT: i64 = 1_735_689_600;

/// Generic names with readings; number 1 is the integration user.
const USERS: &[(&str, &str, &str, &str, &str)] = &[
    ("連携", "ユーザー", "レンケイ", "ユーザー", "システム連携"),
    ("管理", "者", "カンリ", "シャ", "システム管理"),
    ("佐藤", "健", "サトウ", "ケン", "営業一部"),
    ("鈴木", "香", "スズキ", "カオル", "営業一部"),
    ("高橋", "実", "タカハシ", "ミノル", "営業一部"),
    ("田中", "望", "タナカ", "ノゾミ", "営業二部"),
    ("伊藤", "忍", "イトウ", "シノブ", "営業二部"),
    ("渡辺", "光", "ワタナベ", "ヒカル", "営業二部"),
    ("山本", "歩", "ヤマモト", "アユム", "西日本営業部"),
    ("中村", "渚", "ナカムラ", "ナギサ", "西日本営業部"),
    ("小林", "司", "コバヤシ", "ツカサ", "西日本営業部"),
    ("加藤", "泉", "カトウ", "イズミ", "パートナー推進部"),
];

/// The first sales person's number; those before are no owners.
pub(super) const FIRST_OWNER: u32 = 3;
/// How many sales people there are.
pub(super) const OWNERS: u32 = USERS.len() as u32 - 2;

pub(super) fn seed(org: &mut Org) {
    let columns = Columns::new(
        Object::User,
        [
            "Username",
            "LastName",
            "FirstName",
            "Email",
            "Alias",
            "IsActive",
            "UserType",
            "Department",
            "ManagerId",
        ],
    );
    for (place, (last, first, last_kana, first_kana, department)) in USERS.iter().enumerate() {
        let number = place as u32 + 1;
        let name = format!("{}.{}", romaji(first_kana), romaji(last_kana)).to_lowercase();
        let mailbox = match number {
            1 => DEMO_USERNAME.to_owned(),
            2 => "admin@demo.example.com".to_owned(),
            _ => format!("{}@demo.example.com", name.replace('-', "")),
        };
        let manager = if number > FIRST_OWNER { id(Object::User, FIRST_OWNER) } else { Value::Null };
        let values = [
            text(&mailbox),
            text(last),
            text(first),
            text(&mailbox),
            text(&format!("user{number:02}")),
            Value::Bool(true),
            text("Standard"),
            text(department),
            manager,
        ];
        columns.put(org, number, stamps((SET_UP_AT, 1), (SET_UP_AT, 1), SET_UP_AT), values);
    }
}

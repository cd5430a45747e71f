//! Tasks: calls and mails to leads and contacts.

use super::dice;
use super::dice::Stream;
use super::rows::{Columns, date, id, stamps, text};
use super::users::{FIRST_OWNER, OWNERS};
use crate::org::Org;
use crate::org::schema::Object;
use crate::org::value::Value;

const SUBJECTS: &[(&str, &str)] = &[
    ("架電：初回ヒアリング", "Call"),
    ("架電：不在のため再連絡", "Call"),
    ("メール：資料送付", "Email"),
    ("メール：お礼", "Email"),
    ("訪問日程の調整", "Task"),
    ("見積書の作成", "Task"),
    ("提案内容の確認", "Task"),
];
const LEAST_TASKS: usize = 500;
const MOST_TASKS: usize = 20_000;

pub(super) fn seed(org: &mut Org, contacts: usize, opportunities: usize, leads: usize, seed: u64) {
    let mut dice = dice(seed, Stream::Activities);
    let columns = Columns::new(
        Object::Task,
        [
            "Subject",
            "TaskSubtype",
            "WhoId",
            "WhatId",
            "Status",
            "Priority",
            "ActivityDate",
            "OwnerId",
            "CompletedDateTime",
        ],
    );
    let count = (leads / 10).clamp(LEAST_TASKS, MOST_TASKS);
    for number in 1..=count as u32 {
        let (subject, subtype) = dice.pick(SUBJECTS);
        let is_about_lead = leads > 0 && dice.percent(60);
        let (who, what) = match is_about_lead {
            true => (id(Object::Lead, dice.index(leads) as u32 + 1), Value::Null),
            false => {
                let who = id(Object::Contact, dice.index(contacts) as u32 + 1);
                (who, id(Object::Opportunity, dice.index(opportunities) as u32 + 1))
            }
        };
        let is_done = dice.percent(70);
        let owner = FIRST_OWNER + dice.below(OWNERS.into()) as u32;
        let created = dice.instant();
        let modified = dice.instant_after(created);
        let values = [
            text(subject),
            text(subtype),
            who,
            what,
            text(if is_done { "Completed" } else { "Not Started" }),
            text(if dice.percent(15) { "High" } else { "Normal" }),
            date(created),
            id(Object::User, owner),
            if is_done { Value::DateTime(modified) } else { Value::Null },
        ];
        columns.put(org, number, stamps((created, owner), (modified, owner), modified), values);
    }
}

//! Rows as source records: the ways in which people write dates, numbers and yes.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use csv::StringRecord;
use domain::calendar::parse_date;
use domain::fields::FieldKind;
use domain::sources::{SourceKey, SourceRecord, SourceSystem, Values};
use domain::sync::SyncErrorCategory;

use super::headers::Headers;
use super::sheet::{Row, Sheet, UnusableFile};
use crate::connector::RecordError;
use crate::mapping::{CrmPath, FieldMapping, Presence};

/// Offset of Japan, which people who write dates into files mean.
const JAPAN: TimeDelta = TimeDelta::hours(9);

/// Where each mapped field stands in a file.
pub(super) struct Columns<'a> {
    headers: &'a Headers,
    id: usize,
    modified: Option<usize>,
    fields: Vec<(usize, &'a FieldMapping)>,
}

impl<'a> Columns<'a> {
    /// Finds the mapped columns. One that is missing is no trouble only where the mapping says so.
    pub(super) fn of(sheet: &Sheet, headers: &'a Headers) -> Result<Self, UnusableFile> {
        let id = sheet.column(&headers.id)?;
        let modified = headers.modified.as_deref().and_then(|it| sheet.column(it).ok());
        let mut fields = Vec::new();
        for mapping in &headers.object.fields {
            let CrmPath::Own(name) = &mapping.source else { continue };
            match (sheet.column(name), mapping.presence) {
                (Ok(place), _) => fields.push((place, mapping)),
                (Err(_), Presence::Optional) => {}
                (Err(error), _) => return Err(error),
            }
        }
        Ok(Self { headers, id, modified, fields })
    }

    /// The records of a file, each with its line; a row without a place of its own is broken.
    pub(super) fn records(
        &self,
        system: &SourceSystem,
        sheet: &Sheet,
        file_time: DateTime<Utc>,
    ) -> Vec<Result<SourceRecord, BrokenRow>> {
        let mut first: HashMap<String, u64> = HashMap::new();
        let record = |row: &Row| {
            let cells = row.cells.as_ref().map_err(|why| broken(row.line, None, "BROKEN_ROW", why))?;
            let id = cells.get(self.id).unwrap_or_default().trim().to_owned();
            if id.is_empty() {
                return Err(broken(row.line, None, "NO_IDENTITY", "its id is empty"));
            }
            // Before its values are read: an id stands for one row, whether that row can be read or not.
            if let Some(line) = first.get(&id) {
                let reason = format!("its id stands in line {line} already");
                return Err(broken(row.line, None, "DUPLICATE_ID", &reason));
            }
            first.insert(id.clone(), row.line);
            let unreadable = |why: String| broken(row.line, Some(&id), "INVALID_VALUE", &why);
            self.record(system, (&id, cells), file_time).map_err(unreadable)
        };
        sheet.rows().iter().map(record).collect()
    }

    fn record(
        &self,
        system: &SourceSystem,
        (id, cells): (&str, &StringRecord),
        file_time: DateTime<Utc>,
    ) -> Result<SourceRecord, String> {
        let stamp = self.stamp(cells)?.unwrap_or(file_time);
        let mut values = Values::new();
        for (place, mapping) in &self.fields {
            values.put(mapping.field, value(mapping, cells.get(*place).unwrap_or_default())?);
        }
        let object = self.headers.object.object.clone();
        Ok(SourceRecord {
            key: SourceKey { system: system.clone(), object, external_id: id.to_owned() },
            kind: self.headers.object.kind,
            stamp,
            modified_at: stamp,
            created_at: stamp,
            is_deleted: false,
            merged_into: None,
            our_key: None,
            values,
        })
    }

    fn stamp(&self, cells: &StringRecord) -> Result<Option<DateTime<Utc>>, String> {
        let text = self.modified.and_then(|it| cells.get(it)).unwrap_or_default().trim();
        if text.is_empty() {
            return Ok(None);
        }
        let known = instant(text).ok_or("when it was modified cannot be read; write 2026-04-01 09:30")?;
        Ok(Some(known))
    }
}

/// A row that cannot be taken over. Holds no values: they may be personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRow {
    /// Where it begins in the file, counted from 1.
    pub line: u64,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// Stable code of what is wrong, such as `INVALID_VALUE`.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub reason: String,
}

impl From<&BrokenRow> for RecordError {
    fn from(row: &BrokenRow) -> Self {
        Self {
            external_id: row.id.clone(),
            stamp: None,
            category: SyncErrorCategory::Validation,
            code: row.code,
            message: format!("line {}: {}", row.line, row.reason),
            payload: None,
        }
    }
}

fn broken(line: u64, id: Option<&str>, code: &'static str, why: &str) -> BrokenRow {
    BrokenRow { line, id: id.map(str::to_owned), code, reason: why.to_owned() }
}

/// What a cell says of a field; a value that cannot be right is told by its column, never by itself.
fn value(mapping: &FieldMapping, cell: &str) -> Result<Option<String>, String> {
    let text = cell.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let column = &mapping.source;
    let Some(ours) = mapping.from_crm(text) else {
        return Err(format!("the mapping has no value for what stands in `{column}`"));
    };
    let plain = match mapping.field.kind() {
        FieldKind::Date => parse_date(ours).ok().map(|it| it.to_string()),
        FieldKind::Instant => instant(ours).map(|it| it.to_rfc3339()),
        FieldKind::Number => Some(number(ours)),
        FieldKind::Boolean => boolean(ours).map(|it| it.to_string()),
        _ => Some(ours.to_owned()),
    };
    let unreadable = |why: String| format!("`{column}` cannot be read: {why}");
    let plain =
        plain.ok_or_else(|| unreadable("write it as 2026-04-01, or yes and no as 1 and 0".to_owned()))?;
    mapping.field.canonical(&plain).map_err(|it| unreadable(it.to_string()))
}

/// Full-width digits and signs as plain ones.
fn narrow(text: &str) -> String {
    let narrow = |it: char| match it {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '／' | '．' | '，' | '－' | '：' | '＋' => {
            char::from_u32(it as u32 - 0xFEE0).unwrap_or(it)
        }
        '　' => ' ',
        '−' | 'ー' | '―' => '-',
        other => other,
    };
    text.trim().chars().map(narrow).collect()
}

/// Thousands are parted and yen are marked for people.
fn number(text: &str) -> String {
    narrow(text)
        .trim_start_matches(['¥', '￥', '\\'])
        .trim_end_matches('円')
        .replace(',', "")
        .trim()
        .to_owned()
}

fn boolean(text: &str) -> Option<bool> {
    match narrow(text).to_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "はい" | "有" | "あり" | "○" | "〇" | "◯" => Some(true),
        "0" | "false" | "no" | "n" | "いいえ" | "無" | "なし" | "×" => Some(false),
        _ => None,
    }
}

/// A date with a time, in Japan unless it says otherwise; a date alone is its first minute.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = narrow(text);
    if let Ok(known) = DateTime::parse_from_rfc3339(&text) {
        return Some(known.to_utc());
    }
    let (day, time) = text.rsplit_once([' ', 'T']).unwrap_or((&text, "00:00"));
    let (day, time) = if time.contains(':') { (day, time) } else { (text.as_str(), "00:00") };
    let time = ["%H:%M:%S", "%H:%M"].iter().find_map(|it| NaiveTime::parse_from_str(time, it).ok())?;
    Some((NaiveDateTime::new(parse_date(day).ok()?, time) - JAPAN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_japan() {
        let expected = "2026-04-01T00:30:00Z".parse().ok();
        assert_eq!(instant("2026/4/1 9:30"), expected);
        assert_eq!(instant("2026-04-01T09:30:00+09:00"), expected);
        assert_eq!(instant("令和8年4月1日"), "2026-03-31T15:00:00Z".parse().ok());
    }

    #[test]
    fn numbers_are_for_people() {
        assert_eq!(number("￥１，２３４，０００"), "1234000");
        assert_eq!(number("1,234円"), "1234");
    }
}

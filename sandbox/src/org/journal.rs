//! Every write, appended to a file as it happens, so that a restarted org keeps its data.
//!
//! NDJSON: a first line says which seeded org the writes belong to; each further line holds a
//! whole record as it became, or the id of a purged one. A torn last line is dropped.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};

use super::Org;
use super::input::read_value;
use super::record_id::RecordId;
use super::records::{Stamps, existing};
use super::schema::{Kind, Object, ObjectSchema, Slot};
use super::table::Record;
use super::value::{Value, ValueRef};
use crate::error::Error;

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
    Undelete,
}

/// The open file.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens or creates the file, replays it over `org`, and stands ready to append.
    /// `seeded` names the org the journal belongs to.
    pub(crate) fn open(path: &Path, seeded: &str, org: &mut Org) -> Result<Journal, Error> {
        let failed = |source| Error::Journal { path: path.to_owned(), source };
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        let mut journal = Journal { file, path: path.to_owned() };
        let whole = journal.replay(seeded, org)?;
        journal.file.set_len(whole).map_err(failed)?;
        journal.file.seek(SeekFrom::End(0)).map_err(failed)?;
        if whole == 0 {
            writeln!(journal.file, "{}", json!({ "org": seeded })).map_err(failed)?;
        }
        Ok(journal)
    }

    pub(crate) fn append(&mut self, operation: Operation, record: &Record) {
        let line = json!({ "op": operation.name(), "record": to_json(record) });
        self.append_line(&line);
    }

    pub(crate) fn append_purge(&mut self, id: RecordId) {
        self.append_line(&json!({ "op": "purge", "id": id.to_string() }));
    }

    /// A write that cannot be kept is still made: the org in memory is what clients see.
    fn append_line(&mut self, line: &Json) {
        if let Err(error) = writeln!(self.file, "{line}") {
            tracing::error!(path = %self.path.display(), %error, "the journal did not take a write; it will be missing after a restart");
        }
    }

    /// Applies each line; answers how many bytes were whole lines.
    fn replay(&mut self, seeded: &str, org: &mut Org) -> Result<u64, Error> {
        let failed = |source| Error::Journal { path: self.path.clone(), source };
        let mut reader = BufReader::new(self.file.try_clone().map_err(failed)?);
        let (mut whole, mut number, mut line) = (0, 0, Vec::new());
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(failed)?;
            if read == 0 || line.last() != Some(&b'\n') {
                return Ok(whole);
            }
            number += 1;
            let broken = || Error::JournalLine { path: self.path.clone(), line: number };
            let json: Json = serde_json::from_slice(&line).map_err(|_| broken())?;
            match number {
                1 => check_header(&self.path, &json, seeded)?,
                _ => apply(&json, org).ok_or_else(broken)?,
            }
            whole += read as u64;
        }
    }
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
            Operation::Undelete => "undelete",
        }
    }
}

fn check_header(path: &Path, json: &Json, seeded: &str) -> Result<(), Error> {
    let found = json["org"].as_str().unwrap_or("an unknown org");
    match found == seeded {
        true => Ok(()),
        false => {
            let (found, expected) = (found.to_owned(), seeded.to_owned());
            Err(Error::JournalOfAnotherOrg { path: path.to_owned(), found, expected })
        }
    }
}

fn apply(json: &Json, org: &mut Org) -> Option<()> {
    match json["op"].as_str()? {
        "purge" => org.forget(RecordId::parse(json["id"].as_str()?)?),
        "create" | "update" | "delete" | "undelete" => {
            let record = from_json(json["record"].as_object()?)?;
            // Numbers are given out one after another; another one is no journal of ours.
            let is_known = (1..=org.table(record.id.object).next_number()).contains(&record.id.number);
            org.restore(is_known.then_some(record)?);
        }
        _ => return None,
    }
    Some(())
}

/// Every value that is there, by field name.
fn to_json(record: &Record) -> Json {
    let mut map = Map::new();
    for field in &ObjectSchema::of(record.id.object).fields {
        let json = match record.get(field.slot) {
            ValueRef::Null => continue,
            ValueRef::Text(it) => json!(it),
            ValueRef::Bool(it) => json!(it),
            ValueRef::Number(it) => json!(it),
            ValueRef::Date(it) => json!(it),
            ValueRef::DateTime(it) => json!(it),
            ValueRef::Id(it) => json!(it.to_string()),
        };
        map.insert(field.name.to_owned(), json);
    }
    Json::Object(map)
}

fn from_json(map: &Map<String, Json>) -> Option<Record> {
    let id = RecordId::parse(map.get("Id")?.as_str()?)?;
    let reference = |name: &str| RecordId::parse(map.get(name)?.as_str()?);
    let stamps = Stamps {
        created_at: map.get("CreatedDate")?.as_i64()?,
        created_by: reference("CreatedById")?,
        modified_at: map.get("LastModifiedDate")?.as_i64()?,
        modified_by: reference("LastModifiedById")?,
        system_modstamp: map.get("SystemModstamp")?.as_i64()?,
    };
    let is_deleted = map.get("IsDeleted").and_then(Json::as_bool).unwrap_or(false);
    Some(existing(id, stamps, is_deleted, &values_from(id.object, map)?))
}

fn values_from(object: Object, map: &Map<String, Json>) -> Option<Vec<Value>> {
    let mut values = vec![Value::Null; ObjectSchema::of(object).slots];
    for field in &ObjectSchema::of(object).fields {
        let (Slot::Stored(slot), Some(json)) = (field.slot, map.get(field.name)) else { continue };
        values[slot as usize] = match field.kind {
            Kind::Date => Value::Date(i32::try_from(json.as_i64()?).ok()?),
            Kind::DateTime => Value::DateTime(json.as_i64()?),
            _ => read_value(field, json).ok()?,
        };
    }
    Some(values)
}

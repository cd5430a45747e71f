//! Files as a source: what partners and other systems export, one kind of record to a file.
//!
//! A file is read as a whole each time, and is its own proof of completeness. Reading it again changes nothing. A row that
//! is no longer in it says nothing: people export parts. Files are never written to.

mod decode;
mod headers;
mod rows;
mod sheet;
mod source;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, SubsecRound as _, Utc};
use domain::sources::{SourceRecord, SourceSystem};

pub use decode::BrokenRow;
pub use headers::Headers;
pub use sheet::{Encoding, Row as SheetRow, Sheet, UnusableFile};

use crate::connector::{Keyset, Page, Position, RecordError};
use crate::error::ConnectorError;
use decode::Columns;

/// Rows of one page.
const PAGE: usize = 2_000;

/// The settings of a file.
#[derive(Debug, Clone)]
pub struct Config {
    /// Code of the system that the rows come from.
    pub system: SourceSystem,
    /// The file.
    pub path: PathBuf,
    /// Its characters.
    pub encoding: Encoding,
    /// Its columns.
    pub headers: Headers,
}

/// A file as a source.
#[derive(Debug)]
pub struct Csv {
    config: Config,
    content: Mutex<Option<Arc<Content>>>,
}

/// A row, or why it is broken.
type Row = Result<SourceRecord, BrokenRow>;

/// A file as it was when it was read.
#[derive(Debug)]
struct Content {
    /// When the file was last written.
    written_at: DateTime<Utc>,
    /// Its rows in the order of (stamp, id), broken ones first.
    records: Vec<Row>,
}

impl Csv {
    /// A file as a source; it is not opened yet.
    pub fn new(config: Config) -> Self {
        Self { config, content: Mutex::default() }
    }

    /// The rows that cannot be taken over, in the order of the file.
    pub fn broken_rows(&self) -> Result<Vec<BrokenRow>, ConnectorError> {
        let content = self.open()?;
        let mut broken: Vec<BrokenRow> =
            content.records.iter().filter_map(|it| it.as_ref().err().cloned()).collect();
        broken.sort_by_key(|it| it.line);
        Ok(broken)
    }

    /// Reads the file as it is now.
    fn open(&self) -> Result<Arc<Content>, ConnectorError> {
        let unusable = |problem: String| ConnectorError::Misconfigured { key: "path", problem };
        let path = &self.config.path;
        let written_at = written_at(path).map_err(|it| unusable(format!("{}: {it}", path.display())))?;
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = content.as_ref().filter(|it| it.written_at == written_at) {
            return Ok(Arc::clone(content));
        }
        let bytes = std::fs::read(path).map_err(|it| unusable(format!("{}: {it}", path.display())))?;
        let read = self.read(&bytes, written_at).map_err(|it| unusable(it.to_string()))?;
        Ok(Arc::clone(content.insert(Arc::new(read))))
    }

    fn read(&self, bytes: &[u8], written_at: DateTime<Utc>) -> Result<Content, UnusableFile> {
        let sheet = Sheet::parse(bytes, self.config.encoding)?;
        let columns = Columns::of(&sheet, &self.config.headers)?;
        let mut records = columns.records(&self.config.system, &sheet, written_at);
        records.sort_by_cached_key(place);
        Ok(Content { written_at, records })
    }

    /// A page of the file.
    fn page(&self, from: &Position) -> Result<Page, ConnectorError> {
        let content = self.open()?;
        let records = &content.records;
        let begin = match from {
            // Whoever exports a file anew may put older rows into it.
            Position::Start | Position::Since(_) => 0,
            Position::After(last) => records.partition_point(|it| place(it).is_none_or(|it| it <= *last)),
            Position::Next(token) => content.resume(token).ok_or(ConnectorError::CursorEnded)?,
        };
        let end = (begin + PAGE).min(records.len());
        let page = &records[begin.min(end)..end];
        Ok(Page {
            records: page.iter().map(handed_over).collect(),
            warnings: Vec::new(),
            next: (end < records.len()).then(|| content.token(end)),
            last: page.iter().rev().find_map(place),
            total: Some(records.len() as u64),
            part: 0,
            server_time: content.written_at,
        })
    }

    fn named(&self, ids: &[String]) -> Result<Page, ConnectorError> {
        let content = self.open()?;
        let ids: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let is_named = |it: &&Row| id_of(it).is_some_and(|id| ids.contains(id));
        Ok(Page {
            records: content.records.iter().filter(is_named).map(handed_over).collect(),
            warnings: Vec::new(),
            next: None,
            last: None,
            total: None,
            part: 0,
            server_time: content.written_at,
        })
    }
}

impl Content {
    /// Names a place in this very version of the file.
    fn token(&self, place: usize) -> String {
        format!("{}:{place}", self.written_at.timestamp_micros())
    }

    fn resume(&self, token: &str) -> Option<usize> {
        let (version, place) = token.split_once(':')?;
        (version == self.written_at.timestamp_micros().to_string()).then(|| place.parse().ok())?
    }
}

fn written_at(path: &Path) -> std::io::Result<DateTime<Utc>> {
    let modified: SystemTime = std::fs::metadata(path)?.modified()?;
    Ok(DateTime::<Utc>::from(modified).trunc_subsecs(6))
}

fn place(record: &Row) -> Option<Keyset> {
    let record = record.as_ref().ok()?;
    Some(Keyset { stamp: record.stamp, external_id: record.key.external_id.clone() })
}

fn handed_over(row: &Row) -> Result<SourceRecord, RecordError> {
    row.clone().map_err(|it| RecordError::from(&it))
}

fn id_of(record: &Row) -> Option<&str> {
    match record {
        Ok(record) => Some(&record.key.external_id),
        Err(row) => row.id.as_deref(),
    }
}

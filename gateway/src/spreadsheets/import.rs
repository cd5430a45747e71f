//! A sheet taken in: all of it in one transaction, each row for itself.
//!
//! A row that is refused changes nothing, and the others are taken in. Rows that need others of the same sheet may stand
//! in front of them. A rehearsal does the same and takes all of it back.

use std::collections::HashMap;

use connectors::csv::{Sheet, SheetRow, UnusableFile};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use serde::Serialize;
use uuid::Uuid;

use super::cells::{Cells, Places};
use super::columns::{self, Column};
use super::{SheetKind, contracts, partners, territories, users};
use crate::error::{Error, Refusal, Result};
use crate::platform::context::RequestContext;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::IntoStaticStr)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// There was nothing like it.
    Created,
    /// Something of it was different.
    Updated,
    /// Everything was there already.
    Unchanged,
    /// It cannot be taken in.
    Refused,
}

/// What became of one row. Holds no values: they may be personal.
#[derive(Debug, Clone, Serialize)]
pub struct RowReport {
    /// Where it begins in the file, counted from 1.
    pub line: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Stable code of why it was refused.
    pub code: Option<&'static str>,
    /// Why, and what to do.
    pub reason: Option<String>,
}

/// What became of a sheet, row by row in the order of the file.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Each row.
    pub rows: Vec<RowReport>,
}

impl Report {
    /// How many rows came to this.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|it| it.outcome == outcome).count()
    }
}

/// Why nothing of a sheet was taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is no such sheet.
    #[error(transparent)]
    File(#[from] UnusableFile),
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Two rows are about the same thing.
#[derive(Debug, Clone, thiserror::Error)]
#[error("line {first} is about the same; keep one of them")]
struct RowTwice {
    first: u64,
}

impl Refusal for RowTwice {
    fn code(&self) -> &'static str {
        "ROW_TWICE"
    }
}

/// A row that cannot be taken apart.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
struct BrokenRow(String);

impl Refusal for BrokenRow {
    fn code(&self) -> &'static str {
        "BROKEN_ROW"
    }
}

/// What a row was about, and what became of it.
pub(super) struct Taken {
    pub(super) id: Uuid,
    pub(super) outcome: Outcome,
}

/// Takes a sheet in.
pub async fn import(ctx: &RequestContext, kind: SheetKind, sheet: &Sheet) -> Result<Report, ImportError> {
    let (txn, report) = take_in(ctx, kind, sheet).await?;
    txn.commit().await.map_err(Error::from)?;
    Ok(report)
}

/// Tells what would become of a sheet, and changes nothing.
pub async fn rehearse(ctx: &RequestContext, kind: SheetKind, sheet: &Sheet) -> Result<Report, ImportError> {
    let (txn, report) = take_in(ctx, kind, sheet).await?;
    txn.rollback().await.map_err(Error::from)?;
    Ok(report)
}

async fn take_in(
    ctx: &RequestContext,
    kind: SheetKind,
    sheet: &Sheet,
) -> Result<(DatabaseTransaction, Report), ImportError> {
    let (columns, needed) = columns_of(kind);
    let places = Places::of(sheet, columns, needed)?;
    let txn = ctx.begin().await.map_err(Error::from)?;
    let mut work = Work { ctx, kind, places: &places, first: HashMap::new() };
    let mut done: Vec<Option<RowReport>> = sheet.rows().iter().map(|_| None).collect();
    // Again, as long as rows are taken in that others may have waited for.
    loop {
        let mut has_news = false;
        for (row, report) in sheet.rows().iter().zip(&mut done) {
            if report.as_ref().is_some_and(|it| it.outcome != Outcome::Refused) {
                continue;
            }
            let taken = work.row(&txn, row).await?;
            has_news |= taken.outcome != Outcome::Refused;
            *report = Some(taken);
        }
        if !has_news {
            return Ok((txn, Report { rows: done.into_iter().flatten().collect() }));
        }
    }
}

fn columns_of(kind: SheetKind) -> (&'static [Column], &'static [Column]) {
    use columns::*;
    match kind {
        SheetKind::Partner => (PARTNERS, &[LEGAL_NAME]),
        SheetKind::PartnerUser => (USERS, &[PARTNER, FAMILY_NAME, GIVEN_NAME, EMAIL]),
        SheetKind::Contract => (CONTRACTS, &[PARTNER, NUMBER, CONTRACT_TYPE, START_DATE, END_DATE]),
        SheetKind::Territory => (TERRITORIES, &[PARTNER, VALID_FROM]),
    }
}

struct Work<'a> {
    ctx: &'a RequestContext,
    kind: SheetKind,
    places: &'a Places,
    /// In which line each thing stood first.
    first: HashMap<Uuid, u64>,
}

impl Work<'_> {
    /// Takes a row in, or nothing of it.
    async fn row(&mut self, txn: &DatabaseTransaction, row: &SheetRow) -> Result<RowReport> {
        let savepoint = txn.begin().await?;
        match self.take(&savepoint, row).await {
            Ok(taken) => {
                savepoint.commit().await?;
                self.first.insert(taken.id, row.line);
                Ok(RowReport { line: row.line, outcome: taken.outcome, code: None, reason: None })
            }
            Err(Error::Refused { code, message, .. }) => {
                savepoint.rollback().await?;
                let (code, reason) = (Some(code), Some(message));
                Ok(RowReport { line: row.line, outcome: Outcome::Refused, code, reason })
            }
            Err(other) => Err(other),
        }
    }

    async fn take(&self, txn: &DatabaseTransaction, row: &SheetRow) -> Result<Taken> {
        let record = row.cells.as_ref().map_err(|it| BrokenRow(it.clone()))?;
        let cells = Cells { places: self.places, record };
        let taken = match self.kind {
            SheetKind::Partner => partners::take(txn, self.ctx, cells).await?,
            SheetKind::PartnerUser => users::take(txn, self.ctx, cells).await?,
            SheetKind::Contract => contracts::take(txn, self.ctx, cells).await?,
            SheetKind::Territory => territories::take(txn, self.ctx, cells).await?,
        };
        match self.first.get(&taken.id) {
            Some(&first) => Err(RowTwice { first }.into()),
            None => Ok(taken),
        }
    }
}

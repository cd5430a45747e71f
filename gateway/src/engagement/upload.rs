//! Many events, one a line: read and taken in batches, while the next batch is read.

use domain::engagement::{EventLimits, read_line};
use serde::Serialize;

use super::intake::{Incoming, Intake, Outcome};
use super::reported::EngagementEventInput;
use super::service::EngagementRefusal;
use crate::error::{Error, Result};
use crate::platform::context::RequestContext;
use crate::platform::http::Lines;

/// Events of one transaction.
const BATCH: usize = 2_000;
/// Bytes of lines that are held at once.
const BATCH_BYTES: usize = 4 << 20;
/// Refused lines that are named. More are counted.
const MOST_NAMED: usize = 1_000;

/// What became of the lines of an upload.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Lines that were not blank.
    pub received: u64,
    /// In the log now.
    pub accepted: u64,
    /// In the log before.
    pub duplicates: u64,
    /// Not taken.
    pub refused: u64,
    /// Why not, line by line, as far as there is room.
    pub refusals: Vec<RefusedLine>,
    /// Refused lines that are not named.
    pub refusals_left_out: u64,
}

/// A line that is not taken.
#[derive(Debug, Serialize)]
pub struct RefusedLine {
    /// Which one; the first line is 1.
    pub line: u64,
    /// By which programs tell refusals apart.
    pub code: &'static str,
    /// What to do.
    pub message: String,
}

/// Lines that are taken together.
#[derive(Default)]
struct Batch {
    numbers: Vec<u64>,
    events: Vec<Incoming>,
}

/// Takes all lines in; says after each batch how many lines were taken.
pub async fn take<E>(
    ctx: &RequestContext,
    lines: &mut Lines<E>,
    mut progress: impl FnMut(u64),
) -> Result<Summary> {
    let (mut intake, mut summary, mut read) = (Intake::begin(ctx).await?, Summary::default(), 0);
    let mut batch = next(lines, &mut read).await?;
    while !batch.numbers.is_empty() {
        let Batch { numbers, events } = batch;
        let (outcomes, following) = futures::join!(intake.take(events), next(lines, &mut read));
        summary.add(ctx, &numbers, outcomes?);
        progress(summary.received);
        batch = following?;
    }
    Ok(summary)
}

/// The next lines that are not blank, with their numbers.
async fn next<E>(lines: &mut Lines<E>, read: &mut u64) -> Result<Batch> {
    let (mut batch, mut bytes) = (Batch::default(), 0);
    while batch.numbers.len() < BATCH && bytes < BATCH_BYTES {
        let Ok(line) = lines.next().await else {
            return Err(EngagementRefusal::UploadIncomplete(*read).into());
        };
        let Some(line) = line else { break };
        *read += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        bytes += line.len();
        batch.numbers.push(*read);
        let event = read_line::<EngagementEventInput>(&line, &EventLimits::default());
        batch.events.push(event.and_then(Incoming::from));
    }
    Ok(batch)
}

impl Summary {
    fn add(&mut self, ctx: &RequestContext, numbers: &[u64], outcomes: Vec<Outcome>) {
        self.received += numbers.len() as u64;
        for (line, outcome) in numbers.iter().zip(outcomes) {
            match outcome {
                Outcome::Accepted => self.accepted += 1,
                Outcome::Duplicate => self.duplicates += 1,
                Outcome::Refused(refusal) => self.refuse(ctx, *line, refusal.into()),
            }
        }
    }

    fn refuse(&mut self, ctx: &RequestContext, line: u64, error: Error) {
        self.refused += 1;
        match self.refusals.len() < MOST_NAMED {
            true => {
                let message = error.message(ctx.caller.language);
                self.refusals.push(RefusedLine { line, code: error.code(), message });
            }
            false => self.refusals_left_out += 1,
        }
    }
}

//! A run as a bar on a terminal, or as events for machines.

use std::sync::Mutex;

use domain::fields::RecordKind;
use domain::text::Language;

use crate::cli::Output;
use crate::cli::progress::Progress;
use crate::sync::run::{Counts, Observer};

/// Shows a run.
pub(crate) struct Shown {
    output: Output,
    current: Mutex<Option<Progress>>,
}

impl Shown {
    pub(crate) fn new(output: Output) -> Self {
        Self { output, current: Mutex::new(None) }
    }
}

impl Observer for Shown {
    fn begin(&self, kind: RecordKind) {
        let progress = Progress::begin(self.output, kind.label(Language::En), None);
        *self.current.lock().expect("no holder panics") = Some(progress);
    }

    fn page(&self, _: RecordKind, counts: Counts, total: Option<u64>) {
        if let Some(progress) = self.current.lock().expect("no holder panics").as_mut() {
            if let Some(total) = total {
                progress.set_total(total);
            }
            progress.advance(counts.read);
        }
    }

    fn end(&self, kind: RecordKind, counts: Counts) {
        if let Some(progress) = self.current.lock().expect("no holder panics").take() {
            progress.end();
        }
        let Counts { read, changed, unchanged, failed } = counts;
        let kind = kind.label(Language::En);
        self.output.note(format_args!(
            "{kind:12} {read:>8} read {changed:>8} changed {unchanged:>8} unchanged {failed:>6} failed"
        ));
    }
}

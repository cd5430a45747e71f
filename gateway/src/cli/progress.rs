//! How far a long command is: a bar on a terminal, silence elsewhere, events for machines.

use std::borrow::Cow;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::Output;

/// Events come no faster.
const PACE: Duration = Duration::from_millis(500);

/// The progress of one piece of work.
#[derive(Debug)]
pub struct Progress {
    title: Cow<'static, str>,
    total: Option<u64>,
    done: u64,
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    Bar(ProgressBar),
    Events { output: Output, last: Instant },
    Nothing,
}

impl Progress {
    /// Begins a piece of work, of a known or unknown size.
    pub fn begin(output: Output, title: impl Into<Cow<'static, str>>, total: Option<u64>) -> Self {
        let title = title.into();
        let shown = match (output.is_json(), std::io::stderr().is_terminal()) {
            (true, _) => Shown::Events { output, last: Instant::now() },
            (false, true) => Shown::Bar(bar(&title, total)),
            (false, false) => Shown::Nothing,
        };
        Self { title, total, done: 0, shown }
    }

    /// So many more are done.
    pub fn advance(&mut self, by: u64) {
        self.done += by;
        match &mut self.shown {
            Shown::Bar(bar) => bar.inc(by),
            Shown::Events { last, .. } if last.elapsed() >= PACE => {
                *last = Instant::now();
                self.event();
            }
            Shown::Events { .. } | Shown::Nothing => {}
        }
    }

    /// The size has become known, or has changed.
    pub fn set_total(&mut self, total: u64) {
        self.total = Some(total);
        if let Shown::Bar(it) = &self.shown {
            it.set_length(total);
            it.set_style(style(true));
        }
    }

    /// A word on what is being done right now.
    pub fn say(&self, message: impl Into<Cow<'static, str>>) {
        if let Shown::Bar(bar) = &self.shown {
            bar.set_message(message);
        }
    }

    /// Ends it; the bar disappears, so that the result stands alone.
    pub fn end(self) {
        match &self.shown {
            Shown::Bar(bar) => bar.finish_and_clear(),
            Shown::Events { .. } => self.event(),
            Shown::Nothing => {}
        }
    }

    fn event(&self) {
        if let Shown::Events { output, .. } = &self.shown {
            output.event(&json!({"progress": self.title, "done": self.done, "total": self.total}));
        }
    }
}

fn bar(title: &str, total: Option<u64>) -> ProgressBar {
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.set_style(style(total.is_some()));
    bar.set_prefix(title.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn style(has_total: bool) -> ProgressStyle {
    let template = match has_total {
        true => "{prefix:14} {bar:32} {human_pos}/{human_len} {per_sec} {eta} {msg}",
        false => "{prefix:14} {spinner} {human_pos} {per_sec} {msg}",
    };
    ProgressStyle::with_template(template).expect("the template is right")
}

//! `gateway lead why`: why a field of a golden record has its value.

use std::fmt::{self, Display};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, ValueEnum};
use domain::fields::{Field, RecordKind};
use domain::text::Language;
use mastering::golden_record::{Loser, Settlement};
use mastering::history::AsOf;
use mastering::survivorship::steps::Step;
use serde_json::{Value, json};

use crate::cli::desk::Desk;
use crate::cli::{Failure, Shell};
use crate::golden::graphql::{field_named, source};
use crate::golden::history::service::{Explained, explain};
use crate::golden::loader::{RecordRef, node_type};
use crate::platform::graphql::node_id::NodeId;

/// Tell why a field has its value: who won, by which rule, and what lost
///
/// With --as-of it tells so of another time: what was known then of how things stood then.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The record: its global id, or its UUID
    #[arg(value_name = "ID")]
    id: String,

    /// The field, such as `phone` or `lastName`
    #[arg(value_name = "FIELD")]
    field: String,

    /// As of when, such as 2026-02-28T15:00:00Z
    #[arg(long, value_name = "INSTANT")]
    as_of: Option<DateTime<Utc>>,

    /// Language of the labels
    #[arg(long, value_enum, default_value_t, value_name = "LANGUAGE")]
    language: LabelLanguage,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml lead why TGVhZDowMTk… phone
  gateway --config gateway.toml lead why 01977a3e-… phone --as-of 2026-02-28T15:00:00Z --language ja
  gateway --json account why 01977a3e-… name | jq '.losers'";

/// A language that labels are written in.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum LabelLanguage {
    #[default]
    En,
    Ja,
}

impl From<LabelLanguage> for Language {
    fn from(language: LabelLanguage) -> Self {
        match language {
            LabelLanguage::En => Self::En,
            LabelLanguage::Ja => Self::Ja,
        }
    }
}

pub(super) async fn run(kind: RecordKind, arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let Desk { mut ctx, .. } = Desk::open(shell, None).await?;
    ctx.caller.language = arguments.language.into();
    let id = NodeId::plain_or_global(&arguments.id, node_type(kind)).map_err(Failure::usage)?;
    let record = RecordRef { kind, id: id.into() };
    let field = field_named(kind, &arguments.field).map_err(Failure::usage)?;
    let as_of = arguments.as_of.map(|at| AsOf::instant(at.min(ctx.now)));
    let explained = explain(&ctx, record, as_of).await.map_err(Failure::failed)?;
    let why = Why { field, explained, language: arguments.language.into() };
    shell.output.result(&why, &why.json());
    Ok(())
}

/// The reason of one value.
struct Why {
    field: Field,
    explained: Explained,
    language: Language,
}

impl Why {
    fn settlement(&self) -> Option<&Settlement> {
        self.explained.golden.settlement(self.field)
    }

    fn json(&self) -> Value {
        let Explained { id, golden } = &self.explained;
        let settlement = self.settlement();
        json!({
            "kind": golden.kind(),
            "id": id,
            "field": self.field.name(),
            "label": self.field.label(self.language),
            "value": settlement.and_then(|it| it.value.as_deref()),
            "source": settlement.map(|it| source(it).to_string()),
            "sourceRecord": settlement.and_then(Settlement::source),
            "observedAt": settlement.map(|it| it.origin.observed_at),
            "effectiveAt": settlement.map(|it| it.origin.changed_at),
            "clockSkew": settlement.map(|it| it.origin.clock_skew),
            "rule": settlement.map(|it| it.step.code()),
            "ruleLabel": settlement.map(|it| it.step.label(self.language)),
            "policyVersion": golden.policy(),
            "withoutHold": settlement.and_then(Settlement::would_win).map(|(it, step)| json!({
                "value": it.value, "sourceRecord": it.source, "rule": step.code(),
            })),
            "losers": settlement.map_or(&[][..], |it| &it.losers).iter().map(|it| self.loser(it)).collect::<Vec<_>>(),
        })
    }

    fn loser(&self, loser: &Loser) -> Value {
        json!({
            "value": loser.value,
            "source": loser.source.system,
            "sourceRecord": loser.source,
            "effectiveAt": loser.changed_at,
            "lostAt": loser.step.code(),
            "lostAtLabel": loser.step.label(self.language),
        })
    }

    fn rows(&self, settlement: &Settlement) -> Vec<[String; 5]> {
        let record = settlement.source().map_or_else(|| source(settlement).to_string(), ToString::to_string);
        let won = [
            "*".to_owned(),
            text(settlement.value.as_deref()),
            record,
            instant(settlement.origin.changed_at),
            self.step(settlement.step),
        ];
        let lost = settlement.losers.iter().map(|it| {
            let value = text(it.value.as_deref());
            [String::new(), value, it.source.to_string(), instant(it.changed_at), self.step(it.step)]
        });
        std::iter::once(won).chain(lost).collect()
    }

    fn step(&self, step: Step) -> String {
        format!("{} ({})", step.code(), step.label(self.language))
    }
}

impl Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explained { id, golden } = &self.explained;
        writeln!(f, "{} {id}: {} ({})", golden.kind(), self.field.name(), self.field.label(self.language))?;
        let Some(settlement) = self.settlement() else { return write!(f, "no source says anything of it") };
        writeln!(f, "policy {}", golden.policy())?;
        if let Some((instead, step)) = settlement.would_win() {
            let value = text(instead.value.as_deref());
            writeln!(f, "without it: {value} of {}, by {}", instead.source, self.step(step))?;
        }
        let heads = ["", "value", "source", "since", "won or lost at"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(heads).chain(self.rows(settlement)).collect();
        write!(f, "{}", table(&rows))
    }
}

/// Columns as wide as they must be. Characters of Japanese take two places.
fn table(rows: &[[String; 5]]) -> String {
    let width = |column: usize| rows.iter().map(|it| places(&it[column])).max().unwrap_or_default();
    let widths = [0, 1, 2, 3, 4].map(width);
    let line = |row: &[String; 5]| {
        let cells =
            row.iter().zip(widths).map(|(it, width)| format!("{it}{}", " ".repeat(width - places(it))));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn places(text: &str) -> usize {
    text.chars().map(|it| if it as u32 >= 0x1100 { 2 } else { 1 }).sum()
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or("(empty)").to_owned()
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_in_both_scripts() {
        let row =
            |a: &str, b: &str| ["".to_owned(), a.to_owned(), b.to_owned(), "x".to_owned(), "y".to_owned()];
        assert_eq!(
            table(&[row("極洋", "CRM"), row("abcde", "OWN")]),
            "  極洋   CRM  x  y\n  abcde  OWN  x  y"
        );
    }
}

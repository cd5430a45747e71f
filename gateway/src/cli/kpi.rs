//! `gateway kpi`: a figure with its receipt, for people, machines and spreadsheets.

use std::io;

use clap::Args;
use domain::calendar::Period;
use domain::kpis::catalogue::{GroupBy, Kpi};
use domain::kpis::value::KpiValue;
use domain::kpis::window::Window;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::desk::Desk;
use super::{Failure, Shell};
use crate::kpis::service::{Answer, Question, answer};

/// Show a figure of the channel: its value, what was divided by what, and what was left out
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Which figure, such as winRate or WIN_RATE
    #[arg(value_parser = Kpi::find)]
    code: Kpi,

    /// Over what time: 2026-06, 2026-W23, FY2026, FY2026-H1, FY2026-Q1, 2026-06-01..2026-06-15
    #[arg(long)]
    period: Period,

    /// Split by partner, tier, type, territory, product or owner
    #[arg(long, value_name = "TRAIT", value_parser = group_by)]
    group_by: Option<GroupBy>,

    /// Write CSV, a line for each group and one for the total
    #[arg(long)]
    csv: bool,
}

const EXAMPLES: &str = "\
Examples:
  gateway --config gateway.toml kpi winRate --period FY2026-Q1 --group-by tier
  gateway kpi partnerSourcedRevenue --period 2026-06 --group-by partner --csv > 売上.csv
  gateway --json kpi leadAcceptanceRate --period 2026-W23";

/// What stands in a line of CSV for all groups together.
const TOTAL: &str = "TOTAL";

pub(super) async fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let desk = Desk::open(shell, None).await?;
    let period = Window::try_from(arguments.period).map_err(Failure::usage)?;
    let question = Question { kpi: arguments.code, period, group_by: arguments.group_by };
    let told = answer(&desk.ctx, question).await.map_err(Failure::failed)?;
    match arguments.csv {
        true => write_csv(&told, &arguments.period).map_err(Failure::failed),
        false => {
            shell.output.result(lines(&told).join("\n"), &json(&told));
            Ok(())
        }
    }
}

fn group_by(text: &str) -> Result<GroupBy, domain::codes::UnknownCode> {
    text.to_ascii_uppercase().parse()
}

/// Every figure of an answer with the group that it is of.
fn figures(answer: &Answer) -> impl Iterator<Item = (&str, &KpiValue)> {
    let total = (TOTAL, &answer.receipt.measured);
    answer.groups.iter().map(|(key, it)| (key.as_str(), it)).chain([total])
}

fn shown(value: &KpiValue) -> Option<Decimal> {
    value.value.ok().map(|it| it.rounded(value.kpi.definition().unit.decimals()))
}

fn lines(answer: &Answer) -> Vec<String> {
    let line = |(key, value): (&str, &KpiValue)| {
        let shown = shown(value).map_or_else(|| absence(value).to_owned(), |it| it.to_string());
        let below = value.denominator.as_ref().map(|it| format!(" / {}", it.total.rounded(0)));
        let parts = format!("{}{}", value.numerator.total.rounded(0), below.unwrap_or_default());
        format!("{shown:>14}  {key}  ({parts}, n = {})", value.sample_size())
    };
    let mut lines: Vec<String> = figures(answer).map(line).collect();
    let left = &answer.receipt.measured.exclusions;
    lines.extend(left.iter().map(|it| format!("{:>14}  left out: {}", it.ids.len(), it.reason)));
    lines
}

fn absence(value: &KpiValue) -> &'static str {
    value.value.err().map_or("", |it| it.code())
}

fn json(answer: &Answer) -> Value {
    let figure = |(key, it): (&str, &KpiValue)| json!({ "group": key, "shown": shown(it), "figure": it });
    json!({
        "kpi": answer.question.kpi, "period": answer.question.period,
        "formulaVersion": answer.receipt.formula_version, "computedAt": answer.receipt.computed_at,
        "watermark": answer.receipt.watermark, "figures": figures(answer).map(figure).collect::<Vec<_>>(),
    })
}

fn write_csv(answer: &Answer, period: &Period) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    writer.write_record([
        "kpi",
        "from",
        "until",
        "group",
        "value",
        "exact",
        "absence",
        "currency",
        "numerator",
        "denominator",
        "n",
        "flags",
    ])?;
    for (key, it) in figures(answer) {
        let flags = it.flags.iter().map(|it| it.code()).collect::<Vec<_>>().join(" ");
        writer.write_record([
            it.kpi.name(),
            period.from.to_string(),
            period.until.to_string(),
            key.to_owned(),
            shown(it).map(|it| it.to_string()).unwrap_or_default(),
            it.value.ok().map(|it| it.to_string()).unwrap_or_default(),
            absence(it).to_owned(),
            it.currency.clone().unwrap_or_default(),
            it.numerator.total.to_string(),
            it.denominator.as_ref().map(|it| it.total.to_string()).unwrap_or_default(),
            it.sample_size().to_string(),
            flags,
        ])?;
    }
    Ok(writer.flush()?)
}

//! How well accounts are told apart: precision and recall of the organisation matcher on a set with known truth.
//!
//! Here: reading what `bench/matching/organisations.py` writes, grouping it, and counting pairs.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use bench::say;
use clap::Parser;
use domain::fields::{Field, RecordKind, account};
use domain::sources::Values;
use mastering::matching::batch::cluster_all;
use mastering::matching::clusters::BatchRecord;
use mastering::matching::features::Features;
use mastering::matching::verdict::Band;
use mastering::policy::MatchingPolicy;

const FIELDS: [(&str, Field); 10] = [
    ("name", account::name),
    ("name_kana", account::name_kana),
    ("name_en", account::name_en),
    ("corporate_number", account::corporate_number),
    ("website", account::website),
    ("phone", account::phone),
    ("street", account::street),
    ("city", account::city),
    ("region", account::region),
    ("postal_code", account::postal_code),
];

#[derive(Debug, Parser)]
struct Arguments {
    /// Folder with accounts.csv and truth.csv
    folder: PathBuf,

    /// Decide by this policy document instead of the built-in one
    #[arg(long)]
    policy: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let policy = match &arguments.policy {
        Some(path) => MatchingPolicy::parse(&std::fs::read_to_string(path)?)?,
        None => MatchingPolicy::default(),
    };
    let accounts = read(&arguments.folder.join("accounts.csv"))?;
    let truth = truth(&arguments.folder.join("truth.csv"))?;
    let entity = |key: &usize| truth.get(&accounts.ids[*key]).map(String::as_str);
    say(&format!("{} accounts of {} companies", accounts.ids.len(), count(truth.values()).len()));
    for (band, meaning) in [(Band::Auto, "AUTO alone"), (Band::Review, "REVIEW counts as a match")] {
        let groups = cluster_all(&policy, &accounts.records, band).groups.groups;
        let due: usize = count(truth.values()).into_values().map(pairs).sum();
        let made: usize = groups.iter().map(|it| pairs(it.len())).sum();
        let right: usize =
            groups.iter().flat_map(|it| count(it.iter().map(entity)).into_values()).map(pairs).sum();
        let (precision, recall) = (share(right, made), share(right, due));
        let f1 = 2.0 * precision * recall / (precision + recall);
        let largest = groups.iter().map(Vec::len).max().unwrap_or(0);
        say(&format!(
            "{meaning}: precision {precision:.4} recall {recall:.4} F1 {f1:.4}, largest group {largest}"
        ));
    }
    Ok(())
}

/// Accounts by the places of their ids.
struct Accounts {
    ids: Vec<String>,
    records: Vec<BatchRecord<usize>>,
}

fn read(path: &Path) -> Result<Accounts> {
    let rows = rows(path)?;
    let record = |(key, row): (usize, &BTreeMap<String, String>)| {
        let said = |(column, field): &(&str, Field)| {
            let text = row.get(*column).filter(|it| !it.is_empty())?;
            Some((*field, field.canonical(text).ok()?))
        };
        let values: Values = FIELDS.iter().filter_map(said).collect();
        let features = Box::new(Features::of(RecordKind::Account, &values, None));
        BatchRecord { key, system: None, features }
    };
    let records = rows.iter().enumerate().map(record).collect();
    let ids = rows.into_iter().map(|mut it| it.remove("id").context("the file has no column `id`"));
    Ok(Accounts { ids: ids.collect::<Result<_>>()?, records })
}

/// Which company each account is.
fn truth(path: &Path) -> Result<HashMap<String, String>> {
    let pair = |mut row: BTreeMap<String, String>| Some((row.remove("id")?, row.remove("entity")?));
    Ok(rows(path)?.into_iter().filter_map(pair).collect())
}

fn rows(path: &Path) -> Result<Vec<BTreeMap<String, String>>> {
    let mut reader =
        csv::Reader::from_path(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(reader.deserialize().collect::<csv::Result<_>>()?)
}

fn count<T: Ord>(items: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    items.for_each(|it| *counts.entry(it).or_default() += 1);
    counts
}

fn pairs(records: usize) -> usize {
    records * records.saturating_sub(1) / 2
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

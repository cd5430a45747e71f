//! `gateway match`: which leads of a file are one person at one company.
//!
//! Here: asking and writing. Reading the file is `table`, deciding is `mastering::matching::batch`.

mod table;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use mastering::matching::batch::cluster_all;
use mastering::matching::clusters::{BatchRecord, Options};
use mastering::matching::features::Features;
use mastering::matching::verdict::Band;
use mastering::policy::MatchingPolicy;
use rayon::prelude::*;
use serde_json::json;

use self::table::Lead;
use super::progress::Progress;
use super::{Failure, Shell};
use crate::startup;

/// Tell which leads of a CSV file are one
///
/// Reads leads, writes a CSV of `id,cluster_id`: rows with the same cluster_id are the same lead. The cluster's
/// id is the smallest id in it. Columns: id, source, source_id, first_name, last_name, company, email, phone,
/// street, city, region, postal_code, country, website, corporate_number, created_at. Only id is needed; others
/// may be missing or empty, and further ones are passed over. The file is UTF-8, with or without a byte order
/// mark. A row that is broken ends the command with its line, and nothing is written.
#[derive(Debug, Args)]
#[command(name = "match", after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The leads; - reads the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Write here instead of to the standard output; the file appears when it is complete
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// How sure a pair must be: `review` also joins what the gateway would ask a person about, because this
    /// command only proposes; `auto` joins only what it would join by itself
    #[arg(long, value_enum, default_value_t = Sureness::Review, value_name = "BAND")]
    band: Sureness,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sureness {
    Auto,
    Review,
}

const EXAMPLES: &str = "\
Examples:
  gateway match leads.csv                              to the screen
  gateway match leads.csv --out clusters.csv           to a file
  gateway match leads.csv --band auto                  only what is certain
  gateway --config gateway.toml match leads.csv        by your own rules (policies.matching_file)";

pub(super) fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let policies = startup::policies(&shell.config()?.policies).map_err(Failure::usage)?;
    let mut progress = Progress::begin(shell.output, "reading", None);
    let mut leads = read(&arguments.file, &mut progress)?;
    progress.end();

    let progress = Progress::begin(shell.output, "comparing", Some(leads.len() as u64));
    let clusters = cluster(&policies.matching, &mut leads, arguments.band);
    progress.end();
    let count = write(&leads, &clusters, arguments.out.as_deref(), shell)?;
    shell.output.note(format_args!("{} leads, {count} of them different", leads.len()));
    Ok(())
}

fn read(file: &Path, progress: &mut Progress) -> Result<Vec<Lead>, Failure> {
    let mut read = |input: &mut dyn io::Read| table::read(input, progress).map_err(Failure::failed);
    if file == Path::new("-") {
        return read(&mut io::stdin().lock());
    }
    let mut input = fs::File::open(file).map_err(|error| {
        Failure::usage(anyhow::Error::new(error).context(format!("cannot read {}", file.display())))
    })?;
    read(&mut input)
}

/// The place of each lead's cluster among the leads sorted by id, in that order. Sorting first makes the result
/// independent of the file's order.
fn cluster(policy: &MatchingPolicy, leads: &mut [Lead], band: Sureness) -> Vec<usize> {
    leads.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    let records: Vec<BatchRecord<usize>> = leads
        .par_iter()
        .enumerate()
        .map(|(key, lead)| BatchRecord {
            key,
            system: lead.system.clone(),
            features: Features::of(domain::fields::RecordKind::Lead, &lead.values, None),
        })
        .collect();
    let options = match band {
        Sureness::Review => Options { join_at: Band::Review, is_careful_within_system: false },
        Sureness::Auto => {
            Options { join_at: Band::Auto, is_careful_within_system: policy.is_careful_within_system }
        }
    };
    let mut cluster_of: Vec<usize> = (0..leads.len()).collect();
    for group in cluster_all(policy, &records, options).groups.groups {
        let first = group.iter().copied().min();
        for key in group {
            cluster_of[key] = first.unwrap_or(key);
        }
    }
    cluster_of
}

/// Writes the leads in the order of the file; tells how many clusters there are.
fn write(leads: &[Lead], cluster_of: &[usize], out: Option<&Path>, shell: &Shell) -> Result<usize, Failure> {
    let mut rows: Vec<(u64, &str, &str)> = leads
        .iter()
        .zip(cluster_of)
        .map(|(lead, &cluster)| (lead.line, lead.id.as_str(), leads[cluster].id.as_str()))
        .collect();
    rows.sort_unstable();
    let count = cluster_of.iter().enumerate().filter(|(place, cluster)| place == *cluster).count();
    match out {
        Some(path) => {
            write_file(path, &rows).map_err(|error| {
                Failure::failed(error.context(format!("cannot write {}", path.display())))
            })?;
            let summary = json!({"leads": leads.len(), "clusters": count, "out": path});
            if shell.output.is_json() {
                shell.output.line(summary);
            }
        }
        None if shell.output.is_json() => {
            rows.iter()
                .for_each(|(_, id, cluster)| shell.output.line(json!({"id": id, "clusterId": cluster})));
        }
        // Whoever closed the pipe has seen enough.
        None => drop(write_rows(io::BufWriter::new(io::stdout().lock()), &rows)),
    }
    Ok(count)
}

/// Complete or not at all.
fn write_file(path: &Path, rows: &[(u64, &str, &str)]) -> anyhow::Result<()> {
    let name = path.file_name().ok_or_else(|| anyhow::anyhow!("it is not the name of a file"))?;
    let partial = path.with_file_name(format!(".{}.partial", name.to_string_lossy()));
    let file = fs::File::create(&partial)?;
    write_rows(io::BufWriter::new(&file), rows)?;
    file.sync_all()?;
    Ok(fs::rename(&partial, path)?)
}

fn write_rows(output: impl io::Write, rows: &[(u64, &str, &str)]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["id", "cluster_id"])?;
    for (_, id, cluster) in rows {
        writer.write_record([id, cluster])?;
    }
    writer.into_inner().map_err(|error| anyhow::anyhow!("{}", error.error()))?.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Output;
    use super::*;

    fn clusters(csv: &str, band: Sureness) -> Vec<(String, String)> {
        let mut progress = Progress::begin(Output::new(false), "test", None);
        let mut leads = table::read(&mut csv.as_bytes(), &mut progress).unwrap();
        let cluster_of = cluster(&MatchingPolicy::default(), &mut leads, band);
        leads.iter().zip(cluster_of).map(|(lead, it)| (lead.id.clone(), leads[it].id.clone())).collect()
    }

    const SPELLINGS: &str = "\
id,last_name,first_name,company,email
3,佐藤,花子,株式会社アシスト,hanako.sato@assist.example
1,山田,太郎,(株)極洋,taro.yamada@kyokuyo.example
2,山田,太郎,株式会社極洋,TARO.YAMADA@kyokuyo.example
";

    #[test]
    fn spellings_of_one_lead_share_the_smallest_id() {
        let found = clusters(SPELLINGS, Sureness::Review);
        let expected = [("1", "1"), ("2", "1"), ("3", "3")];
        assert_eq!(found, expected.map(|(id, cluster)| (id.to_owned(), cluster.to_owned())));
    }

    #[test]
    fn the_order_of_the_file_does_not_matter() {
        let mut lines: Vec<&str> = SPELLINGS.lines().collect();
        lines[1..].reverse();
        assert_eq!(clusters(&lines.join("\n"), Sureness::Auto), clusters(SPELLINGS, Sureness::Auto));
    }

    #[test]
    fn a_file_of_ids_alone_has_as_many_clusters() {
        assert_eq!(clusters("id\na\nb\n", Sureness::Review).len(), 2);
    }
}

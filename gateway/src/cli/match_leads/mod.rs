//! `gateway match`: which leads of a file are one person at one company.
//!
//! Here: asking, and the order of the work. Reading the file is `table`, writing is `output`; deciding is
//! `mastering::matching`.

mod output;
mod table;

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use domain::fields::RecordKind;
use domain::sources::SourceSystem;
use mastering::matching::batch::{Clusters, cluster_all};
use mastering::matching::clusters::BatchRecord;
use mastering::matching::features::Features;
use mastering::matching::train::{adapted, train};
use mastering::matching::verdict::Band;
use mastering::policy::MatchingPolicy;
use rayon::prelude::*;
use smol_str::SmolStr;

use self::output::Names;
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
///
/// How common names and companies are is counted in the file itself, unless --policy or the configuration names
/// a policy: then that alone decides, as it does in the gateway.
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

    /// Decide by this policy document
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Write the evidence of every pair that may be one: a line for each comparison, with its level and points.
    /// CSV, or JSON lines when the name ends in .ndjson
    #[arg(long, value_name = "FILE")]
    explain: Option<PathBuf>,

    /// Only learn what evidence is worth from these leads, and write that as a policy document; - writes it to
    /// the standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "explain", "band"])]
    train: Option<PathBuf>,
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
  gateway match leads.csv --out c.csv --explain e.csv  and why
  gateway match leads.csv --train learned.toml         what evidence is worth among these leads
  gateway match new.csv --policy learned.toml          by what was learned
  gateway --config gateway.toml match leads.csv        by your own rules (policies.matching_file)";

pub(super) fn run(arguments: Arguments, shell: &Shell) -> Result<(), Failure> {
    let policy = policy(&arguments, shell)?;
    let mut progress = Progress::begin(shell.output, "reading", None);
    let (names, records) = read(&arguments.file, &mut progress)?;
    progress.end();

    if let Some(path) = &arguments.train {
        let progress = Progress::begin(shell.output, "learning", Some(records.len() as u64));
        let document = train(&policy.rules, &records, "learned");
        progress.end();
        return output::document(path, &document);
    }
    let progress = Progress::begin(shell.output, "comparing", Some(records.len() as u64));
    let rules = policy.over(&records);
    let clusters = cluster(&rules, &records, arguments.band);
    progress.end();
    if let Some(path) = &arguments.explain {
        output::evidence(path, &names, &clusters.candidates)?;
    }
    let count = output::clusters(&names, &clusters.groups, arguments.out.as_deref(), shell)?;
    shell.output.note(format_args!("{} leads, {count} of them different", names.len()));
    // The process ends with this command: giving so much memory back piece by piece would only take time.
    std::mem::forget((names, records, clusters));
    Ok(())
}

/// The rules, and whether they are somebody's own.
struct Policy {
    rules: MatchingPolicy,
    is_chosen: bool,
}

fn policy(arguments: &Arguments, shell: &Shell) -> Result<Policy, Failure> {
    if let Some(path) = &arguments.policy {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
        let rules = MatchingPolicy::parse(&text.map_err(Failure::usage)?)
            .with_context(|| format!("{} is no policy", path.display()));
        return Ok(Policy { rules: rules.map_err(Failure::usage)?, is_chosen: true });
    }
    let config = shell.config()?;
    let in_force = startup::policies(&config.policies).map_err(Failure::usage)?;
    Ok(Policy { rules: (*in_force.matching).clone(), is_chosen: config.policies.matching_file.is_some() })
}

impl Policy {
    /// The built-in rules know how common names are in general; the file knows it better of its own.
    fn over(&self, records: &[BatchRecord<usize>]) -> Cow<'_, MatchingPolicy> {
        match self.is_chosen {
            true => Cow::Borrowed(&self.rules),
            false => Cow::Owned(adapted(&self.rules, records)),
        }
    }
}

/// The leads in the order of their ids: the result does not depend on the order of the file.
fn read(file: &Path, progress: &mut Progress) -> Result<(Names, Vec<BatchRecord<usize>>), Failure> {
    let read = if file == Path::new("-") {
        table::read(&mut io::stdin(), progress, Known::of)
    } else {
        let mut input = fs::File::open(file).map_err(|error| {
            Failure::usage(anyhow::Error::new(error).context(format!("cannot read {}", file.display())))
        })?;
        table::read(&mut input, progress, Known::of)
    };
    let mut leads = read.map_err(Failure::failed)?;
    leads.par_sort_unstable_by(|a, b| (&a.id, a.line).cmp(&(&b.id, b.line)));
    table::require_different(leads.iter().map(|it| (it.id.as_str(), it.line))).map_err(Failure::failed)?;
    // `unzip` would let them grow, and move all that is there again and again.
    let (mut names, mut records) = (Vec::with_capacity(leads.len()), Vec::with_capacity(leads.len()));
    for (key, it) in leads.into_iter().enumerate() {
        names.push((it.line, it.id));
        records.push(BatchRecord { key, system: it.system, features: it.features });
    }
    Ok((Names(names), records))
}

/// A lead of which only its keys are kept.
struct Known {
    line: u64,
    id: SmolStr,
    system: Option<SourceSystem>,
    features: Box<Features>,
}

impl Known {
    fn of(lead: Lead<'_>) -> Self {
        let features = Box::new(Features::of(RecordKind::Lead, &lead, None));
        Self { line: lead.line, id: lead.id.into(), system: lead.system, features }
    }
}

fn cluster(policy: &MatchingPolicy, records: &[BatchRecord<usize>], band: Sureness) -> Clusters<usize> {
    let join_at = match band {
        Sureness::Review => Band::Review,
        Sureness::Auto => Band::Auto,
    };
    cluster_all(policy, records, join_at)
}

#[cfg(test)]
mod tests {
    use super::super::Output;
    use super::*;

    fn clusters(csv: &str, band: Sureness) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("leads.csv");
        fs::write(&file, csv).unwrap();
        let mut progress = Progress::begin(Output::new(false), "test", None);
        let (names, records) = read(&file, &mut progress).unwrap();
        let groups = cluster(&adapted(&MatchingPolicy::default(), &records), &records, band).groups;
        let mut rows = names.rows(&groups);
        rows.sort_unstable_by_key(|it| it.1);
        rows.into_iter().map(|(_, id, cluster)| (id.to_owned(), cluster.to_owned())).collect()
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

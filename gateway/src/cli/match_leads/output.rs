//! What `match` writes: clusters, evidence, and policies.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use domain::text::Language;
use mastering::matching::batch::Candidate;
use mastering::matching::clusters::Groups;
use mastering::matching::evidence::Evidence;
use rayon::prelude::*;
use serde_json::json;
use smol_str::SmolStr;

use super::{Failure, Shell};

/// Line and id of each lead, in the order of the ids.
pub(super) struct Names(pub(super) Vec<(u64, SmolStr)>);

impl Names {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn id(&self, place: usize) -> &str {
        &self.0[place].1
    }

    /// Line, id and cluster of each lead, in the order of the file. Groups are in the order of ids, so the first member of
    /// each has the smallest.
    pub(super) fn rows(&self, groups: &Groups<usize>) -> Vec<(u64, &str, &str)> {
        let mut rows = Vec::with_capacity(self.len());
        for group in &groups.groups {
            let cluster = group.first().map_or("", |it| self.id(*it));
            rows.extend(group.iter().map(|it| (self.0[*it].0, self.id(*it), cluster)));
        }
        rows.par_sort_unstable();
        rows
    }
}

/// Writes the clusters; tells how many there are.
pub(super) fn clusters(
    names: &Names,
    groups: &Groups<usize>,
    out: Option<&Path>,
    shell: &Shell,
) -> Result<usize, Failure> {
    let (rows, count) = (names.rows(groups), groups.groups.len());
    match out {
        Some(path) => {
            write_file(path, |file| write_rows(file, &rows))?;
            let summary = json!({"leads": names.len(), "clusters": count, "out": path});
            if shell.output.is_json() {
                shell.output.line(summary);
            }
        }
        None if shell.output.is_json() => {
            rows.iter()
                .for_each(|(_, id, cluster)| shell.output.line(json!({"id": id, "clusterId": cluster})));
        }
        // Whoever closed the pipe has seen enough.
        None => drop(write_rows(&mut io::stdout().lock(), &rows)),
    }
    Ok(count)
}

/// Writes the evidence of every pair, by their ids.
pub(super) fn evidence(path: &Path, names: &Names, pairs: &[Candidate<usize>]) -> Result<(), Failure> {
    let is_json = path.extension().is_some_and(|it| it == "ndjson" || it == "jsonl");
    write_file(path, |file| match is_json {
        true => write_json_evidence(file, names, pairs),
        false => write_csv_evidence(file, names, pairs),
    })
}

/// Writes a policy document; `-` is the standard output.
pub(super) fn document(path: &Path, text: &str) -> Result<(), Failure> {
    if path == Path::new("-") {
        return io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::failed);
    }
    write_file(path, |file| Ok(file.write_all(text.as_bytes())?))
}

/// Complete or not at all.
fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> anyhow::Result<()>,
) -> Result<(), Failure> {
    let attempt = || -> anyhow::Result<()> {
        let name = path.file_name().ok_or_else(|| anyhow::anyhow!("it is not the name of a file"))?;
        let partial = path.with_file_name(format!(".{}.partial", name.to_string_lossy()));
        let mut file = io::BufWriter::new(fs::File::create(&partial)?);
        write(&mut file)?;
        file.into_inner()?.sync_all()?;
        Ok(fs::rename(&partial, path)?)
    };
    attempt().map_err(|error| Failure::failed(error.context(format!("cannot write {}", path.display()))))
}

fn write_rows(output: &mut dyn io::Write, rows: &[(u64, &str, &str)]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(["id", "cluster_id"])?;
    for (_, id, cluster) in rows {
        writer.write_record([id, cluster])?;
    }
    Ok(writer.flush()?)
}

const EVIDENCE_COLUMNS: [&str; 15] = [
    "id_a",
    "id_b",
    "band",
    "band_ja",
    "score",
    "weight",
    "prior",
    "reservation",
    "reservation_ja",
    "comparison",
    "comparison_ja",
    "level",
    "level_ja",
    "points",
    "in_words",
];

fn write_csv_evidence(
    output: &mut dyn io::Write,
    names: &Names,
    pairs: &[Candidate<usize>],
) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    writer.write_record(EVIDENCE_COLUMNS)?;
    for pair in pairs {
        for evidence in &pair.verdict.evidence {
            writer.write_record(evidence_row(names, pair, evidence))?;
        }
    }
    Ok(writer.flush()?)
}

fn evidence_row(names: &Names, pair: &Candidate<usize>, evidence: &Evidence) -> [String; 15] {
    let verdict = &pair.verdict;
    let (comparison, level) = (evidence.comparison, evidence.level);
    [
        names.id(pair.a).to_owned(),
        names.id(pair.b).to_owned(),
        verdict.band.code().to_owned(),
        verdict.band.label(Language::Ja).to_owned(),
        verdict.score.to_string(),
        verdict.weight.to_string(),
        (verdict.weight - verdict.evidence_weight()).to_string(),
        verdict.reservation.map(|it| it.code().to_owned()).unwrap_or_default(),
        verdict.reservation.map(|it| it.label(Language::Ja).to_owned()).unwrap_or_default(),
        comparison.code().to_owned(),
        comparison.label(Language::Ja).to_owned(),
        level.code().to_owned(),
        level.label(Language::Ja).to_owned(),
        evidence.points.to_string(),
        format!("{}: {}", comparison.label(Language::En), level.label(Language::En)),
    ]
}

fn write_json_evidence(
    output: &mut dyn io::Write,
    names: &Names,
    pairs: &[Candidate<usize>],
) -> anyhow::Result<()> {
    for pair in pairs {
        let verdict = &pair.verdict;
        let told = |it: &Evidence| {
            let label = |language| format!("{}: {}", it.comparison.label(language), it.level.label(language));
            json!({
                "comparison": it.comparison, "level": it.level, "points": it.points,
                "ja": label(Language::Ja), "en": label(Language::En),
            })
        };
        let line = json!({
            "a": names.id(pair.a), "b": names.id(pair.b), "band": verdict.band, "score": verdict.score,
            "weight": verdict.weight, "prior": verdict.weight - verdict.evidence_weight(),
            "reservation": verdict.reservation, "veto": verdict.veto,
            "evidence": verdict.evidence.iter().map(told).collect::<Vec<_>>(),
        });
        writeln!(output, "{line}")?;
    }
    Ok(())
}

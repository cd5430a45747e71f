//! `gateway match` as a process: evidence, learned policies, chosen policies.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{check_refused, run};

/// Two spellings of one person, his colleague, and a namesake elsewhere.
const LEADS: &str = "\
id,last_name,first_name,company,email,phone
a,山田,太郎,株式会社極洋,taro.yamada@kyokuyo.example.co.jp,090-1111-2222
b,ヤマダ,タロウ,㈱極洋,TARO.YAMADA@kyokuyo.example.co.jp,
c,鈴木,花子,株式会社極洋,hanako.suzuki@kyokuyo.example.co.jp,
d,山田,太郎,アシスト株式会社,yamada@ashisuto.example.co.jp,
";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("leads.csv"), LEADS).unwrap();
    folder
}

fn written(folder: &Path, arguments: &[&str], file: &str) -> String {
    let (status, out, err) = run(folder, arguments);
    assert_eq!(status, 0, "{arguments:?}: {out}{err}");
    fs::read_to_string(folder.join(file)).unwrap()
}

#[test]
fn every_pair_that_may_be_one_is_told_with_its_evidence() {
    let folder = folder();
    let arguments = ["match", "leads.csv", "--out", "clusters.csv", "--explain", "why.csv"];
    let told = written(folder.path(), &arguments, "why.csv");
    let mut lines = told.lines();
    let columns = "id_a,id_b,band,band_ja,score,weight,prior,reservation,reservation_ja,comparison,comparison_ja,level,\
                   level_ja,points,in_words";
    assert_eq!(lines.next(), Some(columns));
    let of_pair: Vec<&str> = lines.filter(|it| it.starts_with("a,b,AUTO,自動統合,")).collect();
    let says = |what: &str| assert!(of_pair.iter().any(|it| it.contains(what)), "{what}: {told}");
    says("FAMILY_NAME,姓,VARIANT,別表記");
    says("EMAIL,メール,EQUAL,一致");
    says("COMPANY,勤務先,EQUAL,一致");
    assert!(!told.contains("a,c,") && !told.contains("b,c,"), "{told}");
    let clusters = fs::read_to_string(folder.path().join("clusters.csv")).unwrap();
    assert_eq!(clusters, "id,cluster_id\na,a\nb,a\nc,c\nd,d\n");
}

#[test]
fn evidence_adds_up_to_the_weight_in_json_too() {
    let folder = folder();
    let arguments = ["match", "leads.csv", "--out", "clusters.csv", "--explain", "why.ndjson"];
    let told = written(folder.path(), &arguments, "why.ndjson");
    let pairs: Vec<Value> = told.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    assert!(!pairs.is_empty());
    for pair in pairs {
        let points = pair["evidence"].as_array().unwrap().iter().map(|it| it["points"].as_i64().unwrap());
        let sum = pair["prior"].as_i64().unwrap() + points.sum::<i64>();
        assert_eq!(Some(sum), pair["weight"].as_i64(), "{pair}");
    }
}

#[test]
fn what_is_learned_is_a_policy_to_match_by() {
    let folder = folder();
    let learned = written(folder.path(), &["match", "leads.csv", "--train", "learned.toml"], "learned.toml");
    assert!(learned.starts_with("version = \"learned\"\n"), "{learned}");
    let (status, printed, _) = run(folder.path(), &["match", "leads.csv", "--train", "-"]);
    assert_eq!((status, &printed), (0, &learned));
    let arguments = ["match", "leads.csv", "--policy", "learned.toml", "--out", "clusters.csv"];
    let clusters = written(folder.path(), &arguments, "clusters.csv");
    assert_eq!(clusters, "id,cluster_id\na,a\nb,a\nc,c\nd,d\n");
}

#[test]
fn a_chosen_policy_decides_alone() {
    let folder = folder();
    let learned = written(folder.path(), &["match", "leads.csv", "--train", "learned.toml"], "learned.toml");
    let bands = learned.find("[person_bands]").unwrap();
    let (before, after) = learned.split_at(bands);
    let (_, rest) = after.split_once("\n\n").unwrap();
    let strict = format!("{before}[person_bands]\nauto = 900\nreview = 900\npossible = 900\n\n{rest}");
    fs::write(folder.path().join("strict.toml"), strict).unwrap();
    let arguments = ["match", "leads.csv", "--policy", "strict.toml", "--out", "clusters.csv"];
    let clusters = written(folder.path(), &arguments, "clusters.csv");
    assert_eq!(clusters, "id,cluster_id\na,a\nb,b\nc,c\nd,d\n");
}

#[test]
fn what_cannot_be_right_is_refused() {
    let folder = folder();
    fs::write(folder.path().join("broken.toml"), "version = 1\n").unwrap();
    let refused = |arguments: &[&str], code, says| check_refused(folder.path(), arguments, code, says);
    refused(&["match", "leads.csv", "--policy", "broken.toml"], 2, "broken.toml is no policy");
    refused(&["match", "leads.csv", "--policy", "none.toml"], 2, "cannot read none.toml");
    refused(&["match", "none.csv"], 2, "cannot read none.csv");
    refused(&["match", "leads.csv", "--train", "t.toml", "--explain", "e.csv"], 2, "cannot be used with");
    fs::write(folder.path().join("twice.csv"), "id,company\nx,a\ny,b\nx,c\n").unwrap();
    refused(&["match", "twice.csv"], 1, "line 4: the id `x` stands in line 2 already");
}

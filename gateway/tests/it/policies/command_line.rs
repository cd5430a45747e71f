//! `gateway policy` as a process: the same life, told on the command line.

use std::path::Path;

use serde_json::Value;

use super::{DEFAULT, ma_first, with};
use crate::cli::{check_refused, run};

/// Runs a command that succeeds, and reads what it says as JSON.
fn told(folder: &Path, arguments: &[&str]) -> Value {
    let arguments: Vec<&str> = ["--json"].iter().chain(arguments).copied().collect();
    let (status, out, err) = run(folder, &arguments);
    assert_eq!(status, 0, "{arguments:?}: {err}");
    serde_json::from_str(&out).unwrap()
}

fn given_store() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("ma_first.toml", &ma_first());
    write("default.toml", DEFAULT);
    write("tie.toml", &with("MA = 3", "MA = 2"));
    assert_eq!(run(folder.path(), &["migrate"]).0, 0);
    folder
}

#[test]
fn a_file_becomes_the_active_policy() {
    let folder = given_store();
    let folder = folder.path();
    let version = told(folder, &["policy", "validate", "ma_first.toml"])["version"].clone();
    let differences = told(folder, &["policy", "diff", "ma_first.toml"]);
    assert_eq!(differences[1], serde_json::json!({ "place": "ranks.MA", "before": "3", "after": "1" }));
    let effect = told(folder, &["policy", "dry-run", "ma_first.toml", "--by", "sato"]);
    assert_eq!((&effect["version"], &effect["effect"]["records"]), (&version, &Value::from(0)));
    let submitted =
        told(folder, &["policy", "submit", "ma_first.toml", "--by", "sato", "--note", "MA first"]);
    assert_eq!((&submitted["state"], &submitted["author"]), (&"SUBMITTED".into(), &"sato".into()));
    let id = submitted["id"].as_str().unwrap();
    check_refused(folder, &["policy", "approve", id, "--by", "sato"], 1, "you wrote this policy version");
    let approved = told(folder, &["policy", "approve", id, "--by", "tanaka"]);
    assert_eq!(approved["decidedBy"], "tanaka");
    let active = told(folder, &["policy", "activate", id, "--by", "tanaka"]);
    assert_eq!(active["version"]["state"], "ACTIVE");
    let listed = told(folder, &["policy", "list", "--kind", "precedence"]);
    let states: Vec<&Value> = listed.as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["ACTIVE", "DRAFT", "RETIRED"]);
    let shown = told(folder, &["policy", "show", version.as_str().unwrap()]);
    assert_eq!(shown["document"], ma_first());
}

#[test]
fn two_files_are_compared_without_a_store() {
    let folder = given_store();
    std::fs::remove_file(folder.path().join("gateway.db")).unwrap();
    let (status, out, _) = run(folder.path(), &["policy", "diff", "ma_first.toml", "default.toml"]);
    assert_eq!((status, out.as_str()), (0, "ranks.CRM: 1 → 3\nranks.MA: 3 → 1\n"));
    let (_, same, _) = run(folder.path(), &["policy", "diff", "default.toml", "default.toml"]);
    assert_eq!(same, "no difference\n");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let folder = given_store();
    let folder = folder.path();
    check_refused(folder, &["policy", "validate", "tie.toml"], 1, "`ranks.OWN` repeats the rank of MA");
    check_refused(folder, &["policy", "submit", "tie.toml", "--by", "sato"], 1, "`ranks.OWN` repeats");
    check_refused(folder, &["policy", "submit", "default.toml", "--by", "sato"], 1, "word for word");
    check_refused(folder, &["policy", "validate", "gone.toml"], 2, "cannot read gone.toml");
    check_refused(
        folder,
        &["policy", "activate", "2030-01", "--by", "sato"],
        1,
        "there is no policy version",
    );
    check_refused(folder, &["policy", "approve", "2030-01"], 2, "--by");
}

#[test]
fn a_configured_policy_is_what_a_store_begins_with() {
    let folder = given_store();
    let folder = folder.path();
    std::fs::write(folder.join("gateway.toml"), "[policies]\nprecedence_file = \"ma_first.toml\"\n").unwrap();
    let list = ["--config", "gateway.toml", "policy", "list", "--kind", "precedence"];
    let listed = told(folder, &list);
    assert_eq!((&listed[0]["author"], &listed[0]["state"]), (&"SYSTEM".into(), &"ACTIVE".into()));
    let version = listed[0]["version"].clone();
    std::fs::write(folder.join("ma_first.toml"), DEFAULT).unwrap();
    assert_eq!(told(folder, &list)[0]["version"], version, "later the file has no effect");
}

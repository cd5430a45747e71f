//! The shape of the code, read as text: who may know whom, and how long a file may get.

use std::fs;
use std::path::{Path, PathBuf};

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const CRATES: [&str; 7] = ["domain", "mastering", "connectors", "entity", "migration", "sandbox", "gateway"];
const LONGEST_FILE: usize = 400;

#[test]
fn the_platform_knows_no_feature() {
    let source = Path::new(WORKSPACE).join("gateway/src");
    let folders = fs::read_dir(&source).unwrap().map(|it| it.unwrap().path()).filter(|it| it.is_dir());
    let features = folders.map(|it| it.file_name().unwrap().to_str().unwrap().to_owned());
    let features: Vec<String> = features.filter(|it| it != "platform").collect();
    assert!(features.contains(&"leads".to_owned()), "features are folders of gateway/src");
    for (path, text) in sources(&source.join("platform")) {
        for feature in &features {
            assert!(!text.contains(&format!("crate::{feature}")), "{} names {feature}", path.display());
            let entity = format!("entity::{feature}");
            assert!(!text.contains(&entity), "{} names {entity}", path.display());
        }
    }
}

#[test]
fn every_file_opens_with_what_it_is() {
    for (path, text) in all_sources() {
        assert!(text.starts_with("//! "), "{} does not open with //!", path.display());
    }
}

#[test]
fn no_file_holds_two_subjects() {
    for (path, text) in all_sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines", path.display());
    }
}

#[test]
fn a_feature_keeps_its_store_to_itself() {
    for (path, text) in sources(&Path::new(WORKSPACE).join("gateway/src")) {
        assert!(!text.contains("pub mod store"), "{} shows its store", path.display());
        assert!(!text.contains("pub(crate) mod store"), "{} shows its store", path.display());
    }
}

#[test]
fn the_rules_do_no_input_or_output() {
    for name in ["domain", "mastering"] {
        let manifest = fs::read_to_string(Path::new(WORKSPACE).join(name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let dependencies = manifest["dependencies"].as_table().unwrap();
        for forbidden in ["tokio", "reqwest", "axum", "async-graphql", "sea-orm", "sqlx", "rand"] {
            let is_optional =
                |it: &toml::Value| it.get("optional").and_then(toml::Value::as_bool) == Some(true);
            let found = dependencies.get(forbidden);
            assert!(found.is_none_or(is_optional), "{name} depends on {forbidden}");
        }
    }
}

#[test]
fn the_sandbox_shares_nothing_with_the_product() {
    let manifest = fs::read_to_string(Path::new(WORKSPACE).join("sandbox/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let dependencies = manifest["dependencies"].as_table().unwrap();
    assert!(CRATES.iter().all(|it| !dependencies.contains_key(*it)), "{dependencies:?}");
}

fn all_sources() -> Vec<(PathBuf, String)> {
    let folders = CRATES.iter().flat_map(|it| ["src", "tests"].map(|folder| Path::new(it).join(folder)));
    folders.flat_map(|it| sources(&Path::new(WORKSPACE).join(it))).collect()
}

/// The Rust files below a folder, with their texts.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|it| it.unwrap().path());
    paths.flat_map(|it| if it.is_dir() { sources(&it) } else { source(it) }).collect()
}

fn source(path: PathBuf) -> Vec<(PathBuf, String)> {
    match path.extension().is_some_and(|it| it == "rs") {
        true => vec![(path.clone(), fs::read_to_string(&path).unwrap())],
        false => Vec::new(),
    }
}

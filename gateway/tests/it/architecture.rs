//! The shape of the code, read as text: who may know whom, and how long a file may get.

use std::collections::BTreeSet;
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

#[test]
fn every_refusal_has_a_text_in_japanese() {
    let texts = Path::new(WORKSPACE).join("gateway/src/japanese.toml");
    let texts: toml::Table = fs::read_to_string(texts).unwrap().parse().unwrap();
    let codes = codes_of_refusals();
    assert!(codes.len() > 100 && codes.contains("VERSION_CONFLICT"), "{codes:?}");
    let bare: Vec<_> = codes.iter().filter(|it| !texts.contains_key(*it)).collect();
    assert!(bare.is_empty(), "without a text in gateway/src/japanese.toml: {bare:?}");
}

/// The codes that refusals have: those written out, and the names of variants. A transparent variant has another's code.
fn codes_of_refusals() -> BTreeSet<String> {
    let folders = ["domain/src", "mastering/src", "gateway/src"].map(|it| Path::new(WORKSPACE).join(it));
    let texts: Vec<String> = folders.iter().flat_map(|it| sources(it)).map(|(_, text)| text).collect();
    let places = ["impl Refusal for ", "\nrefusals! {\n", "Error::Refused { code: "];
    let told: Vec<&str> =
        texts.iter().flat_map(|it| places.iter().flat_map(|place| after(it, place))).collect();
    let refuses = |name: &str| told.iter().any(|it| it.split_whitespace().any(|word| word == name));
    let mut codes: BTreeSet<String> = told.iter().flat_map(|it| it.split('"')).map(str::to_owned).collect();
    codes.retain(|it| it.contains('_') && it.bytes().all(|it| it.is_ascii_uppercase() || it == b'_'));
    for declared in texts.iter().flat_map(|it| after(it, "SCREAMING_SNAKE_CASE\")]\npub enum ")) {
        if let Some((_, variants)) = declared.split_once(" {\n").filter(|(name, _)| refuses(name)) {
            codes.extend(variants.split("#[error(").skip(1).filter_map(code));
        }
    }
    codes
}

/// What follows a word wherever it stands, up to the end of the item.
fn after<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(word).map(move |(at, _)| {
        let item = &text[at + word.len()..];
        item.split_once("\n}\n").map_or(item, |(item, _)| item)
    })
}

/// The code of a variant, from its message on.
fn code(variant: &str) -> Option<String> {
    let name =
        variant.lines().map(str::trim).find(|it| it.starts_with(|it: char| it.is_ascii_uppercase()))?;
    let name = name.split(|it: char| !it.is_alphanumeric()).next()?;
    let mut code = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(letter.to_ascii_uppercase());
    }
    Some(code).filter(|_| !variant.starts_with("transparent"))
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

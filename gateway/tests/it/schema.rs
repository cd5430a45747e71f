//! The API contract: `schema.graphql` is what the code builds, and every word of it is explained.

use std::path::Path;

use async_graphql::Request;
use serde_json::Value;

const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");

#[test]
fn the_contract_is_what_the_code_builds() {
    let built = format!("{}\n", gateway::schema::sdl().trim_end());
    let path = Path::new(CONTRACT);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &built).unwrap();
    }
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == built, "run `UPDATE_EXPECT=1 cargo test schema`, and read the difference like code");
}

#[tokio::test]
async fn everything_in_the_contract_is_described() {
    let question = "{ __schema { types { kind name description
        fields { name description args { name description } }
        inputFields { name description }
        enumValues { name description } } } }";
    let schema = gateway::schema::builder().finish();
    let answer = schema.execute(Request::new(question)).await.data.into_json().unwrap();
    let mut bare = Vec::new();
    for kind in list(&answer["__schema"]["types"]).iter().filter(|it| !is_the_librarys(name(it))) {
        note(&mut bare, name(kind).to_owned(), kind);
        for field in list(&kind["fields"]) {
            let path = format!("{}.{}", name(kind), name(field));
            note(&mut bare, path.clone(), field);
            list(&field["args"]).iter().for_each(|it| note(&mut bare, format!("{path}({})", name(it)), it));
        }
        for member in list(&kind["inputFields"]).iter().chain(list(&kind["enumValues"])) {
            note(&mut bare, format!("{}.{}", name(kind), name(member)), member);
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

/// Types whose words the GraphQL library chooses.
fn is_the_librarys(name: &str) -> bool {
    name.starts_with("__") || name.ends_with("Connection") || ["ID", "Decimal"].contains(&name)
}

fn note(bare: &mut Vec<String>, path: String, thing: &Value) {
    if thing["description"].as_str().is_none_or(|it| it.trim().is_empty()) {
        bare.push(path);
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn name(thing: &Value) -> &str {
    thing["name"].as_str().unwrap()
}

//! The questions that the contract itself asks for: each of its queries with everything below it, as far as it goes without
//! arguments.

use std::collections::BTreeMap;

use async_graphql::Request;
use serde_json::Value;

/// How many edges deep the questions go.
const DEPTH: usize = 4;
/// Objects that lists wrap around their rows: they cost no depth.
const WRAPPERS: [&str; 3] = ["Connection", "Edge", "PageInfo"];

/// Figures about what every partner has here, each split by partner.
const FIGURES: [&str; 5] = [
    "PARTNER_SOURCED_REVENUE",
    "REGISTRATION_CONFLICT_RATE",
    "LEAD_ACCEPTANCE_RATE",
    "ENGAGEMENT_SCORE",
    "INDIRECT_REVENUE_SHARE",
];
const JUNE: &str = "period: { from: \"2026-06-01\", until: \"2026-07-01\" }, groupBy: PARTNER";

/// The contract, as introspection shows it.
pub(super) struct Contract(BTreeMap<String, Value>);

impl Contract {
    pub(super) async fn read() -> Self {
        let question = "{ __schema { types { kind name possibleTypes { name } fields { name
            args { name defaultValue type { kind } }
            type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";
        let answer = gateway::schema::builder().finish().execute(Request::new(question)).await;
        let answer = answer.data.into_json().unwrap();
        let types = answer["__schema"]["types"].as_array().unwrap();
        Self(types.iter().map(|it| (it["name"].as_str().unwrap().to_owned(), it.clone())).collect())
    }

    fn fields(&self, name: &str) -> &[Value] {
        self.0[name]["fields"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// Everything below a type, as far as it goes without arguments.
    fn selection(&self, name: &str, depth: usize) -> String {
        if let Some(types) = self.0[name]["possibleTypes"].as_array() {
            let on = |it: &Value| {
                let name = it["name"].as_str().unwrap();
                format!("... on {name} {{ {} }}", self.selection(name, depth))
            };
            return types.iter().map(on).collect::<Vec<_>>().join(" ");
        }
        let below = |field: &Value| self.field(field, depth);
        let fields: Vec<String> = self.fields(name).iter().filter_map(below).collect();
        if fields.is_empty() { "__typename".to_owned() } else { fields.join(" ") }
    }

    fn field(&self, field: &Value, depth: usize) -> Option<String> {
        let (name, target) = (field["name"].as_str().unwrap(), named(&field["type"]));
        if self.0[target]["kind"] == "SCALAR" || self.0[target]["kind"] == "ENUM" {
            return Some(name.to_owned());
        }
        let is_wrapper = WRAPPERS.iter().any(|it| target.ends_with(it));
        let depth = if is_wrapper { depth } else { depth.checked_sub(1)? };
        Some(format!("{name} {{ {} }}", self.selection(target, depth)))
    }

    /// Each query of the contract, asking for everything it can show; those that want an id ask for each of these.
    pub(super) fn questions(&self, ids: &BTreeMap<&'static str, String>) -> Vec<(String, String)> {
        let mut questions = Vec::new();
        for field in self.fields("Query") {
            let (name, target) = (field["name"].as_str().unwrap(), named(&field["type"]));
            let selection = self.selection(target, DEPTH - 1);
            let is_required = |it: &&Value| it["type"]["kind"] == "NON_NULL" && it["defaultValue"].is_null();
            let required: Vec<&Value> =
                field["args"].as_array().unwrap().iter().filter(is_required).collect();
            match required.as_slice() {
                [] => {
                    // A page of a size that may be asked for with everything below it.
                    let has_pages = field["args"].as_array().unwrap().iter().any(|it| it["name"] == "first");
                    let page = if has_pages { "(first: 20)" } else { "" };
                    questions.push((name.to_owned(), format!("{{ {name}{page} {{ {selection} }} }}")));
                }
                [only] if only["name"] == "id" => {
                    // What gives one type is asked for its own; what gives any, or something else, for each.
                    let own = ids.get(target).map(|it| vec![it]);
                    questions.extend(own.unwrap_or_else(|| ids.values().collect()).into_iter().map(|id| {
                        (name.to_owned(), format!("{{ {name}(id: \"{id}\") {{ {selection} }} }}"))
                    }));
                }
                [only] if only["name"] == "text" => questions
                    .push((name.to_owned(), format!("{{ {name}(text: \"asset\") {{ {selection} }} }}"))),
                [only] if only["name"] == "product" => questions
                    .push((name.to_owned(), format!("{{ {name}(product: \"P\") {{ {selection} }} }}"))),
                [only] if only["name"] == "decision" => questions
                    .push((name.to_owned(), format!("{{ {name}(decision: SAME) {{ {selection} }} }}"))),
                [only] if only["name"] == "input" => questions.extend(ids.values().map(|id| {
                    let input = format!("{{ id: \"{id}\", sourceRecords: [] }}");
                    (name.to_owned(), format!("{{ {name}(input: {input}) {{ {selection} }} }}"))
                })),
                [code, period] if [&code["name"], &period["name"]] == ["code", "period"] => {
                    questions.extend(FIGURES.iter().map(|code| {
                        let asked = format!("code: {code}, {JUNE}");
                        (name.to_owned(), format!("{{ {name}({asked}) {{ {selection} }} }}"))
                    }));
                }
                others => panic!("teach this test how to ask `{name}` with {others:?}"),
            }
        }
        questions
    }
}

/// The named type inside lists and non-nulls.
fn named(kind: &Value) -> &str {
    if kind["ofType"].is_null() { kind["name"].as_str().unwrap() } else { named(&kind["ofType"]) }
}

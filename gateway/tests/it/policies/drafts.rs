//! Drafts of policies: the built-in ones with something else here and there, as chance decides.

use mastering::policy::{DEFAULT_MATCHING, DEFAULT_PRECEDENCE};

use crate::harness::Chance;

const SYSTEMS: &[&str] = &["CRM", "OWN", "MA", "CSV"];

/// The built-in precedence policy with other ranks, masters, strategies, meanings of empty, and write directions.
pub fn precedence(chance: &mut Chance, number: usize) -> String {
    let ranks = chance.shuffled(SYSTEMS.to_vec());
    let ranks: Vec<String> = ranks.iter().enumerate().map(|(at, it)| format!("{it} = {}", at + 1)).collect();
    let mut document: toml::Table = DEFAULT_PRECEDENCE.parse().unwrap();
    document["version"] = format!("try-{number}").into();
    document["ranks"] = ranks.join("\n").parse::<toml::Table>().unwrap().into();
    let lead = document["lead"].as_table_mut().unwrap();
    for name in ["phone", "title", "address", "score", "stage", "origin", "company"] {
        if chance.once_in(2) {
            lead["rules"].as_table_mut().unwrap().insert(name.to_owned(), rule(chance).into());
        }
    }
    for kind in ["account", "contact", "lead"] {
        if chance.once_in(2) {
            document[kind].as_table_mut().unwrap().insert("otherwise".to_owned(), rule(chance).into());
        }
    }
    toml::to_string(&document).unwrap()
}

fn rule(chance: &mut Chance) -> toml::Table {
    let mut strategies = vec!["RECENCY", "SOURCE_RANK", "COMPLETENESS", "SET_ONCE"];
    strategies.rotate_left(chance.below(4));
    strategies.truncate(chance.below(4));
    let mut rule = toml::Table::new();
    rule.insert("strategies".to_owned(), strategies.into());
    rule.insert("null".to_owned(), chance.one_of(&["IGNORE", "WINS", "NEVER"]).into());
    if chance.once_in(2) {
        rule.insert("master".to_owned(), chance.one_of(SYSTEMS).into());
    }
    if chance.once_in(2) {
        rule.insert("write_to".to_owned(), vec![chance.one_of(&["CRM", "MA"])].into());
    }
    rule
}

/// The built-in matching policy with other bands, limits and cares.
pub fn matching(chance: &mut Chance, number: usize) -> String {
    let mut document: toml::Table = DEFAULT_MATCHING.parse().unwrap();
    let mut number_of = |least: i64, span: usize| least + i64::try_from(chance.below(span)).unwrap();
    document["version"] = format!("try-{number}").into();
    document["independent_identifiers"] = number_of(1, 3).into();
    document["hub_names"] = number_of(2, 6).into();
    document["largest_block"] = number_of(4, 40).into();
    document["clear_difference"] = number_of(-50, 40).into();
    document["link_at"] = number_of(40, 50).into();
    let organisations = document["bands"].as_table_mut().unwrap();
    organisations["auto"] = number_of(75, 25).into();
    organisations["review"] = number_of(52, 20).into();
    let persons = document["person_bands"].as_table_mut().unwrap();
    persons["auto"] = number_of(5, 30).into();
    persons["review"] = number_of(-8, 12).into();
    document["careful_within_system"] = chance.once_in(2).into();
    toml::to_string(&document).unwrap()
}

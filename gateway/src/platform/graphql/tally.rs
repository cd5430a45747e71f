//! What a document asks for, counted as if every fragment were written out; each fragment is visited once.
//!
//! Here: fields, aliases, directives, and what arguments say: lists and pages. Not here: what the text shows (`lexer`),
//! lists in variables (they are refused with the request).

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Value, Variables};
use async_graphql_value::Value as Argument;

use super::guard::GuardRefusal;
use super::lexer::TooLarge;
use crate::platform::config::server::Limits;

/// The arguments that say how many rows a page has.
const PAGE_SIZES: [&str; 2] = ["first", "last"];

/// Checks all operations of a document together, and its fragments as far as they are spread.
pub(super) fn check(
    document: &ExecutableDocument,
    variables: &Variables,
    limits: &Limits,
) -> Result<(), GuardRefusal> {
    let mut counter = Counter { document, variables, limits, fragments: HashMap::new() };
    let mut all = Tally::default();
    for (_, operation) in document.operations.iter() {
        counter.check_defaults(&operation.node)?;
        let of_operation = counter.set(&operation.node.selection_set.node)?;
        all = all.and(of_operation).with_directives(operation.node.directives.len());
    }
    let too_large = match all {
        _ if all.selections > limits.selections => TooLarge::Selections(limits.selections),
        _ if all.fields > limits.root_fields => TooLarge::RootFields(limits.root_fields),
        _ if all.aliases > limits.aliases => TooLarge::Aliases(limits.aliases),
        _ if all.directives > limits.directives => TooLarge::Directives(limits.directives),
        _ => return Ok(()),
    };
    Err(GuardRefusal::DocumentTooLarge(too_large))
}

/// What a set of selections comes to.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    /// Fields of the set itself.
    fields: usize,
    /// Everything that is selected in it, at any depth; the others likewise.
    selections: usize,
    aliases: usize,
    directives: usize,
}

impl Tally {
    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
        }
    }

    fn with_directives(self, directives: usize) -> Self {
        Self { directives: self.directives.saturating_add(directives), ..self }
    }
}

struct Counter<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    limits: &'a Limits,
    /// What is known of a fragment; `None` while it is being counted.
    fragments: HashMap<&'a Name, Option<Tally>>,
}

impl<'a> Counter<'a> {
    fn set(&mut self, set: &'a SelectionSet) -> Result<Tally, GuardRefusal> {
        let mut sum = Tally::default();
        for selection in &set.items {
            let (found, directives) = match &selection.node {
                Selection::Field(field) => (self.field(&field.node)?, &field.node.directives),
                Selection::InlineFragment(it) => {
                    (self.set(&it.node.selection_set.node)?, &it.node.directives)
                }
                Selection::FragmentSpread(it) => {
                    (self.fragment(&it.node.fragment_name.node)?, &it.node.directives)
                }
            };
            self.check_directives(directives)?;
            sum = sum.and(found).with_directives(directives.len());
            sum.selections = sum.selections.saturating_add(1);
        }
        Ok(sum)
    }

    fn field(&mut self, field: &'a Field) -> Result<Tally, GuardRefusal> {
        for (name, value) in &field.arguments {
            self.check_argument(&name.node, &value.node)?;
        }
        let below = self.set(&field.selection_set.node)?;
        let aliases = below.aliases.saturating_add(usize::from(field.alias.is_some()));
        Ok(Tally { fields: 1, aliases, ..below })
    }

    fn fragment(&mut self, name: &'a Name) -> Result<Tally, GuardRefusal> {
        match self.fragments.get(name) {
            Some(Some(known)) => return Ok(*known),
            Some(None) => return Err(GuardRefusal::FragmentCycle),
            None => {}
        }
        // The library tells about fragments that do not exist.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Tally::default()) };
        self.fragments.insert(name, None);
        let found = self.set(&fragment.node.selection_set.node)?;
        let found = found.with_directives(fragment.node.directives.len());
        self.fragments.insert(name, Some(found));
        Ok(found)
    }

    fn check_directives(&self, directives: &[Positioned<Directive>]) -> Result<(), GuardRefusal> {
        let mut arguments = directives.iter().flat_map(|it| &it.node.arguments);
        arguments.try_for_each(|(name, value)| self.check_argument(&name.node, &value.node))
    }

    /// Defaults of variables are the document's own values.
    fn check_defaults(&self, operation: &OperationDefinition) -> Result<(), GuardRefusal> {
        let defaults = operation.variable_definitions.iter().filter_map(|it| it.node.default_value.as_ref());
        let too_long = |value: Value| longest_list(&value.into_value()) > self.limits.list_items;
        match defaults.map(|it| it.node.clone()).any(too_long) {
            true => Err(GuardRefusal::DocumentTooLarge(TooLarge::ListItems(self.limits.list_items))),
            false => self.check_directives(&operation.directives),
        }
    }

    fn check_argument(&self, name: &Name, value: &Argument) -> Result<(), GuardRefusal> {
        if PAGE_SIZES.contains(&name.as_str()) && self.rows(value) > Some(self.limits.page as u64) {
            return Err(GuardRefusal::PageSize(self.limits.page));
        }
        if longest_list(value) > self.limits.list_items {
            return Err(GuardRefusal::DocumentTooLarge(TooLarge::ListItems(self.limits.list_items)));
        }
        Ok(())
    }

    /// How many rows an argument asks for at most, as far as it is a number.
    fn rows(&self, value: &Argument) -> Option<u64> {
        let number = |value: &Value| match value {
            Value::Number(number) => number.as_u64(),
            _ => None,
        };
        match value {
            Argument::Number(number) => number.as_u64(),
            Argument::Variable(name) => match self.variables.get(name) {
                Some(given) => number(given),
                None => self.defaults_of(name).filter_map(number).max(),
            },
            _ => None,
        }
    }

    /// The defaults of a variable in all operations: which of them is executed is of no matter.
    fn defaults_of<'b>(&'b self, name: &'b Name) -> impl Iterator<Item = &'b Value> {
        let operations = self.document.operations.iter().map(|(_, it)| &it.node);
        let definitions = operations.flat_map(|it| &it.variable_definitions).map(|it| &it.node);
        let of_name = definitions.filter(move |it| it.name.node == *name);
        of_name.filter_map(|it| it.default_value.as_ref()).map(|it| &it.node)
    }
}

/// Items of the longest list in a value.
fn longest_list(value: &Argument) -> usize {
    match value {
        Argument::List(items) => items.iter().map(longest_list).fold(items.len(), usize::max),
        Argument::Object(members) => members.values().map(longest_list).max().unwrap_or_default(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn refusal(text: &str, variables: serde_json::Value) -> Option<String> {
        let limits = Limits {
            root_fields: 4,
            aliases: 3,
            directives: 2,
            list_items: 3,
            page: 50,
            ..Limits::default()
        };
        let document = parse_query(text).unwrap();
        check(&document, &Variables::from_json(variables), &limits).err().map(|it| it.to_string())
    }

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        let told = refusal(text, json!({})).unwrap_or_default();
        assert!(told.contains(expected), "{text}: {told}");
    }

    #[test]
    fn what_keeps_to_the_limits_passes() {
        for text in [
            "{ a b c d }",
            "{ x: a y: b z: c { deep { many { more fields than the root may have } } } }",
            "{ a @skip(if: true) b @include(if: true) }",
            "{ a(ids: [1, 2, 3], first: 50) }",
            "query($n: Int = 50) { a(first: $n) b(first: $m) }",
        ] {
            assert_eq!(refusal(text, json!({})), None, "{text}");
        }
    }

    #[test]
    fn fields_of_the_root_count_through_fragments() {
        check_refused("{ a b c d e }", "more than 4 fields of the root");
        check_refused(
            "{ ...f ...f } fragment f on Query { a ... { b c } }",
            "more than 4 fields of the root",
        );
    }

    #[test]
    fn aliases_and_directives_count_wherever_they_stand() {
        check_refused("{ p: a { q: b { r: c s: d } } }", "more than 3 aliases");
        check_refused("{ ...f ...f } fragment f on Query { p: a { q: b } }", "more than 3 aliases");
        check_refused("query @x { a @x ... @x { b } }", "more than 2 directives");
        check_refused("{ ...f @x ...f @x } fragment f on Query @x { a }", "more than 2 directives");
    }

    #[test]
    fn lists_and_pages_have_a_length() {
        check_refused("{ a(input: { ids: [1, 2, 3, 4] }) }", "a list has more than 3 items");
        check_refused("{ a { b(first: 51) } }", "a page has at most 50 rows");
        check_refused("query($n: Int = 51) { a(last: $n) }", "a page has at most 50 rows");
        let two = "query A($n: Int = 1) { a(last: $n) } query B($n: Int = 51) { a(last: $n) }";
        check_refused(two, "a page has at most 50 rows");
        check_refused("query($ids: [ID!] = [1, 2, 3, 4]) { a(ids: $ids) }", "a list has more than 3 items");
        check_refused("{ a @x(ids: [1, 2, 3, 4]) }", "a list has more than 3 items");
        let told = refusal("query($n: Int = 1) { a(last: $n) }", json!({ "n": 1_000_000 }));
        assert!(told.unwrap().contains("at most 50 rows"));
    }
}

//! Variables that a request leaves out.
//!
//! An argument whose variable has no value counts as not given (GraphQL, "Coercing Field Arguments"). The library
//! keeps to that when a resolver reads the argument, but not when it reckons what a field costs: it refuses the
//! request there, and many clients leave out what they do not set. So such arguments go before it looks.

use std::collections::HashSet;

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::Value;

/// The optional variables of an operation that have neither a value nor a default.
pub(super) fn unset(operation: &OperationDefinition, variables: &Variables) -> HashSet<Name> {
    let definitions = operation.variable_definitions.iter().map(|it| &it.node);
    let unset = definitions.filter(|it| it.default_value.is_none() && !variables.contains_key(&it.name.node));
    unset.map(|it| it.name.node.clone()).collect()
}

/// Takes away the arguments that are one of these variables, and the definitions that nothing uses any more.
pub(super) fn take_away(document: &mut ExecutableDocument, unset: &HashSet<Name>) {
    if unset.is_empty() {
        return;
    }
    let mut walk = Walk { unset, taken: HashSet::new(), used: HashSet::new() };
    for operation in operations(document) {
        walk.directives(&operation.directives);
        walk.selections(&mut operation.selection_set.node);
    }
    for fragment in document.fragments.values_mut() {
        walk.directives(&fragment.node.directives);
        walk.selections(&mut fragment.node.selection_set.node);
    }
    let Walk { taken, used, .. } = walk;
    for operation in operations(document) {
        let is_needed = |name: &Name| !taken.contains(name) || used.contains(name);
        operation.variable_definitions.retain(|it| is_needed(&it.node.name.node));
    }
}

fn operations(document: &mut ExecutableDocument) -> Vec<&mut OperationDefinition> {
    match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(operations) => operations.values_mut().map(|it| &mut it.node).collect(),
    }
}

struct Walk<'a> {
    unset: &'a HashSet<Name>,
    taken: HashSet<Name>,
    used: HashSet<Name>,
}

impl Walk<'_> {
    fn selections(&mut self, set: &mut SelectionSet) {
        for selection in &mut set.items {
            match &mut selection.node {
                Selection::Field(field) => self.field(&mut field.node),
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.node.directives);
                    self.selections(&mut fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => self.directives(&spread.node.directives),
            }
        }
    }

    fn field(&mut self, field: &mut Field) {
        let (unset, taken) = (self.unset, &mut self.taken);
        field.arguments.retain(|(_, value)| match &value.node {
            Value::Variable(name) if unset.contains(name) => {
                taken.insert(name.clone());
                false
            }
            _ => true,
        });
        field.arguments.iter().for_each(|(_, value)| self.note(&value.node));
        self.directives(&field.directives);
        self.selections(&mut field.selection_set.node);
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) {
        let values = directives.iter().flat_map(|it| &it.node.arguments);
        values.for_each(|(_, value)| self.note(&value.node));
    }

    /// Remembers the variables in a value.
    fn note(&mut self, value: &Value) {
        match value {
            Value::Variable(name) => drop(self.used.insert(name.clone())),
            Value::List(values) => values.iter().for_each(|it| self.note(it)),
            Value::Object(values) => values.values().for_each(|it| self.note(it)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn check(text: &str, variables: serde_json::Value, arguments: usize, definitions: usize) {
        let mut document = parse_query(text).unwrap();
        let variables = Variables::from_json(variables);
        let unset = operations(&mut document).iter().flat_map(|it| unset(it, &variables)).collect();
        take_away(&mut document, &unset);
        let operations = operations(&mut document);
        assert_eq!(operations[0].variable_definitions.len(), definitions, "{text}");
        let Selection::Field(field) = &operations[0].selection_set.node.items[0].node else {
            panic!("{text}")
        };
        assert_eq!(field.node.arguments.len(), arguments, "{text}");
    }

    #[test]
    fn an_argument_whose_variable_has_no_value_is_not_given() {
        check("query($n: Int, $c: String) { list(first: $n, after: $c) { id } }", json!({ "n": 1 }), 1, 1);
        check("query($n: Int) { list(first: $n) { id } }", json!({ "n": null }), 1, 1);
        check("query($n: Int = 5) { list(first: $n) { id } }", json!({}), 1, 1);
    }

    #[test]
    fn inside_an_input_the_library_keeps_absent_and_null_apart() {
        check("mutation($n: String) { change(input: { name: $n }) { id } }", json!({}), 1, 1);
        check("query($n: Int) { list(first: $n, filter: { size: $n }) { id } }", json!({}), 1, 1);
    }
}

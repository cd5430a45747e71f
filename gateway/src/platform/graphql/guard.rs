//! Stands before the library: a small request must never cost much.
//!
//! Here: size, tokens and nesting counted on the text before anything parses it; what it asks for counted (`tally`)
//! before anything walks it; no mutation by GET, no subscription without a stream, no operation
//! without its variables.
//! The library's own limits come too late: a few hundred bytes of fragments that spread each other keep its
//! checks busy for minutes, and a few thousand nested brackets overflow its stack.
//! Not here: depth and cost of a query, which the library counts well once these hold.

use std::any::TypeId;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::parser::{self, parse_query};
use async_graphql::{ErrorExtensionValues, Name, Pos, Request, ServerError, Value, Variables};

use super::lexer::{TooLarge, scan};
use super::parsed::{Document, Parsed, are_plain};
use super::{absent, tally};
use crate::platform::config::server::Limits;

/// Marks a request that must not change anything. Put it into the request's data.
#[derive(Debug, Clone, Copy)]
pub struct OnlyQueries;

/// Marks a request whose answers may be many. Put it into the request's data; it tells whether they are.
#[derive(Debug, Clone, Default)]
pub struct Streams(Arc<AtomicBool>);

impl Streams {
    /// The mark in a request, if its answers may be many.
    pub(super) fn of(request: &Request) -> Option<&Self> {
        request.data.get(&TypeId::of::<Self>())?.downcast_ref()
    }

    /// Whether the request subscribes; one that does not has one answer.
    pub fn subscribes(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Why a document is not even looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, strum::IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum GuardRefusal {
    /// It would cost too much.
    #[error("{0}; ask for less at once")]
    DocumentTooLarge(TooLarge),
    /// A page would have too many rows.
    #[error("a page has at most {0} rows; ask for fewer and follow `pageInfo`")]
    PageSize(usize),
    /// Fragments lead back to themselves.
    #[error("fragments must not spread themselves, not even through others")]
    FragmentCycle,
    /// It is not GraphQL.
    #[error("this is not a GraphQL document from line {} column {} on", .0.line, .0.column)]
    MalformedDocument(Pos),
    /// A mutation came by GET.
    #[error("send mutations by POST")]
    MethodNotAllowed,
    /// One answer is not enough.
    #[error("subscribe with the header Accept: text/event-stream")]
    SubscriptionNeedsStream,
    /// The operation cannot begin without it.
    #[error("the variable ${0} has no value; send one in `variables`")]
    MissingVariable(Name),
}

impl GuardRefusal {
    /// The code that clients branch on.
    pub fn code(&self) -> &'static str {
        self.into()
    }

    fn position(&self) -> Option<Pos> {
        match self {
            Self::MalformedDocument(at) => Some(*at),
            _ => None,
        }
    }
}

impl From<GuardRefusal> for ServerError {
    fn from(refusal: GuardRefusal) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", refusal.code());
        let mut error = Self::new(refusal.to_string(), refusal.position());
        error.extensions = Some(extensions);
        error
    }
}

/// Looks at every request before the schema does.
#[derive(Clone)]
pub struct Guard {
    limits: Limits,
    parsed: Parsed,
}

/// A request that may be executed.
pub(super) struct Prepared {
    document: Arc<Document>,
    /// Whether nothing but the validation of the whole document can find it wrong.
    is_whole: bool,
}

impl Prepared {
    /// Whether validating it could find nothing.
    pub(super) fn is_known_valid(&self) -> bool {
        self.is_whole && self.document.is_valid()
    }

    /// Remembers that it was validated, and executed.
    pub(super) fn found_valid(&self) {
        if self.is_whole {
            self.document.found_valid();
        }
    }
}

impl Guard {
    /// A guard that keeps to these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, parsed: Parsed::default() }
    }

    /// Parses the document of a request, or refuses it.
    pub(super) fn prepare(&self, request: &mut Request) -> Result<Prepared, GuardRefusal> {
        let document = self.inspect(&request.query, &request.variables)?;
        let mut executed = document.parsed.clone();
        let mut is_whole = false;
        if let Some(operation) = selected(&document.parsed, request.operation_name.as_deref()) {
            check_type(operation.ty, request)?;
            check_variables(operation, &request.variables)?;
            let unset = absent::unset(operation, &request.variables);
            absent::take_away(&mut executed, &unset);
            // The library validates the operation that it executes, so only one that stands alone was validated for good.
            is_whole =
                document.parsed.operations.iter().count() == 1 && are_plain(operation, &request.variables);
        }
        request.set_parsed_query(executed);
        Ok(Prepared { document, is_whole })
    }

    /// Parses a document that is known to be cheap from here on.
    fn inspect(&self, text: &str, variables: &Variables) -> Result<Arc<Document>, GuardRefusal> {
        let document = self.parsed.get(text, |text| {
            scan(text, &self.limits).map_err(GuardRefusal::DocumentTooLarge)?;
            parse_query(text).map_err(|error| GuardRefusal::MalformedDocument(start(&error)))
        })?;
        tally::check(&document.parsed, variables, &self.limits)?;
        Ok(document)
    }
}

/// Where the parser gave up.
fn start(error: &parser::Error) -> Pos {
    error.positions().next().unwrap_or(Pos { line: 1, column: 1 })
}

/// The operation that would be executed. The library tells when there is none.
fn selected<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        // A single operation with a name stands among several, too.
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next()
        }
        (DocumentOperations::Multiple(_), None) => None,
    };
    operation.map(|it| &it.node)
}

/// Whether what carries the request can carry such an operation.
fn check_type(operation: OperationType, request: &Request) -> Result<(), GuardRefusal> {
    match (operation, Streams::of(request)) {
        (OperationType::Mutation, _) if request.data.contains_key(&TypeId::of::<OnlyQueries>()) => {
            Err(GuardRefusal::MethodNotAllowed)
        }
        (OperationType::Subscription, None) => Err(GuardRefusal::SubscriptionNeedsStream),
        (OperationType::Subscription, Some(streams)) => {
            streams.0.store(true, Ordering::Release);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The library notices a missing variable only when a resolver reads it, in the middle of the execution.
fn check_variables(operation: &OperationDefinition, variables: &Variables) -> Result<(), GuardRefusal> {
    for definition in operation.variable_definitions.iter().map(|it| &it.node) {
        let is_optional = definition.var_type.node.nullable || definition.default_value.is_some();
        let given = variables.get(&definition.name.node);
        if !is_optional && given.is_none_or(|it| *it == Value::Null) {
            return Err(GuardRefusal::MissingVariable(definition.name.node.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<GuardRefusal> {
        Guard::new(Limits::default()).inspect(text, &Variables::default()).err()
    }

    #[test]
    fn fragments_that_spread_the_next_one_twice_are_counted_as_written_out() {
        let mut bomb = "query{...f0}".to_owned();
        for i in 0..29 {
            bomb += &format!("fragment f{i} on Query{{...f{n} ...f{n}}}", n = i + 1);
        }
        bomb += "fragment f29 on Query{ping}";
        assert_eq!(refusal(&bomb), Some(GuardRefusal::DocumentTooLarge(TooLarge::Selections(5_000))));
    }

    #[test]
    fn a_single_operation_is_the_one_that_is_executed_whether_it_has_a_name_or_not() {
        for (text, name) in
            [("mutation{a}", None), ("mutation M{a}", None), ("query Q{a} mutation M{a}", Some("M"))]
        {
            let document = parse_query(text).unwrap();
            assert_eq!(selected(&document, name).map(|it| it.ty), Some(OperationType::Mutation), "{text}");
        }
        let several = parse_query("query Q{a} mutation M{a}").unwrap();
        assert!(selected(&several, None).is_none());
    }

    #[test]
    fn fragments_in_a_circle_are_refused() {
        let circle = "{...a} fragment a on Query{...b} fragment b on Query{...a}";
        assert_eq!(refusal(circle), Some(GuardRefusal::FragmentCycle));
    }

    #[test]
    fn a_long_chain_of_fragments_is_harmless() {
        let mut chain = "query{...f0}".to_owned();
        for i in 0..400 {
            chain += &format!("fragment f{i} on Query{{...f{}}}", i + 1);
        }
        chain += "fragment f400 on Query{ping}";
        assert_eq!(refusal(&chain), None);
    }

    #[test]
    fn what_is_not_graphql_is_told_by_its_place() {
        let at = Pos { line: 2, column: 3 };
        assert_eq!(refusal("{ ping\n  ? }"), Some(GuardRefusal::MalformedDocument(at)));
        assert!(matches!(refusal(""), Some(GuardRefusal::MalformedDocument(_))));
    }

    #[test]
    fn the_introspection_of_graphiql_passes() {
        let types = "ofType{kind name ".repeat(9);
        let query = format!("{{__schema{{types{{fields{{type{{kind name {types}{}}}}}}}}}}}", "}".repeat(9));
        assert_eq!(refusal(&query), None);
    }
}

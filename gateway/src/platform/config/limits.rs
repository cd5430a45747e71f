//! `[server.limits]`: how large a request may be, and how many a caller may send.

use super::section::Reading;

/// What is larger is refused before it costs anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of a GraphQL document.
    pub document_bytes: usize,
    /// Tokens of a GraphQL document.
    pub tokens: usize,
    /// Brackets of any kind inside each other, in a document or in variables.
    pub nesting: usize,
    /// Selected fields, with fragments expanded.
    pub selections: usize,
    /// Fields of the root, with fragments expanded.
    pub root_fields: usize,
    /// Fields under another name, with fragments expanded.
    pub aliases: usize,
    /// Directives, with fragments expanded.
    pub directives: usize,
    /// Items of one list, in a document or in variables.
    pub list_items: usize,
    /// Rows of a page.
    pub page: usize,
    /// Fields inside each other. GraphiQL's introspection needs 15.
    pub depth: usize,
    /// Cost of a query; a page costs its size times the cost of one entry.
    pub complexity: usize,
    /// Operations of one caller at the same time, in each process.
    pub operations_per_caller: usize,
    /// Open sockets, in each process.
    pub sockets: usize,
    /// Operations of one socket at the same time.
    pub operations_per_socket: usize,
    /// Requests of one caller in a minute, in all processes together; 0 for any number.
    pub caller_requests_per_minute: usize,
    /// Requests of the people of one partner in a minute, in all processes together; 0 for any number.
    pub partner_requests_per_minute: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            document_bytes: 64 << 10,
            tokens: 4_000,
            nesting: 40,
            selections: 5_000,
            root_fields: 50,
            aliases: 100,
            directives: 100,
            list_items: 1_000,
            page: 200,
            depth: 15,
            complexity: 50_000,
            operations_per_caller: 256,
            sockets: 1_024,
            operations_per_socket: 100,
            caller_requests_per_minute: 0,
            partner_requests_per_minute: 0,
        }
    }
}

impl Limits {
    pub(super) fn read(reading: &mut Reading) -> Self {
        let default = Self::default();
        let mut section = reading.section("server.limits");
        let mut limit = |key, least: u64, most: u64, default: usize| {
            section.within(key, least..=most, default as u64) as usize
        };
        Self {
            body_bytes: limit("body_bytes", 1, 64 << 20, default.body_bytes),
            document_bytes: limit("document_bytes", 1, 1 << 20, default.document_bytes),
            tokens: limit("tokens", 1, 100_000, default.tokens),
            // The stack of a worker holds about 300 levels in a debug build.
            nesting: limit("nesting", 1, 100, default.nesting),
            selections: limit("selections", 1, 100_000, default.selections),
            root_fields: limit("root_fields", 1, 10_000, default.root_fields),
            aliases: limit("aliases", 0, 10_000, default.aliases),
            directives: limit("directives", 0, 10_000, default.directives),
            list_items: limit("list_items", 1, 100_000, default.list_items),
            // From the size of a page that names none, to the largest that queries are made for.
            page: limit("page", 50, 200, default.page),
            depth: limit("depth", 1, 64, default.depth),
            complexity: limit("complexity", 1, 10_000_000, default.complexity),
            operations_per_caller: limit("operations_per_caller", 1, 100_000, default.operations_per_caller),
            sockets: limit("sockets", 0, 100_000, default.sockets),
            operations_per_socket: limit("operations_per_socket", 1, 10_000, default.operations_per_socket),
            caller_requests_per_minute: limit(
                "caller_requests_per_minute",
                0,
                10_000_000,
                default.caller_requests_per_minute,
            ),
            partner_requests_per_minute: limit(
                "partner_requests_per_minute",
                0,
                10_000_000,
                default.partner_requests_per_minute,
            ),
        }
    }
}

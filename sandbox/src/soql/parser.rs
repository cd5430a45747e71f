//! From tokens to a query, by recursive descent.
//!
//! Conditions are in `parse_condition`'s grammar: AND and OR do not mix on one level without brackets.

use super::ast::{Call, Condition, Function, Item, Literal, Name, Operand, Operator, Order, Path, Select};
use super::lexer::{Token, TokenKind, malformed, tokens};
use crate::rest::error::ApiError;

/// Brackets, subqueries and NOTs nest no deeper, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 64;
/// The vendor's bound on the text of a query.
const MAX_LENGTH: usize = 100_000;

/// Words that end a clause, so they are no aliases.
const RESERVED: [&str; 20] = [
    "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "WITH", "ALL", "AND", "OR", "NOT",
    "IN", "LIKE", "SELECT", "USING", "UPDATE", "BY", "NULLS",
];

/// Parses a whole query.
pub(super) fn parse(query: &str) -> Result<Select, ApiError> {
    if query.chars().count() > MAX_LENGTH {
        return Err(malformed("", 0, "SOQL statements cannot be longer than 100,000 characters"));
    }
    let mut parser = Parser { query, tokens: tokens(query)?, next: 0, depth: 0 };
    let select = parser.select()?;
    match parser.peek() {
        TokenKind::End => Ok(select),
        _ => Err(parser.unexpected()),
    }
}

struct Parser<'q> {
    query: &'q str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

type Parsed<T> = Result<T, ApiError>;

impl Parser<'_> {
    fn select(&mut self) -> Parsed<Select> {
        self.nested(|it| {
            it.expect_word("SELECT")?;
            let items = it.list(Parser::item)?;
            it.expect_word("FROM")?;
            let from = it.name()?;
            let alias = it.alias()?;
            let condition = it.clause("WHERE", Parser::condition)?;
            it.ignored_clauses()?;
            let group_by = it.by_clause("GROUP", Parser::path)?;
            let having = it.clause("HAVING", Parser::condition)?;
            let order_by = it.by_clause("ORDER", Parser::order)?;
            let limit = it.clause("LIMIT", Parser::whole_number)?;
            let offset = it.clause("OFFSET", Parser::whole_number)?;
            it.ignored_clauses()?;
            let all_rows = it.take_word("ALL") && it.expect_word("ROWS").map(|()| true)?;
            Ok(Select { items, from, alias, condition, group_by, having, order_by, limit, offset, all_rows })
        })
    }

    fn item(&mut self) -> Parsed<Item> {
        if self.take_symbol("(") {
            let children = self.select()?;
            self.expect_symbol(")")?;
            return Ok(Item::Children(Box::new(children)));
        }
        let Some(word) = self.call_name() else {
            let path = self.path()?;
            return Ok(Item::Field { path, alias: self.alias()? });
        };
        match word.to_ascii_uppercase().as_str() {
            "FIELDS" => {
                self.next += 2;
                let group = self.name()?;
                self.expect_symbol(")")?;
                Ok(Item::Fields { group })
            }
            "TOLABEL" | "FORMAT" => {
                self.next += 2;
                let path = self.path()?;
                self.expect_symbol(")")?;
                Ok(Item::Shown { path, alias: self.alias()? })
            }
            _ => {
                let call = self.call()?;
                let alias = self.alias()?;
                match (&call, &alias) {
                    (Call { function: Function::Count, argument: None, .. }, None) => Ok(Item::Count),
                    _ => Ok(Item::Aggregate { call, alias }),
                }
            }
        }
    }

    fn call(&mut self) -> Parsed<Call> {
        let at = self.at();
        let name = self.name()?;
        let function = match name.text.to_ascii_uppercase().as_str() {
            "COUNT" => Function::Count,
            "COUNT_DISTINCT" => Function::CountDistinct,
            "SUM" => Function::Sum,
            "AVG" => Function::Avg,
            "MIN" => Function::Min,
            "MAX" => Function::Max,
            _ => return Err(malformed(self.query, at, &format!("unknown function: '{}'", name.text))),
        };
        self.expect_symbol("(")?;
        let argument =
            if function == Function::Count && self.is_symbol(")") { None } else { Some(self.path()?) };
        self.expect_symbol(")")?;
        Ok(Call { function, argument, at })
    }

    fn condition(&mut self) -> Parsed<Condition> {
        let first = self.unary()?;
        let word = match () {
            () if self.is_word("AND") => "AND",
            () if self.is_word("OR") => "OR",
            () => return Ok(first),
        };
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(self.unary()?);
        }
        if self.is_word("AND") || self.is_word("OR") {
            return Err(self.unexpected());
        }
        Ok(if word == "AND" { Condition::All(parts) } else { Condition::Any(parts) })
    }

    fn unary(&mut self) -> Parsed<Condition> {
        self.nested(|it| {
            if it.take_word("NOT") {
                return Ok(Condition::Not(Box::new(it.unary()?)));
            }
            if it.take_symbol("(") {
                let inner = it.condition()?;
                it.expect_symbol(")")?;
                return Ok(inner);
            }
            it.comparison()
        })
    }

    fn comparison(&mut self) -> Parsed<Condition> {
        let left = self.operand()?;
        if let Operand::Field(path) = &left {
            if self.take_word("IN") {
                return self.membership(path.clone(), false);
            }
            if self.is_word("NOT") {
                self.next += 1;
                self.expect_word("IN")?;
                return self.membership(path.clone(), true);
            }
        }
        let operator = self.operator()?;
        Ok(Condition::Compare { left, operator, right: self.literal()? })
    }

    fn membership(&mut self, left: Path, negated: bool) -> Parsed<Condition> {
        self.expect_symbol("(")?;
        if self.is_word("SELECT") {
            let query = Box::new(self.select()?);
            self.expect_symbol(")")?;
            return Ok(Condition::InQuery { left, negated, query });
        }
        let list = self.list(Parser::literal)?;
        self.expect_symbol(")")?;
        Ok(Condition::In { left, negated, list })
    }

    fn operator(&mut self) -> Parsed<Operator> {
        let operator = match self.peek() {
            TokenKind::Symbol("=") => Operator::Equal,
            TokenKind::Symbol("!=" | "<>") => Operator::NotEqual,
            TokenKind::Symbol("<") => Operator::Less,
            TokenKind::Symbol("<=") => Operator::LessOrEqual,
            TokenKind::Symbol(">") => Operator::Greater,
            TokenKind::Symbol(">=") => Operator::GreaterOrEqual,
            TokenKind::Word(word) if word.eq_ignore_ascii_case("LIKE") => Operator::Like,
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(operator)
    }

    fn literal(&mut self) -> Parsed<Literal> {
        if let TokenKind::Literal(literal) = self.peek() {
            let literal = literal.clone();
            self.next += 1;
            return Ok(literal);
        }
        let name = self.name()?;
        match name.text.to_ascii_uppercase().as_str() {
            "NULL" => Ok(Literal::Null),
            "TRUE" => Ok(Literal::Bool(true)),
            "FALSE" => Ok(Literal::Bool(false)),
            _ => {
                let count = if self.take_symbol(":") { Some(self.whole_number()? as i64) } else { None };
                Ok(Literal::Period { name, count })
            }
        }
    }

    fn order(&mut self) -> Parsed<Order> {
        let by = self.operand()?;
        let descending = self.take_word("DESC");
        if !descending {
            self.take_word("ASC");
        }
        let nulls_first = match self.take_word("NULLS") {
            false => None,
            true if self.take_word("FIRST") => Some(true),
            true => self.expect_word("LAST").map(|()| Some(false))?,
        };
        Ok(Order { by, descending, nulls_first })
    }

    fn operand(&mut self) -> Parsed<Operand> {
        match self.call_name().map(|it| it.to_ascii_uppercase()).as_deref() {
            Some("TOLABEL") => {
                self.next += 2;
                let path = self.path()?;
                self.expect_symbol(")")?;
                Ok(Operand::Field(path))
            }
            Some(_) => Ok(Operand::Call(self.call()?)),
            None => Ok(Operand::Field(self.path()?)),
        }
    }

    fn path(&mut self) -> Parsed<Path> {
        let mut parts = vec![self.name()?];
        while self.take_symbol(".") {
            parts.push(self.name()?);
        }
        Ok(Path { parts })
    }

    /// Clauses that change nothing here: who looks, and whose permissions apply.
    fn ignored_clauses(&mut self) -> Parsed<()> {
        loop {
            if self.take_word("FOR") {
                let is_known = ["VIEW", "REFERENCE", "UPDATE"].into_iter().any(|it| self.take_word(it));
                if !is_known {
                    return Err(self.unexpected());
                }
            } else if self.take_word("WITH") {
                let is_known = ["SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"]
                    .into_iter()
                    .any(|it| self.take_word(it));
                if !is_known {
                    return Err(self.unexpected());
                }
            } else {
                return Ok(());
            }
        }
    }

    fn clause<T>(&mut self, word: &str, parse: fn(&mut Self) -> Parsed<T>) -> Parsed<Option<T>> {
        if self.take_word(word) { parse(self).map(Some) } else { Ok(None) }
    }

    fn by_clause<T>(&mut self, word: &str, parse: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        if !self.take_word(word) {
            return Ok(Vec::new());
        }
        self.expect_word("BY")?;
        self.list(parse)
    }

    fn list<T>(&mut self, parse: fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![parse(self)?];
        while self.take_symbol(",") {
            items.push(parse(self)?);
        }
        Ok(items)
    }

    fn whole_number(&mut self) -> Parsed<u64> {
        match self.peek() {
            TokenKind::Literal(Literal::Number(it)) if *it >= 0.0 && it.fract() == 0.0 && *it < 1e12 => {
                let number = *it as u64;
                self.next += 1;
                Ok(number)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn alias(&mut self) -> Parsed<Option<Name>> {
        match self.peek() {
            TokenKind::Word(word) if !RESERVED.iter().any(|it| it.eq_ignore_ascii_case(word)) => {
                self.name().map(Some)
            }
            _ => Ok(None),
        }
    }

    fn name(&mut self) -> Parsed<Name> {
        match self.peek() {
            TokenKind::Word(text) => {
                let name = Name { text: text.clone(), at: self.at() };
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// The word, if a word and an opening bracket come next.
    fn call_name(&self) -> Option<String> {
        match (self.peek(), self.tokens.get(self.next + 1).map(|it| &it.kind)) {
            (TokenKind::Word(word), Some(TokenKind::Symbol("("))) if !word.eq_ignore_ascii_case("IN") => {
                Some(word.clone())
            }
            _ => None,
        }
    }

    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(malformed(self.query, self.at(), "the query nests too deeply"));
        }
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn peek(&self) -> &TokenKind {
        &self.tokens[self.next].kind
    }

    fn at(&self) -> usize {
        self.tokens[self.next].at
    }

    fn is_word(&self, word: &str) -> bool {
        self.tokens[self.next].is_word(word)
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), TokenKind::Symbol(it) if *it == symbol)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_next = self.is_word(word);
        self.next += usize::from(is_next);
        is_next
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let is_next = self.is_symbol(symbol);
        self.next += usize::from(is_next);
        is_next
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn expect_symbol(&mut self, symbol: &str) -> Parsed<()> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> ApiError {
        let shown = match self.peek() {
            TokenKind::End => "<EOF>",
            _ => {
                let end = self.tokens.get(self.next + 1).map_or(self.query.len(), |it| it.at);
                self.query.get(self.at()..end).unwrap_or_default().trim()
            }
        };
        malformed(self.query, self.at(), &format!("unexpected token: '{shown}'"))
    }
}

impl Token {
    fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, TokenKind::Word(it) if it.eq_ignore_ascii_case(word))
    }
}

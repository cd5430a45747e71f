//! A query checked against the schema: what to read, which records, in which order.

use std::collections::HashSet;

use super::aggregate::{self, Aggregation};
use super::ast::{Condition, Item, Literal, Name, Operand, Operator, Path, Select};
use super::dates::period;
use super::fields::{Column, Key as ColumnKey, Projection, field_group};
use super::filter::{Comparand, Key, Pattern, Test};
use super::lexer::{located, malformed};
use super::resolve::{Access, Names};
use super::sort::SortKey;
use super::{execute, parser};
use crate::org::Org;
use crate::org::record_id;
use crate::org::schema::{Field, Kind, Object};
use crate::rest::error::{ApiError, Code};

/// The vendor's bound on OFFSET.
const MAX_OFFSET: u64 = 2000;

/// Whether deleted records are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// `query`.
    Live,
    /// `queryAll`.
    All,
}

/// A query ready to run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) object: Object,
    pub(crate) scope: Scope,
    pub(super) test: Option<Test>,
    pub(super) order: Vec<SortKey>,
    pub(super) limit: Option<u64>,
    pub(super) offset: u64,
    pub(super) output: Output,
}

#[derive(Debug, Clone)]
pub(super) enum Output {
    Records(Projection),
    Count,
    Groups(Aggregation),
}

/// Parses and plans a query's text. `now` in seconds since 1970, for date literals.
pub(super) fn plan(org: &Org, query: &str, scope: Scope, now: i64) -> Result<Plan, ApiError> {
    let select = parser::parse(query)?;
    if select.all_rows {
        return Err(ApiError::new(Code::MalformedQuery, "ALL ROWS not allowed in this context"));
    }
    let object = Object::named(&select.from.text).ok_or_else(|| unknown_object(query, &select.from))?;
    let planner = Planner { names: names(org, query, object, &select), scope, now };
    planner.plan(&select)
}

fn names<'a>(org: &'a Org, query: &'a str, object: Object, select: &'a Select) -> Names<'a> {
    Names { org, query, object, alias: select.alias.as_ref().map(|it| it.text.as_str()) }
}

/// Plans one SELECT whose object is known.
pub(super) struct Planner<'a> {
    pub(super) names: Names<'a>,
    scope: Scope,
    now: i64,
}

impl Planner<'_> {
    fn plan(&self, select: &Select) -> Result<Plan, ApiError> {
        let test = select.condition.as_ref().map(|it| self.test(it)).transpose()?;
        let offset = select.offset.unwrap_or(0);
        if offset > MAX_OFFSET {
            let message = format!("Maximum SOQL offset allowed is {MAX_OFFSET}");
            return Err(ApiError::new(Code::NumberOutsideValidRange, message));
        }
        let output = self.output(select)?;
        let order = match output {
            Output::Records(_) => self.order(select)?,
            _ => Vec::new(),
        };
        Ok(Plan {
            object: self.names.object,
            scope: self.scope,
            test,
            order,
            limit: select.limit,
            offset,
            output,
        })
    }

    fn output(&self, select: &Select) -> Result<Output, ApiError> {
        let is_aggregate = |item: &Item| matches!(item, Item::Aggregate { .. });
        if select.items == [Item::Count] && select.group_by.is_empty() {
            return Ok(Output::Count);
        }
        if !select.group_by.is_empty() || select.items.iter().any(|it| is_aggregate(it) || *it == Item::Count)
        {
            return aggregate::plan(self, select).map(Output::Groups);
        }
        if select.having.is_some() {
            return Err(malformed(self.names.query, select.from.at, "HAVING needs GROUP BY"));
        }
        self.projection(select).map(Output::Records)
    }

    fn projection(&self, select: &Select) -> Result<Projection, ApiError> {
        let mut projection = Projection::default();
        for item in &select.items {
            match item {
                Item::Field { path, alias: None } => projection.add_path(&self.names, path)?,
                Item::Field { alias: Some(alias), .. } => {
                    let message = "only aggregate expressions use field aliasing";
                    return Err(malformed(self.names.query, alias.at, message));
                }
                Item::Shown { path, alias } => self.add_shown(&mut projection, path, alias.as_ref())?,
                Item::Fields { group } => {
                    for field in field_group(&self.names, group, select.limit)? {
                        let column = Column::Value { key: ColumnKey::new(field.name), field };
                        projection.add_column(&self.names, column, group.at)?;
                    }
                }
                Item::Children(children) => {
                    let column = self.children(children)?;
                    projection.add_column(&self.names, column, children.from.at)?;
                }
                Item::Count | Item::Aggregate { .. } => unreachable!("aggregates are planned elsewhere"),
            }
        }
        Ok(projection)
    }

    fn add_shown(
        &self,
        projection: &mut Projection,
        path: &Path,
        alias: Option<&Name>,
    ) -> Result<(), ApiError> {
        let Access::Field(field) = self.names.resolve(path)? else {
            let message = "toLabel and FORMAT are supported for fields of the queried object only";
            return Err(malformed(self.names.query, path.at(), message));
        };
        let key = ColumnKey::new(alias.map_or(field.name, |it| it.text.as_str()));
        projection.add_column(&self.names, Column::Shown { key, field }, path.at())
    }

    fn children(&self, select: &Select) -> Result<Column, ApiError> {
        let org = self.names.org;
        let relationships = org.schema(self.names.object).children();
        let found =
            relationships.into_iter().find(|it| it.relationship.eq_ignore_ascii_case(&select.from.text));
        let Some(relationship) = found else {
            let message = format!(
                "Didn't understand relationship '{}' in FROM part of query call. If you are attempting to use a \
                 custom relationship, be sure to append the '__r' after the custom relationship name.",
                select.from.text
            );
            let message = located(self.names.query, select.from.at, &message);
            return Err(ApiError::new(Code::InvalidType, message));
        };
        let names = names(org, self.names.query, relationship.child, select);
        let plan = Planner { names, scope: self.scope, now: self.now }.plan(select)?;
        if !matches!(plan.output, Output::Records(_)) {
            let message = "aggregates are not allowed in a child subquery";
            return Err(malformed(self.names.query, select.from.at, message));
        }
        let field = org.schema(relationship.child).known(relationship.field);
        Ok(Column::Children { key: ColumnKey::new(relationship.relationship), field, plan: Box::new(plan) })
    }

    fn order(&self, select: &Select) -> Result<Vec<SortKey>, ApiError> {
        select
            .order_by
            .iter()
            .map(|order| match &order.by {
                Operand::Field(path) => {
                    let access = self.names.resolve(path)?;
                    if !is_filterable(access.field()) {
                        let message =
                            format!("field '{}' can not be sorted in a query call", access.field().name);
                        return Err(self.names.invalid_field(path.at(), &message));
                    }
                    Ok(SortKey::new(access, order))
                }
                Operand::Call(call) => {
                    Err(malformed(self.names.query, call.at, "ordering by an aggregate needs GROUP BY"))
                }
            })
            .collect()
    }

    fn test(&self, condition: &Condition) -> Result<Test, ApiError> {
        let tests = |parts: &[Condition]| parts.iter().map(|it| self.test(it)).collect::<Result<_, _>>();
        match condition {
            Condition::All(parts) => tests(parts).map(Test::All),
            Condition::Any(parts) => tests(parts).map(Test::Any),
            Condition::Not(part) => self.test(part).map(|it| Test::Not(Box::new(it))),
            Condition::Compare { left: Operand::Field(path), operator, right } => {
                self.compare(path, *operator, right)
            }
            Condition::Compare { left: Operand::Call(call), .. } => {
                Err(malformed(self.names.query, call.at, "aggregates belong in HAVING"))
            }
            Condition::In { left, negated, list } => {
                let access = self.filterable(left)?;
                let set =
                    list.iter().map(|it| self.key(left, access.field(), it)).collect::<Result<_, _>>()?;
                Ok(negated_if(*negated, Test::In { access, set }))
            }
            Condition::InQuery { left, negated, query } => {
                let access = self.filterable(left)?;
                let set = self.values_of(query)?;
                Ok(negated_if(*negated, Test::In { access, set }))
            }
        }
    }

    fn compare(&self, path: &Path, operator: Operator, right: &Literal) -> Result<Test, ApiError> {
        let access = self.filterable(path)?;
        let field = access.field();
        if operator == Operator::Like {
            let is_text = field.kind.is_text();
            return match right {
                Literal::Text(text) if is_text => Ok(Test::Like { access, pattern: Pattern::new(text) }),
                _ => {
                    let message = format!("invalid operator on {} field: LIKE", field.kind.name());
                    Err(self.names.invalid_field(path.at(), &message))
                }
            };
        }
        let with = self.comparand(path, field, right)?;
        Ok(Test::Compare { access, operator, with })
    }

    fn filterable(&self, path: &Path) -> Result<Access, ApiError> {
        let access = self.names.resolve(path)?;
        match is_filterable(access.field()) {
            true => Ok(access),
            false => {
                let message = format!("field '{}' can not be filtered in a query call", access.field().name);
                Err(self.names.invalid_field(path.at(), &message))
            }
        }
    }

    /// A literal as its field's type; quoted numbers and unquoted text are refused.
    pub(super) fn comparand(
        &self,
        path: &Path,
        field: &Field,
        literal: &Literal,
    ) -> Result<Comparand, ApiError> {
        let is_id = matches!(field.kind, Kind::Id | Kind::Reference { .. });
        match literal {
            Literal::Null => Ok(Comparand::Null),
            Literal::Bool(it) if field.kind == Kind::Boolean => Ok(Comparand::Bool(*it)),
            Literal::Text(text) if is_id && text.is_empty() => Ok(Comparand::Null),
            Literal::Text(text) if is_id => record_id::read(text).map(Comparand::Id).ok_or_else(|| {
                let message = format!("invalid ID field: {text}");
                ApiError::new(
                    Code::InvalidQueryFilterOperator,
                    located(self.names.query, path.at(), &message),
                )
            }),
            Literal::Text(text) if field.kind.is_text() && text.is_empty() => Ok(Comparand::Null),
            Literal::Text(text) if field.kind.is_text() => Ok(Comparand::Text(text.to_lowercase())),
            Literal::Number(it) if field.kind.is_number() => Ok(Comparand::Number(*it)),
            Literal::Date(it) if field.kind == Kind::Date => Ok(Comparand::Date(*it)),
            Literal::DateTime(it) if field.kind == Kind::DateTime => Ok(Comparand::DateTime(*it)),
            Literal::Period { name, count } => self.span(path, field, name, *count),
            _ => Err(self.wrong_type(path, field)),
        }
    }

    fn span(
        &self,
        path: &Path,
        field: &Field,
        name: &Name,
        count: Option<i64>,
    ) -> Result<Comparand, ApiError> {
        if !matches!(field.kind, Kind::Date | Kind::DateTime) {
            return Err(self.wrong_type(path, field));
        }
        let unknown = || malformed(self.names.query, name.at, &format!("unexpected token: '{}'", name.text));
        let period = period(name, count, self.now).ok_or_else(unknown)?;
        let (from, until) = match field.kind {
            Kind::Date => (period.from.into(), period.until.into()),
            _ => period.seconds(),
        };
        Ok(Comparand::Span { from, until })
    }

    fn wrong_type(&self, path: &Path, field: &Field) -> ApiError {
        let quoting = match field.kind.is_text() || matches!(field.kind, Kind::Id | Kind::Reference { .. }) {
            true => "and should be enclosed in quotes",
            false => "and should not be enclosed in quotes",
        };
        let (name, kind) = (field.name, field.kind.name());
        let message =
            format!("value of filter criterion for field '{name}' must be of type {kind} {quoting}");
        self.names.invalid_field(path.at(), &message)
    }

    fn key(&self, path: &Path, field: &Field, literal: &Literal) -> Result<Key, ApiError> {
        Ok(match self.comparand(path, field, literal)? {
            Comparand::Null => Key::Null,
            Comparand::Text(it) => Key::Text(it),
            Comparand::Bool(it) => Key::Bool(it),
            Comparand::Number(it) => Key::Number((it + 0.0).to_bits()),
            Comparand::Date(it) => Key::Date(it),
            Comparand::DateTime(it) => Key::DateTime(it),
            // An id of another org equals none of ours; no record has this text in an id field.
            Comparand::Id(it) => {
                record_id::RecordId::from_short(&it).map_or(Key::Text(String::new()), Key::Id)
            }
            Comparand::Span { .. } => {
                return Err(malformed(
                    self.names.query,
                    path.at(),
                    "date literals are not allowed in a list",
                ));
            }
        })
    }

    /// The values a semi-join's subquery selects; nulls join nothing.
    fn values_of(&self, select: &Select) -> Result<HashSet<Key>, ApiError> {
        let query = self.names.query;
        let object = Object::named(&select.from.text).ok_or_else(|| unknown_object(query, &select.from))?;
        let [Item::Field { path, .. }] = &select.items[..] else {
            return Err(malformed(query, select.from.at, "a semi-join selects exactly one field"));
        };
        let names = names(self.names.org, query, object, select);
        let access = names.resolve(path)?;
        let plan = Planner { names, scope: self.scope, now: self.now }.plan(select)?;
        let table = self.names.org.table(object);
        let records = execute::matching(self.names.org, &plan).into_iter().filter_map(|it| table.get(it));
        let keys = records.map(|it| Key::of(access.value(self.names.org, it)));
        Ok(keys.filter(|it| *it != Key::Null).collect())
    }
}

/// Long text and compound addresses can be neither filtered nor sorted.
pub(crate) fn is_filterable(field: &Field) -> bool {
    !matches!(field.kind, Kind::LongText { length: 256.. } | Kind::Address)
}

fn negated_if(negated: bool, test: Test) -> Test {
    if negated { Test::Not(Box::new(test)) } else { test }
}

fn unknown_object(query: &str, name: &Name) -> ApiError {
    let message = format!(
        "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the \
         '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
        name.text
    );
    ApiError::new(Code::InvalidType, located(query, name.at, &message))
}

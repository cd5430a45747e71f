//! COUNT, SUM, AVG, MIN, MAX with GROUP BY and HAVING.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::ast::{Call, Condition, Function, Item, Literal, Operand, Operator, Select};
use super::execute::matching;
use super::fields::Key as ColumnKey;
use super::filter::{Comparand, Key};
use super::lexer::malformed;
use super::plan::{Plan, Planner, is_filterable};
use super::resolve::Access;
use super::sort::Direction;
use crate::json;
use crate::org::Org;
use crate::org::schema::Kind;
use crate::org::table::Record;
use crate::org::value::{Value, ValueRef};
use crate::rest::error::ApiError;

/// More groups than one answer holds are refused, as aggregate queries have no further pages.
const MAX_GROUPS: usize = 2000;

/// A planned aggregate query.
#[derive(Debug, Clone)]
pub(super) struct Aggregation {
    by: Vec<Access>,
    columns: Vec<(ColumnKey, Measure)>,
    having: Vec<(Measure, Operator, Comparand)>,
    order: Vec<(Measure, Direction)>,
    limit: Option<u64>,
    offset: u64,
}

/// One value of a group.
#[derive(Debug, Clone)]
enum Measure {
    /// The n-th grouping field.
    Group(usize),
    Call {
        function: Function,
        argument: Option<Access>,
    },
}

pub(super) fn plan(planner: &Planner<'_>, select: &Select) -> Result<Aggregation, ApiError> {
    let by: Vec<Access> =
        select.group_by.iter().map(|it| planner.names.resolve(it)).collect::<Result<_, _>>()?;
    let build = Builder { planner, select, by: &by };
    let mut columns = Vec::new();
    let mut unnamed = 0;
    for item in &select.items {
        let (key, measure) = build.column(item, &mut unnamed)?;
        if columns.iter().any(|(it, _): &(ColumnKey, Measure)| *it == key) {
            return Err(malformed(planner.names.query, select.from.at, "duplicate alias"));
        }
        columns.push((key, measure));
    }
    let having = select.having.as_ref().map(|it| build.having(it)).transpose()?.unwrap_or_default();
    let order = select.order_by.iter();
    let order =
        order.map(|it| Ok((build.operand(&it.by)?, Direction::of(it)))).collect::<Result<_, ApiError>>()?;
    let (limit, offset) = (select.limit, select.offset.unwrap_or(0));
    Ok(Aggregation { by, columns, having, order, limit, offset })
}

struct Builder<'a> {
    planner: &'a Planner<'a>,
    select: &'a Select,
    by: &'a [Access],
}

impl Builder<'_> {
    fn column(&self, item: &Item, unnamed: &mut usize) -> Result<(ColumnKey, Measure), ApiError> {
        let query = self.planner.names.query;
        match item {
            Item::Field { path, alias } | Item::Shown { path, alias } => {
                let measure = self.operand(&Operand::Field(path.clone()))?;
                let Measure::Group(place) = measure else { unreachable!("fields are grouping fields") };
                let name = alias.as_ref().map_or(self.by[place].field().name, |it| it.text.as_str());
                Ok((ColumnKey::new(name), measure))
            }
            Item::Aggregate { call, alias } => {
                let name = alias.as_ref().map_or_else(|| format!("expr{unnamed}"), |it| it.text.clone());
                *unnamed += usize::from(alias.is_none());
                Ok((ColumnKey::new(&name), self.call(call)?))
            }
            Item::Count => {
                let name = format!("expr{unnamed}");
                *unnamed += 1;
                Ok((ColumnKey::new(&name), Measure::Call { function: Function::Count, argument: None }))
            }
            Item::Fields { group } => Err(malformed(query, group.at, "FIELDS cannot be grouped")),
            Item::Children(children) => {
                Err(malformed(query, children.from.at, "child subqueries cannot be grouped"))
            }
        }
    }

    fn operand(&self, operand: &Operand) -> Result<Measure, ApiError> {
        match operand {
            Operand::Call(call) => self.call(call),
            Operand::Field(path) => {
                let parts = self.planner.names.local(path);
                let is_it = |other: &super::ast::Path| {
                    let other = self.planner.names.local(other);
                    other.len() == parts.len()
                        && other.iter().zip(parts).all(|(a, b)| a.text.eq_ignore_ascii_case(&b.text))
                };
                // Ordering may also name an aggregate by its alias.
                if let Some(call) = self.aliased(&path.text()) {
                    return self.call(call);
                }
                let place = self.select.group_by.iter().position(is_it);
                place.map(Measure::Group).ok_or_else(|| {
                    let message = format!("Field must be grouped or aggregated: {}", path.text());
                    malformed(self.planner.names.query, path.at(), &message)
                })
            }
        }
    }

    fn aliased(&self, name: &str) -> Option<&Call> {
        self.select.items.iter().find_map(|item| match item {
            Item::Aggregate { call, alias: Some(alias) } if alias.text.eq_ignore_ascii_case(name) => {
                Some(call)
            }
            _ => None,
        })
    }

    fn call(&self, call: &Call) -> Result<Measure, ApiError> {
        let argument = call.argument.as_ref().map(|it| self.planner.names.resolve(it)).transpose()?;
        let kind = argument.as_ref().map(|it| it.field().kind);
        let fits = match call.function {
            Function::Sum | Function::Avg => kind.is_some_and(Kind::is_number),
            Function::Count => true,
            Function::CountDistinct => kind.is_some_and(|it| it != Kind::Boolean),
            Function::Min | Function::Max => kind.is_some_and(|it| it != Kind::Boolean),
        };
        match fits && argument.as_ref().is_none_or(|it| is_filterable(it.field())) {
            true => Ok(Measure::Call { function: call.function, argument }),
            false => {
                Err(malformed(self.planner.names.query, call.at, "field does not support aggregate operator"))
            }
        }
    }

    /// Only comparisons joined by AND, which is what clients send.
    fn having(&self, condition: &Condition) -> Result<Vec<(Measure, Operator, Comparand)>, ApiError> {
        match condition {
            Condition::All(parts) => {
                Ok(parts.iter().map(|it| self.having(it)).collect::<Result<Vec<_>, _>>()?.concat())
            }
            Condition::Compare { left, operator, right } if *operator != Operator::Like => {
                let measure = self.operand(left)?;
                let with = match (left, right) {
                    (Operand::Field(path), _) if matches!(measure, Measure::Group(_)) => {
                        self.planner.comparand(path, self.planner.names.resolve(path)?.field(), right)?
                    }
                    (_, Literal::Number(it)) => Comparand::Number(*it),
                    (_, Literal::Null) => Comparand::Null,
                    _ => {
                        return Err(malformed(
                            self.planner.names.query,
                            self.select.from.at,
                            "HAVING compares numbers",
                        ));
                    }
                };
                Ok(vec![(measure, *operator, with)])
            }
            _ => {
                let message = "HAVING supports comparisons joined by AND";
                Err(malformed(self.planner.names.query, self.select.from.at, message))
            }
        }
    }
}

/// Rows as JSON objects separated by commas, and their number.
pub(super) fn run(org: &Org, plan: &Plan, aggregation: &Aggregation) -> Result<(Vec<u8>, usize), ApiError> {
    let uncut = Plan { limit: None, offset: 0, ..plan.clone() };
    let table = org.table(plan.object);
    let mut groups: Vec<Vec<&Record>> = Vec::new();
    let mut places: HashMap<Vec<Key>, usize> = HashMap::new();
    for record in matching(org, &uncut).into_iter().filter_map(|it| table.get(it)) {
        let key = aggregation.by.iter().map(|it| Key::of(it.value(org, record))).collect();
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[place].push(record);
    }
    if groups.is_empty() && aggregation.by.is_empty() {
        groups.push(Vec::new());
    }
    groups.retain(|it| is_kept(org, aggregation, it));
    order(org, aggregation, &mut groups);
    let offset = usize::try_from(aggregation.offset).unwrap_or(usize::MAX).min(groups.len());
    groups.drain(..offset);
    groups.truncate(aggregation.limit.and_then(|it| it.try_into().ok()).unwrap_or(usize::MAX));
    if groups.len() > MAX_GROUPS {
        let message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch";
        return Err(ApiError::new(crate::rest::error::Code::ExceededIdLimit, message));
    }
    let mut rows = Vec::new();
    for group in &groups {
        if !rows.is_empty() {
            rows.push(b',');
        }
        write_row(org, aggregation, group, &mut rows);
    }
    Ok((rows, groups.len()))
}

fn write_row(org: &Org, aggregation: &Aggregation, group: &[&Record], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"attributes\":{\"type\":\"AggregateResult\"}");
    for (key, measure) in &aggregation.columns {
        out.push(b',');
        out.extend_from_slice(&key.0);
        let kind = match measure {
            Measure::Group(place) => aggregation.by[*place].field().kind,
            Measure::Call { function: Function::Count | Function::CountDistinct, .. } => Kind::Int,
            Measure::Call { argument, .. } => argument.as_ref().map_or(Kind::Int, |it| it.field().kind),
        };
        let kind = if matches!(measure, Measure::Call { function: Function::Avg, .. }) {
            Kind::Percent
        } else {
            kind
        };
        json::write_value(out, kind, measure.value(org, aggregation, group).borrow());
    }
    out.push(b'}');
}

fn is_kept(org: &Org, aggregation: &Aggregation, group: &[&Record]) -> bool {
    aggregation.having.iter().all(|(measure, operator, with)| {
        let value = measure.value(org, aggregation, group);
        let order = with.compare(value.borrow());
        match operator {
            Operator::Equal => order == Some(Ordering::Equal),
            Operator::NotEqual => order != Some(Ordering::Equal),
            Operator::Less => order == Some(Ordering::Less),
            Operator::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Operator::Greater => order == Some(Ordering::Greater),
            Operator::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Operator::Like => false,
        }
    })
}

fn order(org: &Org, aggregation: &Aggregation, groups: &mut [Vec<&Record>]) {
    groups.sort_by(|a, b| {
        let key =
            |measure: &Measure, group: &[&Record]| Key::of(measure.value(org, aggregation, group).borrow());
        let parts = aggregation.order.iter();
        let parts = parts.map(|(measure, direction)| direction.compare(&key(measure, a), &key(measure, b)));
        parts.into_iter().find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
    });
}

impl Measure {
    fn value(&self, org: &Org, aggregation: &Aggregation, group: &[&Record]) -> Value {
        match self {
            Measure::Group(place) => {
                group.first().map_or(Value::Null, |it| aggregation.by[*place].value(org, it).to_owned())
            }
            Measure::Call { argument: None, .. } => Value::Number(group.len() as f64),
            Measure::Call { function, argument: Some(access) } => {
                let values = group.iter().map(|it| access.value(org, it)).filter(|it| !it.is_null());
                aggregate(*function, values)
            }
        }
    }
}

fn aggregate<'a>(function: Function, values: impl Iterator<Item = ValueRef<'a>>) -> Value {
    let ascending = Direction { descending: false, nulls_first: true };
    let by_key = |a: &ValueRef<'_>, b: &ValueRef<'_>| ascending.compare(&Key::of(*a), &Key::of(*b));
    match function {
        Function::Count => Value::Number(values.count() as f64),
        Function::CountDistinct => Value::Number(values.map(Key::of).collect::<HashSet<_>>().len() as f64),
        Function::Min => values.min_by(by_key).map_or(Value::Null, ValueRef::to_owned),
        Function::Max => values.max_by(by_key).map_or(Value::Null, ValueRef::to_owned),
        Function::Sum | Function::Avg => {
            let numbers: Vec<f64> =
                values.filter_map(|it| if let ValueRef::Number(it) = it { Some(it) } else { None }).collect();
            let sum: f64 = numbers.iter().sum();
            match (numbers.len(), function) {
                (0, _) => Value::Null,
                (count, Function::Avg) => Value::Number(sum / count as f64),
                _ => Value::Number(sum),
            }
        }
    }
}

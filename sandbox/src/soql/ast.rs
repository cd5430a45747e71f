//! What a query says, before anyone knows whether its names exist.

/// A whole query, or a subquery.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Select {
    pub(super) items: Vec<Item>,
    pub(super) from: Name,
    pub(super) alias: Option<Name>,
    pub(super) condition: Option<Condition>,
    pub(super) group_by: Vec<Path>,
    pub(super) having: Option<Condition>,
    pub(super) order_by: Vec<Order>,
    pub(super) limit: Option<u64>,
    pub(super) offset: Option<u64>,
    /// `ALL ROWS`: refused over REST.
    pub(super) all_rows: bool,
}

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Name {
    pub(super) text: String,
    /// Byte offset in the query.
    pub(super) at: usize,
}

/// `Account.Owner.Name`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    pub(super) parts: Vec<Name>,
}

/// One thing selected.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Field {
        path: Path,
        alias: Option<Name>,
    },
    /// `COUNT()`: no records, only their number.
    Count,
    Aggregate {
        call: Call,
        alias: Option<Name>,
    },
    /// `toLabel(X)` and `FORMAT(X)`: the value as people read it.
    Shown {
        path: Path,
        alias: Option<Name>,
    },
    /// `FIELDS(ALL)`.
    Fields {
        group: Name,
    },
    Children(Box<Select>),
}

/// `SUM(Amount)`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) function: Function,
    /// Only `COUNT()` has none.
    pub(super) argument: Option<Path>,
    pub(super) at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare { left: Operand, operator: Operator, right: Literal },
    In { left: Path, negated: bool, list: Vec<Literal> },
    InQuery { left: Path, negated: bool, query: Box<Select> },
}

/// The left side of a comparison; calls only in `HAVING`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Field(Path),
    Call(Call),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Text(String),
    Number(f64),
    /// Days since 1970.
    Date(i32),
    /// Seconds since 1970.
    DateTime(i64),
    /// `TODAY`, `LAST_N_DAYS:7`.
    Period {
        name: Name,
        count: Option<i64>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) by: Operand,
    pub(super) descending: bool,
    /// `None`: nulls first ascending, last descending.
    pub(super) nulls_first: Option<bool>,
}

impl Path {
    pub(super) fn at(&self) -> usize {
        self.parts.first().map_or(0, |it| it.at)
    }

    /// As written.
    pub(super) fn text(&self) -> String {
        self.parts.iter().map(|it| it.text.as_str()).collect::<Vec<_>>().join(".")
    }
}

//! What follows from a record's own values: full names, stages, fiscal periods.
//!
//! Run on every write, so that queries can filter on the results.

use chrono::{DateTime, Datelike, Days, NaiveDate};

use super::schema::{Object, ObjectSchema, picklists};
use super::value::Value;

/// A record's values while it is being written, addressed by field name.
pub(crate) struct Draft<'a> {
    schema: &'static ObjectSchema,
    values: &'a mut [Value],
}

/// Fills in the derived fields. `before` are the values as they were; empty for a new record.
pub(crate) fn derive(object: Object, before: &[Value], values: &mut [Value], now: i64) {
    let mut draft = Draft { schema: ObjectSchema::of(object), values };
    match object {
        Object::Lead | Object::Contact | Object::User => draft.full_name(),
        Object::Opportunity => draft.opportunity(before, now),
        Object::Task => draft.task(now),
        Object::Account | Object::Campaign => {}
    }
}

impl Draft<'_> {
    fn get(&self, name: &str) -> &Value {
        &self.values[self.schema.slot(name)]
    }

    fn set(&mut self, name: &str, value: Value) {
        self.values[self.schema.slot(name)] = value;
    }

    fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Value::Text(text) => text,
            _ => "",
        }
    }

    /// The org's locale is Japanese: family name first.
    fn full_name(&mut self) {
        let name = format!("{} {}", self.text("LastName"), self.text("FirstName"));
        self.set("Name", Value::text(name.trim_end()));
    }

    fn opportunity(&mut self, before: &[Value], now: i64) {
        let stage_slot = self.schema.slot("StageName");
        let moved = before.get(stage_slot) != Some(&self.values[stage_slot]);
        let stage = picklists::stage(self.text("StageName"));
        let overridden =
            before.get(self.schema.slot("Probability")).unwrap_or(&Value::Null) != self.get("Probability");
        if moved && !overridden {
            self.set("Probability", Value::Number(stage.probability));
        }
        if moved && !before.is_empty() {
            self.set("LastStageChangeDate", Value::DateTime(now));
        }
        self.set("IsClosed", Value::Bool(stage.is_closed));
        self.set("IsWon", Value::Bool(stage.is_won));
        self.set("ForecastCategory", Value::text(stage.forecast_category));
        self.set("ForecastCategoryName", Value::text(stage.forecast_category_name));
        let expected = match (self.get("Amount"), self.get("Probability")) {
            (Value::Number(amount), Value::Number(percent)) => Value::Number(amount * percent / 100.0),
            _ => Value::Null,
        };
        self.set("ExpectedRevenue", expected);
        self.fiscal_period();
    }

    /// The fiscal year starts in April and is named for the year it starts in.
    fn fiscal_period(&mut self) {
        let Value::Date(days) = *self.get("CloseDate") else { return };
        let Some(date) = date_of(days) else { return };
        let month = (date.month() + 8) % 12;
        let year = if date.month() < 4 { date.year() - 1 } else { date.year() };
        let quarter = month / 3 + 1;
        self.set("FiscalYear", Value::Number(year.into()));
        self.set("FiscalQuarter", Value::Number(quarter.into()));
        self.set("Fiscal", Value::Text(format!("{year} {quarter}")));
    }

    fn task(&mut self, now: i64) {
        let is_closed = self.text("Status") == "Completed";
        let was_closed = *self.get("IsClosed") == Value::Bool(true);
        self.set("IsClosed", Value::Bool(is_closed));
        if is_closed != was_closed {
            self.set("CompletedDateTime", if is_closed { Value::DateTime(now) } else { Value::Null });
        }
        let is_high = self.text("Priority") == "High";
        self.set("IsHighPriority", Value::Bool(is_high));
    }
}

/// The calendar date so many days after 1970-01-01; `None` beyond what dates can hold.
pub(crate) fn date_of(days: i32) -> Option<NaiveDate> {
    let epoch = DateTime::UNIX_EPOCH.date_naive();
    match days {
        0.. => epoch.checked_add_days(Days::new(days as u64)),
        _ => epoch.checked_sub_days(Days::new(days.unsigned_abs().into())),
    }
}

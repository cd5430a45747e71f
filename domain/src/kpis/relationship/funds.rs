//! 販促支援金の利用率: of the money set aside for promotion with partners, how much was spent.

use uuid::Uuid;

use crate::kpis::catalogue::Kpi;
use crate::kpis::fraction::Fraction;
use crate::kpis::value::{Aspect, KpiValue, Part, Subject};

/// One budget, in minor units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetFact {
    /// The budget.
    pub id: Uuid,
    /// What was set aside.
    pub allocated: i128,
    /// What approved requests that are still open hold back.
    pub reserved: i128,
    /// What was paid on claims.
    pub paid: i128,
}

/// Paid ÷ allocated; what is still available stands beside it.
pub fn mdf_utilization(budgets: &[BudgetFact]) -> KpiValue {
    let sum = |amount: fn(&BudgetFact) -> i128| {
        Part::sum(Subject::Budget, budgets.iter().map(|it| (it.id, amount(it))))
    };
    let available: i128 = budgets.iter().map(|it| it.allocated - it.reserved - it.paid).sum();
    KpiValue::quotient(Kpi::MdfUtilization, sum(|it| it.paid), sum(|it| it.allocated))
        .with(Aspect::Available, Ok(Fraction::from(available)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kpis::worked::{figure, id, shown};

    fn check(reserved: i128, paid: i128, expected: (&str, &str)) {
        let value = mdf_utilization(&[BudgetFact { id: id(1), allocated: 1_000_000, reserved, paid }]);
        let available = figure(value.beside(Aspect::Available).unwrap(), 0);
        assert_eq!((available.as_str(), shown(&value).as_str()), expected);
    }

    #[test]
    fn an_approved_request_reserves_and_a_closed_one_releases_what_was_not_claimed() {
        check(300_000, 0, ("700000", "0.0000"));
        check(0, 280_000, ("720000", "0.2800"));
    }
}

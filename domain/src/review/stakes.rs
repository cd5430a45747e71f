//! Which task comes first: the one whose answer moves most.

/// More records than this make a task no weightier.
const MOST_RECORDS: i32 = 50;

/// What hangs on a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stakes {
    /// Whether one of its golden records takes part in an open deal.
    pub has_open_deal: bool,
    /// Source records of its golden records.
    pub records: i32,
    /// 0 to 100. People are asked below the score that joins automatically: the higher, the nearer to it.
    pub score: i32,
}

impl Stakes {
    /// 1,000 for an open deal, 10 for each record up to 50, and the score. Greater comes first.
    pub fn weight(self) -> i32 {
        let deal = if self.has_open_deal { 1_000 } else { 0 };
        deal + 10 * self.records.clamp(0, MOST_RECORDS) + self.score.clamp(0, 100)
    }
}

#[cfg(test)]
mod tests {
    use super::Stakes;

    fn weight(has_open_deal: bool, records: i32, score: i32) -> i32 {
        Stakes { has_open_deal, records, score }.weight()
    }

    #[test]
    fn an_open_deal_outweighs_everything_else() {
        assert_eq!(weight(true, 2, 60), 1_080);
        assert!(weight(true, 2, 60) > weight(false, 10_000, 100));
    }

    #[test]
    fn of_equal_effects_the_likelier_pair_comes_first() {
        assert!(weight(false, 4, 60) > weight(false, 2, 79));
        assert!(weight(false, 2, 85) > weight(false, 2, 60));
    }
}

//! The catalogue: which KPIs there are, what each counts, and by what it can be grouped.
//!
//! Here: codes, labels, units, populations; the table itself is in `definitions`. Not here: formulas.

mod definitions;

pub use definitions::Definition;

crate::codes! {
    /// A KPI.
    #[cfg_attr(feature = "graphql", graphql(name = "KpiCode"))]
    pub enum Kpi {
        SupportConsumptionRate("支援消化率", "Support consumption rate"),
        TrainingCompletionRate("トレーニング完了率", "Training completion rate"),
        TrainingParticipationRate("トレーニング参加率", "Training participation rate"),
        ProposalToolUtilizationRate("提案ツール利用率", "Proposal-tool utilisation rate"),
        ZeroViewPartners("閲覧ゼロのパートナー数", "Zero-view partners"),
        UsageCounts("支援利用頻度", "Usage of self-help"),
        FaqUnresolvedRate("FAQ未解決率", "Unresolved FAQ rate"),
        LoginFrequency("ログイン頻度", "Login frequency"),
        EngagementScore("エンゲージメントスコア", "Engagement score"),
        LowScorePartners("低スコアパートナー数", "Low-score partners"),
        SilentPartners("サイレントパートナー数", "Silent partners"),
        ActivePartners("アクティブパートナー数", "Active partners"),
        PartnerSourcedRevenue("パートナー経由売上", "Partner-sourced revenue"),
        PartnerInfluencedRevenue("パートナー影響売上", "Partner-influenced revenue"),
        IndirectRevenueShare("間接売上比率", "Indirect share of revenue"),
        DealCounts("受注件数", "Deals won"),
        InitiativeExecutionRate("共同施策の実行率", "Joint initiatives executed"),
        InitiativeSuccessRate("共同施策の成功率", "Joint initiatives that met their target"),
        Csat("満足度", "Satisfaction (CSAT)"),
        PartnerRetention("パートナー継続率", "Partner retention"),
        LeadConversionRate("リード転換率", "Lead conversion rate"),
        WinRate("成約率", "Win rate"),
        ViewsByDealSize("資料閲覧×受注単価", "Views by deal size"),
        AverageLeadTime("平均リードタイム", "Average lead time"),
        LossReasons("失注理由", "Reasons for losing"),
        SeasonalIndex("季節変動", "Seasonal index"),
        PlanAttainment("計画達成率", "Plan attainment"),
        YoyRatio("前年比", "Year-on-year ratio"),
        Top20Share("上位2割の売上比率", "Share of the top fifth"),
        SelectionScore("選定スコア", "Selection score"),
        LeadAcceptanceRate("リード応諾率", "Lead acceptance rate"),
        RegistrationApprovalRate("案件登録の承認率", "Registration approval rate"),
        RegistrationConflictRate("案件登録の重複率", "Registrations in conflict"),
        SlaBreachRate("判断期限超過率", "Decisions after their deadline"),
        MdfUtilization("販促支援金の利用率", "Use of market development funds"),
        DuplicateRate("重複率", "Duplicate rate"),
        FieldFillRate("項目充足率", "Field fill rate"),
        ReviewBacklog("レビュー滞留", "Review backlog"),
        SyncLag("同期遅延", "Synchronisation lag"),
        UnexplainedDifferences("説明のない差異", "Unexplained differences"),
    }

    /// What the value of a KPI is.
    #[cfg_attr(feature = "graphql", graphql(name = "KpiUnit"))]
    pub enum Unit {
        Ratio("比率", "Ratio"),
        Count("件数", "Count"),
        Money("金額", "Money in minor units"),
        PerUser("ユーザーあたり", "Per user"),
        Points("点", "Points"),
        Days("日", "Days"),
        Seconds("秒", "Seconds"),
        Distribution("分布", "Distribution"),
    }

    /// By what a KPI can be split.
    #[cfg_attr(feature = "graphql", graphql(name = "KpiGrouping"))]
    pub enum GroupBy {
        Partner("パートナー", "Partner"),
        Tier("ランク", "Tier"),
        Type("種別", "Type"),
        Territory("担当エリア", "Territory"),
        Product("製品", "Product"),
        Owner("担当マネージャー", "Channel manager"),
    }

    /// Which partners a KPI is about.
    #[cfg_attr(feature = "graphql", graphql(name = "KpiPopulation"))]
    pub enum Population {
        ActiveOnAnyDay("期間中に一日でも有効なパートナー", "Partners active on any day of the period"),
        ActiveAtEnd("期末に有効なパートナー", "Partners active at its end"),
        ActiveThroughout("全期間を通じて有効なパートナー", "Partners active for the whole period"),
        ActiveWithAccess("期末に有効でポータル利用権のあるパートナー", "Partners active at its end with access to the portal"),
        ContractedAtStart("期首に契約中のパートナー", "Partners with a contract in force at its start"),
        ContractedAtEnd("期末に契約中のパートナー", "Partners with a contract in force at its end"),
        EveryPartner("全パートナー", "All partners"),
        EveryRecord("全レコード", "All records"),
    }
}

/// A group-by that a KPI does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kpi} cannot be grouped by {group_by}; {allowed}")]
pub struct GroupByRefused {
    /// The KPI asked for.
    pub kpi: Kpi,
    /// The group-by it does not have.
    pub group_by: GroupBy,
    /// What would have been right.
    pub allowed: String,
}

impl Kpi {
    /// Checks that this KPI may be split so.
    pub fn check_group_by(self, group_by: GroupBy) -> Result<(), GroupByRefused> {
        let allowed = self.definition().group_bys;
        if allowed.contains(&group_by) {
            return Ok(());
        }
        let allowed = match allowed {
            [] => "ask for it without a group-by".to_owned(),
            some => format!("use one of {}", some.iter().map(|it| it.code()).collect::<Vec<_>>().join(", ")),
        };
        Err(GroupByRefused { kpi: self, group_by, allowed })
    }

    /// Whether it says something of each partner, and not only of the channel.
    pub fn is_of_each_partner(self) -> bool {
        self.definition().group_bys.contains(&GroupBy::Partner)
    }

    /// Whether more of it is better, so that partners can be put into an order by it.
    pub fn ranks_partners(self) -> bool {
        let is_less_better = matches!(
            self,
            Self::FaqUnresolvedRate
                | Self::AverageLeadTime
                | Self::RegistrationConflictRate
                | Self::SlaBreachRate
        );
        let is_no_order = matches!(self, Self::LossReasons | Self::SeasonalIndex | Self::SelectionScore);
        self.is_of_each_partner() && !is_less_better && !is_no_order
    }

    /// The name in reports and on the command line, such as `winRate`.
    pub fn name(self) -> String {
        let mut words = self.code().split('_').map(str::to_ascii_lowercase);
        let first = words.next().unwrap_or_default();
        words.fold(first, |name, word| name + &word[..1].to_ascii_uppercase() + &word[1..])
    }

    /// The KPI of a code or a name.
    pub fn find(text: &str) -> Result<Self, crate::codes::UnknownCode> {
        Self::ALL.iter().copied().find(|it| it.name() == text).map_or_else(|| text.parse(), Ok)
    }
}

impl Unit {
    /// Decimals shown.
    pub fn decimals(self) -> u32 {
        match self {
            Self::Ratio | Self::PerUser | Self::Distribution => 4,
            Self::Days => 1,
            Self::Count | Self::Money | Self::Points | Self::Seconds => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GroupBy, Kpi};

    #[test]
    fn a_kpi_has_one_name_and_one_code() {
        assert_eq!(Kpi::SupportConsumptionRate.name(), "supportConsumptionRate");
        assert_eq!(Kpi::find("top20Share"), Ok(Kpi::Top20Share));
        assert_eq!(Kpi::find("TOP20_SHARE"), Ok(Kpi::Top20Share));
        assert!(Kpi::find("happiness").is_err());
    }

    #[test]
    fn codes_are_stored_as_they_are_called() {
        for kpi in Kpi::ALL {
            assert_eq!(serde_json::to_value(kpi).unwrap(), kpi.code());
        }
    }

    #[test]
    fn a_group_by_the_kpi_does_not_have_is_refused() {
        assert!(Kpi::SupportConsumptionRate.check_group_by(GroupBy::Tier).is_ok());
        let refusal = Kpi::SupportConsumptionRate.check_group_by(GroupBy::Product).unwrap_err();
        assert!(refusal.to_string().contains("use one of PARTNER, TIER"), "{refusal}");
        let refusal = Kpi::SyncLag.check_group_by(GroupBy::Partner).unwrap_err();
        assert!(refusal.to_string().ends_with("ask for it without a group-by"));
    }
}

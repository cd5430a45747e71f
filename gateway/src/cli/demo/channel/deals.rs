//! The deals that the demo's partners claim: a registration for each state, and a conflict for each kind that can arise here.
//!
//! A conflict of `LEAD_DOUBLE_ASSIGNMENT` takes two leads that were accepted before their records became one, and a provisional
//! verdict a CRM that does not answer: the demo has neither. Nothing stands in `SUBMITTED`: who submits has a verdict at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::Days;
use domain::ids::{PartnerId, RegistrationId};
use domain::money::Money;
use domain::registrations::{DealType, RejectCode};

use super::beginning::{Beginning, Customer};
use super::partners::Entered;
use crate::conflicts::service::{self as conflicts, Installed, Reservation};
use crate::platform::auth::Caller;
use crate::platform::context::RequestContext;
use crate::registrations::service::{
    self as registrations, Activity, Company, Decision, Links, RegistrationDetails,
};
use crate::startup::Services;

/// About whom a deal is.
#[derive(Debug, Clone, Copy)]
enum Whom {
    /// A customer that nobody worked before.
    Free(usize),
    /// The same, told by its name alone.
    NameOf(usize),
    /// The customer that direct sales talks with.
    Contested,
}

/// What happens to a deal.
#[derive(Debug, Clone, Copy)]
enum Step {
    Draft,
    Submit,
    Approve,
    Reject(RejectCode),
    Return,
    Withdraw,
    Revoke,
    Activity,
    Extend,
    Appeal,
    /// It led to this one of the opportunities that were won.
    Won(usize),
    /// It led to this one of those that were lost.
    Lost(usize),
}

/// A deal, with what happens to it and how many days before the demo was begun.
struct Deal {
    partner: &'static str,
    whom: Whom,
    deal_type: DealType,
    /// Where it is installed; in the partner's first prefecture when nothing is said.
    site: Option<&'static str>,
    steps: &'static [(u64, Step)],
}

const fn new(partner: &'static str, whom: Whom, steps: &'static [(u64, Step)]) -> Deal {
    Deal { partner, whom, deal_type: DealType::New, site: None, steps }
}

/// To whom the account is reserved that somebody else registers, and who sold the product that somebody else renews.
const HOLDER: &str = "mohan-seizo";
const INCUMBENT: &str = "tatoe-keihan";
const RESERVED: usize = 12;
const INSTALLED: usize = 11;

const DEALS: &[Deal] = {
    use Step::*;
    use Whom::*;
    &[
        new("sample-trading", Free(0), &[(2, Draft)]),
        new("sample-trading", Free(1), &[(1, Draft), (1, Submit)]),
        new("sample-trading", Free(2), &[(40, Draft), (40, Submit), (38, Approve), (10, Activity)]),
        new("sample-trading", Free(3), &[(6, Draft), (6, Submit), (5, Return)]),
        new("reiji-systems", Free(4), &[(30, Draft), (30, Submit), (28, Reject(RejectCode::Incomplete))]),
        new("mihon-tech", Free(5), &[(25, Draft), (25, Submit), (20, Withdraw)]),
        new("kasou-kansai", Free(6), &[(60, Draft), (60, Submit), (58, Approve), (15, Revoke)]),
        new("tatoe-kobe", Free(7), &[(110, Draft), (110, Submit), (108, Approve)]),
        new("tatoe-tokai", Free(8), &[(90, Draft), (90, Submit), (88, Approve), (20, Won(0))]),
        new("tatoe-sanyo", Free(17), &[(80, Draft), (80, Submit), (78, Approve), (12, Lost(0))]),
        new("mohan-iryo", Free(18), &[(81, Draft), (81, Submit), (80, Approve)]),
        new(
            "mohan-kinyu",
            Free(19),
            &[(130, Draft), (130, Submit), (128, Approve), (20, Activity), (12, Extend)],
        ),
        // One customer, two partners: who was first goes first, and the other one appeals.
        new("reiji-systems", Free(9), &[(35, Draft), (35, Submit)]),
        new("sample-trading", Free(9), &[(34, Draft), (34, Submit), (30, Appeal)]),
        new("tatoe-tohoku", Free(16), &[(50, Draft), (50, Submit), (48, Approve)]),
        new("mohan-butsuryu", Free(16), &[(45, Draft), (45, Submit)]),
        // A partner, and direct sales.
        new("kasou-kanto", Contested, &[(14, Draft), (14, Submit)]),
        // A deal in somebody else's territory.
        Deal { site: Some("JP-01"), ..new("tatoe-niigata", Free(10), &[(11, Draft), (11, Submit)]) },
        // A renewal of what another partner sold.
        Deal {
            deal_type: DealType::Renewal,
            ..new("hinagata", Free(INSTALLED), &[(12, Draft), (12, Submit)])
        },
        // An account that is reserved to another partner.
        new("sample-trading", Free(RESERVED), &[(9, Draft), (9, Submit)]),
        // A distributor and its own reseller.
        new("kasou-shoji", Free(13), &[(22, Draft), (22, Submit)]),
        new("kasou-kanto", Free(13), &[(21, Draft), (21, Submit)]),
        // Two partners to whom one won deal is ascribed.
        new("tatoe-fukuoka", Free(14), &[(70, Draft), (70, Submit), (69, Approve), (9, Won(1))]),
        new("mohan-ryutsu", Free(14), &[(68, Draft), (68, Submit), (66, Approve), (9, Won(1))]),
        // A name that may be somebody we know.
        new("tatoe-hokuriku", NameOf(15), &[(7, Draft), (7, Submit)]),
    ]
};

/// Claims the deals, and lets happen what time and the CRM do to them.
pub(super) async fn claim(
    services: &Services,
    beginning: &Beginning,
    partners: &[Entered],
) -> anyhow::Result<()> {
    let mut stage = Stage { services, beginning, partners, ids: BTreeMap::new() };
    stage.know_customers().await?;
    let steps = DEALS.iter().enumerate();
    let mut steps: Vec<_> =
        steps.flat_map(|(place, deal)| deal.steps.iter().map(move |it| (it.0, place, it.1))).collect();
    steps.sort_by_key(|(days_ago, place, _)| (Reverse(*days_ago), *place));
    for (days_ago, place, step) in steps {
        let done = stage.take(days_ago, place, step).await;
        done.with_context(|| format!("{step:?} of deal {place} of the demo"))?;
    }
    let now = services.context_of("demo");
    crate::registrations::jobs::do_due(&now).await?;
    Ok(crate::conflicts::checks::do_due(&now).await?)
}

struct Stage<'a> {
    services: &'a Services,
    beginning: &'a Beginning,
    partners: &'a [Entered],
    /// The registrations by their places in the list.
    ids: BTreeMap<usize, RegistrationId>,
}

impl Stage<'_> {
    fn partner(&self, key: &str) -> &Entered {
        self.partners.iter().find(|it| it.sample.key == key).expect("deals name partners of the list")
    }

    /// What people know of customers before anybody claims them.
    async fn know_customers(&self) -> anyhow::Result<()> {
        let ctx = self.beginning.context(self.services, (150, 0), Caller::operator());
        let account = |place: usize| self.beginning.free.get(place).map(|it| it.account);
        if let Some(account) = account(RESERVED) {
            let holder = Reservation::Partner(self.partner(HOLDER).id);
            conflicts::reserve(&ctx, Some("demo/reservation"), (account, holder)).await?;
        }
        if let Some(account) = account(INSTALLED) {
            let installed = Installed {
                account,
                partner: self.partner(INCUMBENT).id,
                product: PRODUCT.to_owned(),
                from: self.beginning.days_ago(400),
                until: None,
            };
            conflicts::record_installed(&ctx, Some("demo/installed"), installed).await?;
        }
        Ok(())
    }

    /// One step, by whoever takes it. A CRM without such a customer or opportunity has no such deal.
    async fn take(&mut self, days_ago: u64, place: usize, step: Step) -> anyhow::Result<()> {
        let deal = &DEALS[place];
        let partner = self.partner(deal.partner);
        let minutes = i64::try_from(place)? * 3;
        let context = |caller| self.beginning.context(self.services, (days_ago, minutes), caller);
        let (rep, staff) = (context(partner.caller()), context(Caller::operator()));
        let key = format!("demo/deal {place}/{step:?}");
        if let Step::Draft = step {
            let Some(details) = self.details(deal, partner, place)? else { return Ok(()) };
            let drafted = registrations::create(&rep, Some(&key), None::<PartnerId>, details).await?;
            self.ids.insert(place, drafted.id);
            return Ok(());
        }
        match self.ids.get(&place) {
            Some(id) => self.go_on((&rep, &staff), &key, *id, step).await,
            None => Ok(()),
        }
    }

    async fn go_on(
        &self,
        (rep, staff): (&RequestContext, &RequestContext),
        key: &str,
        id: RegistrationId,
        step: Step,
    ) -> anyhow::Result<()> {
        let key = Some(key);
        let reason = Some("内容を確認した".to_owned());
        match step {
            Step::Draft => {}
            Step::Submit => drop(registrations::submit(rep, key, id).await?),
            Step::Approve => drop(registrations::approve(staff, key, decision(id, reason, ())).await?),
            Step::Reject(code) => drop(registrations::reject(staff, key, decision(id, reason, code)).await?),
            Step::Return => {
                drop(registrations::return_for_information(staff, key, decision(id, reason, ())).await?);
            }
            Step::Withdraw => drop(registrations::withdraw(rep, key, (id, reason.as_deref())).await?),
            Step::Revoke => drop(registrations::revoke(staff, key, decision(id, reason, ())).await?),
            Step::Extend => drop(registrations::extend(staff, key, decision(id, reason, ())).await?),
            Step::Appeal => drop(conflicts::appeal(rep, key, (id, "先に提案していた".parse()?)).await?),
            Step::Activity => {
                let activity = Activity { id, at: rep.now, note: "訪問し提案した".to_owned() };
                registrations::record_activity(rep, key, activity).await?;
            }
            Step::Won(place) => self.link(staff, key, id, self.beginning.won.get(place)).await?,
            Step::Lost(place) => self.link(staff, key, id, self.beginning.lost.get(place)).await?,
        }
        Ok(())
    }

    async fn link(
        &self,
        staff: &RequestContext,
        key: Option<&str>,
        id: RegistrationId,
        opportunity: Option<&domain::ids::GoldenId>,
    ) -> anyhow::Result<()> {
        let links = Links { id, account: None, lead: None, opportunity: opportunity.copied() };
        registrations::link(staff, key, links).await?;
        Ok(())
    }

    /// What the registration says; `None` when the CRM has no such customer.
    fn details(
        &self,
        deal: &Deal,
        partner: &Entered,
        place: usize,
    ) -> anyhow::Result<Option<RegistrationDetails>> {
        let customer = match deal.whom {
            Whom::Free(at) => self.beginning.free.get(at).cloned(),
            Whom::NameOf(at) => {
                self.beginning.free.get(at).map(|it| Customer { corporate_number: None, ..it.clone() })
            }
            Whom::Contested => self.beginning.contested.clone(),
        };
        let Some(customer) = customer else { return Ok(None) };
        let company = Company {
            name: customer.name.parse()?,
            corporate_number: customer.corporate_number.as_deref().map(str::parse).transpose()?,
            phone: None,
            website: None,
            postal_code: None,
            prefecture: None,
            industry: partner.sample.industries()?.into_iter().next(),
        };
        let site = match deal.site {
            Some(code) => Some(code.parse()?),
            None => partner.sample.prefectures()?.into_iter().next(),
        };
        let millions = 1 + i64::try_from(place)? % 9;
        Ok(Some(RegistrationDetails {
            company,
            lead: None,
            products: [PRODUCT.to_owned()].into(),
            deal_type: Some(deal.deal_type),
            amount: Some(Money { minor: millions * 1_200_000, currency: "JPY".to_owned() }),
            expected_close: Some(self.beginning.days_ago(0) + Days::new(60)),
            site_prefecture: site,
            customer_choice_document: None,
        }))
    }
}

/// What the deals are about.
const PRODUCT: &str = "CLOUD";

fn decision<T: serde::Serialize>(id: RegistrationId, reason: Option<String>, detail: T) -> Decision<T> {
    Decision { id, reason, detail }
}

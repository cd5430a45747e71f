//! What is known of how partners use our support: counts of days and months, and events where counts do not say enough.

use domain::kpis::frame::Frame;
use domain::kpis::window::Window;

use super::Gathering;
use crate::enablement;
use crate::engagement::measured as events;
use crate::error::Result;
use crate::kpis::usage::read;
use crate::{partners, training};

impl Gathering<'_> {
    /// The people of partners.
    pub(super) async fn users(&mut self) -> Result<()> {
        for user in partners::measured::users(self.ctx.read(), self.partners).await? {
            self.of(Some(user.partner)).users.push(user);
        }
        Ok(())
    }

    /// What partners were given and could consume in a period.
    pub(super) async fn assignments(&mut self, period: &Window) -> Result<()> {
        for it in enablement::measured::open_during(self.ctx.read(), self.partners, period).await? {
            self.of(Some(it.partner)).assignments.push(it);
        }
        Ok(())
    }

    /// What people had to learn until an instant of a period.
    pub(super) async fn enrolments(&mut self, period: &Window) -> Result<()> {
        for it in training::measured::due_during(self.ctx.read(), self.partners, period).await? {
            self.of(Some(it.partner)).enrolments.push(it);
        }
        Ok(())
    }

    pub(super) async fn usage(&mut self, period: &Window) -> Result<()> {
        for (partner, used) in read::usage(self.ctx.read(), self.partners, period).await? {
            self.of(Some(partner)).usage.merge(&used);
        }
        Ok(())
    }

    /// On how many days each user logged in, and who started a training.
    pub(super) async fn of_users(&mut self, period: &Window) -> Result<()> {
        for it in read::of_users(self.ctx.read(), self.partners, period).await? {
            let facts = self.of(Some(it.partner));
            if it.login_days > 0 {
                facts.usage.login_days.insert(it.user, it.login_days);
            }
            if it.has_started_training {
                facts.starters.insert(it.user);
            }
        }
        Ok(())
    }

    pub(super) async fn last_accesses(&mut self, period: &Window) -> Result<()> {
        for (partner, access) in read::last_accesses(self.ctx.read(), self.partners, period.until()).await? {
            self.of(Some(partner)).access = access;
        }
        Ok(())
    }

    /// What the engagement score is made of.
    pub(super) async fn score(&mut self, frame: &Frame<'_>) -> Result<()> {
        self.usage(&frame.period).await?;
        self.assignments(&frame.period).await?;
        self.enrolments(&frame.period).await?;
        let weeks = u64::from(frame.settings.login_weeks);
        for week in Window::last_complete_weeks(frame.period.until(), weeks) {
            for partner in read::logged_in(self.ctx.read(), self.partners, &week).await? {
                self.of(Some(partner)).logins.push(week.from());
            }
        }
        Ok(())
    }

    pub(super) async fn faq(&mut self, period: &Window) -> Result<()> {
        for it in events::faq_uses(self.ctx.read(), self.partners, period).await? {
            self.of(Some(it.partner)).faq.push(it);
        }
        Ok(())
    }
}

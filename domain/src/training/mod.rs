//! Courses, who has to take them, tests, and what passing them is worth.
//!
//! Here: prerequisites and pass marks (`course`), the life of an enrolment (`enrolment`), certifications of users and
//! partners with their validity (`certification`). Pure.
//! Not here: badges as signed tokens (`gateway`), completion rates (`kpis`).

mod certification;
mod course;
mod enrolment;

pub use certification::{Certification, CertificationRefusal, PartnerCertification, partner_certification};
pub use course::{Course, InvalidPassMark, MissingPrerequisites, PassMark, Score};
pub use enrolment::{Attempt, Enrolment, EnrolmentRefusal};

crate::codes! {
    /// Where an enrolment stands.
    pub enum EnrolmentStatus {
        Assigned("割当", "Assigned"),
        Started("受講中", "Started"),
        Passed("合格", "Passed"),
        Failed("不合格", "Failed"),
        Waived("免除", "Waived"),
        Cancelled("取消", "Cancelled"),
    }

    /// Where a certification stands.
    pub enum CertificationStatus {
        Valid("有効", "Valid"),
        Expired("失効", "Expired"),
        Revoked("取消", "Revoked"),
    }

    /// How a course is taken.
    pub enum CourseMode {
        SelfPaced("自習", "Self-paced"),
        Live("集合研修", "Live"),
        Webinar("ウェビナー", "Webinar"),
    }
}

impl EnrolmentStatus {
    /// Where an enrolment may go from here. After a pass it may be taken again, which recertifies.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Assigned => &[Self::Started, Self::Waived, Self::Cancelled],
            Self::Started => &[Self::Passed, Self::Failed, Self::Waived, Self::Cancelled],
            Self::Failed => &[Self::Started, Self::Waived, Self::Cancelled],
            Self::Passed => &[Self::Started],
            Self::Waived | Self::Cancelled => &[],
        }
    }
}

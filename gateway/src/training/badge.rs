//! Badges: a certification as a signed token, which anybody who is given it may verify.
//!
//! A token names the certification and proves that we gave it out. What it is worth is looked up when it is verified, so a badge
//! of a revoked certification says so.

use async_trait::async_trait;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::CertificationId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{certifications, store};
use crate::error::Result;
use crate::partners;
use crate::platform::auth::Caller;
use crate::platform::clock::Clock;
use crate::platform::config::Badges;
use crate::platform::context::{RequestContext, Shared};
use crate::platform::database::Database;
use crate::platform::http::Verifier;

/// Signs badges, if the configuration names a key.
#[derive(Debug, Default)]
pub struct BadgeKey(Option<hmac::Key>);

impl BadgeKey {
    /// The key of the configuration.
    pub fn new(config: &Badges) -> Self {
        let key = config.key.as_ref();
        Self(key.map(|it| hmac::Key::new(hmac::HMAC_SHA256, it.reveal().as_bytes())))
    }

    /// The token of a certification.
    pub(super) fn sign(&self, id: CertificationId) -> Option<String> {
        let tag = hmac::sign(self.0.as_ref()?, &signed(id));
        Some(format!("{}.{}", id.0.simple(), URL_SAFE_NO_PAD.encode(tag)))
    }

    /// The certification of a token that we signed.
    fn read(&self, token: &str) -> Option<CertificationId> {
        let (id, tag) = token.split_once('.')?;
        let (id, tag) = (CertificationId(Uuid::try_parse(id).ok()?), URL_SAFE_NO_PAD.decode(tag).ok()?);
        hmac::verify(self.0.as_ref()?, &signed(id), &tag).is_ok().then_some(id)
    }
}

/// What is signed: a key that is used for something else as well gives no badge away.
fn signed(id: CertificationId) -> Vec<u8> {
    [b"certification badge\n".as_slice(), id.0.as_bytes()].concat()
}

/// Tells whoever holds a badge what it is worth.
pub struct BadgeVerifier {
    database: Database,
    clock: Clock,
    shared: Shared,
}

impl BadgeVerifier {
    /// Of this store.
    pub fn new(database: Database, clock: Clock, shared: Shared) -> Self {
        Self { database, clock, shared }
    }
}

#[async_trait]
impl Verifier for BadgeVerifier {
    async fn verify(&self, token: &str) -> Result<Option<Value>> {
        let (database, clock, shared) = (self.database.clone(), self.clock.clone(), self.shared.clone());
        let ctx = RequestContext::new(database, clock, shared, Caller::operator(), "badge".to_owned());
        let Some(id) = ctx.shared::<BadgeKey>().read(token) else { return Ok(None) };
        let Some(row) = store::certification(ctx.read(), id).await? else { return Ok(None) };
        let course = store::course(ctx.read(), row.course_id).await?;
        let holder = partners::users::find(&ctx, row.partner_user_id).await?;
        let partner = partners::service::find(&ctx, row.partner_id).await?;
        Ok(Some(json!({
            "status": certifications::fact(&row).status(ctx.now),
            "course": course.map(|it| json!({ "code": it.code, "titleJa": it.title_ja, "titleEn": it.title_en })),
            "holder": holder.map(|it| format!("{} {}", it.family_name, it.given_name)),
            "partner": partner.map(|it| it.legal_name),
            "earnedAt": row.earned_at,
            "expiresAt": row.expires_at,
            "recertifyBy": row.recertify_by,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> BadgeKey {
        BadgeKey::new(&Badges { key: Some(text.into()) })
    }

    #[test]
    fn a_badge_is_read_with_its_key_and_no_other() {
        let id = CertificationId(Uuid::from_u128(7));
        let token = key("one").sign(id).unwrap();
        assert_eq!(key("one").read(&token), Some(id));
        assert_eq!(key("two").read(&token), None);
        assert_eq!(BadgeKey::default().read(&token), None);
        let (_, tag) = token.split_once('.').unwrap();
        let other = format!("{}.{tag}", Uuid::from_u128(8).simple());
        assert_eq!(key("one").read(&other), None);
        for broken in ["", ".", "x.y", token.trim_end_matches(|it: char| it.is_alphanumeric())] {
            assert_eq!(key("one").read(broken), None, "{broken}");
        }
    }

    #[test]
    fn without_a_key_there_are_no_badges() {
        assert_eq!(BadgeKey::default().sign(CertificationId(Uuid::nil())), None);
    }
}

//! One token: what is accepted, and the one reason for which each other is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::Role;
use domain::text::Language;
use uuid::Uuid;

use super::*;

#[tokio::test]
async fn all_three_algorithms_are_accepted() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let issuing = Issuing::with(algorithm);
        let (authenticator, _folder) = issuing.accepted().await;
        let caller = ask(&authenticator, &issuing.token(&issuing.header(), &good())).await.unwrap();
        assert_eq!(caller.subject, "ada");
        assert_eq!(caller.roles, [Role::ChannelManager]);
        assert_eq!(caller.scopes, ["read", "write"]);
        assert_eq!(caller.language, Language::En);
    }
}

#[tokio::test]
async fn the_subject_of_a_partners_token_is_the_partner_user() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    let (partner, user) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let claims = with(json!({"sub": user, "partnerId": partner, "roles": ["PARTNER_REP"]}));
    let caller = ask(&authenticator, &issuing.token(&issuing.header(), &claims)).await.unwrap();
    assert_eq!(caller.partner, Some(partner.into()));
    assert_eq!(caller.partner_user, Some(user.into()));
}

#[tokio::test]
async fn a_token_that_breaks_one_rule_is_refused() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    let broken = [
        (without("exp"), "no exp"),
        (without("sub"), "no subject, or too long a one"),
        (without("aud"), "another audience"),
        (without("tenant"), "another tenant"),
        (without("iss"), "malformed claims"),
        (with(json!({"iss": "somebody"})), "unknown issuer"),
        (with(json!({"iss": null})), "malformed claims"),
        (with(json!({"aud": null})), "another audience"),
        (with(json!({"aud": ["a", "b"]})), "another audience"),
        (with(json!({"aud": {"0": AUDIENCE}})), "another audience"),
        (with(json!({"tenant": "other"})), "another tenant"),
        (with(json!({"sub": ""})), "no subject, or too long a one"),
        (with(json!({"sub": "x".repeat(256)})), "no subject, or too long a one"),
        (with(json!({"nbf": NOW + 120})), "not valid yet"),
        (with(json!({"iat": NOW + 120})), "issued in the future"),
        (with(json!({"exp": NOW + 90_000})), "lives too long"),
        (with(json!({"exp": "tomorrow"})), "a time that is none"),
        (with(json!({"exp": 1e300})), "a time that is none"),
        (with(json!({"partnerId": "1"})), "the partner is not an id"),
    ];
    for (claims, reason) in broken {
        let answer = ask(&authenticator, &issuing.token(&issuing.header(), &claims)).await;
        assert_eq!(answer, invalid(reason), "{claims}");
    }
}

#[tokio::test]
async fn without_a_time_of_issue_the_life_is_counted_from_now() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    let claims = without("iat");
    assert!(ask(&authenticator, &issuing.token(&issuing.header(), &claims)).await.is_ok());
}

#[tokio::test]
async fn an_expired_token_is_told_apart_after_the_leeway() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    for (ends, expired) in [(NOW - 29, false), (NOW - 30, true)] {
        let token = issuing.token(&issuing.header(), &with(json!({"exp": ends})));
        let answer = ask(&authenticator, &token).await;
        assert_eq!(answer == Err(Unauthenticated::Expired), expired, "{ends}");
    }
}

#[tokio::test]
async fn a_header_that_brings_a_key_or_wants_more_is_refused() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    let own_key = issuing.signer.key_set().keys.remove(0);
    let broken = [
        (Header { jwk: Some(own_key), ..issuing.header() }, "brings its own key"),
        (Header { x5u: Some("https://x".to_owned()), ..issuing.header() }, "brings its own key"),
        (Header { crit: Some(vec!["b64".to_owned()]), ..issuing.header() }, "critical extensions"),
        (Header { typ: Some("dpop+jwt".to_owned()), ..issuing.header() }, "another type of token"),
        (Header { kid: None, ..issuing.header() }, "no kid"),
        (Header { kid: Some("other".to_owned()), ..issuing.header() }, "unknown key"),
    ];
    for (header, reason) in broken {
        assert_eq!(ask(&authenticator, &issuing.token(&header, &good())).await, invalid(reason));
    }
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let issuing = Issuing::with(Algorithm::ES256);
    let (authenticator, _folder) = issuing.accepted().await;
    let token = issuing.token(&issuing.header(), &good());
    let parts: Vec<&str> = token.split('.').collect();
    let promoted = URL_SAFE_NO_PAD.encode(with(json!({"roles": ["ADMIN"]})).to_string());
    let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
    for forged in [
        format!("{}.{promoted}.{}", parts[0], parts[2]),
        format!("{}.{}.{zeros}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
    ] {
        assert_eq!(ask(&authenticator, &forged).await, invalid("the signature does not fit"));
    }
}

#[tokio::test]
async fn a_public_key_cannot_be_used_as_a_password() {
    let issuing = Issuing::with(Algorithm::RS256);
    let (authenticator, _folder) = issuing.accepted().await;
    let public = serde_json::to_vec(&issuing.signer.key_set().keys[0]).unwrap();
    let header = Header { kid: Some("key-1".to_owned()), ..Header::new(Algorithm::HS256) };
    let forged = jsonwebtoken::encode(&header, &good(), &EncodingKey::from_secret(&public)).unwrap();
    assert_eq!(ask(&authenticator, &forged).await, invalid("the signature does not fit"));
}

#[tokio::test]
async fn no_signature_is_no_token() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    for algorithm in ["none", "None", "NONE", "nOnE"] {
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": algorithm, "kid": "key-1"}).to_string());
        let claims = URL_SAFE_NO_PAD.encode(good().to_string());
        let answer = ask(&authenticator, &format!("{header}.{claims}.")).await;
        assert_eq!(answer, invalid("malformed header"));
    }
}

/// Knows the key `pgk_good`, and that the token `lost` was revoked.
#[derive(Debug)]
struct OneOfEach;

#[async_trait::async_trait]
impl Register for OneOfEach {
    fn is_key(&self, token: &str) -> bool {
        token.starts_with("pgk_")
    }

    async fn owner_of(&self, key: &str, _: DateTime<Utc>) -> Result<Caller, Unauthenticated> {
        if key == "pgk_good" { Ok(Caller::operator()) } else { invalid("unknown or revoked key") }
    }

    fn has_revoked(&self, caller: &Caller) -> bool {
        caller.token_id.as_deref() == Some("lost")
    }
}

#[tokio::test]
async fn a_register_knows_keys_and_revoked_tokens() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    let authenticator = authenticator.with(Arc::new(OneOfEach));
    assert!(ask(&authenticator, "pgk_good").await.is_ok());
    assert_eq!(ask(&authenticator, "pgk_bad").await, invalid("unknown or revoked key"));
    let kept = issuing.token(&issuing.header(), &with(json!({"jti": "kept"})));
    let caller = ask(&authenticator, &kept).await.unwrap();
    assert_eq!(authenticator.still_knows(&caller, now()), Ok(()));
    let later = now() + chrono::TimeDelta::hours(2);
    assert_eq!(authenticator.still_knows(&caller, later), Err(Unauthenticated::Expired));
    let lost = issuing.token(&issuing.header(), &with(json!({"jti": "lost"})));
    assert_eq!(ask(&authenticator, &lost).await, invalid("revoked"));
}

#[tokio::test]
async fn a_huge_or_missing_token_is_refused_unread() {
    let issuing = Issuing::with(Algorithm::EdDSA);
    let (authenticator, _folder) = issuing.accepted().await;
    assert_eq!(ask(&authenticator, &"x".repeat(17 << 10)).await, invalid("larger than 16 KiB"));
    assert_eq!(authenticator.authenticate(None, now()).await, Err(Unauthenticated::Missing));
    let basic = authenticator.authenticate(Some(b"Basic dTpw"), now()).await;
    assert_eq!(basic, Err(Unauthenticated::Missing));
}

#[test]
fn a_challenge_names_an_error_only_when_there_was_a_token() {
    assert!(!Unauthenticated::Missing.challenge().contains("error"));
    assert!(Unauthenticated::Expired.challenge().contains("invalid_token"));
    assert_eq!(Unauthenticated::Expired.code(), "TOKEN_EXPIRED");
}

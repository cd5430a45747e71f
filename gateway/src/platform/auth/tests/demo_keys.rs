//! The demo's key pair: made once, private, and accepted by its own configuration.

use std::os::unix::fs::PermissionsExt as _;

use chrono::TimeDelta;
use domain::access::Role;

use super::super::demo_keys::{DemoKeyError, DemoKeys};
use super::*;

#[tokio::test]
async fn demo_keys_are_made_once_and_accepted_by_their_own_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let keys = DemoKeys::load_or_make(folder.path()).unwrap();
    let claims = signing::Claims {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        subject: "admin".to_owned(),
        tenant: "default".to_owned(),
        roles: vec![Role::Admin],
        partner: None,
        scopes: Vec::new(),
        locale: "ja".to_owned(),
        issued_at: now(),
        expires_at: now() + TimeDelta::hours(24),
    };
    let token = keys.signer().sign(&claims).unwrap();
    let again = DemoKeys::load_or_make(folder.path()).unwrap();
    let authenticator = Authenticator::open(&again.auth(), &Cache::in_process(), now()).await.unwrap();
    assert_eq!(ask(&authenticator, &token).await.unwrap().roles, [Role::Admin]);
}

#[test]
fn a_demo_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    DemoKeys::load_or_make(folder.path()).unwrap();
    let file = folder.path().join("demo.key.pem");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(DemoKeys::load(folder.path()), Err(DemoKeyError::Exposed(_))));
}

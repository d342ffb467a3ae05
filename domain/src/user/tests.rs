//! What a user is asked, and answers.

use serde_json::json;

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, pool};

fn registered() -> Given<User> {
    given([]).and_json("register", &json!({ "name": "Ada", "email": "Ada@example.org" }))
}
fn disabled() -> Given<User> {
    registered().and_json("disable", &json!({}))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let full = json!({ "name": "Ada", "email": "Ada@example.org", "administrator": true });
    let password = json!({ "password_hash": sample_hash() });
    let (email, reason) = (json!({ "email": "a@b" }), json!({ "reason": "left" }));
    let administrator = || given([]).and_json("register", &full);
    check_accepted::<User>(vec![
        (given([]), "register", full.clone(), vec![("UserRegistered", full.clone())]),
        (registered(), "rename", json!({ "name": "A" }), vec![("UserRenamed", json!({ "name": "A" }))]),
        (registered(), "set-password", password.clone(), vec![("PasswordSet", password)]),
        (registered(), "change-email", email.clone(), vec![("EmailChanged", email)]),
        (registered(), "disable", reason.clone(), vec![("UserDisabled", reason)]),
        (disabled(), "enable", json!({}), vec![("UserEnabled", json!({}))]),
        (registered(), "appoint", json!({}), vec![("AdministratorAppointed", json!({}))]),
        (administrator(), "dismiss", json!({}), vec![("AdministratorDismissed", json!({}))]),
    ]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, ada, out) = (given([]), registered(), disabled());
    let register = json!({ "name": "Ada", "email": "a@b" });
    let password = json!({ "password_hash": sample_hash() });
    check_refused(vec![
        (&none, "register", json!({ "name": " ", "email": "a@b" }), "`name`: expected 1 to 200 bytes"),
        (&none, "register", json!({ "name": "A", "email": "ab" }), "`email`: expected an e-mail address"),
        (&ada, "register", register.clone(), "user exists already"),
        (&out, "register", register, "user exists already"),
        (&none, "rename", json!({ "name": "A" }), "user does not exist"),
        (&none, "set-password", password.clone(), "user does not exist"),
        (&none, "change-email", json!({ "email": "a@b" }), "user does not exist"),
        (&none, "disable", json!({}), "user does not exist"),
        (&none, "enable", json!({}), "user does not exist"),
        (&none, "appoint", json!({}), "user does not exist"),
        (&none, "dismiss", json!({}), "user does not exist"),
        (&ada, "rename", json!({ "name": "" }), "`name`: expected"),
        (&ada, "change-email", json!({ "email": "@b" }), "`email`: expected"),
        (&ada, "disable", json!({ "reason": "two\nlines" }), "`reason`: expected"),
        (&ada, "enable", json!({}), "expected user to be disabled, but it is active"),
        (&ada, "dismiss", json!({}), "expected user to be an administrator, but it is none"),
        (&ada.clone().and_json("appoint", &json!({})), "appoint", json!({}), "to be no administrator"),
        (&out, "rename", json!({ "name": "A" }), "expected user to be active, but it is disabled"),
        (&out, "set-password", password, "but it is disabled"),
        (&out, "change-email", json!({ "email": "a@b" }), "but it is disabled"),
        (&out, "disable", json!({}), "but it is disabled"),
        (&out, "appoint", json!({}), "but it is disabled"),
    ]);
}

#[test]
fn only_a_strong_hash_is_taken_and_a_password_never_repeated() {
    let good = sample_hash();
    for (from, to) in [
        ("argon2id", "argon2i"),
        ("v=19", "v=16"),
        ("m=19456", "m=19455"),
        ("m=19456", "m=262145"),
        ("m=19456", "m=+19456"),
        ("t=2", "t=1"),
        ("t=2", "t=11"),
        ("p=1", "p=0"),
        ("p=1", "p=17"),
        ("AAAAAA$", "$"),
        ("BBBBBB", "B"),
        ("AB", "A-"),
        ("$A", "$$A"),
    ] {
        let wrong = good.replacen(from, to, 1);
        if wrong == good {
            continue;
        }
        registered()
            .when_json("set-password", &json!({ "password_hash": wrong }))
            .refused("`password_hash`: expected `$argon2id$v=19$m=");
    }
    for secret in ["correct horse battery staple", "$2b$12$abcdefghijklmnopqrstuv", ""] {
        let command: UserCommand = command("set-password", &json!({ "password_hash": secret }));
        let error = registered().state().decide(&command).unwrap_err().to_string();
        assert!(secret.is_empty() || !error.contains(secret), "{error}");
    }
}

#[test]
fn an_address_is_claimed_whatever_its_case_and_kept_by_whoever_is_kept_out() {
    let claims = |name: &str, email: &str| -> Vec<Claim> {
        let body = if name == "register" {
            json!({ "name": "A", "email": email })
        } else {
            json!({ "email": email })
        };
        User::claims(&command(name, &body))
    };
    assert_eq!(claims("register", "Ada@Example.org"), [email_claim("ada@example.org")]);
    assert_eq!(claims("change-email", "B@C"), [email_claim("b@c")]);
    assert_eq!(User::claims(&EnableUser {}.into()), []);
    assert!(registered().state().holds(&email_claim("ada@example.org")));
    assert!(disabled().state().holds(&email_claim("ada@example.org")));
    assert!(!User::default().holds(&email_claim("")));
    let moved = registered().and_json("change-email", &json!({ "email": "x@y" })).state();
    assert!(moved.holds(&email_claim("X@Y")) && !moved.holds(&email_claim("ada@example.org")));
    assert_eq!(moved.project(), None);
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("register", json!({ "name": "Ada", "email": "a@b", "administrator": true })),
        ("rename", json!({ "name": "B" })),
        ("set-password", json!({ "password_hash": sample_hash() })),
        ("change-email", json!({ "email": "c@d" })),
        ("disable", json!({})),
        ("enable", json!({})),
        ("appoint", json!({})),
        ("dismiss", json!({})),
    ];
    check_any_order::<User>(&given([]), &pool(&commands), |history| {
        let registered = history.iter().filter(|event| matches!(event, UserEvent::UserRegistered(_))).count();
        assert_eq!(registered, usize::from(!history.is_empty()));
    });
}

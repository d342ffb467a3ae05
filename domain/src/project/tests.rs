//! Given, when, then: every command of a project, and every refusal.

use serde_json::{Value, json};

use super::*;
use crate::catalogue::CommandFamily;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

const OWNER: u8 = 1;
const MEMBER: u8 = 2;

fn create() -> Value {
    json!({ "slug": "waybill", "name": "Waybill", "owner": id(OWNER) })
}
fn created() -> Given<Project> {
    given([]).and_json("create", &create())
}
fn context(session: &str) -> Given<Context> {
    given([]).and_json("create", &json!({ "project": id(1), "name": "c", "session": session }))
}
/// Beside a context for issue sessions.
fn with_context() -> Given<Project> {
    created().among(ContextId::from_bytes([3; 16]), context("issue").state())
}
fn invitation(number: u8, email: &str) -> Value {
    json!({ "invitation": id(number), "email": email, "role": "member" })
}
/// With a second member, who is no owner.
fn joined() -> Given<Project> {
    created()
        .and_json("invite-member", &invitation(9, "ada@example.org"))
        .and_json("accept-invitation", &json!({ "invitation": id(9), "user": id(MEMBER) }))
}
fn sealed() -> Value {
    json!({ "key_id": "k", "nonce": "0f".repeat(24), "ciphertext": "a7".repeat(16) })
}
fn weights(all: u16) -> Value {
    json!({ "correctness": all, "type_safety": all, "code_style": all, "test_coverage": all, "completeness": all })
}
fn api_key() -> Value {
    json!({ "key": id(8), "name": "ci", "scopes": ["runs:write"], "secret_sha256": "5e".repeat(32) })
}
fn plain_var(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": { "plain": { "value": value } } })
}
fn sealed_var(sealed: &Value) -> Value {
    json!({ "name": "TOKEN", "value": { "sealed": { "sealed": sealed } } })
}
fn role(user: u8, role: &str) -> Value {
    json!({ "user": id(user), "role": role })
}

#[test]
fn folders_and_addresses_that_do_not_fit_are_refused() {
    let secretive = created()
        .and_json("set-env-var", &sealed_var(&sealed()))
        .and_json("set-env-var", &plain_var("LEVEL", "debug"));
    let folder = |machine: &str, folder: &str| json!({ "machine": machine, "folder": folder });
    let address = |url: &str, secret: &str| json!({ "url": url, "secret": secret });
    let told = json!({ "user": id(OWNER), "kinds": ["stopped"], "channels": ["desktop"] });
    let told = |changes: Value| with(&told, &changes);
    let full = (0..MACHINES_MAX)
        .fold(created(), |project, n| project.and_json("set-folder", &folder(&format!("m{n}"), "/a")));
    full.clone().and_json("set-folder", &folder("m0", "/b"));
    check_refused(vec![
        (&secretive, "set-folder", folder("", "/a"), "`machine`: expected 1 to 200 bytes"),
        (&secretive, "set-folder", folder("m", "a"), "`folder`: expected an absolute folder"),
        (&secretive, "set-folder", folder("m", "/a/../b"), "`folder`: expected an absolute folder"),
        (&secretive, "set-folder", folder("m", "C:\\a\\..\\b"), "`folder`: expected an absolute"),
        (&secretive, "set-folder", folder("m", &format!("/{}", "a".repeat(4_095))), "`folder`"),
        (&secretive, "set-folder", json!({ "machine": "m" }), "unknown machine `m`"),
        (&full, "set-folder", folder("more", "/a"), "the project lies on 100 machines"),
        (
            &secretive,
            "set-notification-address",
            address("ftp://x", "TOKEN"),
            "`url`: expected an http or https URL",
        ),
        (
            &secretive,
            "set-notification-address",
            address("https://a:b@x.org", "TOKEN"),
            "`url`: expected a URL without credentials",
        ),
        (
            &secretive,
            "set-notification-address",
            address("https://x.org", "LEVEL"),
            "`secret`: expected a sealed environment variable of the project, got `LEVEL`",
        ),
        (
            &secretive,
            "set-notification-address",
            json!({ "secret": "TOKEN" }),
            "`secret`: expected none without an address",
        ),
        (&secretive, "set-member-notifications", told(json!({ "user": id(7) })), "unknown member"),
        (
            &secretive,
            "set-member-notifications",
            told(json!({ "kinds": ["stopped", "stopped"] })),
            "`kinds`: expected each item once",
        ),
        (
            &secretive,
            "set-member-notifications",
            told(json!({ "channels": ["desktop", "desktop"] })),
            "`channels`: expected each item once",
        ),
        (
            &secretive,
            "set-member-notifications",
            told(json!({ "secret": "TOKEN" })),
            "`secret`: expected none without an address",
        ),
    ]);
    // A secret that was taken away, or written in the open, signs nothing more.
    let opened = secretive.clone().and_json("set-env-var", &plain_var("TOKEN", "x"));
    let removed = secretive.and_json("remove-env-var", &json!({ "name": "TOKEN" }));
    for project in [opened, removed] {
        project
            .when_json("set-notification-address", &address("https://x.org", "TOKEN"))
            .refused("a sealed environment variable");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn every_setting_is_accepted_and_every_command_is_covered() {
    // What goes in comes out: the payload of these events equals the body of their command.
    let same = [
        ("rename", json!({ "name": "W", "slug": "w" }), "ProjectRenamed"),
        ("delete", json!({}), "ProjectDeleted"),
        ("link-repository", json!({ "repository_url": "https://example.org/r" }), "RepositoryLinked"),
        ("set-logo", json!({ "logo_url": "https://example.org/l.svg" }), "LogoSet"),
        ("set-logo", json!({}), "LogoSet"),
        ("set-sandbox-prompt", json!({ "prompt": "Be brief." }), "SandboxPromptSet"),
        ("set-claude-md", json!({ "content": "" }), "ClaudeMdSet"),
        ("set-env-var", plain_var("LEVEL", "debug"), "EnvVarSet"),
        ("set-env-var", sealed_var(&sealed()), "EnvVarSet"),
        ("set-git-author", json!({ "name": "Agent", "email": "agent@example.org" }), "GitAuthorSet"),
        ("set-learning-settings", json!({ "model": "sonnet", "template": "t" }), "LearningSettingsSet"),
        ("set-merging-settings", json!({}), "MergingSettingsSet"),
        ("invite-member", invitation(7, "bob@example.org"), "MemberInvited"),
        ("change-member-role", role(MEMBER, "owner"), "MemberRoleChanged"),
        ("remove-member", json!({ "user": id(MEMBER) }), "MemberRemoved"),
        (
            "issue-api-key",
            with(&api_key(), &json!({ "expires_at": "2027-01-01T00:00:00.000Z" })),
            "ApiKeyIssued",
        ),
        (
            "seal-provider-key",
            json!({ "user": id(MEMBER), "provider": "anthropic", "sealed": sealed() }),
            "ProviderKeySealed",
        ),
    ];
    let signing = json!({ "url": "https://example.org/hook", "secret": "TOKEN" });
    let member = json!({ "user": id(MEMBER), "kinds": ["stopped"], "channels": ["webhook", "desktop"] });
    let folder = json!({ "machine": "laptop", "folder": "/home/ada/waybill" });
    let secretive = || joined().and_json("set-env-var", &sealed_var(&sealed()));
    let more = [
        ("set-content-sealing", json!({ "sealing": "project" }), "ContentSealingSet"),
        ("set-folder", folder.clone(), "FolderSet"),
        ("set-folder", json!({ "machine": "tower", "folder": "C:\\waybill" }), "FolderSet"),
        ("set-notification-address", signing.clone(), "NotificationAddressSet"),
        ("set-notification-address", json!({}), "NotificationAddressSet"),
        ("set-member-notifications", with(&member, &signing), "MemberNotificationsSet"),
    ];
    let more = more.map(|(name, body, event)| (secretive(), name, body.clone(), vec![(event, body)]));
    let mut rows: Vec<_> = same
        .into_iter()
        .map(|(name, body, event)| (joined(), name, body.clone(), vec![(event, body)]))
        .chain(more)
        .collect();
    let gone = json!({ "machine": "laptop" });
    let placed = created().and_json("set-folder", &folder);
    rows.push((placed, "set-folder", gone.clone(), vec![("FolderSet", gone)]));
    let session = json!({
        "session": "issue", "context": id(3), "skills": [id(4)], "commands": [id(5)], "scripts": [id(6)],
        "setup_commands": ["npm ci"], "default_model": "opus", "default_effort": "high",
    });
    let bare =
        json!({ "session": "issue", "skills": [], "commands": [], "scripts": [], "setup_commands": [] });
    let policy = json!({ "weights": weights(1), "threshold": 80.0 });
    let (accept, var) = (json!({ "invitation": id(7), "user": id(5) }), json!({ "name": "A" }));
    let invited = created().and_json("invite-member", &invitation(7, "bob@example.org"));
    let provider = json!({ "user": id(OWNER), "provider": "anthropic" });
    let with_provider =
        created().and_json("seal-provider-key", &with(&provider, &json!({ "sealed": sealed() })));
    let revoke = json!({ "invitation": id(7) });
    let with_var = created().and_json("set-env-var", &plain_var("A", ""));
    let with_key = created().and_json("issue-api-key", &api_key());
    let key = json!({ "key": id(8) });
    rows.extend([
        (given([]), "create", create(), vec![("ProjectCreated", create())]),
        (with_context(), "configure-session", session.clone(), vec![("SessionConfigured", session)]),
        (created(), "configure-session", json!({ "session": "issue" }), vec![("SessionConfigured", bare)]),
        (
            created(),
            "set-quality-policy",
            policy.clone(),
            vec![("QualityPolicySet", with(&policy, &json!({ "version": 1 })))],
        ),
        (invited.clone(), "accept-invitation", accept.clone(), vec![("InvitationAccepted", accept)]),
        (invited, "revoke-invitation", revoke.clone(), vec![("InvitationRevoked", revoke)]),
        (with_provider, "remove-provider-key", provider.clone(), vec![("ProviderKeyRemoved", provider)]),
        (with_var, "remove-env-var", var.clone(), vec![("EnvVarRemoved", var)]),
        (with_key, "revoke-api-key", key.clone(), vec![("ApiKeyRevoked", key)]),
    ]);
    check_accepted::<Project>(rows);
}

/// A body for every command that the second member's project would accept.
fn acceptable() -> Vec<(&'static str, Value)> {
    vec![
        ("rename", json!({ "name": "W", "slug": "w" })),
        ("link-repository", json!({ "repository_url": "https://example.org/r" })),
        ("set-logo", json!({})),
        ("set-sandbox-prompt", json!({ "prompt": "p" })),
        ("set-claude-md", json!({ "content": "c" })),
        ("configure-session", json!({ "session": "issue" })),
        ("set-env-var", plain_var("A", "1")),
        ("set-env-var", plain_var("B", "1")),
        ("remove-env-var", json!({ "name": "A" })),
        ("set-git-author", json!({ "name": "Agent", "email": "a@b" })),
        ("set-learning-settings", json!({})),
        ("set-merging-settings", json!({})),
        ("set-quality-policy", json!({ "weights": weights(1) })),
        ("invite-member", invitation(7, "bob@example.org")),
        ("accept-invitation", json!({ "invitation": id(7), "user": id(3) })),
        ("change-member-role", role(MEMBER, "owner")),
        ("change-member-role", role(OWNER, "member")),
        ("change-member-role", role(MEMBER, "admin")),
        ("remove-member", json!({ "user": id(MEMBER) })),
        ("remove-member", json!({ "user": id(OWNER) })),
        ("issue-api-key", api_key()),
        ("revoke-api-key", json!({ "key": id(8) })),
        ("seal-provider-key", json!({ "user": id(MEMBER), "provider": "p", "sealed": sealed() })),
        ("remove-provider-key", json!({ "user": id(MEMBER), "provider": "p" })),
        ("revoke-invitation", json!({ "invitation": id(7) })),
        ("set-folder", json!({ "machine": "m", "folder": "/a" })),
        ("set-folder", json!({ "machine": "m" })),
        ("set-notification-address", json!({ "url": "https://example.org/hook" })),
        (
            "set-member-notifications",
            json!({ "user": id(MEMBER), "kinds": ["completed"], "channels": ["dashboard"] }),
        ),
        ("set-content-sealing", json!({ "sealing": "person" })),
        ("delete", json!({})),
    ]
}

#[test]
fn what_is_missing_or_deleted_refuses_everything() {
    let (none, deleted) = (given::<Project>([]), joined().and(DeleteProject {}));
    let mut names: BTreeSet<_> = ProjectCommand::catalogue().iter().map(|spec| spec.name).collect();
    for (name, body) in acceptable() {
        none.when_json(name, &body).refused("project does not exist");
        deleted.when_json(name, &body).refused("expected project to be active, but it is deleted");
        names.remove(name);
    }
    assert_eq!(names, BTreeSet::from(["create"]));
    deleted.when_json("create", &create()).refused("project exists already");
    created().when_json("create", &create()).refused("project exists already");
}

#[test]
fn names_and_addresses_are_checked() {
    let (none, project) = (given([]), created());
    let created = |changes| with(&create(), &changes);
    let long = "x".repeat(check::TEXT_MAX_BYTES + 1);
    let leaky = "https://user:ghp_secret@example.org/r";
    check_refused(vec![
        (&none, "create", created(json!({ "slug": "Way Bill" })), "`slug`: expected 1 to 63 of a-z"),
        (&none, "create", created(json!({ "name": "" })), "`name`"),
        (
            &none,
            "create",
            created(json!({ "repository_url": "git@example.org:r" })),
            "`repository_url`: expected an http",
        ),
        (
            &none,
            "create",
            created(json!({ "repository_url": leaky })),
            "expected a URL without credentials, got `one with",
        ),
        (&none, "create", created(json!({ "logo_url": "javascript:alert(1)" })), "`logo_url`"),
        (&project, "rename", json!({ "name": " ", "slug": "w" }), "`name`"),
        (&project, "rename", json!({ "name": "W", "slug": "-w" }), "`slug`"),
        (&project, "link-repository", json!({ "repository_url": "file:///etc" }), "`repository_url`"),
        (&project, "link-repository", json!({ "repository_url": leaky }), "without credentials"),
        (&project, "set-logo", json!({ "logo_url": "" }), "`logo_url`"),
        (&project, "set-sandbox-prompt", json!({ "prompt": long }), "`prompt`"),
        (&project, "set-claude-md", json!({ "content": long }), "`content`"),
        (&project, "set-git-author", json!({ "name": "", "email": "a@b" }), "`name`"),
        (&project, "set-git-author", json!({ "name": "A", "email": "a" }), "`email`"),
        (&project, "set-learning-settings", json!({ "model": "" }), "`model`"),
        (&project, "set-learning-settings", json!({ "template": long }), "`template`"),
        (&project, "set-merging-settings", json!({ "model": "" }), "`model`"),
        (&project, "set-merging-settings", json!({ "template": long }), "`template`"),
    ]);
    // An `@` after the host is no credential.
    project
        .when_json("link-repository", &json!({ "repository_url": "https://example.org/@scope/r" }))
        .accepted();
}

#[test]
fn a_session_takes_bounded_lists() {
    let project = created();
    let session = |changes| with(&json!({ "session": "answering" }), &changes);
    let many = vec![id(1); check::LIST_MAX_ITEMS + 1];
    let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
    check_refused(vec![
        (
            &project,
            "configure-session",
            session(json!({ "skills": many })),
            "`skills`: expected at most 1000 items",
        ),
        (&project, "configure-session", session(json!({ "commands": many })), "`commands`"),
        (&project, "configure-session", session(json!({ "scripts": many })), "`scripts`"),
        (
            &project,
            "configure-session",
            session(json!({ "setup_commands": many })),
            "`setup_commands`: expected at most",
        ),
        (&project, "configure-session", session(json!({ "setup_commands": [""] })), "not blank"),
        (&project, "configure-session", session(json!({ "setup_commands": [half, half] })), "bytes together"),
        (&project, "configure-session", session(json!({ "default_model": "" })), "`default_model`"),
    ]);
}

#[test]
fn a_secret_never_enters_an_event_as_plain_text() {
    let project = created();
    let secret = with(&plain_var("TOKEN", "hunter2"), &json!({ "secret": true }));
    let command: ProjectCommand = command("set-env-var", &secret);
    let error = project.state().decide(&command).unwrap_err();
    assert_eq!(error.to_string(), "a secret value must be sealed before it is decided on");
    assert!(error.hint().contains("which seals it"));
    assert!(!format!("{error:?}").contains("hunter2"));
    let sealed_one = with(&sealed_var(&sealed()), &json!({ "secret": true }));
    project.when_json("set-env-var", &sealed_one).accepted();
    let key = json!({ "user": id(OWNER), "provider": "anthropic", "key": "sk-hunter2" });
    check_refused(vec![
        (&project, "seal-provider-key", key.clone(), "a key must be sealed before"),
        (&project, "seal-provider-key", with(&key, &json!({ "sealed": sealed() })), "`key`: expected either"),
    ]);
}

#[test]
fn what_came_in_the_clear_is_told_and_sealed() {
    let whole = |name: &str, body: &Value| crate::Command::Project(command(name, body));
    let secret = with(&plain_var("TOKEN", "hunter2"), &json!({ "secret": true }));
    let key = json!({ "user": id(OWNER), "provider": "anthropic", "key": "sk-hunter2" });
    for (asked, bound, value) in [
        (whole("set-env-var", &secret), "env/TOKEN".to_owned(), "hunter2"),
        (whole("seal-provider-key", &key), format!("provider/{}/anthropic", id(OWNER)), "sk-hunter2"),
    ] {
        let (name, plain) = asked.plain_secret().unwrap();
        assert_eq!((name.bound, plain), (bound, value));
        let sealed = serde_json::from_value(sealed()).unwrap();
        let sealed = asked.clone().with_sealed(sealed);
        assert_eq!(sealed.plain_secret(), None);
        assert!(!String::from_utf8(sealed.body()).unwrap().contains(value));
        let crate::Command::Project(sealed) = sealed else { panic!("it stays one of a project") };
        let events = created().state().decide(&sealed).unwrap();
        assert_eq!(events[0].secret().unwrap().0.bound, asked.plain_secret().unwrap().0.bound);
    }
    assert_eq!(whole("set-env-var", &plain_var("A", "x")).plain_secret(), None);
}

#[test]
fn content_is_sealed_once_the_project_says_so() {
    let set = |sealing: &str| created().and_json("set-content-sealing", &json!({ "sealing": sealing }));
    assert_eq!(created().state().content_sealing(), ContentSealing::Off);
    assert_eq!(set("project").state().content_sealing(), ContentSealing::Project);
    assert_eq!(set("person").state().content_sealing(), ContentSealing::Person);
}

#[test]
fn variables_have_names_of_the_shell_and_bounded_values() {
    let project = created();
    for (name, fits) in [
        ("A", true),
        ("_", true),
        ("a9_Z", true),
        ("9A", false),
        ("", false),
        ("A-B", false),
        ("Ä", false),
        ("A=B", false),
    ] {
        let outcome = project.when_json("set-env-var", &plain_var(name, "v"));
        outcome.accepted_if(fits, "`name`: expected 1 to 128 letters");
    }
    project.when_json("set-env-var", &plain_var(&"A".repeat(128), "v")).accepted();
    project.when_json("set-env-var", &plain_var("A", &"x".repeat(ENV_VALUE_MAX_BYTES))).accepted();
    check_refused(vec![
        (&project, "set-env-var", plain_var(&"A".repeat(129), "v"), "`name`"),
        (
            &project,
            "set-env-var",
            plain_var("A", &"x".repeat(ENV_VALUE_MAX_BYTES + 1)),
            "`value`: expected 0 to 65536 bytes",
        ),
        (&project, "set-env-var", plain_var("A", "\0"), "`value`: expected a text without NUL"),
        (&project, "remove-env-var", json!({ "name": "A" }), "unknown environment variable `A`"),
    ]);
}

#[test]
fn what_is_sealed_must_be_hex_and_is_not_echoed() {
    let project = created();
    for (field, value, part) in [
        ("key_id", String::new(), "`key_id`"),
        ("nonce", "0f".repeat(11), "`nonce`: expected lower-case hex digits, an even number from 24 to 64"),
        ("nonce", "0f".repeat(33), "`nonce`"),
        ("nonce", "0".repeat(25), "`nonce`"),
        ("ciphertext", "a7".repeat(15), "`ciphertext`"),
        ("ciphertext", "a7".repeat(ENV_VALUE_MAX_BYTES + 1), "`ciphertext`"),
        ("ciphertext", "sk-ant-secret-secret-secret-secret".into(), "got `34 bytes, not all hex digits`"),
    ] {
        let body = sealed_var(&with(&sealed(), &json!({ field: value })));
        project.when_json("set-env-var", &body).refused(part);
    }
    for value in ["0f".repeat(12), "0f".repeat(32)] {
        project
            .when_json("set-env-var", &sealed_var(&with(&sealed(), &json!({ "nonce": value }))))
            .accepted();
    }
}

#[test]
fn a_project_holds_a_thousand_variables() {
    let set = |name: String| EnvVarSet { name, value: EnvValue::Plain { value: String::new() } };
    let full: Given<Project> = given(
        std::iter::once(samples().remove(0)).chain((0..ENV_VARS_MAX).map(|n| set(format!("A{n}")).into())),
    );
    full.when_json("set-env-var", &plain_var("B", "")).refused("has 1000 environment variables");
    full.when_json("set-env-var", &plain_var("A0", "new")).accepted();
    full.and_json("remove-env-var", &json!({ "name": "A7" }))
        .when_json("set-env-var", &plain_var("B", ""))
        .accepted();
}

#[test]
fn policies_are_numbered_from_1() {
    let policy = json!({ "weights": weights(1) });
    let second = created().and_json("set-quality-policy", &policy).and_json("set-quality-policy", &policy);
    assert_eq!(second.state().policy_version, 2);
    let zero = json!({ "weights": weights(0) });
    second.when_json("set-quality-policy", &zero).refused("`weights`: expected at least one weight above 0");
    let one = json!({ "weights": with(&weights(0), &json!({ "completeness": 1 })) });
    second.when_json("set-quality-policy", &one).accepted();
    let weights =
        PolicyWeights { correctness: 1, type_safety: 1, code_style: 1, test_coverage: 1, completeness: 1 };
    let last = QualityPolicySet { version: u32::MAX, weights, threshold: None };
    given::<Project>([samples().remove(0), last.into()])
        .when_json("set-quality-policy", &policy)
        .refused("no version number left");
}

#[test]
fn an_invitation_is_taken_up_once() {
    let invited = created().and_json("invite-member", &invitation(7, "Bob@example.org"));
    let accept = |invitation: u8, user: u8| json!({ "invitation": id(invitation), "user": id(user) });
    let accepted = invited.clone().and_json("accept-invitation", &accept(7, 3));
    check_refused(vec![
        (&invited, "invite-member", invitation(7, "eve@example.org"), "invitation `"),
        (
            &invited,
            "invite-member",
            invitation(6, "bob@EXAMPLE.org"),
            "open invitation of that e-mail address exists already",
        ),
        (&invited, "invite-member", invitation(6, "nobody"), "`email`"),
        (&invited, "accept-invitation", accept(6, 3), "unknown invitation"),
        (&invited, "accept-invitation", accept(7, OWNER), "member `"),
        (&accepted, "accept-invitation", accept(7, 4), "expected invitation to be open, but it is accepted"),
    ]);
    let revoked = invited.clone().and_json("revoke-invitation", &json!({ "invitation": id(7) }));
    let as_other = with(&accept(7, 3), &json!({ "email": "eve@example.org" }));
    check_refused(vec![
        (&invited, "accept-invitation", as_other, "`email`: expected the address that was invited"),
        (&revoked, "accept-invitation", accept(7, 3), "expected invitation to be open, but it is revoked"),
        (&revoked, "revoke-invitation", json!({ "invitation": id(7) }), "but it is revoked"),
        (&accepted, "revoke-invitation", json!({ "invitation": id(7) }), "but it is accepted"),
        (&invited, "revoke-invitation", json!({ "invitation": id(6) }), "unknown invitation"),
    ]);
    let verified = with(&accept(7, 3), &json!({ "email": "BOB@example.org" }));
    invited.when_json("accept-invitation", &verified).accepted();
    revoked.when_json("invite-member", &invitation(6, "bob@example.org")).accepted();
    assert_eq!(accepted.state().members[&UserId::from_bytes([3; 16])], MemberRole::Member);
    accepted.when_json("invite-member", &invitation(6, "bob@example.org")).accepted();
}

#[test]
fn the_last_owner_stays() {
    let (one, two) = (joined(), joined().and_json("change-member-role", &role(MEMBER, "owner")));
    check_refused(vec![
        (&one, "remove-member", json!({ "user": id(OWNER) }), "is the last owner"),
        (&one, "change-member-role", role(OWNER, "admin"), "is the last owner"),
        (&one, "remove-member", json!({ "user": id(5) }), "unknown member"),
        (&one, "change-member-role", role(5, "owner"), "unknown member"),
        (
            &one,
            "seal-provider-key",
            json!({ "user": id(5), "provider": "p", "sealed": sealed() }),
            "unknown member",
        ),
        (
            &one,
            "seal-provider-key",
            json!({ "user": id(OWNER), "provider": "", "sealed": sealed() }),
            "`provider`",
        ),
    ]);
    one.when_json("change-member-role", &role(OWNER, "owner")).accepted();
    let left = two.and_json("remove-member", &json!({ "user": id(OWNER) }));
    left.when_json("remove-member", &json!({ "user": id(MEMBER) })).refused("is the last owner");
}

#[test]
fn a_provider_key_is_removed_once_and_goes_with_its_member() {
    let key = json!({ "user": id(MEMBER), "provider": "p" });
    let sealed = joined().and_json("seal-provider-key", &with(&key, &json!({ "sealed": sealed() })));
    let removed = sealed.clone().and_json("remove-provider-key", &key);
    let left = sealed.clone().and_json("remove-member", &json!({ "user": id(MEMBER) }));
    check_refused(vec![
        (&joined(), "remove-provider-key", key.clone(), "unknown provider key `p`"),
        (&removed, "remove-provider-key", key.clone(), "unknown provider key `p`"),
        (&left, "remove-provider-key", key.clone(), "unknown provider key `p`"),
        (&sealed, "remove-provider-key", with(&key, &json!({ "provider": "q" })), "unknown provider key `q`"),
    ]);
}

#[test]
fn a_key_works_until_it_is_revoked_and_never_again() {
    let issued = created().and_json("issue-api-key", &api_key());
    let revoked = issued.clone().and(RevokeApiKey { key: ApiKeyId::from_bytes([8; 16]) });
    let key = |changes| with(&with(&api_key(), &json!({ "key": id(7) })), &changes);
    check_refused(vec![
        (&issued, "issue-api-key", api_key(), "API key `"),
        (&revoked, "issue-api-key", api_key(), "API key `"),
        (&issued, "issue-api-key", key(json!({ "name": "" })), "`name`"),
        (&issued, "issue-api-key", key(json!({ "scopes": [] })), "`scopes`: expected at least 1, each once"),
        (&issued, "issue-api-key", key(json!({ "scopes": ["a", "a"] })), "got `2 of which 1 differ`"),
        (&issued, "issue-api-key", key(json!({ "scopes": [""] })), "`scopes`"),
        (
            &issued,
            "issue-api-key",
            key(json!({ "scopes": vec!["a"; 1_001] })),
            "`scopes`: expected at most 1000",
        ),
        (
            &issued,
            "issue-api-key",
            key(json!({ "secret_sha256": "5E".repeat(32) })),
            "64 of them, got `64 bytes, not",
        ),
        (&issued, "issue-api-key", key(json!({ "secret_sha256": "5e".repeat(31) })), "got `62 bytes`"),
        (&issued, "revoke-api-key", json!({ "key": id(7) }), "unknown API key"),
        (
            &revoked,
            "revoke-api-key",
            json!({ "key": id(8) }),
            "expected API key to be working, but it is revoked",
        ),
    ]);
}

#[test]
fn a_session_takes_a_context_of_its_own_kind() {
    let configure = json!({ "session": "issue", "context": id(3) });
    let asked = ContextId::from_bytes([3; 16]);
    let consults = |name, body: &Value| created().state().consults(&command::<ProjectCommand>(name, body));
    assert_eq!(consults("configure-session", &configure), [asked.into()]);
    assert_eq!(
        (consults("configure-session", &json!({ "session": "issue" })), consults("delete", &json!({}))),
        (vec![], vec![])
    );
    let archived = context("issue").and_json("archive", &json!({}));
    let other = "`context`: expected a context for issue sessions, got `merging`";
    check_refused(vec![
        (&created().among(asked, context("merging").state()), "configure-session", configure.clone(), other),
        (
            &created().among(asked, archived.state()),
            "configure-session",
            configure.clone(),
            "expected context to be current, but it is archived",
        ),
        (&created(), "configure-session", configure, "does not exist"),
    ]);
    assert_eq!(created().state().project(), None);
}

#[test]
fn a_slug_is_held_from_creation_until_it_is_given_up() {
    let claim = |slug: &str| Claim::new("project slug", slug);
    let claims = |name, body: &Value| Project::claims(&command::<ProjectCommand>(name, body));
    assert_eq!(claims("create", &create()), [claim("waybill")]);
    assert_eq!(claims("rename", &json!({ "name": "N", "slug": "n" })), [claim("n")]);
    assert_eq!(claims("delete", &json!({})), []);
    assert!(!Project::default().holds(&claim("")));
    let (project, renamed) = (created(), created().and_json("rename", &json!({ "name": "N", "slug": "n" })));
    let deleted = renamed.clone().and_json("delete", &json!({}));
    for (given, slug, holds) in [
        (&project, "waybill", true),
        (&project, "n", false),
        (&renamed, "waybill", false),
        (&renamed, "n", true),
        (&deleted, "n", false),
    ] {
        assert_eq!(given.state().holds(&claim(slug)), holds, "{slug}");
    }
    assert!(!project.state().holds(&Claim::new("other", "waybill")));
}

#[test]
fn any_order_of_commands_folds_alike() {
    check_any_order::<Project>(&joined(), &pool(&acceptable()), |history| {
        let state: Project = crate::fold(history);
        assert!(state.members.values().any(|role| *role == MemberRole::Owner), "an owner remains");
        let deleted = history.iter().position(|event| matches!(event, ProjectEvent::ProjectDeleted(_)));
        assert!(deleted.is_none_or(|place| place + 1 == history.len()), "nothing follows the end");
    });
}

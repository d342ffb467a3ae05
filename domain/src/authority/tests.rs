//! Every principal against every action, and every command of the registry against the table.

use std::fmt::Write as _;

use expect_test::expect_file;
use serde_json::{Value, json};

use super::*;
use crate::ids::Category;
use crate::testing::id;
use crate::{Ulid, aggregates};

fn project(number: u8) -> ProjectId {
    ProjectId::from_bytes([number; 16])
}
const OWN: u8 = 1;
const FOREIGN: u8 = 9;

fn user(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}
fn run() -> RunId {
    RunId::from_bytes([2; 16])
}
fn person(role: Option<MemberRole>) -> Principal {
    let roles = role.map(|role| (project(OWN), role)).into_iter().collect();
    let (email, invited) = ("ada@example.org".into(), BTreeSet::new());
    Principal::Person(Person { user: user(5), email, administrator: false, roles, invited })
}
fn administrator() -> Principal {
    let Principal::Person(person) = person(None) else { unreachable!("it is a person") };
    Principal::Person(Person { administrator: true, ..person })
}
fn key(scopes: &[Scope]) -> Principal {
    let scopes = scopes.iter().copied().collect();
    Principal::ApiKey { key: ApiKeyId::from_bytes([6; 16]), project: project(OWN), scopes }
}
fn agent() -> Principal {
    Principal::Agent { pass: PassId::from_bytes([7; 16]), project: project(OWN), run: run(), step: None }
}

/// Every principal that a row of the table has a column for.
fn principals() -> Vec<(String, Principal)> {
    let named = |name: &str, principal| (name.to_owned(), principal);
    let mut all = vec![named("operator", Principal::Operator), named("nobody", Principal::Anonymous)];
    all.extend(MemberRole::ALL.iter().map(|role| (role.to_string(), person(Some(*role)))));
    all.push(named("stranger", person(None)));
    all.push(named("administrator", administrator()));
    all.extend(Scope::ALL.iter().map(|scope| (scope.to_string(), key(&[*scope]))));
    all.push(named("key without scope", key(&[])));
    all.push(named("agent", agent()));
    all
}

const CLASSES: [Class; 9] = [
    Class::Govern,
    Class::Members,
    Class::Keys,
    Class::Settings,
    Class::Work,
    Class::Report,
    Class::Propose,
    Class::Account,
    Class::Nobody,
];

fn actions() -> Vec<(String, Action)> {
    let reads = [
        Action::Status,
        Action::Views,
        Action::Export,
        Action::Events,
        Action::Proofs,
        Action::WholeLog,
        Action::Administer,
    ];
    let commands = CLASSES.map(Action::Command);
    let personal = [
        Action::Personal(user(5)),
        Action::Personal(user(6)),
        Action::Found(Some(user(5))),
        Action::Found(Some(user(6))),
        Action::Found(None),
        Action::Join { user: user(5) },
    ];
    let named = |action| (format!("{action:?}"), action);
    reads.into_iter().chain(commands).chain(personal).map(named).collect()
}

/// Own: the run was made by who asks.
fn resources() -> [(&'static str, Resource); 7] {
    let at = |number, stream: StreamId, made_by| Resource {
        project: Some(project(number)),
        stream: Some(stream),
        exists: true,
        made_by,
    };
    let other = RunId::from_bytes([3; 16]);
    let account = Resource { stream: Some(user(8).into()), ..Resource::INSTALLATION };
    [
        ("account", account),
        ("installation", Resource::INSTALLATION),
        ("project", Resource::project(project(OWN))),
        ("own run", at(OWN, run().into(), Some(Actor::User(user(5))))),
        ("other's run", at(OWN, other.into(), Some(Actor::User(user(6))))),
        ("foreign run", at(FOREIGN, run().into(), Some(Actor::User(user(5))))),
        ("foreign project", Resource::project(project(FOREIGN))),
    ]
}

fn letter(answer: Result<(), Denied>) -> char {
    match answer {
        Ok(()) => 'Y',
        Err(Denied::Forbidden) => '-',
        Err(Denied::Hidden) => '.',
        Err(Denied::Unauthenticated) => '!',
    }
}

/// One line per principal and resource, one letter per action: `Y` yes, `-` forbidden, `.` hidden, `!` nobody.
#[test]
fn the_table_is_this_one() {
    let mut table = String::new();
    for (name, resource) in resources() {
        writeln!(table, "{name}").expect("texts take it");
        for (who, principal) in principals() {
            let letters: String = actions()
                .iter()
                .map(|(_, action)| letter(authorize(&principal, *action, &resource)))
                .collect();
            writeln!(table, "  {letters} {who}").expect("texts take it");
        }
    }
    expect_file!["table.txt"].assert_eq(&table);
}

#[test]
fn what_is_foreign_is_hidden_from_everybody_but_the_operator() {
    for (who, principal) in principals().into_iter().filter(|(who, _)| who != "operator") {
        for (what, action) in actions() {
            for resource in resources().into_iter().skip(5).map(|(_, resource)| resource) {
                let nobody = principal == Principal::Anonymous;
                let person = matches!(principal, Principal::Person(_));
                let expected = match action {
                    _ if nobody => Denied::Unauthenticated,
                    // To make a project needs no right to any: that it is not theirs to make hides nothing.
                    Action::Found(_) if person => Denied::Forbidden,
                    _ => Denied::Hidden,
                };
                assert_eq!(authorize(&principal, action, &resource), Err(expected), "{who} {what}");
                // Whether it is there makes no difference, except to whoever makes it.
                let absent = Resource { exists: false, made_by: None, ..resource };
                let makes = person && action == Action::Found(Some(user(5)));
                let answer = authorize(&principal, action, &absent);
                assert_eq!(answer, if makes { Ok(()) } else { Err(expected) }, "{who} {what}");
            }
        }
    }
}

#[test]
fn nobody_but_the_operator_reads_all_projects_at_once_and_nothing_is_of_no_class() {
    for (who, principal) in principals().into_iter().filter(|(who, _)| who != "operator") {
        for (_, resource) in resources() {
            for action in [Action::WholeLog, Action::Command(Class::Nobody)] {
                assert!(authorize(&principal, action, &resource).is_err(), "{who} {action:?} {resource:?}");
            }
        }
        assert_ne!(principal.sight(Action::Views), Sight::Everything, "{who}");
    }
}

#[test]
fn auditors_and_analysts_change_nothing() {
    for role in [MemberRole::Auditor, MemberRole::Analyst] {
        for (_, resource) in resources() {
            for class in CLASSES {
                assert!(
                    authorize(&person(Some(role)), Action::Command(class), &resource).is_err(),
                    "{class:?}"
                );
            }
        }
    }
}

#[test]
fn a_person_joins_where_they_are_invited_and_founds_what_is_theirs() {
    let Principal::Person(stranger) = person(None) else { unreachable!("it is a person") };
    let invited = Principal::Person(Person { invited: [project(1)].into(), ..stranger });
    let join = |number, who| {
        authorize(&invited, Action::Join { user: user(who) }, &Resource::project(project(number)))
    };
    assert_eq!(join(1, 5), Ok(()));
    assert_eq!(join(1, 6), Err(Denied::Forbidden), "for somebody else");
    assert_eq!(join(2, 5), Err(Denied::Hidden), "where nobody invited them");
    let fresh = Resource { exists: false, ..Resource::project(project(3)) };
    let found = |owner: Option<u8>| authorize(&invited, Action::Found(owner.map(user)), &fresh);
    assert_eq!(
        (found(Some(5)), found(Some(6)), found(None)),
        (Ok(()), Err(Denied::Forbidden), Err(Denied::Forbidden))
    );
    assert_eq!(authorize(&agent(), Action::Found(Some(user(5))), &fresh), Err(Denied::Hidden));
}

fn parsed(aggregate: Category, name: &str, body: &Value) -> Command {
    Command::parse(aggregate, name, body.to_string().as_bytes()).expect("the body fits")
}

#[test]
fn whoever_makes_or_unmakes_owners_must_be_one() {
    let of_project = |name: &str, body: Value| {
        let role_of = |who: UserId| (who == user(1)).then_some(MemberRole::Owner);
        action_of(&parsed(Category(1), name, &body), &role_of)
    };
    let invite = |role: &str| json!({ "invitation": id(1), "email": "a@b", "role": role });
    let change = |who, role: &str| json!({ "user": id(who), "role": role });
    for (name, body, class) in [
        ("invite-member", invite("owner"), Class::Govern),
        ("invite-member", invite("admin"), Class::Members),
        ("change-member-role", change(2, "owner"), Class::Govern),
        ("change-member-role", change(1, "member"), Class::Govern),
        ("change-member-role", change(2, "admin"), Class::Members),
        ("remove-member", json!({ "user": id(1) }), Class::Govern),
        ("remove-member", json!({ "user": id(2) }), Class::Members),
    ] {
        assert_eq!(of_project(name, body.clone()), Action::Command(class), "{name} {body}");
    }
    let provider = json!({ "user": id(2), "provider": "p" });
    assert_eq!(of_project("remove-provider-key", provider), Action::Personal(user(2)));
    let accept = json!({ "invitation": id(1), "user": id(2) });
    assert_eq!(of_project("accept-invitation", accept), Action::Join { user: user(2) });
    let create = json!({ "slug": "a", "name": "A", "owner": id(2) });
    assert_eq!(of_project("create", create), Action::Found(Some(user(2))));
}

#[test]
fn an_invitation_is_taken_up_under_the_address_that_is_known() {
    let claimed = json!({ "invitation": id(1), "user": id(5), "email": "owner@example.org" });
    let accept = |body: &Value| parsed(Category(1), "accept-invitation", body);
    let known = json!({ "invitation": id(1), "user": id(5), "email": "ada@example.org" });
    let as_of = |principal: &Principal, mut command: Command| {
        attribute(principal, &mut command);
        command
    };
    assert_eq!(as_of(&person(None), accept(&claimed)), accept(&known));
    assert_eq!(as_of(&Principal::Operator, accept(&claimed)), accept(&claimed));
    let delete = parsed(Category(1), "delete", &json!({}));
    assert_eq!(as_of(&person(None), delete.clone()), delete);
}

#[test]
fn every_command_has_a_policy_and_every_policy_a_command() {
    let known: BTreeSet<_> = POLICIES.iter().map(|(of, name, _)| (*of, *name)).collect();
    assert_eq!(known.len(), POLICIES.len(), "a command stands in the table twice");
    let aggregates = aggregates();
    let there: BTreeSet<_> = aggregates
        .iter()
        .flat_map(|aggregate| aggregate.commands.iter().map(|command| (aggregate.name, command.name)))
        .collect();
    let missing: Vec<_> = there.difference(&known).collect();
    assert!(
        missing.is_empty(),
        "who may give these commands? Say so in domain/src/authority/policies.rs; until then they are for \
         owners alone: {missing:?}"
    );
    let gone: Vec<_> = known.difference(&there).collect();
    assert!(gone.is_empty(), "these policies are of no command: {gone:?}");
}

#[test]
fn a_command_without_a_policy_is_for_owners_alone() {
    assert_eq!(class_of(Category(1), "no-such"), None);
    assert_eq!(class_of(Category(999), "create"), None);
    assert!(for_role(MemberRole::Owner, Action::Command(Class::Govern), false));
    for role in MemberRole::ALL.iter().filter(|role| **role != MemberRole::Owner) {
        assert!(!for_role(*role, Action::Command(Class::Govern), true), "{role}");
    }
}

#[test]
fn sight_is_where_one_may_read() {
    let own = Sight::Projects([project(OWN)].into());
    let none = Sight::Projects(BTreeSet::new());
    for (who, principal, action, expected) in [
        ("operator", Principal::Operator, Action::Events, Sight::Everything),
        ("nobody", Principal::Anonymous, Action::Views, none.clone()),
        ("member", person(Some(MemberRole::Member)), Action::Views, own.clone()),
        ("member", person(Some(MemberRole::Member)), Action::Events, none.clone()),
        ("auditor", person(Some(MemberRole::Auditor)), Action::Events, own.clone()),
        ("stranger", person(None), Action::Views, none.clone()),
        ("key", key(&[Scope::LogRead]), Action::Events, own.clone()),
        ("key", key(&[Scope::LogRead]), Action::Views, none),
        ("agent", agent(), Action::Views, own.clone()),
    ] {
        assert_eq!(principal.sight(action), expected, "{who} {action:?}");
    }
    assert!(own.sees(Some(project(OWN))) && !own.sees(Some(project(FOREIGN))) && !own.sees(None));
    assert!(Sight::Everything.sees(None));
}

#[test]
fn auditors_are_watched_where_they_audit() {
    for (who, principal) in principals() {
        assert_eq!(principal.is_watched_in(project(OWN)), who == "auditor", "{who}");
        assert!(!principal.is_watched_in(project(FOREIGN)), "{who}");
    }
}

#[test]
fn the_log_names_whoever_acts() {
    let step = StepId::from_bytes([8; 16]);
    let in_step =
        Principal::Agent { pass: PassId::from(Ulid(1)), project: project(OWN), run: run(), step: Some(step) };
    assert_eq!(Principal::Anonymous.actor(), None);
    assert_eq!(Principal::Operator.actor(), Some(Actor::Operator));
    assert_eq!(person(None).actor(), Some(Actor::User(user(5))));
    assert_eq!(key(&[]).actor(), Some(Actor::ApiKey(ApiKeyId::from_bytes([6; 16]))));
    assert_eq!(in_step.actor(), Some(Actor::Step(step)));
    assert_eq!(agent().actor(), Some(Actor::ApiKey(ApiKeyId::from_bytes([7; 16]))));
    assert_eq!(Scope::of("views:read"), Some(Scope::ViewsRead));
    assert_eq!(Scope::of("members:write"), None);
}

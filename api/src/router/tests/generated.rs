//! Every command of the registry, by everybody who belongs to its project and everybody who does not.

use std::collections::BTreeSet;

use domain::authority::{action_of, authorize};
use domain::examples::{Asked, Choices, Examples, id};
use domain::{Category, ids::ProjectId};

use super::*;

/// Commands that are tried to furnish the project.
const FURNISHING: usize = 4_000;
/// A version that no stream has: what is allowed goes no further, and changes nothing for those who come later.
const NEVER: &str = "4000000000";

/// The project that commands made up from the registry are about, and one that is not there.
fn lived_in() -> ProjectId {
    id(0).to_string().parse().expect("it is one")
}
fn absent() -> String {
    Ulid(77).to_string()
}

/// The project, with whatever the operator's made-up commands made of it.
async fn live(house: &House, examples: &Examples) -> BTreeMap<Category, StreamId> {
    let project = lived_in();
    let create = json!({ "slug": "lived-in", "name": "L" });
    house.give(&format!("project-{project}"), "create", create).await;
    let mut choices = Choices::new(5);
    let mut streams = BTreeSet::new();
    for _ in 0..FURNISHING {
        let asked = choices.of(examples.asked()).expect("there are commands");
        let body = examples.body(asked, &mut choices).to_string();
        let stream = StreamId::new(asked.category, choices.id());
        // Who belongs to it is said elsewhere, and a project that is gone would hide what is behind it.
        let spared = ["delete", "remove-member", "change-member-role", "disable"].contains(&asked.command);
        let Ok(command) = Command::parse(asked.category, asked.command, body.as_bytes()) else { continue };
        if !spared && house.app.engine.execute(Envelope::new(stream, command, Actor::Operator)).await.is_ok()
        {
            streams.insert(stream);
        }
    }
    let resource = |stream: &StreamId| house.app.engine.durable_resource(*stream).expect("the log reads");
    let inside = streams.into_iter().filter(|stream| resource(stream).project == Some(project));
    inside.map(|stream| (stream.category, stream)).collect()
}

/// A body that the command can read.
fn body_of(examples: &Examples, asked: &Asked) -> Option<String> {
    let bodies = (0..5_000).map(|seed| examples.body(asked, &mut Choices::new(seed)).to_string());
    bodies.into_iter().find(|body| Command::parse(asked.category, asked.command, body.as_bytes()).is_ok())
}

/// Whoever has the same role, scope or run in the project that is lived in.
async fn neighbours(house: &mut House) {
    let project = format!("project-{}", lived_in());
    for (n, role) in MemberRole::ALL.iter().enumerate() {
        let (name, user) = (format!("own {role}"), of(6, u8::try_from(n).expect("few roles")));
        house.person(&name.replace(' ', "-"), &user).await;
        let email = format!("own-{role}@example.org");
        let invite = json!({ "invitation": user, "email": email, "role": role.as_str() });
        house.give(&project, "invite-member", invite).await;
        house.give(&project, "accept-invitation", json!({ "invitation": user, "user": user })).await;
    }
    for (n, scope) in Scope::ALL.iter().enumerate() {
        let key = of(7, u8::try_from(n).expect("few scopes"));
        let scopes = [scope.as_str()];
        let issue = json!({ "key": key, "name": "k", "scopes": scopes, "secret_sha256": digest(SECRET) });
        house.give(&project, "issue-api-key", issue).await;
        house.tokens.insert(format!("own-{scope}"), format!("wb_{key}_{SECRET}"));
    }
    let administrator = of(8, 1);
    let register = json!({ "name": "A", "email": "administrator@example.org", "administrator": true });
    house.give(&format!("user-{administrator}"), "register", register).await;
    house.pass("own-administrator", &administrator, json!({ "person": { "user": administrator } })).await;
}

/// What commands are given to where the project has nothing of the kind: accounts, passes and the server's own.
fn of_the_installation(category: Category) -> StreamId {
    let id = match category.to_string().as_str() {
        "user" => of(OWN, 10),
        "pass" => of(OWN, 12),
        _ => ulid(199),
    };
    format!("{category}-{id}").parse().expect("a stream")
}

struct Asking<'a> {
    house: &'a House,
    asked: &'a Asked,
    stream: StreamId,
    body: String,
}

impl Asking<'_> {
    async fn by(&self, shows: &Shows<'_>, id: &str, body: &str) -> Answer {
        let path = format!("/v1/{}/{id}/{}", self.stream.category, self.asked.command);
        self.house.ask_with(shows, "POST", &path, body, &[("if-match", NEVER)]).await
    }
    /// Whether the one function that decides lets whoever shows that.
    async fn may(&self, token: &str) -> bool {
        let caller = self.house.app.caller(token).await.expect("it is known");
        let command = Command::parse(self.stream.category, self.asked.command, self.body.as_bytes());
        let command = command.expect("it was read before");
        let resource = self.house.app.engine.resource(self.stream, &command).await.expect("the log reads");
        let role_of = |user| {
            let directory = self.house.app.directory_now(|directory| directory.role(lived_in(), user));
            directory.expect("the log reads")
        };
        authorize(&caller.principal, action_of(&command, &role_of), &resource).is_ok()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_by_everybody_inside_and_outside() {
    let mut house = House::furnished().await;
    let examples = Examples::new();
    let streams = live(&house, &examples).await;
    neighbours(&mut house).await;
    let (mut left_out, mut allowed, mut denied, mut hidden) = (Vec::new(), 0, 0, 0);
    for asked in examples.asked() {
        let Some(body) = body_of(&examples, asked) else {
            left_out.push(format!("{} {}", asked.category, asked.command));
            continue;
        };
        let of_project = streams.get(&asked.category).copied();
        let stream = &of_project.unwrap_or_else(|| of_the_installation(asked.category));
        let asking = Asking { house: &house, asked, stream: *stream, body };
        for (who, token) in house.tokens.iter().filter(|(who, _)| *who != "operator") {
            let inside = who.starts_with("own-") || of_project.is_none();
            let person = token.starts_with("wbp_") && !who.contains("agent");
            let mut shown = vec![Shows::Bearer(token)];
            shown.extend(person.then_some(Shows::Cookie(token)));
            for shows in shown {
                let there = asking.by(&shows, &stream.id.to_string(), &asking.body).await;
                let what = format!("{who}: {} {} {}", stream.category, asked.command, there.text);
                if inside {
                    let may = asking.may(token).await;
                    assert_eq!(!there.is_refused_access(), may, "{what}");
                    if may {
                        allowed += 1;
                    } else {
                        denied += 1;
                    }
                    continue;
                }
                // A project may be founded by whoever will own it; the rest is as if it were not there.
                let gone = [stream.id.to_string(), lived_in().to_string()];
                let gone_body = gone.iter().fold(asking.body.clone(), |body, id| body.replace(id, &absent()));
                let nowhere = asking.by(&shows, &absent(), &gone_body).await;
                assert!(there.is_refused_access(), "{what}");
                let plain = |answer: &Answer| {
                    let ids = [gone[0].clone(), gone[1].clone(), absent()];
                    (answer.status, ids.iter().fold(answer.text.clone(), |text, id| text.replace(id, "ID")))
                };
                assert!(plain(&there) == plain(&nowhere), "{what}\nbut {}", nowhere.text);
                hidden += 1;
            }
        }
    }
    println!(
        "{} commands on {} kinds of aggregates, {} credentials: {allowed} allowed, {denied} denied inside; {hidden} \
         pairs outside, each as if it were not there",
        examples.asked().len() - left_out.len(),
        streams.len(),
        house.tokens.len(),
    );
    assert_eq!(left_out, Vec::<String>::new(), "no body of theirs can be read");
    assert!(allowed > 500 && denied > 1_000 && hidden > 3_000, "{allowed} {denied} {hidden}");
}

//! What an asset accepts and refuses.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn expression(text: &str) -> Value {
    json!({ "command": { "expression": text } })
}
fn skill(files: &[(&str, &str)]) -> Value {
    let files: Vec<_> =
        files.iter().map(|(path, content)| json!({ "path": path, "content": content })).collect();
    json!({ "skill": { "files": files } })
}
fn script(source: &str) -> Value {
    json!({ "script": { "language": "shell", "moment": "on_demand", "source": source } })
}
fn creation(content: &Value) -> Value {
    json!({ "project": id(1), "name": "run-tests", "content": content })
}
fn created() -> Given<Asset> {
    given([]).and_json("create", &creation(&expression("make test")))
}
/// Two versions, of which the second is in force and the first published.
fn published() -> Given<Asset> {
    created()
        .and_json("add-version", &json!({ "content": expression("cargo test") }))
        .and(PublishAssetVersion { version: 1 })
        .and(PublishAssetVersion { version: 2 })
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let full = with(&creation(&script("true")), &json!({ "description": "d" }));
    let made = json!({ "project": id(1), "kind": "script", "name": "run-tests", "description": "d" });
    let next = json!({ "content": expression("cargo test"), "note": "n" });
    let (one, withdrawn) = (json!({ "version": 1 }), json!({ "version": 1, "reason": "r" }));
    let it = crate::shipped::skill("review-loop").expect("it comes with the program");
    let text = it.text;
    let shipped = json!({ "project": id(1), "kind": "skill", "name": it.name, "description": it.purpose });
    let renamed = json!({ "name": "t", "description": "d" });
    check_accepted::<Asset>(vec![
        (
            given([]),
            "create",
            full,
            vec![
                ("AssetCreated", made),
                ("AssetVersionAdded", json!({ "version": 1, "content": script("true") })),
            ],
        ),
        (created(), "rename", renamed.clone(), vec![("AssetRenamed", renamed)]),
        (
            created(),
            "add-version",
            next.clone(),
            vec![("AssetVersionAdded", with(&next, &json!({ "version": 2 })))],
        ),
        (created(), "publish", one.clone(), vec![("AssetVersionPublished", one.clone())]),
        (published(), "activate", one.clone(), vec![("AssetVersionActivated", one)]),
        (published(), "withdraw", withdrawn.clone(), vec![("AssetVersionWithdrawn", withdrawn)]),
        (published(), "archive", json!({}), vec![("AssetArchived", json!({}))]),
        (published(), "share", json!({}), vec![("AssetShared", json!({}))]),
        (
            given([]),
            "ship",
            json!({ "project": id(1), "skill": "review-loop" }),
            vec![
                ("AssetCreated", shipped),
                ("AssetVersionAdded", json!({ "version": 1, "content": skill(&[("SKILL.md", text)]) })),
                ("AssetVersionPublished", json!({ "version": 1 })),
            ],
        ),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn what_does_not_fit_is_refused() {
    let (none, one, two) = (given([]), created(), published());
    let withdrawn = published().and(WithdrawAssetVersion { version: 1, reason: "r".into() });
    let with_content = |content: &Value| creation(content);
    let named = |name: &str| with(&creation(&expression("x")), &json!({ "name": name }));
    let half = "x".repeat(check::TEXT_MAX_BYTES / 2 + 1);
    let many: Vec<_> = (0..=FILES_MAX).map(|n| json!({ "path": n.to_string(), "content": "" })).collect();
    let version = |version: u32| json!({ "version": version });
    let reasoned = |version: u32| json!({ "version": version, "reason": "r" });
    check_refused(vec![
        (&one, "create", creation(&expression("x")), "asset exists already"),
        (&one, "ship", json!({ "project": id(1), "skill": "review-loop" }), "asset exists already"),
        (
            &none,
            "ship",
            json!({ "project": id(1), "skill": "cook" }),
            "`skill`: expected one of session-handoff, learning-loop, review-loop",
        ),
        (&none, "share", json!({}), "asset does not exist"),
        (&published().and(ShareAsset {}), "share", json!({}), "the asset is shared already"),
        (&published().and(ArchiveAsset {}), "share", json!({}), "but it is archived"),
        (&none, "create", named(" "), "`name`: expected 1 to 200 bytes"),
        (&none, "create", named("run tests"), "`name`: expected letters, digits"),
        (&none, "create", named("-x"), "`name`: expected letters, digits"),
        (&none, "create", named("a;b"), "`name`: expected letters, digits"),
        (&one, "rename", json!({ "name": "a b" }), "`name`: expected letters, digits"),
        (
            &one,
            "rename",
            json!({ "name": "a", "description": "x".repeat(DESCRIPTION_MAX_BYTES + 1) }),
            "`description`: expected at most 16384 bytes",
        ),
        (&none, "create", with_content(&expression(" ")), "`expression`: expected a text that is not blank"),
        (
            &none,
            "create",
            with_content(&expression(&"x".repeat(EXPRESSION_MAX_BYTES + 1))),
            "`expression`: expected at most 65536 bytes",
        ),
        (&none, "create", with_content(&script("")), "`source`: expected a text that is not blank"),
        (&none, "create", with_content(&skill(&[])), "`files`: expected 1 to 200 items"),
        (
            &none,
            "create",
            with_content(&json!({ "skill": { "files": many } })),
            "`files`: expected 1 to 200 items",
        ),
        (&none, "create", with_content(&skill(&[("../a", "")])), "`path`: expected a relative path"),
        (&none, "create", with_content(&skill(&[("/a", "")])), "`path`: expected a relative path"),
        (&none, "create", with_content(&skill(&[("a", ""), ("a", "")])), "`path`: expected each path once"),
        (&none, "create", with_content(&skill(&[("a", ""), ("a/b", "")])), "a file or a folder, not both"),
        (
            &none,
            "create",
            with_content(&skill(&[("a", &half), ("b", &half)])),
            "`files`: expected 0 to 524288 bytes together",
        ),
        (
            &one,
            "add-version",
            json!({ "content": script("x") }),
            "`content`: expected a command, got `script`",
        ),
        (&one, "add-version", json!({ "content": expression("") }), "`expression`"),
        (&one, "add-version", json!({ "content": expression("x"), "note": "a\nb" }), "`note`"),
        (&one, "publish", version(0), "unknown version `0`"),
        (&one, "publish", version(2), "unknown version `2`"),
        (&two, "publish", version(1), "version 1 is published already"),
        (&two, "activate", version(3), "unknown version `3`"),
        (&one, "activate", version(1), "version 1 is not published"),
        (&two, "activate", version(2), "version 2 is active already"),
        (&withdrawn, "activate", version(1), "version 1 is not published"),
        (&withdrawn, "withdraw", reasoned(1), "version 1 is not published"),
        (&two, "withdraw", reasoned(2), "version 2 is active"),
        (&two, "withdraw", reasoned(9), "unknown version `9`"),
        (&two, "withdraw", json!({ "version": 1, "reason": "" }), "`reason`: expected a text"),
    ]);
}

#[test]
fn nothing_is_asked_of_what_is_missing_or_archived() {
    let (none, archived) = (given::<Asset>([]), created().and(ArchiveAsset {}));
    let version = |version: u32| json!({ "version": version });
    let reasoned = |version: u32| json!({ "version": version, "reason": "r" });
    let each = [
        ("rename", json!({ "name": "a" })),
        ("add-version", json!({ "content": expression("x") })),
        ("publish", version(1)),
        ("activate", version(1)),
        ("withdraw", reasoned(1)),
        ("archive", json!({})),
    ];
    for (name, body) in each {
        none.when_json(name, &body).refused("asset does not exist");
        archived.when_json(name, &body).refused("expected asset to be current, but it is archived");
    }
    none.when_json("create", &with(&creation(&script("x")), &json!({ "name": "Any name" }))).accepted();
}

#[test]
fn a_version_is_in_force_from_its_publication_until_another_is() {
    let asset = published();
    assert_eq!(asset.state().active(), Some(2));
    assert!(asset.state().offers(1) && asset.state().offers(2) && !asset.state().offers(3));
    let reverted = asset.and(ActivateAssetVersion { version: 1 });
    assert_eq!(reverted.state().active(), Some(1));
    let next = reverted.and_json("add-version", &json!({ "content": expression("just test") }));
    assert_eq!(next.state().active(), Some(1), "what is written is not in force before it is published");
    let withdrawn = next.and(WithdrawAssetVersion { version: 2, reason: "r".into() });
    assert!(!withdrawn.state().offers(2));
    assert_eq!(withdrawn.and(PublishAssetVersion { version: 2 }).state().active(), Some(2));
    assert!(!created().and(ArchiveAsset {}).state().offers(1));
}

#[test]
fn versions_are_bounded() {
    let last = AssetVersionAdded {
        version: VERSIONS_MAX,
        content: AssetContent::Command { expression: "x".into() },
        note: None,
    };
    let mut full = created().when(RenameAsset { name: "a".into(), description: String::new() }).accepted();
    full.insert(0, samples().remove(1));
    full.push(last.into());
    given::<Asset>(full)
        .when_json("add-version", &json!({ "content": expression("x") }))
        .refused("an asset has at most 10000 versions");
}

#[test]
fn it_names_its_project() {
    assert_eq!(created().state().project(), Some(ProjectId::from_bytes([1; 16])));
    let create: AssetCommand = command("create", &creation(&expression("x")));
    assert_eq!(Asset::references(&create), [ProjectId::from_bytes([1; 16]).into()]);
    assert_eq!(Asset::references(&ArchiveAsset {}.into()), []);
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("create", creation(&expression("a"))),
        ("rename", json!({ "name": "b" })),
        ("add-version", json!({ "content": expression("c") })),
        ("add-version", json!({ "content": script("c") })),
        ("publish", json!({ "version": 1 })),
        ("publish", json!({ "version": 2 })),
        ("publish", json!({ "version": 3 })),
        ("activate", json!({ "version": 1 })),
        ("activate", json!({ "version": 2 })),
        ("withdraw", json!({ "version": 1, "reason": "r" })),
        ("withdraw", json!({ "version": 2, "reason": "r" })),
        ("archive", json!({})),
    ];
    check_any_order::<Asset>(&given([]), &pool(&commands), |history| {
        let state = crate::fold::<Asset>(history);
        let active = state.active();
        assert!(
            active.is_none_or(|version| state.published.contains(&version)),
            "what is in force is public"
        );
    });
}

#[test]
fn every_core_skill_is_an_asset_when_asked_for_and_a_shared_one_is_everybody_s() {
    for it in &crate::shipped::SKILLS {
        let shipped = given::<Asset>([]).and_json("ship", &json!({ "project": id(1), "skill": it.name }));
        assert_eq!((shipped.state().active(), shipped.state().is_global()), (Some(1), false), "{}", it.name);
        let shared = shipped.and(ShareAsset {});
        assert!(shared.state().is_global());
        assert_eq!(shared.state().project(), Some(ProjectId::from_bytes([1; 16])), "it stays with its own");
    }
}

#[test]
fn what_commands_name_must_exist() {
    let lists = json!({ "skills": [id(2), id(3)], "commands": [id(2)], "scripts": [id(4)] });
    let assets = [2, 3, 4].map(|number| StreamId::from(AssetId::from_bytes([number; 16])));
    let project = StreamId::from(ProjectId::from_bytes([1; 16]));
    let sent = |category: Category, name: &str, body: &Value| {
        let command = crate::Command::parse(category, name, body.to_string().as_bytes());
        command.unwrap_or_else(|error| panic!("{name} {body}: {error}")).references()
    };
    let configured = with(&json!({ "persona_type": "designer" }), &lists);
    let created = json!({ "project": id(1), "name": "Builder", "configuration": configured });
    let persona = crate::persona::Persona::CATEGORY;
    assert_eq!(sent(persona, "create", &created), [&[project][..], &assets].concat());
    assert_eq!(sent(persona, "configure", &json!({ "configuration": configured })), assets);
    let session = with(&json!({ "session": "issue" }), &lists);
    assert_eq!(sent(crate::project::Project::CATEGORY, "configure-session", &session), assets);
    let configuration = json!({ "assets": [[id(4), 1], [id(2), 7]] });
    let requested =
        json!({ "project": id(1), "source": "sandbox", "prompt": "Do it", "configuration": configuration });
    let run = crate::run::Run::CATEGORY;
    assert_eq!(sent(run, "request", &requested), [project]);
    let command = crate::Command::parse(run, "request", requested.to_string().as_bytes()).expect("it fits");
    let asked = crate::State::initial(run).expect("the registry knows it").consults(&command);
    assert_eq!(asked, [assets[2], assets[0]], "their versions are looked up, too");
    let many: Vec<_> = (0..2 * NAMED_MAX).map(|number| crate::Ulid(number as u128).to_string()).collect();
    let body = json!({ "configuration": { "persona_type": "designer", "skills": many } });
    assert_eq!(
        sent(persona, "configure", &body).len(),
        NAMED_MAX,
        "what is refused in any case is not looked up"
    );
}

//! Given what happened to a persona, when something is asked of it, then events or a refusal.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with};

fn create() -> Value {
    json!({ "project": id(1), "name": "Builder", "configuration": { "persona_type": "designer" } })
}
fn created() -> Given<Persona> {
    given([]).and_json("create", &create())
}
fn disabled() -> Given<Persona> {
    created().and(DisablePersona {})
}
fn archived() -> Given<Persona> {
    created().and(ArchivePersona {})
}
fn configured(changes: &Value) -> Value {
    json!({ "configuration": with(&json!({ "persona_type": "designer" }), changes) })
}
fn full() -> Value {
    json!({
        "persona_type": "evaluator", "cli_tool": "codex", "model": "gpt-5", "thinking_effort": "max",
        "instructions": "Score it.", "skills": [id(2)], "commands": [id(3)], "scripts": [id(4)],
        "learnings": false, "quality_threshold": 80.0, "sandboxed": false, "allowed_tools": ["Read"],
        "mcp_servers": [
            { "name": "a", "transport": { "stdio": { "command": "npx", "args": ["x"] } }, "env_vars": ["KEY"] },
            { "name": "b", "transport": { "http": { "url": "https://example.org" } }, "env_vars": [] },
        ],
        "context": id(5),
    })
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let plain = json!({
        "persona_type": "designer", "cli_tool": null, "model": null, "thinking_effort": null,
        "instructions": "", "skills": [], "commands": [], "scripts": [], "learnings": true,
        "quality_threshold": null, "sandboxed": true, "allowed_tools": [], "mcp_servers": [], "context": null,
    });
    check_accepted::<Persona>(vec![
        (
            given([]),
            "create",
            create(),
            vec![("PersonaCreated", with(&create(), &json!({ "configuration": plain })))],
        ),
        (created(), "rename", json!({ "name": "B" }), vec![("PersonaRenamed", json!({ "name": "B" }))]),
        (disabled(), "rename", json!({ "name": "B" }), vec![("PersonaRenamed", json!({ "name": "B" }))]),
        (
            created(),
            "configure",
            json!({ "configuration": full(), "note": "n" }),
            vec![("PersonaConfigured", json!({ "version": 2, "configuration": full(), "note": "n" }))],
        ),
        (created(), "disable", json!({}), vec![("PersonaDisabled", json!({}))]),
        (disabled(), "enable", json!({}), vec![("PersonaEnabled", json!({}))]),
        (disabled(), "archive", json!({}), vec![("PersonaArchived", json!({}))]),
    ]);
}

#[test]
fn the_state_refuses_what_does_not_fit_it() {
    let (none, one, off, gone) = (given([]), created(), disabled(), archived());
    let configure = configured(&json!({}));
    check_refused(vec![
        (&none, "rename", json!({ "name": "B" }), "persona does not exist"),
        (&none, "configure", configure.clone(), "persona does not exist"),
        (&none, "enable", json!({}), "persona does not exist"),
        (&none, "disable", json!({}), "persona does not exist"),
        (&none, "archive", json!({}), "persona does not exist"),
        (&one, "create", create(), "persona exists already"),
        (&gone, "create", create(), "persona exists already"),
        (&one, "enable", json!({}), "expected persona to be disabled, but it is enabled"),
        (&off, "disable", json!({}), "expected persona to be enabled, but it is disabled"),
        (
            &gone,
            "rename",
            json!({ "name": "B" }),
            "expected persona to be enabled or disabled, but it is archived",
        ),
        (&gone, "configure", configure, "but it is archived"),
        (&gone, "enable", json!({}), "but it is archived"),
        (&gone, "disable", json!({}), "but it is archived"),
        (&gone, "archive", json!({}), "but it is archived"),
    ]);
}

#[test]
fn a_configuration_is_bounded_and_names_nothing_twice() {
    let one = created();
    let server =
        |name: &str, transport: Value| json!({ "name": name, "transport": transport, "env_vars": [] });
    let http = |url: &str| json!({ "http": { "url": url } });
    let stdio =
        |command: &str, args: usize| json!({ "stdio": { "command": command, "args": vec!["x"; args] } });
    let named = |variable: &str| with(&server("a", stdio("c", 0)), &json!({ "env_vars": [variable] }));
    let servers: Vec<_> = (0..=MCP_MAX).map(|number| server(&number.to_string(), stdio("c", 0))).collect();
    let long = "x".repeat(check::TEXT_MAX_BYTES + 1);
    for (changes, part) in [
        (json!({ "cli_tool": "" }), "`cli_tool`: expected 1 to 200 bytes"),
        (json!({ "model": "a\nb" }), "`model`: expected 1 to 200 bytes"),
        (json!({ "instructions": long }), "`instructions`: expected at most 524288 bytes"),
        (json!({ "skills": [id(1), id(1)] }), "`skills`: expected each once, got `2 of which 1 differ`"),
        (json!({ "commands": [id(1), id(1)] }), "`commands`: expected each once"),
        (json!({ "scripts": vec![id(1); 1_001] }), "`scripts`: expected at most 1000 items"),
        (json!({ "allowed_tools": ["Read", "Read"] }), "`allowed_tools`: expected each once"),
        (json!({ "allowed_tools": [" "] }), "`allowed_tools`: expected 1 to 200 bytes"),
        (
            json!({ "quality_threshold": 80.0 }),
            "`quality_threshold`: expected a threshold on evaluators only, got `one on a persona of type designer`",
        ),
        (json!({ "mcp_servers": servers }), "`mcp_servers`: expected 0 to 100 servers, got `101`"),
        (
            json!({ "mcp_servers": [server("a", stdio("c", 0)), server("a", http("https://b.example"))] }),
            "`mcp_servers`: expected each once",
        ),
        (json!({ "mcp_servers": [server("", stdio("c", 0))] }), "`mcp_servers`: expected 1 to 200 bytes"),
        (
            json!({ "mcp_servers": [server("a", stdio(" ", 0))] }),
            "`mcp_servers`: expected a text that is not blank",
        ),
        (json!({ "mcp_servers": [server("a", stdio("c", 101))] }), "expected 0 to 100 arguments of a server"),
        (
            json!({ "mcp_servers": [server("a", http("ftp://x"))] }),
            "`mcp_servers`: expected an http or https URL",
        ),
        (
            json!({ "mcp_servers": [server("a", http("https://u:p@x"))] }),
            "expected a URL without credentials",
        ),
        (json!({ "mcp_servers": [named("1A")] }), "`mcp_servers`: expected 1 to 128 letters"),
        (
            json!({ "allowed_tools": (0..1_000).map(|n| format!("{n:0>190}")).collect::<Vec<_>>(),
                    "mcp_servers": [server("a", stdio(&"c".repeat(90_000), 0))] }),
            "`configuration`: expected 0 to 262144 bytes without its instructions",
        ),
    ] {
        one.when_json("configure", &configured(&changes)).refused(part);
        let create = with(&create(), &configured(&changes));
        given::<Persona>([]).when_json("create", &create).refused(part);
    }
    check_refused(vec![
        (&given([]), "create", with(&create(), &json!({ "name": "" })), "`name`: expected 1 to 200 bytes"),
        (&one, "rename", json!({ "name": " " }), "`name`: expected 1 to 200 bytes"),
        (&one, "configure", with(&configured(&json!({})), &json!({ "note": "two\nlines" })), "`note`"),
    ]);
    let exact = json!({ "instructions": "x".repeat(check::TEXT_MAX_BYTES) });
    one.when_json("configure", &configured(&exact)).accepted();
}

#[test]
fn a_workflow_takes_over_the_latest_version_while_it_is_enabled() {
    let persona = PersonaId::from_bytes([9; 16]);
    let second = created().and_json("configure", &json!({ "configuration": full() }));
    let profile = second.state();
    let profile = profile.usable(persona).unwrap();
    assert_eq!(
        (profile.version, profile.role, profile.cli_tool.as_deref()),
        (2, Role::Evaluator, Some("codex"))
    );
    assert_eq!(
        (profile.model.as_deref(), profile.quality_threshold),
        (Some("gpt-5"), Score::from_units(8_000))
    );
    for (given, words) in [
        (given([]), format!("`persona-{persona}` does not exist")),
        (disabled(), format!("persona `{persona}` is disabled")),
        (archived(), format!("persona `{persona}` is archived")),
    ] {
        assert_eq!(given.state().usable(persona).unwrap_err().to_string(), words);
    }
    assert_eq!(disabled().and(EnablePersona {}).state().usable(persona).unwrap().version, 1);
}

#[test]
fn no_version_number_is_given_twice() {
    let PersonaEvent::PersonaConfigured(mut last) = samples().remove(2) else { panic!("the third sample") };
    last.version = u32::MAX;
    given::<Persona>([samples().remove(0), last.into()])
        .when_json("configure", &configured(&json!({})))
        .refused("no version number left");
}

#[test]
fn it_names_its_project_and_waits_for_its_context_and_assets() {
    let (project, context) = (ProjectId::from_bytes([1; 16]), ContextId::from_bytes([5; 16]));
    let assets = [2, 3, 4].map(|number| StreamId::from(AssetId::from_bytes([number; 16])));
    assert_eq!(created().state().project(), Some(project));
    let of = |name: &str, body: &Value| Persona::references(&command::<PersonaCommand>(name, body));
    let named = [&[context.into()][..], &assets].concat();
    let created = with(&create(), &json!({ "configuration": full() }));
    assert_eq!(of("create", &created), [&[project.into()][..], &named].concat());
    assert_eq!(of("configure", &json!({ "configuration": full() })), named);
    assert_eq!(of("archive", &json!({})), []);
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("create", create()),
        ("rename", json!({ "name": "B" })),
        ("configure", configured(&json!({}))),
        ("configure", json!({ "configuration": full() })),
        ("disable", json!({})),
        ("disable", json!({})),
        ("enable", json!({})),
        ("enable", json!({})),
        ("archive", json!({})),
    ];
    check_any_order::<Persona>(&given([]), &pool(&commands), |history| {
        let (mut version, mut enabled) = (1, true);
        for (place, event) in history.iter().enumerate() {
            match event {
                PersonaEvent::PersonaConfigured(e) => {
                    version += 1;
                    assert_eq!(e.version, version, "versions are dense");
                }
                PersonaEvent::PersonaDisabled(_) => assert!(std::mem::replace(&mut enabled, false)),
                PersonaEvent::PersonaEnabled(_) => assert!(!std::mem::replace(&mut enabled, true)),
                PersonaEvent::PersonaArchived(_) => {
                    assert_eq!(place + 1, history.len(), "nothing follows the end");
                }
                _ => {}
            }
        }
    });
}

//! An agent definition: accepted, refused, and lawful in any order.

use serde_json::{Value, json};

use super::*;
use crate::autonomy::ROLES;
use crate::testing::{Given, check_accepted, check_any_order, check_refused, given, id, pool};

const BOT: &str = "---\nname: bot\nmodel: sonnet\ntools: [Read]\nskills: [s]\n---\nYou help.";

fn define(text: &str) -> Value {
    json!({ "project": id(1), "text": text })
}
fn defined() -> Given<AgentDefinition> {
    given([]).and_json("define", &define(BOT))
}
fn bot(text: &str) -> Value {
    json!({ "name": "bot", "role": null, "description": null, "model": "sonnet", "tools": ["Read"],
        "mcp_servers": [], "sandboxed": false, "skills": ["s"], "prompt": "You help.", "text": text })
}

/// The bot with further lines in its front matter.
fn sized(lines: &str) -> String {
    BOT.replace("skills: [s]\n", &format!("skills: [s]\n{lines}"))
}

#[test]
fn every_command_is_accepted_where_it_fits() {
    let revised = defined().and_json("revise", &json!({ "text": BOT }));
    let first = json!({ "version": 1 });
    let boxed = sized("sandboxed: true\nruntime: node22\ntimeout_ms: 60000\nmemory_mb: 256\ncpus: 8\n");
    let mut housed = bot(&boxed);
    housed["sandboxed"] = json!(true);
    let size = json!({ "template_id": "node22", "timeout_ms": 60_000, "memory_mb": 256, "cpus": 8 });
    check_accepted::<AgentDefinition>(vec![
        (
            given([]),
            "define",
            define(BOT),
            vec![("AgentDefined", json!({ "project": id(1), "profile": bot(BOT) }))],
        ),
        (
            defined(),
            "revise",
            json!({ "text": BOT }),
            vec![("AgentRevised", json!({ "version": 2, "profile": bot(BOT) }))],
        ),
        (
            given([]),
            "define",
            define(&boxed),
            vec![
                ("AgentDefined", json!({ "project": id(1), "profile": housed })),
                ("AgentSandboxSized", json!({ "version": 1, "sandbox": size })),
            ],
        ),
        (revised, "activate", first.clone(), vec![("AgentVersionActivated", first)]),
        (
            defined(),
            "load",
            json!({ "persona": id(2) }),
            vec![("AgentLoaded", json!({ "version": 1, "persona": id(2) }))],
        ),
        (defined(), "archive", json!({}), vec![("AgentArchived", json!({}))]),
        (defined(), "share", json!({}), vec![("AgentShared", json!({}))]),
    ]);
}

#[test]
fn a_file_of_a_known_role_needs_no_more_than_its_name() {
    for defaults in ROLES {
        let text = format!("---\nname: {}\n---\nYou work.", defaults.role);
        let profile = read(&text).unwrap().0;
        assert_eq!((profile.role, profile.model.as_str()), (Some(defaults.role), defaults.model));
        assert_eq!(
            (&profile.tools[..], &profile.mcp_servers[..]),
            (&*own(defaults.tools), &*own(defaults.mcp_servers))
        );
        assert_eq!(profile.sandboxed, defaults.sandboxed);
    }
    let unlike = read("---\nname: builder\ntools: []\nsandboxed: false\n---\np").unwrap().0;
    assert!(unlike.tools.is_empty() && !unlike.sandboxed, "what the file says stands over the defaults");
}

fn own(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn what_does_not_fit_is_refused() {
    let (none, defined) = (given([]), defined());
    let archived = defined.clone().and_json("archive", &json!({}));
    let shared = defined.clone().and_json("share", &json!({}));
    assert!(shared.state().is_global() && !defined.state().is_global());
    let long = "x".repeat(FILE_MAX_BYTES + 1);
    let tools = format!("---\nname: bot\nmodel: m\ntools: [{}]\n---\np", vec!["a"; 101].join(","));
    check_refused(vec![
        (&none, "revise", json!({ "text": BOT }), "agent definition does not exist"),
        (&none, "load", json!({ "persona": id(2) }), "agent definition does not exist"),
        (&defined, "define", define(BOT), "agent definition exists already"),
        (&none, "define", define(&long), "`text`: expected 1 to 204800 bytes"),
        (&none, "define", define("no front matter"), "`text`: expected `---` in line 1"),
        (&none, "define", define("---\nmodel: m\n---\np"), "front matter with `name`"),
        (&none, "define", define("---\nname: bot\n---\np"), "front matter with `model`"),
        (&none, "define", define("---\nname: The Bot\n---\np"), "`text.name`: expected 1 to 63 of a-z"),
        (&none, "define", define("---\nname: scout\n---\n"), "`text.prompt`: expected a text"),
        (&none, "define", define(&tools), "`text.tools`: expected 0 to 100 items"),
        (&none, "define", define(&sized("cpus: 2\n")), "the file sizes a sandbox for an agent that has none"),
        (
            &none,
            "define",
            define(&sized("sandboxed: true\ncpus: 9\n")),
            "`cpus`: expected 1 to 8 CPUs, got `9`",
        ),
        (
            &none,
            "define",
            define(&sized("sandboxed: true\ntimeout_ms: 1\n")),
            "`timeout_ms`: expected 60000 to",
        ),
        (&none, "define", define(&sized("sandboxed: true\nmemory_mb: 1\n")), "`memory_mb`: expected 256 to"),
        (
            &defined,
            "revise",
            json!({ "text": BOT.replace("bot", "boot") }),
            "`text.name`: expected `bot`, as before, got `boot`",
        ),
        (&defined, "activate", json!({ "version": 2 }), "unknown version `2`"),
        (&defined, "activate", json!({ "version": 1 }), "version 1 is active already"),
        (&archived, "revise", json!({ "text": BOT }), "but it is archived"),
        (&archived, "archive", json!({}), "but it is archived"),
        (&none, "share", json!({}), "agent definition does not exist"),
        (&archived, "share", json!({}), "but it is archived"),
        (&shared, "share", json!({}), "the definition is shared already"),
    ]);
}

#[test]
fn any_order_of_commands_folds_alike() {
    let commands = [
        ("define", define(BOT)),
        ("revise", json!({ "text": BOT })),
        ("activate", json!({ "version": 1 })),
        ("activate", json!({ "version": 2 })),
        ("load", json!({ "persona": id(2) })),
        ("share", json!({})),
        ("archive", json!({})),
    ];
    check_any_order::<AgentDefinition>(&given([]), &pool(&commands), |_| {});
}

#[test]
fn a_name_is_given_once_in_a_project_and_given_back_with_the_archive() {
    let claims = |text: &str| {
        AgentDefinition::claims(&crate::testing::command::<AgentDefinitionCommand>("define", &define(text)))
    };
    let [held] = &claims(BOT)[..] else { panic!("one claim") };
    assert!(defined().state().holds(held));
    assert!(!defined().and_json("archive", &json!({})).state().holds(held));
    assert_eq!(claims("no file"), []);
}

//! The class of every command, in one table; a test holds it against the registry.

use crate::ids::Category;

/// What kind of thing a command does, as far as that matters to who may give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Owners: deletion, and who owns.
    Govern,
    /// Owners and admins: members and invitations.
    Members,
    /// Owners and admins: credentials of programs and agents.
    Keys,
    /// Owners and admins: how the project works.
    Settings,
    /// Members too, with what they made themselves: runs, sandboxes, and what leads to them.
    Work,
    /// As work, and an agent in its own run: what happened there.
    Report,
    /// Members and agents: something for others to judge.
    Propose,
    /// Whoever manages the installation: accounts.
    Account,
    /// By what the command says, not by its name alone: the person it concerns.
    Nobody,
}

macro_rules! policies {
    ($($aggregate:literal { $($class:ident: $($command:literal),+;)+ })+) => {
        /// `(aggregate, command, class)`, as URLs have them.
        pub const POLICIES: &[(&str, &str, Class)] = &[$($($(($aggregate, $command, Class::$class),)+)+)+];
    };
}

policies! {
    "project" {
        Govern: "delete", "set-content-sealing";
        Settings: "rename", "link-repository", "set-logo", "set-sandbox-prompt", "set-claude-md",
            "configure-session", "set-env-var", "remove-env-var", "set-git-author", "set-learning-settings",
            "set-merging-settings", "set-quality-policy", "set-folder", "set-notification-address";
        Members: "invite-member", "revoke-invitation", "change-member-role", "remove-member";
        Keys: "issue-api-key", "revoke-api-key";
        Nobody: "create", "accept-invitation", "seal-provider-key", "remove-provider-key",
            "set-member-notifications";
    }
    "sandbox" {
        Work: "create", "start", "pause", "resume", "kill", "fail", "append-message", "continue-message",
            "sync-in", "sync-back";
    }
    "run" {
        Work: "request", "start", "create-branch", "start-step", "skip-step", "iterate-loop", "force-loop-on",
            "open-pull-request", "update-pull-request", "record-ci-checks", "steer", "fork", "complete",
            "fail", "cancel";
        Report: "append-step-message", "continue-step-content", "record-tool-call", "record-tool-result",
            "record-usage", "issue-verdict", "issue-scores", "issue-judgement", "complete-step", "fail-step",
            "record-unrecognised-line", "record-merge", "await-approval",
            "record-telemetry";
    }
    "learning" {
        Propose: "propose";
        Settings: "edit", "approve", "reject", "retire", "promote";
    }
    "context" {
        Settings: "create", "update", "activate", "archive";
    }
    "asset" {
        Settings: "create", "rename", "add-version", "publish", "activate", "withdraw", "archive",
            "ship", "share";
    }
    "script-execution" {
        Work: "start", "append-output", "exit", "fail";
    }
    "plan" {
        Work: "propose", "reword", "add-item", "edit-item", "remove-item", "reorder", "approve", "reject",
            "convert-item", "complete", "archive";
    }
    "issue-session" {
        Work: "request", "start", "report-issue", "raise-point", "convert-finding", "dismiss-finding",
            "hand-over-points", "complete", "fail", "cancel";
    }
    "answering-session" {
        Work: "request", "start", "answer", "leave-open", "complete", "pass-on", "fail", "cancel";
    }
    "issue" {
        Work: "open", "edit", "chain", "unchain", "start-run", "end-run", "attach-answers", "resolve",
            "dismiss", "reopen";
    }
    "work-chain" {
        Work: "create", "add-issue", "remove-issue", "reorder", "start", "start-run", "end-run",
            "skip-issue", "pause", "resume", "cancel";
    }
    "sprint-chain" {
        Work: "create", "set-prompt", "set-advance", "start", "start-sprint", "end-sprint", "approve",
            "skip-sprint", "open-pull-request", "update-pull-request", "pause", "resume", "cancel";
    }
    "recurring-task" {
        Work: "create", "edit", "reschedule", "pause", "resume", "dispatch", "trigger-now", "archive";
    }
    "learning-document" {
        Settings: "open", "compile", "activate";
    }
    "metric" {
        Settings: "define", "revise", "archive";
    }
    "workflow" {
        Work: "create", "rename", "define", "archive";
    }
    "persona" {
        Settings: "create", "rename", "configure", "enable", "disable", "archive";
    }
    "routing" {
        Work: "route", "override";
    }
    "review-cycle" {
        Work: "open", "score", "settle", "abandon";
    }
    "trigger" {
        Settings: "create", "configure", "enable", "disable", "delete";
    }
    "firing" {
        Settings: "fire", "queue", "skip", "deduplicate", "start", "drop";
    }
    "heartbeat" {
        Settings: "start", "summarise", "stop";
    }
    "budget-pool" {
        Settings: "open", "resize", "record-use", "request", "withdraw", "release", "record-evidence", "close";
    }
    "brain" {
        Settings: "create", "write", "record-pruning";
    }
    "decision" {
        Propose: "log";
        Work: "edit", "archive", "restore", "supersede";
    }
    "pattern" {
        Propose: "note";
        Work: "edit", "archive", "restore", "consolidate";
        Settings: "promote";
    }
    "mistake" {
        Propose: "log";
        Work: "edit", "archive", "restore", "resolve", "reopen";
        Settings: "promote";
    }
    "research-note" {
        Propose: "write";
        Work: "edit", "archive", "restore";
    }
    "session-summary" {
        Propose: "write";
        Work: "edit", "archive", "restore";
    }
    "agent-definition" {
        Settings: "define", "revise", "activate", "load", "archive", "share";
    }
    "session" {
        Work: "build", "start", "steer", "end";
    }
    "notification" {
        Work: "raise", "record-delivery", "record-failure", "read", "acknowledge";
    }
    "webhook-delivery" {
        Settings: "receive", "evaluate", "drop";
    }
    "team" {
        Work: "form", "join", "add-task", "claim-task", "release-task", "complete-task", "send", "read",
            "disband";
    }
    "experiment" {
        Work: "open", "add-run", "settle", "abandon";
    }
    // What is of all projects is the operator's.
    "identity" {
        Nobody: "write", "write-rule", "remove-rule";
    }
    "view-care" {
        Nobody: "skip-event", "restore-event";
    }
    // Nobody but the server itself destroys keys.
    "erasure" {
        Nobody: "request", "complete";
    }
    // Nobody but the server itself says who came in.
    "access-log" {
        Nobody: "record-login", "record-denial", "record-export", "record-read";
    }
    "user" {
        Account: "register", "rename", "set-password", "change-email", "disable", "enable", "appoint",
            "dismiss";
    }
    "pass" {
        Keys: "issue", "revoke";
    }
}

/// The class of a command; `None` for one that nobody has thought about yet.
#[must_use]
pub fn class_of(category: Category, command: &str) -> Option<Class> {
    let aggregate = category.name()?;
    let found = POLICIES.iter().find(|(of, name, _)| *of == aggregate && *name == command);
    found.map(|(_, _, class)| *class)
}

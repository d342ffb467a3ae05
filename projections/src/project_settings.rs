//! The settings of one project, a row each: general ones, sessions, variables, policies, keys. No secret is shown.

use std::fmt;
use std::str::FromStr;

use domain::autonomy::{Channel, NotificationKind};
use domain::ids::{ApiKeyId, AssetId, ContextId, IdError, UserId};
use domain::project::{
    ApiKeyIssued, ContentSealing, EnvValue, PolicyWeights, Project, ProjectEvent, SessionConfigured,
};
use domain::terms::{Effort, SessionType};
use domain::values::{Score, Timestamp};
use domain::{Decider, Event, Recorded};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::table::Table;
use crate::view::{Scope, View};

/// `general`, `api-key/01J…`, `env/NAME`, `policy/0000000001`, `session/learning`, `folder/laptop`,
/// `notifications/all`, `notifications/01J…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum SettingKey {
    General,
    ApiKey(ApiKeyId),
    Env(String),
    Policy(u32),
    Session(SessionType),
    Folder(String),
    Address,
    Told(UserId),
}

impl fmt::Display for SettingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::General => f.write_str("general"),
            Self::ApiKey(key) => write!(f, "api-key/{key}"),
            Self::Env(name) => write!(f, "env/{name}"),
            Self::Policy(version) => write!(f, "policy/{version:010}"),
            Self::Session(session) => write!(f, "session/{session}"),
            Self::Folder(machine) => write!(f, "folder/{machine}"),
            Self::Address => f.write_str("notifications/all"),
            Self::Told(user) => write!(f, "notifications/{user}"),
        }
    }
}

impl FromStr for SettingKey {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let session = |name: &str| SessionType::ALL.iter().find(|session| session.as_str() == name);
        let key = match text.split_once('/') {
            None => Some(Self::General),
            Some(("api-key", key)) => Some(Self::ApiKey(key.parse()?)),
            Some(("env", name)) => Some(Self::Env(name.to_owned())),
            Some(("policy", version)) => version.parse().ok().map(Self::Policy),
            Some(("session", name)) => session(name).copied().map(Self::Session),
            Some(("folder", machine)) => Some(Self::Folder(machine.to_owned())),
            Some(("notifications", "all")) => Some(Self::Address),
            Some(("notifications", user)) => Some(Self::Told(user.parse()?)),
            Some(_) => None,
        };
        key.filter(|key| key.to_string() == text).ok_or_else(|| IdError {
            expected: "`general`, or a setting such as `session/learning`".into(),
            actual: text.chars().take(80).collect(),
        })
    }
}

/// Settings of a model that works for the project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ModelSettings {
    /// The model; the platform's default where absent.
    model: Option<String>,
    /// The prompt's template; the platform's default where absent.
    template: Option<String>,
}

/// What stands alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct GeneralRow {
    /// Its name in URLs.
    slug: String,
    /// Its name on screen.
    name: String,
    /// Whether it was deleted.
    deleted: bool,
    /// Where its code is.
    repository_url: Option<String>,
    /// Where its logo is.
    logo_url: Option<String>,
    /// What every session's system prompt ends with.
    sandbox_prompt: String,
    /// What every sandbox's CLAUDE.md says.
    claude_md: String,
    /// Name of the author of agents' commits.
    git_author_name: Option<String>,
    /// E-mail address of that author.
    git_author_email: Option<String>,
    /// How learnings are extracted.
    learning: ModelSettings,
    /// How branches are merged.
    merging: ModelSettings,
    /// Version of the quality policy in force; 0 for equal weights and no threshold.
    policy_version: u32,
    /// Whether prompts and messages are sealed, and under whose key.
    content_sealing: ContentSealing,
}

/// How one kind of session is set up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SessionRow {
    /// The kind of session.
    session: SessionType,
    /// The context it works under.
    context: Option<ContextId>,
    /// Skills it may use.
    skills: Vec<AssetId>,
    /// Commands it may use.
    commands: Vec<AssetId>,
    /// Scripts that run around it.
    scripts: Vec<AssetId>,
    /// Shell commands that run before it, in order.
    setup_commands: Vec<String>,
    /// Its model, where nothing else is said.
    default_model: Option<String>,
    /// How hard that model is asked to think.
    default_effort: Option<Effort>,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EnvRow {
    /// Its name.
    name: String,
    /// Whether its value is secret.
    secret: bool,
    /// Its value; never that of a secret.
    value: Option<String>,
}

/// A version of the quality policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PolicyRow {
    /// Its version.
    version: u32,
    /// What each dimension counts.
    weights: PolicyWeights,
    /// The composite that must be reached.
    threshold: Option<Score>,
    /// Since when.
    at: Timestamp,
}

/// An API key, without anything of its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ApiKeyRow {
    /// The key.
    key: ApiKeyId,
    /// What people call it.
    name: String,
    /// What it may do.
    scopes: Vec<String>,
    /// When it stops working.
    expires_at: Option<Timestamp>,
    /// When it was made to work.
    issued_at: Timestamp,
    /// When it was revoked.
    revoked_at: Option<Timestamp>,
}

/// Where the working tree lies on a machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FolderRow {
    /// The machine, by the name it goes by.
    machine: String,
    /// The folder.
    folder: String,
    /// Since when.
    at: Timestamp,
}

/// Where notifications go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NotificationsRow {
    /// The member; none for the project's own address.
    user: Option<UserId>,
    /// What a member is told of.
    kinds: Vec<NotificationKind>,
    /// The ways it goes.
    channels: Vec<Channel>,
    /// The address of webhooks.
    url: Option<String>,
    /// The environment variable with the secret that signs; never the secret.
    secret: Option<String>,
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SettingRow {
    /// What stands alone.
    General(Box<GeneralRow>),
    /// An API key.
    ApiKey(ApiKeyRow),
    /// An environment variable.
    Env(EnvRow),
    /// A version of the quality policy.
    Policy(PolicyRow),
    /// How one kind of session is set up.
    Session(Box<SessionRow>),
    /// Where the working tree lies on a machine.
    Folder(FolderRow),
    /// Where notifications go.
    Notifications(NotificationsRow),
}

impl From<&SessionConfigured> for SessionRow {
    fn from(e: &SessionConfigured) -> Self {
        Self {
            session: e.session,
            context: e.context,
            skills: e.skills.clone(),
            commands: e.commands.clone(),
            scripts: e.scripts.clone(),
            setup_commands: e.setup_commands.clone(),
            default_model: e.default_model.clone(),
            default_effort: e.default_effort,
        }
    }
}

impl EnvRow {
    fn new(name: &str, value: &EnvValue) -> Self {
        let value = match value {
            EnvValue::Plain { value } => Some(value.clone()),
            EnvValue::Sealed { .. } => None,
        };
        Self { name: name.to_owned(), secret: value.is_none(), value }
    }
}

impl ApiKeyRow {
    fn new(e: &ApiKeyIssued, at: Timestamp) -> Self {
        let (name, scopes) = (e.name.clone(), e.scopes.clone());
        Self { key: e.key, name, scopes, expires_at: e.expires_at, issued_at: at, revoked_at: None }
    }
}

impl GeneralRow {
    fn apply(&mut self, event: &ProjectEvent) {
        match event {
            ProjectEvent::ProjectRenamed(e) => {
                self.slug.clone_from(&e.slug);
                self.name.clone_from(&e.name);
            }
            ProjectEvent::ProjectDeleted(_) => self.deleted = true,
            ProjectEvent::RepositoryLinked(e) => self.repository_url = Some(e.repository_url.clone()),
            ProjectEvent::LogoSet(e) => self.logo_url.clone_from(&e.logo_url),
            ProjectEvent::SandboxPromptSet(e) => self.sandbox_prompt.clone_from(&e.prompt),
            ProjectEvent::ClaudeMdSet(e) => self.claude_md.clone_from(&e.content),
            ProjectEvent::GitAuthorSet(e) => {
                self.git_author_name = Some(e.name.clone());
                self.git_author_email = Some(e.email.clone());
            }
            ProjectEvent::LearningSettingsSet(e) => {
                self.learning = ModelSettings { model: e.model.clone(), template: e.template.clone() };
            }
            ProjectEvent::MergingSettingsSet(e) => {
                self.merging = ModelSettings { model: e.model.clone(), template: e.template.clone() };
            }
            ProjectEvent::QualityPolicySet(e) => self.policy_version = e.version,
            ProjectEvent::ContentSealingSet(e) => self.content_sealing = e.sealing,
            _ => {}
        }
    }
}

/// The view `project-settings`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ProjectSettings {
    table: Table<SettingKey, SettingRow>,
}

impl ProjectSettings {
    fn apply_general(&mut self, event: &ProjectEvent) {
        if let Some(SettingRow::General(row)) = self.table.get_mut(&SettingKey::General) {
            row.apply(event);
        }
    }
    fn apply_reach(&mut self, event: &ProjectEvent, at: Timestamp) {
        match event {
            ProjectEvent::FolderSet(e) => {
                let key = SettingKey::Folder(e.machine.clone());
                let Some(folder) = e.folder.clone() else { return drop(self.table.remove(&key)) };
                let row = FolderRow { machine: e.machine.clone(), folder, at };
                self.table.insert(key, SettingRow::Folder(row));
            }
            ProjectEvent::NotificationAddressSet(e) if e.url.is_none() => {
                self.table.remove(&SettingKey::Address);
            }
            ProjectEvent::NotificationAddressSet(e) => {
                let (url, secret) = (e.url.clone(), e.secret.clone());
                let row = NotificationsRow { user: None, kinds: vec![], channels: vec![], url, secret };
                self.table.insert(SettingKey::Address, SettingRow::Notifications(row));
            }
            ProjectEvent::MemberNotificationsSet(e) => {
                let row = NotificationsRow {
                    user: Some(e.user),
                    kinds: e.kinds.clone(),
                    channels: e.channels.clone(),
                    url: e.url.clone(),
                    secret: e.secret.clone(),
                };
                self.table.insert(SettingKey::Told(e.user), SettingRow::Notifications(row));
            }
            _ => {}
        }
    }
    fn create(&mut self, e: &domain::project::ProjectCreated) {
        let row = GeneralRow {
            slug: e.slug.clone(),
            name: e.name.clone(),
            deleted: false,
            repository_url: e.repository_url.clone(),
            logo_url: e.logo_url.clone(),
            sandbox_prompt: String::new(),
            claude_md: String::new(),
            git_author_name: None,
            git_author_email: None,
            learning: ModelSettings::default(),
            merging: ModelSettings::default(),
            policy_version: 0,
            content_sealing: ContentSealing::Off,
        };
        self.table.insert(SettingKey::General, SettingRow::General(Box::new(row)));
    }
}

impl View for ProjectSettings {
    const NAME: &'static str = "project-settings";
    const VERSION: u32 = 3;
    const SCOPE: Scope = Scope::Stream(Project::CATEGORY);
    type Key = SettingKey;
    type Row = SettingRow;

    fn apply(&mut self, event: &Recorded) {
        let Event::Project(happened) = &event.event else { return };
        let at = event.meta.when();
        match happened {
            ProjectEvent::ProjectCreated(e) => self.create(e),
            ProjectEvent::SessionConfigured(e) => {
                let row = SettingRow::Session(Box::new(e.into()));
                self.table.insert(SettingKey::Session(e.session), row);
            }
            ProjectEvent::EnvVarSet(e) => {
                let row = SettingRow::Env(EnvRow::new(&e.name, &e.value));
                self.table.insert(SettingKey::Env(e.name.clone()), row);
            }
            ProjectEvent::EnvVarRemoved(e) => {
                self.table.remove(&SettingKey::Env(e.name.clone()));
            }
            ProjectEvent::ApiKeyIssued(e) => {
                self.table.insert(SettingKey::ApiKey(e.key), SettingRow::ApiKey(ApiKeyRow::new(e, at)));
            }
            ProjectEvent::ApiKeyRevoked(e) => {
                if let Some(SettingRow::ApiKey(row)) = self.table.get_mut(&SettingKey::ApiKey(e.key)) {
                    row.revoked_at = Some(at);
                }
            }
            ProjectEvent::QualityPolicySet(e) => {
                let (version, weights, threshold) = (e.version, e.weights.clone(), e.threshold);
                let row = PolicyRow { version, weights, threshold, at };
                self.table.insert(SettingKey::Policy(version), SettingRow::Policy(row));
                self.apply_general(happened);
            }
            ProjectEvent::FolderSet(_)
            | ProjectEvent::NotificationAddressSet(_)
            | ProjectEvent::MemberNotificationsSet(_) => self.apply_reach(happened, at),
            ProjectEvent::MemberRemoved(e) => drop(self.table.remove(&SettingKey::Told(e.user))),
            ProjectEvent::MemberInvited(_)
            | ProjectEvent::InvitationAccepted(_)
            | ProjectEvent::MemberRoleChanged(_)
            | ProjectEvent::InvitationRevoked(_)
            | ProjectEvent::ProviderKeyRemoved(_)
            | ProjectEvent::ProviderKeySealed(_) => {}
            _ => self.apply_general(happened),
        }
    }
    fn table(&self) -> &Table<SettingKey, SettingRow> {
        &self.table
    }
    fn table_mut(&mut self) -> &mut Table<SettingKey, SettingRow> {
        &mut self.table
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::ProjectId;
    use domain::project::{FolderSet, MemberNotificationsSet, MemberRemoved, NotificationAddressSet};
    use expect_test::expect;

    use super::*;
    use crate::testing::{History, check, id, sample};

    /// Every sample of a project, in the order of its life.
    fn life() -> History {
        let project = domain::aggregates().into_iter().find(|aggregate| aggregate.name == "project");
        let samples = (project.expect("it is in the list").samples)();
        samples
            .into_iter()
            .fold(History::new(), |history, event| history.any(id::<ProjectId>(1).into(), event))
    }

    #[test]
    fn every_setting_is_a_row_and_no_secret_is_shown() {
        check(
            "project-settings",
            &life(),
            &expect![[r##"
                general is a general; policy_version 2
                  claude_md: "# Rules\n- test first\n"
                  content_sealing: "person"
                  deleted: true
                  git_author_email: "agent@example.org"
                  git_author_name: "Agent"
                  learning: {"model":null,"template":null}
                  merging: {"model":null,"template":null}
                  name: "Waybill 2"
                  repository_url: "https://github.com/example/waybill-2"
                  sandbox_prompt: "Be brief."
                  slug: "waybill-2"
                api-key/09144GJ289144GJ289144GJ289 is a api_key
                  expires_at: "2027-01-15T08:00:00.000Z"
                  issued_at: "07:00:34.000Z"
                  key: "09144GJ289144GJ289144GJ289"
                  name: "ci"
                  scopes: ["runs:write","views:read"]
                api-key/0A1850M2GA1850M2GA1850M2GA is a api_key
                  issued_at: "07:00:35.000Z"
                  key: "0A1850M2GA1850M2GA1850M2GA"
                  name: "ci"
                  scopes: ["runs:write","views:read"]
                env/API_TOKEN is a env
                  name: "API_TOKEN"
                  secret: true
                policy/0000000001 is a policy; threshold 80.0; version 1
                  at: "07:00:18.000Z"
                  weights: {"code_style":1,"completeness":2,"correctness":4,"test_coverage":2,"type_safety":1}
                policy/0000000002 is a policy; version 2
                  at: "07:00:19.000Z"
                  weights: {"code_style":1,"completeness":2,"correctness":4,"test_coverage":2,"type_safety":1}
                session/learning is a session
                  session: "learning"
                session/evaluating is a session
                  commands: ["050M2GA1850M2GA1850M2GA185"]
                  context: "02081040G2081040G2081040G2"
                  default_effort: "high"
                  default_model: "opus"
                  scripts: ["060R30C1G60R30C1G60R30C1G6"]
                  session: "evaluating"
                  setup_commands: ["cargo fetch","npm ci"]
                  skills: ["030C1G60R30C1G60R30C1G60R3","040G2081040G2081040G208104"]
            "##]],
        );
        let shown = crate::testing::folded("project-settings", &life());
        let text = format!("{:?}", shown.page(&crate::Query::default()).unwrap());
        for secret in ["a7a7", "5e5e", "0f0f"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }

    #[test]
    fn a_variable_that_was_removed_is_gone() {
        let stream = id::<ProjectId>(1).into();
        let history = History::new()
            .any(stream, sample("ProjectCreated"))
            .any(stream, sample("EnvVarSet"))
            .any(stream, sample("EnvVarRemoved"));
        assert_eq!(crate::testing::folded("project-settings", &history).len(), 1);
    }

    #[test]
    fn folders_and_addresses_are_settings_until_they_are_taken_away() {
        let (stream, user) = (id::<ProjectId>(1).into(), id::<UserId>(8));
        let folder = |folder: Option<&str>| FolderSet { machine: "m".into(), folder: folder.map(Into::into) };
        let told = MemberNotificationsSet {
            user,
            kinds: vec![NotificationKind::Stopped],
            channels: vec![Channel::Desktop],
            url: None,
            secret: None,
        };
        let set = History::new()
            .any(stream, sample("ProjectCreated"))
            .project(1, folder(Some("/a")))
            .any(stream, sample("NotificationAddressSet"))
            .project(1, told);
        check(
            "project-settings",
            &set,
            &expect![[r##"
                general is a general
                  content_sealing: "off"
                  deleted: false
                  learning: {"model":null,"template":null}
                  logo_url: "https://example.org/logo.svg"
                  merging: {"model":null,"template":null}
                  name: "Waybill"
                  repository_url: "https://github.com/example/waybill"
                  slug: "waybill"
                folder/m is a folder
                  at: "07:00:01.000Z"
                  folder: "/a"
                  machine: "m"
                notifications/all is a notifications
                  secret: "HOOK_SECRET"
                  url: "https://example.org/hook"
                notifications/#08 is a notifications
                  channels: ["desktop"]
                  kinds: ["stopped"]
                  user: "#08"
            "##]],
        );
        let gone = set
            .project(1, folder(None))
            .project(1, NotificationAddressSet { url: None, secret: None })
            .project(1, MemberRemoved { user });
        assert_eq!(crate::testing::folded("project-settings", &gone).len(), 1);
    }

    #[test]
    fn keys_have_one_text() {
        let keys = [
            SettingKey::General,
            SettingKey::ApiKey(id(1)),
            SettingKey::Env("PATH".into()),
            SettingKey::Policy(7),
            SettingKey::Session(SessionType::Judging),
            SettingKey::Folder("a/b".into()),
            SettingKey::Address,
            SettingKey::Told(id(1)),
        ];
        for key in keys {
            assert_eq!(key.to_string().parse::<SettingKey>().unwrap(), key);
        }
        for wrong in ["", "General", "policy/7", "session/x", "api-key/x", "other/x"] {
            assert!(wrong.parse::<SettingKey>().is_err(), "{wrong}");
        }
    }
}

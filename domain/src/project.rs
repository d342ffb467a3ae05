//! A project: the unit that everything else belongs to, with its settings, members and keys.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalogue::{commands, events, plain};
use crate::context::Context;
use crate::ids::{ApiKeyId, AssetId, Category, ContextId, InvitationId, ProjectId, StreamId, UserId};
use crate::terms::{Effort, MemberRole, SessionType};
use crate::values::{Score, Timestamp};
use crate::{Claim, Decider, Others, Rejection, asset, check};

mod checks;
mod reach;
mod samples;

use checks::{hex, settings};
pub use reach::*;
pub(crate) use samples::samples;

events! {
    /// Everything that can happen to a project.
    pub enum ProjectEvent {
        100 => ProjectCreated 1;
        101 => ProjectRenamed 1;
        102 => ProjectDeleted 1;
        103 => RepositoryLinked 1;
        104 => LogoSet 1;
        105 => SandboxPromptSet 1;
        106 => ClaudeMdSet 1;
        107 => SessionConfigured 1;
        108 => EnvVarSet 1;
        109 => EnvVarRemoved 1;
        110 => GitAuthorSet 1;
        111 => LearningSettingsSet 1;
        112 => MergingSettingsSet 1;
        113 => QualityPolicySet 1;
        114 => MemberInvited 1;
        115 => InvitationAccepted 1;
        116 => MemberRoleChanged 1;
        117 => MemberRemoved 1;
        118 => ApiKeyIssued 1;
        119 => ApiKeyRevoked 1;
        120 => ProviderKeySealed 1;
        121 => InvitationRevoked 1;
        122 => ProviderKeyRemoved 1;
        123 => FolderSet 1;
        124 => NotificationAddressSet 1;
        125 => MemberNotificationsSet 1;
    }
}

commands! {
    /// What can be asked of a project.
    pub enum ProjectCommand {
        "create" => CreateProject;
        "rename" => RenameProject;
        "delete" => DeleteProject;
        "link-repository" => LinkRepository;
        "set-logo" => SetLogo;
        "set-sandbox-prompt" => SetSandboxPrompt;
        "set-claude-md" => SetClaudeMd;
        "configure-session" => ConfigureSession;
        "set-env-var" => SetEnvVar;
        "remove-env-var" => RemoveEnvVar;
        "set-git-author" => SetGitAuthor;
        "set-learning-settings" => SetLearningSettings;
        "set-merging-settings" => SetMergingSettings;
        "set-quality-policy" => SetQualityPolicy;
        "invite-member" => InviteMember;
        "accept-invitation" => AcceptInvitation;
        "change-member-role" => ChangeMemberRole;
        "remove-member" => RemoveMember;
        "issue-api-key" => IssueApiKey;
        "revoke-api-key" => RevokeApiKey;
        "seal-provider-key" => SealProviderKey;
        "revoke-invitation" => RevokeInvitation;
        "remove-provider-key" => RemoveProviderKey;
        "set-folder" => SetFolder;
        "set-notification-address" => SetNotificationAddress;
        "set-member-notifications" => SetMemberNotifications;
    }
}

/// Value of an environment variable. Variants are stored by number: append, never reorder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EnvValue {
    /// Not secret, shown to everybody who may read the project.
    Plain {
        /// The value; at most 64 KiB.
        value: String,
    },
    /// Secret, encrypted before it came.
    Sealed {
        /// The value, encrypted.
        sealed: Sealed,
    },
}

plain! {
    /// A secret, encrypted before it came; its key is not in the log.
    struct Sealed {
        /// The key that opens it.
        key_id: String,
        /// Nonce, 12 to 32 bytes as lower-case hex.
        nonce: String,
        /// Ciphertext with its tag, 16 bytes to 64 KiB as lower-case hex.
        ciphertext: String,
    }
    /// What each dimension of quality counts in the composite; shares of their sum.
    struct PolicyWeights {
        /// Weight of correctness.
        correctness: u16,
        /// Weight of type safety.
        type_safety: u16,
        /// Weight of code style.
        code_style: u16,
        /// Weight of test coverage.
        test_coverage: u16,
        /// Weight of completeness.
        completeness: u16,
    }

    /// A project was made.
    struct ProjectCreated {
        /// Its name in URLs.
        slug: String,
        /// Its name on screen.
        name: String,
        /// Who owns it, and is its first member.
        owner: Option<UserId>,
        /// Where its code is.
        repository_url: Option<String>,
        /// Where its logo is.
        logo_url: Option<String>,
    }
    /// It has other names.
    struct ProjectRenamed {
        /// Its name on screen.
        name: String,
        /// Its name in URLs.
        slug: String,
    }
    /// It takes no further commands; its history stays.
    struct ProjectDeleted {}
    /// Its code is here.
    struct RepositoryLinked {
        /// Where its code is.
        repository_url: String,
    }
    /// It has another logo, or none.
    struct LogoSet {
        /// Where its logo is.
        logo_url: Option<String>,
    }
    /// Every session's system prompt ends with this.
    struct SandboxPromptSet {
        /// The text; empty for none.
        prompt: String,
    }
    /// Every sandbox's CLAUDE.md says this.
    struct ClaudeMdSet {
        /// The text; empty for none.
        content: String,
    }
    /// One kind of session is set up anew; everything earlier is replaced.
    struct SessionConfigured {
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
    /// An environment variable has a value.
    struct EnvVarSet {
        /// Its name.
        name: String,
        /// Its value; encrypted where secret.
        value: EnvValue,
    }
    /// An environment variable is gone.
    struct EnvVarRemoved {
        /// Its name.
        name: String,
    }
    /// Commits of agents carry this author.
    struct GitAuthorSet {
        /// Name of the author.
        name: String,
        /// E-mail address of the author.
        email: String,
    }
    /// How learnings are extracted.
    struct LearningSettingsSet {
        /// The model; the platform's default where absent.
        model: Option<String>,
        /// The prompt's template; the platform's default where absent.
        template: Option<String>,
    }
    /// How branches are merged.
    struct MergingSettingsSet {
        /// The model; the platform's default where absent.
        model: Option<String>,
        /// The prompt's template; the platform's default where absent.
        template: Option<String>,
    }
    /// How quality is weighed from now on.
    struct QualityPolicySet {
        /// Version of the policy, one more than the last; the first is 1.
        version: u32,
        /// What each dimension counts.
        weights: PolicyWeights,
        /// The composite that must be reached; none for no threshold.
        threshold: Option<Score>,
    }
    /// Somebody was invited.
    struct MemberInvited {
        /// The invitation.
        invitation: InvitationId,
        /// Where it was sent.
        email: String,
        /// What the member will be.
        role: MemberRole,
    }
    /// An invitation was taken up; the user is a member now.
    struct InvitationAccepted {
        /// The invitation.
        invitation: InvitationId,
        /// The new member.
        user: UserId,
    }
    /// A member has another role.
    struct MemberRoleChanged {
        /// The member.
        user: UserId,
        /// The role from now on.
        role: MemberRole,
    }
    /// Somebody is no longer a member.
    struct MemberRemoved {
        /// Who it was.
        user: UserId,
    }
    /// An API key works from now on. The secret itself is nowhere in the log.
    struct ApiKeyIssued {
        /// The key.
        key: ApiKeyId,
        /// What people call it.
        name: String,
        /// What it may do.
        scopes: Vec<String>,
        /// SHA-256 of the secret, hex.
        secret_sha256: String,
        /// When it stops working.
        expires_at: Option<Timestamp>,
    }
    /// An API key works no longer.
    struct ApiKeyRevoked {
        /// The key.
        key: ApiKeyId,
    }
    /// A member's key at a provider was stored, encrypted.
    struct ProviderKeySealed {
        /// Whose key it is.
        user: UserId,
        /// Which provider's, such as `anthropic`.
        provider: String,
        /// The key, encrypted.
        sealed: Sealed,
    }
    /// An invitation can no longer be taken up.
    struct InvitationRevoked {
        /// The invitation.
        invitation: InvitationId,
    }
    /// A member's key at a provider is used no longer.
    struct ProviderKeyRemoved {
        /// Whose key it was.
        user: UserId,
        /// Which provider's.
        provider: String,
    }
}

plain! {
    /// Makes a project.
    struct CreateProject {
        /// Its name in URLs: 1 to 63 of a-z, 0-9 and single hyphens.
        slug: String,
        /// Its name on screen.
        name: String,
        /// Who owns it; becomes its first member.
        owner: Option<UserId>,
        /// Where its code is; an http or https URL without credentials.
        repository_url: Option<String>,
        /// Where its logo is; an http or https URL without credentials.
        logo_url: Option<String>,
    }
    /// Gives it other names.
    struct RenameProject {
        /// Its name on screen.
        name: String,
        /// Its name in URLs: 1 to 63 of a-z, 0-9 and single hyphens.
        slug: String,
    }
    /// Deletes it: it takes no further commands, its history stays.
    struct DeleteProject {}
    /// Says where its code is.
    struct LinkRepository {
        /// An http or https URL without credentials.
        repository_url: String,
    }
    /// Sets or removes its logo.
    struct SetLogo {
        /// An http or https URL without credentials; absent for no logo.
        logo_url: Option<String>,
    }
    /// Sets what every session's system prompt ends with.
    struct SetSandboxPrompt {
        /// The text, at most 512 KiB; empty for none.
        prompt: String,
    }
    /// Sets what every sandbox's CLAUDE.md says.
    struct SetClaudeMd {
        /// The text, at most 512 KiB; empty for none.
        content: String,
    }
    /// Sets one kind of session up anew; everything earlier is replaced.
    struct ConfigureSession {
        /// The kind of session.
        session: SessionType,
        /// The context it works under.
        context: Option<ContextId>,
        /// Skills it may use; at most 1,000.
        #[serde(default)]
        skills: Vec<AssetId>,
        /// Commands it may use; at most 1,000.
        #[serde(default)]
        commands: Vec<AssetId>,
        /// Scripts that run around it; at most 1,000.
        #[serde(default)]
        scripts: Vec<AssetId>,
        /// Shell commands that run before it, in order; at most 512 KiB together.
        #[serde(default)]
        setup_commands: Vec<String>,
        /// Its model, where nothing else is said.
        default_model: Option<String>,
        /// How hard that model is asked to think.
        default_effort: Option<Effort>,
    }
    /// Gives an environment variable a value.
    struct SetEnvVar {
        /// Its name: a letter or `_`, then at most 127 letters, digits or `_`.
        name: String,
        /// Its value; a secret one must come sealed.
        value: EnvValue,
        /// Whether it is secret; a plain value is refused then.
        #[serde(default)]
        secret: bool,
    }
    /// Removes an environment variable.
    struct RemoveEnvVar {
        /// Its name.
        name: String,
    }
    /// Sets the author of agents' commits.
    struct SetGitAuthor {
        /// Name of the author.
        name: String,
        /// E-mail address of the author.
        email: String,
    }
    /// Sets how learnings are extracted.
    struct SetLearningSettings {
        /// The model; the platform's default where absent.
        model: Option<String>,
        /// The prompt's template; the platform's default where absent.
        template: Option<String>,
    }
    /// Sets how branches are merged.
    struct SetMergingSettings {
        /// The model; the platform's default where absent.
        model: Option<String>,
        /// The prompt's template; the platform's default where absent.
        template: Option<String>,
    }
    /// Sets how quality is weighed; the policy gets the next version.
    struct SetQualityPolicy {
        /// What each dimension counts; at least one above 0.
        weights: PolicyWeights,
        /// The composite that must be reached; absent for no threshold.
        threshold: Option<Score>,
    }
    /// Invites somebody by e-mail.
    struct InviteMember {
        /// The invitation; a new id.
        invitation: InvitationId,
        /// Where it goes; without an open invitation so far.
        email: String,
        /// What the member will be.
        role: MemberRole,
    }
    /// Takes an open invitation up.
    struct AcceptInvitation {
        /// The invitation.
        invitation: InvitationId,
        /// The new member.
        user: UserId,
        /// The new member's e-mail address, as far as it was verified; it must be the invited one.
        email: Option<String>,
    }
    /// Gives a member another role; the last owner stays owner.
    struct ChangeMemberRole {
        /// The member.
        user: UserId,
        /// The role from now on.
        role: MemberRole,
    }
    /// Ends a membership; the last owner stays.
    struct RemoveMember {
        /// The member.
        user: UserId,
    }
    /// Makes an API key work. Only the secret's digest is sent.
    struct IssueApiKey {
        /// The key; a new id.
        key: ApiKeyId,
        /// What people call it.
        name: String,
        /// What it may do; at least one scope, each once.
        scopes: Vec<String>,
        /// SHA-256 of the secret, 64 lower-case hex digits.
        secret_sha256: String,
        /// When it stops working.
        expires_at: Option<Timestamp>,
    }
    /// Ends an API key.
    struct RevokeApiKey {
        /// The key.
        key: ApiKeyId,
    }
    /// Stores a member's key at a provider, encrypted beforehand; an earlier one is replaced.
    struct SealProviderKey {
        /// Whose key it is.
        user: UserId,
        /// Which provider's, such as `anthropic`.
        provider: String,
        /// The key, encrypted.
        sealed: Sealed,
    }
    /// Takes an open invitation back.
    struct RevokeInvitation {
        /// The invitation.
        invitation: InvitationId,
    }
    /// Takes a member's key at a provider out of use.
    struct RemoveProviderKey {
        /// Whose key it is.
        user: UserId,
        /// Which provider's.
        provider: String,
    }
}

/// Most environment variables of a project.
pub const ENV_VARS_MAX: usize = 1_000;
/// Longest value of an environment variable, in bytes; Linux takes at most 128 KiB per variable.
pub const ENV_VALUE_MAX_BYTES: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Phase {
    #[default]
    Missing,
    Active,
    Deleted,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum InvitationPhase {
    Open,
    Accepted,
    Revoked,
}

#[derive(Debug, Clone, PartialEq)]
struct Invitation {
    /// Lower case, so that one address is not invited under two spellings.
    email: String,
    role: MemberRole,
    phase: InvitationPhase,
}

/// A project, as far as its decisions need it: members, invitations, keys and the names of its variables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Project {
    phase: Phase,
    slug: String,
    env_vars: BTreeSet<String>,
    /// Those of them that are encrypted.
    sealed_vars: BTreeSet<String>,
    machines: BTreeSet<String>,
    policy_version: u32,
    policy: Option<QualityPolicySet>,
    members: BTreeMap<UserId, MemberRole>,
    invitations: BTreeMap<InvitationId, Invitation>,
    /// Every key there ever was, and whether it works.
    api_keys: BTreeMap<ApiKeyId, bool>,
    provider_keys: BTreeSet<(UserId, String)>,
}

impl Project {
    fn take_env_var(&mut self, set: &EnvVarSet) {
        self.env_vars.insert(set.name.clone());
        match &set.value {
            EnvValue::Sealed { .. } => self.sealed_vars.insert(set.name.clone()),
            EnvValue::Plain { .. } => self.sealed_vars.remove(&set.name),
        };
    }
    /// How quality is weighed in it; none before there is a policy.
    #[must_use]
    pub const fn quality_policy(&self) -> Option<&QualityPolicySet> {
        self.policy.as_ref()
    }
    fn expect_active(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "project" }),
            Phase::Active => Ok(()),
            Phase::Deleted => Err(Rejection::illegal("project", "active", "deleted")),
        }
    }
    fn member(&self, user: UserId) -> Result<MemberRole, Rejection> {
        self.members.get(&user).copied().ok_or_else(|| Rejection::unknown("member", user))
    }
    /// The member, if an owner remains once this one is none.
    fn dispensable(&self, user: UserId) -> Result<(), Rejection> {
        let owners = self.members.values().filter(|role| **role == MemberRole::Owner).count();
        if self.member(user)? == MemberRole::Owner && owners == 1 {
            return Err(Rejection::rule(
                format!("`{user}` is the last owner"),
                "make another member owner first",
            ));
        }
        Ok(())
    }

    fn create(&self, command: &CreateProject) -> Result<ProjectEvent, Rejection> {
        if self.phase != Phase::Missing {
            return Err(Rejection::AlreadyExists { what: "project".into() });
        }
        check::slug("slug", &command.slug)?;
        check::name("name", &command.name)?;
        command.repository_url.as_deref().map_or(Ok(()), |url| check::public_url("repository_url", url))?;
        command.logo_url.as_deref().map_or(Ok(()), |url| check::public_url("logo_url", url))?;
        let CreateProject { slug, name, owner, repository_url, logo_url } = command.clone();
        Ok(ProjectCreated { slug, name, owner, repository_url, logo_url }.into())
    }
    fn set_env_var(&self, command: &SetEnvVar) -> Result<ProjectEvent, Rejection> {
        check::env_name("name", &command.name)?;
        match &command.value {
            EnvValue::Plain { .. } if command.secret => {
                let hint = "encrypt it and send `value` as {\"sealed\": …}, or leave `secret` out";
                return Err(Rejection::rule("a secret value must come sealed", hint));
            }
            EnvValue::Plain { value } => {
                check::range("value", value.len(), &(0..=ENV_VALUE_MAX_BYTES), "bytes")?;
                if value.contains('\0') {
                    return Err(Rejection::invalid("value", "a text without NUL", "one with NUL"));
                }
            }
            EnvValue::Sealed { sealed } => sealed.check()?,
        }
        if !self.env_vars.contains(&command.name) && self.env_vars.len() >= ENV_VARS_MAX {
            let rule = format!("the project has {ENV_VARS_MAX} environment variables, the most there may be");
            return Err(Rejection::rule(rule, "remove one that is no longer needed"));
        }
        Ok(EnvVarSet { name: command.name.clone(), value: command.value.clone() }.into())
    }
    fn set_quality_policy(&self, command: &SetQualityPolicy) -> Result<ProjectEvent, Rejection> {
        let PolicyWeights { correctness, type_safety, code_style, test_coverage, completeness } =
            command.weights;
        if [correctness, type_safety, code_style, test_coverage, completeness] == [0; 5] {
            return Err(Rejection::invalid("weights", "at least one weight above 0", "all 0"));
        }
        let version = self.policy_version.checked_add(1).ok_or_else(|| {
            Rejection::rule("the policy has no version number left", "create another project")
        })?;
        Ok(QualityPolicySet { version, weights: command.weights.clone(), threshold: command.threshold }
            .into())
    }
    fn invite(&self, command: &InviteMember) -> Result<ProjectEvent, Rejection> {
        check::email("email", &command.email)?;
        if self.invitations.contains_key(&command.invitation) {
            return Err(Rejection::AlreadyExists { what: format!("invitation `{}`", command.invitation) });
        }
        let email = command.email.to_lowercase();
        if self.invitations.values().any(|other| other.phase == InvitationPhase::Open && other.email == email)
        {
            return Err(Rejection::AlreadyExists { what: "open invitation of that e-mail address".into() });
        }
        let InviteMember { invitation, email, role } = command.clone();
        Ok(MemberInvited { invitation, email, role }.into())
    }
    fn open_invitation(&self, invitation: InvitationId) -> Result<&Invitation, Rejection> {
        let found =
            self.invitations.get(&invitation).ok_or_else(|| Rejection::unknown("invitation", invitation))?;
        match found.phase {
            InvitationPhase::Open => Ok(found),
            InvitationPhase::Accepted => Err(Rejection::illegal("invitation", "open", "accepted")),
            InvitationPhase::Revoked => Err(Rejection::illegal("invitation", "open", "revoked")),
        }
    }
    fn accept(&self, command: &AcceptInvitation) -> Result<ProjectEvent, Rejection> {
        let AcceptInvitation { invitation, user, ref email } = *command;
        let found = self.open_invitation(invitation)?;
        if email.as_ref().is_some_and(|email| email.to_lowercase() != found.email) {
            return Err(Rejection::invalid("email", "the address that was invited", "another one"));
        }
        if self.members.contains_key(&user) {
            return Err(Rejection::AlreadyExists { what: format!("member `{user}`") });
        }
        Ok(InvitationAccepted { invitation, user }.into())
    }
    fn change_role(&self, command: &ChangeMemberRole) -> Result<ProjectEvent, Rejection> {
        let ChangeMemberRole { user, role } = *command;
        self.member(user)?;
        if role != MemberRole::Owner {
            self.dispensable(user)?;
        }
        Ok(MemberRoleChanged { user, role }.into())
    }
    fn issue_api_key(&self, command: &IssueApiKey) -> Result<ProjectEvent, Rejection> {
        if self.api_keys.contains_key(&command.key) {
            return Err(Rejection::AlreadyExists { what: format!("API key `{}`", command.key) });
        }
        check::name("name", &command.name)?;
        check::list("scopes", &command.scopes)?;
        for scope in &command.scopes {
            check::name("scopes", scope)?;
        }
        let distinct: BTreeSet<_> = command.scopes.iter().collect();
        if distinct.is_empty() || distinct.len() != command.scopes.len() {
            let actual = format!("{} of which {} differ", command.scopes.len(), distinct.len());
            return Err(Rejection::invalid("scopes", "at least 1, each once", actual));
        }
        hex("secret_sha256", &command.secret_sha256, 32, 32)?;
        let IssueApiKey { key, name, scopes, secret_sha256, expires_at } = command.clone();
        Ok(ApiKeyIssued { key, name, scopes, secret_sha256, expires_at }.into())
    }
    fn revoke_api_key(&self, key: ApiKeyId) -> Result<ProjectEvent, Rejection> {
        match self.api_keys.get(&key) {
            None => Err(Rejection::unknown("API key", key)),
            Some(false) => Err(Rejection::illegal("API key", "working", "revoked")),
            Some(true) => Ok(ApiKeyRevoked { key }.into()),
        }
    }
    fn seal_provider_key(&self, command: &SealProviderKey) -> Result<ProjectEvent, Rejection> {
        self.member(command.user)?;
        check::name("provider", &command.provider)?;
        command.sealed.check()?;
        let SealProviderKey { user, provider, sealed } = command.clone();
        Ok(ProviderKeySealed { user, provider, sealed }.into())
    }
    fn remove_provider_key(&self, command: &RemoveProviderKey) -> Result<ProjectEvent, Rejection> {
        let RemoveProviderKey { user, provider } = command.clone();
        if !self.provider_keys.contains(&(user, provider.clone())) {
            return Err(Rejection::unknown("provider key", provider));
        }
        Ok(ProviderKeyRemoved { user, provider }.into())
    }
}

impl Decider for Project {
    const CATEGORY: Category = Category(1);
    type Command = ProjectCommand;
    type Event = ProjectEvent;

    fn decide(&self, command: &ProjectCommand) -> Result<Vec<ProjectEvent>, Rejection> {
        if !matches!(command, ProjectCommand::CreateProject(_)) {
            self.expect_active()?;
        }
        let event = match command {
            ProjectCommand::CreateProject(c) => self.create(c)?,
            ProjectCommand::RenameProject(c) => {
                check::name("name", &c.name)?;
                check::slug("slug", &c.slug)?;
                ProjectRenamed { name: c.name.clone(), slug: c.slug.clone() }.into()
            }
            ProjectCommand::DeleteProject(DeleteProject {}) => ProjectDeleted {}.into(),
            ProjectCommand::LinkRepository(c) => {
                check::public_url("repository_url", &c.repository_url)?;
                RepositoryLinked { repository_url: c.repository_url.clone() }.into()
            }
            ProjectCommand::SetLogo(c) => {
                c.logo_url.as_deref().map_or(Ok(()), |url| check::public_url("logo_url", url))?;
                LogoSet { logo_url: c.logo_url.clone() }.into()
            }
            ProjectCommand::SetSandboxPrompt(c) => {
                check::text("prompt", &c.prompt)?;
                SandboxPromptSet { prompt: c.prompt.clone() }.into()
            }
            ProjectCommand::SetClaudeMd(c) => {
                check::text("content", &c.content)?;
                ClaudeMdSet { content: c.content.clone() }.into()
            }
            ProjectCommand::ConfigureSession(c) => c.configured()?,
            ProjectCommand::SetEnvVar(c) => self.set_env_var(c)?,
            ProjectCommand::RemoveEnvVar(c) => {
                if !self.env_vars.contains(&c.name) {
                    return Err(Rejection::unknown("environment variable", &c.name));
                }
                EnvVarRemoved { name: c.name.clone() }.into()
            }
            ProjectCommand::SetGitAuthor(c) => {
                check::name("name", &c.name)?;
                check::email("email", &c.email)?;
                GitAuthorSet { name: c.name.clone(), email: c.email.clone() }.into()
            }
            ProjectCommand::SetLearningSettings(c) => {
                settings(c.model.as_deref(), c.template.as_deref())?;
                LearningSettingsSet { model: c.model.clone(), template: c.template.clone() }.into()
            }
            ProjectCommand::SetMergingSettings(c) => {
                settings(c.model.as_deref(), c.template.as_deref())?;
                MergingSettingsSet { model: c.model.clone(), template: c.template.clone() }.into()
            }
            ProjectCommand::SetQualityPolicy(c) => self.set_quality_policy(c)?,
            ProjectCommand::InviteMember(c) => self.invite(c)?,
            ProjectCommand::AcceptInvitation(c) => self.accept(c)?,
            ProjectCommand::ChangeMemberRole(c) => self.change_role(c)?,
            ProjectCommand::RemoveMember(c) => {
                self.dispensable(c.user)?;
                MemberRemoved { user: c.user }.into()
            }
            ProjectCommand::IssueApiKey(c) => self.issue_api_key(c)?,
            ProjectCommand::RevokeApiKey(c) => self.revoke_api_key(c.key)?,
            ProjectCommand::SealProviderKey(c) => self.seal_provider_key(c)?,
            ProjectCommand::RevokeInvitation(c) => {
                self.open_invitation(c.invitation)?;
                InvitationRevoked { invitation: c.invitation }.into()
            }
            ProjectCommand::RemoveProviderKey(c) => self.remove_provider_key(c)?,
            ProjectCommand::SetFolder(c) => self.set_folder(c)?,
            ProjectCommand::SetNotificationAddress(c) => self.set_notification_address(c)?,
            ProjectCommand::SetMemberNotifications(c) => self.set_member_notifications(c)?,
        };
        Ok(vec![event])
    }

    fn evolve(&mut self, event: &ProjectEvent) {
        match event {
            ProjectEvent::ProjectCreated(e) => {
                self.phase = Phase::Active;
                self.slug.clone_from(&e.slug);
                self.members.extend(e.owner.map(|owner| (owner, MemberRole::Owner)));
            }
            ProjectEvent::ProjectDeleted(_) => self.phase = Phase::Deleted,
            ProjectEvent::EnvVarSet(e) => self.take_env_var(e),
            ProjectEvent::EnvVarRemoved(e) => {
                self.env_vars.remove(&e.name);
                self.sealed_vars.remove(&e.name);
            }
            ProjectEvent::FolderSet(e) if e.folder.is_some() => {
                self.machines.insert(e.machine.clone());
            }
            ProjectEvent::FolderSet(e) => {
                self.machines.remove(&e.machine);
            }
            ProjectEvent::QualityPolicySet(e) => {
                self.policy_version = e.version;
                self.policy = Some(e.clone());
            }
            ProjectEvent::MemberInvited(e) => {
                let (email, role, phase) = (e.email.to_lowercase(), e.role, InvitationPhase::Open);
                self.invitations.insert(e.invitation, Invitation { email, role, phase });
            }
            ProjectEvent::InvitationAccepted(e) => {
                if let Some(invitation) = self.invitations.get_mut(&e.invitation) {
                    invitation.phase = InvitationPhase::Accepted;
                    self.members.insert(e.user, invitation.role);
                }
            }
            ProjectEvent::MemberRoleChanged(e) => {
                self.members.insert(e.user, e.role);
            }
            ProjectEvent::InvitationRevoked(e) => {
                if let Some(invitation) = self.invitations.get_mut(&e.invitation) {
                    invitation.phase = InvitationPhase::Revoked;
                }
            }
            // Keys that nobody may use any more need not be kept in mind.
            ProjectEvent::MemberRemoved(e) => {
                self.members.remove(&e.user);
                self.provider_keys.retain(|(user, _)| *user != e.user);
            }
            ProjectEvent::ProviderKeySealed(e) => {
                self.provider_keys.insert((e.user, e.provider.clone()));
            }
            ProjectEvent::ProviderKeyRemoved(e) => {
                self.provider_keys.remove(&(e.user, e.provider.clone()));
            }
            ProjectEvent::ApiKeyIssued(e) => {
                self.api_keys.insert(e.key, true);
            }
            ProjectEvent::ApiKeyRevoked(e) => {
                self.api_keys.insert(e.key, false);
            }
            ProjectEvent::ProjectRenamed(e) => self.slug.clone_from(&e.slug),
            ProjectEvent::RepositoryLinked(_)
            | ProjectEvent::LogoSet(_)
            | ProjectEvent::SandboxPromptSet(_)
            | ProjectEvent::ClaudeMdSet(_)
            | ProjectEvent::SessionConfigured(_)
            | ProjectEvent::GitAuthorSet(_)
            | ProjectEvent::NotificationAddressSet(_)
            | ProjectEvent::MemberNotificationsSet(_)
            | ProjectEvent::LearningSettingsSet(_)
            | ProjectEvent::MergingSettingsSet(_) => {}
        }
    }

    /// Unknown to the aggregate itself: a project's id is that of its stream.
    fn project(&self) -> Option<ProjectId> {
        None
    }

    fn decide_among(
        &self,
        command: &ProjectCommand,
        others: &Others,
    ) -> Result<Vec<ProjectEvent>, Rejection> {
        let events = self.decide(command)?;
        if let ProjectCommand::ConfigureSession(ConfigureSession {
            session, context: Some(context), ..
        }) = command
        {
            others.of::<Context>(*context)?.suits(*session)?;
        }
        Ok(events)
    }

    fn references(command: &ProjectCommand) -> Vec<StreamId> {
        match command {
            ProjectCommand::ConfigureSession(c) => {
                asset::named(c.skills.iter().chain(&c.commands).chain(&c.scripts))
            }
            _ => vec![],
        }
    }
    fn consults(&self, command: &ProjectCommand) -> Vec<StreamId> {
        match command {
            ProjectCommand::ConfigureSession(c) => c.context.map(StreamId::from).into_iter().collect(),
            _ => vec![],
        }
    }

    fn claims(command: &ProjectCommand) -> Vec<Claim> {
        match command {
            ProjectCommand::CreateProject(CreateProject { slug, .. })
            | ProjectCommand::RenameProject(RenameProject { slug, .. }) => vec![slug_claim(slug)],
            _ => vec![],
        }
    }

    fn holds(&self, claim: &Claim) -> bool {
        self.phase == Phase::Active && *claim == slug_claim(&self.slug)
    }
}

/// A slug stands in URLs, so no two projects have the same at a time.
fn slug_claim(slug: &str) -> Claim {
    Claim::new("project slug", slug)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::catalogue::CommandFamily;
    use crate::testing::{
        Given, check_accepted, check_any_order, check_refused, command, given, id, pool, with,
    };

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
            (
                created(),
                "configure-session",
                json!({ "session": "issue" }),
                vec![("SessionConfigured", bare)],
            ),
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
            (
                &project,
                "configure-session",
                session(json!({ "setup_commands": [half, half] })),
                "bytes together",
            ),
            (&project, "configure-session", session(json!({ "default_model": "" })), "`default_model`"),
        ]);
    }

    #[test]
    fn a_secret_never_enters_an_event_as_plain_text() {
        let project = created();
        let secret = with(&plain_var("TOKEN", "hunter2"), &json!({ "secret": true }));
        let command: ProjectCommand = command("set-env-var", &secret);
        let error = project.state().decide(&command).unwrap_err();
        assert_eq!(error.to_string(), "a secret value must come sealed");
        assert!(error.hint().contains("encrypt it"));
        assert!(!format!("{error:?}").contains("hunter2"));
        let sealed = with(&sealed_var(&sealed()), &json!({ "secret": true }));
        project.when_json("set-env-var", &sealed).accepted();
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
            (
                "nonce",
                "0f".repeat(11),
                "`nonce`: expected lower-case hex digits, an even number from 24 to 64",
            ),
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
            std::iter::once(samples().remove(0))
                .chain((0..ENV_VARS_MAX).map(|n| set(format!("A{n}")).into())),
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
        let second =
            created().and_json("set-quality-policy", &policy).and_json("set-quality-policy", &policy);
        assert_eq!(second.state().policy_version, 2);
        let zero = json!({ "weights": weights(0) });
        second
            .when_json("set-quality-policy", &zero)
            .refused("`weights`: expected at least one weight above 0");
        let one = json!({ "weights": with(&weights(0), &json!({ "completeness": 1 })) });
        second.when_json("set-quality-policy", &one).accepted();
        let weights = PolicyWeights {
            correctness: 1,
            type_safety: 1,
            code_style: 1,
            test_coverage: 1,
            completeness: 1,
        };
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
            (
                &accepted,
                "accept-invitation",
                accept(7, 4),
                "expected invitation to be open, but it is accepted",
            ),
        ]);
        let revoked = invited.clone().and_json("revoke-invitation", &json!({ "invitation": id(7) }));
        let as_other = with(&accept(7, 3), &json!({ "email": "eve@example.org" }));
        check_refused(vec![
            (&invited, "accept-invitation", as_other, "`email`: expected the address that was invited"),
            (
                &revoked,
                "accept-invitation",
                accept(7, 3),
                "expected invitation to be open, but it is revoked",
            ),
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
            (
                &sealed,
                "remove-provider-key",
                with(&key, &json!({ "provider": "q" })),
                "unknown provider key `q`",
            ),
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
            (
                &issued,
                "issue-api-key",
                key(json!({ "scopes": [] })),
                "`scopes`: expected at least 1, each once",
            ),
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
        let consults =
            |name, body: &Value| created().state().consults(&command::<ProjectCommand>(name, body));
        assert_eq!(consults("configure-session", &configure), [asked.into()]);
        assert_eq!(
            (consults("configure-session", &json!({ "session": "issue" })), consults("delete", &json!({}))),
            (vec![], vec![])
        );
        let archived = context("issue").and_json("archive", &json!({}));
        let other = "`context`: expected a context for issue sessions, got `merging`";
        check_refused(vec![
            (
                &created().among(asked, context("merging").state()),
                "configure-session",
                configure.clone(),
                other,
            ),
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
        let (project, renamed) =
            (created(), created().and_json("rename", &json!({ "name": "N", "slug": "n" })));
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
}

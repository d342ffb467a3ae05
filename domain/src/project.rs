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
mod rules;
mod samples;
mod secrets;

use checks::{hex, settings};
pub use reach::*;
use rules::{Invitation, slug_claim};
pub(crate) use samples::samples;
pub use secrets::*;

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
        126 => ContentSealingSet 1;
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
        "set-content-sealing" => SetContentSealing;
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
    /// Secret, encrypted.
    Sealed {
        /// The value, encrypted.
        sealed: Sealed,
    },
}

plain! {
    /// A secret, encrypted; its key is not in the log.
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
        /// Its value.
        value: EnvValue,
        /// Whether it is secret: a plain value of 1 to 65,520 bytes is sealed before anything is recorded, and never
        /// shown again.
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
    /// Stores a member's key at a provider; an earlier one is replaced.
    struct SealProviderKey {
        /// Whose key it is.
        user: UserId,
        /// Which provider's, such as `anthropic`.
        provider: String,
        /// The key, 1 to 65,520 bytes: sealed before anything is recorded, and never shown again.
        key: Option<String>,
        /// The key, where it was encrypted before it came: only instead of `key`, and not opened here.
        sealed: Option<Sealed>,
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
    content_sealing: ContentSealing,
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
            ProjectCommand::SetContentSealing(c) => ContentSealingSet { sealing: c.sealing }.into(),
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
            ProjectEvent::ContentSealingSet(e) => self.content_sealing = e.sealing,
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

#[cfg(test)]
mod tests;

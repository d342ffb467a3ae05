//! What a project refuses, and what becomes of each command that it takes.

use super::*;

/// An invitation, as far as decisions need it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Invitation {
    /// Lower case, so that one address is not invited under two spellings.
    pub(super) email: String,
    pub(super) role: MemberRole,
    pub(super) phase: InvitationPhase,
}

/// A slug stands in URLs, so no two projects have the same at a time.
pub(super) fn slug_claim(slug: &str) -> Claim {
    Claim::new("project slug", slug)
}

impl Project {
    pub(super) fn take_env_var(&mut self, set: &EnvVarSet) {
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
    pub(super) fn expect_active(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Missing => Err(Rejection::NotFound { aggregate: "project" }),
            Phase::Active => Ok(()),
            Phase::Deleted => Err(Rejection::illegal("project", "active", "deleted")),
        }
    }
    pub(super) fn member(&self, user: UserId) -> Result<MemberRole, Rejection> {
        self.members.get(&user).copied().ok_or_else(|| Rejection::unknown("member", user))
    }
    /// The member, if an owner remains once this one is none.
    pub(super) fn dispensable(&self, user: UserId) -> Result<(), Rejection> {
        let owners = self.members.values().filter(|role| **role == MemberRole::Owner).count();
        if self.member(user)? == MemberRole::Owner && owners == 1 {
            return Err(Rejection::rule(
                format!("`{user}` is the last owner"),
                "make another member owner first",
            ));
        }
        Ok(())
    }

    pub(super) fn create(&self, command: &CreateProject) -> Result<ProjectEvent, Rejection> {
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
    pub(super) fn set_env_var(&self, command: &SetEnvVar) -> Result<ProjectEvent, Rejection> {
        check::env_name("name", &command.name)?;
        match &command.value {
            EnvValue::Plain { .. } if command.secret => {
                let hint = "send it to a server, which seals it, or leave `secret` out";
                return Err(Rejection::rule("a secret value must be sealed before it is decided on", hint));
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
    pub(super) fn set_quality_policy(&self, command: &SetQualityPolicy) -> Result<ProjectEvent, Rejection> {
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
    pub(super) fn invite(&self, command: &InviteMember) -> Result<ProjectEvent, Rejection> {
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
    pub(super) fn open_invitation(&self, invitation: InvitationId) -> Result<&Invitation, Rejection> {
        let found =
            self.invitations.get(&invitation).ok_or_else(|| Rejection::unknown("invitation", invitation))?;
        match found.phase {
            InvitationPhase::Open => Ok(found),
            InvitationPhase::Accepted => Err(Rejection::illegal("invitation", "open", "accepted")),
            InvitationPhase::Revoked => Err(Rejection::illegal("invitation", "open", "revoked")),
        }
    }
    pub(super) fn accept(&self, command: &AcceptInvitation) -> Result<ProjectEvent, Rejection> {
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
    pub(super) fn change_role(&self, command: &ChangeMemberRole) -> Result<ProjectEvent, Rejection> {
        let ChangeMemberRole { user, role } = *command;
        self.member(user)?;
        if role != MemberRole::Owner {
            self.dispensable(user)?;
        }
        Ok(MemberRoleChanged { user, role }.into())
    }
    pub(super) fn issue_api_key(&self, command: &IssueApiKey) -> Result<ProjectEvent, Rejection> {
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
    pub(super) fn revoke_api_key(&self, key: ApiKeyId) -> Result<ProjectEvent, Rejection> {
        match self.api_keys.get(&key) {
            None => Err(Rejection::unknown("API key", key)),
            Some(false) => Err(Rejection::illegal("API key", "working", "revoked")),
            Some(true) => Ok(ApiKeyRevoked { key }.into()),
        }
    }
    pub(super) fn seal_provider_key(&self, command: &SealProviderKey) -> Result<ProjectEvent, Rejection> {
        self.member(command.user)?;
        check::name("provider", &command.provider)?;
        let sealed = match (&command.key, &command.sealed) {
            (None, Some(sealed)) => sealed.clone(),
            (Some(_), None) => {
                let hint = "send it to a server, which seals it";
                return Err(Rejection::rule("a key must be sealed before it is decided on", hint));
            }
            _ => return Err(Rejection::invalid("key", "either `key` or `sealed`", "both or none")),
        };
        sealed.check()?;
        let SealProviderKey { user, provider, .. } = command.clone();
        Ok(ProviderKeySealed { user, provider, sealed }.into())
    }
    pub(super) fn remove_provider_key(&self, command: &RemoveProviderKey) -> Result<ProjectEvent, Rejection> {
        let RemoveProviderKey { user, provider } = command.clone();
        if !self.provider_keys.contains(&(user, provider.clone())) {
            return Err(Rejection::unknown("provider key", provider));
        }
        Ok(ProviderKeyRemoved { user, provider }.into())
    }
}

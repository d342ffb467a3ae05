//! Where a project and its people are reached: folders per machine, addresses and choices of notifications.

use super::*;
use crate::autonomy::{Channel, NotificationKind};

plain! {
    /// Its working tree lies here on a machine, or no longer does.
    struct FolderSet {
        /// The machine, by the name it goes by.
        machine: String,
        /// The folder, absolute; none where it is there no longer.
        folder: Option<String>,
    }
    /// Where webhooks of notifications go, or that they go nowhere.
    struct NotificationAddressSet {
        /// The address; none for no webhooks.
        url: Option<String>,
        /// The project's environment variable with the secret that signs; never the secret.
        secret: Option<String>,
    }
    /// What a member is told, and on which ways.
    struct MemberNotificationsSet {
        /// The member.
        user: UserId,
        /// What for.
        kinds: Vec<NotificationKind>,
        /// The ways it goes.
        channels: Vec<Channel>,
        /// Where the member's own webhooks go; the project's address where absent.
        url: Option<String>,
        /// The project's environment variable with the secret that signs them.
        secret: Option<String>,
    }
}

plain! {
    /// Says where its working tree lies on a machine.
    struct SetFolder {
        /// The machine, by the name it goes by; at most 100 of them.
        machine: String,
        /// The folder, absolute and without `..`; absent where it is there no longer.
        folder: Option<String>,
    }
    /// Says where webhooks of notifications go.
    struct SetNotificationAddress {
        /// An http or https URL without credentials; absent for no webhooks.
        url: Option<String>,
        /// A sealed environment variable of the project, with the secret that signs; only beside `url`.
        secret: Option<String>,
    }
    /// Says what a member is told, and on which ways; everything earlier is replaced.
    struct SetMemberNotifications {
        /// The member.
        user: UserId,
        /// What for, each once; nothing where empty.
        kinds: Vec<NotificationKind>,
        /// The ways it goes, each once; nowhere where empty.
        channels: Vec<Channel>,
        /// Where the member's own webhooks go; the project's address where absent.
        url: Option<String>,
        /// A sealed environment variable of the project, with the secret that signs them; only beside `url`.
        secret: Option<String>,
    }
}

/// Most machines that a project lies on.
pub const MACHINES_MAX: usize = 100;
/// Longest folder, in bytes: as Linux has it.
pub const FOLDER_MAX_BYTES: usize = 4_095;
impl Project {
    pub(super) fn set_folder(&self, command: &SetFolder) -> Result<ProjectEvent, Rejection> {
        let SetFolder { machine, folder } = command.clone();
        check::name("machine", &machine)?;
        let known = self.machines.contains(&machine);
        match &folder {
            None if !known => return Err(Rejection::unknown("machine", machine)),
            None => {}
            Some(folder) => {
                absolute("folder", folder)?;
                if !known && self.machines.len() >= MACHINES_MAX {
                    let rule = format!("the project lies on {MACHINES_MAX} machines, the most there may be");
                    return Err(Rejection::rule(rule, "take away one that is no longer there"));
                }
            }
        }
        Ok(FolderSet { machine, folder }.into())
    }
    /// An address of webhooks, and the name of the secret that signs them.
    fn check_address(&self, url: Option<&str>, secret: Option<&str>) -> Result<(), Rejection> {
        url.map_or(Ok(()), |url| check::public_url("url", url))?;
        match secret {
            Some(_) if url.is_none() => Err(Rejection::invalid("secret", "none without an address", "one")),
            Some(secret) if !self.sealed_vars.contains(secret) => {
                Err(Rejection::invalid("secret", "a sealed environment variable of the project", secret))
            }
            _ => Ok(()),
        }
    }
    pub(super) fn set_notification_address(
        &self,
        command: &SetNotificationAddress,
    ) -> Result<ProjectEvent, Rejection> {
        let SetNotificationAddress { url, secret } = command.clone();
        self.check_address(url.as_deref(), secret.as_deref())?;
        Ok(NotificationAddressSet { url, secret }.into())
    }
    pub(super) fn set_member_notifications(
        &self,
        command: &SetMemberNotifications,
    ) -> Result<ProjectEvent, Rejection> {
        let SetMemberNotifications { user, kinds, channels, url, secret } = command.clone();
        self.member(user)?;
        check::each_once("kinds", &kinds)?;
        check::each_once("channels", &channels)?;
        self.check_address(url.as_deref(), secret.as_deref())?;
        Ok(MemberNotificationsSet { user, kinds, channels, url, secret }.into())
    }
}

/// An absolute folder, of Unix or Windows.
fn absolute(field: &'static str, folder: &str) -> Result<(), Rejection> {
    let drive = |folder: &str| {
        let mut chars = folder.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.as_str().starts_with(":\\")
    };
    let inside = !folder.split(['/', '\\']).any(|part| part == "..");
    let plain = !folder.chars().any(char::is_control) && folder.len() <= FOLDER_MAX_BYTES;
    if plain && inside && (folder.starts_with('/') || drive(folder)) {
        return Ok(());
    }
    Err(Rejection::invalid(field, "an absolute folder of at most 4,095 bytes, without `..`", folder))
}

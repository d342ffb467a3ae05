//! What a step hands over besides words: merged branches or their conflicts, and calls that wait for somebody.

use super::*;
use crate::terms::SteerKind;

/// Most branches of a merge.
pub(super) const BRANCHES_MAX: usize = 100;
/// Most calls of a step that wait for somebody at a time.
pub(super) const WAITING_MAX: usize = 100;

impl Run {
    pub(super) fn record_merge(&self, command: &RecordMerge) -> Result<RunEvent, Rejection> {
        self.step_with_role(command.step, &[Role::MergeAgent], "merge")?;
        let RecordMerge { step, branches, into, commit, conflicts } = command.clone();
        check::some_of("branches", &branches, BRANCHES_MAX)?;
        check::each_once("branches", &branches)?;
        branches.iter().try_for_each(|branch| check::branch("branches", branch))?;
        check::branch("into", &into)?;
        if branches.contains(&into) {
            return Err(Rejection::invalid("into", "a branch other than those merged into it", into));
        }
        let conflicts = conflicts.unwrap_or_default();
        match commit {
            Some(commit) if conflicts.is_empty() => {
                check::commit("commit", &commit)?;
                Ok(BranchesMerged { step, branches, into, commit }.into())
            }
            None if !conflicts.is_empty() => {
                check::list("conflicts", &conflicts)?;
                for conflict in &conflicts {
                    check::path("conflicts", &conflict.path)?;
                    check::within("conflicts", &conflict.detail, DETAIL_MAX_BYTES)?;
                    if !branches.contains(&conflict.branch) {
                        return Err(Rejection::invalid("conflicts", "one of the branches", &conflict.branch));
                    }
                }
                let bytes = conflicts.iter().map(|it| it.path.len() + it.detail.len()).sum();
                check::range("conflicts", bytes, &(0..=check::TEXT_MAX_BYTES), "bytes together")?;
                Ok(MergeConflicted { step, branches, into, conflicts }.into())
            }
            Some(_) => Err(Rejection::invalid("commit", "none where there are conflicts", "one")),
            None => Err(Rejection::invalid("commit", "the merged commit, or conflicts", "neither")),
        }
    }
    pub(super) fn await_approval(&self, command: &AwaitApproval) -> Result<RunEvent, Rejection> {
        self.writable_step(command.step)?;
        check::name("call_id", &command.call_id)?;
        check::name("tool", &command.tool)?;
        check::text("arguments", &command.arguments)?;
        if self.waiting.iter().any(|(call, _)| *call == command.call_id) {
            return Err(Rejection::AlreadyExists { what: format!("waiting call `{}`", command.call_id) });
        }
        if self.waiting.len() >= WAITING_MAX {
            let rule = format!("{WAITING_MAX} calls of the step wait already");
            return Err(Rejection::rule(rule, "approve or deny one of them first"));
        }
        let AwaitApproval { step, call_id, tool, arguments } = command.clone();
        Ok(ToolApprovalAwaited { step, call_id, tool, arguments }.into())
    }
    pub(super) fn steer(&self, command: &Steer) -> Result<RunEvent, Rejection> {
        self.expect_running()?;
        check::text("text", &command.text)?;
        let step = self
            .running
            .ok_or_else(|| Rejection::rule("no step is running", "steer while a step is running"))?;
        let Steer { kind, text } = command.clone();
        let answers = matches!(kind, SteerKind::ApproveTool | SteerKind::DenyTool);
        // Agents that do not say what waits are answered all the same.
        if answers && !self.waiting.is_empty() && self.answered(kind, &text).is_none() {
            return Err(Rejection::unknown("waiting call or tool", text));
        }
        Ok(OperatorSteered { step, kind, text }.into())
    }
    /// The waiting call that an approval or denial is of: the one of that id, else the first of that tool.
    pub(super) fn answered(&self, kind: SteerKind, text: &str) -> Option<usize> {
        if !matches!(kind, SteerKind::ApproveTool | SteerKind::DenyTool) {
            return None;
        }
        let by_id = self.waiting.iter().position(|(call, _)| call == text);
        by_id.or_else(|| self.waiting.iter().position(|(_, tool)| tool == text))
    }
}

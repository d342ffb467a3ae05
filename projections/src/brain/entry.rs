//! What the events of the five kinds of entry mean for the files of a brain.

use domain::brain::file::EntryKind;
use domain::decision::DecisionEvent;
use domain::ids::ProjectId;
use domain::mistake::MistakeEvent;
use domain::pattern::PatternEvent;
use domain::research_note::ResearchNoteEvent;
use domain::session_summary::SessionSummaryEvent;
use domain::{Event, StreamId};

use super::Entry;

/// What happened to an entry.
pub(super) enum Act {
    Made {
        project: ProjectId,
        title: String,
        texts: Vec<String>,
    },
    Edited {
        title: String,
        texts: Vec<String>,
    },
    /// How a mistake was resolved; empty where it is open again.
    Resolved(String),
    /// It applies in every project.
    Promoted,
    Archived,
    Restored,
}

/// The place of a mistake's resolution among its texts.
const RESOLVED: usize = 3;

impl Entry {
    pub(super) fn change(&mut self, act: Act) {
        match act {
            Act::Made { .. } => {}
            Act::Promoted => self.promoted = true,
            Act::Edited { title, mut texts } => {
                // An edit says nothing of how a mistake was resolved: that stays.
                texts.extend(self.texts.drain(texts.len().min(self.texts.len())..));
                self.title = title;
                self.texts = texts;
            }
            Act::Resolved(how) => {
                if let Some(text) = self.texts.get_mut(RESOLVED) {
                    *text = how;
                }
            }
            Act::Archived => self.archived = true,
            Act::Restored => self.archived = false,
        }
    }
}

/// The file that a new entry goes to.
pub(super) fn path(kind: EntryKind, day: &str, stream: StreamId) -> String {
    match kind {
        EntryKind::Decision => "DECISIONS.md".into(),
        EntryKind::Pattern => "PATTERNS.md".into(),
        EntryKind::Mistake => "MISTAKES.md".into(),
        EntryKind::Research => format!("RESEARCH/{day}-{}.md", stream.id),
        EntryKind::Session => format!("SESSIONS/{day}-{}.md", stream.id),
    }
}

/// What `event` does to an entry; none for an event of anything else.
pub(super) fn act(event: &Event) -> Option<(EntryKind, Act)> {
    Some(match event {
        Event::Decision(e) => (EntryKind::Decision, decision(e)),
        Event::Pattern(e) => (EntryKind::Pattern, pattern(e)),
        Event::Mistake(e) => (EntryKind::Mistake, mistake(e)),
        Event::ResearchNote(e) => (EntryKind::Research, research(e)),
        Event::SessionSummary(e) => (EntryKind::Session, session(e)),
        _ => return None,
    })
}

fn texts(texts: &[&String]) -> Vec<String> {
    texts.iter().map(|text| (*text).clone()).collect()
}

fn decision(event: &DecisionEvent) -> Act {
    match event {
        DecisionEvent::DecisionLogged(e) => Act::Made {
            project: e.project,
            title: e.title.clone(),
            texts: texts(&[&e.decision, &e.rationale, &e.alternatives]),
        },
        DecisionEvent::DecisionEdited(e) => Act::Edited {
            title: e.title.clone(),
            texts: texts(&[&e.decision, &e.rationale, &e.alternatives]),
        },
        // The file keeps the one in force; what stood before it is in the log.
        DecisionEvent::DecisionSuperseded(_) | DecisionEvent::DecisionArchived(_) => Act::Archived,
        DecisionEvent::DecisionRestored(_) => Act::Restored,
    }
}

fn pattern(event: &PatternEvent) -> Act {
    match event {
        PatternEvent::PatternNoted(e) => {
            Act::Made { project: e.project, title: e.title.clone(), texts: texts(&[&e.pattern, &e.example]) }
        }
        PatternEvent::PatternEdited(e) => {
            Act::Edited { title: e.title.clone(), texts: texts(&[&e.pattern, &e.example]) }
        }
        PatternEvent::PatternConsolidated(_) | PatternEvent::PatternArchived(_) => Act::Archived,
        PatternEvent::PatternRestored(_) => Act::Restored,
        PatternEvent::PatternPromoted(_) => Act::Promoted,
    }
}

fn mistake(event: &MistakeEvent) -> Act {
    match event {
        MistakeEvent::MistakeLogged(e) => Act::Made {
            project: e.project,
            title: e.title.clone(),
            texts: texts(&[&e.attempt, &e.failure, &e.instead, &String::new()]),
        },
        MistakeEvent::MistakeEdited(e) => {
            Act::Edited { title: e.title.clone(), texts: texts(&[&e.attempt, &e.failure, &e.instead]) }
        }
        MistakeEvent::MistakeResolved(e) => Act::Resolved(e.how.clone()),
        MistakeEvent::MistakeReopened(_) => Act::Resolved(String::new()),
        MistakeEvent::MistakeArchived(_) => Act::Archived,
        MistakeEvent::MistakeRestored(_) => Act::Restored,
        MistakeEvent::MistakePromoted(_) => Act::Promoted,
    }
}

fn research(event: &ResearchNoteEvent) -> Act {
    match event {
        ResearchNoteEvent::ResearchNoteWritten(e) => {
            Act::Made { project: e.project, title: e.title.clone(), texts: texts(&[&e.findings, &e.sources]) }
        }
        ResearchNoteEvent::ResearchNoteEdited(e) => {
            Act::Edited { title: e.title.clone(), texts: texts(&[&e.findings, &e.sources]) }
        }
        ResearchNoteEvent::ResearchNoteArchived(_) => Act::Archived,
        ResearchNoteEvent::ResearchNoteRestored(_) => Act::Restored,
    }
}

fn session(event: &SessionSummaryEvent) -> Act {
    match event {
        SessionSummaryEvent::SessionSummarised(e) => Act::Made {
            project: e.project,
            title: e.title.clone(),
            texts: texts(&[&e.done, &e.next, &e.learned]),
        },
        SessionSummaryEvent::SessionSummaryEdited(e) => {
            Act::Edited { title: e.title.clone(), texts: texts(&[&e.done, &e.next, &e.learned]) }
        }
        SessionSummaryEvent::SessionSummaryArchived(_) => Act::Archived,
        SessionSummaryEvent::SessionSummaryRestored(_) => Act::Restored,
    }
}

//! Experiments: one prompt, what was tried, by which runs, and what won.

use domain::Event;
use domain::experiment::{ExperimentEvent, Variant};
use domain::ids::{ExperimentId, ProjectId, RunId, StreamId};
use domain::values::Timestamp;

use crate::listed::{ListRow, preview, rows, states};

states! {
    /// How an experiment stands.
    ExperimentStatus {
        /// Runs are tried.
        Open,
        /// A configuration won.
        Settled,
        /// It ended without a winner.
        Abandoned,
    }
}

rows! {
    /// An experiment.
    struct ExperimentRow {
        /// The project it belongs to.
        project: ProjectId,
        /// A short name.
        title: String,
        /// The first 200 characters of the prompt that all its runs have.
        prompt_preview: String,
        /// How it stands.
        status: ExperimentStatus,
        /// What it tries.
        variants: Vec<Variant>,
        /// Its runs, each with its variant.
        runs: Vec<(String, RunId)>,
        /// The variant that won.
        winner: Option<String>,
        /// Why it won, or why there is no winner.
        reason: Option<String>,
        /// The run whose judge said so.
        judged_by: Option<RunId>,
        /// When it was opened.
        opened_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
}

impl ListRow for ExperimentRow {
    const NAME: &'static str = "experiments";
    const VERSION: u32 = 1;
    const FILTERS: &'static [&'static str] = &["project", "status", "winner"];
    type Key = ExperimentId;

    fn key(stream: StreamId) -> ExperimentId {
        stream.id.into()
    }
    fn concerns(event: &Event) -> bool {
        matches!(event, Event::Experiment(_))
    }
    fn open(event: &Event, at: Timestamp) -> Option<Self> {
        let Event::Experiment(ExperimentEvent::ExperimentOpened(e)) = event else { return None };
        Some(Self {
            project: e.project,
            title: e.title.clone(),
            prompt_preview: preview(&e.prompt),
            status: ExperimentStatus::Open,
            variants: e.variants.clone(),
            runs: vec![],
            winner: None,
            reason: None,
            judged_by: None,
            opened_at: at,
            updated_at: at,
        })
    }
    fn apply(&mut self, event: &Event, at: Timestamp) {
        let Event::Experiment(event) = event else { return };
        self.updated_at = at;
        match event {
            ExperimentEvent::ExperimentOpened(_) => {}
            ExperimentEvent::ExperimentRunAdded(e) => self.runs.push((e.variant.clone(), e.run)),
            ExperimentEvent::ExperimentSettled(e) => {
                self.status = ExperimentStatus::Settled;
                self.winner = Some(e.winner.clone());
                self.reason = Some(e.rationale.clone());
                self.judged_by = e.judged_by;
            }
            ExperimentEvent::ExperimentAbandoned(e) => {
                self.status = ExperimentStatus::Abandoned;
                self.reason = Some(e.reason.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::{History, check, id, sample};

    #[test]
    fn an_experiment_shows_what_was_tried_and_what_won() {
        let names = ["ExperimentOpened", "ExperimentRunAdded", "ExperimentSettled"];
        let of = |history: History, name| history.any(id::<super::ExperimentId>(1).into(), sample(name));
        check(
            "experiments",
            &names.into_iter().fold(History::new(), of),
            &expect![[r##"
            #01
              judged_by: "050M2GA1850M2GA1850M2GA185"
              opened_at: "07:00:00.000Z"
              project: "01040G2081040G2081040G2081"
              prompt_preview: "The build fails on main. Fix it."
              reason: "the smaller change"
              runs: [["opus","030C1G60R30C1G60R30C1G60R3"]]
              status: "settled"
              title: "Which model mends the build?"
              updated_at: "07:00:02.000Z"
              variants: [{"model":"opus","name":"opus","note":null,"workflow":"02081040G2081040G2081040G2"},{"model":null,"name":"plain","note":"no checker","workflow":null}]
              winner: "opus"
        "##]],
        );
    }
}

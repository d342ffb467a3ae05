//! The model test of the journal over many more seeds than a test run has time for.

use anyhow::Result;

use super::report::Finding;
use super::{Bench, Drill};
use crate::shell::{cargo, run as succeed};

pub(crate) const DRILL: Drill =
    Drill { name: "model", what: "random operations against a plain vector", short: 0, long: 20_000, run };

fn run(bench: &Bench) -> Result<Finding> {
    let mut finding = Finding::default();
    let mut command = cargo(&["test", "--release", "--locked", "--quiet", "-p", "waybill-journal", "model"]);
    command.env("WAYBILL_MODEL_SEEDS", bench.rounds.to_string());
    command.env("WAYBILL_MODEL_FIRST", (bench.seed % 1_000_000_000).to_string());
    // The test names the seed that fails.
    match succeed(&mut command) {
        Ok(()) => finding.add("seeds", bench.rounds.into()),
        Err(error) => finding.fail(error.to_string()),
    }
    Ok(finding)
}

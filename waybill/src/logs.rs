//! Log lines go to stderr, as text or JSON; what they hold is up to the parts, and none logs a secret.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::{Global, LogForm};
use crate::output;

/// What is logged: the named filter, else what `-v` stands for, else `by_default`.
fn filter(global: &Global, by_default: &str) -> String {
    match (&global.log_level, global.verbose) {
        (Some(filter), _) => filter.clone(),
        (None, 0) => by_default.to_owned(),
        (None, 1) => "info".to_owned(),
        (None, _) => "debug,hyper=info,h2=info,sled=info".to_owned(),
    }
}

/// Starts logging. A filter that cannot be read is named on stderr, and the default used.
pub(crate) fn start(global: &Global, by_default: &str) {
    let filter = EnvFilter::try_new(filter(global, by_default)).unwrap_or_else(|error| {
        eprintln!("warning: the log filter cannot be read: {error}; using `{by_default}`");
        EnvFilter::new(by_default)
    });
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let ansi = output::colours(&std::io::stderr());
    // Logging that is on already, as in a test, stays as it is.
    let _ = match global.log_format {
        LogForm::Text => registry.with(layer.with_ansi(ansi)).try_init(),
        LogForm::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    };
    std::panic::set_hook(Box::new(report_panic));
}

/// A panic of the storage engine on damaged files is caught and told as an error; any other is a bug.
fn report_panic(info: &std::panic::PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let reason = info.payload_as_str().unwrap_or("no reason given");
    if place.contains("sled-") {
        tracing::debug!(place, reason, "the storage engine gave up");
    } else {
        tracing::error!(place, reason, "panic: this is a bug");
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::filter;
    use crate::cli::Cli;

    #[test]
    fn the_filter_follows_the_options() {
        let of = |words: &[&str]| {
            let cli = Cli::try_parse_from([&["waybill", "view"], words].concat()).expect("it parses");
            filter(&cli.global, "warn")
        };
        assert_eq!(of(&[]), "warn");
        assert_eq!(of(&["-v"]), "info");
        assert!(of(&["-vv"]).starts_with("debug"));
        assert_eq!(of(&["-v", "--log", "engine=trace"]), "engine=trace");
    }
}

//! Progress bars on stderr, for a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over so many bytes.
pub(crate) fn bytes(total: u64) -> ProgressBar {
    bar(total, "{msg} [{bar:32}] {bytes}/{total_bytes} {eta}")
}

/// A bar over so many events.
pub(crate) fn events(total: u64) -> ProgressBar {
    bar(total, "{msg} [{bar:32}] {human_pos}/{human_len} {eta}")
}

fn bar(total: u64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the template is a constant that parses");
    // On stderr, and drawn only where that is a terminal.
    ProgressBar::new(total).with_style(style.progress_chars("=> "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn templates_parse() {
        super::bytes(10).finish_and_clear();
        super::events(10).finish_and_clear();
    }
}

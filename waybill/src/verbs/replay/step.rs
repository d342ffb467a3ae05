//! A run event by event: somebody says where to go on a terminal, and everything comes in order elsewhere.

use std::io::{BufRead, IsTerminal, Write};

use replay::story::{Frames, Order, Style};

use crate::cli::Form;
use crate::failure::Failure;

/// What is left to print: nothing where a person was led through it.
pub(super) fn step(
    frames: &mut Frames,
    style: Style,
    form: Form,
    to_stdout: bool,
) -> Result<String, Failure> {
    let (stdin, stdout) = (std::io::stdin(), std::io::stdout());
    if form == Form::Table && to_stdout && stdin.is_terminal() && stdout.is_terminal() {
        let style = Style { full: true, ..style };
        lead(frames, style, &mut stdin.lock(), &mut stdout.lock())?;
        return Ok(String::new());
    }
    let mut text = Vec::new();
    match form {
        Form::Table => {
            for frame in frames.all() {
                frames.show(&frame, style, &mut text)?;
                text.push(b'\n');
            }
        }
        Form::Json => serde_json::to_writer_pretty(&mut text, &frames.all().collect::<Vec<_>>())?,
        Form::Ndjson => {
            for frame in frames.all() {
                serde_json::to_writer(&mut text, &frame)?;
                text.push(b'\n');
            }
        }
        Form::Html => {
            return Err(Failure::usage("a page is not gone through step by step").hint("leave --step out"));
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Shows the event at hand and asks where to go, until somebody has seen enough or nobody asks any more.
fn lead(
    frames: &mut Frames,
    style: Style,
    orders: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    writeln!(out, "{}\n", Order::HELP)?;
    frames.show(&frames.frame(), style, out)?;
    loop {
        write!(out, "> ")?;
        out.flush()?;
        let mut line = String::new();
        if orders.read_line(&mut line)? == 0 {
            writeln!(out)?;
            return Ok(());
        }
        match line.parse::<Order>() {
            Ok(Order::Quit) => return Ok(()),
            Ok(Order::Help) => writeln!(out, "{}", Order::HELP)?,
            Ok(order) => {
                if frames.go(order) {
                    writeln!(out)?;
                    frames.show(&frames.frame(), style, out)?;
                } else {
                    let end = if order == Order::Back || order == Order::First { "first" } else { "last" };
                    writeln!(out, "this is the {end} event there")?;
                }
            }
            Err(error) => writeln!(out, "{error}")?,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::StreamId;

    use super::*;
    use crate::verbs::replay::tests::with_run;

    #[tokio::test]
    async fn somebody_is_led_to_where_they_say_and_told_where_it_ends() {
        let (target, run) = with_run("Mend the gate").await;
        let records = target.stream(StreamId::from(run)).await.unwrap();
        let mut frames = Frames::new(records, None).unwrap();
        let (mut orders, mut out) = (&b"n\nn\nb\nwhat\n?\ng 4\nq\nn\n"[..], Vec::new());
        lead(&mut frames, Style { width: 80, colour: false, full: true }, &mut orders, &mut out).unwrap();
        let told = String::from_utf8(out).unwrap();
        let shown: Vec<&str> = told
            .lines()
            .filter_map(|line| line.split(" · ").next())
            .filter(|line| line.contains("event") && line.contains("of 2"))
            .collect();
        assert_eq!(shown, ["event 1 of 2", "event 2 of 2", "event 1 of 2", "event 2 of 2"], "{told}");
        assert!(told.contains("this is the last event there") && told.contains("got `what`"), "{told}");
        assert_eq!(told.matches(Order::HELP).count(), 2);
        assert_eq!(orders, b"n\n", "nothing is read after q");
    }
}

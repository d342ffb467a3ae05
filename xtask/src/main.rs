//! What a shell script would do: set up and run, test, check, generate.

mod ci;
mod dashboard;
mod deny;
mod generate;
mod long;
mod setup;
mod shell;
mod test;
mod tidy;
mod tools;
mod torture;
mod up;

use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "\
usage: cargo xtask VERB

  up [--data DIR] [--port N] [--fresh]
                 build, load the demo project into DIR (./data) and serve it until Ctrl-C;
                 --fresh sets an existing folder aside and begins with an empty one
  test [FILTER]  install what the tests need, then run them all, or those whose name contains FILTER
  ci             every check: format, lints, documents, dependencies, generated files, house rules, drills
  gen [--check]  write the generated documents, or only say which are out of date
  contract [--seconds N] [--seed N]
                 hold the server against its OpenAPI document with schemathesis, for as long as that
  fuzz [DECODER...] [--seconds N] [--seed N] [--libfuzzer]
                 try decoders with inputs near those that are kept; with a nightly compiler, guided
  torture [DRILL...] [--short | --long] [--debug] [--seed N] [--rounds N] [--output json]
                 make faults and check what they leave: rounds of the short form, and of the long one
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["up", options @ ..] => up::Options::parse(options).map(|options| up::up(&options)),
        ["test"] => Some(test::test(None)),
        ["test", filter] if !filter.starts_with('-') => Some(test::test(Some(filter))),
        ["ci"] => Some(ci::ci()),
        ["torture", options @ ..] => {
            torture::Options::parse(options).map(|options| torture::torture(&options))
        }
        ["contract", options @ ..] => long::Options::parse(options).map(|options| long::contract(&options)),
        ["fuzz", options @ ..] => long::Options::parse(options).map(|options| long::fuzz(&options)),
        ["gen"] => Some(generate::write()),
        ["gen", "--check"] => Some(generate::check()),
        ["help" | "-h" | "--help"] => {
            print!("{USAGE}{}", torture::usage());
            return ExitCode::SUCCESS;
        }
        _ => None,
    };
    match outcome {
        Some(result) => exit_code(result),
        None => {
            eprint!("{USAGE}{}", torture::usage());
            ExitCode::from(2)
        }
    }
}

fn exit_code(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

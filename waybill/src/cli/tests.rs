//! The command line itself.

use clap::{CommandFactory, Parser};
use expect_test::expect_file;

use super::*;

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn help_names_every_verb_option_and_exit_code() {
    let help = Cli::command().term_width(100).render_long_help().to_string();
    expect_file!["help.txt"].assert_eq(&help);
}

#[test]
fn options_stand_before_or_behind_the_verb() {
    for words in [["waybill", "--data", "d", "view"], ["waybill", "view", "--data", "d"]] {
        assert_eq!(Cli::try_parse_from(words).expect("it parses").global.data, PathBuf::from("d"));
    }
}

#[test]
fn wrong_words_are_refused() {
    for words in [
        &["waybill"][..],
        &["waybill", "sevre"],
        &["waybill", "import"],
        &["waybill", "import", "pi"],
        &["waybill", "import", "word", "f"],
        &["waybill", "replay"],
        &["waybill", "serve", "--port", "99999"],
        &["waybill", "serve", "--port", "1", "--bind", "127.0.0.1:1"],
        &["waybill", "view", "runs", "--filter", "model"],
        &["waybill", "view", "--output", "xml"],
        &["waybill", "completions", "dos"],
    ] {
        let error = Cli::try_parse_from(words).expect_err(&words.join(" "));
        assert_eq!(error.exit_code(), 2, "{words:?}");
    }
}

//! The flags of `curl` that say what is called, and for what it is written.
//!
//! Owns their grammar, which is curl's where curl has one. Never reads a file. Gives what the command makes a request of.

use clap::Args;

/// What is called, and with what.
#[derive(Args, Debug)]
#[command(next_help_heading = "Call of the API")]
pub struct CallArgs {
    /// Fill in `{NAME}` in the path (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub path: Vec<String>,
    /// Add to the query; encoded (repeatable)
    #[arg(long, short = 'q', value_name = "NAME=VALUE")]
    pub query: Vec<String>,
    /// Add a header, or replace one (repeatable)
    #[arg(long, short = 'H', value_name = "NAME: VALUE")]
    pub header: Vec<String>,
    /// The body, as it is; @FILE: what the file holds when the request is run (repeatable, joined by &)
    #[arg(long, short, value_name = "TEXT|@FILE", allow_hyphen_values = true)]
    pub data: Vec<String>,
    /// The body, as JSON
    #[arg(long, value_name = "JSON|@FILE", conflicts_with = "data", allow_hyphen_values = true)]
    pub json: Option<String>,
    /// A field of a form with files (repeatable)
    #[arg(long, value_name = "NAME=TEXT|@FILE", conflicts_with_all = ["data", "json"])]
    pub form: Vec<String>,
    /// A GraphQL query
    #[arg(long, value_name = "QUERY", conflicts_with_all = ["data", "json", "form"])]
    pub graphql: Option<String>,
    /// The variables of the GraphQL query
    #[arg(long, value_name = "JSON", requires = "graphql")]
    pub variables: Option<String>,
}

/// `--quiet` without its short form, which is `--query`'s here.
#[derive(Args, Debug)]
pub struct LongQuiet {
    /// No warnings
    #[arg(long, id = "quiet", conflicts_with = "verbose")]
    pub quiet: bool,
}

/// What the request is written for.
#[derive(Args, Debug)]
#[command(next_help_heading = "Form of the output")]
pub struct WrittenArgs {
    /// A program, a file format or a language [default: curl, or websocat for a WebSocket]
    #[arg(long, short, value_name = "NAME")]
    pub target: Option<String>,
    /// Short flags
    #[arg(long)]
    pub short: bool,
    /// All on one line
    #[arg(long)]
    pub one_line: bool,
}

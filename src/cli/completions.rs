//! The arguments of `completions`, and those by which its code asks back.

use std::ffi::OsString;

use clap::Args;

/// The arguments of `completions`.
#[derive(Args, Debug)]
#[command(after_help = super::help::COMPLETIONS)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_parser = ["bash", "zsh", "fish", "powershell", "elvish", "nu"])]
    pub shell: String,
    /// The word at the cursor, up to it: the code asks for what it may become. An option, because some shells lose an
    /// argument that is empty
    #[arg(long, value_name = "WORD", hide = true)]
    pub word: Option<OsString>,
    /// The words before it, without the program's name
    #[arg(last = true, requires = "word", hide = true)]
    pub before: Vec<OsString>,
}

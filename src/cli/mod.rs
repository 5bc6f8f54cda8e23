//! ① What was asked.
//!
//! Owns the grammar of the command line. Never acts and never reads anything but the arguments: what needs a look at
//! the system belongs to a later room. Gives a [`Cli`].

mod args;
mod call;
mod completions;
mod curl;
mod entry;
mod help;
mod look;
mod mistake;
mod plugin;
mod short;
mod token;
mod unread;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use args::{CredentialsArg, Freshness, Global, SecretKey};
pub use call::{CallArgs, LongQuiet, WrittenArgs};
pub use completions::CompletionsArgs;
pub use curl::{CurlWords, METHODS};
pub use entry::{AddArgs, ImportArgs, KeepArgs, RemoveArgs};
pub use look::{DoctorArgs, ManArgs, StatusArgs};
pub use mistake::{Mistake, Near};
pub use plugin::{InitArgs, OffArgs, UseArgs};
pub use token::{InspectArgs, RevokeArgs};
pub use unread::Unread;

/// The program's name.
pub const NAME: &str = "choreo-env";
/// The program's name where cargo runs it: its doorway puts it before the arguments.
pub const CARGO: &str = "cargo choreo-env";

/// From a named environment to a working OAuth 2.0 access token
///
/// Without a command: prints shell code that exports the token of PROFILE, the same as `choreo-env env`.
#[derive(Debug, Parser)]
#[command(name = "choreo-env", version, max_term_width = 100, styles = help::STYLES)]
#[command(after_help = help::SHORT, after_long_help = help::LONG)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command, where there is one.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The arguments of `env`, where there is none.
    #[command(flatten)]
    pub env: EnvArgs,
}

impl Cli {
    /// Reads the arguments, the program's name among them.
    ///
    /// # Errors
    /// What is wrong with them, or the help that was asked for.
    pub fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        if let Some(cli) = short::read(arguments) {
            return Ok(cli);
        }
        let mut command = Self::grammar(Self::called(arguments));
        let matches = command.try_get_matches_from_mut(arguments)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }

    /// The grammar of the command line, for a program that is called so: what is parsed, and what the manual shows.
    #[must_use]
    pub fn grammar(program: &'static str) -> clap::Command {
        let usage = |curl: clap::Command| curl.override_usage(format!("{program} {CURL_USAGE}"));
        Self::command().bin_name(program).mut_subcommand("curl", usage)
    }

    /// What the program is called by the one who runs it.
    #[must_use]
    pub fn called(arguments: &[OsString]) -> &'static str {
        if arguments.first().is_some_and(|name| name == CARGO) { CARGO } else { NAME }
    }
}

/// What clap cannot say of the words of `curl`: each can be left out.
const CURL_USAGE: &str = "curl [OPTIONS] [PROFILE] [METHOD] [PATH|URL] [-- CURL-ARG...]";

/// The commands. Their names are reserved: a profile of the same name is reached by `choreo-env env NAME`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print shell code that exports the token (what choreo-env does without a command)
    Env(EnvArgs),
    /// Print the token
    Token(TokenArgs),
    /// Print a ready-to-run request, as a cURL command or for another program: for the token, or a call of the API
    Curl(CurlArgs),
    /// Run a program with the token in its environment
    Exec(ExecArgs),
    /// Change this shell to a profile, and keep its token fresh (needs the shell plugin: see `init`)
    Use(UseArgs),
    /// Leave the profile: remove all that was exported, and bring back what was there (needs the shell plugin)
    Off(OffArgs),
    /// Print the shell plugin: use, off, renewal at the prompt, a prompt segment
    Init(InitArgs),
    /// List the profiles
    List(ListArgs),
    /// Show a profile's values, where each comes from, and what it overrides
    Show(ShowArgs),
    /// Say what is configured and cached, and how long it lasts: offline, without a secret
    Status(StatusArgs),
    /// Check all that a token needs, and say what to do: files, secret, cache, network, clock
    Doctor(DoctorArgs),
    /// Look into a token: claims, lifetime, scopes, and whether its server signed it
    Inspect(InspectArgs),
    /// Remove cached tokens
    Forget(ForgetArgs),
    /// Have the server end the cached token, and remove it here
    Revoke(RevokeArgs),
    /// Add a profile to your configuration, by flags or in a short dialogue
    Add(Box<AddArgs>),
    /// Make a profile of a cURL command, of a connection's variables, or of a component.yaml
    Import(ImportArgs),
    /// Edit your configuration; it is checked before it is saved
    #[command(after_help = help::EDIT)]
    Edit,
    /// Remove a profile from your configuration, with its stored secret and its cached token
    Remove(RemoveArgs),
    /// Trust a file that came with a checkout, after showing what it decides
    Trust(TrustArgs),
    /// Store, remove or check a secret in the system's keyring
    Secret(SecretArgs),
    /// Print the code that makes a shell complete this program's commands, options and profiles
    Completions(CompletionsArgs),
    /// Show the manual: a page for each command, and one for the configuration
    Man(ManArgs),
    /// Start a local look-alike of Choreo: token endpoint, gateway and sample API
    #[cfg(feature = "sandbox")]
    Sandbox(SandboxArgs),
    /// See the whole job done on the sandbox: nothing to configure, no account
    #[cfg(feature = "sandbox")]
    #[command(after_help = help::DEMO)]
    Demo,
}

impl Command {
    /// The commands' names, which profiles should not have.
    pub const NAMES: &[&str] = &[
        "env",
        "token",
        "curl",
        "exec",
        "list",
        "show",
        "status",
        "doctor",
        "inspect",
        "forget",
        "revoke",
        "add",
        "import",
        "edit",
        "remove",
        "trust",
        "secret",
        "man",
        "completions",
        "man",
        "sandbox",
        "demo",
        "use",
        "off",
        "init",
        "help",
    ];
}

/// The arguments of `env`.
#[derive(Args, Debug, Default)]
#[command(after_help = help::ENV)]
pub struct EnvArgs {
    /// The profile
    pub profile: Option<String>,
    /// The shell that evaluates the output [default: the one that runs this]
    #[arg(long, value_name = "SHELL", conflicts_with = "format")]
    pub shell: Option<String>,
    /// The form of the output: a shell's name, json, dotenv, github, azure or exec-credential
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// How fresh the token must be.
    #[command(flatten)]
    pub freshness: Freshness,
}

impl EnvArgs {
    /// Whether nothing was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.profile.is_none() && self.shell.is_none() && self.format.is_none() && self.freshness.is_empty()
    }
}

/// The arguments of `token`.
#[derive(Args, Debug)]
#[command(after_help = help::TOKEN)]
pub struct TokenArgs {
    /// The profile
    pub profile: Option<String>,
    /// Print a header line: `Authorization: Bearer …`
    #[arg(long, conflicts_with = "json")]
    pub header: bool,
    /// Print JSON: the token, when it expires, and its scopes
    #[arg(long)]
    pub json: bool,
    /// How fresh the token must be.
    #[command(flatten)]
    pub freshness: Freshness,
}

/// The arguments of `curl`.
#[derive(Args, Debug)]
#[command(after_help = help::CURL)]
pub struct CurlArgs {
    /// The profile, the method and the path below `api_url`, each of which can be left out; without method and path,
    /// the token request is meant
    #[arg(value_names = ["PROFILE", "METHOD", "PATH|URL"], num_args = 0..=3)]
    pub words: Vec<String>,
    /// What stands for the credentials in the command
    #[arg(long, value_enum, value_name = "KIND", default_value = "inline")]
    pub credentials: CredentialsArg,
    /// How fresh the token must be.
    #[command(flatten)]
    pub freshness: Freshness,
    /// The global `--quiet`.
    #[command(flatten)]
    pub quiet: LongQuiet,
    /// Further arguments for curl, as they are, after `--`
    #[arg(last = true, value_name = "CURL-ARG")]
    pub extra: Vec<String>,
    /// What is called, and with what.
    #[command(flatten)]
    pub call: CallArgs,
    /// What it is written for.
    #[command(flatten)]
    pub written: WrittenArgs,
}

/// The arguments of `exec`.
#[derive(Args, Debug)]
#[command(after_help = help::EXEC)]
pub struct ExecArgs {
    /// The profile
    pub profile: Option<String>,
    /// The program and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
    /// How fresh the token must be.
    #[command(flatten)]
    pub freshness: Freshness,
}

/// The arguments of `list`.
#[derive(Args, Debug)]
#[command(after_help = help::LIST)]
pub struct ListArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `show`.
#[derive(Args, Debug)]
#[command(after_help = help::SHOW)]
pub struct ShowArgs {
    /// The profile
    pub profile: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `forget`.
#[derive(Args, Debug)]
#[command(after_help = help::FORGET)]
pub struct ForgetArgs {
    /// The profile
    #[arg(conflicts_with = "all")]
    pub profile: Option<String>,
    /// Remove the tokens of all profiles, also of those that are gone
    #[arg(long)]
    pub all: bool,
}

/// The arguments of `trust`.
#[derive(Args, Debug)]
#[command(after_help = help::TRUST)]
pub struct TrustArgs {
    /// The file, or the folder that it is in [default: what counts in this folder]
    pub path: Option<PathBuf>,
    /// List the trusted files, and what has become of them
    #[arg(long, conflicts_with_all = ["path", "revoke"])]
    pub list: bool,
    /// Trust the file no longer
    #[arg(long)]
    pub revoke: bool,
}

/// The arguments of `secret`.
#[derive(Args, Debug)]
#[command(after_help = help::SECRET)]
pub struct SecretArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: SecretVerb,
}

/// What `secret` does.
#[derive(Debug, Subcommand)]
pub enum SecretVerb {
    /// Store a secret: it is asked for on the terminal, or is the one line of standard input
    #[command(after_help = help::SECRET_SET)]
    Set(SecretSetArgs),
    /// Remove a secret from the keyring
    #[command(after_help = help::SECRET_REMOVE)]
    Remove(SecretKeyArgs),
    /// Say where a secret comes from and whether it is available, without showing it
    #[command(after_help = help::SECRET_CHECK)]
    Check(SecretKeyArgs),
}

/// The arguments of `secret set`.
#[derive(Args, Debug)]
pub struct SecretSetArgs {
    /// Which secret.
    #[command(flatten)]
    pub of: SecretKeyArgs,
    /// Keep the stored secret, and send it to the profile's present address from now on
    #[arg(long)]
    pub rebind: bool,
}

/// Which secret is meant.
#[derive(Args, Debug)]
pub struct SecretKeyArgs {
    /// The profile
    pub profile: Option<String>,
    /// Which of the profile's secrets
    #[arg(long, value_enum, value_name = "KEY", default_value = "consumer_secret")]
    pub key: SecretKey,
}

/// The arguments of `sandbox`.
#[cfg(feature = "sandbox")]
#[derive(Args, Debug)]
#[command(after_help = help::SANDBOX)]
pub struct SandboxArgs {
    /// The port on 127.0.0.1 [default: a free one]
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// How long tokens live
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = crate::span::parse)]
    pub lifetime: std::time::Duration,
}

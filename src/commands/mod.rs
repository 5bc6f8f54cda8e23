//! One file per command: wiring, no decisions.

pub mod add;
pub mod completions;
pub mod curl;
#[cfg(feature = "sandbox")]
pub mod demo;
pub mod doctor;
pub mod edit;
pub mod env;
pub mod exec;
pub mod forget;
mod here;
pub mod import;
pub mod init;
pub mod inspect;
mod keep;
pub mod list;
pub mod man;
pub mod remove;
mod renew;
pub mod revoke;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod secret;
pub mod show;
pub mod standing;
pub mod status;
pub mod switch;
pub mod token;
pub mod trust;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use secrecy::SecretString;

use crate::cli::{Cli, Command, Freshness, Global};
use crate::config::{self, Loaded, ProfileName, SecretRef, connection, nearest};
use crate::environ::{self, Environ};
use crate::error::Error;
use crate::exit::Exit;
use crate::notice::Notice;
use crate::profile::{self, Asked, Profile, ProfileError};
use crate::render::Secrets;
use crate::render::vars::Assignments;
use crate::secret as secrets;
use crate::term::{Term, Verbosity};
use crate::token::{self as tokens, AccessToken, Moment, Wanted};

/// What every command works with.
pub struct Context<'a, 't> {
    environ: &'a Environ,
    global: Global,
    term: &'a mut Term<'t>,
    /// The protected profile that somebody has allowed in this run.
    permitted: Option<ProfileName>,
    /// The time in all where nobody has asked for anything: a prompt, a change of folder. Then nobody is asked, either.
    unasked: Option<Duration>,
}

/// Does what was asked, and says what failed.
pub fn run(cli: Cli, arguments: &[OsString], environ: &Environ, term: &mut Term) -> ExitCode {
    term.set_verbosity(match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Verbosity::Quiet,
        (_, true) => Verbosity::Verbose,
        _ => Verbosity::Normal,
    });
    let elsewhere = cli.command.as_ref().and_then(switch::folder).map(|folder| environ.at(folder));
    let environ = elsewhere.as_ref().unwrap_or(environ);
    let mut context = Context { environ, global: cli.global, term, permitted: None, unasked: None };
    let alone = cli.command.as_ref().filter(|_| cli.env.is_empty());
    if let Some(error) = alone.and_then(|command| has_no_profile(command, &context.global)) {
        return context.fail(&error);
    }
    let result = match cli.command {
        Some(command) if !cli.env.is_empty() => {
            env::usage_failed(arguments, environ, context.term);
            Err(misplaced(&command))
        }
        None => env::run(&cli.env, &mut context),
        Some(Command::Env(args)) => env::run(&args, &mut context),
        Some(Command::Token(args)) => token::run(&args, &mut context),
        Some(Command::Curl(args)) => curl::run(&args, &mut context),
        Some(Command::Exec(args)) => return context.ends(|context| exec::run(args, context)),
        Some(Command::Use(args)) => return context.ends(|context| switch::run(&args, context)),
        Some(Command::Off(args)) => switch::off(&args, &mut context),
        Some(Command::Init(args)) => init::run(&args, &mut context),
        Some(Command::List(args)) => list::run(&args, &mut context),
        Some(Command::Show(args)) => show::run(&args, &mut context),
        Some(Command::Status(args)) => return context.ends(|context| status::run(&args, context)),
        Some(Command::Doctor(args)) => return context.ends(|context| doctor::run(&args, context)),
        Some(Command::Inspect(args)) => return context.ends(|context| inspect::run(&args, context)),
        Some(Command::Revoke(args)) => revoke::run(&args, &mut context),
        Some(Command::Forget(args)) => forget::run(&args, &mut context),
        Some(Command::Add(args)) => add::run(&args, &mut context),
        Some(Command::Import(args)) => import::run(&args, &mut context),
        Some(Command::Edit) => edit::run(&mut context),
        Some(Command::Remove(args)) => remove::run(&args, &mut context),
        Some(Command::Trust(args)) => trust::run(&args, &mut context),
        Some(Command::Secret(args)) => secret::run(&args.verb, &mut context),
        Some(Command::Completions(args)) => completions::run(&args, &mut context),
        Some(Command::Man(args)) => man::run(&args, &mut context),
        #[cfg(feature = "sandbox")]
        Some(Command::Sandbox(args)) => sandbox::run(&args, &mut context),
        #[cfg(feature = "sandbox")]
        Some(Command::Demo) => demo::run(&mut context),
    };
    match result {
        Ok(()) => Exit::Fine.into(),
        Err(error) => context.fail(&error),
    }
}

/// What names or changes a profile is nothing to a command that has none, and must not seem to be heard.
fn has_no_profile(command: &Command, global: &Global) -> Option<Error> {
    let name = match command {
        Command::List(_) => "list",
        Command::Trust(_) => "trust",
        Command::Completions(_) => "completions",
        Command::Man(_) => "man",
        Command::Off(_) => "off",
        Command::Init(_) => "init",
        #[cfg(feature = "sandbox")]
        Command::Sandbox(_) => "sandbox",
        #[cfg(feature = "sandbox")]
        Command::Demo => "demo",
        _ => return None,
    };
    let flags = [("--profile", global.profile.is_some()), ("--set", !global.set.is_empty())];
    let (flag, _) = flags.into_iter().find(|(_, given)| *given)?;
    Some(Error::usage(format!("`{} {name}` does not take `{flag}`", crate::cli::NAME), None))
}

fn misplaced(command: &Command) -> Error {
    let name = format!("{command:?}");
    let name = name.split('(').next().unwrap_or_default().to_lowercase();
    Error::usage(format!("a command's profile and options go after its name: `choreo-env {name} …`"), None)
}

impl Context<'_, '_> {
    fn load(&mut self) -> Result<Loaded, Error> {
        Ok(config::load(self.environ, &self.global.set, &mut |notice| self.term.notice(&notice))?)
    }

    /// The profile that is meant, complete.
    fn profile(&mut self, argument: Option<&str>) -> Result<Profile, Error> {
        let loaded = self.load()?;
        let asked = Asked { argument, flag: self.global.profile.as_deref() };
        let chosen = profile::chosen(asked, &loaded, self.environ).map_err(|error| maybe_a_command(error, argument));
        let (name, by) = chosen?;
        self.notice(&Notice::detail(format!("profile `{name}`: {by}")));
        if Command::NAMES.contains(&name.as_str()) {
            let message =
                format!("profile `{name}` has the name of a command: a bare `choreo-env {name}` does not reach it");
            self.notice(&Notice::warning_with_hint(message, "rename the profile"));
        }
        Ok(profile::resolve(&name, &loaded)?)
    }

    /// Asks before anything of a protected profile is shown or handed on, once in a run.
    fn permit(&mut self, profile: &Profile) -> Result<(), Error> {
        self.permit_to("Hand out its credentials?", profile)
    }

    /// The same for something else.
    fn permit_to(&mut self, question: &str, profile: &Profile) -> Result<(), Error> {
        let allowed = self.environ.text(environ::ALLOW).unwrap_or_default();
        let by_name = allowed.split(',').any(|name| name.trim() == profile.name.as_str());
        if !profile.protected || self.global.yes || by_name || self.permitted.as_ref() == Some(&profile.name) {
            return Ok(());
        }
        if self.unasked.is_some() {
            return Err(Error::Unasked { profile: profile.name.to_string() });
        }
        let asked = self.term.confirm(&format!("profile `{}` is protected. {question}", profile.name));
        match asked {
            Some(true) => {
                self.permitted = Some(profile.name.clone());
                Ok(())
            }
            Some(false) => {
                Err(Error::Refused { message: format!("profile `{}` is protected: you said no", profile.name) })
            }
            None => Err(Error::Protected { profile: profile.name.to_string() }),
        }
    }

    /// The profile with its token endpoint, for which its issuer may have to be asked.
    fn settled<'p>(&mut self, profile: &'p Profile) -> Result<Cow<'p, Profile>, Error> {
        Ok(tokens::settle(profile, self.environ, &mut |notice| self.term.notice(&notice))?)
    }

    /// A token that is fresh enough.
    fn token(&mut self, profile: &Profile, freshness: &Freshness) -> Result<AccessToken, Error> {
        self.permit(profile)?;
        let wanted = Wanted { fresh: freshness.fresh, min_ttl: freshness.min_ttl, within: self.unasked };
        Ok(tokens::obtain(profile, &wanted, self.environ, &mut |notice| self.term.notice(&notice))?)
    }

    /// The profile's API key, where it has one. It is no token: it is not cached, and asked for each time.
    fn api_key(&mut self, profile: &Profile) -> Result<Option<SecretString>, Error> {
        self.permit(profile)?;
        profile.api_key.is_some().then(|| self.reveal(profile, "api_key")).transpose()
    }

    /// The consumer secret of a connection that is to be exported: not where it is in the environment already, and not
    /// where somebody would have to type it each time.
    fn connection_secret(&mut self, profile: &Profile) -> Result<Option<SecretString>, Error> {
        let Some(variable) = connection::secret_variable(profile.connection.as_deref()) else { return Ok(None) };
        match secrets::reference(profile, "consumer_secret").map(|reference| &reference.value) {
            Some(SecretRef::Env(name)) if *name == variable => Ok(None),
            Some(SecretRef::Prompt) => Ok(None),
            None if profile.client_auth.value.secret_key() != Some("consumer_secret") => Ok(None),
            _ => {
                self.permit(profile)?;
                self.reveal(profile, "consumer_secret").map(Some)
            }
        }
    }

    /// The consumer secret, where a request holds it; what is not sent is not asked for.
    fn consumer_secret(&mut self, profile: &Profile) -> Result<SecretString, Error> {
        self.permit(profile)?;
        if !profile.client_auth.value.sends_secret() {
            return Ok(SecretString::default());
        }
        self.reveal(profile, "consumer_secret")
    }

    fn reveal(&mut self, profile: &Profile, key: &'static str) -> Result<SecretString, Error> {
        let report = &mut |notice: Notice| self.term.notice(&notice);
        Ok(match self.unasked {
            Some(within) => secrets::reveal_unasked(profile, key, within, self.environ, report),
            None => secrets::reveal(profile, key, self.environ, report),
        }?)
    }

    /// All that is exported for a token.
    fn assignments(
        &mut self,
        profile: &Profile,
        token: &AccessToken,
        min_ttl: Option<Duration>,
    ) -> Result<Assignments, Error> {
        let secrets = Secrets { api_key: self.api_key(profile)?, consumer_secret: self.connection_secret(profile)? };
        let renew_at = token.renew_at(Moment::now(), min_ttl.or(profile.min_ttl));
        Ok(Assignments::new(profile, token, &secrets, renew_at, self.environ))
    }

    /// Runs a command that has exit statuses of its own.
    fn ends(&mut self, run: impl FnOnce(&mut Self) -> Result<ExitCode, Error>) -> ExitCode {
        run(self).unwrap_or_else(|error| self.fail(&error))
    }

    fn notice(&mut self, notice: &Notice) {
        self.term.notice(notice);
    }

    fn print(&mut self, text: &str) -> Result<(), Error> {
        self.term.data(text).map_err(|source| output("to stdout", source))
    }

    /// The same for text that people read and nothing evaluates: commands in it are named as these people type them.
    fn tell(&mut self, text: &str) -> Result<(), Error> {
        let text = self.term.spoken(text);
        self.print(&text)
    }

    fn fail(&mut self, error: &Error) -> ExitCode {
        for (message, hint) in error.reports() {
            self.term.error(&message, hint.as_deref());
        }
        error.exit().into()
    }
}

/// JSON for people and programs, with a line break at the end.
fn json(value: &impl serde::Serialize) -> String {
    // Our own types have text keys and no failing parts: writing them cannot fail.
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

fn output(what: &str, source: io::Error) -> Error {
    Error::Output { what: what.into(), source }
}

/// A profile that does not exist may be a command that was misspelt.
fn maybe_a_command(error: ProfileError, argument: Option<&str>) -> Error {
    let near = argument.and_then(|word| nearest(word, Command::NAMES.iter().copied()));
    match (error, near) {
        (error @ ProfileError::Unknown { .. }, Some(command))
            if error.hint().is_none_or(|hint| !hint.starts_with("did")) =>
        {
            Error::usage(error.to_string(), format!("did you mean the command `choreo-env {command}`?"))
        }
        (error, _) => error.into(),
    }
}

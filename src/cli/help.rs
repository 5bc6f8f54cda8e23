//! The parts of the help that clap does not write.

use clap::builder::styling::{AnsiColor, Effects, Styles};

/// Headings in bold, literals in colour; clap leaves both out where there is no terminal or `NO_COLOR` is set.
pub(super) const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default());

/// Below the short help.
pub(super) const SHORT: &str = "\
Examples:
  eval \"$(choreo-env dev)\"              the token of `dev` in this shell
  choreo-env curl dev GET /pets         a ready-to-run call of its API
  choreo-env exec dev -- npm test       a program with the token in its environment
  choreo-env demo                       all of it on a local sandbox, with no account";

/// Below the long help.
pub(super) const LONG: &str = "\
Examples:
  eval \"$(choreo-env dev)\"              the token of `dev` in this shell
  choreo-env curl dev GET /pets         a ready-to-run call of its API
  choreo-env exec dev -- npm test       a program with the token in its environment
  choreo-env demo                       all of it on a local sandbox, with no account

Which profile:
  the argument, else --profile, else CHOREO_ENV_PROFILE, else `default_profile`, else the only one

Configuration, lowest first; a higher layer wins:
  built-in defaults
  /etc/choreo-env/config.toml           (%PROGRAMDATA% on Windows)
  ~/.config/choreo-env/config.toml      (as the system has it; CHOREO_ENV_CONFIG replaces it)
  [workspace.metadata.choreo-env], [package.metadata.choreo-env]
                                        of the nearest Cargo.toml, once it is trusted
  .choreo-env.toml                      in this folder or above, once it is trusted
  CHOREO_ENV_<KEY>                      such as CHOREO_ENV_TOKEN_URL
  --set key=value

Environment:
  CHOREO_ENV_PROFILE    the profile, where no argument names one; set by the exported code
  CHOREO_ENV_CONFIG     replaces the user's configuration file
  CHOREO_ENV_SHELL      the shell that the output is for, where --shell does not say
  CHOREO_ENV_EXPORTED   names of the variables that the last export added; set by the exported code
  CHOREO_ENV_TRUSTED_PATHS
                        files of a checkout, or their folders, that are trusted as they are, for CI
  CHOREO_ENV_ALLOW      protected profiles that need no question, with commas between them
  CHOREO_ENV_CONSUMER_SECRET
                        the consumer secret; like every CHOREO_ENV_<KEY>, it beats the files
  XDG_RUNTIME_DIR       where the token cache lives, if it is the user's own folder
  DBUS_SESSION_BUS_ADDRESS
                        where the system's keyring is, on Linux
  HTTPS_PROXY           proxy for token requests, with NO_PROXY and ALL_PROXY as usual
  SSL_CERT_FILE         replaces the system's trust store, with SSL_CERT_DIR
  VISUAL, EDITOR        the editor that `edit` starts
  NO_COLOR              no colour in messages; neither where TERM is `dumb`
  GITHUB_ACTIONS, GITHUB_ENV, KUBERNETES_EXEC_INFO
                        what --format github and exec-credential look at

Exit status:
  0 fine                      5 secret not available        126 exec: cannot be run
  1 unexpected                6 refused by the server       127 exec: not found
  2 usage                     7 network or time-out
  3 configuration or profile  8 cache or lock
  4 not trusted, or protected
  status: 0 usable, 10 expiring, 11 expired, 12 none, 3 misconfigured
  doctor: 0, or the status of the first problem
  exec otherwise ends with the status of the program";

/// Below the help of `env`.
pub(super) const ENV: &str = "\
Examples:
  eval \"$(choreo-env env dev)\"                the token of `dev` in this shell
  choreo-env env dev --shell fish | source     the same in a shell that is named
  choreo-env env dev --format dotenv           lines for a .env file";

/// Below the help of `token`.
pub(super) const TOKEN: &str = "\
Examples:
  choreo-env token dev                         the bare token
  choreo-env token dev --header                a header line, for `curl --header @-`
  choreo-env token dev --min-ttl 5m --json     one that lives for 5 more minutes, with its expiry";

/// Below the help of `exec`.
pub(super) const EXEC: &str = "\
Examples:
  choreo-env exec dev -- npm test              a program with the token of `dev`
  choreo-env exec -- printenv CHOREO_ACCESS_TOKEN
                                               the same with the profile that is chosen anyway";

/// Below the help of `show`.
pub(super) const SHOW: &str = "\
Examples:
  choreo-env show dev                          what counts, and what it overrides
  choreo-env show dev --set timeout=5s         what it would be";

/// Below the help of `curl`.
pub(super) const CURL: &str = "\
Examples:
  choreo-env curl dev                          the token request, as it stands
  choreo-env curl dev GET /pets                a call of the profile's api_url, with a fresh token
  choreo-env curl dev /pets --credentials helper
                                               the same for a shared runbook: holds no secret";

/// Below the help of `inspect`.
pub(super) const INSPECT: &str = "\
The signature is checked against the keys that `issuer` or `jwks_url` of the profile names, never
against what the token names itself. An opaque token is asked about at the server
(`introspect_url`). A token from standard input goes nowhere, unless --profile says whose it is.

Exit status: 0 good as far as is known, 6 forged or ended by its server, 11 expired,
12 none is cached (with --offline)

Examples:
  choreo-env inspect dev                       the cached token, or a new one where none is
  choreo-env inspect dev --offline --json      what it says by itself, for programs
  pbpaste | choreo-env inspect - --profile dev a token from elsewhere, checked with the keys of `dev`";

/// Below the help of `revoke`.
pub(super) const REVOKE: &str = "\
The server is told at `revoke_url`, or where `issuer` says. Whoever else uses the token has to get
a new one; `forget` removes it from the cache only.

Examples:
  choreo-env revoke dev                        ends the cached token of `dev`";

/// Below the help of `trust`.
pub(super) const TRUST: &str = "\
A .choreo-env.toml, and what a Cargo.toml has for choreo-env, comes with a checkout: it is ignored until it is trusted,
and again when it changes. What a trusted file names, such as a program, is not looked at.

Examples:
  choreo-env trust                             the files that count in this folder
  choreo-env trust --list
  choreo-env trust --revoke ~/src/petstore";

/// Below the help of `add`.
pub(super) const ADD: &str = "\
Without --consumer-key, it is asked for, and the token endpoint, the API and the scopes with it.
The secret is asked for on the terminal, or is the one line of standard input.

Examples:
  choreo-env add dev                           a short dialogue; the secret goes into the keyring
  pass choreo/dev | choreo-env add dev --consumer-key PfaBqk1
  choreo-env add dev --consumer-key PfaBqk1 --secret-command 'pass choreo/dev'
  choreo-env add pets --connection PETSTORE    everything from CHOREO_PETSTORE_*";

/// Below the help of `import`.
pub(super) const IMPORT: &str = "\
What is recognised becomes a profile; what is left out is told. The secret goes straight into its place.

Examples:
  choreo-env import --profile dev              paste the command of the portal's cURL button, then an empty line
  choreo-env import --profile dev command.txt --secret-file ~/.config/choreo-env/dev.secret
  choreo-env import .env                       a profile for each CHOREO_<CONNECTION>_* in it
  choreo-env import .choreo/component.yaml     a profile for each connection, by reference";

/// Below the help of `secret set`.
pub(super) const SECRET_SET: &str = "\
Examples:
  choreo-env secret set dev                    asks for the secret, without showing what is typed
  pass choreo/dev | choreo-env secret set dev  takes it from another program
  choreo-env secret set dev --rebind           the token endpoint has moved: keeps the secret for its new address";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_variable_that_the_tool_reads_is_in_the_help() {
        for variable in crate::environ::VARIABLES {
            assert!(LONG.contains(variable.name), "{}", variable.name);
        }
    }
}

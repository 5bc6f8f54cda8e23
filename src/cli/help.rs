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
  CHOREO_ENV_RENEW_AT   when the token should be renewed, in Unix seconds; set by the exported code
  CHOREO_ENV_IS_PROTECTED
                        `1` where the profile is protected; set by the exported code
  CHOREO_ENV_IN_USE     what the profile meant then, as a digest; set by the exported code
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
  PAGER                 the pager of `man`, where there is no man program
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
What is printed exports CHOREO_ACCESS_TOKEN, CHOREO_ACCESS_TOKEN_EXPIRES_AT and CHOREO_ENV_PROFILE, and where the profile
has them CHOREO_API_URL, CHOREO_API_KEY and its `vars`. On failure it removes them, and then fails.

Examples:
  eval \"$(choreo-env env dev)\"                the token of `dev` in this shell
  choreo-env env dev --shell fish | source     the same in a shell that is named
  choreo-env env dev --format dotenv           lines for a .env file";

/// Below the help of `token`.
pub(super) const TOKEN: &str = "\
The token comes from the cache while it has enough life left, else from the server.

Examples:
  choreo-env token dev                         the bare token
  choreo-env token dev --header                a header line, for `curl --header @-`
  choreo-env token dev --min-ttl 5m --json     one that lives for 5 more minutes, with its expiry";

/// Below the help of `exec`.
pub(super) const EXEC: &str = "\
The program gets what `env` exports, and on Unix takes the place of choreo-env: signals, terminal and exit status are its own.
Its token is not renewed while it runs.

Examples:
  choreo-env exec dev -- npm test              a program with the token of `dev`
  choreo-env exec -- printenv CHOREO_ACCESS_TOKEN
                                               the same with the profile that is chosen anyway";

/// Below the help of `show`.
pub(super) const SHOW: &str = "\
No secret is read or shown, only where it is.

Examples:
  choreo-env show dev                          what counts, and what it overrides
  choreo-env show dev --set timeout=5s         what it would be";

/// Below the help of `curl`.
pub(super) const CURL: &str = "\
The command runs as it is printed, in a POSIX shell or where --target says. What it holds in place of the credentials,
--credentials says.

Targets: curl, curl-powershell, curl-powershell5, curl-cmd, httpie, xh, wget, powershell, http, hurl, websocat, wscat,
ballerina, javascript, python, python-httpx, go, java, rust, csharp. What a target cannot say is told, or refused; it is
never left to chance.

Examples:
  choreo-env curl dev                          the token request, as it stands
  choreo-env curl dev GET /pets                a call of the profile's api_url, with a fresh token
  choreo-env curl dev /pets --credentials helper
                                               the same for a shared runbook: holds no secret
  choreo-env curl dev '/pets/{id}' --path id=7 -q fields=name
  choreo-env curl dev /pets --json '{\"name\":\"Mango\"}' --target python
  choreo-env curl dev /pets --form photo=@pet.jpg -- --verbose
  choreo-env curl dev --graphql '{ pets { name } }'";

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
  pbpaste | choreo-env inspect - --profile dev
                                               a token from elsewhere, checked with the keys of `dev`";

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
  choreo-env add dev --secret-command 'pass choreo/dev'
                                               the same; the secret stays where it is
  choreo-env add pets --connection PETSTORE    everything from CHOREO_PETSTORE_*";

/// Below the help of `import`.
pub(super) const IMPORT: &str = "\
What is recognised becomes a profile; what is left out is told. The secret goes straight into its place.

Examples:
  choreo-env import --profile dev              paste the command of the portal's cURL button, then an empty line
  choreo-env import --profile dev call.txt --secret-file ~/dev.secret
                                               a command in a file; the secret goes into another
  choreo-env import .env                       a profile for each CHOREO_<CONNECTION>_* in it
  choreo-env import .choreo/component.yaml     a profile for each connection, by reference";

/// Below the help of `completions`.
pub(super) const COMPLETIONS: &str = "\
`choreo-env init` has this code in it already.

Examples:
  eval \"$(choreo-env completions bash)\"        in ~/.bashrc
  choreo-env completions zsh > ~/.zfunc/_choreo-env
                                               in a folder of fpath, before compinit
  choreo-env completions fish > ~/.config/fish/conf.d/choreo-env.fish";
/// Below the help of `use`.
pub(super) const USE: &str = "\
From then on, the token is renewed before a prompt when it is due, without a word; while it is good, the prompt starts no
process. A renewal asks nothing and takes a few seconds at most. One that fails is told once, with the time of the next
try. A `use` that fails leaves no token of another profile behind, and `use -` goes back.

Examples:
  choreo-env use dev                           the token of `dev` in this shell, renewed before a prompt when it is due
  choreo-env use -                             the profile before
  choreo-env off                               the environment as it was";

/// Below the help of `off`.
pub(super) const OFF: &str = "\
Examples:
  choreo-env off                               no token, and what the environment held before";

/// Below the help of `init`.
pub(super) const INIT: &str = "\
It defines the function `choreo-env` with `use` and `off`, which hands everything else to the program, a hook of the prompt that
renews the token, the prompt segment `choreo_env_prompt` (a variable in bash, zsh and tcsh, elsewhere a function), and completion.
There is one for bash, zsh, fish, powershell, nu, elvish, xonsh and tcsh; `choreo-env init` alone names the line for each.

With --dir-switch, a folder whose `.choreo-env.toml` is trusted and names a `default_profile` is entered and left with `cd`.
What `use` or `off` said by hand inside stays; a protected profile is not entered by itself.

Examples:
  eval \"$(choreo-env init bash)\"              in ~/.bashrc
  eval \"$(choreo-env init zsh --dir-switch)\"  in ~/.zshrc, with the switch by folder";

/// Below the help of `secret set`.
pub(super) const SECRET_SET: &str = "\
It is bound to the profile's token endpoint (an API key, to its API), and sent to no other place.

Examples:
  choreo-env secret set dev                    asks for the secret, without showing what is typed
  pass choreo/dev | choreo-env secret set dev  takes it from another program
  choreo-env secret set dev --rebind           the token endpoint has moved: keeps the secret for its new address";

/// Below the help of `list`.
pub(super) const LIST: &str = "\
`*` marks the profile of this shell. The state is that of `status`. What comes from a checkout is marked; a file that is not
trusted adds nothing.

Examples:
  choreo-env list                              every profile, and how it stands
  choreo-env list --json                       the same for programs";

/// Below the help of `status`.
pub(super) const STATUS: &str = "\
It answers within a few milliseconds, takes no lock, and its exit status says it, too: 0 usable, 10 expiring (the next
call renews it), 11 expired, 12 none is cached, 3 misconfigured.

Examples:
  choreo-env status                            the profile that is chosen anyway
  choreo-env status --all --watch              a table that is kept up to date
  choreo-env status dev >/dev/null; [ $? -lt 11 ] || echo 'no token'
                                               a question of a script";

/// Below the help of `doctor`.
pub(super) const DOCTOR: &str = "\
It works with a broken configuration, too. Its exit status is 0 where there is no problem, else that of the first one.

Examples:
  choreo-env doctor dev                        one connection over the network, without credentials
  choreo-env doctor dev --offline              nothing leaves this machine
  choreo-env doctor dev --token                asks for a token, too, and for the Basic encoding that works";

/// Below the help of `forget`.
pub(super) const FORGET: &str = "\
The server is not asked: a token that others hold stays valid.

Examples:
  choreo-env forget dev                        the next call asks for a new token
  choreo-env forget --all                      nothing stays in the cache";

/// Below the help of `edit`.
pub(super) const EDIT: &str = "\
The editor is the one of VISUAL or EDITOR. A text with mistakes is not saved: you are asked whether to go on.

Examples:
  choreo-env edit
  EDITOR='code --wait' choreo-env edit         an editor with options";

/// Below the help of `remove`.
pub(super) const REMOVE: &str = "\
Only your own file is changed; its comments and its order stay.

Examples:
  choreo-env remove dev                        asks first
  choreo-env remove dev --yes                  does not";

/// Below the help of `secret`.
pub(super) const SECRET: &str = "\
A stored secret is sent only to the scheme, host and port that it was stored for. Where there is no keyring, or it is locked,
nothing is stored elsewhere instead.

Examples:
  choreo-env secret set dev                    asks for the secret
  choreo-env secret check dev                  from where it would come, and whether it is there";

/// Below the help of `secret remove`.
pub(super) const SECRET_REMOVE: &str = "\
The profile need not exist any more.

Examples:
  choreo-env secret remove dev
  choreo-env secret remove dev --key api_key   another secret of the profile";

/// Below the help of `secret check`.
pub(super) const SECRET_CHECK: &str = "\
Nobody is asked; a program that gives the secret is run.

Examples:
  choreo-env secret check dev                  from where, and whether it is there
  choreo-env secret check dev --key api_key    another secret of the profile";

/// Below the help of `sandbox`.
#[cfg(feature = "sandbox")]
pub(super) const SANDBOX: &str = "\
It runs until Ctrl-C, and prints what to do with it in another terminal.

Examples:
  choreo-env sandbox                           on a free port
  choreo-env sandbox --port 8080 --lifetime 1m
                                               tokens that expire soon";

/// Below the help of `demo`.
#[cfg(feature = "sandbox")]
pub(super) const DEMO: &str = "\
It starts a sandbox, fetches a token, prints the cURL command and calls the sample API; nothing of yours is read or changed.

Examples:
  choreo-env demo";

/// Below the help of `man`.
pub(super) const MAN: &str = "\
On a terminal the page is shown by `man`, else by mandoc, else as plain text in a pager. Elsewhere it is plain text.

Examples:
  choreo-env man                               the overview
  choreo-env man token                         the page of a command
  choreo-env man config                        the configuration: every key, layers, trust, secrets
  choreo-env man --roff config | groff -man -Tpdf > choreo-env.pdf
                                               a page on paper";

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

//! The arguments of the commands that bring profiles into the user's file, change them and remove them.

use std::path::PathBuf;

use clap::Args;

/// The registered names of the methods.
const CLIENT_AUTH: [&str; 7] = [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
    "none",
];

/// The arguments of `add`.
#[derive(Args, Debug)]
#[command(after_help = super::help::ADD)]
pub struct AddArgs {
    /// The new profile's name
    pub name: String,
    /// The application's consumer key, which OAuth calls the client id
    #[arg(long, visible_alias = "client-id", value_name = "KEY")]
    pub consumer_key: Option<String>,
    /// The token endpoint
    #[arg(long, value_name = "URL")]
    pub token_url: Option<String>,
    /// The address of the API
    #[arg(long, value_name = "URL")]
    pub api_url: Option<String>,
    /// The scopes to ask for, with blanks between them
    #[arg(long, value_name = "SCOPES")]
    pub scopes: Option<String>,
    /// The audience to ask for
    #[arg(long, value_name = "TEXT")]
    pub audience: Option<String>,
    /// A further form field of the token request (repeatable), such as orgHandle=acme
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<String>,
    /// How the application proves who it is
    #[arg(long, value_parser = CLIENT_AUTH, value_name = "METHOD")]
    pub client_auth: Option<String>,
    /// The name that the server has for the private key
    #[arg(long, value_name = "ID")]
    pub key_id: Option<String>,
    /// The client's certificate: a PEM or PKCS#12 file
    #[arg(long, value_name = "PATH")]
    pub client_certificate: Option<PathBuf>,
    /// How key and secret are written in a Basic header
    #[arg(long, value_parser = ["form", "raw"], value_name = "ENCODING")]
    pub basic_encoding: Option<String>,
    /// A Choreo connection whose variables give all values, such as PETSTORE
    #[arg(long, value_name = "NAME")]
    pub connection: Option<String>,
    /// A profile whose values this one starts from
    #[arg(long, value_name = "PROFILE")]
    pub extends: Option<String>,
    /// Where the secret is kept.
    #[command(flatten)]
    pub keep: KeepArgs,
}

/// The arguments of `import`.
#[derive(Args, Debug)]
#[command(after_help = super::help::IMPORT)]
pub struct ImportArgs {
    /// A file with a cURL command, with CHOREO_<CONNECTION>_* variables, or a component.yaml [default: standard input]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Take the CHOREO_<CONNECTION>_* variables of the environment
    #[arg(long, conflicts_with = "file")]
    pub from_env: bool,
    /// Where the secret is kept.
    #[command(flatten)]
    pub keep: KeepArgs,
}

/// Where a secret is kept; one of them at most. There is none for plain text, and none that holds the secret itself:
/// everybody can read arguments.
#[derive(Args, Debug, Default)]
#[group(multiple = false)]
pub struct KeepArgs {
    /// Keep the secret in this file, which is made for you alone [default: the system's keyring]
    #[arg(long, value_name = "PATH")]
    pub secret_file: Option<PathBuf>,
    /// The secret is in this environment variable; it is not kept
    #[arg(long, value_name = "NAME")]
    pub secret_env: Option<String>,
    /// This program prints the secret; it is not kept: 'pass choreo/dev'
    #[arg(long, value_name = "COMMAND")]
    pub secret_command: Option<String>,
    /// The secret is asked for each time; it is not kept
    #[arg(long)]
    pub secret_prompt: bool,
}

/// The arguments of `remove`.
#[derive(Args, Debug)]
#[command(after_help = super::help::REMOVE)]
pub struct RemoveArgs {
    /// The profile
    pub name: String,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

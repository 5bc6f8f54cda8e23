//! The configuration that a user of the sandbox needs.

use super::{Environment, Site};

impl Site {
    /// A configuration file with a profile for each environment. It has the secrets in it, as bare strings: write it
    /// with mode 0600, or the configuration room refuses it.
    #[must_use]
    pub fn profile_toml(&self) -> String {
        let profiles: String = Environment::ALL.map(|environment| self.profile(environment)).concat();
        format!("default_profile = {}\n{profiles}", quoted(Environment::Dev.name()))
    }

    fn profile(&self, environment: Environment) -> String {
        let credentials = self.credentials(environment);
        format!(
            "\n[profiles.{environment}]\n\
             token_url       = {}\n\
             consumer_key    = {}\n\
             consumer_secret = {}\n\
             api_url         = {}\n",
            quoted(&self.token_url()),
            quoted(&credentials.consumer_key),
            quoted(credentials.secret_text()),
            quoted(&self.api_url(environment)),
        )
    }
}

/// A TOML basic string. Control characters, which it cannot hold, are refused where the keys come in.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::*;

    #[test]
    fn the_profiles_say_what_the_sandbox_is() {
        let secret = r#"a"b\c'd$ é%"#;
        let options = Options { consumer_secret: Some(secret.into()), ..Options::default() };
        let site = Site::new(4711, options).expect("a site");
        let file: toml::Table = site.profile_toml().parse().expect("TOML");
        assert_eq!(file["default_profile"].as_str(), Some("dev"));
        let dev = &file["profiles"]["dev"];
        assert_eq!(dev["consumer_secret"].as_str(), Some(secret));
        assert_eq!(dev["consumer_key"].as_str(), Some(site.credentials(Environment::Dev).consumer_key.as_str()));
        assert_eq!(dev["token_url"].as_str(), Some("http://127.0.0.1:4711/oauth2/token"));
        assert_eq!(file["profiles"]["prod"]["api_url"].as_str(), Some("http://127.0.0.1:4711/prod/petstore/v1"));
    }

    proptest::proptest! {
        #[test]
        fn a_quoted_value_is_read_back(value in "[^\\p{Cc}]{0,40}") {
            let file: toml::Table = format!("key = {}", quoted(&value)).parse().expect("TOML");
            proptest::prop_assert_eq!(file["key"].as_str(), Some(value.as_str()));
        }
    }
}

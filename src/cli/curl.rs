//! The words of `curl`: `[PROFILE] [METHOD] [PATH|URL]`, each of which can be left out.

use super::CurlArgs;

/// What the words mean.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CurlWords<'a> {
    /// The profile.
    pub profile: Option<&'a str>,
    /// The call of the API; `None`: the token request is meant.
    pub call: Option<(String, &'a str)>,
}

/// The methods that are known by name (RFC 9110 §9.3, RFC 5789).
pub const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"];

impl CurlArgs {
    /// Tells the words apart. A path begins with `/`, an address has `://` in it, and a method is written in capitals;
    /// a profile that looks like one is named by `--profile`.
    ///
    /// # Errors
    /// What does not fit.
    pub fn parts(&self) -> Result<CurlWords<'_>, String> {
        let mut words = self.words.iter().map(String::as_str).peekable();
        let profile = words.next_if(|word| !is_target(word) && !METHODS.contains(word));
        let method = words.next_if(|word| !is_target(word));
        let target = words.next();
        if let Some(word) = words.next() {
            return Err(format!("`{word}` is one word too many: the order is PROFILE METHOD PATH"));
        }
        let neither = |word: &str| Err(format!("`{word}` is neither a method nor a path; a path begins with `/`"));
        if let Some(word) = target.filter(|word| !is_target(word)) {
            return neither(word);
        }
        match (method, target) {
            (None, None) => Ok(CurlWords { profile, call: None }),
            (method, target) => {
                let typed = method.unwrap_or("GET");
                let method = typed.to_ascii_uppercase();
                let custom = target.is_some() && method.bytes().all(|byte| byte.is_ascii_uppercase());
                if !custom && !METHODS.contains(&method.as_str()) {
                    return neither(typed);
                }
                Ok(CurlWords { profile, call: Some((method, target.unwrap_or_default())) })
            }
        }
    }
}

fn is_target(word: &str) -> bool {
    word.starts_with('/') || word.contains("://")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::{Cli, Command};

    /// The words, parsed and written down again: `profile|method|target`, with `-` for what is not there.
    fn parts(words: &[&str]) -> Result<String, String> {
        let cli = Cli::parse_from(["choreo-env", "curl"].iter().chain(words));
        let Some(Command::Curl(args)) = cli.command else { panic!("no curl") };
        let parts = args.parts()?;
        let (method, target) = parts.call.unwrap_or(("-".into(), "-"));
        Ok(format!("{}|{method}|{target}", parts.profile.unwrap_or("-")))
    }

    #[test]
    fn each_word_can_be_left_out() {
        let cases: [(&[&str], &str); 8] = [
            (&[], "-|-|-"),
            (&["dev"], "dev|-|-"),
            (&["dev", "/pets"], "dev|GET|/pets"),
            (&["dev", "post", "/pets"], "dev|POST|/pets"),
            (&["GET", "/pets"], "-|GET|/pets"),
            (&["https://h/p"], "-|GET|https://h/p"),
            (&["dev", "GET"], "dev|GET|"),
            (&["dev", "PURGE", "/x"], "dev|PURGE|/x"),
        ];
        for (words, expected) in cases {
            assert_eq!(parts(words).as_deref(), Ok(expected), "{words:?}");
        }
    }

    #[test]
    fn what_is_no_method_and_no_path_is_refused() {
        assert!(parts(&["dev", "pets"]).is_err_and(|wrong| wrong.starts_with("`pets` is neither")));
        assert!(parts(&["dev", "GET", "pets"]).is_err_and(|wrong| wrong.starts_with("`pets` is neither")));
        assert!(parts(&["dev", "/pets", "GET"]).is_err());
        assert!(parts(&["dev", "p@ts", "/pets"]).is_err());
    }
}

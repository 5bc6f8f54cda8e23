//! What a request can be written for.
//!
//! Owns the targets' names and what sets them apart. Never writes. Gives [`Target`].

/// What a request is written for: a program's command line in some shell, a file of requests, a programming language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// curl in bash, zsh, dash, ksh and fish.
    Curl,
    /// curl in `PowerShell` 7.3 or newer, which passes quotes on.
    CurlPowershell,
    /// curl in Windows `PowerShell` 5.1, which does not.
    CurlPowershell5,
    /// curl in Windows' cmd.
    CurlCmd,
    /// `HTTPie`.
    Httpie,
    /// xh, which reads what `HTTPie` does.
    Xh,
    /// GNU wget.
    Wget,
    /// `PowerShell`'s own `Invoke-RestMethod`.
    Powershell,
    /// A `.http` file, as editors run them.
    HttpFile,
    /// A file for Hurl.
    Hurl,
    /// websocat, for a WebSocket.
    Websocat,
    /// wscat, for a WebSocket.
    Wscat,
    /// Ballerina.
    Ballerina,
    /// JavaScript, with `fetch`.
    Javascript,
    /// Python, with requests.
    Python,
    /// Python, with httpx.
    PythonHttpx,
    /// Go, with its own library.
    Go,
    /// Java, with its own `HttpClient`.
    Java,
    /// Rust, with reqwest.
    Rust,
    /// C#, with its own `HttpClient`.
    Csharp,
}

impl Target {
    /// Every target, in the order in which they are told.
    pub const ALL: [Self; 20] = [
        Self::Curl,
        Self::CurlPowershell,
        Self::CurlPowershell5,
        Self::CurlCmd,
        Self::Httpie,
        Self::Xh,
        Self::Wget,
        Self::Powershell,
        Self::HttpFile,
        Self::Hurl,
        Self::Websocat,
        Self::Wscat,
        Self::Ballerina,
        Self::Javascript,
        Self::Python,
        Self::PythonHttpx,
        Self::Go,
        Self::Java,
        Self::Rust,
        Self::Csharp,
    ];

    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.facts().0
    }

    /// What it is, in a phrase.
    #[must_use]
    pub const fn about(self) -> &'static str {
        self.facts().1
    }

    /// The language, as the fences of Markdown name it.
    #[must_use]
    pub const fn fence(self) -> &'static str {
        self.facts().2
    }

    const fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Curl => ("curl", "curl in bash, zsh, dash, ksh or fish", "sh"),
            Self::CurlPowershell => ("curl-powershell", "curl in PowerShell 7.3 or newer", "powershell"),
            Self::CurlPowershell5 => ("curl-powershell5", "curl in Windows PowerShell 5.1", "powershell"),
            Self::CurlCmd => ("curl-cmd", "curl in Windows' cmd", "bat"),
            Self::Httpie => ("httpie", "HTTPie", "sh"),
            Self::Xh => ("xh", "xh", "sh"),
            Self::Wget => ("wget", "GNU wget", "sh"),
            Self::Powershell => ("powershell", "PowerShell's Invoke-RestMethod", "powershell"),
            Self::HttpFile => ("http", "a .http file, as editors run them", "http"),
            Self::Hurl => ("hurl", "a file for Hurl", "hurl"),
            Self::Websocat => ("websocat", "websocat, for a WebSocket", "sh"),
            Self::Wscat => ("wscat", "wscat, for a WebSocket", "sh"),
            Self::Ballerina => ("ballerina", "Ballerina", "ballerina"),
            Self::Javascript => ("javascript", "JavaScript, with fetch", "javascript"),
            Self::Python => ("python", "Python, with requests", "python"),
            Self::PythonHttpx => ("python-httpx", "Python, with httpx", "python"),
            Self::Go => ("go", "Go, with net/http", "go"),
            Self::Java => ("java", "Java, with HttpClient", "java"),
            Self::Rust => ("rust", "Rust, with reqwest", "rust"),
            Self::Csharp => ("csharp", "C#, with HttpClient", "csharp"),
        }
    }

    /// The target of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Whether it is a command line, which has short flags and can be wrapped.
    #[must_use]
    pub const fn is_command(self) -> bool {
        use Target::{Curl, CurlCmd, CurlPowershell, CurlPowershell5, Httpie, Powershell, Websocat, Wget, Wscat, Xh};
        matches!(
            self,
            Curl | CurlPowershell | CurlPowershell5 | CurlCmd | Httpie | Xh | Wget | Powershell | Websocat | Wscat
        )
    }

    /// Whether it is a command line of curl.
    #[must_use]
    pub const fn is_curl(self) -> bool {
        matches!(self, Self::Curl | Self::CurlPowershell | Self::CurlPowershell5 | Self::CurlCmd)
    }

    /// Whether it speaks WebSocket, and nothing else.
    #[must_use]
    pub const fn is_websocket(self) -> bool {
        matches!(self, Self::Websocat | Self::Wscat)
    }

    /// Whether what is written can run a program for a value.
    pub(super) const fn runs_programs(self) -> bool {
        !matches!(self, Self::CurlCmd | Self::HttpFile | Self::Hurl | Self::Ballerina | Self::Java | Self::Csharp)
    }

    /// Whether it asks for a password that is not there.
    pub(super) const fn asks(self) -> bool {
        self.is_curl() || matches!(self, Self::Httpie | Self::Xh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_found_by_its_name() {
        for target in Target::ALL {
            assert_eq!(Target::named(target.name()), Some(target));
        }
        assert_eq!(Target::named("cURL"), None);
    }
}

//! curl, for POSIX shells.
//!
//! Long flags, because documents are read more often than typed; no `--silent`, because a command that somebody pastes
//! should say what it does; never a pipeline into `base64`, because `--user` does that without one.

use std::path::Path;

use secrecy::ExposeSecret;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::{HttpCall, Part, Text};
use crate::render::RenderError;
use crate::render::draft::Draft;
use crate::render::quote;
use crate::render::vars::is_name;

/// Writes a request as a curl command, which runs as it stands when it is pasted or given to `bash -c`.
///
/// # Errors
/// A value that no such command can carry.
pub fn curl(call: &HttpCall) -> Result<Zeroizing<String>, RenderError> {
    check(call)?;
    let mut out = Draft::new();
    out.push("curl");
    method(&mut out, call);
    if call.url.contains(['[', ']', '{', '}']) {
        out.push(" --globoff"); // curl reads them as ranges and sets otherwise
    }
    out.push(" ");
    Word::of(&call.url).write(&mut out);
    connection(&mut out, call)?;
    if let Some((user, password)) = &call.user {
        let word = Word::new().text(user);
        option(&mut out, "--user", password.iter().fold(word, |word, password| word.literal(":").text(password)));
    }
    for (name, value) in &call.headers {
        header(&mut out, name, value);
    }
    for (name, value) in &call.form {
        field(&mut out, name, value);
    }
    out.push("\n");
    Ok(out.finish())
}

/// Only where curl would not choose it by itself. A `HEAD` that is merely requested waits for a body that never comes.
fn method(out: &mut Draft, call: &HttpCall) {
    let natural = if call.form.is_empty() { "GET" } else { "POST" };
    match call.method.as_deref().unwrap_or(natural) {
        method if method == natural => {}
        "HEAD" if call.form.is_empty() => out.push(" --head"),
        method => {
            out.push(" --request ");
            Word::of(method).write(out);
        }
    }
}

fn connection(out: &mut Draft, call: &HttpCall) -> Result<(), RenderError> {
    if call.insecure {
        out.push(" \\\n  --insecure");
    }
    if let Some(path) = &call.ca_file {
        let path = path.to_str().ok_or_else(|| RenderError::Path { path: path.display().to_string() })?;
        option(out, "--cacert", Word::of(path));
    }
    if let Some(proxy) = &call.proxy {
        option(out, "--proxy", Word::of(proxy));
    }
    Ok(())
}

/// curl drops a header without a value, unless a semicolon stands for the colon.
fn header(out: &mut Draft, name: &str, value: &Text) {
    if value.is_blank() {
        option(out, "--header", Word::of(name).literal(";"));
    } else {
        option(out, "--header", Word::of(name).literal(": ").text(value));
    }
}

/// curl encodes what follows the first `=`, and takes the name before it as it is; an encoded name has neither `=` nor
/// the `@` that would make a file's name of the rest.
fn field(out: &mut Draft, name: &str, value: &Text) {
    let name: String = byte_serialize(name.as_bytes()).collect();
    option(out, "--data-urlencode", Word::of(&name).literal("=").text(value));
}

/// A flag with its value, on a line of its own.
fn option(out: &mut Draft, flag: &str, value: Word<'_>) {
    out.push_all(&[" \\\n  ", flag, " "]);
    value.write(out);
}

/// A word of the command line in the making.
struct Word<'a>(Vec<Piece<'a>>);

enum Piece<'a> {
    Literal(&'a str),
    Variable(&'a str),
    Output(&'a [String]),
}

impl<'a> Word<'a> {
    fn new() -> Self {
        Self(Vec::new())
    }

    fn of(text: &'a str) -> Self {
        Self::new().literal(text)
    }

    fn literal(mut self, text: &'a str) -> Self {
        self.0.push(Piece::Literal(text));
        self
    }

    fn text(mut self, text: &'a Text) -> Self {
        for part in text.parts() {
            match part {
                Part::Plain(text) => self.0.push(Piece::Literal(text)),
                Part::Secret(text) => self.0.push(Piece::Literal(text.expose_secret())),
                Part::Variable(name) => self.0.push(Piece::Variable(name)),
                Part::Output(command) => self.0.push(Piece::Output(command)),
                Part::Placeholder(name) => self.0.extend(["<", name, ">"].map(Piece::Literal)),
            }
        }
        self
    }

    fn write(self, out: &mut Draft) {
        if self.0.iter().all(|piece| matches!(piece, Piece::Literal(_))) {
            self.write_literal(out);
        } else {
            self.write_expanding(out);
        }
    }

    /// Bare or in single quotes.
    fn write_literal(self, out: &mut Draft) {
        let mut whole = Draft::new();
        for piece in self.0 {
            if let Piece::Literal(text) = piece {
                whole.push(text);
            }
        }
        quote::posix(out, &whole.finish());
    }

    /// In double quotes, so that variables are filled in and not split.
    fn write_expanding(self, out: &mut Draft) {
        let last = self.0.len() - 1;
        let mut quotes = Quotes { out, open: false };
        for (at, piece) in self.0.into_iter().enumerate() {
            match piece {
                Piece::Literal(text) => quotes.literal(text),
                Piece::Variable(name) if at == last => quotes.open().push_all(&["$", name]),
                // zsh takes a `[` or `:` that follows for a part of the name
                Piece::Variable(name) => quotes.open().push_all(&["${", name, "}"]),
                Piece::Output(command) => quotes.output(command),
            }
        }
        quotes.close();
    }
}

/// Double quotes that open and close as needed.
struct Quotes<'a> {
    out: &'a mut Draft,
    open: bool,
}

impl Quotes<'_> {
    fn open(&mut self) -> &mut Draft {
        if !self.open {
            self.out.push("\"");
            self.open = true;
        }
        self.out
    }

    fn close(&mut self) {
        if self.open {
            self.out.push("\"");
            self.open = false;
        }
    }

    /// A `!` goes into single quotes of its own: an interactive bash or zsh replaces it in double ones.
    fn literal(&mut self, text: &str) {
        for (at, chunk) in text.split('!').enumerate() {
            if at > 0 {
                self.close();
                self.out.push("'!'");
            }
            if !chunk.is_empty() {
                quote::posix_in_double_quotes(self.open(), chunk);
            }
        }
    }

    fn output(&mut self, command: &[String]) {
        self.open().push("$(");
        for (at, word) in command.iter().enumerate() {
            if at > 0 {
                self.out.push(" ");
            }
            quote::posix_nested(self.out, word);
        }
        self.out.push(")");
    }
}

/// Refuses what would change the meaning of the request or of the command.
fn check(call: &HttpCall) -> Result<(), RenderError> {
    plain(&call.url, "the address")?;
    plain(call.method.as_deref().unwrap_or_default(), "the method")?;
    plain(call.proxy.as_deref().unwrap_or_default(), "the proxy")?;
    plain(&call.ca_file.as_deref().unwrap_or(Path::new("")).to_string_lossy(), "`ca_file`")?;
    // A configuration may name any variable of the environment; written bare, such a name would be code.
    let texts = call.headers.iter().chain(&call.form).map(|(_, text)| text);
    let texts = texts.chain(call.user.iter().flat_map(|(user, password)| password.iter().chain([user])));
    if let Some(name) = texts.flat_map(Text::variables).find(|name| !is_name(name)) {
        return Err(RenderError::Name { name: name.to_owned() });
    }
    if let Some((user, password)) = &call.user {
        let mut known = user.literals().chain(password.iter().flat_map(Text::literals));
        known.try_for_each(|text| plain(text, "the credentials"))?;
        if user.literals().any(|text| text.contains(':')) {
            return Err(RenderError::ColonInUser);
        }
    }
    for (name, value) in &call.headers {
        if !is_header_name(name) {
            return Err(RenderError::HeaderName { name: name.clone() });
        }
        value.literals().try_for_each(|text| plain(text, &format!("header `{name}`")))?;
    }
    for (name, value) in &call.form {
        value.literals().try_for_each(|text| plain(text, &format!("form field `{}`", name.escape_debug())))?;
    }
    Ok(())
}

fn plain(text: &str, what: &str) -> Result<(), RenderError> {
    if text.contains(|c: char| c.is_ascii_control()) {
        return Err(RenderError::ControlCharacter { what: what.to_owned() });
    }
    Ok(())
}

/// A token (RFC 9110 §5.6.2).
fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(call: &HttpCall) -> String {
        curl(call).expect("expressible").to_string()
    }

    #[test]
    fn a_token_request_reads_like_the_one_in_the_manual() {
        let call = HttpCall {
            url: "https://sts.choreo.dev/oauth2/token".into(),
            user: Some((Text::plain("key"), Some(Part::Secret("it's".into()).into()))),
            form: vec![("grant_type".into(), Text::plain("client_credentials"))],
            ..HttpCall::default()
        };
        assert_eq!(
            written(&call),
            "curl https://sts.choreo.dev/oauth2/token \\\n  --user 'key:it'\\''s' \\\n  \
             --data-urlencode grant_type=client_credentials\n"
        );
    }

    #[test]
    fn variables_outputs_and_placeholders_stand_in_quotes() {
        let header = |part| ("Authorization".to_owned(), Text::new([Part::Plain("Bearer ".into()), part]));
        let call = HttpCall {
            method: Some("DELETE".into()),
            url: "https://api.example/pets/{1}".into(),
            headers: vec![
                header(Part::Variable("CHOREO_ACCESS_TOKEN".into())),
                header(Part::Output(["choreo-env", "token", "a!b"].map(String::from).into())),
                header(Part::Placeholder("token".into())),
            ],
            user: Some((Part::Variable("KEY".into()).into(), Some(Part::Variable("SECRET".into()).into()))),
            ..HttpCall::default()
        };
        assert_eq!(
            written(&call),
            "curl --request DELETE --globoff 'https://api.example/pets/{1}' \\\n  --user \"${KEY}:$SECRET\" \\\n  \
             --header \"Authorization: Bearer $CHOREO_ACCESS_TOKEN\" \\\n  \
             --header \"Authorization: Bearer $(choreo-env token 'a'\\!'b')\" \\\n  \
             --header 'Authorization: Bearer <token>'\n"
        );
    }

    #[test]
    fn an_exclamation_mark_never_stands_in_double_quotes() {
        let value = Text::new([Part::Plain("!a!!$\"".into()), Part::Variable("X".into()), Part::Plain("!".into())]);
        let call = HttpCall { url: "u".into(), headers: vec![("h".into(), value)], ..HttpCall::default() };
        assert_eq!(written(&call), "curl u \\\n  --header \"h: \"'!'\"a\"'!''!'\"\\$\\\"${X}\"'!'\n");
    }

    #[test]
    fn the_method_is_named_only_where_curl_would_choose_another() {
        let line = |method: &str, form: &[&str]| {
            written(&HttpCall {
                method: Some(method.into()),
                url: "u".into(),
                form: form.iter().map(|name| ((*name).to_owned(), Text::plain("v"))).collect(),
                ..HttpCall::default()
            })
        };
        assert_eq!(line("GET", &[]), "curl u\n");
        assert_eq!(line("HEAD", &[]), "curl --head u\n");
        assert_eq!(line("POST", &[]), "curl --request POST u\n");
        assert_eq!(line("POST", &["a b"]), "curl u \\\n  --data-urlencode a+b=v\n");
        assert_eq!(line("PUT", &["a"]), "curl --request PUT u \\\n  --data-urlencode a=v\n");
    }

    #[test]
    fn what_no_command_can_carry_is_refused() {
        let base = || HttpCall { url: "u".into(), ..HttpCall::default() };
        let with_user = HttpCall { user: Some((Text::plain("a:b"), Some(Text::plain("c")))), ..base() };
        assert_eq!(curl(&with_user).err(), Some(RenderError::ColonInUser));
        let with_header = |name: &str, value: &str| {
            curl(&HttpCall { headers: vec![(name.into(), Text::plain(value))], ..base() }).err()
        };
        assert_eq!(with_header("@file", "x"), Some(RenderError::HeaderName { name: "@file".into() }));
        assert_eq!(with_header("a", "x\r\nb: c"), Some(RenderError::ControlCharacter { what: "header `a`".into() }));
        assert_eq!(with_header("a", "x"), None);
    }
}

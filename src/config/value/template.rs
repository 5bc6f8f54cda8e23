//! The templates of `vars`: text with `{token}`, `{api_url}` and the like in it.

use crate::config::nearest;

/// What a template can refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `{token}`: the access token.
    Token,
    /// `{expires_at}`: when it expires, in Unix seconds.
    ExpiresAt,
    /// `{api_url}`: the profile's `api_url`.
    ApiUrl,
    /// `{api_key}`: the profile's API key.
    ApiKey,
    /// `{profile}`: the profile's name.
    Profile,
}

impl Field {
    /// Every field with its name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("token", Self::Token),
        ("expires_at", Self::ExpiresAt),
        ("api_url", Self::ApiUrl),
        ("api_key", Self::ApiKey),
        ("profile", Self::Profile),
    ];
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that stands for itself.
    Text(String),
    /// A place to be filled.
    Field(Field),
}

/// A parsed template; `{{` and `}}` stand for the braces themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// A phrase that says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            let Some((name, after)) = after.split_once('}').filter(|_| brace == "{") else {
                return Err(format!("has a single `{brace}`; write `{brace}{brace}` for the character itself"));
            };
            let Some((_, field)) = Field::ALL.into_iter().find(|(known, _)| *known == name) else {
                return Err(unknown(name));
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(Piece::Field(field));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// The pieces in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether the template refers to a field.
    #[must_use]
    pub fn uses(&self, field: Field) -> bool {
        self.pieces.contains(&Piece::Field(field))
    }
}

/// The phrase for a field that there is none of. It is named only where it can be nothing but a slip: other text in
/// braces may be anything, also a secret.
fn unknown(name: &str) -> String {
    if let Some(near) = nearest(name, Field::ALL.map(|(name, _)| name)) {
        return format!("has an unknown field `{{{name}}}`; did you mean `{{{near}}}`?");
    }
    let known = Field::ALL.map(|(name, _)| format!("`{{{name}}}`")).join(", ");
    format!("has an unknown field; known are {known}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_are_doubled_and_fields_are_named() {
        let template = Template::parse("a{{{token}}}b{api_url}").expect("valid");
        assert_eq!(
            template.pieces(),
            [
                Piece::Text("a{".into()),
                Piece::Field(Field::Token),
                Piece::Text("}b".into()),
                Piece::Field(Field::ApiUrl),
            ]
        );
        assert!(template.uses(Field::Token) && !template.uses(Field::Profile));
    }

    #[test]
    fn a_lone_brace_or_an_unknown_field_is_refused() {
        for bad in ["{", "}", "a{token", "{tokn}", "{}", "}{"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}

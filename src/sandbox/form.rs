//! Form-encoded text, read strictly.
//!
//! Owns `application/x-www-form-urlencoded` as OAuth uses it (RFC 6749 appendix B). Never guesses: what is malformed is
//! refused, because a client that sends it would fail at another server. Gives [`decode`] and the [`Fields`] of a body.

use super::refusal::Refusal;

/// Undoes the form encoding of one name or value; `None` where it is malformed or not UTF-8.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The fields of a token request.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// What a client may send more than once (RFC 8707 §2, and the audiences of RFC 8693 §2.1).
    const REPEATABLE: [&str; 2] = ["audience", "resource"];

    /// Reads a body. A field without a value counts as not sent, and none may be sent twice (RFC 6749 §3.2).
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let text = str::from_utf8(body).map_err(|_| Refusal::Request("the body is not UTF-8"))?;
        let mut fields = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else {
                return Err(Refusal::Request("the body is not form-encoded: a percent sign needs two hex digits"));
            };
            fields.add(name, value)?;
        }
        Ok(fields)
    }

    /// The value of a field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn add(&mut self, name: String, value: String) -> Result<(), Refusal> {
        if value.is_empty() {
            return Ok(());
        }
        if self.get(&name).is_some() && !Self::REPEATABLE.contains(&name.as_str()) {
            return Err(Refusal::Request("a parameter is there more than once"));
        }
        self.0.push((name, value));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plus_is_a_blank_and_percent_a_byte() {
        assert_eq!(decode("a+b%2B%c3%A9~!").as_deref(), Some("a b+é~!"));
        assert_eq!(decode("").as_deref(), Some(""));
    }

    #[test]
    fn a_broken_escape_and_broken_utf8_are_refused() {
        for bad in ["%", "%4", "%zz", "%+1", "a%ff"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_field_without_a_value_counts_as_not_sent() {
        let fields = Fields::parse(b"scope=&a&&grant_type=x&scope=read").unwrap_or_default();
        assert_eq!(fields.get("scope"), Some("read"));
        assert_eq!(fields.get("grant_type"), Some("x"));
        assert_eq!(fields.get("a"), None);
    }

    #[test]
    fn only_audience_and_resource_may_be_repeated() {
        assert!(Fields::parse(b"resource=a&resource=b&audience=a&audience=b").is_ok());
        assert!(Fields::parse(b"scope=a&scope=a").is_err());
        assert!(Fields::parse(b"unknown=a&unkn%6fwn=b").is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_a_form_serializer_writes_is_read_back(text: String) {
            let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            proptest::prop_assert_eq!(decode(&encoded), Some(text));
        }

        #[test]
        fn any_bytes_are_fields_or_refused(body: Vec<u8>) {
            let refused = Fields::parse(&body).err();
            proptest::prop_assert!(matches!(refused, None | Some(Refusal::Request(_))));
        }
    }
}

//! The Basic header, for targets that do not write one themselves.
//!
//! Owns its base64 (RFC 7617 §2). Never encodes what is not known yet: a target that can do so does it in its own way.
//! Gives the header's value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Part, Text};

/// `Basic …`, where user and password are known; words in angle brackets where the reader fills them in.
pub(super) fn header(user: &Text, password: &Text) -> Option<Text> {
    if user.has_placeholder() || password.has_placeholder() {
        let name = |text: &Text| text.known().map(|known| known.replace(['<', '>'], ""));
        let what = format!("base64 of {}:{}", name(user)?, name(password)?);
        return Some(Text::new([Part::Plain("Basic ".into()), Part::Placeholder(what)]));
    }
    let (user, password) = (user.known()?, password.known()?);
    let pair = Zeroizing::new([user.as_str(), ":", password.as_str()].concat());
    Some(Text::new([Part::Plain("Basic ".into()), Part::Secret(STANDARD.encode(pair.as_bytes()).into())]))
}

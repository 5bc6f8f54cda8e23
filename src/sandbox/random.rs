//! Random text for keys, secrets and token ids, straight from the system.

use p256::elliptic_curve::rand_core::{OsRng, RngCore};

use super::SandboxError;

/// The characters that Choreo's consumer keys are made of. 63 of them, so that six bits choose one nearly always.
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

/// Random bytes.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], SandboxError> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| SandboxError::Random)?;
    Ok(bytes)
}

/// Random text of that length; each character has just under six bits of chance.
pub(super) fn text(length: usize) -> Result<String, SandboxError> {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // Six bits that choose no character are left out, so that all characters stay equally likely.
        let chosen = bytes::<32>()?.map(|byte| ALPHABET.get(usize::from(byte & 63)).copied());
        text.extend(chosen.into_iter().flatten().take(length - text.len()).map(char::from));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_its_length_and_is_never_the_same() {
        for length in [0, 1, 28, 200] {
            assert_eq!(text(length).expect("random").len(), length);
        }
        assert_ne!(text(28).expect("random"), text(28).expect("random"));
    }
}

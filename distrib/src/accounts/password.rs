//! Hashes and checks passwords with argon2id: 19 MiB, 2 passes and 1 lane, which are the crate's default and OWASP's minimum.
//! Each hash contains its own parameters, so older hashes keep working if the parameters are raised.

use std::sync::LazyLock;

use argon2::password_hash::phc;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

/// Minimum number of characters of a password.
pub const SHORTEST: usize = 12;
/// Maximum number of characters of a password. Without a limit, hashing could be used to keep the machine busy.
pub const LONGEST: usize = 128;

/// A hashed password in PHC form.
#[derive(Clone)]
pub(super) struct PasswordHash(String);

impl PasswordHash {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a password is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordProblem {
    /// The password is too short or too long.
    #[error("a password has {SHORTEST} to {LONGEST} characters")]
    Length,
    /// Hashing failed.
    #[error("the password could not be hashed: {0}")]
    Hashing(String),
}

/// Hashes a new password with its own random salt.
pub(super) fn hash(password: &str) -> Result<PasswordHash, PasswordProblem> {
    if !has_usable_length(password) {
        return Err(PasswordProblem::Length);
    }
    let hash: phc::PasswordHash = Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| PasswordProblem::Hashing(error.to_string()))?;
    Ok(PasswordHash(hash.to_string()))
}

/// Whether a password matches a hash. `None` means that the user does not exist. The function then does the same work and returns
/// `false`, so that neither the answer nor its time reveals which names exist.
pub(super) fn fits(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| hash_or_empty("a password that nobody has"));
    let stored = hash.unwrap_or(&NOBODY);
    // An invalid password is hashed too, cut to the maximum length, because a faster answer would reveal that it was not
    // compared.
    let candidate: String = password.chars().take(LONGEST).collect();
    let fits = phc::PasswordHash::new(stored)
        .is_ok_and(|stored| Argon2::default().verify_password(candidate.as_bytes(), &stored).is_ok());
    fits && hash.is_some() && has_usable_length(password)
}

fn hash_or_empty(password: &str) -> String {
    hash(password).map_or_else(|_| String::new(), |hash| hash.0)
}

fn has_usable_length(password: &str) -> bool {
    (SHORTEST..=LONGEST).contains(&password.chars().take(LONGEST + 1).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let hash = hash("correct horse battery").unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
        assert!(fits("correct horse battery", Some(hash.as_str())));
        assert!(!fits("correct horse batterz", Some(hash.as_str())));
        assert!(!fits("a password that nobody has", None));
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(hash("çãéíõúâêôàü").err(), Some(PasswordProblem::Length), "eleven characters");
        assert!(hash("çãéíõúâêôàüñ").is_ok(), "twelve characters");
        assert_eq!(hash(&"x".repeat(129)).err(), Some(PasswordProblem::Length));
    }
}

//! Argon2id (RFC 9106): hashes as PHC strings, and the verification of passwords.

use argon2::password_hash::Error as HashError;
use argon2::password_hash::phc::{Output, Salt};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash as Phc, Version};
use domain::{Password, PasswordHash};
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::{PasswordsError, Verified};

const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// The cost of a hash: memory and passes. A hash is computed in one lane, so on one core.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cost(Params);

/// The cost is too low to protect a password, or higher than a client would wait for.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error(
    "a password hash takes {} to {} KiB of memory and {} to {} passes over it",
    Cost::MEMORY_KIB_MIN,
    Cost::MEMORY_KIB_MAX,
    Cost::PASSES_MIN,
    Cost::PASSES_MAX
)]
pub struct CostOutOfRange;

impl Cost {
    /// The least memory, in KiB: with [`Cost::PASSES_MIN`], the minimum of OWASP's Password Storage
    /// Cheat Sheet.
    pub const MEMORY_KIB_MIN: u32 = 19_456;
    /// The most memory, in KiB, of each hashing thread.
    pub const MEMORY_KIB_MAX: u32 = 1 << 20;
    /// The fewest passes over the memory.
    pub const PASSES_MIN: u32 = 2;
    /// The most passes over the memory.
    pub const PASSES_MAX: u32 = 16;

    /// A cost within the limits.
    ///
    /// # Errors
    /// [`CostOutOfRange`].
    pub fn new(memory_kib: u32, passes: u32) -> Result<Self, CostOutOfRange> {
        let in_range = (Self::MEMORY_KIB_MIN..=Self::MEMORY_KIB_MAX).contains(&memory_kib)
            && (Self::PASSES_MIN..=Self::PASSES_MAX).contains(&passes);
        if in_range { Self::unchecked(memory_kib, passes) } else { Err(CostOutOfRange) }
    }

    fn unchecked(memory_kib: u32, passes: u32) -> Result<Self, CostOutOfRange> {
        Params::new(memory_kib, passes, 1, Some(OUTPUT_BYTES)).map(Self).map_err(|_| CostOutOfRange)
    }

    /// A cost that protects nothing, for fast tests.
    #[cfg(test)]
    pub(super) fn quick(passes: u32) -> Self {
        Self::unchecked(64, passes).unwrap()
    }
}

/// The minimum of OWASP's recommendation.
impl Default for Cost {
    fn default() -> Self {
        const LEAST: Params = match Params::new(Cost::MEMORY_KIB_MIN, Cost::PASSES_MIN, 1, Some(OUTPUT_BYTES)) {
            Ok(params) => params,
            Err(_) => panic!("the minimum cost is valid"),
        };
        Self(LEAST)
    }
}

/// The memory that one thread hashes in. It is reused while hashes follow each other: the system
/// would have to clear newly allocated memory for every one.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    fn at_least(&mut self, blocks: usize) -> Result<&mut [Block], PasswordsError> {
        let missing = blocks.saturating_sub(self.0.len());
        self.0.try_reserve_exact(missing).map_err(|_| PasswordsError::OutOfMemory)?;
        self.0.resize(self.0.len() + missing, Block::new());
        Ok(&mut self.0)
    }
}

/// A parsed PHC string.
struct Stored {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    output: Output,
}

impl Stored {
    /// Parses a hash. One whose cost exceeds the limits is refused: a damaged one could occupy a
    /// thread for days.
    fn parse(hash: &PasswordHash) -> Option<Self> {
        let phc = Phc::new(hash.as_str()).ok()?;
        let stored = Self {
            algorithm: Algorithm::try_from(phc.algorithm.as_str()).ok()?,
            version: Version::try_from(phc.version?).ok()?,
            params: Params::try_from(&phc).ok()?,
            salt: phc.salt?,
            output: phc.hash?,
        };
        let affordable = stored.params.m_cost() <= Cost::MEMORY_KIB_MAX && stored.params.t_cost() <= Cost::PASSES_MAX;
        affordable.then_some(stored)
    }

    /// Whether the hash was computed with `params`.
    fn was_computed_with(&self, params: &Params) -> bool {
        (self.algorithm, self.version) == (Algorithm::Argon2id, Version::V0x13)
            && self.params == *params
            && self.salt.len() == SALT_BYTES
    }

    /// Whether `password` gives the same output. The comparison takes constant time.
    fn matches(&self, memory: &mut Memory, password: &[u8]) -> Result<bool, PasswordsError> {
        let argon2 = Argon2::new(self.algorithm, self.version, self.params.clone());
        let mut output = vec![0; self.output.len()];
        let memory = memory.at_least(self.params.block_count())?;
        argon2
            .hash_password_into_with_memory(password, &self.salt, &mut output, memory)
            .map_err(|_| PasswordsError::DamagedHash)?;
        Ok(output.ct_eq(self.output.as_bytes()).into())
    }
}

/// Computes hashes at one cost, and verifies hashes of any cost.
pub(super) struct Hashing {
    params: Params,
    /// Verified if the user does not exist. Its output is random: no password matches it.
    decoy: Stored,
}

impl Hashing {
    pub(super) fn new(Cost(params): Cost) -> Result<Self, PasswordsError> {
        let (salt, output) = (random::<SALT_BYTES>()?, random::<OUTPUT_BYTES>()?);
        let decoy = Stored {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: params.clone(),
            salt: Salt::new(&salt).map_err(HashError::from)?,
            output: Output::new(&output).map_err(HashError::from)?,
        };
        Ok(Self { params, decoy })
    }

    /// The hash of a password, with a new salt.
    pub(super) fn hash(&self, memory: &mut Memory, password: &str) -> Result<PasswordHash, PasswordsError> {
        let salt = random::<SALT_BYTES>()?;
        let mut output = [0; OUTPUT_BYTES];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
            .hash_password_into_with_memory(
                password.as_bytes(),
                &salt,
                &mut output,
                memory.at_least(self.params.block_count())?,
            )
            .map_err(HashError::from)?;
        let salt = Salt::new(&salt).map_err(HashError::from)?;
        let output = Output::new(&output).map_err(HashError::from)?;
        let (m, t, p) = (self.params.m_cost(), self.params.t_cost(), self.params.p_cost());
        Ok(PasswordHash::from_phc(format!("$argon2id$v=19$m={m},t={t},p={p}${salt}${output}")))
    }

    /// See [`super::Passwords::verify`].
    pub(super) fn verify(
        &self,
        memory: &mut Memory,
        password: &str,
        against: Option<&PasswordHash>,
    ) -> Result<Verified, PasswordsError> {
        let parsed = against.map(|hash| Stored::parse(hash).ok_or(PasswordsError::DamagedHash)).transpose()?;
        let stored = parsed.as_ref().unwrap_or(&self.decoy);
        let possible = password.chars().count() <= Password::CHARACTERS_MAX;
        // The work is the same, even if the result is already known.
        let right = stored.matches(memory, if possible { password.as_bytes() } else { b"too long" })?;
        if !(right && possible && against.is_some()) {
            return Ok(Verified::No);
        }
        if stored.was_computed_with(&self.params) {
            return Ok(Verified::Yes);
        }
        // A login with the right password succeeds, even if rehashing fails.
        Ok(self.hash(memory, password).map_or(Verified::Yes, Verified::YesWeaker))
    }
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], PasswordsError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(PasswordsError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash of "password" with the salt "somesalt" in the test suite of the reference
    /// implementation.
    const REFERENCE: &str = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

    fn quick(passes: u32) -> Hashing {
        Hashing::new(Cost::quick(passes)).unwrap()
    }

    fn verify(hashing: &Hashing, password: &str, against: &PasswordHash) -> Result<Verified, PasswordsError> {
        hashing.verify(&mut Memory::default(), password, Some(against))
    }

    #[test]
    fn a_cost_outside_the_limits_is_refused() {
        for (memory_kib, passes, accepted) in [
            (19_456, 2, true),
            (1 << 20, 16, true),
            (19_455, 2, false),
            ((1 << 20) + 1, 2, false),
            (19_456, 1, false),
            (19_456, 17, false),
        ] {
            assert_eq!(Cost::new(memory_kib, passes).is_ok(), accepted, "{memory_kib} {passes}");
        }
        assert_eq!(Cost::new(19_456, 2), Ok(Cost::default()));
    }

    #[test]
    fn a_hash_is_a_phc_string_with_a_salt_of_its_own() {
        let (hashing, mut memory) = (quick(2), Memory::default());
        let [one, other] = [(); 2].map(|()| hashing.hash(&mut memory, "a quiet river").unwrap());
        assert!(one.as_str().starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{}", one.as_str());
        assert_ne!(one, other);
        let stored = Stored::parse(&one).unwrap();
        assert_eq!((stored.salt.len(), stored.output.len()), (16, 32));
        assert!(stored.was_computed_with(&hashing.params));
    }

    #[test]
    fn a_password_is_hashed_whole_whatever_its_characters() {
        let hashing = quick(1);
        for start in ["1234567".to_owned(), "é".repeat(7), "a".repeat(127), "🦀".repeat(127), "\0".repeat(127)] {
            let (password, other) = (format!("{start}è"), format!("{start}é"));
            let hash = hashing.hash(&mut Memory::default(), &password).unwrap();
            assert_eq!(verify(&hashing, &password, &hash).unwrap(), Verified::Yes, "{password}");
            assert_eq!(verify(&hashing, &other, &hash).unwrap(), Verified::No, "{other}");
            assert_eq!(verify(&hashing, &start, &hash).unwrap(), Verified::No, "{start}");
        }
    }

    #[test]
    fn an_unknown_user_costs_the_same_work_and_is_refused() {
        let hashing = quick(1);
        for password in ["a quiet river", "", &"a".repeat(10_000)] {
            let mut memory = Memory::default();
            assert_eq!(hashing.verify(&mut memory, password, None).unwrap(), Verified::No);
            assert!(is_filled(&memory));
        }
        assert!(hashing.decoy.was_computed_with(&hashing.params));
    }

    #[test]
    fn a_password_that_is_too_long_costs_the_same_work_and_is_refused() {
        let hashing = quick(1);
        let long = "é".repeat(129);
        for hashed in [&*long, "too long"] {
            let hash = hashing.hash(&mut Memory::default(), hashed).unwrap();
            let mut memory = Memory::default();
            assert_eq!(hashing.verify(&mut memory, &long, Some(&hash)).unwrap(), Verified::No);
            assert!(is_filled(&memory));
        }
    }

    /// Whether a hash filled the whole memory.
    fn is_filled(memory: &Memory) -> bool {
        let blank = Block::new();
        memory.0.len() == 64 && memory.0.iter().all(|block| block.as_ref() != blank.as_ref())
    }

    #[test]
    fn a_hash_of_another_cost_is_recomputed_at_login() {
        let (past, present) = (quick(1), quick(2));
        let weak = past.hash(&mut Memory::default(), "a quiet river").unwrap();
        assert_eq!(verify(&present, "a loud river", &weak).unwrap(), Verified::No);
        let Verified::YesWeaker(raised) = verify(&present, "a quiet river", &weak).unwrap() else {
            panic!("the hash is of another cost")
        };
        assert!(raised.as_str().starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{}", raised.as_str());
        assert_eq!(verify(&present, "a quiet river", &raised).unwrap(), Verified::Yes);
    }

    #[test]
    fn a_hash_of_another_implementation_is_verified_and_recomputed() {
        let hash = PasswordHash::from_phc(REFERENCE.into());
        assert!(matches!(verify(&quick(1), "password", &hash).unwrap(), Verified::YesWeaker(_)));
        assert_eq!(verify(&quick(1), "passwort", &hash).unwrap(), Verified::No);
    }

    #[test]
    fn a_damaged_hash_is_an_error_and_occupies_no_thread() {
        let hashing = quick(1);
        let good = hashing.hash(&mut Memory::default(), "a quiet river").unwrap();
        let good = good.as_str();
        for damaged in [
            "",
            "$",
            "garbage",
            "a quiet river",
            "$2b$12$EXRkfkdmXn2gzds2SSitu.MW9.gAVqa9eLS1//RYtYCmB1eLHg.9q",
            "$argon2id$v=19$m=64,t=1,p=1",
            "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
            "$argon2id$v=19$m=64,t=1,p=1$c29t$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            &good.replace("m=64", "m=4294967295"),
            &good.replace("m=64", "m=1"),
            &good.replace("t=1", "t=4294967295"),
            &good.replace("t=1", "t=0"),
            &good.replace("p=1", "p=4294967295"),
            &good.replace("v=19", "v=20"),
            &good.replace("argon2id", "argon3"),
            &format!("{good}$"),
        ] {
            let verified = verify(&hashing, "a quiet river", &PasswordHash::from_phc(damaged.into()));
            assert!(matches!(verified, Err(PasswordsError::DamagedHash)), "{damaged}: {verified:?}");
        }
        // 30 of the 32 bytes: 40 whole base64 digits, where 39 would leave bits over.
        let cut = PasswordHash::from_phc(good[..good.len() - 3].into());
        assert_eq!(verify(&hashing, "a quiet river", &cut).unwrap(), Verified::No);
    }
}

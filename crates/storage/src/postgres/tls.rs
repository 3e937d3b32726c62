//! TLS with rustls, and the verification of the server's certificate.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use thiserror::Error;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::{Roots, ServerVerification, Tls};
use crate::OpenError;
use crate::secret_file::{self, SecretFileError};

/// Why TLS cannot be set up as the URL says.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The file of certificates cannot be read or parsed.
    #[error("cannot read certificates from {path}: {source}")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// The error.
        source: rustls::pki_types::pem::Error,
    },
    /// The file has no certificate.
    #[error("there are no certificates in {0}")]
    NoCertificates(PathBuf),
    /// The system's trusted certificates cannot be found.
    #[error("there are no certificates that the system trusts: {0}")]
    NoSystemRoots(String),
    /// The file of the private key cannot be read or parsed.
    #[error("cannot read a private key from {path}: {source}")]
    PrivateKey {
        /// The file.
        path: PathBuf,
        /// The error.
        source: rustls::pki_types::pem::Error,
    },
    /// Other users of the machine can access the private key.
    #[error(transparent)]
    ExposedKey(SecretFileError),
    /// A certificate in the file cannot be a trust anchor.
    #[error("cannot trust the certificates in {path}: {reason}")]
    Untrusted {
        /// The file.
        path: PathBuf,
        /// Why it cannot be trusted.
        reason: String,
    },
    /// rustls refuses the configuration.
    #[error("cannot set TLS up: {0}")]
    Setup(#[from] rustls::Error),
}

impl From<TlsError> for OpenError {
    fn from(error: TlsError) -> Self {
        Self::Tls(Box::new(error))
    }
}

/// Makes the TLS connections of `tokio-postgres`.
pub(crate) fn connector(tls: &Tls) -> Result<MakeRustlsConnect, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let lenient = |authority| {
        let verifier = LenientVerifier { authority, provider: Arc::clone(&provider) };
        config.clone().dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    };
    let config = match &tls.server {
        ServerVerification::None => lenient(None),
        ServerVerification::Ca(roots) => {
            let verifier =
                WebPkiServerVerifier::builder_with_provider(Arc::new(store(roots)?), Arc::clone(&provider)).build();
            lenient(Some(verifier.map_err(|error| rustls::Error::General(error.to_string()))?))
        }
        ServerVerification::Full(roots) => config.with_root_certificates(store(roots)?),
    };
    Ok(MakeRustlsConnect::new(match &tls.client {
        None => config.with_no_client_auth(),
        Some(client) => config.with_client_auth_cert(certificates(&client.chain)?, key(&client.key)?)?,
    }))
}

/// The trusted certificates.
fn store(roots: &Roots) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    match roots {
        Roots::File(path) => {
            for certificate in certificates(path)? {
                let untrusted =
                    |error: rustls::Error| TlsError::Untrusted { path: path.into(), reason: error.to_string() };
                store.add(certificate).map_err(untrusted)?;
            }
        }
        Roots::System => {
            let found = rustls_native_certs::load_native_certs();
            // A system may have certificates that rustls does not support.
            store.add_parsable_certificates(found.certs);
            if store.is_empty() {
                let reasons: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
                return Err(TlsError::NoSystemRoots(reasons.join(", ")));
            }
        }
    }
    Ok(store)
}

/// The certificates in a file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |source| TlsError::Certificates { path: path.into(), source };
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(unreadable)?.collect();
    let found = found.map_err(unreadable)?;
    if found.is_empty() { Err(TlsError::NoCertificates(path.into())) } else { Ok(found) }
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let unreadable = |source| TlsError::PrivateKey { path: path.into(), source };
    let file = secret_file::open(path).map_err(|error| match error {
        SecretFileError::File { source, .. } => unreadable(pem::Error::Io(source)),
        exposed => TlsError::ExposedKey(exposed),
    })?;
    PrivateKeyDer::from_pem_reader(file).map_err(unreadable)
}

/// Verifies a server's certificate less strictly than rustls does.
#[derive(Debug)]
struct LenientVerifier {
    /// Verifies that an authority has signed the certificate, for any host: libpq's
    /// `sslmode=verify-ca`. Without it any certificate is accepted, as in `sslmode=require` without
    /// `sslrootcert`: that protects from eavesdroppers, and not from a man in the middle.
    authority: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for LenientVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        // The name is verified last, after everything else has been.
        match authority.verify_server_cert(end_entity, intermediates, name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

//! TLS by rustls, and how far the server has to prove who it is.

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

use super::url::{Roots, ServerProof, Tls};
use crate::OpenError;
use crate::secret_file::{self, SecretFileError};

/// Why a connection cannot be encrypted as it should.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The file of certificates cannot be read, or is none.
    #[error("cannot read certificates from {path}: {source}")]
    Certificates {
        /// The file.
        path: PathBuf,
        /// What stood in the way.
        source: rustls::pki_types::pem::Error,
    },
    /// There is no certificate in the file.
    #[error("there are no certificates in {0}")]
    NoCertificates(PathBuf),
    /// The system trusts none, or they cannot be found.
    #[error("there are no certificates that the system trusts: {0}")]
    NoSystemRoots(String),
    /// The file of the key cannot be read, or is none.
    #[error("cannot read a private key from {path}: {source}")]
    PrivateKey {
        /// The file.
        path: PathBuf,
        /// What stood in the way.
        source: rustls::pki_types::pem::Error,
    },
    /// Others can get at the key.
    #[error(transparent)]
    ExposedKey(SecretFileError),
    /// A certificate in the file cannot be trusted.
    #[error("cannot trust the certificates in {path}: {reason}")]
    Untrusted {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Something that rustls cannot do.
    #[error("cannot set TLS up: {0}")]
    Setup(#[from] rustls::Error),
}

impl From<TlsError> for OpenError {
    fn from(error: TlsError) -> Self {
        Self::Tls(Box::new(error))
    }
}

/// What makes encrypted connections.
pub(crate) fn connector(tls: &Tls) -> Result<MakeRustlsConnect, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let config = match &tls.server {
        ServerProof::None => config.dangerous().with_custom_certificate_verifier(Arc::new(TrustAnyone(provider))),
        ServerProof::Authority(roots) => {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store(roots)?), provider).build();
            let verifier = verifier.map_err(|error| rustls::Error::General(error.to_string()))?;
            config.dangerous().with_custom_certificate_verifier(Arc::new(AnyName(verifier)))
        }
        ServerProof::Name(roots) => config.with_root_certificates(store(roots)?),
    };
    Ok(MakeRustlsConnect::new(match &tls.client {
        None => config.with_no_client_auth(),
        Some(client) => config.with_client_auth_cert(certificates(&client.chain)?, key(&client.key)?)?,
    }))
}

/// The certificates to trust.
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
            // Some of a system's may be too old to be of use.
            store.add_parsable_certificates(found.certs);
            if store.is_empty() {
                let reasons: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
                return Err(TlsError::NoSystemRoots(reasons.join(", ")));
            }
        }
    }
    Ok(store)
}

/// The certificates in a file, one at least.
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

/// Takes any certificate, as libpq does with `sslmode=require` and no `sslrootcert`: who listens on the way hears nothing,
/// who stands in the way may.
#[derive(Debug)]
struct TrustAnyone(Arc<CryptoProvider>);

impl ServerCertVerifier for TrustAnyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Takes a certificate that an authority has signed, whatever name it is for, as libpq does with `sslmode=verify-ca`.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        // The name is verified last, when everything else has been.
        match self.0.verify_server_cert(end_entity, intermediates, name, ocsp_response, now) {
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
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

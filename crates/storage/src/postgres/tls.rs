//! TLS by rustls, and how far the server has to prove who it is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use thiserror::Error;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::Trust;

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
    /// A certificate in the file cannot be trusted, or there is none.
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

/// What makes encrypted connections.
pub(crate) fn connector(trust: &Trust) -> Result<MakeRustlsConnect, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    let config = match trust {
        Trust::SignedBy(path) => config.with_root_certificates(roots(path)?),
        Trust::Anyone => config.dangerous().with_custom_certificate_verifier(Arc::new(TrustAnyone(provider))),
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let unreadable = |source| TlsError::Certificates { path: path.into(), source };
    let untrusted = |reason: String| TlsError::Untrusted { path: path.into(), reason };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
        roots.add(certificate.map_err(unreadable)?).map_err(|error| untrusted(error.to_string()))?;
    }
    if roots.is_empty() { Err(untrusted("there are none".into())) } else { Ok(roots) }
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

//! Encryption: what the server's certificate must show, as `sslmode` and `sslrootcert` ask.
//!
//! As in Postgres's own library, `require` encrypts without asking who the server is, unless a root certificate is
//! given: it is then asked for one of that authority. Where `verify-…` is asked for and no root is given, those that
//! browsers trust are meant.

use super::dsn::{Dsn, Proof};
use crate::engine::EngineError;
use crate::engine::section::{located, wrong};
use crate::project::Project;
use crate::world::World;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The word for the roots that come with fft.
const SYSTEM: &str = "system";

/// What opens encrypted connections as the connection string asks.
pub(super) fn connector(world: &dyn World, project: &Project, dsn: &Dsn) -> Result<MakeRustlsConnect, EngineError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let given = match dsn.root_certificate.as_deref() {
        None | Some(SYSTEM) => Vec::new(),
        Some(path) => certificates(world, project, path)?,
    };
    let proof = match (dsn.proof, given.is_empty()) {
        (Proof::None, false) => Proof::Authority,
        (proof, _) => proof,
    };
    let verifier = Verifier { roots: roots(&given), given, proof, provider: provider.clone() };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("invariant: the provider has the protocol's versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// The certificates of a PEM file; its path counts from the project.
fn certificates(world: &dyn World, project: &Project, path: &str) -> Result<Vec<CertificateDer<'static>>, EngineError> {
    let at = &project.profile.at;
    let bytes = world
        .read(&located(world, &project.root, path))
        .map_err(|error| wrong(at, format!("the `sslrootcert` of `dsn`, {path}, can't be read: {error}"), None))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(wrong(at, format!("the `sslrootcert` of `dsn`, {path}, holds no certificate in PEM"), None)),
    }
}

fn roots(given: &[CertificateDer<'static>]) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    match given {
        [] => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        given => drop(roots.add_parsable_certificates(given.iter().cloned())),
    }
    roots
}

#[derive(Debug)]
struct Verifier {
    roots: RootCertStore,
    /// The certificates of `sslrootcert`: a server may show one of them itself.
    given: Vec<CertificateDer<'static>>,
    proof: Proof,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.proof != Proof::None {
            let certificate = ParsedCertificate::try_from(own)?;
            if !self.given.iter().any(|given| given == own) {
                let algorithms = self.provider.signature_verification_algorithms.all;
                verify_server_cert_signed_by_trust_anchor(&certificate, &self.roots, others, now, algorithms)?;
            }
            if self.proof == Proof::Name {
                verify_server_name(&certificate, name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

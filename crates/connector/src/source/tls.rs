//! Trusted certificates for drivers that need them as PEM.

use super::trouble::{Cannot, Trouble, connect};
use crate::config::Database;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

/// Certificates in PEM: those of `ca_file`, else those that this machine trusts.
///
/// # Errors
/// When the file cannot be read or contains no certificate.
pub(super) fn roots(database: &Database) -> Result<Vec<u8>, Trouble> {
    if database.ca_file.is_empty() {
        let pem =
            |der: &[u8]| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der));
        let trusted = rustls_native_certs::load_native_certs().certs;
        // Drivers fail on certificates that they cannot parse, and a machine may have such ones.
        let understood = |der: &CertificateDer<'static>| RootCertStore::empty().add(der.clone()).is_ok();
        let understood = trusted.into_iter().filter(understood);
        return Ok(understood.map(|certificate| pem(&certificate)).collect::<String>().into_bytes());
    }
    let file = &database.ca_file;
    let text = std::fs::read(file)
        .map_err(|error| connect(Cannot::Certificate, format!("database.ca_file {file} cannot be read: {error}")))?;
    if !String::from_utf8_lossy(&text).contains("BEGIN CERTIFICATE") {
        return Err(connect(
            Cannot::Certificate,
            format!("database.ca_file {file} contains no certificate in PEM format"),
        ));
    }
    Ok(text)
}

//! Encryption: a certificate of our own, what both sides agree on, and the handshake inside packets
//! ([MS-TDS] 2.2.6.5 and 3.2.5.1).

use super::Encryption;
use super::packet::{Wire, outgoing};
use rcgen::generate_simple_self_signed;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::version::TLS12;
use rustls::{ServerConfig, ServerConnection};
use std::io;
use std::sync::Arc;

/// What the two sides say of encryption before the login.
const OFF: u8 = 0;
const ON: u8 = 1;
const NOT_SUPPORTED: u8 = 2;
const REQUIRED: u8 = 3;

/// The server's certificate: for localhost, and signed by nobody but itself.
pub(super) struct Identity {
    pub(super) pem: String,
    config: Arc<ServerConfig>,
}

/// What is inside TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Nothing,
    Login,
    Everything,
}

impl Identity {
    pub(super) fn generate() -> Self {
        let names = ["localhost", "127.0.0.1"].map(str::to_owned);
        let own = generate_simple_self_signed(names).unwrap();
        let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
        // As SQL Server does before TDS 8. TLS 1.3 would also send tickets after the handshake, outside its packets.
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&TLS12])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key.into())
            .unwrap();
        Self { pem: own.cert.pem(), config: Arc::new(config) }
    }
}

/// What to say to a client that says `asked`, and what follows from it.
///
/// # Errors
/// If one insists on what the other cannot do; the client is told all the same.
pub(super) fn negotiate(own: Encryption, asked: u8) -> (u8, io::Result<Extent>) {
    match (own, asked) {
        (Encryption::NotSupported, OFF | NOT_SUPPORTED) | (Encryption::Off, NOT_SUPPORTED) => {
            (NOT_SUPPORTED, Ok(Extent::Nothing))
        }
        (Encryption::NotSupported, _) => (NOT_SUPPORTED, Err(io::Error::other("the client insists on encryption"))),
        (Encryption::Off, OFF) => (OFF, Ok(Extent::Login)),
        (Encryption::Required, NOT_SUPPORTED) => (REQUIRED, Err(io::Error::other("the client cannot encrypt"))),
        (Encryption::Required, OFF) => (REQUIRED, Ok(Extent::Everything)),
        (Encryption::Off | Encryption::Required, _) => (ON, Ok(Extent::Everything)),
    }
}

/// Shakes hands: what TLS says is the body of a packet until both are done.
pub(super) async fn handshake(wire: &mut Wire, identity: &Identity) -> io::Result<()> {
    let mut tls = ServerConnection::new(Arc::clone(&identity.config)).map_err(io::Error::other)?;
    while tls.is_handshaking() {
        let packet = wire.packet().await?;
        let mut flight = packet.body.as_slice();
        let mut outcome = Ok(());
        while !flight.is_empty() && outcome.is_ok() {
            tls.read_tls(&mut flight)?;
            outcome = tls.process_new_packets().map(drop);
        }
        let reply = outgoing(&mut tls)?;
        if !reply.is_empty() {
            wire.send_handshake(&reply).await?;
        }
        outcome.map_err(io::Error::other)?;
    }
    wire.start_tls(tls)
}

//! The connection: messages in packets, in the clear or inside TLS ([MS-TDS] 2.2.3).

use rustls::ServerConnection;
use std::io::{self, Read as _, Write as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A packet's head: kind, status, length, channel, number, window.
const HEAD: usize = 8;
/// The status bit of a message's last packet.
const LAST: u8 = 1;
/// The packet size until a login asks for another.
pub(super) const DEFAULT_SIZE: usize = 4096;

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    Batch = 1,
    Rpc = 3,
    Answer = 4,
    Attention = 6,
    Transaction = 14,
    Login = 16,
    PreLogin = 18,
}

impl Kind {
    fn parse(byte: u8) -> io::Result<Self> {
        [Self::Batch, Self::Rpc, Self::Answer, Self::Attention, Self::Transaction, Self::Login, Self::PreLogin]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
            .ok_or_else(|| io::Error::other(format!("a packet of kind {byte}")))
    }
}

pub(super) struct Packet {
    pub(super) kind: Kind,
    pub(super) is_last: bool,
    pub(super) body: Vec<u8>,
}

pub(super) struct Wire {
    tcp: TcpStream,
    tls: Option<ServerConnection>,
    /// What arrived in the clear, or was decrypted, and is not yet read.
    received: Vec<u8>,
    /// The answer's tokens that are not yet sent.
    pub(super) answer: Vec<u8>,
    /// The largest packet that either side sends.
    pub(super) packet_size: usize,
    /// The number of the next packet of the answer.
    number: u8,
}

impl Wire {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self { tcp, tls: None, received: Vec::new(), answer: Vec::new(), packet_size: DEFAULT_SIZE, number: 1 }
    }

    /// The next packet. Nothing is lost when the future is dropped: what arrived is kept.
    pub(super) async fn packet(&mut self) -> io::Result<Packet> {
        loop {
            if let Some([kind, status, high, low]) = self.received.first_chunk().copied() {
                let length = usize::from(u16::from_be_bytes([high, low]));
                if length < HEAD {
                    return Err(io::Error::other("a packet shorter than its head"));
                }
                if self.received.len() >= length {
                    let body = self.received.drain(..length).skip(HEAD).collect();
                    return Ok(Packet { kind: Kind::parse(kind)?, is_last: status & LAST != 0, body });
                }
            }
            let mut raw = [0; 8192];
            match self.tcp.read(&mut raw).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                length => self.receive(&raw[..length])?,
            }
        }
    }

    /// The next message, whole.
    pub(super) async fn message(&mut self) -> io::Result<(Kind, Vec<u8>)> {
        let mut message = Vec::new();
        loop {
            let packet = self.packet().await?;
            message.extend(packet.body);
            if packet.is_last {
                return Ok((packet.kind, message));
            }
        }
    }

    /// Sends what fills whole packets, so that the last one is never empty.
    pub(super) async fn send_full(&mut self) -> io::Result<()> {
        let room = self.packet_size - HEAD;
        while self.answer.len() > room {
            let body: Vec<u8> = self.answer.drain(..room).collect();
            self.send(Kind::Answer, 0, &body).await?;
        }
        Ok(())
    }

    /// Sends what there is, although more follows.
    pub(super) async fn send_early(&mut self) -> io::Result<()> {
        self.send_full().await?;
        let body = std::mem::take(&mut self.answer);
        self.send(Kind::Answer, 0, &body).await
    }

    /// Sends the rest of the answer.
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        self.send_full().await?;
        let body = std::mem::take(&mut self.answer);
        self.send(Kind::Answer, LAST, &body).await?;
        self.number = 1;
        Ok(())
    }

    /// Sends a packet of the TLS handshake.
    pub(super) async fn send_handshake(&mut self, flight: &[u8]) -> io::Result<()> {
        self.send(Kind::PreLogin, LAST, flight).await
    }

    /// From now on everything is inside `tls`, also what arrived before.
    pub(super) fn start_tls(&mut self, tls: ServerConnection) -> io::Result<()> {
        self.tls = Some(tls);
        let early = std::mem::take(&mut self.received);
        self.receive(&early)
    }

    /// From now on everything is in the clear.
    pub(super) fn stop_tls(&mut self) {
        self.tls = None;
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    fn receive(&mut self, mut raw: &[u8]) -> io::Result<()> {
        let Some(tls) = &mut self.tls else {
            self.received.extend(raw);
            return Ok(());
        };
        while !raw.is_empty() {
            tls.read_tls(&mut raw)?;
            let state = tls.process_new_packets().map_err(io::Error::other)?;
            let mut plain = vec![0; state.plaintext_bytes_to_read()];
            tls.reader().read_exact(&mut plain)?;
            self.received.extend(plain);
        }
        Ok(())
    }

    async fn send(&mut self, kind: Kind, status: u8, body: &[u8]) -> io::Result<()> {
        let length = u16::try_from(HEAD + body.len()).map_err(io::Error::other)?;
        let [high, low] = length.to_be_bytes();
        let mut packet = vec![kind as u8, status, high, low, 0, 0, self.number, 0];
        packet.extend(body);
        self.number = self.number.wrapping_add(1);
        if let Some(tls) = &mut self.tls {
            tls.writer().write_all(&packet)?;
            packet = outgoing(tls)?;
        }
        self.tcp.write_all(&packet).await
    }
}

/// What TLS wants to be sent.
pub(super) fn outgoing(tls: &mut ServerConnection) -> io::Result<Vec<u8>> {
    let mut records = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut records)?;
    }
    Ok(records)
}

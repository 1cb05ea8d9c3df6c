//! From the first byte to the answer to the login ([MS-TDS] 2.2.6.4 and 2.2.6.5).

use super::bytes::{Reader, from_utf16};
use super::errors::SqlError;
use super::packet::{Kind, Wire};
use super::tls::{Extent, handshake, negotiate};
use super::tokens::{self, Change, Done, ERROR};
use super::{Login, Shared};
use std::io;

/// Where LOGIN7 says where a text is: offset in bytes and length in UTF-16 units.
const HOST: usize = 36;
const USER: usize = 40;
const PASSWORD: usize = 44;
const APPLICATION: usize = 48;
const DATABASE: usize = 68;
/// Where its flags are, and the one of a client that says it will only read.
const TYPE_FLAGS: usize = 26;
const READ_ONLY_INTENT: u8 = 0x20;
/// Where it says which protocol it speaks, and the only one that we do.
const VERSION: usize = 4;
const TDS_7_4: u32 = 0x7400_0004;
const PACKET_SIZE: usize = 8;

/// Agrees on encryption and lets the client in, or does not.
///
/// # Errors
/// When the connection is to be closed.
pub(super) async fn accept(wire: &mut Wire, shared: &Shared) -> io::Result<Login> {
    let extent = prelogin(wire, shared).await?;
    if extent != Extent::Nothing {
        handshake(wire, &shared.identity).await?;
    }
    let (Kind::Login, message) = wire.message().await? else {
        return Err(io::Error::other("the client does not log in"));
    };
    let mut login = parse(&message, wire.is_encrypted())?;
    if extent == Extent::Login {
        wire.stop_tls();
    }
    shared.hesitate(wire).await?;
    let refusal = shared.refusal(&login);
    login.is_accepted = refusal.is_empty();
    shared.logins.lock().unwrap().push(login.clone());
    if !login.is_accepted {
        for error in &refusal {
            tokens::error(&mut wire.answer, error);
        }
        tokens::done(&mut wire.answer, Done::Batch, ERROR, 0);
        wire.finish().await?;
        return Err(io::Error::other("the login was refused"));
    }
    if login.database.is_empty() {
        login.database.clone_from(&shared.database);
    }
    welcome(wire, &login, packet_size(&message)).await?;
    Ok(login)
}

async fn prelogin(wire: &mut Wire, shared: &Shared) -> io::Result<Extent> {
    let (Kind::PreLogin, message) = wire.message().await? else {
        return Err(io::Error::other("the client begins with something else"));
    };
    shared.hesitate(wire).await?;
    let asked = option(&message, ENCRYPTION).and_then(|value| value.first().copied()).unwrap_or(2);
    let (said, extent) = negotiate(shared.encryption, asked);
    let version = [16, 0, 0x03, 0xe8, 0, 0];
    let options: [(u8, &[u8]); 3] = [(0, &version), (ENCRYPTION, &[said]), (MARS, &[0])];
    let mut data: Vec<u8> = Vec::new();
    for (token, value) in options {
        let offset = options.len() * 5 + 1 + data.len();
        wire.answer.push(token);
        wire.answer.extend(u16::try_from(offset).unwrap().to_be_bytes());
        wire.answer.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        data.extend(value);
    }
    wire.answer.push(0xff);
    wire.answer.extend(data);
    wire.finish().await?;
    extent
}

/// Options of a PRELOGIN.
const ENCRYPTION: u8 = 1;
const MARS: u8 = 4;

/// The value of an option; each is listed with its offset and length, highest byte first.
fn option(message: &[u8], wanted: u8) -> Option<&[u8]> {
    let entries = message.as_chunks::<5>().0.iter().take_while(|entry| entry[0] != 0xff);
    let [_, offset @ .., high, low] = entries.into_iter().find(|entry| entry[0] == wanted)?;
    let start = usize::from(u16::from_be_bytes(*offset));
    message.get(start..start + usize::from(u16::from_be_bytes([*high, *low])))
}

fn parse(message: &[u8], was_encrypted: bool) -> io::Result<Login> {
    let version = Reader(&message[VERSION..]).u32();
    if version < TDS_7_4 {
        return Err(io::Error::other(format!("a client of TDS version {version:#x}")));
    }
    let bytes = |at: usize| {
        let mut place = Reader(&message[at..]);
        let (start, units) = (usize::from(place.u16()), usize::from(place.u16()));
        &message[start..start + units * 2]
    };
    let password: Vec<u8> = bytes(PASSWORD).iter().map(|byte| (byte ^ 0xa5).rotate_left(4)).collect();
    Ok(Login {
        user: from_utf16(bytes(USER)),
        password: from_utf16(&password),
        database: from_utf16(bytes(DATABASE)),
        application: from_utf16(bytes(APPLICATION)),
        host: from_utf16(bytes(HOST)),
        is_read_only: message[TYPE_FLAGS] & READ_ONLY_INTENT != 0,
        was_encrypted,
        is_accepted: false,
    })
}

/// What the client asks for, where it is possible.
fn packet_size(login: &[u8]) -> usize {
    let asked = usize::try_from(Reader(&login[PACKET_SIZE..]).u32()).unwrap();
    if asked == 0 { super::packet::DEFAULT_SIZE } else { asked.clamp(512, 32_767) }
}

impl Shared {
    /// What SQL Server would say, if it would not let them in.
    fn refusal(&self, login: &Login) -> Vec<SqlError> {
        let failed = SqlError::login_failed(&login.user);
        let is_known = self
            .users
            .iter()
            .any(|(user, password)| user.eq_ignore_ascii_case(&login.user) && *password == login.password);
        if !is_known {
            return vec![failed];
        }
        if login.database.is_empty() || login.database.eq_ignore_ascii_case(&self.database) {
            return Vec::new();
        }
        vec![SqlError::database_refused(&login.database), failed]
    }
}

async fn welcome(wire: &mut Wire, login: &Login, packet_size: usize) -> io::Result<()> {
    let database = login.database.as_str();
    let notice = |number, state, message: String| SqlError::new(number, state, 0, message);
    let out = &mut wire.answer;
    tokens::change(out, &Change::Database { new: database, old: "master" });
    tokens::info(out, &notice(5701, 2, format!("Changed database context to '{database}'.")));
    tokens::change(out, &Change::Collation);
    tokens::change(out, &Change::Language);
    tokens::info(out, &notice(5703, 1, "Changed language setting to us_english.".to_owned()));
    tokens::login_ack(out);
    tokens::change(out, &Change::PacketSize { new: packet_size, old: wire.packet_size });
    tokens::done(out, Done::Batch, 0, 0);
    wire.finish().await?;
    wire.packet_size = packet_size;
    Ok(())
}

//! Resolves names to addresses. Connections use the addresses that were checked, so a name that changes a moment later
//! cannot lead elsewhere.

use super::target::{Filter, Refusal, admit};
use crate::config::Networks;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr};

/// Source of the addresses of names.
#[derive(Clone, Debug, Default)]
pub(super) enum Names {
    /// The system's resolver.
    #[default]
    System,
    /// A test's answers, one per lookup; the last one is repeated.
    #[cfg(test)]
    Scripted(std::sync::Arc<std::sync::Mutex<Vec<Vec<IpAddr>>>>),
}

impl Names {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            Self::System => {
                let found = tokio::net::lookup_host((host, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            }
            #[cfg(test)]
            Self::Scripted(answers) => {
                let mut answers = answers.lock().unwrap();
                Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
            }
        }
    }
}

/// Resolves names for connections, and refuses those with an address that is not allowed.
pub(super) struct Resolver {
    pub(super) names: Names,
    pub(super) filter: Filter,
    pub(super) allow: Networks,
}

impl Resolver {
    /// All addresses of a host, if all of them are allowed.
    fn admitted(&self, host: &str, addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Refusal> {
        for address in &addresses {
            admit(*address, self.filter, &self.allow).map_err(|why| Refusal { host: host.to_owned(), why })?;
        }
        Ok(addresses)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { names, filter, allow } = self;
        let own = Self { names: names.clone(), filter: *filter, allow: allow.clone() };
        Box::pin(async move {
            let found = own.names.addresses(name.as_str()).await?;
            let admitted = own.admitted(name.as_str(), found)?;
            // The port is the one in the address that is asked.
            Ok(Box::new(admitted.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

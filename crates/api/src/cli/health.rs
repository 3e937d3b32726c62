//! `headroom health`: asks a running server, for a container's health check, which has no other
//! program to do it.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use thiserror::Error;

const PATIENCE: Duration = Duration::from_secs(2);

/// Why the server is not known to be healthy.
#[derive(Debug, Error)]
pub(super) enum HealthError {
    /// It could not be asked.
    #[error("no answer from {address}: {source}")]
    Unreachable {
        /// Where it was looked for.
        address: SocketAddr,
        /// What stood in the way.
        source: std::io::Error,
    },
    /// It answered something else than 200.
    #[error("{address} answers {status:?}")]
    Unhealthy {
        /// Where it was looked for.
        address: SocketAddr,
        /// The first line of its answer.
        status: String,
    },
}

/// Asks the server that listens on `listen`.
///
/// # Errors
/// [`HealthError`].
pub(super) fn run(listen: SocketAddr) -> Result<(), HealthError> {
    let address = reachable(listen);
    let answer = ask(address).map_err(|source| HealthError::Unreachable { address, source })?;
    let status = answer.lines().next().unwrap_or_default();
    if status.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(HealthError::Unhealthy { address, status: status.into() })
    }
}

/// Where a server that listens on every address can be reached from the same machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_asked_on_the_loopback() {
        assert_eq!(reachable("0.0.0.0:8000".parse().unwrap()), "127.0.0.1:8000".parse().unwrap());
        assert_eq!(reachable("[::]:8000".parse().unwrap()), "[::1]:8000".parse().unwrap());
        assert_eq!(reachable("10.0.0.7:80".parse().unwrap()), "10.0.0.7:80".parse().unwrap());
    }

    #[test]
    fn nobody_there_is_an_error() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(matches!(run(address), Err(HealthError::Unreachable { .. })));
    }
}

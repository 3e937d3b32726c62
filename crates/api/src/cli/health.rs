//! `headroom health`: the health check of the container image, which contains no other HTTP client.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use thiserror::Error;

const TIMEOUT: Duration = Duration::from_secs(2);

/// Why the health check failed.
#[derive(Debug, Error)]
pub(super) enum HealthError {
    /// No connection, or no response in time.
    #[error("no answer from {address}: {source}")]
    Unreachable {
        /// The address of the server.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The status is not 200.
    #[error("{address} answers {status:?}")]
    Unhealthy {
        /// The address of the server.
        address: SocketAddr,
        /// The status line of the response.
        status: String,
    },
}

/// Sends `GET /health` to the server that listens on `listen`.
///
/// # Errors
/// [`HealthError`].
pub(super) fn run(listen: SocketAddr) -> Result<(), HealthError> {
    let address = reachable(listen);
    let response = request(address).map_err(|source| HealthError::Unreachable { address, source })?;
    let status = response.lines().next().unwrap_or_default();
    if status.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        Err(HealthError::Unhealthy { address, status: status.into() })
    }
}

/// The address to connect to: the loopback address for a server that listens on every address.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn request(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(stream, "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut response = String::new();
    stream.take(64 * 1024).read_to_string(&mut response)?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_reached_on_the_loopback() {
        assert_eq!(reachable("0.0.0.0:8000".parse().unwrap()), "127.0.0.1:8000".parse().unwrap());
        assert_eq!(reachable("[::]:8000".parse().unwrap()), "[::1]:8000".parse().unwrap());
        assert_eq!(reachable("10.0.0.7:80".parse().unwrap()), "10.0.0.7:80".parse().unwrap());
    }

    #[test]
    fn an_unreachable_server_is_an_error() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert!(matches!(run(address), Err(HealthError::Unreachable { .. })));
    }
}

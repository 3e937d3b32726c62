//! The client of a request: the peer, or the client address that a trusted proxy forwards in the
//! configured header.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use actix_web::HttpMessage;
use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName, X_FORWARDED_FOR};
use ipnet::{IpNet, Ipv4Net};

/// The address that a request came from. An IPv4 address is never in its IPv6 form.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl ClientAddress {
    /// The address of a request without a peer, as in tests. No client has it.
    pub(super) const NONE: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    /// The address of a request, after `observe`.
    pub(crate) fn of(request: &impl HttpMessage) -> Self {
        request.extensions().get().copied().unwrap_or(Self::NONE)
    }

    /// The network that requests are counted by: an IPv4 address, or the /64 of an IPv6 address,
    /// because a subscriber usually gets a whole /64.
    pub(super) fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        }
    }
}

/// The proxies that are trusted to forward the client's address.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TrustedProxies(Vec<IpNet>);

/// The header in which the trusted proxies forward the client's address. Other headers are ignored:
/// a proxy passes them on as its client sent them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, which almost every proxy writes.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl ProxyHeader {
    fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => X_FORWARDED_FOR,
            Self::Forwarded => FORWARDED,
        }
    }

    /// The address in an element of the header.
    fn read(self, element: &str) -> Option<IpAddr> {
        match self {
            Self::XForwardedFor => node(element),
            Self::Forwarded => forwarded_for(element),
        }
    }
}

impl FromStr for ProxyHeader {
    type Err = NotAList;

    fn from_str(text: &str) -> Result<Self, NotAList> {
        let is = |header: &Self| text.eq_ignore_ascii_case(header.name().as_str());
        [Self::XForwardedFor, Self::Forwarded].into_iter().find(is).ok_or(NotAList)
    }
}

/// The text is not a valid list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAList;

impl FromStr for TrustedProxies {
    type Err = NotAList;

    /// Addresses and networks, separated by commas; the text may be empty.
    fn from_str(text: &str) -> Result<Self, NotAList> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        text.split(',').map(|item| network(item.trim()).ok_or(NotAList)).collect::<Result<_, _>>().map(Self)
    }
}

/// `10.0.0.0/8`, or one address.
fn network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        // Clients are compared in their IPv4 form.
        (IpAddr::V4(address), Some(bits)) if network.addr().is_ipv6() => {
            Ipv4Net::new(address, bits).ok().map(IpNet::V4)
        }
        _ => Some(network),
    }
}

impl TrustedProxies {
    /// Whether the peer is a trusted proxy.
    pub(super) fn trust_peer(&self, peer: Option<SocketAddr>) -> bool {
        peer.is_some_and(|peer| self.trust(peer.ip().to_canonical()))
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client of a request from `peer`: the last address in the chain that is not a trusted
    /// proxy's.
    ///
    /// Each proxy appends an address. So the chain is read from its end, as long as trusted proxies
    /// wrote it: any client can send what comes before.
    pub(super) fn client(&self, header: ProxyHeader, peer: Option<SocketAddr>, headers: &HeaderMap) -> ClientAddress {
        let Some(peer) = peer else { return ClientAddress::NONE };
        let mut client = peer.ip().to_canonical();
        if !self.trust(client) {
            return ClientAddress(client);
        }
        let mut lines: Vec<&str> =
            headers.get_all(header.name()).map(|line| line.to_str().unwrap_or("not an address")).collect();
        lines.reverse();
        // Commas in quotes separate, too: no address contains one, and an open quote of the client
        // could hide what follows.
        for hop in lines.into_iter().flat_map(|line| line.rsplit(',')) {
            let Some(address) = header.read(hop) else { break };
            client = address;
            if !self.trust(address) {
                break;
            }
        }
        ClientAddress(client)
    }
}

/// The `for` of one element of a `Forwarded` header (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    let value = value.trim();
    node(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

/// An address, with or without a port. IPv6 is in brackets, but not in every proxy's
/// `X-Forwarded-For`.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let address = text.parse::<IpAddr>().ok().or_else(bracketed);
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn client(trusted: &str, peer: &str, headers: &[(&str, &str)]) -> String {
        client_by(ProxyHeader::XForwardedFor, trusted, peer, headers)
    }

    fn client_by(header: ProxyHeader, trusted: &str, peer: &str, headers: &[(&str, &str)]) -> String {
        let trusted: TrustedProxies = trusted.parse().unwrap();
        let request = headers.iter().fold(TestRequest::default(), |request, header| request.append_header(*header));
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        trusted.client(header, Some(peer), request.to_http_request().headers()).0.to_string()
    }

    #[test]
    fn headers_of_an_untrusted_peer_are_ignored() {
        let headers = [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")];
        for trusted in ["", "10.0.0.0/8", "2001:db8::/32"] {
            assert_eq!(client(trusted, "192.0.2.7", &headers), "192.0.2.7", "{trusted:?}");
        }
    }

    #[test]
    fn the_chain_is_read_from_its_end_past_trusted_proxies() {
        for (way, expected) in [
            ("198.51.100.9", "198.51.100.9"),
            ("1.1.1.1, 198.51.100.9", "198.51.100.9"),
            ("1.1.1.1, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
            ("1.1.1.1,198.51.100.9 ,10.0.0.2,\t10.9.9.9", "198.51.100.9"),
            ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("198.51.100.9:4711", "198.51.100.9"),
            ("2001:db8::9", "2001:db8::9"),
            ("[2001:db8::9]:4711, 10.0.0.2", "2001:db8::9"),
            ("::ffff:198.51.100.9", "198.51.100.9"),
            ("1.1.1.1, garbage", "10.0.0.1"),
            ("1.1.1.1, garbage, 10.0.0.2", "10.0.0.2"),
            ("1.1.1.1,,10.0.0.2", "10.0.0.2"),
            ("\", 198.51.100.9", "198.51.100.9"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[("x-forwarded-for", way)]), expected, "{way:?}");
            assert_eq!(client("10.0.0.0/8", "::ffff:10.0.0.1", &[("x-forwarded-for", way)]), expected, "{way:?}");
        }
        let lines =
            [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.9"), ("x-forwarded-for", "10.0.0.2")];
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &lines), "198.51.100.9");
        assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn only_the_configured_header_is_read() {
        let both = [("forwarded", "for=198.51.100.9"), ("x-forwarded-for", "203.0.113.1")];
        for headers in [both, [both[1], both[0]]] {
            for (header, expected) in
                [(ProxyHeader::XForwardedFor, "203.0.113.1"), (ProxyHeader::Forwarded, "198.51.100.9")]
            {
                assert_eq!(client_by(header, "10.0.0.0/8", "10.0.0.1", &headers), expected, "{header:?}");
            }
        }
        // A client cannot change its address with the other header.
        assert_eq!(client_by(ProxyHeader::XForwardedFor, "10.0.0.0/8", "10.0.0.1", &both[..1]), "10.0.0.1");
        assert_eq!(client_by(ProxyHeader::Forwarded, "10.0.0.0/8", "10.0.0.1", &both[1..]), "10.0.0.1");
    }

    #[test]
    fn a_proxy_header_is_one_of_two() {
        assert_eq!("x-forwarded-for".parse(), Ok(ProxyHeader::XForwardedFor));
        assert_eq!("X-Forwarded-For".parse(), Ok(ProxyHeader::default()));
        assert_eq!("Forwarded".parse(), Ok(ProxyHeader::Forwarded));
        for bad in ["", "x-real-ip", "x-forwarded-for,forwarded", "for"] {
            assert_eq!(bad.parse::<ProxyHeader>(), Err(NotAList), "{bad}");
        }
    }

    #[test]
    fn the_standard_header_is_read_by_its_for() {
        for (way, expected) in [
            ("for=198.51.100.9", "198.51.100.9"),
            ("for=1.1.1.1, For=198.51.100.9;proto=https;by=10.0.0.2", "198.51.100.9"),
            ("proto=http; for=\"[2001:db8::9]:4711\", for=10.0.0.2", "2001:db8::9"),
            ("for=\"198.51.100.9:80\"", "198.51.100.9"),
            ("for=1.1.1.1, for=unknown", "10.0.0.1"),
            ("for=1.1.1.1, for=_hidden, for=10.0.0.2", "10.0.0.2"),
            ("for=1.1.1.1, by=10.0.0.2", "10.0.0.1"),
            ("for=\"1.1.1.1, for=198.51.100.9", "198.51.100.9"),
        ] {
            let headers = [("forwarded", way), ("x-forwarded-for", "203.0.113.1")];
            let client = client_by(ProxyHeader::Forwarded, "10.0.0.0/8", "10.0.0.1", &headers);
            assert_eq!(client, expected, "{way:?}");
        }
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        let proxies: TrustedProxies =
            " 10.0.0.0/8, 192.0.2.1 ,2001:db8::/32,::1,::ffff:172.16.0.0/108".parse().unwrap();
        for trusted in ["10.255.0.1", "192.0.2.1", "2001:db8:ffff::1", "::1", "172.31.0.1"] {
            assert!(proxies.trust(trusted.parse().unwrap()), "{trusted}");
        }
        for other in ["11.0.0.1", "192.0.2.2", "2001:db9::1", "::2", "172.32.0.1"] {
            assert!(!proxies.trust(other.parse().unwrap()), "{other}");
        }
        assert_eq!("".parse(), Ok(TrustedProxies::default()));
        for bad in ["proxy.example.com", "10.0.0.0/33", "10.0.0.1,,10.0.0.2", "10.0.0.1 10.0.0.2", "10.0.0", "*"] {
            assert_eq!(bad.parse::<TrustedProxies>(), Err(NotAList), "{bad}");
        }
    }

    #[test]
    fn ipv6_clients_are_counted_by_the_first_half_of_their_address() {
        let network = |address: &str| ClientAddress(address.parse().unwrap()).network().to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:2:ffff::"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}

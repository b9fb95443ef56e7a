//! Where a request comes from.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Proxies that say truly for whom they ask.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Those in these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The address behind the last proxy that is trusted. Each proxy adds the address that it was asked
    /// from at the end of `X-Forwarded-For`; what stands before that, anybody may have written.
    pub(super) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.ip().to_canonical();
        for hop in hops(headers) {
            if !self.trust(client) {
                break;
            }
            match address(hop) {
                Some(address) => client = address.to_canonical(),
                None => break,
            }
        }
        client
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// What stands in `X-Forwarded-For`, last first; empty elements are left out. It is cut at each comma,
/// whatever stands around it: a quotation mark or a byte that is no text, which a caller has written, must
/// not hide what a proxy has added.
fn hops(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
    let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    hops.map(<[u8]>::trim_ascii).filter(|hop| !hop.is_empty())
}

/// An address as proxies write it: alone or with a port.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = str::from_utf8(hop).ok()?;
    let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
    hop.parse().ok().or_else(with_port)
}

/// What is counted as one sender: of IPv6 the network of a household or a machine, which has as many
/// addresses as it likes.
pub(super) fn sender(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let lines: Vec<_> = forwarded.iter().map(|line| line.as_bytes()).collect();
        client_by(peer, &lines)
    }

    fn client_by(peer: &str, forwarded: &[&[u8]]) -> String {
        let line = |line: &&[u8]| (X_FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
        let lines = forwarded.iter().map(line);
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let peer = SocketAddr::new(peer.parse().unwrap(), 1);
        proxies.client(peer, &lines.collect()).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_as_far_as_it_saw() {
        assert_eq!(client("192.0.2.7", &["198.51.100.1"]), "192.0.2.7");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["203.0.113.9, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["203.0.113.9, 198.51.100.1", "10.0.0.2"]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["198.51.100.1, ", ""]), "198.51.100.1");
        assert_eq!(client("10.0.0.1", &["who knows"]), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn whatever_a_caller_writes_the_address_that_a_proxy_adds_is_seen() {
        for written in [&b"\""[..], b"\"203.0.113.9", b"\xff", b"\"\\", b",,", b"", b"\xe2\x82"] {
            let joined = [written, b", 198.51.100.1"].concat();
            assert_eq!(client_by("10.0.0.1", &[&joined]), "198.51.100.1", "{written:?}");
            let apart = [written, b"198.51.100.1"];
            assert_eq!(client_by("10.0.0.1", &apart), "198.51.100.1", "{written:?}");
            let two = [written, b", 198.51.100.1, 10.0.0.2"].concat();
            assert_eq!(client_by("10.0.0.1", &[&two]), "198.51.100.1", "{written:?}");
        }
    }

    #[test]
    fn the_addresses_of_one_network_are_one_sender() {
        let of = |text: &str| sender(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2:3::4"), of("2001:db8:1:3::"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}

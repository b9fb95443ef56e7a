//! Where nobody is asked who they are, a web page must not be able to do what its reader can.
//!
//! A page can send requests to this machine from the browser of somebody who works on it, and reads the
//! answers if its own host name is made to point here (DNS rebinding). Browsers say truly for which host
//! a request is (`Host`), from where it comes (`Origin`), and whether that is the same
//! (`Sec-Fetch-Site`, <https://www.w3.org/TR/fetch-metadata/>). What says nothing of the sort is no
//! browser.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, header, request::Parts, uri::Authority};

use crate::api::Scheme;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where the service is, by any name of this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here {
    pub(super) scheme: Scheme,
    pub(super) port: u16,
}

/// Refuses a request for another host than this machine, by its loopback names.
pub(super) fn check_host(request: &Parts, here: Here) -> Result<(), &'static str> {
    let line = request.headers.get_all(header::HOST).iter();
    let lines = line.map(|line| line.to_str().ok().and_then(|line| line.parse().ok()));
    let target = request.uri.authority().cloned().map(Some);
    let are_ours =
        lines.chain(target).all(|host: Option<Authority>| host.is_some_and(|h| is_ours(&h, here)));
    are_ours.then_some(()).ok_or(
        "the request is for another host; without authentication only localhost, 127.0.0.1 and \
         [::1] with the right port are answered",
    )
}

/// Refuses a request that a page of another origin has sent.
pub(super) fn check_sender(headers: &HeaderMap, here: Here) -> Result<(), &'static str> {
    let is_own_origin = |origin: &str| {
        let scheme = here.scheme.as_str();
        let rest = origin.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://"));
        rest.and_then(|host| host.parse().ok()).is_some_and(|host| is_ours(&host, here))
    };
    let mut origins = headers.get_all(header::ORIGIN).iter();
    if !origins.all(|origin| origin.to_str().is_ok_and(is_own_origin)) {
        return Err("the request comes from a page of another origin");
    }
    let mut sites = headers.get_all(SEC_FETCH_SITE).iter();
    if !sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none")) {
        return Err("the request comes from a page of another site");
    }
    Ok(())
}

fn is_ours(host: &Authority, here: Here) -> bool {
    let name = host.host();
    let without_brackets = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let is_loopback = match without_brackets {
        Some(address) => address.parse() == Ok(Ipv6Addr::LOCALHOST),
        None => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
    };
    let names_nobody = !host.as_str().contains('@');
    is_loopback
        && names_nobody
        && host.port_u16().unwrap_or(here.scheme.default_port()) == here.port
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request};

    use super::*;

    const HERE: Here = Here { scheme: Scheme::Http, port: 8080 };

    fn for_host(host: &str) -> bool {
        let request =
            Request::get("/tenants").header("host", host).body(()).unwrap().into_parts().0;
        check_host(&request, HERE).is_ok()
    }

    #[test]
    fn only_the_names_of_this_machine_with_the_port_are_answered() {
        for host in
            ["localhost:8080", "LOCALHOST:8080", "127.0.0.1:8080", "127.8.9.1:8080", "[::1]:8080"]
        {
            assert!(for_host(host), "{host}");
        }
        for host in [
            "",
            "localhost",
            "localhost:80",
            "rebound.example:8080",
            "localhost.example:8080",
            "127.0.0.1.example:8080",
            "10.0.0.1:8080",
            "[::ffff:10.0.0.1]:8080",
            "localhost@evil.example:8080",
            "evil.example@localhost:8080",
        ] {
            assert!(!for_host(host), "{host}");
        }
    }

    #[test]
    fn every_name_of_the_host_must_be_ours() {
        let absolute =
            Request::get("http://evil.example:8080/tenants").header("host", "localhost:8080");
        assert!(check_host(&absolute.body(()).unwrap().into_parts().0, HERE).is_err());
        let twice = Request::get("/").header("host", "localhost:8080").header("host", "evil:8080");
        assert!(check_host(&twice.body(()).unwrap().into_parts().0, HERE).is_err());
        let no_browser = Request::get("/tenants").body(()).unwrap().into_parts().0;
        assert!(check_host(&no_browser, HERE).is_ok());
    }

    #[test]
    fn a_page_of_another_origin_is_refused_and_the_documentation_is_not() {
        let sent = |name: &'static str, value: &'static str| {
            let line = (HeaderName::from_static(name), HeaderValue::from_static(value));
            check_sender(&HeaderMap::from_iter([line]), HERE).is_ok()
        };
        assert!(check_sender(&HeaderMap::new(), HERE).is_ok());
        assert!(sent("origin", "http://localhost:8080"));
        assert!(sent("sec-fetch-site", "same-origin") && sent("sec-fetch-site", "none"));
        for origin in
            ["null", "http://localhost:3000", "https://localhost:8080", "http://evil.example"]
        {
            assert!(!sent("origin", origin), "{origin}");
        }
        for site in ["cross-site", "same-site", ""] {
            assert!(!sent("sec-fetch-site", site), "{site}");
        }
    }

    #[test]
    fn where_tls_is_spoken_a_page_that_came_without_it_is_of_another_origin() {
        let here = Here { scheme: Scheme::Https, port: 443 };
        let sent = |origin: &'static str| {
            let line = (header::ORIGIN, HeaderValue::from_static(origin));
            check_sender(&HeaderMap::from_iter([line]), here).is_ok()
        };
        assert!(sent("https://localhost") && sent("https://localhost:443"));
        assert!(!sent("http://localhost") && !sent("http://localhost:443"));
    }
}

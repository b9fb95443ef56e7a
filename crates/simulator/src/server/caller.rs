//! Who calls, from the credential scope of the signature.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::place::Place;
use crate::sts;

/// Who calls, and which service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) place: Place,
    /// As signatures name it: `elasticache`.
    pub(crate) service: String,
}

/// Who calls, as the signature's scope says. The signature itself is not checked: nobody here
/// has a key to check it by.
///
/// `AWS4-HMAC-SHA256 Credential=KEY/20261121/eu-west-1/elasticache/aws4_request, …`
pub(crate) fn parse(headers: &HeaderMap, default_account: &str) -> Option<Caller> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let fields = header.strip_prefix("AWS4-HMAC-SHA256")?;
    let mut fields = fields.split(',').map(str::trim);
    let scope = fields.clone().find_map(|field| field.strip_prefix("Credential="))?;
    fields.find_map(|field| field.strip_prefix("Signature="))?;
    let mut parts = scope.rsplit('/');
    let ("aws4_request", service, region, _date) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?)
    else {
        return None;
    };
    let key = parts.next()?;
    let account = sts::account_of(key).unwrap_or(default_account);
    let place = Place { region: region.to_owned(), account: account.to_owned() };
    Some(Caller { place, service: service.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(authorization: &str) -> Option<Caller> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        parse(&headers, "000000000000")
    }

    #[test]
    fn the_scope_of_the_signature_names_region_and_account() {
        let signed = |key: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential={key}/20261121/eu-west-1/elasticache/aws4_request, \
                 SignedHeaders=host, Signature=00"
            )
        };
        let Caller { place, service } = parsed(&signed("AKIDEXAMPLE")).unwrap();
        assert_eq!(service, "elasticache");
        assert_eq!((place.region.as_str(), place.account.as_str()), ("eu-west-1", "000000000000"));
        assert_eq!(parsed(&signed("123456789012")).unwrap().place.account, "123456789012");
        let temporary = parsed(&signed("ASIA123456789012ABCD")).unwrap();
        assert_eq!(temporary.place.account, "123456789012");
    }

    #[test]
    fn what_is_not_signed_has_no_caller() {
        for header in ["Bearer token", "AWS4-HMAC-SHA256 Credential=a/b, Signature=00"] {
            assert_eq!(parsed(header), None, "{header}");
        }
        let unsigned = "AWS4-HMAC-SHA256 Credential=k/20261121/r/elasticache/aws4_request";
        assert_eq!(parsed(unsigned), None);
    }
}

//! From when until when a certificate is accepted, which rustls does not tell of one's own.

use der::{
    Decode as _, Header, Reader, SliceReader, Tag,
    asn1::{AnyRef, GeneralizedTime, UtcTime},
};
use jiff::Timestamp;

/// When a certificate begins and ends to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) begins: Timestamp,
    pub(super) ends: Timestamp,
}

impl Validity {
    /// Reads it in a certificate, and nothing behind it: all else is rustls's matter and the clients'. What stands
    /// before it is in RFC 5280, section 4.1: a version that may be left out, serial number, algorithm, and issuer.
    pub(super) fn of(certificate: &[u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(certificate)?;
        Header::decode(&mut reader)?;
        Header::decode(&mut reader)?;
        let version_or_serial = AnyRef::decode(&mut reader)?;
        if version_or_serial.header().tag() != Tag::Integer {
            AnyRef::decode(&mut reader)?;
        }
        let (_algorithm, _issuer) = (AnyRef::decode(&mut reader)?, AnyRef::decode(&mut reader)?);
        Header::decode(&mut reader)?;
        Ok(Self { begins: time(&mut reader)?, ends: time(&mut reader)? })
    }
}

/// Years before 2050 are written with two digits, later ones with four.
fn time<'a>(reader: &mut impl Reader<'a>) -> der::Result<Timestamp> {
    let written = AnyRef::decode(reader)?;
    let since_1970 = match written.header().tag() {
        Tag::UtcTime => written.decode_as::<UtcTime>()?.to_unix_duration(),
        _ => written.decode_as::<GeneralizedTime>()?.to_unix_duration(),
    };
    let second = i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX);
    Ok(Timestamp::from_second(second).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn of(years: [i32; 2]) -> String {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        [params.not_before, params.not_after] = years.map(|year| date_time_ymd(year, 2, 3));
        let signed = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let Validity { begins, ends } = Validity::of(signed.der()).unwrap();
        format!("{begins} {ends}")
    }

    #[test]
    fn both_forms_of_a_year_are_read() {
        assert_eq!(of([1999, 2049]), "1999-02-03T00:00:00Z 2049-02-03T00:00:00Z");
        assert_eq!(of([2050, 4096]), "2050-02-03T00:00:00Z 4096-02-03T00:00:00Z");
    }

    #[test]
    fn what_is_no_certificate_has_none() {
        for bytes in [&b""[..], b"certificate", &[0x30, 0x03, 0x30, 0x01, 0x00]] {
            assert!(Validity::of(bytes).is_err());
        }
    }
}

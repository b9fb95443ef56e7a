//! Amounts of money.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy};

/// What something costs, in a currency that is told beside it. Never a binary fraction: sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub(super) Decimal);

/// What one of something costs: not less than nothing, and less than a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price(pub(super) Decimal);

/// The text is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an amount such as \"0.0128\", not negative and less than a million")]
pub struct PriceError;

/// The name of a currency: three capital letters (ISO 4217).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency(String);

/// The text names no currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be three capital letters such as \"USD\"")]
pub struct CurrencyError;

impl FromStr for Price {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        let price = Decimal::from_str_exact(text).map_err(|_| PriceError)?;
        let is_usable = !price.is_sign_negative() && price < Decimal::from(1_000_000);
        if is_usable { Ok(Self(price)) } else { Err(PriceError) }
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// With four digits after the point: a call costs less than a hundredth of a cent.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = self.0.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
        write!(f, "{rounded:.4}")
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(text: &str) -> Result<Self, CurrencyError> {
        let is_one = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_one { Ok(Self(text.to_owned())) } else { Err(CurrencyError) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_as_it_is_written() {
        for text in ["0", "0.0128", "0.1752", "999999.999999"] {
            assert_eq!(text.parse::<Price>().unwrap().to_string(), text);
        }
        for wrong in ["", "-0.01", "1e3", "1,5", "0x1", "1000000", "nan", "0.1 USD"] {
            assert_eq!(wrong.parse::<Price>(), Err(PriceError), "{wrong}");
        }
    }

    #[test]
    fn an_amount_is_told_to_a_hundredth_of_a_cent() {
        let told = |text: &str| Amount(Decimal::from_str_exact(text).unwrap()).to_string();
        assert_eq!(told("3"), "3.0000");
        assert_eq!(told("0.00005"), "0.0001");
        assert_eq!(told("0.00004"), "0.0000");
        assert_eq!(told("-1.23456"), "-1.2346");
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert_eq!("EUR".parse::<Currency>().unwrap().to_string(), "EUR");
        for wrong in ["", "eur", "EURO", "€", "U$D"] {
            assert_eq!(wrong.parse::<Currency>(), Err(CurrencyError), "{wrong}");
        }
    }
}

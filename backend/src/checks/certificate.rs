//! For how long the certificates last that Outlook and browsers see.

use super::{Checked, Outcome};
use crate::clock::DAY_MS;
use crate::outbound::Answer;
use jiff::Timestamp;
use reqwest::Url;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate that is to be renewed is usually so with a third of its time left. It is late with a quarter left, and
/// in any case with this many days, however long it lasts.
const LATE_DAYS: i64 = 14;

/// The certificate of a host name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The name.
    pub host: String,
    /// When it began, in milliseconds since 1970.
    pub from_ms: i64,
    /// When it ends, in milliseconds since 1970.
    pub until_ms: i64,
}

impl Certificate {
    /// The one that came with an answer from this origin; `None` without TLS.
    pub(super) fn of(answer: &Answer, origin: &str) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(answer.certificate.as_deref()?).ok()?;
        let validity = certificate.validity();
        let ms = |seconds: i64| seconds.saturating_mul(1000);
        let (from_ms, until_ms) = (ms(validity.not_before.timestamp()), ms(validity.not_after.timestamp()));
        Some(Self { host: Url::parse(origin).ok()?.host_str()?.to_owned(), from_ms, until_ms })
    }

    /// Whether its renewal is overdue.
    pub fn is_late(&self, now_ms: i64) -> bool {
        let late = (self.until_ms - self.from_ms).div_euclid(4).min(LATE_DAYS * DAY_MS);
        self.until_ms - now_ms < late
    }

    /// The same as a check.
    pub(super) fn check(&self, now_ms: i64) -> Checked {
        let days = (self.until_ms - now_ms).div_euclid(DAY_MS);
        let day = Timestamp::from_millisecond(self.until_ms).map(|until| until.strftime("%Y-%m-%d").to_string());
        let until = format!("it ends on {} ({days} days from now)", day.unwrap_or_default());
        let outcome = if self.is_late(now_ms) {
            Outcome::Warning(format!(
                "{until}, and Outlook refuses it after that: renew it, and find out why it was not renewed \
                 automatically"
            ))
        } else {
            Outcome::Passed(until)
        };
        Checked { name: format!("The certificate of {} is valid long enough", self.host).into(), outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::Certificate;
    use crate::clock::DAY_MS;

    #[test]
    fn it_is_late_two_weeks_before_its_end_and_a_short_one_in_its_last_quarter() {
        let lasting = |days: i64| Certificate { host: "a.example".into(), from_ms: 0, until_ms: days * DAY_MS };
        for (certificate, on_time, late) in [(lasting(90), 75, 77), (lasting(6), 4, 5), (lasting(398), 383, 385)] {
            assert!(!certificate.is_late(on_time * DAY_MS), "{certificate:?} on day {on_time}");
            assert!(certificate.is_late(late * DAY_MS), "{certificate:?} on day {late}");
        }
    }
}

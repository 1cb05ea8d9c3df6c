//! Mail addresses: whatever is taken is one, and stays the same when it is read again.

use email_signature::Address;

pub(super) fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for line in text.lines() {
        let Ok(address) = Address::parse(line) else { continue };
        let written = address.to_string();
        assert_eq!(Address::parse(&written).as_ref(), Ok(&address), "{line:?} is {written:?}, and then another");
        assert_eq!(written.rsplit_once('@').map(|(_, domain)| domain), Some(address.domain()));
        // Nothing that ends a header, a list or a quoted text.
        let bad = |letter: char| letter.is_control() || letter.is_whitespace() || "<>,;\"".contains(letter);
        assert!(!written.contains(bad), "{written:?}");
    }
}

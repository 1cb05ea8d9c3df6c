// The core's filters, in words (`crates/email-signature/src/render/filters.rs`).

export const FILTERS = [
  { name: "upper", apply: "upper", words: "LARGE LETTERS" },
  { name: "lower", apply: "lower", words: "small letters" },
  { name: "title", apply: "title", words: "Each Word’s First Letter Large" },
  { name: "capitalize", apply: "capitalize", words: "The first letter large" },
  { name: "trim", apply: "trim", words: "Without spaces around it" },
  { name: "phone", apply: "phone", words: "A phone number as people read it, by the person's country; also phone('national'), phone('typed')" },
  { name: "tel", apply: "tel", words: "A phone number for a tel: link, by the person's country" },
  { name: "date", apply: "date", words: "A date in the person's language; also date('full', 'de'), date('dd.MM.yyyy')" },
  { name: "url", apply: "url", words: "An address for a link" },
  { name: "default", apply: "default('…')", words: "Something else where it is empty" },
  { name: "truncate", apply: "truncate(60)", words: "Cut after so many characters" },
  { name: "replace", apply: "replace('…', '…')", words: "One text for another" },
  { name: "first", apply: "first", words: "The first of several" },
  { name: "last", apply: "last", words: "The last of several" },
  { name: "join", apply: "join(', ')", words: "Several with something between; those that are empty are left out: [street, city]|join(', ')" },
  { name: "split", apply: "split(',')", words: "A text cut into several" },
];

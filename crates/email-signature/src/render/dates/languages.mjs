// Prints `languages.txt`: how dates are written, from CLDR, which Node has with it. Run: `node languages.mjs > languages.txt`.

const LANGUAGES = (
  "af ar bg bs ca cs cy da de de-AT el en en-GB en-US es et eu fa fi fr fr-CA ga gl he hi hr hu id is it ja ko lt lv mk ms mt nb nl nn pl pt pt-PT ro ru sk " +
  "sl sq sr sv th tr uk vi zh zh-Hant"
).split(" ");
const STYLES = ["short", "medium", "long", "full"];

/** A style as a pattern of CLDR's letters; other letters stand between apostrophes. */
function pattern(tag, dateStyle) {
  const format = new Intl.DateTimeFormat(tag, { dateStyle, timeZone: "UTC" });
  // The third of February, a Wednesday: each number has one digit unless it is padded.
  const parts = format.formatToParts(Date.UTC(2027, 1, 3));
  const one = ({ type, value }) => {
    if (type === "day") return value.length > 1 ? "dd" : "d";
    if (type === "year") return value.length > 2 ? "yyyy" : "yy";
    if (type === "month") return /^\d+$/.test(value) ? (value.length > 1 ? "MM" : "M") : dateStyle === "medium" ? "MMM" : "MMMM";
    if (type === "weekday") return "EEEE";
    const plain = value.replaceAll("\u202f", " ").replace(/[\u200e\u200f\u061c]/g, "");
    return /\p{L}/u.test(plain) ? `'${plain.replaceAll("'", "''")}'` : plain;
  };
  return parts.map(one).join("");
}

/** The names of months or weekdays as they stand in a date of that style. */
function names(tag, dateStyle, type, dates) {
  const format = new Intl.DateTimeFormat(tag, { dateStyle, timeZone: "UTC" });
  return dates.map((date) => format.formatToParts(date).find((part) => part.type === type)?.value ?? "").join(",");
}

const months = [...Array(12).keys()].map((month) => Date.UTC(2027, month, 3));
// From Monday on.
const days = [...Array(7).keys()].map((day) => Date.UTC(2027, 1, 1 + day));

console.log(`# How dates are written in ${LANGUAGES.length} languages: the four styles, months, short months, weekdays.`);
console.log(`# From CLDR ${process.versions.cldr} (Unicode License v3, © Unicode, Inc.) by \`languages.mjs\`.`);
for (const language of LANGUAGES) {
  const tag = `${language}-u-ca-gregory-nu-latn`;
  const fields = STYLES.map((style) => pattern(tag, style));
  fields.push(names(tag, "long", "month", months), names(tag, "medium", "month", months), names(tag, "full", "weekday", days));
  console.log([language, ...fields].join("\t"));
}

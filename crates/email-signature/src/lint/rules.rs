//! The rules, in words.

/// One rule of the lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LintRule {
    /// Its id, as in findings.
    pub id: &'static str,
    /// What it asks for.
    pub title: &'static str,
    /// What happens otherwise.
    pub why: &'static str,
    /// The public document or thread that it rests on.
    pub source: &'static str,
}

const fn rule(id: &'static str, title: &'static str, why: &'static str, source: &'static str) -> LintRule {
    LintRule { id, title, why, source }
}

/// Microsoft's own list of what Word's engine knows.
const WORD: &str = "https://learn.microsoft.com/previous-versions/office/developer/office-2007/aa338201(v=office.12)";

/// Every rule, in the order in which they are documented.
pub const LINT_RULES: &[LintRule] = &[
    rule(
        "layout",
        "Columns are cells of a table",
        "Word's engine knows neither flex nor grid, and ignores float and position: columns end up below each other.",
        "https://www.caniemail.com/features/css-display-flex/",
    ),
    rule(
        "table-attributes",
        "A table says border, cellpadding and cellspacing, and collapses its borders",
        "Without them Word's engine puts borders of its own and gaps of some pixels between cells.",
        "https://www.caniemail.com/features/css-border-collapse/",
    ),
    rule(
        "table-width",
        "The outermost table has a width attribute, of at most 700 pixels",
        "Word's engine sizes a table by what it holds, so long values push the columns about; a wide one is cut off on phones.",
        "https://www.hteumeuleu.com/2020/outlook-rendering-engine/",
    ),
    rule(
        "table-role",
        "A table that is layout says role=\"presentation\"",
        "Screen readers announce rows and columns of a table that has none to tell of.",
        "https://www.w3.org/WAI/tutorials/tables/tips/",
    ),
    rule(
        "font",
        "Every cell with text says its font and size",
        "Word's engine hands fonts down to no cell: what has none is set in Times New Roman, or as the person's Outlook likes.",
        "https://github.com/OfficeDev/office-js/issues/2045",
    ),
    rule(
        "web-font",
        "Fonts are those that every computer has",
        "Outlook loads no fonts, and may take Times New Roman instead of the next one in the list.",
        "https://www.hteumeuleu.com/2019/today-i-learned-about-mso-generic-font-family/",
    ),
    rule(
        "line-height",
        "A line-height comes with mso-line-height-rule",
        "Word's engine takes a line-height as the least one without it, so lines are higher than they should be.",
        "https://www.caniemail.com/features/css-line-height/",
    ),
    rule(
        "image-line-height",
        "An image does not stand in lines of an exact height",
        "Word's engine cuts an image off where its line ends.",
        "https://github.com/mjmlio/mjml/issues/2702",
    ),
    rule(
        "image-size",
        "An image has a width and a height attribute, in pixels",
        "Outlook shows an image without them as large as its file, and knows no sizes of images from styles.",
        "https://www.caniemail.com/features/css-width/",
    ),
    rule(
        "image-alt",
        "An image has an alt text",
        "Outlook shows no images from strangers until it is asked to, and screen readers never do.",
        "https://www.w3.org/WAI/tutorials/images/",
    ),
    rule(
        "image-format",
        "Images are PNG, JPEG or GIF files",
        "Outlook shows neither SVG nor WebP, and no image that is written into the HTML.",
        "https://www.caniemail.com/features/image-svg/",
    ),
    rule(
        "spacing",
        "Space is made by cells: their padding, or empty ones",
        "Word's engine knows padding on cells alone, and margins on blocks such as paragraphs, none below zero and no auto.",
        "https://www.caniemail.com/features/css-padding/",
    ),
    rule(
        "box-size",
        "Widths and heights belong to tables, cells and images",
        "Word's engine ignores the width and height of paragraphs, blocks and text.",
        "https://www.caniemail.com/features/css-width/",
    ),
    rule(
        "max-width",
        "A max-width or min-width comes with a width",
        "Word's engine knows neither, so it alone limits nothing.",
        "https://www.caniemail.com/features/css-max-width/",
    ),
    rule(
        "background-image",
        "Backgrounds are colours",
        "Word's engine shows no background image, and styles that fetch something do not stay in a signature.",
        "https://www.caniemail.com/features/css-background-image/",
    ),
    rule(
        "decoration",
        "The design does without round corners, shadows, gradients and opacity",
        "Word's engine shows none of them: a round button is square, a faint text is not.",
        "https://www.caniemail.com/features/css-border-radius/",
    ),
    rule(
        "units",
        "Sizes are in px or pt",
        "Word's engine knows no rem, no vw, and nothing that has to be computed.",
        "https://www.caniemail.com/features/css-unit-rem/",
    ),
    rule(
        "colour",
        "Colours are written as #rrggbb",
        "Word's engine knows no transparent colours and no short forms in attributes, and shows black, or nothing, instead.",
        "https://www.caniemail.com/features/css-rgba/",
    ),
    rule(
        "link-colour",
        "A link says its colour and its underline itself",
        "Outlook makes links blue and underlines them where they do not, and does not know the colour “inherit”.",
        "https://github.com/OfficeDev/office-js/issues/5704",
    ),
    rule(
        "contrast",
        "Text can be read on its background",
        "Text needs a contrast of 4.5 to 1, large text 3 to 1.",
        "https://www.w3.org/TR/WCAG21/#contrast-minimum",
    ),
    rule(
        "dark-mode",
        "Text on a background colour has a colour",
        "Outlook's dark mode changes both by itself: text without a colour can end up light on light.",
        "https://www.hteumeuleu.com/2019/dealing-with-outlook-com-s-dark-mode/",
    ),
    rule(
        "style-sheet",
        "Style sheets have plain rules only",
        "Styles are moved into the elements, since mails lose their style sheets; media queries, fonts and states such as :hover cannot be.",
        "https://www.caniemail.com/features/css-at-media/",
    ),
    rule(
        "comment",
        "There are no comments for Outlook",
        "Comments, conditional ones included, are taken out, with whatever stands in them.",
        "https://www.hteumeuleu.com/2020/outlook-rendering-engine/",
    ),
    rule(
        "unclosed",
        "Every element is closed",
        "Word's engine guesses where one ends, and guesses differently from browsers.",
        WORD,
    ),
    rule(
        "length",
        "The HTML has at most 30,000 characters",
        "Outlook refuses longer signatures, so they are inserted as plain text.",
        "https://learn.microsoft.com/javascript/api/outlook/office.body",
    ),
];

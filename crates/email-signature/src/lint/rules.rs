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
        "Word's engine supports neither flex nor grid, and ignores float and position: columns end up below each \
         other.",
        "https://www.caniemail.com/features/css-display-flex/",
    ),
    rule(
        "table-attributes",
        "A table sets border, cellpadding and cellspacing, and collapses its borders",
        "Without them, Word's engine adds its own borders and gaps of a few pixels between cells.",
        "https://www.caniemail.com/features/css-border-collapse/",
    ),
    rule(
        "table-width",
        "The outermost table has a width attribute, of at most 700 pixels",
        "Word's engine sizes a table by its content, so long values shift the columns; a wide table is cut off on \
         phones.",
        "https://www.hteumeuleu.com/2020/outlook-rendering-engine/",
    ),
    rule(
        "table-role",
        "A layout table has role=\"presentation\"",
        "Otherwise screen readers announce its rows and columns, which mean nothing.",
        "https://www.w3.org/WAI/tutorials/tables/tips/",
    ),
    rule(
        "font",
        "Every cell with text sets its font and size",
        "In Word's engine, cells inherit no fonts: text without one appears in Times New Roman, or in the font that \
         the person's Outlook prefers.",
        "https://github.com/OfficeDev/office-js/issues/2045",
    ),
    rule(
        "web-font",
        "Fonts are those that every computer has",
        "Outlook loads no fonts, and may use Times New Roman instead of the next font in the list.",
        "https://www.hteumeuleu.com/2019/today-i-learned-about-mso-generic-font-family/",
    ),
    rule(
        "line-height",
        "A line-height comes with mso-line-height-rule",
        "Without it, Word's engine treats a line-height as a minimum, so lines are taller than they should be.",
        "https://www.caniemail.com/features/css-line-height/",
    ),
    rule(
        "image-line-height",
        "An image is not in lines of an exact height",
        "Word's engine cuts an image off where its line ends.",
        "https://github.com/mjmlio/mjml/issues/2702",
    ),
    rule(
        "image-size",
        "An image has a width and a height attribute, in pixels",
        "Without them, Outlook shows an image at its file's size; it ignores image sizes in styles.",
        "https://www.caniemail.com/features/css-width/",
    ),
    rule(
        "image-alt",
        "An image has an alt text",
        "Outlook hides images from strangers until the reader asks for them, and screen readers never show them.",
        "https://www.w3.org/WAI/tutorials/images/",
    ),
    rule(
        "image-format",
        "Images are PNG, JPEG or GIF files",
        "Outlook shows neither SVG nor WebP, and no image that is embedded in the HTML.",
        "https://www.caniemail.com/features/image-svg/",
    ),
    rule(
        "spacing",
        "Space comes from cells: their padding, or empty cells",
        "Word's engine supports padding only on cells, and margins only on blocks such as paragraphs, without \
         negative values or auto.",
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
        "Word's engine supports neither, so on its own it limits nothing.",
        "https://www.caniemail.com/features/css-max-width/",
    ),
    rule(
        "background-image",
        "Backgrounds are colours",
        "Word's engine shows no background image, and styles that load something are removed from a signature.",
        "https://www.caniemail.com/features/css-background-image/",
    ),
    rule(
        "decoration",
        "The design does not need round corners, shadows, gradients or opacity",
        "Word's engine shows none of them: a round button is square, and faint text is not faint.",
        "https://www.caniemail.com/features/css-border-radius/",
    ),
    rule(
        "units",
        "Sizes are in px or pt",
        "Word's engine does not support rem, vw or computed sizes.",
        "https://www.caniemail.com/features/css-unit-rem/",
    ),
    rule(
        "colour",
        "Colours are written as #rrggbb",
        "Word's engine supports neither transparent colours nor short forms in attributes, and shows black or nothing \
         instead.",
        "https://www.caniemail.com/features/css-rgba/",
    ),
    rule(
        "link-colour",
        "A link sets its own colour and underline",
        "Otherwise Outlook makes links blue and underlines them; it does not support the colour “inherit”.",
        "https://github.com/OfficeDev/office-js/issues/5704",
    ),
    rule(
        "important",
        "Styles have no !important",
        "Word's engine ignores a declaration with !important in an element, where every style ends up.",
        "https://cm.engineering/fixing-bugs-with-outlook-specific-css-f4b8ae5be4f4",
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
        "Outlook's dark mode changes each of them separately: text without a colour can end up light on light.",
        "https://www.hteumeuleu.com/2019/dealing-with-outlook-com-s-dark-mode/",
    ),
    rule(
        "style-sheet",
        "Style sheets have plain rules only",
        "Styles are moved into the elements because mails lose their style sheets; media queries, fonts and states \
         such as :hover cannot be moved.",
        "https://www.caniemail.com/features/css-at-media/",
    ),
    rule(
        "comment",
        "There are no comments for Outlook",
        "Comments, including conditional ones, are removed with everything in them.",
        "https://www.hteumeuleu.com/2020/outlook-rendering-engine/",
    ),
    rule(
        "unclosed",
        "Every element is closed",
        "Word's engine guesses where an element ends, and its guess differs from browsers'.",
        WORD,
    ),
    rule(
        "length",
        "The HTML has at most 30,000 characters",
        "Outlook refuses longer signatures, so they are inserted as plain text.",
        "https://learn.microsoft.com/javascript/api/outlook/office.body",
    ),
];

use super::*;

/// Hostile input of one family, `n` times as much of it.
type Family = fn(usize) -> String;

/// Formatting elements that differ, so that the parser keeps each of them.
fn formatting(n: usize) -> String {
    (0..n).map(|n| ["<b class=x", &n.to_string(), ">"].concat()).collect()
}

const REFUSED: &[(&str, Family)] = &[
    ("deep", |n| "<div>".repeat(n)),
    ("deep, with end tags that close nothing", |n| "<div><object></div></object>".repeat(n)),
    ("deep, with end tags of other elements", |n| "<x-a></x-b>".repeat(n)),
    ("deep, with end tags that are style sheets", |n| "<div><style></div></style>".repeat(n)),
    ("deep, with end tags that are values", |n| "<div><img alt='</div>'>".repeat(n)),
    ("deep, with end tags in comments", |n| "<div><!--</div>-->".repeat(n)),
    ("deep, with end tags in character data", |n| "<div><svg><![CDATA[></div>]]></svg>".repeat(n)),
    ("many elements", |n| "<br>".repeat(20 * n)),
    ("many comments", |n| "<!-->".repeat(20 * n)),
    ("formatting in every paragraph", |n| format!("<p>{}{}", formatting(80), "<p>x".repeat(n))),
    ("formatting that is not closed", |n| (0..n).map(|n| ["<p><b class=x", &n.to_string(), ">x"].concat()).collect()),
    ("what tables do not take", |n| format!("<table>{}", "<p>x</p>x".repeat(8 * n))),
    ("tables in tables", |n| "<table><tr><td>".repeat(n)),
    ("a long tag", |n| format!("<a title='{}'>", "x".repeat(20 * n))),
    ("many attributes", |n| format!("<a {}>", "x ".repeat(n))),
    ("many attributes behind a quoted bracket", |n| format!("<a title='>' {}>", "x=1 ".repeat(n))),
    ("many attributes at the end", |n| format!("</a {}>", "x/".repeat(n))),
    ("tags in tags' values", |n| "<a x='".repeat(3 * n)),
    ("ampersands", |n| "&".repeat(400 * n)),
    ("much text", |n| "word ".repeat(100 * n)),
];

#[test]
fn hostile_input_is_refused_before_a_limit_is_far_behind() {
    for (name, family) in REFUSED {
        let refused = measure(&family(1_000));
        assert!(refused.is_err(), "{name}: {refused:?}");
    }
}

#[test]
fn twice_the_input_is_about_twice_the_work() {
    let families: &[(&str, Family)] = &[
        ("elements", |n| "<p>x</p>".repeat(n)),
        ("text", |n| "word & word < word ".repeat(n)),
        ("entities", |n| "&amp;&nbsp;&#x41;&unknown;&".repeat(n)),
        ("ampersands", |n| "&".repeat(10 * n)),
        ("cells", |n| format!("<table><tr>{}</table>", "<td>x<b>x</b></td>".repeat(n))),
        ("attributes", |n| "<a href='https://example.com' title=x lang=en>x</a>".repeat(n)),
        ("broken ends", |n| "</p></b></x><br/></br>".repeat(n)),
        ("rules", |n| format!("<style>{}</style>", "p{color:red}".repeat(n))),
        ("style sheets", |n| "<style>p{}</style>".repeat(n)),
    ];
    for (name, family) in families {
        let steps = |n| measure(&family(n)).map_or_else(|error| panic!("{name}: {error}"), |measured| measured.steps);
        let (once, twice) = (steps(500), steps(1_000));
        assert!(twice <= 2 * once + once / 10 + 50, "{name}: {once} -> {twice}");
    }
}

#[test]
fn what_is_found_is_what_the_parsers_find() {
    let html =
        "<style>p{</style><body><p class='a b' id=i>x<P class=a>y<br><!-- <p> --><table>z<style>q</style></table>";
    let measured = measure(html).unwrap();
    assert_eq!(measured.styles, ["p{", "q"]);
    for (mark, count) in [("p", 2), (".a", 2), (".b", 1), ("#i", 1), ("br", 1), ("table", 1)] {
        assert_eq!(measured.by_mark.get(mark), Some(&count), "{mark}");
    }
}

#[test]
fn rules_without_declarations_cost_nothing_further_on() {
    let measured = measure(&format!("<style>{}</style><b>x</b>", "b{color}".repeat(37_000))).unwrap();
    assert_eq!(crate::render::css::cascade::applied(&measured).of, 0);
}

//! What the API's document says of each route, in lists to show.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// One method of one path.
#[derive(Clone)]
pub(crate) struct Route {
    /// In lower case.
    pub method: &'static str,
    /// With its parts in braces.
    pub path: String,
    /// What it belongs to.
    pub tag: String,
    /// What it does.
    pub summary: String,
    /// Who may, with which scope of a token.
    pub who: String,
    /// What goes in and comes out.
    pub parts: Vec<Part>,
}

/// A list under a heading.
#[derive(Clone)]
pub(crate) struct Part {
    /// What it is.
    pub title: String,
    /// What there is to say of it as a whole.
    pub about: String,
    /// One by one.
    pub facts: Vec<Fact>,
}

/// One parameter, property, value or status.
#[derive(Clone)]
pub(crate) struct Fact {
    /// How it is written.
    pub name: String,
    /// What goes there.
    pub kind: String,
    /// In words.
    pub about: String,
    /// Whether it has to be there.
    pub required: bool,
}

/// A value of the document, or whatever came in its place.
struct Node(JsValue);

impl Node {
    fn at(&self, key: &str) -> Self {
        Self(Reflect::get(&self.0, &JsValue::from_str(key)).unwrap_or(JsValue::UNDEFINED))
    }

    fn text(&self, key: &str) -> String {
        self.at(key).0.as_string().unwrap_or_default()
    }

    fn items(&self) -> Vec<Self> {
        self.0.dyn_ref::<Array>().map(|list| list.iter().map(Self).collect()).unwrap_or_default()
    }

    fn entries(&self) -> Vec<(String, Self)> {
        let Some(object) = self.0.dyn_ref::<Object>() else { return Vec::new() };
        let pair = |pair: JsValue| {
            let pair: Array = pair.unchecked_into();
            (pair.get(0).as_string().unwrap_or_default(), Self(pair.get(1)))
        };
        Object::entries(object).iter().map(pair).collect()
    }

    /// What a `$ref` leads to, or the thing itself.
    fn resolve(self, document: &Self) -> Self {
        let to = self.text("$ref");
        if to.is_empty() {
            return self;
        }
        to.split('/').skip(1).fold(Self(document.0.clone()), |node, key| node.at(key))
    }

    fn name(&self) -> String {
        self.text("$ref").rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// What it may be one of, or has to be all of.
    fn choices(&self) -> Vec<Self> {
        ["anyOf", "oneOf", "allOf"].into_iter().flat_map(|key| self.at(key).items()).collect()
    }

    fn kind(&self) -> String {
        let name = self.name();
        if !name.is_empty() {
            return name;
        }
        let choices = self.choices();
        if !choices.is_empty() {
            return join(choices.iter().map(Self::kind));
        }
        let kinds = self.at("type");
        match kinds.0.as_string() {
            Some(kind) => self.kind_of(kind),
            None => join(kinds.items().iter().filter_map(|kind| kind.0.as_string()).map(|kind| self.kind_of(kind))),
        }
    }

    /// One of its types, with what is in it.
    fn kind_of(&self, kind: String) -> String {
        let within = |key: &str| Some(self.at(key)).filter(|node| node.0.is_object()).map(|node| node.kind());
        match kind.as_str() {
            "array" => within("items").map(|items| "list of ".to_owned() + &items),
            "object" => within("additionalProperties").map(|values| "object of ".to_owned() + &values),
            _ => None,
        }
        .unwrap_or(kind)
    }

    /// The named types that it speaks of.
    fn names(&self, found: &mut Vec<String>) {
        let name = self.name();
        if !name.is_empty() && !found.contains(&name) {
            found.push(name);
        }
        let below = self.at("properties").entries().into_iter().map(|(_, value)| value);
        for one in below.chain(self.choices()).chain([self.at("items"), self.at("additionalProperties")]) {
            if one.0.is_object() {
                one.names(found);
            }
        }
    }
}

fn join(kinds: impl Iterator<Item = String>) -> String {
    kinds.collect::<Vec<_>>().join(" or ")
}

/// The routes, in the document's order.
pub(crate) fn routes(document: JsValue) -> Vec<Route> {
    let document = Node(document);
    let mut found = Vec::new();
    for (path, item) in document.at("paths").entries() {
        for method in METHODS {
            let operation = item.at(method);
            if operation.0.is_object() {
                found.push(route(&document, method, path.clone(), &operation));
            }
        }
    }
    found
}

fn route(document: &Node, method: &'static str, path: String, operation: &Node) -> Route {
    let parameters = operation.at("parameters").items().into_iter().map(|one| parameter(&one.resolve(document)));
    let mut parts = Vec::new();
    let facts: Vec<Fact> = parameters.collect();
    if !facts.is_empty() {
        parts.push(Part { title: "Parameters".into(), about: String::new(), facts });
    }
    let mut named = Vec::new();
    let body = operation.at("requestBody").resolve(document);
    parts.extend(content(&body, &mut named, "Body"));
    let mut statuses = Vec::new();
    for (status, answer) in operation.at("responses").entries() {
        let answer = answer.resolve(document);
        if status.starts_with('2') {
            parts.extend(content(&answer, &mut named, "Answer"));
        }
        let kind = first(&answer).map(|(_, content)| content.at("schema").kind()).unwrap_or_default();
        let name = if status == "default" { "Errors".into() } else { status };
        statuses.push(Fact { name, kind, about: answer.text("description"), required: false });
    }
    // Types lead to more types: the list grows while it is walked.
    let mut next = 0;
    while let Some(name) = named.get(next).cloned() {
        let schema = document.at("components").at("schemas").at(&name);
        schema.names(&mut named);
        parts.push(shape(name, &schema));
        next += 1;
    }
    parts.push(Part { title: "Statuses".into(), about: String::new(), facts: statuses });
    Route {
        method,
        path,
        tag: operation.at("tags").items().first().and_then(|tag| tag.0.as_string()).unwrap_or_else(|| "Other".into()),
        summary: operation.text("summary"),
        who: who(operation),
        parts,
    }
}

fn who(operation: &Node) -> String {
    let who = operation.text("x-who");
    let schemes = operation.at("security").items();
    let mut scopes =
        schemes.iter().flat_map(|scheme| scheme.at("token").items()).filter_map(|scope| scope.0.as_string());
    match (who.is_empty(), scopes.next()) {
        (true, _) => String::new(),
        (false, None) => "For: ".to_owned() + &who + ".",
        (false, Some(scope)) => "For: ".to_owned() + &who + ", or an API token with the scope " + &scope + ".",
    }
}

fn parameter(one: &Node) -> Fact {
    let schema = one.at("schema");
    Fact {
        name: one.text("name"),
        kind: one.text("in") + ", " + &schema.kind(),
        about: one.text("description"),
        required: one.at("required").0.is_truthy(),
    }
}

fn first(body: &Node) -> Option<(String, Node)> {
    body.at("content").entries().into_iter().next()
}

/// What a body is; its named types are listed after it.
fn content(body: &Node, named: &mut Vec<String>, title: &str) -> Option<Part> {
    let (media, content) = first(body)?;
    let schema = content.at("schema");
    schema.names(named);
    let title = title.to_owned() + ": " + &if schema.0.is_object() { schema.kind() } else { media };
    // A named type says it itself.
    let about = if schema.name().is_empty() { body.text("description") } else { String::new() };
    Some(Part { title, about, facts: Vec::new() })
}

fn shape(title: String, schema: &Node) -> Part {
    let required: Vec<String> = schema.at("required").items().iter().filter_map(|name| name.0.as_string()).collect();
    let property = |(name, value): (String, Node)| Fact {
        kind: value.kind(),
        about: value.text("description"),
        required: required.contains(&name),
        name,
    };
    let choice = |choice: Node| Fact {
        name: String::new(),
        kind: String::new(),
        about: choice.text("description"),
        required: false,
    };
    // What each value of an enumeration means is a list at the end of its description.
    let described = "\n".to_owned() + &schema.text("description");
    let mut pieces = described.split("\n- `");
    let about = pieces.next().unwrap_or_default().trim().to_owned();
    let meanings: Vec<(&str, &str)> = pieces.filter_map(|piece| piece.split_once("`: ")).collect();
    let value = |name: String| {
        let meaning = meanings.iter().find(|(value, _)| *value == name).map_or("", |(_, meaning)| *meaning);
        Fact { kind: String::new(), about: meaning.trim().to_owned(), required: false, name }
    };
    let properties = schema.at("properties").entries().into_iter().map(property);
    let values = schema.at("enum").items().into_iter().filter_map(|value| value.0.as_string()).map(value);
    let facts = properties.chain(values).chain(schema.choices().into_iter().map(choice)).collect();
    Part { title, about, facts }
}

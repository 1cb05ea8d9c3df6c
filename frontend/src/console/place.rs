//! The console's addresses, as values.

use crate::api::console::encode;
use crate::ui::address::Arrival;
use ::api::console::Role;

/// Where one can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `/console`: the only tenant, or all of them.
    Home,
    /// `/console/sign-in`.
    SignIn,
    /// `/console/setup#CODE`, with the code.
    Setup(String),
    /// `/console/invitation#CODE`, with the code.
    Invitation(String),
    /// `/console/tenants`.
    Tenants,
    /// `/console/account`.
    Account,
    /// `/console/ui`: every piece that pages are put together from.
    Pieces,
    /// `/console/tenants/TENANT/…`.
    In(String, Page),
    /// Nowhere.
    Missing,
}

/// The console's programs. Each holds its own pages; between them one loads a page anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Everything but what the studio has.
    Console,
    /// What signatures look like, who gets them, and making that live; and where people’s values come from.
    Studio,
}

/// A tenant's pages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Page {
    Overview,
    Templates,
    Template(String),
    Gallery,
    Rules,
    Rule(String),
    Campaigns,
    Simulation,
    Changes,
    People,
    Person(String),
    Groups,
    Fields,
    Sources,
    Run(String),
    Database,
    Imports,
    Import(String),
    Deployment,
    Clients,
    Audit,
    Members,
    Tokens,
    Api,
    Settings,
}

impl Page {
    /// The pages that the navigation leads to, in its order, in groups with their headings.
    pub const GROUPS: [(&'static str, &'static [Self]); 5] = [
        ("", &[Self::Overview]),
        ("Signatures", &[Self::Templates, Self::Rules, Self::Campaigns, Self::Simulation, Self::Changes]),
        ("Directory", &[Self::People, Self::Groups, Self::Fields, Self::Sources, Self::Database, Self::Imports]),
        ("Outlook", &[Self::Deployment, Self::Clients]),
        ("Tenant", &[Self::Audit, Self::Members, Self::Tokens, Self::Api, Self::Settings]),
    ];

    /// The least role that the server shows it to.
    pub fn least(&self) -> Role {
        match self {
            Self::Audit | Self::Members | Self::Tokens => Role::Admin,
            _ => Role::Viewer,
        }
    }

    /// The program that has it.
    pub fn program(&self) -> Which {
        match self {
            Self::Templates
            | Self::Template(_)
            | Self::Gallery
            | Self::Rules
            | Self::Rule(_)
            | Self::Campaigns
            | Self::Simulation
            | Self::Changes
            | Self::Sources
            | Self::Run(_)
            | Self::Database
            | Self::Imports
            | Self::Import(_) => Which::Studio,
            _ => Which::Console,
        }
    }

    /// What stands in the address.
    fn word(&self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Templates | Self::Template(_) => "templates",
            Self::Gallery => "gallery",
            Self::Rules | Self::Rule(_) => "rules",
            Self::Campaigns => "campaigns",
            Self::Simulation => "simulation",
            Self::Changes => "changes",
            Self::People | Self::Person(_) => "people",
            Self::Groups => "groups",
            Self::Fields => "fields",
            Self::Sources => "sources",
            Self::Run(_) => "runs",
            Self::Database => "database",
            Self::Imports | Self::Import(_) => "imports",
            Self::Deployment => "deployment",
            Self::Clients => "clients",
            Self::Audit => "audit",
            Self::Members => "members",
            Self::Tokens => "tokens",
            Self::Api => "api",
            Self::Settings => "settings",
        }
    }

    /// What people read.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Templates => "Templates",
            Self::Template(_) => "Template",
            Self::Gallery => "Gallery",
            Self::Rules => "Rules",
            Self::Rule(_) => "Rule",
            Self::Campaigns => "Campaigns",
            Self::Simulation => "Who gets what",
            Self::Changes => "Unpublished changes",
            Self::People => "People",
            Self::Person(_) => "Person",
            Self::Groups => "Groups",
            Self::Fields => "Fields",
            Self::Sources => "Sources",
            Self::Run(_) => "Run",
            Self::Database => "Database",
            Self::Imports => "Imports",
            Self::Import(_) => "Import",
            Self::Deployment => "Deployment",
            Self::Clients => "Clients",
            Self::Audit => "Audit",
            Self::Members => "Members",
            Self::Tokens => "API tokens",
            Self::Api => "API",
            Self::Settings => "Settings",
        }
    }

    /// The page of the navigation that this one belongs to.
    #[must_use]
    pub fn of_all_tenants(&self) -> Self {
        match self {
            Self::Template(_) | Self::Gallery => Self::Templates,
            Self::Rule(_) => Self::Rules,
            Self::Person(_) => Self::People,
            Self::Run(_) => Self::Sources,
            Self::Import(_) => Self::Imports,
            other => other.clone(),
        }
    }

    fn read(word: &str, id: Option<&str>) -> Option<Self> {
        match (word, id) {
            ("templates", Some(id)) => Some(Self::Template(id.to_owned())),
            ("rules", Some(id)) => Some(Self::Rule(id.to_owned())),
            ("people", Some(id)) => Some(Self::Person(id.to_owned())),
            ("runs", Some(id)) => Some(Self::Run(id.to_owned())),
            ("imports", Some(id)) => Some(Self::Import(id.to_owned())),
            (_, Some(_)) => None,
            ("gallery", None) => Some(Self::Gallery),
            _ => Self::GROUPS.iter().flat_map(|(_, pages)| *pages).find(|page| page.word() == word).cloned(),
        }
    }
}

impl Place {
    /// The place at that address; [`Place::Missing`] where there is none.
    pub fn of(address: &Arrival) -> Self {
        match Self::read(&address.path) {
            Self::Setup(_) => Self::Setup(address.code.clone()),
            Self::Invitation(_) => Self::Invitation(address.code.clone()),
            other => other,
        }
    }

    /// The place at that path, without a code; [`Place::Missing`] where there is none.
    pub fn read(path: &str) -> Self {
        let decode = |part: &str| js_sys::decode_uri_component(part).map(String::from).unwrap_or_default();
        let parts: Vec<String> = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["console"] => Self::Home,
            ["console", "sign-in"] => Self::SignIn,
            ["console", "setup"] => Self::Setup(String::new()),
            ["console", "invitation"] => Self::Invitation(String::new()),
            ["console", "tenants"] => Self::Tenants,
            ["console", "account"] => Self::Account,
            ["console", "ui"] => Self::Pieces,
            ["console", "tenants", tenant] => Self::In((*tenant).to_owned(), Page::Overview),
            ["console", "tenants", tenant, word] => {
                Page::read(word, None).map_or(Self::Missing, |page| Self::In((*tenant).to_owned(), page))
            }
            ["console", "tenants", tenant, word, id] => {
                Page::read(word, Some(id)).map_or(Self::Missing, |page| Self::In((*tenant).to_owned(), page))
            }
            _ => Self::Missing,
        }
    }

    /// Its path.
    pub fn path(&self) -> String {
        match self {
            Self::Home | Self::Missing => "/console".into(),
            Self::SignIn => "/console/sign-in".into(),
            Self::Setup(_) => "/console/setup".into(),
            Self::Invitation(_) => "/console/invitation".into(),
            Self::Tenants => "/console/tenants".into(),
            Self::Account => "/console/account".into(),
            Self::Pieces => "/console/ui".into(),
            Self::In(tenant, page) => {
                let mut path = "/console/tenants/".to_owned() + &encode(tenant);
                let id = match page {
                    Page::Template(id) | Page::Rule(id) | Page::Person(id) | Page::Run(id) | Page::Import(id) => {
                        Some(id)
                    }
                    _ => None,
                };
                for part in [Some(page.word()).filter(|word| !word.is_empty()), id.map(String::as_str)].iter().flatten()
                {
                    path.push('/');
                    path.push_str(&encode(part));
                }
                path
            }
        }
    }

    /// The program that has it; `None`: both.
    pub fn program(&self) -> Option<Which> {
        match self {
            Self::In(_, page) => Some(page.program()),
            Self::Home | Self::SignIn | Self::Missing => None,
            _ => Some(Which::Console),
        }
    }

    /// What the window's title says of it.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Home | Self::Tenants => "Tenants",
            Self::SignIn => "Sign in",
            Self::Setup(_) => "Set up",
            Self::Invitation(_) => "Invitation",
            Self::Account => "Account",
            Self::Pieces => "Pieces",
            Self::In(_, page) => page.title(),
            Self::Missing => "Not found",
        }
    }

    /// Whether it is there for who is not signed in, and has no navigation.
    pub fn is_outside(&self) -> bool {
        matches!(self, Self::SignIn | Self::Setup(_) | Self::Invitation(_))
    }

    /// The tenant that it is in.
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Self::In(tenant, _) => Some(tenant),
            _ => None,
        }
    }
}

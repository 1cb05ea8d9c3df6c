//! The console's pages in one table. The server uses it to know which addresses are pages, the console to find the page
//! of an address, and the navigation to list its links.
//!
//! A page with its own id, such as one template, follows the page of all of them in the table.

use super::Role;

/// The table's entry for one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About<'a> {
    /// Word in the address; empty: the tenant's own address.
    pub word: &'static str,
    /// Id after that word, for a page about one thing.
    pub id: Option<&'a str>,
    /// Title of the page.
    pub title: &'static str,
    /// Least role that may see the page.
    pub least: Role,
}

/// An area: its pages with their words, titles and least roles. A page with `in` has no link in the navigation and
/// belongs to the link of the page named there.
macro_rules! area {
    (
        $(#[$doc:meta])* $area:ident {
            $($(#[$page_doc:meta])* $page:ident $(($id:ident))? : $word:literal, $title:literal, $least:ident $(, in $link:ident)?;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $area {
            $($(#[$page_doc])* $page $((area!(@type $id)))?,)*
        }

        impl $area {
            /// The pages with a link in the navigation, in its order.
            pub fn links() -> Vec<Self> {
                let links: [Option<Self>; _] = [$(area!(@link $area $page $($link)?)),*];
                links.into_iter().flatten().collect()
            }

            /// The table's entry for the page.
            pub fn about(&self) -> About<'_> {
                match self {
                    $(Self::$page $(($id))? => {
                        let ids: &[&str] = &[$($id.as_str())?];
                        About { word: $word, id: ids.first().copied(), title: $title, least: Role::$least }
                    })*
                }
            }

            /// The page whose link in the navigation this page belongs to.
            #[must_use]
            pub fn link(&self) -> Self {
                match self {
                    $(area!(@pattern $page $($id)?) => area!(@belongs self $($link)?),)*
                }
            }

            fn read(word: &str, id: Option<&str>) -> Option<Self> {
                $(
                    let ids: &[&str] = &[$(stringify!($id))?];
                    if word == $word && ids.is_empty() == id.is_none() {
                        return Some(Self::$page $((area!(@id $id id)))?);
                    }
                )*
                None
            }
        }

        impl From<$area> for Page {
            fn from(page: $area) -> Self {
                Self::$area(page)
            }
        }
    };
    (@type $id:ident) => { String };
    (@id $id:ident $given:ident) => { $given.unwrap_or_default().to_owned() };
    (@link $area:ident $page:ident $link:ident) => { None };
    (@link $area:ident $page:ident) => { Some($area::$page) };
    (@pattern $page:ident $id:ident) => { Self::$page(_) };
    (@pattern $page:ident) => { Self::$page };
    (@belongs $own:ident $link:ident) => { Self::$link };
    (@belongs $own:ident) => { $own.clone() };
}

area! {
    /// What signatures look like.
    Designs {
        /// Every template.
        Templates: "templates", "Templates", Viewer;
        /// One template, in the editor.
        Template(id): "templates", "Template", Viewer, in Templates;
        /// Ready designs to start from.
        Gallery: "gallery", "Gallery", Viewer, in Templates;
        /// A signature from elsewhere, made into a template.
        Migration: "migrate", "Migrate a signature", Viewer, in Templates;
    }
}

area! {
    /// What makes one template look like different companies.
    Brands {
        /// Every brand.
        Brands: "brands", "Brands", Viewer;
    }
}

area! {
    /// Who gets which signature.
    Rules {
        /// Every rule.
        Rules: "rules", "Rules", Viewer;
        /// One rule, in the editor.
        Rule(id): "rules", "Rule", Viewer, in Rules;
        /// Banners for a limited time.
        Campaigns: "campaigns", "Campaigns", Viewer;
    }
}

area! {
    /// What people get, now and with unpublished changes.
    Signatures {
        /// A person's signature for a given draft, and why.
        Simulation: "simulation", "Who gets what", Viewer;
        /// What is not published yet.
        Changes: "changes", "Unpublished changes", Viewer;
    }
}

area! {
    /// People, and where their values come from.
    Directory {
        /// Every person.
        People: "people", "People", Viewer;
        /// One person.
        Person(id): "people", "Person", Viewer, in People;
        /// Phone numbers that cannot be dialled.
        Numbers: "phone-numbers", "Phone numbers", Viewer, in People;
        /// Every group.
        Groups: "groups", "Groups", Viewer;
        /// The fields that people have.
        Fields: "fields", "Fields", Viewer;
        /// Entra ID, Google Workspace and the other sources.
        Sources: "sources", "Sources", Viewer;
        /// The connector to a company's own database.
        Database: "database", "Database", Viewer;
        /// What sources and files brought in the last days, and a new file.
        Runs: "runs", "Runs", Viewer;
        /// One run.
        Run(id): "runs", "Run", Viewer, in Runs;
    }
}

area! {
    /// The add-in.
    Outlook {
        /// Installing it.
        Deployment: "deployment", "Deployment", Viewer;
        /// Whose Outlook asks for signatures.
        Clients: "clients", "Clients", Viewer;
        /// How each version of Outlook does.
        Weather: "weather", "Outlook weather", Viewer;
        /// One version: its platform, a space, and the version.
        Version(id): "weather", "Outlook version", Viewer, in Weather;
    }
}

area! {
    /// The tenant itself.
    Tenant {
        /// Who changed what.
        Audit: "audit", "Audit", Admin;
        /// Who has a role.
        Members: "members", "Members", Admin;
        /// Tokens for programs.
        Tokens: "tokens", "API tokens", Admin;
        /// The API's document.
        Api: "api", "API", Viewer;
        /// Name, domains, deletion.
        Settings: "settings", "Settings", Viewer;
    }
}

/// One of a tenant's pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The tenant at a glance.
    Overview,
    /// In the area of designs.
    Designs(Designs),
    /// In the area of brands.
    Brands(Brands),
    /// In the area of rules.
    Rules(Rules),
    /// In the area of signatures.
    Signatures(Signatures),
    /// In the directory's area.
    Directory(Directory),
    /// In Outlook's area.
    Outlook(Outlook),
    /// In the tenant's own area.
    Tenant(Tenant),
}

impl Page {
    /// The pages that the navigation links to, in groups with their headings.
    pub fn groups() -> [(&'static str, Vec<Self>); 5] {
        fn all<P: Into<Page>>(pages: Vec<P>) -> Vec<Page> {
            pages.into_iter().map(Into::into).collect()
        }
        [
            ("", vec![Self::Overview]),
            (
                "Signatures",
                [all(Designs::links()), all(Brands::links()), all(Rules::links()), all(Signatures::links())].concat(),
            ),
            ("Directory", all(Directory::links())),
            ("Outlook", all(Outlook::links())),
            ("Tenant", all(Tenant::links())),
        ]
    }

    /// The table's entry for the page.
    pub fn about(&self) -> About<'_> {
        match self {
            Self::Overview => About { word: "", id: None, title: "Overview", least: Role::Viewer },
            Self::Designs(page) => page.about(),
            Self::Brands(page) => page.about(),
            Self::Rules(page) => page.about(),
            Self::Signatures(page) => page.about(),
            Self::Directory(page) => page.about(),
            Self::Outlook(page) => page.about(),
            Self::Tenant(page) => page.about(),
        }
    }

    /// The page whose link in the navigation this page belongs to.
    #[must_use]
    pub fn link(&self) -> Self {
        match self {
            Self::Overview => Self::Overview,
            Self::Designs(page) => page.link().into(),
            Self::Brands(page) => page.link().into(),
            Self::Rules(page) => page.link().into(),
            Self::Signatures(page) => page.link().into(),
            Self::Directory(page) => page.link().into(),
            Self::Outlook(page) => page.link().into(),
            Self::Tenant(page) => page.link().into(),
        }
    }

    fn read(word: &str, id: Option<&str>) -> Option<Self> {
        // Links of earlier versions, in which files had pages of their own.
        let word = if word == "imports" { "runs" } else { word };
        let designs = Designs::read(word, id).map(Self::from);
        let brands = || Brands::read(word, id).map(Self::from);
        let rules = || Rules::read(word, id).map(Self::from);
        let signatures = || Signatures::read(word, id).map(Self::from);
        let directory = || Directory::read(word, id).map(Self::from);
        let outlook = || Outlook::read(word, id).map(Self::from);
        let tenant = || Tenant::read(word, id).map(Self::from);
        let signature_pages = designs.or_else(brands).or_else(rules).or_else(signatures);
        signature_pages.or_else(directory).or_else(outlook).or_else(tenant)
    }
}

/// A place in the console.
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
    /// `/console/tenants/TENANT/…`.
    In(String, Page),
    /// An unknown address.
    Missing,
}

impl Place {
    /// The place at a path, without its code; [`Place::Missing`] if there is none. `decode` undoes the percent-encoding
    /// of one segment.
    pub fn read(path: &str, decode: impl Fn(&str) -> String) -> Self {
        let segments: Vec<String> = path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let of =
            |tenant: &str, page: Option<Page>| page.map_or(Self::Missing, |page| Self::In(tenant.to_owned(), page));
        match *segments.as_slice() {
            ["console"] => Self::Home,
            ["console", "sign-in"] => Self::SignIn,
            ["console", "setup"] => Self::Setup(String::new()),
            ["console", "invitation"] => Self::Invitation(String::new()),
            ["console", "tenants"] => Self::Tenants,
            ["console", "account"] => Self::Account,
            ["console", "tenants", tenant] => of(tenant, Some(Page::Overview)),
            ["console", "tenants", tenant, word] => of(tenant, Page::read(word, None)),
            ["console", "tenants", tenant, word, id] => of(tenant, Page::read(word, Some(id))),
            _ => Self::Missing,
        }
    }

    /// Path of the place. `encode` percent-encodes one segment.
    pub fn path(&self, encode: impl Fn(&str) -> String) -> String {
        match self {
            Self::Home | Self::Missing => "/console".to_owned(),
            Self::SignIn => "/console/sign-in".to_owned(),
            Self::Setup(_) => "/console/setup".to_owned(),
            Self::Invitation(_) => "/console/invitation".to_owned(),
            Self::Tenants => "/console/tenants".to_owned(),
            Self::Account => "/console/account".to_owned(),
            Self::In(tenant, page) => {
                let mut path = "/console/tenants/".to_owned() + &encode(tenant);
                let about = page.about();
                for part in [Some(about.word).filter(|word| !word.is_empty()), about.id].into_iter().flatten() {
                    path.push('/');
                    path.push_str(&encode(part));
                }
                path
            }
        }
    }

    /// Title of the place.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Home | Self::Tenants => "Tenants",
            Self::SignIn => "Sign in",
            Self::Setup(_) => "Set up",
            Self::Invitation(_) => "Invitation",
            Self::Account => "Account",
            Self::In(_, page) => page.about().title,
            Self::Missing => "Not found",
        }
    }

    /// Whether people who are not signed in can see the place, which then has no navigation.
    pub fn is_outside(&self) -> bool {
        matches!(self, Self::SignIn | Self::Setup(_) | Self::Invitation(_))
    }

    /// Tenant of the place.
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Self::In(tenant, _) => Some(tenant),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Place {
        Place::read(path, str::to_owned)
    }

    #[test]
    fn every_link_of_the_navigation_reads_back_as_itself() {
        let links: Vec<Page> = Page::groups().into_iter().flat_map(|(_, pages)| pages).collect();
        assert!(links.len() > 15, "{links:?}");
        for page in links {
            assert_eq!(page.link(), page);
            let place = Place::In("t".into(), page);
            assert_eq!(read(&place.path(str::to_owned)), place);
        }
    }

    #[test]
    fn a_page_of_one_thing_has_its_id_and_belongs_to_the_link_of_all() {
        let place = read("/console/tenants/t/templates/x");
        let page = Page::from(Designs::Template("x".into()));
        assert_eq!(place, Place::In("t".into(), page.clone()));
        assert_eq!(page.about().id, Some("x"));
        assert_eq!(page.link(), Designs::Templates.into());
        assert_eq!(place.path(str::to_owned), "/console/tenants/t/templates/x");
        assert_eq!(read("/console/tenants/t/gallery"), Place::In("t".into(), Designs::Gallery.into()));
    }

    #[test]
    fn a_link_to_an_import_of_an_earlier_version_leads_to_its_run() {
        let run = Place::In("t".into(), Directory::Run("x".into()).into());
        assert_eq!(read("/console/tenants/t/imports/x"), run);
        assert_eq!(run.path(str::to_owned), "/console/tenants/t/runs/x");
        assert_eq!(read("/console/tenants/t/imports"), Place::In("t".into(), Directory::Runs.into()));
    }

    #[test]
    fn what_the_table_does_not_have_is_no_page() {
        for path in ["/", "/console/templates", "/console/tenants/t/gallery/x", "/console/tenants/t/x", "/console/ui"] {
            assert_eq!(read(path), Place::Missing, "{path}");
        }
        assert_eq!(read("/console/tenants/templates"), Place::In("templates".into(), Page::Overview));
    }
}

//! How the add-in gets to people.

use crate::api::console::{get, path};
use crate::console::pages::{at, page, tenant_crumb};
use crate::ui::{Copy, Icon, Loaded, Notice, Pill, Tabs, Tone, icon};
use ::api::console::pages::Outlook;
use ::api::console::{Check, Deployment, paths};
use leptos::prelude::*;

/// `/console/tenants/TENANT/deployment`.
pub(crate) fn deployment(tenant: &str) -> AnyView {
    let own = path(paths::DEPLOYMENT, &[tenant]);
    let clients = at(tenant, Outlook::Clients);
    let found = Loaded::new(move || {
        let path = own.clone();
        async move { get::<Deployment>(&path).await }
    });
    let content = found.view(move || {
        let Some(deployment) = found.value.get_untracked() else { return ().into_any() };
        let failed = deployment.checks.iter().filter(|check| !check.passed).count();
        let verdict = if failed == 0 {
            view! { <Notice tone=Tone::Success>"Every check passed: the add-in can be deployed."</Notice> }.into_any()
        } else {
            view! {
                <Notice tone=Tone::Warning>
                    {crate::ui::count(failed as u64, "check")} " failed. Fix this before you deploy."
                </Notice>
            }
            .into_any()
        };
        let Deployment { manifest_url, version, name, checks } = deployment;
        let url = manifest_url.clone();
        view! {
            <div class="columns">
                <section class="card">
                    <h2>"Manifest"</h2>
                    <p>"It tells Outlook what the add-in is and that it is on this server."</p>
                    <Copy value=manifest_url.clone() what="the manifest’s address" />
                    <dl class="facts-list">
                        <dt>"Add-in"</dt>
                        <dd>{name}</dd>
                        <dt>"Manifest version"</dt>
                        <dd>
                            {version} <p class="quiet">"As Outlook and Microsoft’s admin centers show it."</p>
                        </dd>
                    </dl>
                    <div class="row">
                        <a class="button primary" href=manifest_url download="manifest.xml">
                            {icon(Icon::DOWNLOAD)}
                            "Download the manifest"
                        </a>
                    </div>
                </section>
                <section class="card">
                    <h2>"Checks"</h2>
                    {verdict}
                    <ul class="plain-list">{checks.into_iter().map(check).collect_view()}</ul>
                </section>
            </div>
            {steps(&url, clients.clone())}
        }
        .into_any()
    });
    page(&tenant_crumb(tenant), "Deployment", ().into_any(), content)
}

fn check(check: Check) -> AnyView {
    let (words, tone) = if check.passed { ("Holds", Tone::Success) } else { ("Failed", Tone::Error) };
    view! {
        <li>
            <div class="row wrap">
                <Pill text=words tone />
                <span class="grow">{check.name}</span>
            </div>
            {(!check.detail.is_empty()).then(|| view! { <p class="quiet">{check.detail}</p> })}
        </li>
    }
    .into_any()
}

fn steps(url: &str, clients: String) -> AnyView {
    let chosen = RwSignal::new("central".to_owned());
    let tabs = [("central", "For everyone"), ("sideload", "For yourself, to try it"), ("after", "Afterwards")];
    let tabs = tabs.map(|(name, words)| (name.to_owned(), words.to_owned())).to_vec();
    let url = url.to_owned();
    let panel = move || match chosen.get().as_str() {
        "sideload" => sideload(),
        "after" => after(&clients),
        _ => central(&url),
    };
    view! {
        <section class="card">
            <h2>"Step by step"</h2>
            <Tabs label="Who it is for" tabs chosen>
                {panel}
            </Tabs>
        </section>
    }
    .into_any()
}

fn central(url: &str) -> AnyView {
    view! {
        <div class="prose">
            <p>"The Microsoft 365 admin center deploys the add-in to everyone or to groups; nobody has to install \
                anything."</p>
            <ol>
                <li>
                    "Open "
                    <a href="https://admin.microsoft.com/#/Settings/IntegratedApps" target="_blank" rel="noreferrer">
                        "admin.microsoft.com › Settings › Integrated apps"
                    </a> " as a global or Exchange administrator."
                </li>
                <li>"Choose " <strong>"Upload custom apps"</strong> ", then " <strong>"Office Add-in"</strong> "."</li>
                <li>
                    "Choose " <strong>"Provide link to manifest file"</strong> " and paste this address, or upload the downloaded file: "
                    <code>{url.to_owned()}</code>
                </li>
                <li>"Press " <strong>"Validate"</strong> ", then " <strong>"Next"</strong> "."</li>
                <li>
                    "Choose who gets it. Begin with " <strong>"Specific users/groups"</strong> " and a small group; nested groups do not count."
                </li>
                <li>"Accept the permissions, press " <strong>"Finish deployment"</strong> "."</li>
                <li>"Wait: it can take up to 24 hours to reach everyone, and Outlook must be restarted."</li>
            </ol>
            <p class="quiet">
                "A new version of the manifest is not picked up automatically: choose the app there and press Update. \
                 New versions of this server need no new manifest unless this page says so."
            </p>
        </div>
    }
    .into_any()
}

fn sideload() -> AnyView {
    view! {
        <div class="prose">
            <p>"Sideloading installs the add-in in your own mailbox, in every Outlook that you use. You need no \
                administrator."</p>
            <ol>
                <li>"Download the manifest above."</li>
                <li>
                    "Open " <a href="https://aka.ms/olksideload" target="_blank" rel="noreferrer">"aka.ms/olksideload"</a>
                    " and sign in: Outlook on the web opens with its add-ins."
                </li>
                <li>"Choose " <strong>"My add-ins"</strong> " › " <strong>"Custom add-ins"</strong> " › " <strong>"Add a custom add-in"</strong> " › " <strong>"Add from file"</strong> "."</li>
                <li>"Choose the downloaded file and press " <strong>"Install"</strong> "."</li>
                <li>"Write a new mail. The signature appears after a moment; the add-in’s button opens the pane."</li>
            </ol>
            <p class="quiet">
                "If “Add a custom add-in” is missing, an administrator has switched it off: deploy it centrally to \
                 yourself only instead."
            </p>
        </div>
    }
    .into_any()
}

fn after(clients: &str) -> AnyView {
    view! {
        <div class="prose">
            <ol>
                <li>
                    "Switch off the signatures that Outlook stores itself, or there will be two: in Exchange Online \
                     PowerShell "
                    <code>"Set-OrganizationConfig -PostponeRoamingSignaturesUntilLater $true"</code> "."
                </li>
                <li>"Write a mail, a reply and an appointment, on each platform that your people use."</li>
                <li>"Look at " <a href=clients.to_owned()>"Clients"</a> ": everyone who wrote something is listed, \
                     with their failures, if any."</li>
                <li>"If nothing happens in classic Outlook on Windows: it needs version 2109 or newer and the \
                     WebView2 runtime."</li>
            </ol>
        </div>
    }
    .into_any()
}

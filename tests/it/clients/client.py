"""What an integrator writes against the generated client."""

import os

from paraph_client import AuthenticatedClient
from paraph_client.api.rules import get_rules, save_rules
from paraph_client.api.templates import create_template, delete_template, get_template, list_templates
from paraph_client.models import Choice, Errors, NewTemplate, Part, Rule, UnpublishedRules

tenant = os.environ["PARAPH_TENANT"]
client = AuthenticatedClient(base_url=os.environ["PARAPH_ORIGIN"], token=os.environ["PARAPH_TOKEN"])

made = create_template.sync_detailed(
    tenant, client=client, body=NewTemplate(name="From Python", html="<p>{{ display_name }}</p>", part=Part.SIGNATURE)
)
assert made.status_code == 201, made
template = made.parsed.template
assert template.name == "From Python" and template.part == Part.SIGNATURE
assert made.headers["location"].endswith("/templates/" + template.id), made.headers

listed = list_templates.sync(tenant, client=client)
assert template.id in [row.id for row in listed.templates]

before = get_rules.sync_detailed(tenant, client=client)
rule = Rule(id="from-python", name="From Python", gives=Choice(signature=template.id))
rules = [entry.rule for entry in before.parsed.rules] + [rule]
saved = save_rules.sync_detailed(
    tenant, client=client, body=UnpublishedRules(rules=rules), if_match=before.headers["etag"]
)
assert saved.status_code == 200, saved
assert saved.parsed.rules[-1].rule.gives.signature == template.id

refused = delete_template.sync_detailed(tenant, template.id, client=client)
assert refused.status_code == 409 and isinstance(refused.parsed, Errors), refused
assert "From Python" in refused.parsed.errors[0].detail

stale = save_rules.sync(tenant, client=client, body=UnpublishedRules(rules=rules), if_match=before.headers["etag"])
assert isinstance(stale, Errors), stale
missing = get_template.sync(tenant, "nothing-of-this-id", client=client)
assert isinstance(missing, Errors) and missing.errors[0].detail, missing
wrong = create_template.sync(tenant, client=client, body=NewTemplate(name=""))
assert isinstance(wrong, Errors) and wrong.errors[0].field == "name", wrong
nobody = AuthenticatedClient(base_url=os.environ["PARAPH_ORIGIN"], token="paraph_wrong")
unknown = list_templates.sync_detailed(tenant, client=nobody)
assert unknown.status_code == 401 and isinstance(unknown.parsed, Errors), unknown
assert unknown.headers["www-authenticate"].startswith("Bearer"), unknown.headers
print("done")

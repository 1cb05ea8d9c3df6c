// What an integrator writes against the generated types.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { env: Record<string, string> };
const { PARAPH_ORIGIN: baseUrl, PARAPH_TOKEN: token, PARAPH_TENANT: tenant } = process.env;
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });

function check(holds: boolean, what: unknown): asserts holds {
    if (!holds) throw new Error(JSON.stringify(what));
}

const made = await client.POST("/api/v1/tenants/{tenant}/templates", {
    params: { path: { tenant } },
    body: { name: "From TypeScript", html: "<p>{{ display_name }}</p>", part: "signature" },
});
check(made.data !== undefined, made.error);
const template: components["schemas"]["Template"] = made.data.template;
check(made.response.headers.get("location")?.endsWith(`/templates/${template.id}`) === true, "location");

const listed = await client.GET("/api/v1/tenants/{tenant}/templates", { params: { path: { tenant } } });
check(listed.data?.templates.some((row) => row.id === template.id) === true, listed.error);

const before = await client.GET("/api/v1/tenants/{tenant}/rules", { params: { path: { tenant } } });
check(before.data !== undefined, before.error);
const etag = before.response.headers.get("etag") ?? "";
const rule: components["schemas"]["Rule"] = {
    id: "from-typescript",
    name: "From TypeScript",
    gives: { signature: template.id },
};
const rules = [...before.data.rules.map((entry) => entry.rule), rule];
const save = () =>
    client.PUT("/api/v1/tenants/{tenant}/rules", {
        params: { path: { tenant }, header: { "if-match": etag } },
        body: { rules },
    });
const saved = await save();
check(saved.data?.rules.at(-1)?.rule.gives?.signature === template.id, saved.error);

const stale = await save();
check(stale.response.status === 412 && stale.error !== undefined, stale);
const words: string = stale.error.errors[0].detail;
check(words.length > 10, stale.error);

const wrong = await client.POST("/api/v1/tenants/{tenant}/templates", {
    params: { path: { tenant } },
    body: { name: "" },
});
check(wrong.error?.errors[0].field === "name", wrong);
console.log("done");

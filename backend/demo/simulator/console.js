// Ways into the console: the pages about what stands in the draft. The demo's account signs in by itself.

const json = async (path, options) => {
  const response = await fetch(path, options);
  return response.ok ? response.json() : null;
};

/** The tenant of the demo's account, which signs in unless somebody is signed in. */
async function tenant() {
  let session = await json("/api/v1/session");
  if (!session?.tenants?.length) {
    const { demo } = (await json("/api/v1/sign-in")) || {};
    session =
      demo &&
      (await json("/api/v1/sign-in", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email: demo.email, password: demo.password }),
      }));
  }
  const id = session?.tenants?.[0]?.id;
  if (!id) throw new Error("The console did not sign you in. Open it at /console.");
  return id;
}

const encode = encodeURIComponent;

/** The address of the page about the draft's "signature", its "rules" or its "person", or of the "weather". */
export async function consolePage({ draft, person }, what) {
  const id = await tenant();
  const page = `/console/tenants/${encode(id)}`;
  if (what === "weather") return `${page}/weather`;
  const from = draft?.from || person.address;
  if (what === "signature") {
    const { name } = JSON.parse(draft?.sessionData.get("paraph") || "{}");
    const found = await json(`/api/v1/tenants/${encode(id)}/templates`);
    const template = found?.templates.find((one) => one.name === name);
    return template ? `${page}/templates/${encode(template.id)}` : `${page}/templates`;
  }
  const found = await json(`/api/v1/tenants/${encode(id)}/people?search=${encode(from)}`);
  const one = found?.people.find((other) => other.address === from);
  if (!one) return `${page}/people`;
  if (what === "person") return `${page}/people/${encode(one.id)}`;
  const kind = draft?.isAppointment ? "appointment" : { replyAll: "reply" }[draft?.kind] || draft?.kind || "new";
  const to = draft ? [...draft.to, ...draft.cc, ...draft.bcc].map((to) => to.address).join(",") : "";
  return `${page}/simulation?person=${encode(one.id)}&kind=${kind}${to && `&to=${encode(to)}`}`;
}

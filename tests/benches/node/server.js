// The same job in Node: check an RS256 token, fill a signature template, sanitise the result.
// `node server.js KEYS.json` prints its port. One process, as such services are usually started.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const express = require("express");
const handlebars = require("handlebars");
const jwt = require("jsonwebtoken");
const sanitize = require("sanitize-html");

const key = crypto.createPublicKey({ key: JSON.parse(fs.readFileSync(process.argv[2])).keys[0], format: "jwk" });
const template = handlebars.compile(fs.readFileSync(path.join(__dirname, "signature.hbs"), "utf8"));
const allowed = {
  allowedTags: ["div", "table", "tbody", "tr", "td", "span", "a", "img", "b", "br", "p"],
  allowedAttributes: { "*": ["style", "align", "valign", "width", "height", "bgcolor", "border", "cellpadding", "cellspacing", "dir"], a: ["href"], img: ["src", "alt"] },
  allowedSchemes: ["https", "http", "mailto", "tel"],
};
const person = { title: "Head of Sustainable Materials", department: "Research", company: "Halden & Vale", phone: "+47 22 00 11 22", mobile: "+47 900 11 222", website: "https://haldenvale.example", street: "Havnegata 12", postal_code: "0150", city: "Oslo", country: "Norway", pronouns: "she/her" };

const app = express();
app.use(express.json());
app.post("/api/v1/signature", (request, response) => {
  let claims;
  try {
    claims = jwt.verify((request.headers.authorization || "").slice(7), key, { algorithms: ["RS256"], clockTolerance: 300 });
  } catch (error) {
    return response.status(401).json({ errors: [{ detail: error.message }] });
  }
  const html = sanitize(template({ ...person, display_name: claims.name, email: request.body.from }), allowed);
  response.json({ html, fingerprint: crypto.createHash("md5").update(html).digest("hex"), images: [], because: [] });
});
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));

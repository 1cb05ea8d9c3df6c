// What Office.js needs of the Microsoft Ajax library 3.5, which it fetches from a network that tests do not use: it looks
// whether these are functions, calls the two that validate (finding nothing), makes errors and traces.
"use strict";
(function () {
  const nothing = function () {};
  window.Sys = {
    StringBuilder: nothing,
    Debug: { trace: nothing },
    Serialization: {
      JavaScriptSerializer: { serialize: (value) => JSON.stringify(value), deserialize: (text) => JSON.parse(text) },
    },
  };
  window.Type = Function;
  Function._validateParams = () => null;
  Function._validateParameter = () => null;
  Function.prototype.registerClass = nothing;
  Function.registerNamespace = (name) => { window[name] = window[name] || {}; };
  for (const kind of ["argument", "argumentNull", "argumentOutOfRange", "argumentType", "parameterCount"]) {
    Error[kind] = (what) => new Error(`${kind}: ${what}`);
  }
})();

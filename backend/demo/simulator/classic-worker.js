// Classic Outlook on Windows runs launchevent.js in an engine without a page: no window, document, location, URL,
// localStorage, IndexedDB or WebAssembly, and with a copy of Office.js of its own. This worker is as bare as that.
(function (scope) {
  "use strict";

  importScripts("/demo/office.js");
  var connect = scope.connectOffice;
  var load = scope.importScripts.bind(scope);
  var removed = [
    "connectOffice",
    "URL",
    "URLSearchParams",
    "indexedDB",
    "caches",
    "crypto",
    "WebAssembly",
    "location",
    "navigator",
    "TextEncoder",
    "TextDecoder",
    "Blob",
    "File",
    "FileReader",
    "FormData",
    "AbortController",
    "AbortSignal",
    "BroadcastChannel",
    "EventSource",
    "structuredClone",
    "performance",
    "OffscreenCanvas",
    "importScripts",
    "self",
    "Worker",
    "Intl",
    "requestAnimationFrame",
    "cancelAnimationFrame",
    "queueMicrotask",
    "btoa",
    "atob",
    "name",
  ];

  scope.onmessage = function (event) {
    scope.onmessage = null;
    connect(event.ports[0], event.data);
    removed.forEach(function (name) {
      Object.defineProperty(globalThis, name, { value: undefined, writable: true, configurable: true });
    });
    load(event.data.script);
  };
})(self);

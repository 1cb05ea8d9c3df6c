// Put into every frame before its own scripts: the nested app authentication bridge that Outlook gives to add-ins. It only
// carries messages; the host answers them. A frame of that name is in an Outlook that has none.
"use strict";
if (window !== top && window.name !== "no bridge") {
  const listeners = new Set();
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || !data || !data.bridged) return;
    for (const listener of listeners) listener({ data: data.bridged });
  });
  window.nestedAppAuthBridge = {
    addEventListener: (type, listener) => { if (type === "message") listeners.add(listener); },
    removeEventListener: (type, listener) => listeners.delete(listener),
    postMessage: (json) => parent.postMessage({ bridge: json }, "*"),
  };
}

// The service worker of /animation. It keeps the assets of one release and one page that holds nothing of anybody, so that
// a register can be opened again without a network; what that shows is register.js's to find. Pages of people are never
// kept here. The version in its address is that of the assets.
"use strict";

const version = new URL(location.href).searchParams.get("v");
const assets = `/assets/${version}/`;
const shell = "/hors-ligne";
const patience = 3000;
const files = ["css/site.css", "fonts/atkinson.woff2", "img/icons.svg", "img/favicon.svg", "img/touch-icon.png", "js/site.js", "js/register.js", "js/journal.js", "js/vendor/idb.js"];

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(version).then((cache) => cache.addAll([shell, ...files.map((name) => assets + name)])));
});

addEventListener("activate", (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) if (name !== version) await caches.delete(name);
    await clients.claim();
  };
  event.waitUntil(forget());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith(assets)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate" && /^\/animation(\/|$)/.test(pathname)) {
    event.respondWith(page(request, pathname));
  }
});

// The page of the server; the shell where it does not come, or not in time and a register is kept to be shown instead.
function page(request, pathname) {
  const [, session] = /^\/animation\/seances\/(\d+)$/.exec(pathname) ?? [];
  const fromServer = fetch(request).catch(async () => (await caches.match(shell)) ?? Response.error());
  if (!session) return fromServer;
  const tooLong = new Promise((done) => {
    setTimeout(async () => {
      if (await isKept(session)) done((await caches.match(shell)) ?? fromServer);
    }, patience);
  });
  return Promise.race([fromServer, tooLong]);
}

// Whether journal.js keeps the register of a session.
function isKept(session) {
  return new Promise((done) => {
    const opening = indexedDB.open("ateliers");
    opening.onupgradeneeded = () => opening.transaction.abort(); // nobody kept anything yet
    opening.onerror = () => done(false);
    opening.onsuccess = () => {
      const found = opening.result.transaction("registers").objectStore("registers").getKey(Number(session));
      found.onsuccess = () => done(found.result !== undefined);
      found.onerror = () => done(false);
      opening.result.close();
    };
  });
}

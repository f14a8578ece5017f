"use strict";
// Fetches the page again when the gateway says that something moved, and puts what differs in its place.
// Without it everything works; one reloads by hand.
(() => {
  const address = document.body.dataset.events;
  const regions = () => document.querySelectorAll("[data-live]");
  if (!address || !("EventSource" in window) || regions().length === 0) return;
  let source = null, busy = false, moved = false, ended = false, wait = 0;

  // Which link, button or box of the region has the focus, and which of its details are open.
  const focusable = "a, button, input, select, summary, [tabindex]";
  const place = (region) => [...region.querySelectorAll(focusable)].indexOf(document.activeElement);
  const open = (region) => [...region.querySelectorAll("details")].map((details) => details.open);
  const scrolled = (region) => [...region.querySelectorAll(".scroll")].map((box) => box.scrollLeft);

  const swap = (old, fresh) => {
    if (!fresh || old.isEqualNode(fresh)) return;
    const [focus, isOpen, left] = [place(old), open(old), scrolled(old)];
    const next = document.importNode(fresh, true);
    next.querySelectorAll("details").forEach((details, n) => { details.open = isOpen[n] ?? false; });
    old.replaceWith(next);
    next.querySelectorAll(".scroll").forEach((box, n) => { box.scrollLeft = left[n] ?? 0; });
    if (focus >= 0) next.querySelectorAll(focusable)[focus]?.focus({ preventScroll: true });
  };

  const refresh = async () => {
    if (busy || document.hidden) { moved = true; return; }
    [busy, moved] = [true, false];
    try {
      const answer = await fetch(location.href, {
        credentials: "same-origin", cache: "no-store",
        // Nobody need be looking: this keeps no session alive.
        headers: { "Purser-Live": "1" },
      });
      // The session has ended, or the page is gone: what is shown stays until somebody reloads.
      if (!answer.ok || answer.redirected) { ended = true; hush(); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = new Map([...page.querySelectorAll("[data-live]")].map((r) => [r.dataset.live, r]));
      for (const old of regions()) swap(old, fresh.get(old.dataset.live));
      wait = 0;
    } catch {
      wait = Math.min(30000, wait * 2 || 1000);
      moved = true;
    } finally {
      busy = false;
      if (moved && !ended && !document.hidden) setTimeout(refresh, wait);
    }
  };

  const listen = () => {
    source = new EventSource(address);
    source.addEventListener("moved", refresh);
  };
  const hush = () => { source?.close(); source = null; };
  // A browser has few connections to a host: a page that nobody sees holds none, and asks once when it is seen again.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hush();
    else if (!ended && !source) { listen(); refresh(); }
  });
  if (!document.hidden) listen();
})();

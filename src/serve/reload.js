// Reloads the page when the site changed. `fft docs serve` alone adds it; no other host has it.
"use strict";
(() => {
  const PAUSE = 1000;
  let known = null;
  let waiting = false;

  // The answer comes as a script, since a page's policy lets nothing else in. It takes as long as nothing changes,
  // but not for ever; a page that nobody sees doesn't ask.
  const wait = () => {
    if (waiting || document.hidden) return;
    waiting = true;
    const script = document.createElement("script");
    const end = (pause) => {
      waiting = false;
      script.remove();
      setTimeout(wait, pause);
    };
    script.onload = () => end(0);
    script.onerror = () => end(PAUSE);
    script.src = "/__fft/wait.js?since=" + encodeURIComponent(known ?? "");
    document.head.append(script);
  };
  window.fftServed = (version) => {
    if (known !== null && known !== version) location.reload();
    known = version;
  };
  document.addEventListener("visibilitychange", wait);
  addEventListener("load", wait);
})();

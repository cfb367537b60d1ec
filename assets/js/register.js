// A tap on the register comes back to the very place on the screen that it was made from, so that rows do not
// jump under the finger. Without this script the page comes back to the row. Only a number is kept, for one page load.
const key = `place ${location.pathname}`;

document.addEventListener("submit", () => sessionStorage.setItem(key, String(scrollY)));

const place = sessionStorage.getItem(key);
sessionStorage.removeItem(key);
if (place !== null && location.hash) {
  const back = () => scrollTo({ top: Number(place), behavior: "instant" });
  back();
  // The browser goes to the row once more when all is loaded.
  addEventListener("load", () => requestAnimationFrame(back));
}

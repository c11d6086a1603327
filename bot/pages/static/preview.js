// Draws the messages for Teams with Microsoft's own package. Where that fails, the page says so.

import { draw } from "./drawing.js";

for (const part of document.querySelectorAll(".teams")) {
  const place = part.querySelector(".drawing");
  draw(place, part.querySelector("pre").textContent, 3).catch(() => {
    place.textContent = "It could not be drawn. Load the page again.";
  });
}

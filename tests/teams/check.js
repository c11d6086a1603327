// Reads cards as a JSON list from standard input, and prints for each what Microsoft's own package finds wrong.
const fs = require("node:fs");
const AC = require(process.argv[2]);

const host = new AC.HostConfig({ actions: { maxActions: 6 } });
const cards = JSON.parse(fs.readFileSync(0, "utf8"));
const found = cards.map((json) => {
    const context = new AC.SerializationContext(AC.Versions.v1_5);
    const card = new AC.AdaptiveCard();
    card.hostConfig = host;
    card.parse(json, context);
    const events = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at));
    const all = [...events, ...card.validateProperties().validationEvents];
    const lost = card.getItemCount() - (json.body || []).length;
    return [...all.map((event) => event.message), ...(lost ? [`${lost} elements of the body`] : [])];
});
process.stdout.write(JSON.stringify(found));

// Reads a calendar from standard input, and prints as JSON what Mozilla's own parser finds in it.
const fs = require("node:fs");
const ICAL = require(process.argv[2]).default ?? require(process.argv[2]);

const whole = new ICAL.Component(ICAL.parse(fs.readFileSync(0, "utf8")));
whole.getAllSubcomponents("vtimezone").forEach((zone) => ICAL.TimezoneService.register(new ICAL.Timezone(zone)));
const instant = (time) =>
    time.isDate ? time.toString() : new Date(time.toUnixTime() * 1000).toISOString().replace(".000Z", "Z");
const found = whole.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    return {
        uid: event.uid,
        sequence: event.sequence,
        starts: instant(event.startDate),
        ends: instant(event.endDate),
        summary: event.summary,
        place: event.location ?? "",
        description: event.description ?? "",
        status: component.getFirstPropertyValue("status"),
    };
});
process.stdout.write(JSON.stringify(found));

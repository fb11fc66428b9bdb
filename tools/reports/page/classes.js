// How classes look everywhere: a colour, a shape and a tag of two letters each, so that colour is never the only cue.

const colourCount = 8;
const shapes = ["circle", "square", "triangle", "diamond", "cross", "down", "hexagon"];

/// Tags of at most three characters: initials where these differ, else the first two letters, else numbers.
function classTags(names) {
    const words = names.map(name => name.split(/[^\p{L}\p{N}]+/u).filter(Boolean));
    const shared = names.length > 1 && words.every(list => list.length > 1 && list[0] === words[0][0]) ? 1 : 0;
    const candidates = words.map(list => {
        const own = list.slice(shared);
        if (own.length === 0) return [];
        const initials = own.map(word => word[0]).join("").toUpperCase();
        const beginning = own[0].length <= 3 ? own[0] : own[0].slice(0, 2);
        return own.length > 1 && initials.length <= 3 ? [initials, beginning] : [beginning];
    });
    const uses = new Map();
    for (const list of candidates) for (const tag of new Set(list)) uses.set(tag, (uses.get(tag) || 0) + 1);
    return candidates.map((list, c) => list.find(tag => uses.get(tag) === 1) ?? String(c));
}

/// The classes of a run, by number: {number, name, tag, colour, shape}.
function describeClasses(names) {
    const tags = classTags(names);
    return names.map((name, c) => ({
        number: c, name, tag: tags[c], colour: `var(--class-${c % colourCount})`,
            ink: `var(--class-ink-${c % colourCount})`,
        shape: shapes[c % shapes.length]}));
}

const unknownClass = {number: -1, name: "unknown", tag: "?", colour: "var(--unknown)", ink: "var(--unknown-ink)",
    shape: "circle"};

/// The tag on its colour, with the name for whoever points at it or listens.
function tagOf(one) {
    return html("span", {class: "tag", title: one.name, role: "img", "aria-label": one.name,
        style: {"--colour": one.colour, "--colour-ink": one.ink}, text: one.tag});
}

/// Tag and name.
function nameOf(one) {
    return html("span", {class: "class-name"},
        html("span", {class: "tag", "aria-hidden": "true", style: {"--colour": one.colour, "--colour-ink": one.ink},
            text: one.tag}),
        html("span", {}, breakable(one.name)));
}

/// The outline of a shape of radius r around (0, 0), for drawings and canvases.
function shapePath(shape, r) {
    const polygon = (corners, start, radius) =>
        Array.from({length: corners}, (_, i) => {
            const angle = (2 * Math.PI * i) / corners + start;
            return `${i ? "L" : "M"}${(radius * Math.cos(angle)).toFixed(2)} ${(radius * Math.sin(angle)).toFixed(2)}`;
        }).join("") + "Z";
    const up = -Math.PI / 2, w = r * 0.42, l = r * 1.15;
    switch (shape) {
        case "square": return polygon(4, Math.PI / 4, r * 1.2);
        case "triangle": return polygon(3, up, r * 1.35);
        case "diamond": return polygon(4, 0, r * 1.3);
        case "cross": return `M${-w} ${-l}H${w}V${-w}H${l}V${w}H${w}V${l}H${-w}V${w}H${-l}V${-w}H${-w}Z`;
        case "down": return polygon(3, -up, r * 1.35);
        case "hexagon": return polygon(6, 0, r * 1.15);
        default: return `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0Z`;
    }
}

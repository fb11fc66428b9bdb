// All nodes on a plane, drawn on a canvas: thousands of points stay quick.

/// An image of each class's shape, to be stamped at its nodes; `edge` is the colour and width of the outline. probe(colour)
/// tells what a colour is in the page's theme.
function makeStamps(classes, probe, ratio, radius, edge) {
    const size = Math.ceil(radius * 4);
    return classes.map(one => {
        const stamp = document.createElement("canvas");
        stamp.width = stamp.height = size * ratio;
        const pen = stamp.getContext("2d");
        pen.scale(ratio, ratio);
        pen.translate(size / 2, size / 2);
        pen.fillStyle = probe(one.colour);
        pen.strokeStyle = probe(edge.colour);
        pen.lineWidth = edge.width;
        const path = new Path2D(shapePath(one.shape, radius));
        pen.fill(path);
        pen.stroke(path);
        return {stamp, size};
    });
}

/// Finds the point nearest to a place, by cells of a grid.
function makeLookup(points, cell = 24) {
    const cells = new Map();
    points.forEach(({x, y}, i) => {
        const key = `${Math.floor(x / cell)} ${Math.floor(y / cell)}`;
        if (!cells.has(key)) cells.set(key, []);
        cells.get(key).push(i);
    });
    return (x, y, reach) => {
        let best = -1, least = reach;
        for (let column = Math.floor(x / cell) - 1; column <= Math.floor(x / cell) + 1; ++column)
            for (let row = Math.floor(y / cell) - 1; row <= Math.floor(y / cell) + 1; ++row)
                for (const i of cells.get(`${column} ${row}`) ?? []) {
                    const distance = Math.hypot(points[i].x - x, points[i].y - y);
                    if (distance < least) [best, least] = [i, distance];
                }
        return best;
    };
}

const within = (value, low, high) => Math.max(low, Math.min(high, value));

/// The range that nearly all values lie in: a few far ones shall not press the rest together.
function bulk(values) {
    const sorted = Float64Array.from(values).sort(), at = fraction => sorted[Math.round(fraction * (sorted.length - 1))];
    const margin = 0.12 * (at(0.99) - at(0.01));
    return [Math.max(sorted[0], at(0.01) - margin), Math.min(sorted.at(-1), at(0.99) + margin)];
}

/// The nearest visible point in the direction of an arrow key.
function nextPoint(points, from, [dx, dy], visible) {
    let best = -1, least = Infinity;
    points.forEach((point, i) => {
        const along = (point.x - from.x) * dx + (point.y - from.y) * dy, across = Math.abs((point.x - from.x) * dy) + Math.abs((point.y - from.y) * dx);
        if (along <= 0.5 || across > along || !visible(point.node)) return;
        const distance = Math.hypot(along, 2 * across);
        if (distance < least) [best, least] = [i, distance];
    });
    return best;
}

function classLegend(nodes, counts, hidden, change) {
    const entries = [...nodes.classes, ...(counts.has(-1) ? [unknownClass] : [])].filter(one => counts.has(one.number));
    return html("div", {class: "class-legend", role: "group", "aria-label": "Classes shown"}, entries.map(one => {
        const button = html("button", {type: "button", "aria-pressed": "true", click: () => {
            const hide = !hidden.has(one.number);
            if (hide) hidden.add(one.number);
            else hidden.delete(one.number);
            button.setAttribute("aria-pressed", String(!hide));
            change();
        }}, svg("svg", {viewBox: "-8 -8 16 16", class: "shape", "aria-hidden": "true"}, svg("path", {d: shapePath(one.shape, 5), style: {"--colour": one.colour}})),
        html("span", {class: "legend-tag", text: one.tag}), html("span", {class: "legend-name"}, breakable(one.name)), html("span", {class: "value", text: formats.count(counts.get(one.number))}));
        return button;
    }));
}

function showMap(data, nodes, selection) {
    if (!nodes || !data.embedding) return null;
    const xs = unpack(data.embedding.x, "embedding.x"), ys = unpack(data.embedding.y, "embedding.y");
    const which = data.embedding.nodes ? unpack(data.embedding.nodes, "embedding.nodes") : Int32Array.from({length: nodes.count}, (_, i) => i);
    if (xs.length !== which.length || ys.length !== which.length)
        throw new Error(`embedding: expected places of ${which.length} nodes, got ${xs.length} and ${ys.length}`);
    const classOf = nodes.hasLabels ? nodes.label : nodes.predicted;
    const counts = new Map();
    for (const node of which) counts.set(classOf(node).number, (counts.get(classOf(node).number) ?? 0) + 1);
    const [across, up] = [bulk(xs), bulk(ys)];
    const beyond = xs.reduce((count, value, i) => count + (value < across[0] || value > across[1] || ys[i] < up[0] || ys[i] > up[1]), 0);
    const hidden = new Set();
    let wrongOnly = false, marked = -1, points = [], find = () => -1;
    const visible = node => !hidden.has(classOf(node).number) && (!wrongOnly || nodes.wrong(node));

    const canvas = html("canvas", {tabindex: 0, role: "application", "aria-roledescription": "map", "aria-label": "Map of the nodes. Arrow keys go to the next node, Enter opens it"});
    const tip = html("div", {class: "tip", role: "status", hidden: true});
    const frame = html("div", {class: "map"}, canvas, tip);
    const probe = colour => {
        frame.style.color = colour;
        const computed = getComputedStyle(frame).color;
        frame.style.color = "";
        return computed;
    };

    const paint = () => {
        const width = frame.clientWidth, height = frame.clientHeight, ratio = Math.min(3, devicePixelRatio || 1);
        if (width === 0 || which.length === 0) return;
        const radius = which.length > 8000 ? 2.2 : width < 480 ? 2.6 : 3.4;
        [canvas.width, canvas.height] = [width * ratio, height * ratio];
        const edge = 16, x = scale(...across, edge, width - edge), y = scale(...up, height - edge, edge);
        points = Array.from(which, (node, i) => ({node, x: within(x(xs[i]), edge, width - edge), y: within(y(ys[i]), edge, height - edge)}));
        const shown = points.filter(({node}) => visible(node));
        const lookup = makeLookup(shown);
        find = (...place) => points.indexOf(shown[lookup(...place)]);
        const pen = canvas.getContext("2d");
        pen.scale(ratio, ratio);
        const all = [...nodes.classes, unknownClass];
        const plain = makeStamps(all, probe, ratio, radius, {colour: "var(--card)", width: 0.8});
        const outlined = makeStamps(all, probe, ratio, radius + 0.6, {colour: "var(--ink)", width: 1.5});
        const stampAll = (stamps, which) => which.forEach(point => {
            const {stamp, size} = stamps[(classOf(point.node).number + all.length) % all.length];
            pen.drawImage(stamp, point.x - size / 2, point.y - size / 2, size, size);
        });
        stampAll(plain, shown.filter(({node}) => !nodes.wrong(node)));
        stampAll(outlined, shown.filter(({node}) => nodes.wrong(node)));
        pen.strokeStyle = probe("var(--ink)");
        const circle = ({x: cx, y: cy}, r) => {
            pen.moveTo(cx + r, cy);
            pen.arc(cx, cy, r, 0, 2 * Math.PI);
        };
        const chosen = points.find(({node}) => node === selection.node);
        for (const point of [chosen, points[marked]]) {
            if (!point) continue;
            pen.lineWidth = 3;
            pen.beginPath();
            circle(point, radius + 6);
            pen.stroke();
        }
    };
    const point = index => {
        if (index === marked) return;
        marked = index;
        canvas.classList.toggle("pointing", index >= 0);
        tip.hidden = index < 0;
        paint();
        if (index < 0) return;
        const {node, x, y} = points[index];
        tip.replaceChildren(html("strong", {text: nodes.name(node)}), html("br"), describeNode(node, nodes));
        tip.style.left = `${Math.max(0, Math.min(frame.clientWidth - tip.offsetWidth, x - tip.offsetWidth / 2))}px`;
        tip.style.top = `${y > tip.offsetHeight + 20 ? y - tip.offsetHeight - 14 : y + 14}px`;
    };
    const place = event => {
        const box = canvas.getBoundingClientRect();
        return find(event.clientX - box.left, event.clientY - box.top, 18);
    };
    const open = index => index >= 0 && selection.choose(points[index].node, {reveal: true});
    build(canvas, {
        pointermove: event => point(place(event)), pointerleave: () => point(-1), click: event => open(place(event)), blur: () => point(-1),
        keydown: event => {
            const directions = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
            if (event.key === "Enter") open(marked);
            if (!(event.key in directions)) return;
            event.preventDefault();
            const from = points[marked] ?? points.find(({node}) => node === selection.node) ?? points[0];
            const next = marked < 0 ? points.indexOf(from) : nextPoint(points, from, directions[event.key], visible);
            if (next >= 0) point(next);
        }}, []);
    new ResizeObserver(() => requestAnimationFrame(paint)).observe(frame);
    selection.listen(() => requestAnimationFrame(paint));
    addEventListener("themechange", paint);

    const change = () => {
        point(-1);
        paint();
    };
    const wrong = html("input", {type: "checkbox", id: "map-wrong", change: () => {
        wrongOnly = wrong.checked;
        change();
    }});
    const canBeWrong = nodes.hasLabels && nodes.hasPredictions;
    return [html("div", {class: "map-columns"}, html("div", {}, frame, note(describeMap(data.embedding, which.length, nodes, beyond))),
        html("div", {}, classLegend(nodes, counts, hidden, change), canBeWrong ? html("label", {class: "check", for: "map-wrong"}, wrong, "wrong only") : null))];
}

function describeMap({method, of, explained}, count, nodes, beyond) {
    const what = of ? `the ${of}` : "the embedding";
    const part = explained ? ` The two axes hold ${formats.percent(explained[0])} (across) and ${formats.percent(explained[1])} (up) of the variance.` : "";
    const sampled = count < nodes.count ? ` A sample of ${formats.count(count)} of ${formats.count(nodes.count)} nodes is drawn.` : "";
    const wrong = nodes.hasLabels && nodes.hasPredictions ? " An outline marks a wrong prediction; the large ring is the node opened above." : "";
    const far = beyond ? ` ${formats.count(beyond)} ${beyond === 1 ? "node" : "nodes"} far outside ${beyond === 1 ? "lies" : "lie"} on the edge.` : "";
    return `${method} of ${what}: nodes that the model sees as alike lie close together. Colour and shape are the ${nodes.hasLabels ? "true" : "predicted"} class.${wrong}${part}${far}${sampled} Choose a point to open it above.`;
}

// The map of all nodes: its legend, what happens when a person points at it, and what it shows in words.

/// The nearest visible point in the direction of an arrow key.
function nextPoint(points, from, [dx, dy], visible) {
    let best = -1, least = Infinity;
    points.forEach((point, i) => {
        const along = (point.x - from.x) * dx + (point.y - from.y) * dy,
            across = Math.abs((point.x - from.x) * dy) + Math.abs((point.y - from.y) * dx);
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
        }}, svg("svg", {viewBox: "-8 -8 16 16", class: "shape", "aria-hidden": "true"},
            svg("path", {d: shapePath(one.shape, 5), style: {"--colour": one.colour}})),
        html("span", {class: "legend-tag", text: one.tag}), html("span", {class: "legend-name"}, breakable(one.name)),
            html("span", {class: "value", text: formats.count(counts.get(one.number))}));
        return button;
    }));
}

function showMap(data, nodes, selection) {
    if (!nodes || !data.embedding) return null;
    const xs = unpack(data.embedding.x, "embedding.x"), ys = unpack(data.embedding.y, "embedding.y");
    const which = data.embedding.nodes ? unpack(data.embedding.nodes, "embedding.nodes")
        : Int32Array.from({length: nodes.count}, (_, i) => i);
    if (xs.length !== which.length || ys.length !== which.length)
        throw new Error(`embedding: expected places of ${which.length} nodes, got ${xs.length} and ${ys.length}`);
    const classOf = nodes.hasLabels ? nodes.label : nodes.predicted;
    const counts = new Map();
    for (const node of which) counts.set(classOf(node).number, (counts.get(classOf(node).number) ?? 0) + 1);

    const hidden = new Set();
    let wrongOnly = false;
    const visible = node => !hidden.has(classOf(node).number) && (!wrongOnly || nodes.wrong(node));
    const frame = html("div", {class: "map"});
    const picture = mapPicture(frame, {nodes, which, xs, ys, classOf, visible});
    const pointing = pointAtNodes(frame, picture, nodes, selection, visible);
    const repaint = () => {
        picture.paint();
        pointing.update();
    };
    new ResizeObserver(() => requestAnimationFrame(repaint)).observe(frame);
    selection.listen(() => requestAnimationFrame(pointing.update));
    addEventListener("themechange", repaint);

    const wrong = html("input", {type: "checkbox", id: "map-wrong", change: () => {
        wrongOnly = wrong.checked;
        repaint();
    }});
    const canBeWrong = nodes.hasLabels && nodes.hasPredictions;
    return [html("div", {class: "map-columns"}, html("div", {}, frame,
        note(describeMap(data.embedding, which.length, nodes, picture.beyond))),
        html("div", {}, classLegend(nodes, counts, hidden, repaint), canBeWrong ? html("label",
            {class: "check", for: "map-wrong"}, wrong, "wrong only") : null))];
}

/// The node under the pointer, or that which arrow keys reach, has a ring and its name beside it; a click or Enter
/// opens it.
function pointAtNodes(frame, picture, nodes, selection, visible) {
    const tip = html("div", {class: "tip", role: "status", hidden: true});
    frame.append(tip);
    let marked = -1;
    const selected = () => picture.points().findIndex(({node}) => node === selection.node);
    const update = () => picture.mark([selected(), marked].map(index => picture.points()[index]).filter(one => one
        && visible(one.node)));
    const point = index => {
        if (index === marked) return;
        marked = index;
        picture.marks.classList.toggle("pointing", index >= 0);
        tip.hidden = index < 0;
        update();
        if (index < 0) return;
        const {node, x, y} = picture.points()[index];
        tip.replaceChildren(html("strong", {text: nodes.name(node)}), html("br"), describeNode(node, nodes));
        tip.style.left = `${within(x - tip.offsetWidth / 2, 0, Math.max(0, frame.clientWidth - tip.offsetWidth))}px`;
        tip.style.top = `${y > tip.offsetHeight + 20 ? y - tip.offsetHeight - 14 : y + 14}px`;
    };
    const place = event => {
        const box = picture.marks.getBoundingClientRect();
        return picture.find(event.clientX - box.left, event.clientY - box.top);
    };
    const open = index => index >= 0 && selection.choose(picture.points()[index].node, {reveal: true});
    const directions = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    build(picture.marks, {
        tabindex: 0, role: "application", "aria-roledescription": "map",
            "aria-label": "Map of the nodes. Arrow keys go to the next node, Enter opens it",
        pointermove: event => point(place(event)), pointerleave: () => point(-1), blur: () => point(-1),
            click: event => open(place(event)),
        keydown: event => {
            if (event.key === "Enter") open(marked);
            if (!(event.key in directions) || picture.points().length === 0) return;
            event.preventDefault();
            const from = picture.points()[marked] ?? picture.points()[Math.max(0, selected())];
            const next = marked < 0 && visible(from.node) ? picture.points().indexOf(from)
                : nextPoint(picture.points(), from, directions[event.key], visible);
            if (next >= 0) point(next);
        }}, []);
    return {update};
}

function describeMap({method, of, explained}, count, nodes, beyond) {
    const what = of ? `the ${of}` : "the embedding";
    const part = explained ? ` The two axes hold ${formats.percent(explained[0])} (across) and ` +
        `${formats.percent(explained[1])} (up) of the variance.` : "";
    const sampled = count < nodes.count
        ? ` A sample of ${formats.count(count)} of ${formats.count(nodes.count)} nodes is drawn.` : "";
    const wrong = nodes.hasLabels && nodes.hasPredictions
        ? " An outline marks a wrong prediction; the large ring is the node opened above." : "";
    const far = beyond ? ` ${formats.count(beyond)} ${beyond === 1 ? "node" : "nodes"} far outside ` +
        `${beyond === 1 ? "lies" : "lie"} on the edge.` : "";
    return `${method} of ${what}: nodes that the model sees as alike lie close together. Colour and shape are the ` +
        `${nodes.hasLabels ? "true" : "predicted"} class.${wrong}${part}${far}${sampled} Choose a point to open it ` +
        `above.`;
}

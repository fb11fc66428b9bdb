// The picture of a node amid its neighbours: ring = true class, disc = predicted class, line width = weight.

/// `count` points on an ellipse around (0, 0) with equal ways between them, clockwise; none lies straight above the
/// middle.
function ellipsePoints(count, rx, ry) {
    const steps = 720, lengths = [0], at = i => [rx * Math.sin((2 * Math.PI * i) / steps),
        -ry * Math.cos((2 * Math.PI * i) / steps)];
    for (let i = 1; i <= steps; ++i) lengths.push(lengths[i - 1] + Math.hypot(at(i)[0] - at(i - 1)[0],
        at(i)[1] - at(i - 1)[1]));
    const points = [];
    for (let k = 0, i = 0; k < count; ++k) {
        const wanted = (lengths[steps] * (k + 0.5)) / count;
        while (lengths[i] < wanted) ++i;
        points.push(at(i));
    }
    return points;
}

const shortWeight = weight => formats.fixed(weight, weight < 0.01 ? 4 : 3);

/// How many neighbours there is room for.
const neighboursDrawn = width => (width < 480 ? 10 : width < 640 ? 14 : 20);

function nodeMark(one, nodes, radius) {
    const predicted = nodes.hasPredictions ? nodes.predicted(one) : nodes.label(one);
    const parts = [svg("circle", {class: "ground", r: radius + 2})];
    if (nodes.hasLabels && nodes.label(one) !== unknownClass)
        parts.push(svg("circle", {class: "ring", r: radius, style: {"--colour": nodes.label(one).colour}}));
    else parts.push(svg("circle", {class: "ring unknown", r: radius}));
    parts.push(svg("circle", {class: "disc", r: radius - 5, style: {"--colour": predicted.colour}}),
        svg("text", {class: `disc-tag ${predicted.tag.length > 2 ? "long" : ""}`, y: 4, "text-anchor": "middle",
            style: {"--colour-ink": predicted.ink}, text: predicted.tag}));
    return parts;
}

/// Where each weight stands: on its line, at the first of some fractions of the way at which its box meets none of
/// `taken` and no other weight, or else above the disc; boxes are {x, y, w, h} around their middles.
function weightPlaces(points, along, taken) {
    const boxes = [...taken];
    const meet = (a, b) => Math.abs(a.x - b.x) < (a.w + b.w) / 2 && Math.abs(a.y - b.y) < (a.h + b.h) / 2;
    return points.map(([x, y]) => {
        const above = {x, y: y - 28, w: 44, h: 18};
        const onLine = [0, -0.04, 0.04, -0.08, 0.08, -0.12, 0.12].map(shift =>
            ({...above, x: (along + shift) * x, y: (along + shift) * y}));
        const place = [...onLine, above].find(box => !boxes.some(other => meet(box, other))) ?? onLine[0];
        boxes.push(place);
        return place;
    });
}

function describeNode(node, nodes) {
    const parts = [];
    if (nodes.hasPredictions) parts.push(`predicted ${nodes.predicted(node).name}`);
    if (nodes.hasLabels) parts.push(`true class ${nodes.label(node).name}`);
    return parts.join(", ");
}

/// draw(drawing, width, height) for the node and those neighbours that have the largest mean weight. go(node) is called
/// when one is chosen.
function drawNeighbourhood(graph, node, neighbours, go) {
    const {nodes} = graph;
    const weighted = graph.layers.length > 0;
    const itself = neighbours.find(one => one.node === node);
    const others = neighbours.filter(one => one.node !== node).sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
    const heaviest = Math.max(1e-12, ...neighbours.slice(0, 1).map(one => one.weight ?? 1));
    const lineWidth = one => (weighted ? 0.5 + 6.5 * (one.weight / heaviest) : 1.5);
    const label = (x, y, text) => svg("g", {transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`},
        svg("rect", {class: "pill", x: -21, y: -8, width: 42, height: 16, rx: 8}),
            svg("text", {class: "weight", y: 4, "text-anchor": "middle", text}));

    const nameLine = (one, y, pixels, size) => svg("text",
        {class: "node-name", y, "text-anchor": "middle", text: fitted(nodes.name(one), pixels, size)});
    const wrongLine = one => (nodes.wrong(one) ? svg("text",
        {class: "node-wrong", y: 44, "text-anchor": "middle", text: `true: ${nodes.label(one).tag}`}) : null);
    return (drawing, width, height) => {
        const drawn = others.slice(0, neighboursDrawn(width));
        const [rx, ry] = [width / 2 - 52, height / 2 - 52];
        const points = ellipsePoints(drawn.length, rx, ry);
        // A name may be as wide as the way to the next node, and as the margin allows.
        const way = (Math.PI * (rx + ry)) / Math.max(1, drawn.length);
        const pixels = Math.min(way - 8, 96);
        const [along, middlePixels] = width < 480 ? [0.53, 66] : [0.6, 110];
        const middle = svg("g", {transform: `translate(${width / 2} ${height / 2 - 8})`});
        drawing.removeAttribute("role");
        drawing.removeAttribute("aria-label");
        drawing.append(middle);
        drawn.forEach((one, i) => middle.append(svg("line", {class: "edge", x1: 0, y1: 0, x2: points[i][0],
            y2: points[i][1],
            "stroke-width": lineWidth(one).toFixed(2)})));
        if (itself && weighted) middle.append(svg("circle", {class: "edge loop", r: 31,
            "stroke-width": lineWidth(itself).toFixed(2)}));
        const taken = [{x: 0, y: 0, w: 66, h: 66}, {x: 0, y: -43, w: 44, h: 18},
            {x: 0, y: 46, w: middlePixels, h: 18}];
        points.forEach(([x, y], i) => taken.push({x, y, w: 36, h: 36}, {x, y: y + 27, w: pixels, h: 16},
            ...(nodes.wrong(drawn[i].node) ? [{x, y: y + 40, w: 60, h: 16}] : [])));
        if (weighted) weightPlaces(points, along, taken).forEach(({x, y}, i) =>
            middle.append(label(x, y, shortWeight(drawn[i].weight))));
        drawn.forEach((one, i) => {
            const weight = weighted ? `, weight ${formats.fixed(one.weight, 4)}` : "";
            const text = `${nodes.name(one.node)}: ${describeNode(one.node, nodes)}${weight}`;
            middle.append(svg("g", {class: "neighbour",
                transform: `translate(${points[i].map(v => v.toFixed(1)).join(" ")})`, tabindex: 0,
                role: "button", "aria-label": `Go to ${text}`, click: () => go(one.node),
                keydown: event => {
                    if (event.key !== "Enter" && event.key !== " ") return;
                    event.preventDefault();
                    go(one.node);
                }}, svg("title", {text}), nodeMark(one.node, nodes, 16), nameLine(one.node, 31, pixels, 11),
                    wrongLine(one.node)));
        });
        middle.append(svg("g", {class: "centre", tabindex: -1}, svg("title",
            {text: `${nodes.name(node)}: ${describeNode(node, nodes)}`}),
            nodeMark(node, nodes, 23), nameLine(node, 50, middlePixels, 13)));
        if (itself && weighted) middle.append(label(0, -43, shortWeight(itself.weight)));
    };
}

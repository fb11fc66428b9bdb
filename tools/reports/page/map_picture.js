// The picture of all nodes on a plane. Points and marks are two canvases, so that pointing at a node draws no point
// anew; thousands of points stay quick.

/// An image of each class's shape, to be stamped at its nodes; `edge` is the colour and width of the outline.
/// probe(colour) tells what a colour is in the page's theme.
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
    const sorted = Float64Array.from(values).sort(), at = fraction =>
        sorted[Math.round(fraction * (sorted.length - 1))];
    const margin = 0.25 * (at(0.99) - at(0.01));
    return [Math.max(sorted[0], at(0.01) - margin), Math.min(sorted.at(-1), at(0.99) + margin)];
}

/// The two canvases in `frame`, for nodes `which` at (xs, ys): {marks: the upper canvas, beyond: how many lie outside,
/// points(): [{node, x, y}], paint(): draws those that are visible(node), mark(points): rings,
/// find(x, y): an index or -1}.
function mapPicture(frame, {nodes, which, xs, ys, classOf, visible}) {
    const [base, marks] = [html("canvas", {"aria-hidden": "true"}), html("canvas", {class: "marks"})];
    frame.prepend(base, marks);
    const [across, up] = [bulk(xs), bulk(ys)];
    const isBeyond = i => xs[i] < across[0] || xs[i] > across[1] || ys[i] < up[0] || ys[i] > up[1];
    const small = which.length > 8000;
    let points = [], shown = [], lookup = () => -1, radius = 3;

    const probe = colour => {
        frame.style.color = colour;
        const computed = getComputedStyle(frame).color;
        frame.style.color = "";
        return computed;
    };
    const begin = canvas => {
        const ratio = Math.min(3, devicePixelRatio || 1);
        [canvas.width, canvas.height] = [frame.clientWidth * ratio, frame.clientHeight * ratio];
        const pen = canvas.getContext("2d");
        pen.scale(ratio, ratio);
        return [pen, ratio];
    };
    const paint = () => {
        const width = frame.clientWidth, height = frame.clientHeight, edge = 16;
        if (width === 0 || which.length === 0) return;
        radius = small ? 2.2 : width < 480 ? 2.6 : 3.4;
        const x = scale(...across, edge, width - edge), y = scale(...up, height - edge, edge);
        points = Array.from(which, (node, i) =>
            ({node, x: within(x(xs[i]), edge, width - edge), y: within(y(ys[i]), edge, height - edge)}));
        shown = points.filter(({node}) => visible(node));
        lookup = makeLookup(shown);
        const [pen, ratio] = begin(base), all = [...nodes.classes, unknownClass];
        const plain = makeStamps(all, probe, ratio, radius, {colour: "var(--card)", width: 0.8});
        const outlined = makeStamps(all, probe, ratio, radius + 0.4, {colour: "var(--ink)", width: small ? 0.9 : 1.4});
        const stampAll = (stamps, some) => some.forEach(point => {
            const {stamp, size} = stamps[(classOf(point.node).number + all.length) % all.length];
            pen.drawImage(stamp, point.x - size / 2, point.y - size / 2, size, size);
        });
        stampAll(plain, shown.filter(({node}) => !nodes.wrong(node)));
        stampAll(outlined, shown.filter(({node}) => nodes.wrong(node)));
    };
    const mark = some => {
        if (frame.clientWidth === 0) return;
        const [pen] = begin(marks);
        for (const [colour, width] of [["var(--card)", 5], ["var(--ink)", 2.5]])
            for (const {x, y} of some) {
                pen.strokeStyle = probe(colour);
                pen.lineWidth = width;
                pen.beginPath();
                pen.arc(x, y, radius + 5, 0, 2 * Math.PI);
                pen.stroke();
            }
    };
    return {marks, paint, mark, points: () => points, find: (x, y) => points.indexOf(shown[lookup(x, y, 18)]),
        beyond: which.reduce((count, _, i) => count + isBeyond(i), 0)};
}

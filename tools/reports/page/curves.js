// Losses and accuracies over the epochs. Both charts share one epoch: that under the pointer, or chosen by arrow keys.

const curveKinds = {
    loss: {title: "Loss", format: value => formats.fixed(value, 3)},
    accuracy: {title: "Accuracy", format: value => formats.percent(value)},
};

/// {title, format, series: [{name, key, style, values}]} of the columns that hold numbers.
function readCurves(rows) {
    return Object.entries(curveKinds).map(([kind, {title, format}]) => ({
        kind, title, format,
        series: [["training", `train_${kind}`, "train"], ["validation", `val_${kind}`, "val"]]
            .map(([name, key, style]) => ({name, style,
                values: rows.map(row => (isNumber(row[key]) ? row[key] : null))}))
            .filter(({values}) => values.some(isNumber)),
    })).filter(({series}) => series.length > 0);
}

/// At most two points for each pixel, so that long runs draw fast and keep their peaks.
function curvePoints(values, x, y, width) {
    const perPixel = Math.max(1, Math.ceil(values.length / (2 * width)));
    const points = [];
    for (let begin = 0; begin < values.length; begin += perPixel) {
        let low = -1, high = -1;
        for (let i = begin; i < Math.min(values.length, begin + perPixel); ++i) {
            if (values[i] === null) continue;
            if (low < 0 || values[i] < values[low]) low = i;
            if (high < 0 || values[i] > values[high]) high = i;
        }
        for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) points.push(i < 0 ? null
            : [x(i), y(values[i])]);
    }
    return points;
}

function linePath(points) {
    let path = "", pen = "M";
    for (const point of points) {
        if (point) path += `${pen}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
        pen = point ? "L" : "M";
    }
    return path;
}

/// Grid lines and numbers of a chart with the given margins.
function drawAxes(drawing, {x, y, xTicks, yTicks, left, right, top, bottom, xText, yText, xTitle}) {
    for (const tick of yTicks)
        drawing.append(svg("line", {class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick)}),
            svg("text", {class: "axis", x: left - 8, y: y(tick) + 4, "text-anchor": "end", text: yText(tick)}));
    drawing.append(svg("line", {class: "base", x1: left, x2: right, y1: bottom, y2: bottom}));
    for (const tick of xTicks)
        drawing.append(svg("line", {class: "base", x1: x(tick), x2: x(tick), y1: bottom, y2: bottom + 4}),
            svg("text", {class: "axis", x: x(tick), y: bottom + 17, "text-anchor": "middle", text: xText(tick)}));
    if (xTitle) drawing.append(svg("text", {class: "axis", x: (left + right) / 2, y: bottom + 35,
        "text-anchor": "middle", text: xTitle}));
}

/// Draws the curves and the marker of the best epoch. Returns what moves over them: {line, dots, x, y}.
function drawCurves(drawing, curve, epochs, best, width, height) {
    const margins = {left: 52, right: width - 14, top: 24, bottom: height - 42};
    const {left, right, top, bottom} = margins;
    const [least, most] = ends(curve.series.flatMap(({values}) => values.filter(isNumber)));
    const margin = 0.04 * (most - least || 1), low = least - margin, high = most + margin;
    const xEpoch = scale(epochs[0], epochs.at(-1), left, right), y = scale(low, high, bottom, top);
    const x = index => xEpoch(epochs[index]);
    const yTicks = ticks(low, high, 5);
    const digits = Math.max(0, -Math.floor(Math.log10((yTicks[1] ?? 1) - (yTicks[0] ?? 0) + 1e-12) + 1e-9));
    drawAxes(drawing, {...margins, x: xEpoch, y, yTicks,
        xTicks: ticks(epochs[0], epochs.at(-1), width < 460 ? 4 : 8).filter(Number.isInteger), xText: String,
        xTitle: "epoch",
        yText: tick => (curve.kind === "accuracy" ? formats.percent(tick, Math.max(0, digits - 2))
            : formats.fixed(tick, digits))});
    if (best >= 0) {
        const end = x(best) > (left + right) / 2;
        drawing.append(svg("line", {class: "marker", x1: x(best), x2: x(best), y1: top - 6, y2: bottom}),
            svg("text", {class: "axis marked", x: x(best) + (end ? -6 : 6), y: top - 10,
                "text-anchor": end ? "end" : "start",
                text: `best epoch ${epochs[best]}`}));
    }
    for (const {values, style} of curve.series)
        drawing.append(svg("path", {class: `curve ${style}`, d: linePath(curvePoints(values, x, y, right - left))}));
    const line = svg("line", {class: "pointer", y1: top, y2: bottom});
    const dots = curve.series.map(({style}) => svg("circle", {class: `dot ${style}`, r: 4}));
    drawing.append(line, ...dots);
    return {line, dots, x, y};
}

/// Lets the pointer and the arrow keys choose the shared epoch; nearest(x) is that under the pointer.
function listenForEpoch(place, shared, nearest) {
    build(place, {
        pointermove: event => {
            const index = nearest(event.clientX - place.getBoundingClientRect().left);
            if (index >= 0) shared.choose(index);
        },
        pointerleave: () => shared.choose(shared.resting),
        keydown: event => {
            const steps = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10,
                Home: -Infinity, End: Infinity};
            if (!(event.key in steps)) return;
            event.preventDefault();
            shared.choose(shared.index + steps[event.key]);
        }}, []);
}

function curveChart(curve, epochs, best, shared) {
    const legend = curve.series.map(({name, style}) => {
        const value = html("span", {class: "value"});
        return {value, item: html("span", {class: "key"},
            svg("svg", {class: "swatch", viewBox: "0 0 26 8", "aria-hidden": "true"},
                svg("path", {class: `curve ${style}`, d: "M1 4H25"})),
            html("span", {text: name}), value)};
    });
    const epochText = html("span", {class: "value epoch"});
    let place = null, moving = null;

    const show = () => {
        const index = shared.index;
        const text = curve.series.map(({name, values}) =>
            `${name} ${formats.or_dash(values[index], curve.format)}`).join(", ");
        place.setAttribute("aria-valuenow", epochs[index]);
        place.setAttribute("aria-valuetext", `epoch ${epochs[index]}: ${text}`);
        epochText.textContent = `epoch ${epochs[index]}`;
        legend.forEach(({value}, i) =>
            (value.textContent = formats.or_dash(curve.series[i].values[index], curve.format)));
        if (!moving) return;
        for (const end of ["x1", "x2"]) moving.line.setAttribute(end, moving.x(index));
        moving.line.toggleAttribute("hidden", index === best);
        moving.dots.forEach((dot, i) => {
            const value = curve.series[i].values[index];
            dot.setAttribute("cx", moving.x(index));
            dot.setAttribute("cy", value === null ? 0 : moving.y(value));
            dot.toggleAttribute("hidden", value === null);
        });
    };
    const draw = (drawing, width, height) => {
        moving = drawCurves(drawing, curve, epochs, best, width, height);
        show();
    };
    const nearest = x => {
        if (!moving) return -1;
        const distance = index => Math.abs(moving.x(index) - x);
        return epochs.reduce((closest, _, index) => (distance(index) < distance(closest) ? index : closest), 0);
    };
    shared.listeners.push(show);
    const label = `${curve.title} by epoch: ${curve.series.map(({name}) => name).join(" and ")}`;
    place = chart({label, height: width => (width < 460 ? 250 : 300), draw});
    build(place, {
        tabindex: 0, role: "slider", "aria-label": `${label}. Arrow keys choose an epoch`, class: "chart readable",
        "aria-valuemin": epochs[0], "aria-valuemax": epochs.at(-1)}, []);
    listenForEpoch(place, shared, nearest);
    show();
    return html("figure", {}, html("figcaption", {}, html("span", {class: "title", text: curve.title}),
        html("span", {class: "legend"}, legend.map(({item}) => item), epochText)), place);
}

/// The smallest and the largest number of an array of any length.
function ends(values) {
    return [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
}

/// One sentence with the numbers that the curves show.
function describeCurves(curves, epochs, best) {
    const sentences = [];
    for (const {kind, series, format} of curves)
        for (const {name, values} of series) {
            const known = values.filter(isNumber);
            if (name === "training" && kind === "loss")
                sentences.push(`The training loss goes from ${format(known[0])} to ${format(known.at(-1))}.`);
            if (name !== "validation") continue;
            const extreme = kind === "loss" ? ends(known)[0] : ends(known)[1];
            sentences.push(`The validation ${kind} is ${kind === "loss" ? "lowest" : "highest"}, ` +
                `${format(extreme)}, at epoch ${epochs[values.indexOf(extreme)]}.`);
        }
    if (best >= 0) sentences.push(`The dashed vertical line marks the best epoch, ${epochs[best]}.`);
    return sentences.join(" ");
}

function showCurves(data) {
    const rows = (data.metrics ?? []).filter(row => isNumber(row?.epoch));
    const curves = readCurves(rows);
    if (rows.length < 2 || curves.length === 0) return null;
    const epochs = rows.map(row => row.epoch);
    const best = epochs.indexOf(data.best_epoch ?? data.result?.best_epoch);
    const resting = best >= 0 ? best : epochs.length - 1;
    const shared = {resting, index: resting, listeners: []};
    shared.choose = index => {
        if (!isNumber(index) && Math.abs(index) !== Infinity) return;
        shared.index = Math.max(0, Math.min(epochs.length - 1, index));
        shared.listeners.forEach(listener => listener());
    };
    return [html("div", {class: "columns"}, curves.map(curve => curveChart(curve, epochs, best, shared))),
        note(describeCurves(curves, epochs, best),
            " Point at a chart, or focus it and press the arrow keys, to read the values of an epoch.")];
}

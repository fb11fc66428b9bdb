// One training step: its tape, op by op, and where the time goes.

const valueText = value => (typeof value === "string" ? value : value.number >= 0 ? `%${value.number} ${value.spec}`
    : value.spec);

/// The nodes of the tape under one set of names, whichever form the data has.
function readTape(tape) {
    return (tape?.nodes ?? []).map((node, i) => ({
        number: node.number ?? i, op: String(node.op), formula: node.formula ?? "",
        inputs: (node.inputs ?? []).map(input => (typeof input === "number" ? {number: input, spec: ""} : input)),
        outputs: node.outputs ?? (node.shape
            ? [{number: -1, spec: Array.isArray(node.shape) ? `[${node.shape.join(", ")}]` : String(node.shape)}] : []),
        kernel: node.kernel ?? (node.native === undefined ? "" : node.native ? "native" : "composed"),
        saved: node.bytes_saved ?? node.saved_bytes,
        milliseconds: node.milliseconds ?? (isNumber(node.seconds) ? 1000 * node.seconds : undefined),
    }));
}

/// Each value stays on one line; those that the tape does not follow (data, indices) stand back.
function valueList(values) {
    return values.map(value => [html("span", {class: value.number < 0 ? "value-spec untracked wide" : "value-spec",
        text: valueText(value)}), " "]);
}

function tapeTable(nodes) {
    const columns = [{text: "op"}, {text: "inputs → outputs"}, {text: "formula", wide: true},
        {text: "kernel", wide: true}, {text: "kept for backward", number: true},
        {text: "ms", number: true}];
    return html("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Tape"},
        table("The tape of a training step", columns, nodes.map(node => [
        html("span", {class: "op"}, breakable(node.op)),
        html("code", {}, valueList(node.inputs), "→ ", valueList(node.outputs)),
        html("span", {class: "formula", text: node.formula}), node.kernel, formats.or_dash(node.saved, formats.bytes),
        formats.or_dash(node.milliseconds, formats.fixed)])));
}

function showTape(data) {
    const nodes = readTape(data.tape);
    if (nodes.length === 0) {
        if (!data.tape?.svg) return null;
        // As an image a drawing cannot run anything.
        return [html("details", {}, html("summary", {text: "Show the tape"}),
            html("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Tape"},
            html("img", {class: "tape-drawing", alt: "The tape of a training step",
                src: `data:image/svg+xml,${encodeURIComponent(data.tape.svg)}`})))];
    }
    const saved = nodes.reduce((sum, node) => sum + (node.saved ?? 0), 0),
        time = nodes.reduce((sum, node) => sum + (node.milliseconds ?? 0), 0);
    return [html("p", {class: "lead",
        text: `One training step records ${nodes.length} ops. They keep ${formats.bytes(saved)} for the backward ` +
            `pass${time ? ` and take ${formats.short(time)}\u00a0ms forward` : ""}.`}),
        html("details", {}, html("summary", {text: `Show the ${nodes.length} ops`}), tapeTable(nodes),
            note("The forward pass from top to bottom; the backward pass goes the other way. A number behind % " +
                "names a value, so an input can be followed to the op that made it; inputs without one (data, " +
                "indices) need no gradient."))];
}

/// {op, calls, milliseconds, share, kernel} for a step, the most expensive first.
function readOps(ops) {
    const rows = ops?.rows ?? ops?.ops ?? [], steps = Math.max(1, ops?.steps ?? 1),
        step = (1000 * (ops?.step_seconds ?? 0)) / steps;
    const result = rows.map(row => {
        const milliseconds = row.milliseconds_a_step ?? (1000 * (row.self_seconds ?? row.seconds ?? 0)) / steps;
        const runs = isNumber(row.native) && isNumber(row.composed) ? row.native + row.composed : null;
        return {op: String(row.op), milliseconds, calls: row.calls ?? (runs === null ? undefined : runs / steps),
            share: row.share ?? (step ? milliseconds / step : undefined),
            kernel: runs === null ? (row.kernel ?? (row.native ? "native" : "composed")) : row.composed === 0 ? "native"
                : row.native === 0 ? "composed" : "both"};
    });
    const outside = step - result.reduce((sum, row) => sum + row.milliseconds, 0);
    if (step && outside > 0) result.push({op: "outside ops", milliseconds: outside, share: outside / step,
        kernel: "–"});
    return {steps, step, rows: result.sort((a, b) => b.milliseconds - a.milliseconds)};
}

function showOps(data) {
    const {steps, step, rows} = readOps(data.ops);
    if (rows.length === 0) return null;
    const longest = rows[0].milliseconds, shown = rows.slice(0, 12), rest = rows.slice(12);
    if (rest.length) shown.push({op: `${rest.length} more ops`, kernel: "–",
        milliseconds: rest.reduce((sum, row) => sum + row.milliseconds, 0),
        share: rest.reduce((sum, row) => sum + (row.share ?? 0), 0)});
    const columns = [{text: "op"}, {text: "time"}, {text: "ms a step", number: true}, {text: "share", number: true},
        {text: "calls a step", number: true, wide: true}, {text: "kernel", wide: true}];
    return [html("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Time by op"},
        build(table("Time by op", columns, shown.map(row => [
        html("span", {class: "op"}, breakable(row.op)), bar(row.milliseconds / longest,
            row.kernel === "composed" ? "composed" : ""), formats.fixed(row.milliseconds),
        formats.or_dash(row.share, value => formats.percent(value)), formats.or_dash(row.calls, formats.short),
            row.kernel])), {class: "ops"}, [])),
        note(`The time of each op itself, without ops inside it, as the mean of ${formats.count(steps)} training ` +
            `${steps === 1 ? "step" : "steps"}${step ? ` of ${formats.short(step)}\u00a0ms` : ""}. The longest is ` +
            `${rows[0].op}. A native op runs by a kernel of the backend, a composed one by other ops (striped bars).`)];
}

// One training step: its tape, op by op, and where the time goes.

const valueText = ({number, spec}) => (number >= 0 ? `%${number} ${spec}` : spec);
const kernelText = native => (native ? "native" : "composed");

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
        html("span", {class: "formula", text: node.formula}), kernelText(node.native), formats.bytes(node.bytes_saved),
        formats.fixed(1000 * node.seconds)])));
}

function showTape(data) {
    const nodes = data.tape?.nodes ?? [];
    if (nodes.length === 0) return null;
    const sum = key => nodes.reduce((total, node) => total + node[key], 0);
    return [html("p", {class: "lead",
        text: `One training step records ${nodes.length} ops. They keep ${formats.bytes(sum("bytes_saved"))} for the ` +
            `backward pass and take ${formats.short(1000 * sum("seconds"))}\u00a0ms forward.`}),
        html("details", {}, html("summary", {text: `Show the ${nodes.length} ops`}), tapeTable(nodes),
            note("The forward pass from top to bottom; the backward pass goes the other way. A number behind % " +
                "names a value, so an input can be followed to the op that made it; inputs without one (data, " +
                "indices) need no gradient."))];
}

/// {step: in milliseconds, rows: {op, calls, milliseconds, share, kernel} a step, the most expensive first}.
function readOps({ops, steps, step_seconds: seconds}) {
    const step = 1000 * seconds / steps;
    const rows = ops.map(({op, native, composed, self_seconds: own}) => ({op, milliseconds: 1000 * own / steps,
        calls: (native + composed) / steps, share: own / seconds,
        kernel: native > 0 && composed > 0 ? "both" : kernelText(native > 0)}));
    const outside = step - rows.reduce((sum, row) => sum + row.milliseconds, 0);
    if (outside > 0) rows.push({op: "outside ops", milliseconds: outside, share: outside / step, kernel: "–"});
    return {step, rows: rows.sort((a, b) => b.milliseconds - a.milliseconds)};
}

function showOps(data) {
    if (!data.ops?.ops?.length) return null;
    const {steps} = data.ops, {step, rows} = readOps(data.ops);
    const longest = rows[0].milliseconds, shown = rows.slice(0, 12), rest = rows.slice(12);
    if (rest.length) shown.push({op: `${rest.length} more ops`, kernel: "–",
        milliseconds: rest.reduce((sum, row) => sum + row.milliseconds, 0),
        share: rest.reduce((sum, row) => sum + row.share, 0)});
    const columns = [{text: "op"}, {text: "time"}, {text: "ms a step", number: true}, {text: "share", number: true},
        {text: "calls a step", number: true, wide: true}, {text: "kernel", wide: true}];
    return [html("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Time by op"},
        build(table("Time by op", columns, shown.map(row => [
        html("span", {class: "op"}, breakable(row.op)), bar(row.milliseconds / longest,
            row.kernel === "composed" ? "composed" : ""), formats.fixed(row.milliseconds),
        formats.percent(row.share), formats.or_dash(row.calls, formats.short),
            row.kernel])), {class: "ops"}, [])),
        note(`The time of each op itself, without ops inside it, as the mean of ${formats.count(steps)} training ` +
            `${steps === 1 ? "step" : "steps"} of ${formats.short(step)}\u00a0ms. The longest is ` +
            `${rows[0].op}. A native op runs by a kernel of the backend, a composed one by other ops (striped bars).`)];
}

// Elements, drawings and number formats that all parts of the page share. Text from data enters as text, never as HTML.

function build(node, properties, children) {
    for (const [key, value] of Object.entries(properties)) {
        if (value === undefined || value === null || value === false) continue;
        if (typeof value === "function") node.addEventListener(key, value);
        else if (key === "text") node.textContent = value;
        else if (key === "style") for (const [name, setting] of Object.entries(value)) node.style.setProperty(name,
            setting);
        else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
    return node;
}

/// An HTML element. Of `properties`, functions are listeners, "text" is its text, the rest attributes.
function html(tag, properties = {}, ...children) {
    return build(document.createElement(tag), properties, children);
}

/// The same for a part of a drawing.
function svg(tag, properties = {}, ...children) {
    return build(document.createElementNS("http://www.w3.org/2000/svg", tag), properties, children);
}

/// A name that may break into lines after an underscore.
function breakable(name) {
    return String(name).split(/(?<=_)/).flatMap((part, i) => (i === 0 ? [part] : [html("wbr"), part]));
}

function shortened(name, length) {
    return name.length <= length ? name : name.slice(0, length - 1) + "…";
}

const measuring = document.createElement("canvas").getContext("2d");

/// The name, shortened until it is no wider than so many pixels when drawn in a font of that size.
function fitted(name, pixels, size) {
    measuring.font = `650 ${size}px ${getComputedStyle(document.body).fontFamily}`;
    let length = Math.min(name.length, 200);
    while (length > 1 && measuring.measureText(shortened(name, length)).width > pixels) --length;
    return shortened(name, length);
}

const formats = {
    count: value => value.toLocaleString("en-US"),
    percent: (value, digits = 1) => (100 * value).toFixed(digits) + "\u00a0%",
    fixed: (value, digits = 3) => value.toFixed(digits),
    /// Three significant digits, without an exponent.
    short: value => (value === 0 ? "0"
        : value.toFixed(Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))))),
    duration: seconds => {
        if (seconds < 100) return formats.short(seconds) + "\u00a0s";
        const whole = Math.round(seconds);
        const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
        return hours ? `${hours}\u00a0h ${minutes}\u00a0min` : `${minutes}\u00a0min ${whole % 60}\u00a0s`;
    },
    bytes: value => {
        const units = ["B", "kB", "MB", "GB"];
        const unit = value < 1 ? 0 : Math.min(3, Math.floor(Math.log10(value) / 3));
        return (unit ? formats.short(value / 1000 ** unit) : value) + "\u00a0" + units[unit];
    },
    /// A number where there is one.
    or_dash: (value, format) => (isNumber(value) ? format(value) : "–"),
};

const isNumber = value => typeof value === "number" && Number.isFinite(value);

/// A function from [from, to] to [start, end].
function scale(from, to, start, end) {
    const factor = to === from ? 0 : (end - start) / (to - from);
    return value => start + (value - from) * factor;
}

/// About `wanted` round numbers in [from, to].
function ticks(from, to, wanted) {
    if (!(to > from)) return [from];
    const rough = (to - from) / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find(factor => power * factor >= rough * 0.99);
    const result = [];
    for (let i = Math.ceil(from / step - 1e-9); i * step <= to
        + step * 1e-9; ++i) result.push(Number((i * step).toPrecision(12)));
    return result;
}

/// A drawing as wide as its place, drawn anew whenever that width changes: draw(drawing, width, height).
function chart({label, height, draw}) {
    const place = html("div", {class: "chart"});
    let drawnWidth = 0;
    place.redraw = () => {
        const width = Math.round(place.clientWidth);
        if (width === 0) return;
        drawnWidth = width;
        const tall = typeof height === "function" ? height(width) : height;
        const drawing = svg("svg", {viewBox: `0 0 ${width} ${tall}`, role: "img", "aria-label": label});
        draw(drawing, width, tall);
        place.replaceChildren(drawing);
    };
    new ResizeObserver(() => requestAnimationFrame(() => Math.round(place.clientWidth) !== drawnWidth
        && place.redraw()))
        .observe(place);
    return place;
}

/// A row of choices of which one holds; choose(value) is called at every change.
function choices(label, options, chosen, choose) {
    const buttons = options.map(({value, text}) =>
        html("button", {type: "button", "aria-pressed": String(value === chosen), text,
            click: () => {
                buttons.forEach(button => button.setAttribute("aria-pressed",
                    String(button === buttons[options.findIndex(o => o.value === value)])));
                choose(value);
            }}));
    return html("div", {class: "choices", role: "group", "aria-label": label}, buttons);
}

/// A table. `columns`: {text, number: aligned to the right, wide: left out on narrow screens}; `rows`: arrays of cells,
/// a cell being text or a node. The first cell of a row is its heading.
function table(label, columns, rows) {
    const looks = column => [column.number && "number", column.wide && "wide"].filter(Boolean).join(" ") || null;
    const cell = (content, i) => html(i === 0 ? "th" : "td", {scope: i === 0 ? "row" : null, class: looks(columns[i])},
        content);
    return html("table", {"aria-label": label},
        html("thead", {}, html("tr", {},
            columns.map(column => html("th", {scope: "col", class: looks(column)}, column.text)))),
        html("tbody", {}, rows.map(cells => html("tr", {}, cells.map(cell)))));
}

/// The bar of a table cell; `fraction` of its full length.
function bar(fraction, kind = "") {
    return html("span", {class: `bar ${kind}`, "aria-hidden": "true",
        style: {"--fraction": Math.max(0, Math.min(1, fraction || 0))}});
}

const note = (...content) => html("p", {class: "note"}, ...content);

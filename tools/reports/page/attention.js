// How attentive each head is: histograms of the entropy of its coefficients, one for each node, against equal ones.

function entropyHistogram(counts, uniform, bins, most) {
    const draw = (drawing, width, height) => {
        const [left, right, top, bottom] = [4, width - 4, 6, height - 22];
        const x = scale(bins[0], bins.at(-1), left, right), y = scale(0, most, bottom, top);
        for (let b = 0; b < counts.length; ++b)
            if (counts[b] > 0)
                drawing.append(svg("rect", {class: "column", x: x(bins[b]) + 0.5,
                    width: Math.max(0.5, x(bins[b + 1]) - x(bins[b]) - 1),
                    y: y(counts[b]), height: bottom - y(counts[b])}));
        let outline = `M${left} ${bottom}`;
        uniform.forEach((count, b) => (outline += `V${y(count).toFixed(1)}H${x(bins[b + 1]).toFixed(1)}`));
        drawing.append(svg("path", {class: "outline", d: `${outline}V${bottom}`}),
            svg("line", {class: "base", x1: left, x2: right, y1: bottom, y2: bottom}));
        for (const tick of ticks(bins[0], bins.at(-1), 3))
            drawing.append(svg("text", {class: "axis", x: Math.max(left, Math.min(right, x(tick))), y: height - 6,
                "text-anchor": tick === bins[0] ? "start" : x(tick) > right - 12 ? "end" : "middle",
                    text: String(tick)}));
    };
    return draw;
}

function attentionLayer(layer) {
    const {bins, uniform, heads} = layer.entropy;
    if (!heads.every(counts => counts.length === bins.length - 1) || uniform.length !== bins.length - 1)
        throw new Error(`attention of layer ${layer.layer}: expected ${bins.length - 1} counts a head`);
    const most = Math.max(1, ...uniform, ...heads.flat());
    const figures = heads.map((counts, h) => {
        const mean = layer.mean_entropy?.[h];
        const label = `Layer ${layer.layer}, head ${h}: histogram of the ` +
            `entropy${isNumber(mean) ? `, mean ${formats.fixed(mean, 2)} nats` : ""}`;
        return html("figure", {}, html("figcaption", {}, html("span", {class: "title", text: `head ${h}`}),
            html("span", {class: "value", text: isNumber(mean) ? `mean ${formats.fixed(mean, 2)}` : ""})),
            chart({label, height: 132, draw: entropyHistogram(counts, uniform, bins, most)}));
    });
    return html("div", {}, html("h3",
        {text: `Layer ${layer.layer} (${layer.type}, ${heads.length} ${heads.length === 1 ? "head" : "heads"})`}),
        html("div", {class: `multiples ${heads.length < 3 ? "few" : ""}`}, figures), note(describeAttention(layer)));
}

function describeAttention(layer) {
    const means = (layer.mean_entropy ?? []).filter(isNumber), uniform = layer.mean_uniform_entropy;
    if (means.length === 0 || !isNumber(uniform)) return "";
    const [low, high] = ends(means).map(value => formats.fixed(value));
    const range = low === high ? `The mean entropy is ${low}` : `The mean entropy of the heads is ${low} to ${high}`;
    const gap = 1 - ends(means)[0] / (uniform || 1);
    const verdict = gap < 0.02 ? "these coefficients are close to a plain average"
        : `the most selective head is ${formats.percent(gap, 0)} below`;
    return `${range} nats, that of equal coefficients ${formats.fixed(uniform)}: ${verdict}.`;
}

function showAttention(data) {
    const layers = (data.attention ?? []).filter(layer => layer?.entropy);
    if (layers.length === 0) return null;
    const key = (kind, text) => html("span", {class: "key"},
        svg("svg", {class: "swatch", viewBox: "0 0 26 12", "aria-hidden": "true"}, kind === "column"
            ? svg("rect", {class: kind, width: 26, height: 12}) : svg("path", {class: kind, d: "M1 11V2H25V11"})),
                html("span", {text}));
    return [html("p", {class: "lead",
        text: "Each histogram counts the nodes by the entropy (in nats) of their coefficients over their " +
            "neighbours. The line shows the same for equal coefficients, ln(in-degree): columns to the left of the " +
            "line mean that the head attends to few neighbours, columns under it that the head averages."}),
        html("div", {class: "legend"}, key("column", "the head"), key("outline", "equal coefficients"),
            html("span", {text: "across: entropy in nats; up: nodes, on one scale for a layer"})),
        layers.map(attentionLayer)];
}

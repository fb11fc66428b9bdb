// What the model gets right: confusion matrix, measures of each class, calibration. One switch chooses the nodes.

const splitTitles = {test: "test", val: "validation", train: "training"};

function confusionMatrix(confusion, classes, split) {
    const small = classes.length > 12;
    const cell = (value, total, c, p) => {
        const share = total ? value / total : 0;
        const text = `${value} of ${total} nodes of class ${classes[c].name} predicted as ${classes[p].name}`;
        return html("td", {class: c === p ? "right" : value ? "mistake" : "none", title: text,
            style: {"--share": share}},
            html("span", {class: "cell-count", text: small && value === 0 ? "" : formats.count(value)}),
            small ? null : html("span", {class: "cell-share", text: value ? formats.percent(share, 0) : ""}));
    };
    const head = classes.map(one => html("th", {scope: "col"}, tagOf(one)));
    return html("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Confusion matrix"},
        html("table", {class: `confusion ${small ? "small" : ""}`,
            "aria-label": `Confusion matrix of the ${splitTitles[split]} nodes`},
            html("thead", {}, html("tr", {}, html("td", {class: "corner", text: "true ↓ predicted →"}), head)),
            html("tbody", {}, confusion.map((row, c) => {
                const total = row.reduce((sum, value) => sum + value, 0);
                return html("tr", {}, html("th", {scope: "row"}, nameOf(classes[c])),
                    row.map((value, p) => cell(value, total, c, p)));
            }))));
}

function describeConfusion(confusion, classes, split) {
    let total = 0, right = 0, worst = null;
    confusion.forEach((row, c) => row.forEach((value, p) => {
        total += value;
        if (c === p) right += value;
        else if (value > (worst?.value ?? 0)) worst = {value, c, p};
    }));
    const mistake = worst ? ` The most frequent mistake: ${worst.value} ` +
        `${worst.value === 1 ? "node" : "nodes"} of ${classes[worst.c].name} taken for ${classes[worst.p].name}.` : "";
    return `A row holds the nodes of one true class, a column those predicted as one; each cell has their number ` +
        `and the share of its row. Of ${formats.count(total)} ${splitTitles[split]} nodes ${formats.count(right)} ` +
        `(${formats.percent(total ? right / total : 0)}) lie on the diagonal.${mistake}`;
}

function classTable(perClass, classes) {
    const measure = value => html("span", {class: "measure"}, bar(value), formats.or_dash(value, formats.fixed));
    return html("div", {class: "scroll per-class", tabindex: 0, role: "region", "aria-label": "Measures of each class"},
        table("Measures of each class", [{text: "class"}, {text: "nodes", number: true},
            {text: "precision", number: true},
            {text: "recall", number: true}, {text: "F1", number: true}],
            perClass.map((one, c) => [nameOf(classes[c] ?? unknownClass), formats.or_dash(one.support, formats.count),
                measure(one.precision), measure(one.recall), measure(one.f1)])));
}

function describeClassTable(perClass) {
    const scores = perClass.map(one => one.f1).filter(isNumber);
    const mean = scores.reduce((sum, value) => sum + value, 0) / (scores.length || 1);
    return `Precision: of the nodes predicted as the class, the share that belong to it. Recall: of the nodes of ` +
        `the class, the share that are found. F1: their harmonic mean; over all classes its mean is ` +
        `${formats.fixed(mean)}.`;
}

function reliabilityDiagram({bins}, split) {
    const filled = bins.filter(one => one.count > 0);
    const most = Math.max(1, ...filled.map(one => one.count));
    const draw = (drawing, width, height) => {
        const margins = {left: 52, right: width - 14, top: 14, bottom: height - 118};
        const x = scale(0, 1, margins.left, margins.right), y = scale(0, 1, margins.bottom, margins.top);
        const countTop = margins.bottom + 58, countBottom = height - 24,
            tall = scale(0, most, 0, countBottom - countTop);
        drawAxes(drawing, {...margins, x, y, xTicks: ticks(0, 1, 5), yTicks: ticks(0, 1, 5).slice(1),
            xTitle: "largest probability (confidence)",
            xText: tick => formats.percent(tick, 0), yText: tick => formats.percent(tick, 0)});
        for (const one of filled) {
            const [left, wide] = [x(one.from) + 1.5, Math.max(1, x(one.to) - x(one.from) - 3)];
            const text = `${formats.percent(one.from, 0)} to ${formats.percent(one.to, 0)}: ${one.count} nodes, ` +
                `confidence ${formats.percent(one.confidence)}, accuracy ${formats.percent(one.accuracy)}`;
            const group = svg("g", {}, svg("title", {text}),
                svg("rect", {class: "column", x: left, width: wide, y: y(one.accuracy),
                    height: margins.bottom - y(one.accuracy)}),
                svg("rect", {class: "gap", x: left, width: wide, y: Math.min(y(one.accuracy), y(one.confidence)),
                    height: Math.abs(y(one.accuracy) - y(one.confidence))}),
                svg("line", {class: "confidence", x1: left, x2: left + wide, y1: y(one.confidence),
                    y2: y(one.confidence)}),
                svg("rect", {class: "count", x: left, width: wide, y: countBottom - tall(one.count),
                    height: tall(one.count)}));
            drawing.append(group);
        }
        drawing.append(svg("line", {class: "marker", x1: x(0), y1: y(0), x2: x(1), y2: y(1)}),
            svg("line", {class: "base", x1: margins.left, x2: margins.right, y1: countBottom, y2: countBottom}),
            svg("text", {class: "axis", x: margins.left - 8, y: countTop + 8, "text-anchor": "end",
                text: formats.count(most)}),
            svg("text", {class: "axis", x: margins.left - 8, y: countBottom, "text-anchor": "end", text: "0"}),
            svg("text", {class: "axis", x: (margins.left + margins.right) / 2, y: height - 6, "text-anchor": "middle",
                text: "nodes of each bin"}));
    };
    const key = (kind, text) => html("span", {class: "key"},
        svg("svg", {class: "swatch", viewBox: "0 0 26 12", "aria-hidden": "true"}, kind === "line"
            ? svg("path", {class: "marker", d: "M1 11L25 1"}) : svg("rect", {class: kind, width: 26, height: 12})),
                html("span", {text}));
    return html("figure", {}, html("figcaption", {}, html("span", {class: "title", text: "Calibration"}),
        html("span", {class: "legend"}, key("column", "accuracy"), key("gap", "gap to confidence"),
            key("line", "perfect"))),
        chart({label: `Reliability diagram of the ${splitTitles[split]} nodes`, height: 400, draw}));
}

function describeCalibration({bins, expected_calibration_error: error}) {
    const nodes = bins.reduce((sum, one) => sum + one.count, 0);
    const lean = bins.reduce((sum, one) => sum + (one.count ? one.count * (one.confidence - one.accuracy) : 0),
        0) / (nodes || 1);
    const verdict = Math.abs(lean) < 0.01 ? "On average confidence and accuracy agree"
        : `On average confidence is ${(100 * Math.abs(lean)).toFixed(1)} percentage points ` +
            `${lean > 0 ? "above" : "below"} accuracy`;
    return `A column is the accuracy of the nodes whose largest probability falls into the bin; on the diagonal ` +
        `accuracy and confidence agree. ${verdict}; the expected calibration error, the mean gap, is ` +
        `${formats.or_dash(error, formats.fixed)}.`;
}

function showPredictions(data) {
    const splits = Object.keys(splitTitles).filter(split => data.evaluation?.[split]);
    if (splits.length === 0) return null;
    const classes = describeClasses((data.classes ?? []).map(String));
    const place = html("div", {class: "stack"});
    const show = split => {
        const {confusion, per_class: perClass, calibration} = data.evaluation[split];
        if (confusion && confusion.length !== classes.length)
            throw new Error(`evaluation.${split}.confusion: expected ${classes.length} rows, got ${confusion.length}`);
        const matrix = confusion && html("div", {}, html("h3", {text: "Confusion matrix"}),
            confusionMatrix(confusion, classes, split),
            note(describeConfusion(confusion, classes, split)));
        const measures = perClass && html("div", {}, html("h3", {text: "Classes"}), classTable(perClass, classes),
            note(describeClassTable(perClass)));
        const diagram = calibration && html("div", {}, reliabilityDiagram(calibration, split),
            note(describeCalibration(calibration)));
        // The matrix of many classes needs the whole width.
        const [alone, ...beside] = classes.length > 10 ? [matrix, measures, diagram] : [measures, matrix, diagram];
        const columns = html("div", {class: "columns"}, beside);
        place.replaceChildren(...(alone === matrix ? [alone, columns] : [columns, alone]).filter(Boolean));
    };
    show(splits[0]);
    const options = splits.map(value => ({value, text: splitTitles[value]}));
    return [splits.length > 1 ? html("div", {class: "controls"}, choices("Nodes", options, splits[0], show)) : null,
        place];
}

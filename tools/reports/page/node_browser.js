// Any node of the graph, found by its name, with its neighbours and what the model thinks of it.

/// A text field that offers the nodes which match; the keyboard works as in any list.
function searchField(nodes, matches, go) {
    const list = html("ul", {class: "offers", role: "listbox", id: "offers", "aria-label": "Nodes found",
        hidden: true});
    let offered = [], active = -1;
    const close = () => {
        list.hidden = true;
        active = -1;
        field.setAttribute("aria-expanded", "false");
        field.removeAttribute("aria-activedescendant");
    };
    const take = node => {
        field.value = "";
        close();
        go(node);
    };
    const mark = index => {
        active = offered.length ? (index + offered.length) % offered.length : -1;
        [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
        if (active >= 0) field.setAttribute("aria-activedescendant", `offer-${active}`);
    };
    const offer = () => {
        offered = matches(field.value.trim(), 8);
        list.replaceChildren(...(offered.length
            ? offered.map((node, i) => html("li", {role: "option", id: `offer-${i}`, "aria-selected": "false",
            pointerdown: event => {
                event.preventDefault();
                take(node);
            }}, tagOf(nodes.hasLabels ? nodes.label(node) : nodes.predicted(node)),
                html("span", {class: "offer-name", text: nodes.name(node)}),
            nodes.wrong(node) ? html("span", {class: "wrong", text: "wrong"}) : null))
            : [html("li", {class: "nothing", role: "option", "aria-disabled": "true", "aria-selected": "false",
                text: "No node of that name matches the filters."})]));
        list.hidden = false;
        field.setAttribute("aria-expanded", "true");
        mark(0);
    };
    const field = html("input", {type: "search", id: "node-search", placeholder: `e.g. ${shortened(nodes.name(0), 16)}`,
        autocomplete: "off", spellcheck: "false",
        role: "combobox", "aria-expanded": "false", "aria-controls": "offers", "aria-autocomplete": "list",
        input: offer, focus: offer, blur: close,
        keydown: event => {
            if (event.key === "Escape" && !list.hidden) {
                event.preventDefault();
                close();
            }
            if (event.key === "Enter" && active >= 0) take(offered[active]);
            if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
            event.preventDefault();
            if (list.hidden) offer();
            else mark(active + (event.key === "ArrowDown" ? 1 : -1));
        }});
    return html("div", {class: "field search"}, html("label", {for: "node-search", text: "Find a node"}), field, list);
}

/// The filters and what passes them: {controls, matches(text, limit), random()}.
function nodeFilters(nodes) {
    const filter = {class: -1, wrong: false};
    const lower = Array.from({length: nodes.count}, (_, i) => nodes.name(i).toLowerCase());
    const passes = node => (filter.class < 0 || (nodes.hasLabels ? nodes.label(node)
        : nodes.predicted(node)).number === filter.class) &&
        (!filter.wrong || nodes.wrong(node));
    const all = () => Array.from({length: nodes.count}, (_, i) => i).filter(passes);
    const matches = (text, limit) => {
        const wanted = text.toLowerCase(), first = [], later = [];
        for (let node = 0; node < nodes.count && first.length < limit; ++node) {
            const place = lower[node].indexOf(wanted);
            if (place < 0 || !passes(node)) continue;
            if (place === 0) first.push(node);
            else if (later.length < limit) later.push(node);
        }
        return [...first.sort((a, b) => lower[a].length - lower[b].length), ...later].slice(0, limit);
    };
    const status = html("span", {class: "status", role: "status"});
    const count = () => {
        const found = all().length;
        status.textContent = found === nodes.count ? `${formats.count(found)} nodes`
            : `${formats.count(found)} of ${formats.count(nodes.count)} nodes`;
    };
    const select = html("select", {id: "node-class", change: () => {
        filter.class = Number(select.value);
        count();
    }}, html("option", {value: -1, text: "any class"}),
        nodes.classes.map(one => html("option", {value: one.number, text: one.name})));
    const wrong = html("input", {type: "checkbox", id: "node-wrong", change: () => {
        filter.wrong = wrong.checked;
        count();
    }});
    count();
    const controls = [html("div", {class: "field"}, html("label",
        {for: "node-class", text: nodes.hasLabels ? "True class" : "Predicted class"}), select),
        nodes.hasLabels && nodes.hasPredictions ? html("label", {class: "check", for: "node-wrong"}, wrong,
            "wrong only") : null];
    const random = () => {
        const found = all();
        return found.length ? found[Math.floor(Math.random() * found.length)] : -1;
    };
    return {controls, status, matches, random};
}

function probabilityBars(node, nodes) {
    const count = nodes.classes.length;
    const rows = nodes.classes.map(one => ({one, value: nodes.probabilities[node * count + one.number]})).sort((a, b) =>
        b.value - a.value);
    const shown = rows.slice(0, 10), rest = rows.slice(10);
    const truth = nodes.label(node);
    return html("div", {}, html("h4", {text: "Class probabilities"}),
        table("Class probabilities", [{text: "class"}, {text: "probability", number: true}], shown.map(({one, value}) =>
            [[nameOf(one), one === truth ? html("span", {class: "truth", text: "true class"}) : null],
                html("span", {class: "measure long"}, bar(value), formats.fixed(value))])),
        rest.length ? note(`The other ${rest.length} classes have ` +
            `${formats.fixed(rest.reduce((sum, {value}) => sum + value, 0))} together.`) : null);
}

/// A column for each head, as high as its weight against the largest of the table.
function headColumns(all, heaviest) {
    const wide = 6, tall = 18;
    return svg("svg", {class: "heads", viewBox: `0 0 ${wide * all.length} ${tall}`, width: wide * all.length,
        height: tall, role: "img",
        "aria-label": Array.from(all, (value, h) => `head ${h}: ${formats.fixed(value)}`).join(", ")},
        Array.from(all, (value, h) => {
            const height = Math.max(1, (tall * value) / heaviest);
            return svg("rect", {class: "column", x: wide * h, y: tall - height, width: wide - 1.5, height});
        }));
}

function neighbourTable(graph, node, neighbours, go, {limit, more}) {
    const {nodes} = graph, weighted = graph.layers.length > 0;
    const heaviest = Math.max(1e-12, neighbours[0]?.weight ?? 1);
    const top = neighbours.reduce((most, {all}) => (all ? all.reduce((a, b) => Math.max(a, b), most) : most), 1e-12);
    const heads = weighted && neighbours[0]?.all.length > 1;
    const columns = [{text: "neighbour"}, nodes.hasLabels && {text: "true"},
        nodes.hasPredictions && {text: "predicted"},
        weighted && {text: "weight", number: true}, heads && {text: "all heads", wide: true}].filter(Boolean);
    const rows = neighbours.slice(0, limit).map(one => [
        one.node === node ? html("span", {}, breakable(nodes.name(one.node)), " (itself)")
            : html("button", {type: "button", class: "link", click: () => go(one.node)},
                breakable(nodes.name(one.node))),
        nodes.hasLabels && tagOf(nodes.label(one.node)), nodes.hasPredictions && tagOf(nodes.predicted(one.node)),
        weighted && html("span", {class: "measure"}, bar(one.weight / heaviest), formats.fixed(one.weight, 4)),
        heads && headColumns(one.all, top)].filter(Boolean));
    const rest = neighbours.length - limit;
    return html("div", {}, html("h4", {text: weighted ? "Neighbours by weight" : "Neighbours"}),
        html("div", {class: "scroll tall", tabindex: 0, role: "region", "aria-label": "Neighbours"},
            table("Neighbours", columns, rows),
            rest > 0 ? html("button", {type: "button", class: "more", click: more,
                text: `Show ${formats.count(Math.min(rest, 500))} more of ${formats.count(rest)}`}) : null));
}

function nodeHeading(graph, node) {
    const {nodes} = graph;
    const fact = (label, ...content) => html("span", {class: "fact"}, html("span", {class: "fact-name", text: label}),
        ...content);
    return html("div", {class: "node-head"}, html("h3", {id: "node-title"}, breakable(nodes.name(node))),
        nodes.hasPredictions ? fact("predicted", nameOf(nodes.predicted(node))) : null,
        nodes.hasLabels ? fact("true", nameOf(nodes.label(node))) : null,
        nodes.wrong(node) ? html("span", {class: "wrong", text: "wrong"}) : null,
        nodes.split(node) === "none" ? null : fact("set", nodes.split(node)),
        fact("neighbours", formats.count(graph.neighbours(node, 0, -1).filter(one => one.node !== node).length)));
}

/// Where to begin: a wrong test node with a handful of neighbours, for it teaches most; the one with the most uneven
/// weights.
function firstNode(graph) {
    const {nodes} = graph;
    let best = 0, bestScore = -1;
    for (let node = 0; node < nodes.count; ++node) {
        const degree = graph.degree(node);
        let score = (nodes.split(node) === "test") + nodes.wrong(node) + 2 * (degree >= 8 && degree <= 14);
        if (score < Math.floor(bestScore)) continue;
        const weights = graph.neighbours(node, graph.layers.length - 1, -1).map(({weight}) => weight ?? 1);
        score += 0.99 * (1 - ends(weights)[0] / (ends(weights)[1] || 1));
        if (score > bestScore) [best, bestScore] = [node, score];
    }
    return best;
}

function showNodeBrowser(graph, selection) {
    if (!graph || graph.nodes.count === 0) return null;
    const {nodes, layers} = graph;
    const state = {layer: layers.length - 1, head: -1, limit: 100};
    state.layer = Math.max(0, layers.findIndex(layer => layer.heads > 1));
    const heading = html("div", {}), side = html("div", {class: "stack"});
    let draw = () => {};
    const picture = chart({label: "The node and its neighbours", height: width => (width < 480 ? 400 : 540),
        draw: (...place) => draw(...place)});
    picture.classList.add("neighbourhood");
    const explanation = html("p", {class: "note"});
    const go = node => selection.choose(node);

    const show = () => {
        const node = selection.node, neighbours = graph.neighbours(node, state.layer, state.head);
        const inPicture = picture.contains(document.activeElement), inSide = side.contains(document.activeElement);
        heading.replaceChildren(nodeHeading(graph, node));
        draw = drawNeighbourhood(graph, node, neighbours, go);
        picture.redraw();
        side.replaceChildren(...[neighbourTable(graph, node, neighbours, go, {limit: state.limit, more: () => {
            state.limit += 500;
            show();
        }}), nodes.probabilities && probabilityBars(node, nodes)].filter(Boolean));
        explanation.textContent = describePicture(graph, neighbours.filter(one => one.node !== node).length,
            picture.clientWidth);
        if (inPicture) picture.querySelector(".centre")?.focus({preventScroll: true});
        if (inSide) side.querySelector(".scroll")?.focus({preventScroll: true});
    };
    selection.listen((node, {reveal}) => {
        state.limit = 100;
        show();
        if (reveal) heading.scrollIntoView({block: "center",
            behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
    });

    const headSelect = html("select", {id: "node-head", change: () => {
        state.head = Number(headSelect.value);
        show();
    }});
    const fillHeads = () => {
        const {heads, meanOnly} = layers[state.layer];
        const mean = html("option", {value: -1, text: meanOnly || heads > 1 ? "mean over the heads" : "its only head"});
        headSelect.replaceChildren(mean,
            ...(heads > 1 ? Array.from({length: heads}, (_, h) => html("option", {value: h, text: `head ${h}`}))
            : []));
        headSelect.disabled = heads === 1;
        state.head = -1;
    };
    const layerSelect = html("select", {id: "node-layer", change: () => {
        state.layer = Number(layerSelect.value);
        fillHeads();
        show();
    }}, layers.map((layer, i) => html("option", {value: i, text: layer.name, selected: i === state.layer})));
    if (layers.length) fillHeads();

    const filters = nodeFilters(nodes);
    const random = html("button", {type: "button", class: "action", text: "Random node", click: () => {
        const node = filters.random();
        if (node >= 0) go(node);
    }});
    return [html("div", {class: "controls"}, searchField(nodes, filters.matches, go), filters.controls, random,
        filters.status),
        layers.length ? html("div", {class: "controls"}, html("div", {class: "field"},
            html("label", {for: "node-layer", text: "Layer"}), layerSelect),
            html("div", {class: "field"}, html("label", {for: "node-head", text: "Head"}), headSelect)) : null,
        heading, html("div", {class: "browser"}, html("div", {}, picture, explanation), side)];
}

function describePicture(graph, others, width) {
    const drawn = neighboursDrawn(width), {nodes} = graph;
    const some = others > drawn ? `The ${drawn} neighbours with the largest mean weight are drawn, the table has ` +
        `all ${formats.count(others)}. ` : "";
    const colours = nodes.hasLabels && nodes.hasPredictions
        ? "The disc has the colour and tag of the predicted class, the ring that of the true class; where they " +
            "differ, the true class stands below the name. " : "";
    const lines = graph.layers.length
        ? "The width of a line is the weight of the neighbour against the largest, its number the weight itself; " +
            "the grey ring around the middle is the weight of the node itself. " : "";
    return `${some}${colours}${lines}Choose a neighbour to go there.`;
}

// The graph as the model sees it: the neighbours of a node with their attention coefficients.

/// {nodes, layers: [{name, heads}], neighbours(node, layer, head)} or null where the run has no edges. A head of -1 is
/// the mean over the heads; without attention layers the neighbours have no weight.
function readGraph(data, nodes) {
    if (!nodes || !data.edges) return null;
    const offsets = unpack(data.edges.offsets, "edges.offsets"), sources = unpack(data.edges.sources, "edges.sources");
    if (offsets.length !== nodes.count + 1 || offsets.at(-1) !== sources.length)
        throw new Error(`edges: expected ${nodes.count + 1} offsets that end with ${sources.length}, got ` +
            `${offsets.length} that end with ${offsets.at(-1)}`);
    const layers = (data.attention ?? []).filter(layer => layer?.weights).map(layer => {
        const columns = layer.weights.shape[1] ?? 1;
        if (layer.weights.shape[0] !== sources.length)
            throw new Error(`attention of layer ${layer.layer}: expected weights of ${sources.length} edges, got ` +
                `${layer.weights.shape[0]}`);
        return {name: `layer ${layer.layer} (${layer.type})`, heads: columns, meanOnly: layer.mean_over_heads === true,
            weights: unpack(layer.weights, `attention of layer ${layer.layer}`)};
    });
    const weightsOf = (edge, layer) => layer.weights.subarray(edge * layer.heads, (edge + 1) * layer.heads);
    const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;
    /// The one with most weight first; `all` holds the weight of every head, `rank` the place by the mean of them.
    const neighbours = (node, layerIndex, head) => {
        const layer = layers[layerIndex];
        const list = [];
        for (let edge = offsets[node]; edge < offsets[node + 1]; ++edge) {
            const all = layer ? weightsOf(edge, layer) : null;
            list.push({node: sources[edge], all, mean: all && mean(all),
                weight: all && (head < 0 ? mean(all) : all[head])});
        }
        if (layer) {
            list.sort((a, b) => b.mean - a.mean);
            list.forEach((one, i) => (one.rank = i));
            list.sort((a, b) => b.weight - a.weight);
        }
        return list;
    };
    return {nodes, layers, neighbours, degree: node => offsets[node + 1] - offsets[node]};
}

/// Which node is looked at. Every part that shows nodes listens; the browser's "back" works.
function makeSelection(nodes) {
    const listeners = [];
    const tell = (node, how) => {
        selection.node = node;
        listeners.forEach(listener => listener(node, how));
    };
    const fromAddress = () => {
        const match = /^#node=(.*)$/.exec(location.hash);
        if (!match) return -1;
        try {
            return nodes.find(decodeURIComponent(match[1]));
        } catch {
            return -1;  // not an address that this page made
        }
    };
    const selection = {
        node: 0,
        fromAddress,
        listen: listener => listeners.push(listener),
        /// `reveal`: bring the picture into view.
        choose: (node, {reveal = false} = {}) => {
            if (node !== selection.node) history.pushState({node}, "", `#node=${encodeURIComponent(nodes.name(node))}`);
            tell(node, {reveal});
        },
        begin: node => tell(node, {}),
    };
    addEventListener("popstate", event => {
        const node = event.state?.node ?? fromAddress();
        if (node >= 0 && node < nodes.count) tell(node, {});
    });
    return selection;
}
